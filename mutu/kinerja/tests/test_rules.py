"""The rules of PK GURU: the exact edges of every size of competency, the gaps, identities of the credit."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutu.kinerja import rules
from mutu.regulation.explain import InputError

HARI = date(2014, 6, 30)
ATURAN = rules.aturan_pada(HARI)
MAPEL = rules.instrumen_pada("guru-mapel", HARI)
BK = rules.instrumen_pada("guru-bk", HARI)


def jalur(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    assert all(satu["pesan"][0].isupper() and satu["pesan"].endswith(".") for satu in error.value.galat)
    return [satu["jalur"] for satu in error.value.galat]


# Number of indicators: the highest total that gives 1, 2 and 3; everything above gives 4.
TEPI = {3: (1, 3, 4), 4: (2, 4, 6), 5: (2, 5, 7), 6: (3, 6, 9), 7: (3, 7, 10), 8: (4, 8, 12), 11: (5, 11, 16)}


@pytest.mark.parametrize("banyak", TEPI)
def test_edges_of_a_competency(banyak: int) -> None:
    for total in range(1, 2 * banyak + 1):
        skor = [min(2, max(0, total - 2 * urutan)) for urutan in range(banyak)]
        harap = next((nilai for nilai, tepi in enumerate(TEPI[banyak], start=1) if total <= tepi), 4)
        hasil = rules.nilai_kompetensi(skor, ATURAN)
        assert (hasil.total, hasil.maksimum, hasil.nilai) == (total, 2 * banyak, harap)
        assert hasil.peringatan == ()


def test_the_instruments_have_no_other_sizes() -> None:
    assert {satu.banyak for satu in (*MAPEL.komponen, *BK.komponen)} == set(TEPI)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=20))
def test_more_never_gives_less(skor: list[int]) -> None:
    hasil = rules.nilai_kompetensi(skor, ATURAN)
    assert hasil.nilai in (1, 2, 3, 4)
    assert rules.nilai_kompetensi(sorted(skor), ATURAN).nilai == hasil.nilai
    if 0 in skor:
        naik = [*skor[: skor.index(0)], 1, *skor[skor.index(0) + 1 :]]
        assert rules.nilai_kompetensi(naik, ATURAN).nilai >= hasil.nilai


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=11), min_size=14, max_size=14))
def test_recap_is_the_sum_of_its_competencies(skor: list[list[int]]) -> None:
    pas = [(deret * 11)[: satu.banyak] for deret, satu in zip(skor, MAPEL.komponen, strict=True)]
    hasil = rules.rekap(MAPEL, ATURAN, skor=pas)
    nilai = [rules.nilai_kompetensi(deret, ATURAN).nilai for deret in pas]
    assert list(hasil.nilai) == nilai
    assert hasil.nilai_100 == Fraction(100 * sum(nilai), 56)
    assert hasil.masukan == {"skor": tuple(map(tuple, pas))}
    dari_nilai = rules.rekap(MAPEL, ATURAN, nilai=nilai)
    assert (dari_nilai.total, dari_nilai.sebutan) == (hasil.total, hasil.sebutan)


# The whole-number totals of each name in the published quick table.
HITUNG_CEPAT = {
    "guru-mapel": {"Amat baik": (51, 56), "Baik": (43, 50), "Cukup": (34, 42), "Sedang": (29, 33), "Kurang": (14, 28)},
    "guru-bk": {"Amat baik": (62, 68), "Baik": (52, 61), "Cukup": (41, 51), "Sedang": (35, 40), "Kurang": (17, 34)},
}


@pytest.mark.parametrize("kode", HITUNG_CEPAT)
def test_every_total_as_in_the_quick_table(kode: str) -> None:
    maksimum = {"guru-mapel": 56, "guru-bk": 68}[kode]
    di_celah = []
    for sebutan, (bawah, atas) in HITUNG_CEPAT[kode].items():
        for total in range(bawah, atas + 1):
            hasil = rules.sebutan_nilai(Fraction(100 * total, maksimum), ATURAN)
            assert hasil.sebutan == sebutan
            di_celah += [total] if hasil.di_celah else []
    assert di_celah == [34 if kode == "guru-mapel" else 41]


@pytest.mark.parametrize(
    ("nilai", "bawah", "atas", "bulat"),
    [
        ("50.5", "Kurang", "Sedang", "Sedang"),
        ("50.4", "Kurang", "Sedang", "Kurang"),
        ("60.714285", "Sedang", "Cukup", "Cukup"),
        ("75.4", "Cukup", "Baik", "Cukup"),
        ("90.5", "Baik", "Amat baik", "Amat baik"),
        ("90.999999", "Baik", "Amat baik", "Amat baik"),
    ],
)
def test_gaps(nilai: str, bawah: str, atas: str, bulat: str) -> None:
    for celah, harap in (("batas-bawah", bawah), ("batas-atas", atas), ("bulat", bulat)):
        hasil = rules.sebutan_nilai(Fraction(nilai), ATURAN, celah=celah)
        assert (hasil.sebutan, hasil.di_celah) == (harap, True)
        assert celah in hasil.peringatan[0]
    with pytest.raises(InputError) as error:
        rules.sebutan_nilai(Fraction(nilai), ATURAN, celah="tolak")
    assert jalur(error) == ["celah"]


@pytest.mark.parametrize("celah", rules.CELAH)
@given(nilai=st.integers(0, 100))
def test_whole_marks_need_no_policy(celah: str, nilai: int) -> None:
    hasil = rules.sebutan_nilai(Fraction(nilai), ATURAN, celah=celah)
    assert hasil == rules.sebutan_nilai(Fraction(nilai), ATURAN)
    assert not hasil.di_celah


@pytest.mark.parametrize(("nilai", "nama"), [("-1", "nilai_100"), ("100.01", "nilai_100")])
def test_marks_off_the_scale(nilai: str, nama: str) -> None:
    with pytest.raises(InputError) as error:
        rules.sebutan_nilai(Fraction(nilai), ATURAN)
    assert jalur(error) == [nama]


def test_a_result_keeps_what_it_was_computed_from() -> None:
    hasil = rules.rekap(MAPEL, ATURAN, nilai=[3] * 6 + [2] * 8, celah="bulat")
    assert (hasil.aturan, hasil.instrumen) == ("pkguru-2010", "guru-mapel-2010")
    assert hasil.kebijakan == {"celah": "bulat", "nol": "satu"}
    assert all(satu.sumber for satu in hasil.langkah)


@pytest.mark.parametrize("kode", [kode for kode, satu in rules.daftar_golongan(ATURAN).items() if satu.berikut])
def test_four_good_years_reach_the_next_rank_exactly(kode: str) -> None:
    pangkat = rules.golongan(kode, ATURAN)
    akk, pd, pi, akp = pangkat.kebutuhan
    setahun = rules.angka_kredit(kode, "guru-mapel", 50, 24, ATURAN, kompetensi=14).angka_kredit
    assert 4 * setahun + pd + pi + akp == akk
    tahun = [rules.TahunKredit(2013 + n, setahun, pd / 4, pi / 4, akp / 4) for n in range(4)]
    hasil = rules.akumulasi(kode, tahun, ATURAN)
    assert (hasil.tercapai_tahun, hasil.tepat_waktu, hasil.kurang) == (2016, True, 0)
    assert hasil.peringatan == ()
    assert rules.akumulasi(kode, tahun[:3], ATURAN).tepat_waktu is None


def test_ranks_follow_each_other() -> None:
    semua = rules.daftar_golongan(ATURAN)
    assert [satu.berikut for satu in semua.values()][:-1] == list(semua)[1:]
    for satu in semua.values():
        if satu.akk is not None and satu.berikut is not None and not satu.kode.startswith("II/"):
            assert semua[satu.berikut].awal == satu.awal + satu.akk


@given(beban=st.integers(1, 40))
def test_the_load_never_counts_more_than_once(beban: int) -> None:
    rasio, _, _ = rules.rasio_beban("guru-mapel", beban, ATURAN)
    assert rasio == min(Fraction(beban, 24), 1)
    kepala, _, _ = rules.rasio_beban("guru-mapel", beban, ATURAN, "kepala-sekolah")
    assert kepala == min(Fraction(beban, 6), 1)


@given(beban=st.integers(1, 250))
def test_the_load_of_a_counsellor(beban: int) -> None:
    assert rules.rasio_beban("guru-bk", beban, ATURAN)[0] == min(Fraction(beban, 150), 1)


@pytest.mark.parametrize("jenis", ATURAN.isi("tambahan"))
def test_hours_reduce_the_teaching_half_only(jenis: str) -> None:
    tugas = rules.TugasTambahan(jenis, Fraction(95))
    penuh = rules.angka_kredit("III/c", "guru-mapel", 50, 24, ATURAN, kompetensi=14, tambahan=tugas)
    satu_jam = rules.angka_kredit("III/c", "guru-mapel", 50, 1, ATURAN, kompetensi=14, tambahan=tugas)
    assert penuh.rincian[1] == satu_jam.rincian[1]
    wajib = 6 if jenis == "kepala-sekolah" else 12
    assert satu_jam.rincian[0].angka_kredit * wajib == penuh.rincian[0].angka_kredit
    mengajar, bagian = (25, 75) if jenis == "kepala-sekolah" else (50, 50)
    dasar = Fraction(81, 4)
    assert penuh.angka_kredit == dasar * mengajar / 100 + dasar * Fraction(5, 4) * bagian / 100


def test_every_fault_of_a_credit_at_once() -> None:
    with pytest.raises(InputError) as error:
        rules.angka_kredit(
            "V/a",
            "guru-mapel",
            13,
            0,
            ATURAN,
            kompetensi=14,
            tambahan=rules.TugasTambahan("kepala-sekolah", Fraction(101)),
            tugas_lain=[rules.TugasLain(" ", 13)],
        )
    assert sorted(jalur(error)) == [
        "golongan",
        "jam",
        "tambahan.nilai_100",
        "total",
        "tugas_lain[0].bulan",
        "tugas_lain[0].nama",
    ]


@pytest.mark.parametrize(
    ("hari", "rezim"),
    [
        (date(2010, 12, 1), "pkguru"),
        (date(2023, 6, 30), "pkguru"),
        (date(2023, 7, 1), "konversi"),
        (date(2026, 1, 1), "konversi"),
    ],
)
def test_the_regime_of_a_day(hari: date, rezim: str) -> None:
    assert rules.rezim_pada(hari) == rezim
    # PK GURU can still be computed beside it.
    assert rules.aturan_pada(hari).id == "pkguru-2010"


def test_no_regime_before_the_first() -> None:
    with pytest.raises(InputError) as error:
        rules.rezim_pada(date(2010, 11, 30))
    assert jalur(error) == ["tanggal"]
    assert "2010-12-01" in error.value.galat[0]["pesan"]


def test_a_rule_set_of_the_other_regime_is_refused() -> None:
    for id, rezim in (("konversi-2023", "pkguru"), ("pkguru-2010", "konversi"), ("guru-mapel-2010", "pkguru")):
        with pytest.raises(InputError) as error:
            rules.aturan_dengan_id(id, None, rezim)  # type: ignore[arg-type]
        assert jalur(error) == ["aturan"]


@given(st.sampled_from(["ahli-pertama", "ahli-muda", "ahli-madya", "ahli-utama"]), st.integers(1, 11))
def test_months_add_up_to_the_year(jenjang: str, bulan: int) -> None:
    aturan = rules.aturan_pada(date(2024, 12, 31), "konversi")
    bagian = rules.akumulasi_konversi(
        [rules.Periode(jenjang, "baik", bulan), rules.Periode(jenjang, "baik", 12 - bulan)], aturan
    )
    assert bagian.angka_kredit == rules.konversi(rules.Periode(jenjang, "baik", 12), aturan).angka_kredit


def test_what_we_hold_from_later_publications_says_so() -> None:
    for nama in ("golongan", "beban", "tambahan", "tugas_lain"):
        assert "belum diverifikasi" in ATURAN.asal(nama)
    assert "tafsir" in ATURAN.asal("celah")
    assert ATURAN.asal("rentang_kompetensi") == "Pedoman PK Guru, Tabel 9"
    assert "belum diverifikasi" in rules.aturan_pada(date(2024, 1, 1), "konversi").sumber


def test_a_stored_result_can_name_the_very_file_it_came_from() -> None:
    assert len({rules.sidik_aturan(id) for id in ("pkguru-2010", "konversi-2023", "guru-mapel-2010")}) == 3
    with pytest.raises(InputError) as error:
        rules.sidik_aturan("pkguru-2009")
    assert jalur(error) == ["aturan"]
