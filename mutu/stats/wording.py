"""How a statistic is written in the steps of a result."""

from decimal import Decimal

Selang = tuple[float, float]


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
    """The same as an Indonesian reader writes it, with a decimal comma."""
    return figure(value).replace(".", ",")


def interval(selang: Selang | None) -> str:
    """Both ends of an interval: `0.5219 – 0.6526`."""
    return "–" if selang is None else f"{figure(selang[0])} – {figure(selang[1])}"
