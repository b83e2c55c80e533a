"""The doors of the calculators of PK GURU: bad input, and the shape of what comes out."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutu.kinerja import rules
from mutu.regulation import registry
from mutu.regulation.explain import InputError

HARI = date(2014, 6, 30)
NILAI = [4, 4, 4, 3, 4, 3, 4, 4, 3, 4, 3, 4, 3, 3]
KS = [[3] * banyak for banyak in (7, 10, 7, 8, 5, 3)]
KREDIT: dict[str, Any] = {"golongan": "III/a", "instrumen": "guru-mapel", "total": 50, "jam": 24}
KONVERSI: dict[str, Any] = {"jenjang": "ahli-madya", "predikat": "baik", "bulan": 12}


def jalur(nama: str, payload: object, hari: date = HARI) -> list[str]:
    with pytest.raises(InputError) as tertangkap:
        registry.run(nama, payload, hari)
    assert all(satu.keys() == {"jalur", "pesan"} and satu["pesan"] for satu in tertangkap.value.galat)
    return [satu["jalur"] for satu in tertangkap.value.galat]


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({}, ["skor"]),
        ({"skor": []}, ["skor"]),
        ({"skor": None}, ["skor"]),
        ({"skor": [1, 2, 3]}, ["skor[2]"]),
        ({"skor": [-1]}, ["skor[0]"]),
        ({"skor": [1, "dua"]}, ["skor[1]"]),
        ({"skor": [1, None]}, ["skor[1]"]),
        ({"skor": [1, True]}, ["skor[1]"]),
        ({"skor": [1, "1.5"]}, ["skor[1]"]),
        ({"skor": [1, float("nan")]}, ["skor[1]"]),
        ({"skor": [1] * 101}, ["skor"]),
        ({"skor": [1] * 5, "instrumen": "guru-mapel", "nomor": 1}, ["skor"]),
        ({"skor": [1] * 6, "instrumen": "guru-mapel"}, ["nomor"]),
        ({"skor": [1] * 6, "nomor": 1}, ["instrumen"]),
        ({"skor": [1] * 6, "instrumen": "guru-mapel", "nomor": 15}, ["nomor"]),
        ({"skor": [1] * 6, "instrumen": "guru-tk", "nomor": 1}, ["instrumen"]),
        ({"skor": [1] * 7, "instrumen": "kepala-sekolah", "nomor": 1}, ["instrumen"]),
        ({"skor": [0], "nol": "dua"}, ["nol"]),
        ({"skor": [1], "tanggal": "2010-11-30"}, ["tanggal"]),
        ({"skor": [1], "aturan": "konversi-2023"}, ["aturan"]),
    ],
    ids=lambda satu: str(satu)[:60],
)
def test_bad_input_of_kompetensi(isi: dict[str, Any], harap: list[str]) -> None:
    assert jalur("kinerja.kompetensi", isi) == harap


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({"nilai": NILAI}, ["instrumen"]),
        ({"instrumen": "guru-mapel"}, ["nilai"]),
        ({"instrumen": "kepala-sekolah"}, ["kriteria"]),
        ({"instrumen": "guru-tk", "nilai": NILAI}, ["instrumen"]),
        ({"instrumen": "guru-mapel", "nilai": NILAI[1:]}, ["nilai"]),
        ({"instrumen": "guru-bk", "nilai": NILAI}, ["nilai"]),
        ({"instrumen": "guru-mapel", "nilai": [*NILAI[1:], 5]}, ["nilai[13]"]),
        ({"instrumen": "guru-mapel", "nilai": [0, *NILAI[1:]]}, ["nilai[0]"]),
        ({"instrumen": "guru-mapel", "nilai": [None, *NILAI[1:]]}, ["nilai[0]"]),
        ({"instrumen": "guru-mapel", "nilai": NILAI, "skor": [[1]]}, ["skor"]),
        ({"instrumen": "guru-mapel", "kriteria": KS}, ["kriteria"]),
        ({"instrumen": "kepala-sekolah", "skor": KS}, ["skor"]),
        ({"instrumen": "kepala-sekolah", "nilai": [3] * 6}, ["nilai"]),
        ({"instrumen": "kepala-sekolah", "kriteria": KS[:5]}, ["kriteria"]),
        ({"instrumen": "kepala-sekolah", "kriteria": [*KS[:5], [3, 3]]}, ["kriteria[5]"]),
        ({"instrumen": "kepala-sekolah", "kriteria": [*KS[:5], [3, 3, 5]]}, ["kriteria[5][2]"]),
        ({"instrumen": "kepala-sekolah", "kriteria": [*KS[:5], []]}, ["kriteria[5]"]),
        ({"instrumen": "kepala-sekolah", "kriteria": [*KS[:5], [3, 0, 3]]}, ["kriteria[5][1]"]),
        ({"instrumen": "kepala-sekolah", "kriteria": KS, "bidang": "humas"}, ["bidang"]),
        ({"instrumen": "guru-mapel", "nilai": NILAI, "celah": "tengah"}, ["celah"]),
        ({"instrumen": "guru-mapel", "nilai": [3] * 6 + [2] * 8, "celah": "tolak"}, ["celah"]),
    ],
    ids=lambda satu: str(satu)[:60],
)
def test_bad_input_of_rekap(isi: dict[str, Any], harap: list[str]) -> None:
    assert jalur("kinerja.rekap", isi) == harap


def test_scores_of_every_competency_are_looked_at() -> None:
    mapel = rules.instrumen_pada("guru-mapel", HARI)
    skor = [[1] * satu.banyak for satu in mapel.komponen]
    skor[2], skor[6], skor[9] = [1, 1, 1], [], [1] * 7
    assert jalur("kinerja.rekap", {"instrumen": "guru-mapel", "skor": skor}) == ["skor[2]", "skor[6]", "skor[9]"]


@pytest.mark.parametrize(
    ("ubah", "harap"),
    [
        ({"golongan": "III/x"}, ["golongan"]),
        ({"golongan": "iii/a"}, ["golongan"]),
        ({"golongan": "IV/e"}, ["golongan"]),
        ({"golongan": 3}, ["golongan"]),
        ({"instrumen": "kepala-sekolah"}, ["instrumen"]),
        ({"instrumen": "guru-tk"}, ["instrumen"]),
        ({"total": 13}, ["total"]),
        ({"total": 57}, ["total"]),
        ({"total": "50.5"}, ["total"]),
        ({"total": None}, ["total"]),
        ({"jam": 0}, ["jam"]),
        ({"jam": 41}, ["jam"]),
        ({"jam": -24}, ["jam"]),
        ({"jam": "24.5"}, ["jam"]),
        ({"jam": "dua puluh empat"}, ["jam"]),
        ({"instrumen": "guru-bk", "total": 60, "jam": 251}, ["jam"]),
        ({"instrumen": "guru-bk", "total": 60, "jam": 0}, ["jam"]),
        ({"instrumen": "guru-bk", "total": 16, "jam": 150}, ["total"]),
        ({"golongan": "V/a", "jam": 41, "total": 60}, ["golongan", "jam", "total"]),
        ({"tambahan": {"jenis": "wali-kelas", "nilai_100": 80}}, ["tambahan.jenis"]),
        ({"tambahan": {"jenis": "kepala-sekolah", "nilai_100": 101}}, ["tambahan.nilai_100"]),
        ({"tambahan": {"jenis": "kepala-sekolah"}}, ["tambahan.nilai_100"]),
        ({"tambahan": {"jenis": "kepala-sekolah", "nilai_100": 80, "jam": 6}}, ["tambahan.jam"]),
        ({"tugas_lain": [{"nama": "wali kelas", "bulan": 13}]}, ["tugas_lain[0].bulan"]),
        ({"tugas_lain": [{"nama": "wali kelas", "bulan": 0}]}, ["tugas_lain[0].bulan"]),
        ({"tugas_lain": [{"nama": "", "bulan": 12}]}, ["tugas_lain[0].nama"]),
        ({"tugas_lain": [{"nama": "wali kelas"}]}, ["tugas_lain[0].bulan"]),
        ({"total": 34, "celah": "tolak"}, ["celah"]),
    ],
    ids=lambda satu: str(satu)[:60],
)
def test_bad_input_of_angka_kredit(ubah: dict[str, Any], harap: list[str]) -> None:
    assert jalur("kinerja.angka_kredit", {**KREDIT, **ubah}) == harap


@pytest.mark.parametrize("wajib", list(KREDIT))
def test_nothing_needed_is_guessed(wajib: str) -> None:
    assert jalur("kinerja.angka_kredit", {nama: isi for nama, isi in KREDIT.items() if nama != wajib}) == [wajib]


@pytest.mark.parametrize(
    ("ubah", "harap"),
    [
        ({"jenjang": "madya"}, ["jenjang"]),
        ({"predikat": "cukup"}, ["predikat"]),
        ({"bulan": 0}, ["bulan"]),
        ({"bulan": 13}, ["bulan"]),
        ({"bulan": "6.5"}, ["bulan"]),
        ({"jenjang": "madya", "predikat": "cukup", "bulan": 0}, ["jenjang", "predikat", "bulan"]),
        ({"tanggal": "2023-06-30"}, ["tanggal"]),
        ({"aturan": "pkguru-2010"}, ["aturan"]),
    ],
    ids=lambda satu: str(satu)[:60],
)
def test_bad_input_of_konversi(ubah: dict[str, Any], harap: list[str]) -> None:
    assert jalur("kinerja.konversi", {**KONVERSI, **ubah}, date(2024, 12, 31)) == harap


def test_messages_say_what_to_mend() -> None:
    with pytest.raises(InputError) as tertangkap:
        registry.run("kinerja.angka_kredit", {**KREDIT, "jam": 41}, HARI)
    assert tertangkap.value.galat == [
        {"jalur": "jam", "pesan": "Beban 41 jam di luar 1 sampai 40; periksa dan ketik ulang."}
    ]
    with pytest.raises(InputError) as tertangkap:
        registry.run("kinerja.kompetensi", {"skor": [1] * 5, "instrumen": "guru-mapel", "nomor": 1}, HARI)
    assert tertangkap.value.galat[0]["pesan"] == (
        "Menguasai karakteristik peserta didik mempunyai 6 indikator, sedangkan yang diisi 5; "
        "lengkapi atau hapus kelebihannya."
    )


def test_types_of_what_comes_out() -> None:
    rekap = registry.run("kinerja.rekap", {"instrumen": "guru-mapel", "nilai": [4] * 14}, HARI)
    assert (rekap["total"], rekap["maksimum"], rekap["nilai_100"], rekap["persen"]) == ("56", 56, "100", 125)
    assert rekap["nilai"] == [4] * 14
    tugas = registry.run("kinerja.rekap", {"instrumen": "kepala-sekolah", "kriteria": KS}, HARI)
    assert (tugas["nilai"], tugas["total"]) == (["3"] * 6, "18")
    assert registry.run("kinerja.angka_kredit", {**KREDIT, "golongan": "IV/c"}, HARI)["angka_kredit"] == "29"


def test_without_a_date_today_decides() -> None:
    """The regime of 2023 has no day before it; PK GURU can still be computed after it, with a warning."""
    assert jalur("kinerja.konversi", KONVERSI, date(2023, 6, 30)) == ["tanggal"]
    hasil = registry.run("kinerja.angka_kredit", KREDIT, date(2026, 1, 1))
    assert hasil["angka_kredit"] == "10.5"
    assert "kinerja.konversi" in hasil["peringatan"][0]
    dipilih = registry.run("kinerja.angka_kredit", {**KREDIT, "aturan": "pkguru-2010"}, date(2026, 1, 1))
    assert dipilih["peringatan"] == []


@given(
    st.integers(14, 56), st.integers(1, 40), st.sampled_from(list(rules.daftar_golongan(rules.aturan_pada(HARI)))[:-1])
)
def test_any_good_input_gives_a_result_that_is_json(total: int, jam: int, golongan: str) -> None:
    hasil = registry.run("kinerja.angka_kredit", {**KREDIT, "total": total, "jam": jam, "golongan": golongan}, HARI)
    json.dumps(hasil)
    assert float(hasil["angka_kredit"]) > 0
