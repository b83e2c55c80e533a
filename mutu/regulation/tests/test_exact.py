from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutu.regulation import exact

pecahan = st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000)


@pytest.mark.parametrize(
    ("masuk", "keluar"),
    [
        (75, Fraction(75)),
        (-1, Fraction(-1)),
        ("75", Fraction(75)),
        ("75.50", Fraction(151, 2)),
        (Decimal("0.1"), Fraction(1, 10)),
        (0.1, Fraction(1, 10)),
        (Decimal("1e2"), Fraction(100)),
        (Fraction(2, 3), Fraction(2, 3)),
    ],
)
def test_number_is_exact(masuk: object, keluar: Fraction) -> None:
    assert exact.number(masuk) == keluar


@pytest.mark.parametrize(
    ("masuk", "kata"),
    [
        (None, "kosong"),
        ("", "kosong"),
        ("  ", "kosong"),
        ("delapan", "bukan angka"),
        (" 75", "bukan angka"),
        ("75\n", "bukan angka"),
        ("7_5", "bukan angka"),
        ("+75", "bukan angka"),
        ("1e2", "bukan angka"),
        ("NaN", "bukan angka"),
        ("75,5", "tulis dengan titik: 75.5"),
        ("７５", "angka biasa"),
        ("٧٥", "angka biasa"),
        (True, "benar/salah"),
        (float("nan"), "NaN"),
        (float("inf"), "NaN"),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "NaN"),
        (Decimal("-Infinity"), "NaN"),
        (Decimal("1e400"), "terlalu panjang"),
        (Decimal("1e999999"), "terlalu panjang"),
        (Decimal("1e-400"), "terlalu panjang"),
        (10**400, "terlalu panjang"),
        ("9" * 400, "terlalu panjang"),
        ([75], "bukan angka"),
        ({}, "bukan angka"),
    ],
    ids=repr,
)
def test_number_refuses(masuk: object, kata: str) -> None:
    with pytest.raises(ValueError, match=kata):
        exact.number(masuk)


def test_whole_refuses_a_fraction() -> None:
    assert exact.whole("65.0") == 65
    with pytest.raises(ValueError, match="65,5 bukan bilangan bulat"):
        exact.whole("65.5")


@pytest.mark.parametrize(
    ("cara", "keluar"),
    [
        ("bawah", [62, 62, 63, 66, -63]),
        ("tengah", [62, 63, 64, 67, -63]),
        ("genap", [62, 62, 64, 67, -62]),
    ],
)
def test_rounding_by_name(cara: exact.Cara, keluar: list[int]) -> None:
    masuk = [Fraction(62), Fraction(125, 2), Fraction(127, 2), Fraction(200, 3), Fraction(-125, 2)]
    assert [exact.rounded(satu, cara) for satu in masuk] == keluar


def test_unknown_rounding() -> None:
    with pytest.raises(ValueError, match="atas"):
        exact.rounded(Fraction(1), "atas")  # type: ignore[arg-type]


@given(pecahan, st.sampled_from(exact.CARA))
def test_rounding_stays_near_and_settles(nilai: Fraction, cara: exact.Cara) -> None:
    bulat = exact.rounded(nilai, cara)
    assert abs(bulat - nilai) <= (Fraction(0) if cara == "tidak" else Fraction(1, 2) if cara != "bawah" else 1)
    assert exact.rounded(bulat, cara) == bulat
    if cara != "tidak":
        assert bulat.denominator == 1


@given(st.tuples(pecahan, pecahan), st.sampled_from(exact.CARA))
def test_rounding_keeps_order(dua: tuple[Fraction, Fraction], cara: exact.Cara) -> None:
    kecil, besar = sorted(dua)
    assert exact.rounded(kecil, cara) <= exact.rounded(besar, cara)


@given(pecahan)
def test_named_rounding_agrees_with_decimal(nilai: Fraction) -> None:
    """The standard library's decimal rounding is a second opinion where the figure fits its digits."""
    desimal = Decimal(nilai.numerator) / Decimal(nilai.denominator)
    if Fraction(desimal) != nilai:
        return
    for cara, mode in (("bawah", "ROUND_FLOOR"), ("tengah", "ROUND_HALF_UP"), ("genap", "ROUND_HALF_EVEN")):
        assert exact.rounded(nilai, cara) == int(desimal.quantize(Decimal(1), rounding=mode))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("masuk", "keluar"),
    [
        (Fraction(63), 63),
        (Fraction(21, 2), "10.5"),
        (Fraction(625, 7), "89.285714"),
        (Fraction(200, 3), "66.666667"),
        (Fraction(1, 2_000_000), "0.000001"),
        (Fraction(1, 3_000_000), "0"),
        (Fraction(-1, 3), "-0.333333"),
        (Fraction(999_999_999, 10_000_000), "100"),
    ],
)
def test_plain(masuk: Fraction, keluar: int | str) -> None:
    hasil = exact.plain(masuk)
    assert (type(hasil), hasil) == (type(keluar), keluar)


@given(pecahan)
def test_plain_reads_back(nilai: Fraction) -> None:
    keluar = exact.plain(nilai)
    assert abs(Fraction(keluar) - nilai) <= Fraction(1, 2_000_000)
    assert isinstance(keluar, int) == (nilai.denominator == 1)
    assert not (isinstance(keluar, str) and "." in keluar and keluar.endswith("0"))


def test_dates_in_words_come_from_our_own_table() -> None:
    assert exact.long_date(date(2007, 6, 30)) == "30 Juni 2007"
    assert exact.long_date(date(2008, 8, 1)) == "1 Agustus 2008"
    assert len(exact.BULAN) == 12


def test_school_year() -> None:
    assert exact.school_year("2007/2008") == 2007
    for salah in ("2007/2009", "2008/2007", "2007-2008", "2007/08", "２００７/２００８", "2007/2008\n", "", None, 2007):
        with pytest.raises(ValueError, match="Tahun pelajaran"):
            exact.school_year(salah)


def test_semester_dates() -> None:
    assert exact.semester_dates("2006/2007", 1) == (date(2006, 7, 1), date(2006, 12, 31))
    assert exact.semester_dates("2006/2007", 2) == (date(2007, 1, 1), date(2007, 6, 30))
    with pytest.raises(ValueError, match="Semester"):
        exact.semester_dates("2006/2007", 3)


def test_iso_date() -> None:
    assert exact.iso_date("2007-06-30") == date(2007, 6, 30)
    for salah in ("30-06-2007", "2007-6-30", "2007-06-31", "２００７-06-30", "", 20070630, None, True):
        with pytest.raises(ValueError, match="anggal"):
            exact.iso_date(salah)
