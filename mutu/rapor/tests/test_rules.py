"""Rules beyond the worked examples: properties that hold for every mark, and what is refused."""

import math
import re
from dataclasses import FrozenInstanceError
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from num2words import num2words

from mutu.rapor import rules
from mutu.regulation.exact import CARA, Cara, text
from mutu.regulation.explain import InputError

ATURAN = rules.aturan_pada(date(2007, 6, 30))
BULAT = rules.Pembulatan("bawah", "tengah")
F = Fraction

nilai = st.fractions(0, 100, max_denominator=100)
daftar_uh = st.lists(nilai, min_size=1, max_size=8)
cara = st.builds(rules.Pembulatan, st.sampled_from(CARA), st.sampled_from(CARA))
berat = st.integers(0, 20).map(F)
rasio = st.tuples(berat, berat, berat).filter(any).map(lambda tiga: rules.Bobot("rasio", *tiga))
bobot = st.one_of(rasio, st.just(rules.Bobot("rata")), st.just(rules.Bobot("persen", F(60), F(20), F(20))))


def hitung(uh, uts, uas, bobot, pembulatan=BULAT, kkm=None, **lain) -> rules.HasilNilai:  # type: ignore[no-untyped-def]
    return rules.nilai_rapor(
        uh=uh, uts=uts, uas=uas, bobot=bobot, kkm=kkm, pembulatan=pembulatan, aturan=ATURAN, **lain
    )


def galat(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [satu["jalur"] for satu in error.value.galat]


# Aturan


def test_rule_set_by_date_and_id() -> None:
    assert ATURAN.id == "ktsp-2007"
    assert rules.aturan_dengan_id("ktsp-2007").pembulatan == BULAT
    assert rules.aturan_terbaru().skala == (0, 100)
    assert ATURAN.bobot_bawaan == rules.Bobot("rasio", F(2), F(1), F(1))
    with pytest.raises(InputError, match="ktsp-2007 sejak 2007-01-01") as lama:
        rules.aturan_pada(date(2006, 12, 31))
    assert galat(lama) == ["tanggal"]
    with pytest.raises(InputError, match="Yang ada: ktsp-2007") as asing:
        rules.aturan_dengan_id("k13")
    assert galat(asing) == ["aturan"]
    with pytest.raises(InputError) as luar:
        rules.aturan_dengan_id("ktsp-2007", date(2000, 1, 1))
    assert galat(luar) == ["tanggal"]


def test_each_interpretation_is_marked() -> None:
    assert ATURAN.asal("pembulatan_akhir").endswith("(tafsir)")
    assert ATURAN.asal("status").endswith("deskripsi kemajuan belajar)")
    # The guideline leaves graduation to the rules of each year.
    lain = {nama for nama, isi in ATURAN.nilai.items() if "Petunjuk Pengelolaan Rapor SMP 2007" not in isi.sumber}
    assert lain == {"kelulusan"}


# Bobot


@pytest.mark.parametrize(
    ("isi", "jalur"),
    [
        (("persen", F(60), F(20), F(19)), ["bobot"]),
        (("persen", F(60), F(20), F(21)), ["bobot"]),
        (("rasio", F(0), F(0), F(0)), ["bobot"]),
        (("rasio", F(2), F(-1), F(1)), ["bobot.uts"]),
        (("rasio", None, F(1), None), ["bobot.uh", "bobot.uas"]),
        (("rata", F(1), None, None), ["bobot.uh"]),
        (("kali", F(1), F(1), F(1)), ["bobot.cara"]),
    ],
)
def test_faulty_weights(isi: tuple, jalur: list[str]) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError) as tertangkap:
        rules.Bobot(*isi)
    assert galat(tertangkap) == jalur


def test_faulty_rounding() -> None:
    with pytest.raises(InputError) as tertangkap:
        rules.Pembulatan("bawah", "atas")  # type: ignore[arg-type]
    assert galat(tertangkap) == ["pembulatan.akhir"]


def test_results_cannot_be_changed() -> None:
    hasil = hitung([F(60)], F(60), F(60), ATURAN.bobot_bawaan)
    with pytest.raises(FrozenInstanceError):
        hasil.nilai = 100  # type: ignore[misc]


