"""Multiple linear regression by ordinary least squares, with the columns that SPSS prints.

The normal equations are solved in whole numbers, without any rounding: what is collinear is so exactly, and a badly
scaled or nearly collinear table loses no digits. Rounding begins only where a figure leaves as a float.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise
from operator import mul

from mutu.regulation.explain import InputError, Langkah
from mutu.stats import methods
from mutu.stats.distributions import f_upper, t_two_sided
from mutu.stats.wording import comma, figure

KONSTANTA = "konstanta"
MAX_AMATAN = 5000
MAX_PEUBAH = 20
# Customary limits, not law: they decide which warnings are said, never a figure.
VIF_TINGGI = 10
AMATAN_PER_PEUBAH = 10
DURBIN_WATSON_WAJAR = (1, 3)
PENCILAN = 3
_PENCILAN_DISEBUT = 5


@dataclass(frozen=True, slots=True)
class Koefisien:
    """One row of the table: b, its standard error, the standardised beta, t, two-sided p, and the inflation factor.

    The constant has neither beta nor vif. A column that was left out has None everywhere; a perfect fit has se 0
    and no t or p.
    """

    nama: str
    b: float | None
    se: float | None
    beta: float | None
    t: float | None
    p: float | None
    vif: float | None


@dataclass(frozen=True, slots=True)
class Regresi:
    """A fitted equation. `galat_baku` is the standard error of the estimate, `dikeluarkan` the columns left out."""

    koefisien: tuple[Koefisien, ...]
    n: int
    db_model: int
    db_sisa: int
    r2: float
    r2_adj: float
    f: float | None
    f_p: float | None
    galat_baku: float
    durbin_watson: float | None
    dikeluarkan: tuple[str, ...]
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kolom:
    """A column in whole numbers, each value times `skala`, and their sum."""

    nama: str
    nilai: list[int]
    skala: int
    jumlah: int


def fit(y: Sequence[Fraction], x: Mapping[str, Sequence[Fraction]]) -> Regresi:
    """Regress y on the named columns of x, with a constant.

    A column that follows exactly from those before it is left out, as SPSS does, and `peringatan` names it. Raises
    InputError at `y`, `x` or `x.<name>`: columns of unequal length, a column that never varies, too few rows to
    leave a degree of freedom, too many rows or columns, a reserved or blank name.
    Source: methods.KUADRAT_TERKECIL, methods.VIF, methods.DURBIN_WATSON.
    """
    _check(y, x)
    n = len(y)
    sasaran, kolom = _whole("y", y), [_whole(nama, nilai) for nama, nilai in x.items()]
    # n times the centred sums of squares and products: whole numbers, where the centred ones are fractions.
    gram = [[0] * len(kolom) for _ in kolom]
    for i, j in combinations_with_replacement(range(len(kolom)), 2):
        gram[i][j] = gram[j][i] = _product(kolom[i], kolom[j])
    dipakai, dikeluarkan = _independent(gram)
    k = len(dipakai)
    db_sisa = n - k - 1
    terpakai = [kolom[i] for i in dipakai]
    arah = [_product(satu, sasaran) for satu in terpakai]
    det, adjoin = _adjoint([[gram[i][j] for j in dipakai] for i in dipakai])
    pembilang = [sum(a * r for a, r in zip(baris, arah, strict=True)) for baris in adjoin]

    # Residuals times n·det, in whole numbers; their order is that of the rows.
    tengah_y = [n * nilai - sasaran.jumlah for nilai in sasaran.nilai]
    tengah_x = [[n * nilai - satu.jumlah for nilai in satu.nilai] for satu in terpakai]
    sisa = [
        det * ty - sum(c * tx[i] for c, tx in zip(pembilang, tengah_x, strict=True)) for i, ty in enumerate(tengah_y)
    ]
    jk_sisa_utuh = sum(satu * satu for satu in sisa)
    jk_sisa = Fraction(jk_sisa_utuh, (n * det * sasaran.skala) ** 2)
    jk_total = Fraction(_product(sasaran, sasaran), n * sasaran.skala**2)
    ragam = jk_sisa / db_sisa
    r2 = 1 - jk_sisa / jk_total

    b = [Fraction(c * satu.skala, det * sasaran.skala) for c, satu in zip(pembilang, terpakai, strict=True)]
    # The inverse of the centred sums of squares and products, in the columns' own units.
    balikan = [
        [Fraction(n * nilai * terpakai[i].skala * terpakai[j].skala, det) for j, nilai in enumerate(baris)]
        for i, baris in enumerate(adjoin)
    ]
    rerata = [Fraction(satu.jumlah, n * satu.skala) for satu in terpakai]
    b0 = Fraction(sasaran.jumlah, n * sasaran.skala) - sum((c * m for c, m in zip(b, rerata, strict=True)), Fraction(0))
    tuas = sum((rerata[i] * rerata[j] * balikan[i][j] for i in range(k) for j in range(k)), Fraction(1, n))

    baris = {KONSTANTA: _row(KONSTANTA, b0, ragam * tuas, db_sisa, None, None)}
    for j, satu in enumerate(terpakai):
        jk_x = Fraction(gram[dipakai[j]][dipakai[j]], n * satu.skala**2)
        beta = math.copysign(math.sqrt(b[j] ** 2 * jk_x / jk_total), b[j])
        baris[satu.nama] = _row(satu.nama, b[j], ragam * balikan[j][j], db_sisa, beta, float(jk_x * balikan[j][j]))
    koefisien = tuple(
        baris.get(nama) or Koefisien(nama, None, None, None, None, None, None) for nama in (KONSTANTA, *x)
    )

    f = float(r2 / k / ((1 - r2) / db_sisa)) if jk_sisa else None
    beda = sum((kini - lalu) ** 2 for lalu, kini in pairwise(sisa))
    keluar = tuple(kolom[i].nama for i in dikeluarkan)
    hasil = Regresi(
        koefisien=koefisien,
        n=n,
        db_model=k,
        db_sisa=db_sisa,
        r2=float(r2),
        r2_adj=float(1 - (1 - r2) * Fraction(n - 1, db_sisa)),
        f=f,
        f_p=None if f is None else f_upper(f, k, db_sisa),
        galat_baku=math.sqrt(ragam),
        durbin_watson=float(Fraction(beda, jk_sisa_utuh)) if jk_sisa_utuh else None,
        dikeluarkan=keluar,
        langkah=(),
        peringatan=(),
    )
    pencilan = [i + 1 for i, e in enumerate(sisa) if jk_sisa and e * e * db_sisa > PENCILAN**2 * jk_sisa_utuh]
    return _explained(hasil, pencilan)


def _check(y: Sequence[Fraction], x: Mapping[str, Sequence[Fraction]]) -> None:
    if not x:
        raise InputError.at("x", "Isi sedikitnya satu peubah penjelas.")
    if len(x) > MAX_PEUBAH:
        raise InputError.at("x", f"Paling banyak {MAX_PEUBAH} peubah penjelas; yang ada {len(x)}.")
    if len(y) > MAX_AMATAN:
        raise InputError.at("y", f"Paling banyak {MAX_AMATAN} amatan; yang ada {len(y)}.")
    galat = []
    for nama, nilai in x.items():
        jalur = f"x.{nama}"
        if not nama.strip():
            galat.append({"jalur": "x", "pesan": "Ada peubah tanpa nama; beri nama."})
        elif nama == KONSTANTA:
            pesan = f"Nama “{KONSTANTA}” dipakai untuk konstanta persamaan; ganti namanya."
            galat.append({"jalur": jalur, "pesan": pesan})
        elif len(nilai) != len(y):
            pesan = f"{nama} berisi {len(nilai)} nilai, sedangkan y {len(y)}; samakan banyaknya."
            galat.append({"jalur": jalur, "pesan": pesan})
    if galat:
        raise InputError(galat)
    if len(y) < len(x) + 2:
        raise InputError.at("y", f"{len(x)} peubah memerlukan sedikitnya {len(x) + 2} amatan; yang ada {len(y)}.")
    galat = [
        {"jalur": jalur, "pesan": f"Semua nilai {nama} sama; kolom yang tidak bervariasi tidak dapat dihitung."}
        for jalur, nama, nilai in (("y", "y", y), *((f"x.{nama}", nama, isi) for nama, isi in x.items()))
        if len(set(nilai)) == 1
    ]
    if galat:
        raise InputError(galat)


def _whole(nama: str, nilai: Sequence[Fraction]) -> _Kolom:
    skala = math.lcm(*(Fraction(satu).denominator for satu in nilai))
    utuh = [int(satu * skala) for satu in nilai]
    return _Kolom(nama, utuh, skala, sum(utuh))


def _product(satu: _Kolom, lain: _Kolom) -> int:
    n = len(satu.nilai)
    return n * sum(map(mul, satu.nilai, lain.nilai)) - satu.jumlah * lain.jumlah


def _independent(gram: list[list[int]]) -> tuple[list[int], list[int]]:
    """The columns to keep and those that follow exactly from columns kept before them."""
    dipakai: list[int] = []
    keluar: list[int] = []
    for calon in range(len(gram)):
        coba = [*dipakai, calon]
        bebas = _adjoint([[gram[i][j] for j in coba] for i in coba])[0] != 0
        (dipakai if bebas else keluar).append(calon)
    return dipakai, keluar


def _adjoint(matriks: list[list[int]]) -> tuple[int, list[list[int]]]:
    """Determinant and adjugate of a symmetric, positive semidefinite matrix of whole numbers, without fractions.

    Gauss and Jordan's elimination after Bareiss (Mathematics of Computation 22, 1968): each division comes out even.
    The determinant is 0, and the adjugate meaningless, when the columns depend on each other.
    """
    k = len(matriks)
    kerja = [[*baris, *(int(i == j) for j in range(k))] for i, baris in enumerate(matriks)]
    sebelum = 1
    for p in range(k):
        poros = kerja[p][p]
        # In a matrix of this kind a leading minor of 0 means dependence, so no search for another pivot is needed.
        if poros == 0:
            return 0, []
        for i in range(k):
            if i != p:
                faktor = kerja[i][p]
                kerja[i] = [
                    (poros * satu - faktor * dari) // sebelum for satu, dari in zip(kerja[i], kerja[p], strict=True)
                ]
        sebelum = poros
    return sebelum, [baris[k:] for baris in kerja]


def _row(nama: str, b: Fraction, ragam: Fraction, db: int, beta: float | None, vif: float | None) -> Koefisien:
    if not ragam:
        return Koefisien(nama, float(b), 0.0, beta, None, None, vif)
    kuadrat = float(b * b / ragam)
    t = math.copysign(math.sqrt(kuadrat), b)
    return Koefisien(nama, float(b), math.sqrt(ragam), beta, t, t_two_sided(kuadrat, db), vif)


def _explained(hasil: Regresi, pencilan: list[int]) -> Regresi:
    """The same result with its steps and warnings."""
    k, n = hasil.db_model, hasil.n
    suku = [comma(hasil.koefisien[0].b)]
    suku += [f"{comma(satu.b)} × {satu.nama}" for satu in hasil.koefisien[1:] if satu.b is not None]
    persamaan = "y = " + " + ".join(suku)
    langkah = (
        Langkah("Amatan", n, f"{k} peubah, {hasil.db_sisa} derajat bebas sisa", methods.KUADRAT_TERKECIL),
        Langkah("Persamaan", persamaan, "kuadrat terkecil", methods.KUADRAT_TERKECIL),
        Langkah("R²", figure(hasil.r2), "1 − JK sisa / JK total", methods.KUADRAT_TERKECIL),
        Langkah(
            "R² disesuaikan", figure(hasil.r2_adj), f"1 − (1 − R²) × {n - 1}/{hasil.db_sisa}", methods.KUADRAT_TERKECIL
        ),
        Langkah(
            "Galat baku taksiran", figure(hasil.galat_baku), f"√(JK sisa / {hasil.db_sisa})", methods.KUADRAT_TERKECIL
        ),
        Langkah("F", figure(hasil.f), f"(R²/{k}) / ((1 − R²)/{hasil.db_sisa})", methods.KUADRAT_TERKECIL),
        Langkah("p dari F", figure(hasil.f_p), f"sebaran F({k}; {hasil.db_sisa})", methods.KUADRAT_TERKECIL),
        Langkah("Durbin–Watson", figure(hasil.durbin_watson), "Σ(eᵢ − eᵢ₋₁)² / Σeᵢ²", methods.DURBIN_WATSON),
    )
    return Regresi(
        **{nama: getattr(hasil, nama) for nama in Regresi.__slots__ if nama not in ("langkah", "peringatan")},
        langkah=langkah,
        peringatan=tuple(_warnings(hasil, pencilan)),
    )


def _warnings(hasil: Regresi, pencilan: list[int]) -> list[str]:
    kata = []
    if hasil.dikeluarkan:
        kata.append(
            f"Kolinear sempurna: {', '.join(hasil.dikeluarkan)} dapat dihitung dari peubah sebelumnya, "
            "jadi dikeluarkan dari persamaan."
        )
    kata += [
        f"Kolinearitas: VIF {satu.nama} = {comma(round(satu.vif, 2))}, sedangkan {VIF_TINGGI} sudah tinggi; "
        "koefisiennya tidak stabil."
        for satu in hasil.koefisien
        if satu.vif is not None and satu.vif >= VIF_TINGGI
    ]
    if hasil.n < AMATAN_PER_PEUBAH * hasil.db_model:
        kata.append(
            f"Amatan sedikit: {hasil.n} untuk {hasil.db_model} peubah; lazimnya sedikitnya {AMATAN_PER_PEUBAH} per "
            "peubah. Hasil jangan dipakai untuk menyimpulkan."
        )
    if hasil.durbin_watson is None:
        kata.append(
            "Persamaan cocok sempurna: t, p, F, dan Durbin–Watson tidak terdefinisi; periksa apakah y memuat x."
        )
    elif not DURBIN_WATSON_WAJAR[0] <= hasil.durbin_watson <= DURBIN_WATSON_WAJAR[1]:
        kata.append(
            f"Durbin–Watson {comma(round(hasil.durbin_watson, 3))} di luar {DURBIN_WATSON_WAJAR[0]} sampai "
            f"{DURBIN_WATSON_WAJAR[1]}: bila baris berurutan menurut waktu, galatnya saling bergantung."
        )
    if pencilan:
        sebut = ", ".join(map(str, pencilan[:_PENCILAN_DISEBUT])) + (", …" if len(pencilan) > _PENCILAN_DISEBUT else "")
        kata.append(f"Galat lebih dari {PENCILAN} kali galat baku taksiran pada amatan ke-{sebut}; periksa datanya.")
    return kata
