"""Rule sets side by side: which one holds, what it takes over, how it says that it is not verified, its letters."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from mutu.rapor import rules
from mutu.regulation import params
from mutu.regulation.explain import InputError

SEMUA = [satu.id for satu in params.of_package("mutu.rapor")]
BAGIAN = {
    "identitas", "nilai", "pengembangan", "sikap", "ketidakhadiran", "prestasi", "catatan_khusus", "catatan",
    "kenaikan", "tanda_tangan",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kurikulum", "tanggal", "id"),
    [
        ("ktsp", date(2007, 6, 30), "ktsp-2007"),
        ("ktsp", date(2016, 12, 17), "ktsp-2007"),
        ("k13", date(2016, 12, 17), "k13-2016"),
        ("merdeka", date(2022, 12, 17), "merdeka-2022"),
        ("merdeka", date(2025, 6, 20), "merdeka-2022"),
        ("merdeka", date(2025, 12, 20), "merdeka-2025"),
    ],
)
def test_curriculum_and_day_decide(kurikulum: str, tanggal: date, id: str) -> None:
    assert rules.aturan_untuk(kurikulum, tanggal).id == id


@pytest.mark.parametrize(("kurikulum", "tanggal"), [("k13", date(2016, 6, 30)), ("merdeka", date(2022, 6, 30))])
def test_before_its_first_day_a_curriculum_has_no_rules(kurikulum: str, tanggal: date) -> None:
    with pytest.raises(InputError) as tertangkap:
        rules.aturan_untuk(kurikulum, tanggal)
    (galat,) = tertangkap.value.galat
    assert galat["jalur"] == "tanggal"
    assert f"{kurikulum}-" in galat["pesan"]
    assert "ktsp" not in galat["pesan"]


@pytest.mark.parametrize("id", SEMUA)
def test_each_rule_set_answers_whatever_code_asks_of_the_first(id: str) -> None:
    utama = set(rules.aturan_dengan_id("ktsp-2007").nilai)
    assert utama <= set(rules.aturan_dengan_id(id).nilai)


@pytest.mark.parametrize("id", SEMUA)
def test_each_printed_form_is_whole(id: str) -> None:
    aturan = rules.aturan_dengan_id(id)
    bentuk = rules.bentuk_rapor(aturan)
    assert set(bentuk.bagian) <= BAGIAN
    assert next(iter(bentuk.bagian)) == "identitas"
    assert list(bentuk.bagian)[-1] == "tanda_tangan"
    assert {"nilai", "ketidakhadiran", "kenaikan"} <= set(bentuk.bagian)
    assert ("sikap" in bentuk.bagian) == bool(rules.aspek_sikap(aturan))
    assert ("catatan" in bentuk.bagian) == rules.ada_catatan_wali(aturan)
    assert ("predikat" in bentuk.kolom) == bool(rules.cara_predikat(aturan))


def test_forms_differ_where_the_curricula_differ() -> None:
    ktsp, k13, lama, baru = (
        rules.bentuk_rapor(rules.aturan_dengan_id(id))
        for id in ("ktsp-2007", "k13-2016", "merdeka-2022", "merdeka-2025")
    )
    assert (ktsp.sebutan, k13.sebutan, baru.sebutan) == ("SK", "KD", "TP")
    assert (ktsp.kolom, k13.kolom, baru.kolom) == (("angka", "huruf"), ("angka", "predikat"), ("angka",))
    assert (list(ktsp.ranah), list(k13.ranah)) == ([], ["pengetahuan", "keterampilan"])
    assert (ktsp.sebutan_kkm, baru.sebutan_kkm, baru.kkm_dicetak) == ("KKM", "KKTP", False)
    assert (ktsp.fase, k13.fase, lama.fase, baru.fase) == (None, None, "D", "D")
    assert "sikap" not in lama.bagian
    assert baru.bagian["sikap"] == "Kokurikuler"


def test_what_is_not_verified_says_so_wherever_it_is_named() -> None:
    for id in ("k13-2016", "merdeka-2022", "merdeka-2025"):
        aturan = rules.aturan_dengan_id(id)
        assert aturan.as_dict()["sumber"].endswith("(belum diverifikasi)")
        assert "belum diverifikasi" in aturan.asal("deskripsi")
        assert "diambil dari ktsp-2007" in aturan.asal("huruf")
    assert "diambil dari merdeka-2022" in rules.aturan_dengan_id("merdeka-2025").asal("deskripsi")
    utama = rules.aturan_dengan_id("ktsp-2007")
    assert not any("belum diverifikasi" in utama.asal(nama) for nama in utama.nilai)
    halaman = (Path(__file__).parents[3] / "docs" / "rules" / "rapor.md").read_text(encoding="utf-8")
    for id in ("k13-2016", "merdeka-2022", "merdeka-2025"):
        bab = halaman.partition(f"(`{id}`)")[2].partition("\n## ")[0]
        assert "**Belum diverifikasi:**" in bab
        assert "Diambil dari `ktsp-2007` tanpa perubahan: " in bab


@pytest.mark.parametrize("cara", ["", "rentang", "tabel", "tetap"])
def test_a_better_mark_never_gets_a_worse_letter(cara: str) -> None:
    aturan = rules.aturan_dengan_id("k13-2016")
    urutan = ["D", "C", "B-", "B", "B+", "A-", "A", "A+"]
    for kkm in range(50, 91):
        huruf = [rules.huruf_predikat(nilai, kkm, "k13-2016", cara) for nilai in range(101)]
        letak = [urutan.index(satu or "") for satu in huruf]
        assert letak == sorted(letak), kkm
        if cara != "tetap":
            assert all((satu == "D") == (nilai < kkm) for nilai, satu in enumerate(huruf)), kkm
    assert [*rules.cara_predikat(aturan)] == ["rentang", "tabel", "tetap"]


def test_the_step_names_the_band_and_the_way() -> None:
    hasil = rules.predikat(Fraction(74), 60, rules.aturan_dengan_id("k13-2016"))
    assert hasil is not None
    assert hasil.langkah.rumus == "73,333333 < 74 ≤ 86,666667 (Rentang (100 − KKM) : 3)"
    tabel = rules.predikat(74, 60, rules.aturan_dengan_id("k13-2016"), "tabel")
    assert tabel is not None
    assert tabel.langkah.rumus == "74 ≥ 74 (Tabel per KKM)"
    with pytest.raises(InputError):
        rules.predikat(101, 60, rules.aturan_dengan_id("k13-2016"))


def test_of_equals_the_smallest_number_is_named() -> None:
    aturan = rules.aturan_dengan_id("merdeka-2025")
    capaian = [
        rules.CapaianSK(3, 90, 75, "Tiga"),
        rules.CapaianSK(2, 90, 75, "Dua"),
        rules.CapaianSK(1, 75, 75, "Berhitung"),
        rules.CapaianSK(4, 75, 75, "Empat"),
    ]
    hasil = rules.deskripsi(capaian, aturan)
    assert hasil.deskripsi == (
        "Menunjukkan penguasaan yang sangat baik dalam Dua, dan terus berkembang dalam berhitung"
    )
    assert [satu.hasil for satu in hasil.langkah if satu.nama.startswith("Capaian")] == ["TP 2", "TP 1"]


@pytest.mark.parametrize("kata", ["tidak", "belum", "kurang", "gagal", "malas"])
def test_no_template_discourages(kata: str) -> None:
    for id in ("k13-2016", "merdeka-2022"):
        tata = rules.aturan_dengan_id(id).isi("deskripsi")
        for kalimat in (*tata["tertinggi"].values(), *tata["terendah"].values()):
            assert kata not in kalimat.lower().split()


def test_skill_counts_the_best_of_each_kd_and_waits_for_a_kd_without_mark() -> None:
    aturan = rules.aturan_dengan_id("k13-2016")
    hasil = rules.nilai_optimum({1: [Fraction(85), Fraction(70)], 2: [None, Fraction(76)]}, kkm=75, aturan=aturan)
    assert (hasil.nilai, hasil.tuntas, hasil.status) == (81, True, "tuntas")
    assert [satu.nama for satu in hasil.langkah] == [
        "Nilai optimum KD 1", "Rata-rata keterampilan", "Nilai keterampilan", "Ketuntasan",
    ]  # fmt: skip
    kurang = rules.nilai_optimum({1: [Fraction(70)], 2: [None]}, kkm=75, aturan=aturan)
    assert (kurang.nilai, kurang.kurang) == (None, ("keterampilan KD 2",))
    assert rules.nilai_optimum({}, kkm=75, aturan=aturan).kurang == ("keterampilan",)