@given(daftar_uh, nilai, nilai, cara, st.integers(1, 50))
def test_ratio_percent_and_scaled_ratio_agree(uh: list[F], uts: F, uas: F, cara: rules.Pembulatan, kali: int) -> None:
    semua = [
        rules.Bobot("rasio", F(2), F(1), F(1)),
        rules.Bobot("persen", F(50), F(25), F(25)),
        rules.Bobot("rasio", F(2 * kali), F(kali), F(kali)),
        rules.Bobot("rasio", F(1, kali), F(1, 2 * kali), F(1, 2 * kali)),
    ]
    hasil = [hitung(uh, uts, uas, satu, cara) for satu in semua]
    assert len({(satu.nilai, satu.eksak, satu.huruf) for satu in hasil}) == 1


@given(daftar_uh, nilai, nilai, bobot, cara, st.data())
def test_a_higher_mark_never_lowers_the_result(
    uh: list[F], uts: F, uas: F, bobot: rules.Bobot, cara: rules.Pembulatan, data: st.DataObject
) -> None:
    semua = [*uh, uts, uas]
    letak = data.draw(st.integers(0, len(semua) - 1))
    naik = list(semua)
    naik[letak] = data.draw(st.fractions(semua[letak], 100))
    lama, baru = (hitung(satu[:-2], satu[-2], satu[-1], bobot, cara).nilai for satu in (semua, naik))
    assert baru >= lama  # type: ignore[operator]


@given(daftar_uh, nilai, nilai, bobot, cara)
def test_the_result_lies_between_the_lowest_and_highest_mark(
    uh: list[F], uts: F, uas: F, bobot: rules.Bobot, cara: rules.Pembulatan
) -> None:
    hasil = hitung(uh, uts, uas, bobot, cara).nilai
    semua = [*uh, uts, uas]
    # Rounding moves a figure to a neighbouring whole number at most.
    assert math.floor(min(semua)) <= hasil <= math.ceil(max(semua))  # type: ignore[operator]


@given(daftar_uh, nilai, nilai, bobot)
def test_without_rounding_the_mark_is_the_textbook_mean(uh: list[F], uts: F, uas: F, bobot: rules.Bobot) -> None:
    hasil = hitung(uh, uts, uas, bobot, rules.Pembulatan("tidak", "tidak"))
    if bobot.cara == "rata":
        harap = (sum(uh) + uts + uas) / (len(uh) + 2)
    else:
        b = bobot.per_jenis
        harap = (b["uh"] * sum(uh) / len(uh) + b["uts"] * uts + b["uas"] * uas) / bobot.jumlah
    assert hasil.nilai == hasil.eksak == harap


@given(daftar_uh, nilai, nilai, bobot, cara, st.integers(0, 100))
def test_status_follows_the_printed_mark(
    uh: list[F], uts: F, uas: F, bobot: rules.Bobot, cara: rules.Pembulatan, kkm: int
) -> None:
    hasil = hitung(uh, uts, uas, bobot, cara, kkm)
    kata = {True: "terlampaui", False: "belum tercapai"}
    assert hasil.status == ("tercapai" if hasil.nilai == kkm else kata[hasil.nilai > kkm])  # type: ignore[operator]
    assert hasil.tuntas == (hasil.status != "belum tercapai")
    assert hasil.langkah[-1].rumus.endswith(f"KKM {kkm}")


@given(daftar_uh, nilai, nilai, bobot, cara)
def test_the_steps_end_at_the_mark_and_name_their_source(
    uh: list[F], uts: F, uas: F, bobot: rules.Bobot, cara: rules.Pembulatan
) -> None:
    hasil = hitung(uh, uts, uas, bobot, cara)
    akhir = hasil.langkah[-1]
    assert (akhir.nama, str(akhir.hasil).replace(".", ",")) == ("Nilai rapor", text(hasil.nilai))  # type: ignore[arg-type]
    assert all(satu.sumber and satu.rumus for satu in hasil.langkah)


@pytest.mark.parametrize(
    ("uh", "uts", "uas", "kkm", "jalur"),
    [
        ([F(101)], F(50), F(50), None, ["uh[0]"]),
        ([F(50), F(-1)], F(101), F(-1), 120, ["uh[1]", "uts", "uas", "kkm"]),
        ([F(50)], [F(50), F(1001, 10)], F(50), -1, ["uts[1]", "kkm"]),
    ],
)
def test_off_the_scale(uh, uts, uas, kkm, jalur) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as tertangkap:
        hitung(uh, uts, uas, ATURAN.bobot_bawaan, kkm=kkm)
    assert galat(tertangkap) == jalur


# Nilai yang belum ada


