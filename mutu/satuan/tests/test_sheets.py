"""The sheets of `satuan` on hostile rows and on the ministry's real list."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mutu.imports.plan import Parsed, make_plan, parse
from mutu.imports.template import write_template
from mutu.satuan.sheets import PESERTA_DIDIK, SEKOLAH

LIST = Path(__file__).resolve().parents[4] / "shared" / "data" / "sekolah_2019.csv.gz"
SCHOOL = {
    "npsn": "20100001",
    "sekolah": "SMP Contoh",
    "bentuk": "SMP",
    "status": "N",
    "alamat_jalan": "Jl. Melati 1",
    "kode_prop": "020000",
    "propinsi": "Prov. Contoh",
    "kode_kab_kota": "020500",
    "kabupaten_kota": "Kab. Contoh",
    "kode_kec": "020529",
    "kecamatan": "Kec. Contoh",
    "lintang": "-6.5",
    "bujur": "106.8",
}


def schools(**cells: str) -> Parsed:
    row = SCHOOL | cells
    return parse((",".join(row) + "\n" + ",".join(row.values()) + "\n").encode(), SEKOLAH)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"npsn": "2010634"}, "Baris 2, kolom npsn: NPSN harus 8 angka, di sini hanya 7"),
        ({"kode_prop": "020001"}, "Baris 2, kolom kode_prop: kode provinsi 020001 harus berakhir 0000"),
        ({"kode_prop": "02"}, "Baris 2, kolom kode_prop: Kode provinsi harus 6 angka, di sini hanya 2"),
        ({"kode_kab_kota": "030500"}, "Baris 2, kolom kode_kab_kota: kode kabupaten/kota 030500 bukan bagian"),
        ({"kode_kec": "020629"}, "Baris 2, kolom kode_kec: kode kecamatan 020629 bukan bagian"),
        ({"bentuk": "Kursus"}, "Baris 2, kolom bentuk: harus salah satu dari: SD, SMP"),
        ({"lintang": "utara"}, "Baris 2, kolom lintang: bukan bilangan"),
    ],
)
def test_refused_schools(cells: dict[str, str], message: str) -> None:
    parsed = schools(**cells)
    assert parsed.records == []
    assert str(parsed.refused[0]).startswith(message)


@pytest.mark.parametrize(
    ("latitude", "longitude", "told"),
    [
        ("-6.5", "106.8", None),
        ("-11.5", "141.5", None),
        ("", "", None),
        ("0", "0", "kolom lintang: koordinat 0.0; 0.0 di luar Indonesia"),
        ("0", "106.8", "kolom lintang: koordinat 0.0; 106.8 di luar Indonesia"),
        ("-11.6", "106.8", "kolom lintang: koordinat"),
        ("-6.5", "94.4", "kolom bujur: koordinat"),
        ("106.8", "-6.5", "kolom lintang: koordinat"),
        ("-6.5", "", "kolom bujur: koordinat hanya separuh: bujur kosong"),
    ],
)
def test_coordinates(latitude: str, longitude: str, told: str | None) -> None:
    parsed = schools(lintang=latitude, bujur=longitude)
    [record] = parsed.records
    if told is None:
        assert parsed.warnings == []
        assert record[-2:] == ((float(latitude), float(longitude)) if latitude else (None, None))
    else:
        assert told in str(parsed.warnings[0])
        assert record[-2:] == (None, None)


def test_pupils_template_round_trip_and_repeated_pupil() -> None:
    rows: list[tuple[Any, ...]] = [
        ("0231", "0071234567", "Sari", "P", "VII-A", None, None, "Budi", "ayah"),
        ("0232", None, "Ayu", "P", "VII-A", None, None, None, None),
        ("0233", None, "Dewi", "P", "VII-A", None, None, None, None),
    ]
    parsed = parse(write_template(PESERTA_DIDIK, rows), PESERTA_DIDIK, name="templat.xlsx")
    assert parsed.records == rows
    twin = [*rows, ("0234", "0071234567", "Sari", "P", "VII-A", None, None, None, "ibu")]
    parsed = parse(write_template(PESERTA_DIDIK, twin), PESERTA_DIDIK, name="templat.xlsx")
    assert [str(notice).split(". ")[0] for notice in parsed.refused] == [
        "Baris 2, kolom NISN: NISN 0071234567 juga terdapat di baris 5",
        "Baris 5, kolom Nama Wali: hubungan wali diisi, tetapi nama walinya kosong",
        "Baris 5, kolom NISN: NISN 0071234567 juga terdapat di baris 2",
    ]
    assert len(parsed.records) == 2


@pytest.mark.skipif(not LIST.exists(), reason="the ministry's list is not at ../shared/data")
def test_the_real_list() -> None:
    seen: list[int] = []
    parsed = parse(LIST, SEKOLAH, progress=seen.append)
    plan = make_plan(parsed, {})
    assert plan.counts == {"baru": 215_331, "berubah": 0, "sama": 0, "ditolak": 41, "peringatan": 711}
    assert parsed.total == 215_372
    assert seen == sorted(seen)
    assert seen[-1] == 215_373
    reasons = Counter("juga terdapat" in notice.text for notice in plan.refused)
    assert reasons == {False: 39, True: 2}
    assert sum(record[-1] is None for _, record in plan.new) == 711 + 1142
    stored = {record[0]: record for _, record in plan.new}
    assert make_plan(parsed, stored).counts == plan.counts | {"baru": 0, "sama": 215_331}
