"""One proportion of a simple random sample, and the comparison of two independent ones.

Counts come in as whole numbers, figures leave as floats; what a table cannot give (an odds ratio with an empty cell)
leaves as None with a sentence that says so, never as a corrected figure.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from mutu.regulation.explain import InputError, Langkah
from mutu.stats import methods
from mutu.stats.distributions import beta_quantile, normal_quantile, normal_two_sided
from mutu.stats.wording import Selang, comma, figure, interval

KEYAKINAN = Fraction(95, 100)
# Above any survey; it bounds the work of the exact methods, which grows with the square root of n.
MAX_N = 10_000_000
# Below this many expected in a cell the normal approximation is rough (methods.HARAPAN_KECIL).
HARAPAN_TERENDAH = 5
# Tables whose probability differs from the observed one by rounding alone count as equally likely.
_SAMA = 1 + 1e-7


@dataclass(frozen=True, slots=True)
class Proporsi:
    """An estimated proportion; intervals are (lower, upper). `se` and `wald` are None where n = 1 tells nothing."""

    p: float
    se: float | None
    wald: Selang | None
    wilson: Selang
    clopper_pearson: Selang
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Banding:
    """Two proportions compared, a against b. None marks what this table does not define; `peringatan` says why."""

    selisih: float
    z: float | None
    p: float | None
    chi2: float | None
    chi2_yates: float | None
    fisher_p: float
    odds_ratio: float | None
    or_ik: Selang | None
    rr: float | None
    phi: float | None
    selisih_ik: Selang
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def _check_counts(k: int, n: int, jalur_k: str, jalur_n: str) -> None:
    if n < 1:
        raise InputError.at(jalur_n, f"Jumlah sampel {n}; isi sedikitnya 1.")
    if n > MAX_N:
        raise InputError.at(jalur_n, f"Jumlah sampel {n} terlalu besar; paling banyak {MAX_N}.")
    if k < 0:
        raise InputError.at(jalur_k, f"Cacah {k} kurang dari 0; isi 0 atau lebih.")
    if k > n:
        raise InputError.at(jalur_k, f"Cacah {k} lebih dari jumlah sampel {n}; periksa keduanya.")


def _tail(keyakinan: Fraction) -> float:
    """Half of what lies outside the interval. Raises InputError at `keyakinan`."""
    if not 0 < keyakinan < 1:
        raise InputError.at("keyakinan", "Keyakinan di antara 0 dan 1; untuk 95 persen tulis 0.95.")
    return float((1 - keyakinan) / 2)


def wilson(k: int, n: int, z: float) -> Selang:
    """Wilson's score interval of k out of n, z being the normal quantile of the wanted confidence."""
    akar = z * math.sqrt(z * z + 4 * k * (n - k) / n)
    penyebut = 2 * (n + z * z)
    # Exactly 0 and 1 at the ends: the formula gives them up to rounding only.
    return (
        0.0 if k == 0 else (2 * k + z * z - akar) / penyebut,
        1.0 if k == n else (2 * k + z * z + akar) / penyebut,
    )


def clopper_pearson(k: int, n: int, tail: float) -> Selang:
    """The exact binomial interval of k out of n that leaves at most `tail` on either side."""
    return (
        0.0 if k == 0 else beta_quantile(tail, k, n - k + 1),
        1.0 if k == n else 1.0 - beta_quantile(tail, n - k, k + 1),
    )


def proportion(k: int, n: int, *, populasi: int | None = None, keyakinan: Fraction = KEYAKINAN) -> Proporsi:
    """Estimate a proportion from k out of n drawn by simple random sampling without replacement.

    With `populasi` the standard error carries the finite population correction 1 - n/N. Wilson's and Clopper's
    intervals never do: they speak of a superpopulation. Raises InputError at `k`, `n`, `N` or `keyakinan`.
    Source: methods.ACAK_SEDERHANA (s² with n - 1), methods.WILSON, methods.CLOPPER_PEARSON.
    """
    _check_counts(k, n, "k", "n")
    if populasi is not None and populasi < n:
        raise InputError.at("N", f"Populasi {populasi} kurang dari jumlah sampel {n}; periksa keduanya.")
    tail = _tail(keyakinan)
    z = normal_quantile(tail)
    p = k / n
    sisa = Fraction(1) if populasi is None else 1 - Fraction(n, populasi)
    se: float | None = None
    if sisa == 0:
        se = 0.0
    elif n > 1:
        se = math.sqrt(Fraction(k * (n - k), n * n * (n - 1)) * sisa)
    wald = None if se is None else (p - z * se, p + z * se)
    skor, eksak = wilson(k, n, z), clopper_pearson(k, n, tail)
    persen = f"{comma(float(keyakinan * 100))} %"
    koreksi = "" if populasi is None else f" × (1 − {n}/{populasi})"
    nama_wald = "Wald" if populasi is None else "Wald dengan koreksi populasi"
    langkah = (
        Langkah("Proporsi", figure(p), f"{k} / {n}", methods.ACAK_SEDERHANA),
        Langkah("Galat baku", figure(se), f"√(p(1 − p) / ({n} − 1){koreksi})", methods.ACAK_SEDERHANA),
        Langkah("z", figure(z), f"kuantil normal untuk keyakinan {persen}", methods.ACAK_SEDERHANA),
        Langkah(f"Selang {nama_wald}", interval(wald), "p ± z × galat baku", methods.ACAK_SEDERHANA),
        Langkah("Selang Wilson", interval(skor), "(p + z²/2n ± z√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)", methods.WILSON),
        Langkah(
            "Selang Clopper–Pearson",
            interval(eksak),
            f"kuantil beta({k}; {n - k + 1}) dan beta({k + 1}; {n - k})",
            methods.CLOPPER_PEARSON,
        ),
    )
    return Proporsi(p, se, wald, skor, eksak, langkah, tuple(_proportion_warnings(k, n, populasi, se, wald)))