@pytest.mark.parametrize(
    ("uh", "uts", "uas", "kurang"),
    [
        ([F(60), None, F(65)], F(55), F(65), ("UH 2",)),
        ([], F(55), F(65), ("UH",)),
        ([None, F(60)], None, None, ("UH 1", "UTS", "UAS")),
        ([F(60)], [F(50), None], F(65), ("UTS 2",)),
        ([F(60)], [], F(65), ("UTS",)),
    ],
)
@pytest.mark.parametrize("bobot", [ATURAN.bobot_bawaan, rules.Bobot("rata")], ids=["rasio", "rata"])
def test_a_missing_mark_gives_no_mark_and_is_named(uh, uts, uas, kurang, bobot) -> None:  # type: ignore[no-untyped-def]
    hasil = hitung(uh, uts, uas, bobot, kkm=65)
    assert (hasil.nilai, hasil.huruf, hasil.status, hasil.tuntas) == (None, None, None, None)
    assert hasil.kurang == kurang


def test_semester_two_closes_with_ukk() -> None:
    assert hitung([F(60)], F(55), None, ATURAN.bobot_bawaan, semester=2).kurang == ("UKK",)
    lengkap = hitung([F(60)], F(55), F(65), ATURAN.bobot_bawaan, semester=2)
    assert "Ulangan kenaikan kelas berbobot" in [satu.nama for satu in lengkap.langkah]


def test_missing_uts_shares_its_weight() -> None:
    hasil = hitung([F(60), F(75), F(65)], None, F(65), ATURAN.bobot_bawaan, kkm=65, kosong="normalisasi")
    assert hasil.nilai == 66  # (2 × 66 + 65) : 3 = 65,67
    assert hasil.langkah[0].hasil == "2 : 1"
    assert hasil.langkah[0].rumus == "UH : UAS, tanpa UTS"
    assert "Nilai dihitung tanpa UTS" in hasil.peringatan[-1]
    persen = rules.Bobot("persen", F(60), F(20), F(20))
    hasil = hitung([F(70)], F(50), None, persen, kosong="normalisasi")
    assert hasil.eksak == F(60 * 70 + 20 * 50, 80)
    assert not any("%" in satu.rumus for satu in hasil.langkah)


@given(daftar_uh, nilai, nilai, rasio, cara)
def test_sharing_weights_equals_setting_them_to_zero(
    uh: list[F], uts: F, uas: F, bobot: rules.Bobot, cara: rules.Pembulatan
) -> None:
    """Whatever the absent UTS might have been, it takes no part: never 0, never a guess."""
    assume(bobot.uts and bobot.jumlah > bobot.uts)
    tanpa = hitung(uh, None, uas, bobot, cara, kosong="normalisasi")
    nol = hitung(uh, uts, uas, rules.Bobot("rasio", bobot.uh, F(0), bobot.uas), cara)
    assert tanpa.nilai == nol.nilai
    assert tanpa.kurang == ("UTS",)


def test_nothing_to_share_is_no_mark() -> None:
    hasil = hitung([None], None, None, ATURAN.bobot_bawaan, kosong="normalisasi")
    assert hasil.nilai is None
    hanya_uts = rules.Bobot("rasio", F(0), F(1), F(0))
    assert hitung([F(90)], None, F(90), hanya_uts, kosong="normalisasi").nilai is None


def test_a_part_without_weight_is_not_needed() -> None:
    hasil = hitung([F(70)], None, F(80), rules.Bobot("rasio", F(1), F(0), F(1)))
    assert (hasil.nilai, hasil.kurang) == (75, ())


def test_several_parts_of_uts_are_averaged_in_a_step() -> None:
    hasil = hitung([F(60)], [F(55), F(56)], F(65), rules.Bobot("rasio", F(1), F(1), F(1)))
    assert ("Rata-rata ulangan tengah semester", 55) in [(satu.nama, satu.hasil) for satu in hasil.langkah]
    assert hasil.nilai == 60


def test_mean_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="Belum ada nilai ulangan harian"):
        rules.rata_bagian([], nama="ulangan harian", cara="bawah", aturan=ATURAN)


# KKM


def test_kkm_advice() -> None:
    assert rules.saran_kkm(50, ATURAN) == ()
    assert rules.saran_kkm(55, ATURAN, F(55)) == ()
    assert "KKM 50 di bawah batas kelulusan ujian nasional 52,5" in rules.saran_kkm(50, ATURAN, F("52.5"))[0]
    with pytest.raises(InputError):
        rules.saran_kkm(120, ATURAN)


