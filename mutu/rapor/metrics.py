"""The rapor mark as one Ibis expression over the same parameters as `rules`, for a district's marks at once.

`rules` is the reference; the same cases run on both. Everything is integer arithmetic: marks are hundredths,
weights are scaled to integers, and each quotient is taken from an exact multiple of its divisor, so that no engine's
way of dividing or rounding takes part. Figures stay exact below 2**53: with weights of six digits that leaves room
for hundreds of assessments per pupil and subject.
"""

from functools import reduce
from math import gcd, lcm
from operator import and_, mul
from typing import Any

from mutu.rapor.rules import AturanRapor, Bobot, Pembulatan
from mutu.regulation.exact import Cara

# Columns of the published marks: pupil and subject keys, kind of assessment, mark in hundredths (7550 is 75.50).
KOLOM_NILAI = {"peserta": "int64", "mapel": "int32", "jenis": "int8", "nilai": "int32"}
JENIS = {"uh": 1, "uts": 2, "uas": 3}
SERATUS = 100  # hundredths in one point of a mark
BOBOT_TERBESAR = 10**6


def nilai_akhir(tabel_nilai: Any, bobot: Bobot, aturan: AturanRapor, pembulatan: Pembulatan | None = None) -> Any:
    """Final rapor marks: columns peserta, mapel, nilai (int64), one row per pupil and subject.

    `tabel_nilai` is an Ibis table with KOLOM_NILAI. `nilai` is null where something needed is missing: no row, or a
    row with a null mark, of a kind that has weight. Marks off the scale are refused before they are published and
    are not looked for here. Raises ValueError when the mark is to stay unrounded (the result is an integer) or the
    weights need more than six digits as whole numbers. Source: as `rules.nilai_rapor`, Bab II.B.2.
    """
    cara = pembulatan or aturan.pembulatan
    if cara.akhir == "tidak":
        raise ValueError("the bulk mark is an integer; an unrounded mark is computed by rules.nilai_rapor")
    berat = _bobot_bulat(bobot)
    jumlah = _jumlah_per_jenis(tabel_nilai, berat)
    if bobot.cara == "rata":
        pembilang = sum(jumlah[f"jumlah_{jenis}"] for jenis in berat)
        penyebut = SERATUS * sum(jumlah[f"banyak_{jenis}"] for jenis in berat)
    else:
        pembilang, penyebut = _rata_berbobot(jumlah, berat, cara.rata_uh)
    lengkap = reduce(and_, (jumlah[f"banyak_{jenis}"] > 0 for jenis in berat), jumlah.kosong == 0)
    # Two steps, so that the engine computes the sums once although the rounding names them several times.
    pecahan = jumlah.select(
        "peserta", "mapel", pembilang=lengkap.ifelse(pembilang, None), penyebut=_tak_nol(penyebut, jumlah)
    )
    nilai = _bulat(pecahan.pembilang, pecahan.penyebut, cara.akhir).cast("int64")
    return pecahan.select("peserta", "mapel", nilai=nilai)


def _bobot_bulat(bobot: Bobot) -> dict[str, int]:
    """The weights that count, as the smallest whole numbers in the same proportion."""
    dipakai = {jenis: berat for jenis, berat in bobot.per_jenis.items() if berat}
    kali = lcm(*(berat.denominator for berat in dipakai.values()))
    utuh = {jenis: int(berat * kali) for jenis, berat in dipakai.items()}
    bagi = gcd(*utuh.values())
    utuh = {jenis: berat // bagi for jenis, berat in utuh.items()}
    if max(utuh.values()) > BOBOT_TERBESAR:
        raise ValueError("these weights need more than six digits as whole numbers")
    return utuh


def _jumlah_per_jenis(tabel: Any, berat: dict[str, int]) -> Any:
    """Sum and number of the marks of each kind, and how many needed rows carry no mark."""
    semua = [JENIS[jenis] for jenis in berat]
    kolom = {"kosong": tabel.count(where=tabel.nilai.isnull() & tabel.jenis.isin(semua))}
    for jenis in berat:
        milik = tabel.jenis == JENIS[jenis]
        # DuckDB sums into 128 bits, which makes every later step slow; the cast refuses what would not fit.
        kolom[f"jumlah_{jenis}"] = tabel.nilai.sum(where=milik).cast("int32").cast("int64")
        kolom[f"banyak_{jenis}"] = tabel.nilai.count(where=milik)
    return tabel.group_by("peserta", "mapel").aggregate(**kolom)


def _rata_berbobot(jumlah: Any, berat: dict[str, int], cara: Cara) -> tuple[Any, Any]:
    """Numerator and denominator of the weighted mean, in points of a mark."""
    total = SERATUS * sum(berat.values())
    if cara == "tidak":
        banyak = {jenis: jumlah[f"banyak_{jenis}"] for jenis in berat}
        suku = [
            reduce(mul, (lain for nama, lain in banyak.items() if nama != jenis), jumlah[f"jumlah_{jenis}"] * utuh)
            for jenis, utuh in berat.items()
        ]
        return sum(suku), reduce(mul, banyak.values()) * total
    return sum(_rata(jumlah, jenis, cara) * utuh for jenis, utuh in berat.items()), total


def _rata(jumlah: Any, jenis: str, cara: Cara) -> Any:
    """Mean of one kind in hundredths, rounded to whole points; a single UTS or UAS is no mean and stays as it is."""
    total, banyak = jumlah[f"jumlah_{jenis}"], jumlah[f"banyak_{jenis}"]
    rata = _bulat(total, banyak.nullif(0) * SERATUS, cara) * SERATUS
    return rata if jenis == "uh" else (banyak == 1).ifelse(total, rata)


def _tak_nol(penyebut: Any, jumlah: Any) -> Any:
    """The denominator as a column; 0 (no marks at all) becomes null, so that no engine divides by it."""
    if isinstance(penyebut, int):
        return jumlah.kosong * 0 + penyebut
    return penyebut.nullif(0)


def _bulat(pembilang: Any, penyebut: Any, cara: Cara) -> Any:
    """`exact.rounded` for a quotient of non-negative integer columns."""
    if cara == "tengah":
        return _hasil_bagi(pembilang * 2 + penyebut, penyebut * 2)
    bawah = _hasil_bagi(pembilang, penyebut)
    if cara == "bawah":
        return bawah
    sisa = pembilang % penyebut * 2
    naik = (sisa > penyebut) | ((sisa == penyebut) & (bawah % 2 == 1))
    return naik.ifelse(bawah + 1, bawah)


def _hasil_bagi(pembilang: Any, penyebut: Any) -> Any:
    # An exact multiple divided by its divisor is exact in any arithmetic, also where an engine divides as double.
    return ((pembilang - pembilang % penyebut) / penyebut).cast("int64")