def _proportion_warnings(k: int, n: int, populasi: int | None, se: float | None, wald: Selang | None) -> list[str]:
    hasil = []
    if se is None:
        hasil.append("Satu amatan tidak memberi galat baku; selang Wald tidak ada.")
    elif populasi == n:
        hasil.append("Seluruh populasi terdata: tidak ada galat penarikan sampel.")
    elif k in (0, n):
        hasil.append("Semua jawaban sama: selang Wald menyusut menjadi satu titik; pakai Wilson atau Clopper–Pearson.")
    elif min(k, n - k) < HARAPAN_TERENDAH:
        hasil.append(
            f"Kurang dari {HARAPAN_TERENDAH} amatan di salah satu sisi: selang Wald kasar; "
            "pakai Wilson atau Clopper–Pearson."
        )
    if wald is not None and (wald[0] < 0 or wald[1] > 1):
        hasil.append("Selang Wald melewati 0 atau 1; pakai Wilson atau Clopper–Pearson.")
    return hasil


def compare(a: tuple[int, int], b: tuple[int, int], *, keyakinan: Fraction = KEYAKINAN) -> Banding:
    """Compare k out of n in two independent groups, without finite population correction.

    z pools both groups; chi-square comes without and with Yates; Fisher is two-sided, adding every table at most as
    likely as the observed one; the odds ratio has Woolf's interval, the difference Newcombe's; phi has the sign of
    the difference. Raises InputError at `a[0]`, `a[1]`, `b[0]`, `b[1]` or `keyakinan`.
    """
    (k1, n1), (k2, n2) = a, b
    _check_counts(k1, n1, "a[0]", "a[1]")
    _check_counts(k2, n2, "b[0]", "b[1]")
    tail = _tail(keyakinan)
    kuantil = normal_quantile(tail)
    semua, ya = n1 + n2, k1 + k2
    tidak = semua - ya
    silang = k1 * (n2 - k2) - k2 * (n1 - k1)
    tepi = n1 * n2 * ya * tidak
    selisih = float(Fraction(k1, n1) - Fraction(k2, n2))
    z = p = chi2 = yates = phi = None
    if tepi:
        chi2 = float(Fraction(semua * silang**2, tepi))
        yates = float(Fraction(semua * max(Fraction(0), abs(silang) - Fraction(semua, 2)) ** 2, tepi))
        z = math.copysign(math.sqrt(chi2), silang)
        p = normal_two_sided(z)
        phi = math.copysign(math.sqrt(Fraction(silang**2, tepi)), silang)
    odds_ratio, or_ik = _odds_ratio((k1, n1 - k1, k2, n2 - k2), kuantil)
    rr = float(Fraction(k1 * n2, k2 * n1)) if k2 else None
    fisher = fisher_two_sided(k1, n1, k2, n2)
    ik = _newcombe(a, b, kuantil)
    persen = f"{comma(float(keyakinan * 100))} %"
    langkah = (
        Langkah("Selisih", figure(selisih), f"{k1}/{n1} − {k2}/{n2}", methods.KHI_KUADRAT),
        Langkah("z", figure(z), f"selisih / √(q(1 − q)(1/{n1} + 1/{n2})), q = {ya}/{semua}", methods.KHI_KUADRAT),
        Langkah("p", figure(p), "dua sisi, sebaran normal", methods.KHI_KUADRAT),
        Langkah("Khi-kuadrat", figure(chi2), "z²", methods.KHI_KUADRAT),
        Langkah(
            "Khi-kuadrat Yates",
            figure(yates),
            "n(|ad − bc| − n/2)² / (hasil kali keempat jumlah tepi)",
            methods.YATES,
        ),
        Langkah("p Fisher", figure(fisher), "jumlah peluang semua tabel yang tidak lebih mungkin", methods.FISHER),
        Langkah("Rasio odds", figure(odds_ratio), f"({k1} × {n2 - k2}) / ({n1 - k1} × {k2})", methods.WOOLF),
        Langkah(
            f"Selang rasio odds {persen}",
            interval(or_ik),
            "exp(ln rasio odds ± z√(1/a + 1/b + 1/c + 1/d))",
            methods.WOOLF,
        ),
        Langkah("Rasio risiko", figure(rr), f"({k1}/{n1}) / ({k2}/{n2})", methods.KHI_KUADRAT),
        Langkah("Phi", figure(phi), "√(khi-kuadrat / n), bertanda seperti selisih", methods.KHI_KUADRAT),
        Langkah(f"Selang selisih {persen}", interval(ik), "dari selang Wilson kedua kelompok", methods.NEWCOMBE),
    )
    return Banding(
        selisih=selisih,
        z=z,
        p=p,
        chi2=chi2,
        chi2_yates=yates,
        fisher_p=fisher,
        odds_ratio=odds_ratio,
        or_ik=or_ik,
        rr=rr,
        phi=phi,
        selisih_ik=ik,
        langkah=langkah,
        peringatan=_compare_warnings(a, b),
    )


