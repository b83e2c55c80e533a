"""Our figures against those of scipy and statsmodels, recorded in oracle.json (its `sumber` names the versions).

Recorded, not run: 113 MB of scipy in every developer's environment would only repeat the same figures. The exact
tests further down need no oracle: they state what an interval or a p value means, in whole numbers.
"""

import json
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutu.stats import distributions, proportions, regression

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "oracle.json").read_text(encoding="utf-8"))
SAMA: dict[str, float] = {"rel": 1e-9, "abs": 1e-13}


def exact(values: list[float]) -> list[Fraction]:
    return [Fraction(str(satu)) for satu in values]


@pytest.mark.parametrize(("t2", "df", "p"), ORACLE["distribusi"]["t"])
def test_t(t2: float, df: int, p: float) -> None:
    assert distributions.t_two_sided(t2, df) == pytest.approx(p, rel=1e-10)


@pytest.mark.parametrize(("f", "df1", "df2", "p"), ORACLE["distribusi"]["f"])
def test_f(f: float, df1: int, df2: int, p: float) -> None:
    assert distributions.f_upper(f, df1, df2) == pytest.approx(p, rel=1e-10)


@pytest.mark.parametrize(("q", "a", "b", "x"), ORACLE["distribusi"]["beta"])
def test_beta_quantile(q: float, a: float, b: float, x: float) -> None:
    assert distributions.beta_quantile(q, a, b) == pytest.approx(x, rel=1e-9)


@pytest.mark.parametrize(("k", "n", "keyakinan", "wilson", "eksak"), ORACLE["proporsi"])
def test_proportion(k: int, n: int, keyakinan: str, wilson: list[float], eksak: list[float]) -> None:
    hasil = proportions.proportion(k, n, keyakinan=Fraction(keyakinan))
    assert hasil.wilson == pytest.approx(wilson, **SAMA)
    assert hasil.clopper_pearson == pytest.approx(eksak, **SAMA)


@pytest.mark.parametrize("baris", ORACLE["banding"], ids=lambda satu: f"{satu['a']}-{satu['b']}")
def test_compare(baris: dict[str, Any]) -> None:
    hasil = proportions.compare(tuple(baris["a"]), tuple(baris["b"]))
    for nama in ("chi2", "p", "chi2_yates", "fisher_p", "odds_ratio", "or_ik", "rr", "selisih_ik"):
        harap = baris[nama] if baris[nama] is None else pytest.approx(baris[nama], **SAMA)
        assert getattr(hasil, nama) == harap, nama


@pytest.mark.parametrize("baris", ORACLE["regresi"], ids=lambda satu: f"{len(satu['y'])}x{len(satu['x'])}")
def test_regression(baris: dict[str, Any]) -> None:
    hasil = regression.fit(exact(baris["y"]), {nama: exact(nilai) for nama, nilai in baris["x"].items()})
    # The last one is Longley's table, on which the oracle's own floats lose digits and ours do not.
    longley = "GNPDEFL" in baris["x"]
    for nama in ("b", "se", "t", "p"):
        kolom = [getattr(satu, nama) for satu in hasil.koefisien]
        assert kolom == pytest.approx(baris[nama], rel=1e-6 if longley else 1e-9), nama
    for nama in ("beta", "vif"):
        kolom = [getattr(satu, nama) for satu in hasil.koefisien[1:]]
        assert kolom == pytest.approx(baris[nama], rel=1e-6 if longley else 1e-9), nama
    for nama in ("r2", "r2_adj", "f", "f_p", "durbin_watson", "galat_baku"):
        assert getattr(hasil, nama) == pytest.approx(baris[nama], rel=1e-9), nama


