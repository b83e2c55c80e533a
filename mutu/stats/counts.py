"""Do whole counts exist that print as given percentages? A check of published tables. Source: methods.GRIM."""

import math
from dataclasses import dataclass
from fractions import Fraction

from mutu.regulation import exact
from mutu.regulation.explain import InputError, Langkah
from mutu.stats import methods
from mutu.stats.proportions import MAX_N


@dataclass(frozen=True, slots=True)
class Tercetak:
    """A percentage as it stands in print: its value and the number of decimals, for 58.90 says more than 58.9."""

    nilai: Fraction
    desimal: int


@dataclass(frozen=True, slots=True)
class Cacah:
    """The count nearest to each percentage, and whether it prints as it. `rentang` holds all that do, or None."""

    cacah: tuple[int, ...]
    cocok: tuple[bool, ...]
    rentang: tuple[tuple[int, int] | None, ...]
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def whole_counts(persen: list[Tercetak], n: int) -> Cacah:
    """The whole counts out of n behind printed percentages, each looked at by itself.

    A count fits when its percentage lies within half a unit of the last printed decimal, the ends included: whether
    the printer rounded halves up or to even is not known. Raises InputError at `n`, `persen` or `persen[i]`.
    """
    if n < 1 or n > MAX_N:
        raise InputError.at("n", f"Jumlah sampel {n}; isi 1 sampai {MAX_N}.")
    if not persen:
        raise InputError.at("persen", "Isi sedikitnya satu persentase.")
    galat = [
        {"jalur": f"persen[{i}]", "pesan": f"{exact.text(satu.nilai)} persen tidak mungkin; isi 0 sampai 100."}
        for i, satu in enumerate(persen)
        if not 0 <= satu.nilai <= 100
    ]
    if galat:
        raise InputError(galat)
    cacah, rentang, langkah = [], [], []
    for satu in persen:
        terdekat = int(exact.rounded(satu.nilai * n / 100, "tengah"))
        ada = _fitting(satu, n)
        cacah.append(terdekat)
        rentang.append(ada)
        langkah.append(_step(satu, n, terdekat, ada))
    return Cacah(
        cacah=tuple(cacah),
        cocok=tuple(ada is not None for ada in rentang),
        rentang=tuple(rentang),
        langkah=tuple(langkah),
        peringatan=tuple(_warnings(persen, n, rentang)),
    )


def _half(satu: Tercetak) -> Fraction:
    return Fraction(1, 2 * 10**satu.desimal)


def _fitting(satu: Tercetak, n: int) -> tuple[int, int] | None:
    bawah = max(0, math.ceil((satu.nilai - _half(satu)) * n / 100))
    atas = min(n, math.floor((satu.nilai + _half(satu)) * n / 100))
    return (bawah, atas) if bawah <= atas else None


def _printed(satu: Tercetak) -> str:
    utuh, pecahan = divmod(int(satu.nilai * 10**satu.desimal), 10**satu.desimal)
    return f"{utuh},{pecahan:0{satu.desimal}d}" if satu.desimal else str(utuh)


def _step(satu: Tercetak, n: int, terdekat: int, ada: tuple[int, int] | None) -> Langkah:
    hitung = f"{terdekat} / {n} = {exact.text(Fraction(100 * terdekat, n))} %"
    if ada is None:
        return Langkah(f"{_printed(satu)} %", "tidak ada", f"{hitung}, cacah terdekat", methods.GRIM)
    banyak = "" if ada[0] == ada[1] else f"; cocok {ada[0]} sampai {ada[1]}"
    return Langkah(f"{_printed(satu)} %", terdekat, f"{hitung}{banyak}", methods.GRIM)


def _warnings(persen: list[Tercetak], n: int, rentang: list[tuple[int, int] | None]) -> list[str]:
    kata = [
        f"{_printed(satu)} % bukan hasil dari cacah bulat mana pun di antara {n}; periksa angka atau jumlah sampelnya."
        for satu, ada in zip(persen, rentang, strict=True)
        if ada is None
    ]
    # Counts lie 100/n apart and each covers one unit of the last decimal: from here on every figure fits.
    if any(n * 2 * _half(satu) >= 100 for satu in persen):
        kata.append(
            f"Dengan n = {n} setiap persentase berdesimal sebanyak itu cocok; uji ini tidak membuktikan apa-apa."
        )
    ada_semua = [ada for ada in rentang if ada is not None]
    selisih = abs(sum((satu.nilai for satu in persen), Fraction(-100)))
    sebagian = len(persen) > 1 and selisih <= sum((_half(satu) for satu in persen), Fraction(0))
    if sebagian and len(ada_semua) == len(persen):
        paling_sedikit, paling_banyak = (sum(ujung) for ujung in zip(*ada_semua, strict=True))
        if not paling_sedikit <= n <= paling_banyak:
            kata.append(f"Persentasenya berjumlah 100, tetapi cacahnya tidak dapat berjumlah {n}.")
    return kata
