"""The doors of the calculators: bad input over registry and command line, and the shape of what comes out."""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mutu.regulation import registry
from mutu.regulation.explain import InputError

HARI = date(2007, 6, 30)
DASAR: dict[str, Any] = dict(registry.describe("rapor.nilai").contoh)
SK = {"nomor": 1, "nilai": 80, "kkm": 70}


def jalur(nama: str, payload: object) -> list[str]:
    with pytest.raises(InputError) as tertangkap:
        registry.run(nama, payload, HARI)
    assert all(satu.keys() == {"jalur", "pesan"} and satu["pesan"] for satu in tertangkap.value.galat)
    return [satu["jalur"] for satu in tertangkap.value.galat]


@pytest.mark.parametrize(
    ("ubah", "harap"),
    [
        ({"uh": []}, ["uh"]),
        ({"uh": None}, ["uh"]),
        ({"uh": 60}, ["uh"]),
        ({"uh": "60"}, ["uh"]),
        ({"uh": {"0": 60}}, ["uh"]),
        ({"uh": [60, 75, 101]}, ["uh[2]"]),
        ({"uh": [-1]}, ["uh[0]"]),
        ({"uh": [60, "delapan"]}, ["uh[1]"]),
        ({"uh": [60, ""]}, ["uh[1]"]),
        ({"uh": [60, None]}, ["uh[1]"]),
        ({"uh": [60, float("nan")]}, ["uh[1]"]),
        ({"uh": [60, True]}, ["uh[1]"]),
        ({"uh": [60, "７５"]}, ["uh[1]"]),
        ({"uh": [[60]]}, ["uh[0]"]),
        ({"uh": [60] * 1001}, ["uh"]),
        ({"uts": None}, ["uts"]),
        ({"uts": 10**400}, ["uts"]),
        ({"kkm": 120}, ["kkm"]),
        ({"kkm": "65.5"}, ["kkm"]),
        ({"bobot": None}, ["bobot"]),
        ({"bobot": "2:1:1"}, ["bobot"]),
        ({"bobot": {"cara": "kali"}}, ["bobot.cara"]),
        ({"bobot": {"cara": "rasio", "uh": 2, "uts": 1}}, ["bobot.uas"]),
        ({"bobot": {"cara": "rasio", "uh": 2, "uts": 1, "uas": 1, "ukk": 1}}, ["bobot.ukk"]),
        ({"bobot": {"cara": "rata", "uh": 2}}, ["bobot.uh"]),
        ({"bobot": {"cara": "persen", "uh": 60, "uts": 20, "uas": 19}}, ["bobot"]),
        ({"pembulatan": {"akhir": "atas"}}, ["pembulatan.akhir"]),
        ({"pembulatan": "bawah"}, ["pembulatan"]),
        ({"tanggal": "2006-12-31"}, ["tanggal"]),
        ({"tanggal": "31/12/2007"}, ["tanggal"]),
        ({"tanggal": 0}, ["tanggal"]),
        ({"aturan": "k13"}, ["aturan"]),
        ({"aturan": 2007}, ["aturan"]),
        ({"ukk": 60}, ["ukk"]),
    ],
    ids=lambda satu: str(satu)[:50],
)
def test_bad_input_of_rapor_nilai(ubah: dict[str, Any], harap: list[str]) -> None:
    assert jalur("rapor.nilai", {**DASAR, **ubah}) == harap


@pytest.mark.parametrize("wajib", ["bobot", "uh", "uts", "uas"])
def test_nothing_needed_is_guessed(wajib: str) -> None:
    assert jalur("rapor.nilai", {nama: isi for nama, isi in DASAR.items() if nama != wajib}) == [wajib]


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({}, ["nilai"]),
        ({"nilai": 101}, ["nilai"]),
        ({"nilai": -1}, ["nilai"]),
        ({"nilai": 75.5}, ["nilai"]),
        ({"nilai": True}, ["nilai"]),
        ({"nilai": "tujuh"}, ["nilai"]),
    ],
)
def test_bad_input_of_rapor_huruf(isi: dict[str, Any], harap: list[str]) -> None:
    assert jalur("rapor.huruf", isi) == harap


@pytest.mark.parametrize(
    ("sk", "harap"),
    [
        ([], ["sk"]),
        ([{}], ["sk[0].nomor", "sk[0].nilai", "sk[0].kkm"]),
        ([{**SK, "nilai": None}], ["sk[0].nilai"]),
        ([SK, SK], ["sk[1].nomor"]),
        ([{**SK, "nomor": 0}], ["sk[0].nomor"]),
        ([{**SK, "nomor": "satu"}], ["sk[0].nomor"]),
        ([{**SK, "kd": 1}], ["sk[0].kd"]),
        ([[1, 80, 70]], ["sk[0]"]),
    ],
)
def test_bad_input_of_rapor_deskripsi(sk: object, harap: list[str]) -> None:
    assert jalur("rapor.deskripsi", {"sk": sk}) == harap


