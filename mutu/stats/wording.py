"""How a statistic is written in the steps of a result."""

from decimal import Decimal

Selang = tuple[float, float]
_ATAS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float | int | None) -> str:
    """Six places, zeros cut; below 0.0001 three significant digits (2.94e-05); an undefined figure is a dash."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.2e}"
    plain = f"{Decimal(repr(value)):.6f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def comma(value: float | int | None) -> str:
    """The same as an Indonesian reader writes it: a decimal comma, and 2,94 × 10⁻⁵ that no line end can split."""
    angka, e, pangkat = figure(value).replace(".", ",").partition("e")
    return f"{angka}\u00a0×\u00a010{str(int(pangkat)).translate(_ATAS)}" if e else angka


def interval(selang: Selang | None) -> str:
    """Both ends of an interval: `0,5219 – 0,6526`."""
    return "–" if selang is None else f"{comma(selang[0])} – {comma(selang[1])}"
