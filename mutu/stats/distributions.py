"""Tail probabilities and quantiles of the normal, beta, t and F distributions, in plain Python.

scipy has them all, but weighs 113 MB and takes two seconds to import; the calculators belong to the base install,
which a school on a slow line downloads. Everything here rests on the incomplete beta function, checked against
figures of scipy (tests/oracle.json) to at least ten digits.
"""

import math
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_EPS = 1e-16
# The fraction needs about sqrt(max(a, b)) terms; this is room for counts far above every limit of the calculators.
_MAX_TERMS = 100_000


def normal_quantile(tail: float) -> float:
    """The z that a standard normal value exceeds with probability `tail` (0 < tail < 1)."""
    return -_NORMAL.inv_cdf(tail)


def normal_two_sided(z: float) -> float:
    """The probability of a standard normal value at least as far from 0 as z."""
    return math.erfc(abs(z) / math.sqrt(2))


def beta_cdf(x: float, a: float, b: float, rest: float | None = None) -> float:
    """The regularised incomplete beta function I_x(a, b), a and b above 0.

    `rest` is 1 - x where the caller knows it without cancellation.
    """
    y = 1.0 - x if rest is None else rest
    if x <= 0.0:
        return 0.0
    if y <= 0.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(y))
    # The fraction converges fast on this side of the mean; on the other the mirrored one does.
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _beta_fraction(x, a, b) / a)
    return max(0.0, 1.0 - front * _beta_fraction(y, b, a) / b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22)."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    h = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / _nonzero(1.0 + even * d)
        c = _nonzero(1.0 + even / c)
        h *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 / _nonzero(1.0 + odd * d)
        c = _nonzero(1.0 + odd / c)
        step = d * c
        h *= step
        if abs(step - 1.0) <= 2 * _EPS:
            return h
    raise ArithmeticError(f"incomplete beta did not converge for x={x}, a={a}, b={b}")


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(q: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = q, for 0 < q < 1: Newton's steps, kept between bounds that close in."""
    mean = a / (a + b)
    spread = math.sqrt(mean * (1 - mean) / (a + b + 1))
    x = mean - normal_quantile(q) * spread
    low, high = 0.0, 1.0
    if not low < x < high:
        x = mean / 2
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    for _ in range(200):
        miss = beta_cdf(x, a, b) - q
        low, high = (low, x) if miss > 0 else (x, high)
        density = math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - log_beta)
        following = x - miss / density if density > 0 else -1.0
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= 4 * _EPS * x:
            return following
        x = following
    return x


def t_two_sided(t_squared: float, df: int) -> float:
    """The probability of a t value with `df` degrees of freedom whose square is at least `t_squared`."""
    return beta_cdf(df / (df + t_squared), df / 2, 0.5, rest=t_squared / (df + t_squared))


def f_upper(f: float, df1: int, df2: int) -> float:
    """The probability of an F value with df1 and df2 degrees of freedom of at least `f`."""
    total = df2 + df1 * f
    return beta_cdf(df2 / total, df2 / 2, df1 / 2, rest=df1 * f / total)