def test_the_day_chooses_the_rule_set() -> None:
    hasil = registry.run("rapor.huruf", {"nilai": 75}, HARI)
    assert hasil["aturan"]["id"] == "ktsp-2007"
    assert hasil["aturan"]["berlaku"] == "sejak 2007-01-01"
    assert registry.run("rapor.huruf", {"nilai": 75, "tanggal": "2008-01-01"}, date(1990, 1, 1))["huruf"]
    assert registry.run("rapor.huruf", {"nilai": 75, "aturan": "ktsp-2007"}, date(1990, 1, 1))["huruf"]
    with pytest.raises(InputError):
        registry.run("rapor.huruf", {"nilai": 75}, date(1990, 1, 1))
    assert jalur("rapor.huruf", {"nilai": 75, "aturan": "ktsp-2007", "tanggal": "1990-01-01"}) == ["tanggal"]


def test_decimal_strings_and_numbers_agree() -> None:
    teks = {**DASAR, "uh": ["60", "75.0", "65"], "uts": "55", "kkm": "65"}
    assert registry.run("rapor.nilai", teks, HARI) == registry.run("rapor.nilai", DASAR, HARI)


# Baris perintah


def mutu(*kata: str, masukan: bytes = b"") -> tuple[int, bytes, bytes]:
    hasil = subprocess.run([sys.executable, "-m", "mutu.cli", "hitung", *kata], input=masukan, capture_output=True)
    return hasil.returncode, hasil.stdout, hasil.stderr


def test_command_line_result_and_listing() -> None:
    kode, keluar, galat = mutu("rapor.nilai", masukan=json.dumps(DASAR).encode())
    assert (kode, galat) == (0, b"")
    assert json.loads(keluar) == registry.run("rapor.nilai", DASAR, date.today())
    kode, keluar, _ = mutu()
    assert kode == 0
    assert [baris.split()[0] for baris in keluar.decode().splitlines()] == registry.names()
    kode, keluar, _ = mutu("rapor.huruf", "--skema")
    assert kode == 0
    assert json.loads(keluar) == registry.schema("rapor.huruf")


@pytest.mark.parametrize(
    ("kata", "masukan", "jalur"),
    [
        (["rapor.huruf"], b"", ""),
        (["rapor.huruf"], b"{", ""),
        (["rapor.huruf"], b'{"nilai": "\xff\xfe"}', ""),
        (["rapor.huruf"], b'{"nilai": NaN}', ""),
        (["rapor.huruf"], b'{"nilai": 1e400}', "nilai"),
        (["rapor.huruf"], b'{"nilai": 75, "nilai": 76}', "nilai"),
        (["rapor.huruf"], b'{"nilai": 75, "\\ud800": 1}', ""),
        (["rapor.huruf"], b"[75]", ""),
        (["rapor.hurup"], b"{}", "nama"),
        (["rapor.hurup", "--skema"], b"", "nama"),
        (["rapor.huruf", "--berkas", "tidak-ada.json"], b"", "berkas"),
        (["rapor.huruf", "--berkas", "."], b"", "berkas"),
    ],
)
def test_command_line_never_shows_a_traceback(kata: list[str], masukan: bytes, jalur: str) -> None:
    kode, keluar, galat = mutu(*kata, masukan=masukan)
    assert (kode, galat) == (2, b"")
    assert [satu["jalur"] for satu in json.loads(keluar)["galat"]] == [jalur]


def test_lines_keep_their_order_and_a_wrong_one_its_place(tmp_path: Path) -> None:
    berkas = tmp_path / "baris.jsonl"
    berkas.write_bytes(b'{"nilai": 1}\n{"nilai": 101}\n\nbukan json\r\n{"nilai": \xff}\n{"nilai": 4}')
    kode, keluar, galat = mutu("rapor.huruf", "--baris", "--berkas", str(berkas))
    hasil = [json.loads(baris) for baris in keluar.splitlines()]
    assert (kode, galat) == (2, b"")
    assert [satu.get("huruf", satu.get("galat", [{}])[0].get("jalur")) for satu in hasil] == [
        "satu",
        "nilai",
        "",
        "",
        "",
        "empat",
    ]
    kode, keluar, _ = mutu("rapor.huruf", "--baris", masukan=b'{"nilai": 1}\n')
    assert (kode, len(keluar.splitlines())) == (0, 1)


def test_thousands_of_lines_a_second() -> None:
    baris = json.dumps(DASAR).encode() + b"\n"
    mulai = time.perf_counter()
    kode, keluar, _ = mutu("rapor.nilai", "--baris", masukan=baris * 5000)
    lama = time.perf_counter() - mulai
    assert (kode, len(keluar.splitlines())) == (0, 5000)
    assert lama < 5, f"5,000 lines took {lama:.1f} s"


def test_hitung_starts_without_django_or_the_engine() -> None:
    kode = (
        "import sys; from mutu import cli; "
        "cli.main(['hitung', 'rapor.huruf', '--skema'], standalone_mode=False); "
        "bad = {'django', 'ibis', 'duckdb', 'pandas', 'numpy'} & set(sys.modules); sys.exit(f'{bad}' if bad else 0)"
    )
    hasil = subprocess.run([sys.executable, "-c", kode], capture_output=True, text=True)
    assert hasil.returncode == 0, hasil.stderr
