"""The expression and the rules give the same recap: random teachers, every total, missing scores."""

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import ibis
import pytest

from mutu.analytics.engine import open_duckdb
from mutu.kinerja import metrics, rules

HARI = date(2014, 6, 30)
ATURAN = rules.aturan_pada(HARI)
GURU = [rules.instrumen_pada(kode, HARI) for kode in rules.kode_instrumen("indikator")]

Skor = Sequence[Sequence[int | None]]


@pytest.fixture(scope="module")
def mesin() -> Iterator[Any]:
    mesin = open_duckdb(threads=1)
    yield mesin
    mesin.disconnect()


def bulk(mesin: Any, instrumen: rules.Instrumen, guru: Sequence[Skor], **pilihan: Any) -> list[dict[str, Any]]:
    baris = [
        {"guru": nomor, "kompetensi": kompetensi, "skor": satu}
        for nomor, isi in enumerate(guru)
        for kompetensi, deret in enumerate(isi, start=1)
        for satu in deret
    ]
    tabel = ibis.memtable(baris, schema=metrics.KOLOM_SKOR)
    ungkapan = metrics.rekap(tabel, instrumen, ATURAN, **pilihan).order_by("guru")
    return mesin.to_pyarrow(ungkapan).to_pylist()


def reference(instrumen: rules.Instrumen, isi: Skor, celah: str, nol: str = "satu") -> tuple[Any, ...]:
    # What the rules refuse is a mark without a percentage in bulk; the other policies agree on everything else.
    skor: Any = isi
    hasil = rules.rekap(instrumen, ATURAN, skor=skor, nol=nol, celah="bulat" if celah == "tolak" else celah)
    persen = None if celah == "tolak" and hasil.di_celah else hasil.persen
    return int(hasil.total), hasil.maksimum, persen, hasil.di_celah


def acak(instrumen: rules.Instrumen, seed: str, banyak: int) -> list[list[list[int]]]:
    sumber = random.Random(seed)
    hasil = []
    for _ in range(banyak):
        # A teacher's scores hang together, so that every name comes up and not only the middle ones.
        berat = sumber.choice([(8, 1, 1), (4, 3, 3), (2, 3, 5), (1, 1, 8), (1, 1, 1)])
        hasil.append([sumber.choices((0, 1, 2), berat, k=satu.banyak) for satu in instrumen.komponen])
    return hasil


@pytest.mark.parametrize("instrumen", GURU, ids=lambda satu: satu.kode)
@pytest.mark.parametrize("celah", rules.CELAH)
@pytest.mark.parametrize("nol", ["satu", "nol"])
def test_random_teachers(mesin: Any, instrumen: rules.Instrumen, celah: str, nol: str) -> None:
    guru = acak(instrumen, f"{instrumen.kode}{celah}{nol}", 300)
    hasil = bulk(mesin, instrumen, guru, celah=celah, nol=nol)
    ada = [tuple(satu[nama] for nama in ("total", "maksimum", "persen", "di_celah")) for satu in hasil]
    assert ada == [reference(instrumen, isi, celah=celah, nol=nol) for isi in guru]
    assert len({satu["persen"] for satu in hasil}) >= 4


def _bernilai(nilai: int, banyak: int) -> list[int]:
    """Scores that give a competency of `banyak` indicators that value."""
    for jumlah in range(2 * banyak + 1):
        skor = [min(2, max(0, jumlah - 2 * urutan)) for urutan in range(banyak)]
        if rules.nilai_kompetensi(skor, ATURAN).nilai == nilai and any(skor):
            return skor
    raise AssertionError


@pytest.mark.parametrize("instrumen", GURU, ids=lambda satu: satu.kode)
@pytest.mark.parametrize("celah", rules.CELAH)
def test_every_total(mesin: Any, instrumen: rules.Instrumen, celah: str) -> None:
    banyak = len(instrumen.komponen)
    guru = []
    for total in range(banyak, 4 * banyak + 1):
        nilai = [total // banyak + (urutan < total % banyak) for urutan in range(banyak)]
        guru.append([_bernilai(satu, k.banyak) for satu, k in zip(nilai, instrumen.komponen, strict=True)])
    hasil = bulk(mesin, instrumen, guru, celah=celah)
    assert [satu["total"] for satu in hasil] == list(range(banyak, 4 * banyak + 1))
    assert [satu["persen"] for satu in hasil] == [reference(instrumen, isi, celah=celah)[2] for isi in guru]
    assert [satu["total"] for satu in hasil if satu["di_celah"]] == [34 if banyak == 14 else 41]


def test_what_is_missing_gives_no_mark(mesin: Any) -> None:
    instrumen = GURU[0]
    penuh: list[list[int | None]] = [[2] * satu.banyak for satu in instrumen.komponen]
    kosong = [[None, *deret[1:]] if nomor == 3 else deret for nomor, deret in enumerate(penuh)]
    kurang = [deret[1:] if nomor == 3 else deret for nomor, deret in enumerate(penuh)]
    lebih = [[*deret, 2] if nomor == 3 else deret for nomor, deret in enumerate(penuh)]
    tanpa = penuh[:-1]
    hasil = bulk(mesin, instrumen, [penuh, kosong, kurang, lebih, tanpa])
    assert [satu["total"] for satu in hasil] == [56, None, None, None, None]
    assert [satu["persen"] for satu in hasil] == [125, None, None, None, None]


def test_all_zero_under_refusal_gives_no_mark(mesin: Any) -> None:
    instrumen = GURU[0]
    isi = [[0 if nomor == 2 else 2] * satu.banyak for nomor, satu in enumerate(instrumen.komponen)]
    assert bulk(mesin, instrumen, [isi], nol="tolak")[0]["total"] is None
    assert bulk(mesin, instrumen, [isi], nol="satu")[0]["total"] == 53
    assert bulk(mesin, instrumen, [isi], nol="nol")[0]["total"] == 52


def test_means_of_criteria_are_left_to_the_rules() -> None:
    with pytest.raises(ValueError, match="criteria"):
        metrics.rekap(ibis.table(metrics.KOLOM_SKOR, name="t"), rules.instrumen_pada("kepala-sekolah", HARI), ATURAN)