def test_longley_to_the_digits_that_nist_certifies() -> None:
    """NIST Statistical Reference Datasets, Longley: hard for floats, since its columns nearly depend on each other."""
    baris = ORACLE["regresi"][-1]
    hasil = regression.fit(exact(baris["y"]), {nama: exact(nilai) for nama, nilai in baris["x"].items()})
    assert [satu.b for satu in hasil.koefisien] == pytest.approx(
        [
            -3482258.63459582,
            15.0618722713733,
            -0.358191792925910e-01,
            -2.02022980381683,
            -1.03322686717359,
            -0.511041056535807e-01,
            1829.15146461355,
        ],
        rel=1e-13,
    )
    assert [satu.se for satu in hasil.koefisien] == pytest.approx(
        [
            890420.383607373,
            84.9149257747669,
            0.334910077722432e-01,
            0.488399681651699,
            0.214274163161675,
            0.226073200069370,
            455.478499142212,
        ],
        rel=1e-13,
    )
    assert hasil.galat_baku == pytest.approx(304.854073561965, rel=1e-13)
    assert hasil.r2 == pytest.approx(0.995479004577296, rel=1e-14)
    assert hasil.f == pytest.approx(330.285339234588, rel=1e-13)


# What needs no oracle: the definitions, in whole numbers.


@st.composite
def counts(draw: st.DrawFn, most: int = 60) -> tuple[int, int]:
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


def upper_tail(k: int, n: int, p: Fraction) -> Fraction:
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)), Fraction(0))


@given(counts())
def test_clopper_pearson_leaves_what_it_promises(cacah: tuple[int, int]) -> None:
    """At the lower end k or more would happen in 2.5 % of samples, at the upper end k or fewer."""
    k, n = cacah
    bawah, atas = (Fraction(satu) for satu in proportions.proportion(k, n).clopper_pearson)
    assert k == 0 or float(upper_tail(k, n, bawah)) == pytest.approx(0.025, rel=1e-9)
    assert k == n or float(1 - upper_tail(k + 1, n, atas)) == pytest.approx(0.025, rel=1e-9)


@given(counts(40), counts(40))
def test_fisher_adds_every_table_that_is_not_likelier(a: tuple[int, int], b: tuple[int, int]) -> None:
    (k1, n1), (k2, n2) = a, b
    ya = k1 + k2
    tabel = {i: comb(n1, i) * comb(n2, ya - i) for i in range(max(0, ya - n2), min(n1, ya) + 1)}
    harap = Fraction(sum(satu for satu in tabel.values() if satu <= tabel[k1]), comb(n1 + n2, ya))
    assert proportions.fisher_two_sided(k1, n1, k2, n2) == pytest.approx(float(harap), rel=1e-10)


@given(counts(), counts())
def test_swapping_the_groups_turns_the_signs(a: tuple[int, int], b: tuple[int, int]) -> None:
    satu, lain = proportions.compare(a, b), proportions.compare(b, a)
    assert lain.selisih == pytest.approx(-satu.selisih)
    assert lain.selisih_ik == pytest.approx((-satu.selisih_ik[1], -satu.selisih_ik[0]))
    assert (lain.fisher_p, lain.chi2) == pytest.approx((satu.fisher_p, satu.chi2))
    if satu.z is not None:
        assert (lain.z, lain.phi) == pytest.approx((-satu.z, -satu.phi))  # type: ignore[operator]


angka = st.integers(-1000, 1000).map(lambda satu: Fraction(satu, 4))


@given(st.lists(st.tuples(angka, angka, angka), min_size=6, max_size=25))
def test_residuals_are_orthogonal_and_units_do_not_matter(rows: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    """Scaling a column by 1000 divides its b and se and leaves beta, t, p, vif and R²."""
    y, x1, x2 = (list(kolom) for kolom in zip(*rows, strict=True))
    if any(len(set(kolom)) == 1 for kolom in (y, x1, x2)):
        return
    satu = regression.fit(y, {"satu": x1, "dua": x2})
    lain = regression.fit(y, {"satu": [1000 * nilai for nilai in x1], "dua": x2})
    assert lain.r2 == satu.r2
    assert lain.dikeluarkan == satu.dikeluarkan
    a, b = satu.koefisien[1], lain.koefisien[1]
    assert (a.beta, a.t, a.p, a.vif) == (b.beta, b.t, b.p, b.vif)
    assert b.b * 1000 == pytest.approx(a.b, rel=1e-12)  # type: ignore[operator]