def _compare_warnings(a: tuple[int, int], b: tuple[int, int]) -> tuple[str, ...]:
    (k1, n1), (k2, n2) = a, b
    semua, ya = n1 + n2, k1 + k2
    hasil = []
    if ya in (0, semua):
        hasil.append("Semua jawaban sama di kedua kelompok: z, p, khi-kuadrat, dan phi tidak terdefinisi.")
    elif Fraction(min(n1, n2) * min(ya, semua - ya), semua) < HARAPAN_TERENDAH:
        hasil.append(
            f"Ada sel dengan harapan kurang dari {HARAPAN_TERENDAH}: z dan khi-kuadrat kasar; pakai p Fisher "
            f"({methods.HARAPAN_KECIL})."
        )
    if 0 in (k1, n1 - k1, k2, n2 - k2):
        hasil.append("Ada sel kosong: selang rasio odds tidak terdefinisi dan tidak ditambal dengan koreksi apa pun.")
    if k2 == 0:
        hasil.append("Tidak ada yang ya pada kelompok b: rasio risiko tidak terdefinisi.")
    return tuple(hasil)


def _odds_ratio(sel: tuple[int, int, int, int], z: float) -> tuple[float | None, Selang | None]:
    ya1, tidak1, ya2, tidak2 = sel
    if not tidak1 * ya2:
        return None, None
    rasio = float(Fraction(ya1 * tidak2, tidak1 * ya2))
    if rasio == 0:
        return rasio, None
    lebar = z * math.sqrt(sum(1 / satu for satu in sel))
    return rasio, (rasio * math.exp(-lebar), rasio * math.exp(lebar))


def _newcombe(a: tuple[int, int], b: tuple[int, int], z: float) -> Selang:
    (k1, n1), (k2, n2) = a, b
    p1, p2 = k1 / n1, k2 / n2
    bawah1, atas1 = wilson(k1, n1, z)
    bawah2, atas2 = wilson(k2, n2, z)
    selisih = p1 - p2
    return (
        selisih - math.hypot(p1 - bawah1, atas2 - p2),
        selisih + math.hypot(atas1 - p1, p2 - bawah2),
    )


def fisher_two_sided(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact two-sided p of k1 out of n1 against k2 out of n2. Source: methods.FISHER.

    Weights relative to the likeliest table, from one table to its neighbour: no factorial, hence no overflow, and
    the work ends where tables become too unlikely to count.
    """
    ya, semua = k1 + k2, n1 + n2
    paling_kecil, paling_besar = max(0, ya - n2), min(n1, ya)
    puncak = min(paling_besar, max(paling_kecil, (ya + 1) * (n1 + 1) // (semua + 2)))
    bobot = {puncak: 1.0}
    for arah in (1, -1):
        x, berat = puncak, 1.0
        while berat > 0.0 and paling_kecil <= x + arah <= paling_besar:
            naik = x if arah == 1 else x - 1
            rasio = ((ya - naik) * (n1 - naik)) / ((naik + 1) * (n2 - ya + naik + 1))
            berat = berat * rasio if arah == 1 else berat / rasio
            x += arah
            bobot[x] = berat
    batas = bobot.get(k1, 0.0) * _SAMA
    return min(1.0, math.fsum(satu for satu in bobot.values() if satu <= batas) / math.fsum(bobot.values()))
