"""The instruments: counts as published, no indicator twice, and an office's own wording checked row by row."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from mutu.kinerja import rules
from mutu.kinerja.rules.instrumen import baca
from mutu.regulation import params
from mutu.regulation.explain import InputError

HARI = date(2014, 6, 30)
UKURAN = {
    "guru-mapel": [6, 6, 4, 11, 7, 6, 5, 5, 5, 8, 3, 3, 3, 6],
    "guru-bk": [3, 3, 3, 4, 4, 3, 3, 4, 3, 3, 7, 6, 4, 4, 4, 7, 4],
    "kepala-sekolah": [7, 10, 7, 8, 5, 3],
    "kepala-perpustakaan": [8, 9, 8, 8, 8, 4, 4, 4, 8, 4],
    "kepala-laboratorium": [11, 5, 6, 7, 7, 5, 5],
    "ketua-program-keahlian": [6, 4, 5, 6, 4, 4, 4, 4],
}


@pytest.mark.parametrize("kode", UKURAN)
def test_counts(kode: str) -> None:
    instrumen = rules.instrumen_pada(kode, HARI)
    assert [satu.banyak for satu in instrumen.komponen] == UKURAN[kode]
    assert [satu.nomor for satu in instrumen.komponen] == list(range(1, len(UKURAN[kode]) + 1))


@pytest.mark.parametrize(("bidang", "jumlah"), [("kurikulum", 34), ("kesiswaan", 33), ("sarpras", 32), ("humas", 32)])
def test_deputy_heads_by_field_of_duty(bidang: str, jumlah: int) -> None:
    instrumen = rules.instrumen_pada("wakil-kepala-sekolah", HARI, bidang)
    assert (len(instrumen.komponen), instrumen.banyak_butir, instrumen.bidang) == (5, jumlah, ())
    semua = rules.instrumen_pada("wakil-kepala-sekolah", HARI)
    assert semua.bidang == ("kurikulum", "kesiswaan", "sarpras", "humas")
    assert semua.komponen[4].jumlah_boleh == (5, 4, 3)


def test_how_each_competency_is_assessed() -> None:
    mapel = rules.instrumen_pada("guru-mapel", HARI)
    assert [satu.cara_tulis for satu in mapel.komponen] == [
        *["P&M", "P", "P", "P", "P&M", "P", "P"],
        *["P&M", "P&M", "P&M", "P&M", "M", "P", "M"],
    ]
    bk = rules.instrumen_pada("guru-bk", HARI)
    assert [satu.nomor for satu in bk.komponen if satu.cara_tulis == "M"] == [8, 9, 11]
    assert {satu.cara_tulis for satu in bk.komponen} == {"M", "belum diverifikasi"}


def test_the_wording_is_ours_and_says_so() -> None:
    for kode in rules.kode_instrumen():
        instrumen = rules.instrumen_pada(kode, HARI)
        assert instrumen.kata == "kami"
        assert all("tafsir" in satu.sumber and "belum diverifikasi" in satu.sumber for satu in instrumen.komponen)


def test_unknown_instruments_fields_and_days() -> None:
    for isi, harap in (
        (("guru-tk", HARI, None), "instrumen"),
        (("guru-mapel", HARI, "humas"), "bidang"),
        (("wakil-kepala-sekolah", HARI, "keuangan"), "bidang"),
        (("guru-mapel", date(2010, 11, 30), None), "tanggal"),
    ):
        with pytest.raises(InputError) as error:
            rules.instrumen_pada(*isi)
        assert error.value.galat[0]["jalur"] == harap


def _teks(kode: str) -> str:
    return (files("mutu.kinerja") / "params" / f"{kode}-2010.yaml").read_text(encoding="utf-8")


def test_a_retired_instrument_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    teks = _teks("guru-mapel").replace("sampai: null", "sampai: 2013-12-31")
    kumpulan = params.collect([params.load(teks, "uji")])
    rules.instrumen_pada.cache_clear()
    monkeypatch.setattr(params, "of_package", lambda _: kumpulan)
    try:
        assert rules.instrumen_pada("guru-mapel", date(2013, 12, 31)).id == "guru-mapel-2010"
        with pytest.raises(InputError) as error:
            rules.instrumen_pada("guru-mapel", HARI)
    finally:
        rules.instrumen_pada.cache_clear()
    assert error.value.galat[0]["jalur"] == "tanggal"
    assert "s.d. 2013-12-31" in error.value.galat[0]["pesan"]


BUTIR_5_1 = "Semua hasil penilaian dianalisis untuk mengetahui kemajuan setiap peserta didik."
BUTIR_4_11 = "Alat bantu, termasuk audio-visual atau teknologi, dipakai untuk membangkitkan motivasi."


@pytest.mark.parametrize(
    ("lama", "baru", "pesan"),
    [
        # A public copy of the instrument has exactly this fault: 5.1 repeats 4.11.
        (BUTIR_5_1, BUTIR_4_11, "the same indicator twice"),
        (BUTIR_5_1, BUTIR_4_11.upper().replace(",", ""), "the same indicator twice"),
        (f'            - "{BUTIR_5_1}"\n', "", "indicators stated 78, found 77"),
        ("ranah: sosial", "ranah: kepribadian", "domains stated"),
        ("kompetensi_14:", "kompetensi_15:", "numbers stated"),
        ("{kompetensi: 14,", "{kompetensi: 13,", "competencies stated 13, found 14"),
    ],
)
def test_a_wrong_file_is_not_loaded(lama: str, baru: str, pesan: str) -> None:
    teks = _teks("guru-mapel")
    assert lama in teks
    with pytest.raises(params.ParamsError, match=pesan):
        baca(params.load(teks.replace(lama, baru), "uji"), HARI)


def baris_lengkap(instrumen: rules.Instrumen) -> list[dict[str, Any]]:
    return [
        {"kompetensi": satu.nomor, "indikator": urutan, "kata": f"Rumusan kantor {satu.nomor}.{urutan}"}
        for satu in instrumen.komponen
        for urutan in range(1, satu.banyak + 1)
    ]


def galat(instrumen: rules.Instrumen, baris: list[dict[str, Any]]) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        rules.dengan_kata(instrumen, baris)
    return [(satu["jalur"], satu["pesan"]) for satu in error.value.galat]


def test_an_office_puts_its_own_wording_in() -> None:
    mapel = rules.instrumen_pada("guru-mapel", HARI)
    baris = baris_lengkap(mapel)
    hasil = rules.dengan_kata(mapel, list(reversed(baris)))
    assert hasil.kata == "kantor"
    assert hasil.komponen[3].butir[10] == "Rumusan kantor 4.11"
    assert replace(hasil.komponen[3], butir=()) == replace(mapel.komponen[3], butir=())


def test_every_fault_of_an_office_workbook_is_named() -> None:
    mapel = rules.instrumen_pada("guru-mapel", HARI)
    baris = baris_lengkap(mapel)
    baris[34] = {**baris[34], "kata": f"  {baris[33]['kata'].upper()}. "}
    baris[40] = {**baris[40], "kata": " "}
    hilang = baris.pop(77)
    tambahan = [
        {"kompetensi": 15, "indikator": 1, "kata": "Kompetensi kelima belas"},
        {"kompetensi": 3, "indikator": 5, "kata": "Indikator kelima"},
        {"kompetensi": 1, "indikator": 1, "kata": "Indikator pertama lagi"},
    ]
    temuan = galat(mapel, [*baris, *tambahan])
    assert [jalur for jalur, _ in temuan] == [
        "baris[40].kata",
        "baris[77].kompetensi",
        "baris[78].indikator",
        "baris[79].indikator",
        "baris[34].kata",
        "baris",
    ]
    assert "baris ke-34" in temuan[4][1]
    assert f"{hilang['kompetensi']}.{hilang['indikator']}" in temuan[5][1]


def test_where_the_number_is_not_verified_the_office_decides_it() -> None:
    kaprog = rules.instrumen_pada("ketua-program-keahlian", HARI)
    baris = [satu for satu in baris_lengkap(kaprog) if (satu["kompetensi"], satu["indikator"]) != (1, 6)]
    hasil = rules.dengan_kata(kaprog, baris)
    assert hasil.komponen[0].banyak == 5
    assert hasil.komponen[0].butir[0] == "Rumusan kantor 1.1"
    berlubang = [satu for satu in baris if (satu["kompetensi"], satu["indikator"]) != (2, 2)]
    assert galat(kaprog, berlubang)[0] == ("baris", "Indikator 2.2 tidak ada pada berkas; tambahkan barisnya.")


def test_a_field_of_duty_comes_before_its_wording() -> None:
    wakil = rules.instrumen_pada("wakil-kepala-sekolah", HARI)
    assert galat(wakil, [])[0][0] == "bidang"
    humas = wakil.untuk_bidang("humas")
    assert len(rules.dengan_kata(humas, baris_lengkap(humas)).komponen[4].butir) == 3


def test_unverified_counts_warn_and_verified_ones_refuse() -> None:
    kriteria = [[4] * banyak for banyak in UKURAN["ketua-program-keahlian"]]
    kaprog, aturan = rules.instrumen_pada("ketua-program-keahlian", HARI), rules.aturan_pada(HARI)
    assert rules.rekap(kaprog, aturan, kriteria=kriteria).peringatan == ()
    hasil = rules.rekap(kaprog, aturan, kriteria=[kriteria[0][1:], *kriteria[1:]])
    assert hasil.total == 32
    assert "belum diverifikasi" in hasil.peringatan[0]
    lab = rules.instrumen_pada("kepala-laboratorium", HARI)
    penuh = [[4] * banyak for banyak in UKURAN["kepala-laboratorium"]]
    with pytest.raises(InputError) as error:
        rules.rekap(lab, aturan, kriteria=[*penuh[:3], penuh[3][1:], *penuh[4:]])
    assert [satu["jalur"] for satu in error.value.galat] == ["kriteria[3]"]


def test_a_replaced_instrument_says_so() -> None:
    kriteria = [[3] * banyak for banyak in UKURAN["kepala-sekolah"]]
    for hari, banyak in ((date(2017, 12, 31), 0), (date(2018, 1, 1), 1)):
        instrumen = rules.instrumen_pada("kepala-sekolah", hari)
        assert len(rules.rekap(instrumen, rules.aturan_pada(hari), kriteria=kriteria).peringatan) == banyak