# Huruf

SATUAN = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]


def eja(bilangan: int) -> str:
    """Indonesian number words up to 100, written a second time to check the library."""
    if bilangan < 12:
        return SATUAN[bilangan]
    if bilangan < 20:
        return f"{SATUAN[bilangan - 10]} belas"
    if bilangan == 100:
        return "seratus"
    puluh, sisa = divmod(bilangan, 10)
    return f"{SATUAN[puluh]} puluh" + (f" {SATUAN[sisa]}" if sisa else "")


@pytest.mark.parametrize("bilangan", range(101))
def test_every_mark_in_words(bilangan: int) -> None:
    assert rules.huruf(bilangan, ATURAN) == eja(bilangan) == num2words(bilangan, lang="id")
    assert rules.huruf(F(bilangan), ATURAN) == eja(bilangan)


@pytest.mark.parametrize("salah", [True, 75.0, "75", None])
def test_words_for_integers_only(salah: object) -> None:
    with pytest.raises(TypeError):
        rules.huruf(salah, ATURAN)  # type: ignore[arg-type]


@pytest.mark.parametrize("luar", [-1, 101, F(1001, 10)])
def test_words_stay_on_the_scale(luar: int) -> None:
    with pytest.raises(InputError):
        rules.huruf(luar, ATURAN)


@pytest.mark.parametrize(
    ("pecahan", "kata"),
    [
        (F("62.5"), "enam puluh dua koma lima"),
        (F("75.05"), "tujuh puluh lima koma nol lima"),
        (F(200, 3), "enam puluh enam koma enam enam enam enam enam tujuh"),
        (F(999_999_999, 10_000_000), "seratus"),
    ],
)
def test_an_unrounded_mark_is_read_as_printed(pecahan: F, kata: str) -> None:
    assert rules.huruf(pecahan, ATURAN) == kata


# Capaian SK dan deskripsi


def test_mark_of_an_sk() -> None:
    hasil = rules.nilai_sk([F(69), F(70)], ATURAN)
    assert (hasil.nilai, hasil.eksak) == (70, F("69.5"))
    assert hasil.langkah[0].rumus.startswith("(69 + 70) : 2 = 69,5, dibulatkan")
    assert rules.nilai_sk([F(69), None], ATURAN).kurang == ("penilaian 2",)
    assert rules.nilai_sk([F(69), None], ATURAN).nilai is None
    assert rules.nilai_sk([], ATURAN).kurang == ("penilaian",)
    with pytest.raises(InputError) as tertangkap:
        rules.nilai_sk([F(69), F(101)], ATURAN)
    assert galat(tertangkap) == ["nilai[1]"]


def baca_kembali(kalimat: str) -> dict[int, str]:
    """Read a description back into SK number -> status word."""
    hasil: dict[int, str] = {}
    for nomor, status in re.findall(r"SK ([\d, dan]+?) (terlampaui|tercapai|belum tercapai)", kalimat):
        for satu in re.findall(r"\d+", nomor):
            hasil[int(satu)] = status
    return hasil


capaian = st.lists(
    st.builds(rules.CapaianSK, st.integers(1, 40), st.integers(0, 100), st.integers(0, 100)),
    min_size=1,
    max_size=12,
    unique_by=lambda satu: satu.nomor,
)


@given(capaian)
def test_a_description_reads_back(sk: list[rules.CapaianSK]) -> None:
    hasil = rules.deskripsi(sk, ATURAN)
    status = {
        satu.nomor: "belum tercapai"
        if satu.nilai < satu.kkm
        else "tercapai"
        if satu.nilai == satu.kkm
        else "terlampaui"
        for satu in sk
        if satu.nilai is not None
    }
    assert baca_kembali(hasil.deskripsi) == status
    assert [satu.hasil for satu in hasil.langkah[:-1]] == [status[nomor] for nomor in sorted(status)]
    assert hasil.langkah[-1].hasil == hasil.deskripsi


@given(capaian, st.randoms())
def test_a_description_does_not_depend_on_the_order(sk: list[rules.CapaianSK], acak) -> None:  # type: ignore[no-untyped-def]
    lain = list(sk)
    acak.shuffle(lain)
    assert rules.deskripsi(lain, ATURAN) == rules.deskripsi(sk, ATURAN)


@given(capaian)
def test_commas_and_words_of_a_description(sk: list[rules.CapaianSK]) -> None:
    kalimat = rules.deskripsi(sk, ATURAN).deskripsi
    kelompok = len(re.findall("SK ", kalimat))
    assert ("sedangkan" in kalimat) == (kelompok == 2 and kalimat.endswith("belum tercapai"))
    assert (", dan SK" in kalimat) == (kelompok == 3)
    urutan = [kalimat.find(f" {kata}") for kata in ("terlampaui", "tercapai") if f" {kata}" in kalimat]
    assert kelompok in (1, 2, 3)
    assert "  " not in kalimat
    assert ",," not in kalimat
    assert all(letak > 0 for letak in urutan)


@pytest.mark.parametrize(
    ("sk", "jalur"),
    [
        ([], ["sk"]),
        ([rules.CapaianSK(1, 80, 70), rules.CapaianSK(1, 80, 70)], ["sk[1].nomor"]),
        ([rules.CapaianSK(0, 80, 70)], ["sk[0].nomor"]),
        ([rules.CapaianSK(1, None, 70)], ["sk[0].nilai"]),
        ([rules.CapaianSK(1, 101, 120)], ["sk[0].nilai", "sk[0].kkm"]),
    ],
)
def test_a_description_that_cannot_be_made(sk: list[rules.CapaianSK], jalur: list[str]) -> None:
    with pytest.raises(InputError) as tertangkap:
        rules.deskripsi(sk, ATURAN)
    assert galat(tertangkap) == jalur


def test_a_long_description_is_pointed_out() -> None:
    sk = [rules.CapaianSK(nomor, 80, 70) for nomor in range(1, 61)]
    assert "lebih dari 200" in rules.deskripsi(sk, ATURAN).peringatan[0]
    assert rules.saran_panjang("a" * 200, ATURAN) == ()
    assert rules.saran_panjang("a" * 201, ATURAN) != ()


# Isian tercetak


def test_absence() -> None:
    assert rules.ketidakhadiran_cetak(0) == "-"
    assert rules.ketidakhadiran_cetak(4) == "4"
    with pytest.raises(InputError):
        rules.ketidakhadiran_cetak(-1)
    for salah in (None, True, "4", 4.0):
        with pytest.raises(TypeError):
            rules.ketidakhadiran_cetak(salah)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("resmi", "nama"),
    [
        ("Kab. Jayapura", "Jayapura"),
        ("Kota Jayapura", "Jayapura"),
        ("KABUPATEN Klaten", "Klaten"),
        ("Kota Adm. Jakarta Pusat", "Jakarta Pusat"),
        ("Kab. Adm. Kepulauan Seribu", "Kepulauan Seribu"),
        ("Kab. Kota Baru", "Kota Baru"),
        ("Kab. Kotawaringin Timur", "Kotawaringin Timur"),
        ("Kota Kotamobagu", "Kotamobagu"),
        ("Kotamobagu", "Kotamobagu"),
        ("Yogyakarta", "Yogyakarta"),
    ],
)
def test_place_and_date(resmi: str, nama: str) -> None:
    assert rules.tempat_tanggal(resmi, date(2007, 6, 30)) == f"{nama}, 30 Juni 2007"


def test_place_must_be_known() -> None:
    with pytest.raises(InputError):
        rules.tempat_tanggal("  ", date(2007, 6, 30))


def test_address_leaves_out_what_is_not_known() -> None:
    assert rules.alamat_cetak(jalan="Jl. Melati", kota="Kota Madiun") == "Jl. Melati Madiun"
    assert rules.alamat_cetak(desa="Sukamaju", kabupaten="Kab. Garut") == "Sukamaju, Garut"
    assert rules.alamat_cetak() == ""


def test_class_in_words() -> None:
    assert [rules.kelas_cetak(satu) for satu in ("VII", "VIII", "IX")] == [
        "VII (tujuh)",
        "VIII (delapan)",
        "IX (sembilan)",
    ]
    with pytest.raises(InputError):
        rules.kelas_cetak("X")


def test_rounding_flips_a_pass_only_by_name() -> None:
    """Why the method is named on the rapor: the same marks pass under one and fail under another."""
    hasil: dict[Cara, int] = {}
    for satu in ("bawah", "tengah", "genap"):
        cara = rules.Pembulatan("tidak", satu)  # type: ignore[arg-type]
        hasil[satu] = hitung([F(64)], F(65), F(65), ATURAN.bobot_bawaan, cara).nilai  # type: ignore[index,assignment]
    assert hasil == {"bawah": 64, "tengah": 65, "genap": 64}
