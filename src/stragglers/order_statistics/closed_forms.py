"""Closed forms of the mean and variance of X_{k:m}, each arranged so that nothing cancels.

Tables by family: a formula takes the family's parameters, then k and m. Weibull times have a closed
form for every k, but for k > 1 it is an alternating sum that loses all its digits as m grows: only
k = 1 is used here, and quadrature does the rest.
"""

import math

from scipy import special

from ..laws.methods import known
from .harmonic import harmonic_gap, log_power_mean, log_power_spread, over_square, square_gap


def closed_mean(law, k, m):
    """Return E[X_{k:m}] where a stable closed form is known, else None."""
    return known(MEAN, law, k, m)


def closed_variance(law, k, m):
    """Return Var[X_{k:m}] where a stable closed form is known, else None."""
    return known(VARIANCE, law, k, m)


def _exponential_mean(start, scale, k, m):
    return start + harmonic_gap(k, m) / (1 / scale)


def _exponential_variance(start, scale, k, m):
    return over_square(square_gap(k, m), 1 / scale)


def _uniform_variance(low, width, k, m):
    return width * width * (k / (m + 1)) * ((m - k + 1) / (m + 1)) / (m + 2)


def _pareto_mean(alpha, earliest, pole, scale, k, m):
    growth = log_power_mean(k, m, alpha)
    return earliest + scale * (math.expm1(growth) if growth < 700 else math.inf)


def _pareto_variance(alpha, earliest, pole, scale, k, m):
    spread = log_power_spread(k, m, alpha)
    growth = 2 * log_power_mean(k, m, alpha)
    if spread > 700 or growth > 700:
        return math.inf
    return scale * scale * math.exp(growth) * math.expm1(spread)


def _weibull_mean(shape, start, scale, k, m):
    return start + scale * m ** (-1 / shape) * special.gamma(1 + 1 / shape) if k == 1 else None


def _two_point_mean(usual, slow, probability, k, m):
    return usual + (slow - usual) * special.betainc(m - k + 1, k, probability)  # n or more are slow


def _two_point_variance(usual, slow, probability, k, m):
    n = m - k + 1
    late, early = special.betainc(n, k, probability), special.betaincc(n, k, probability)
    return (slow - usual) * (slow - usual) * late * early


MEAN = {
    "deterministic": lambda c, k, m: c,
    "two_point": _two_point_mean,
    "exponential": _exponential_mean,
    "uniform": lambda low, width, k, m: low + width * (k / (m + 1)),
    "pareto": _pareto_mean,
    "weibull": _weibull_mean,
}
VARIANCE = {
    "deterministic": lambda c, k, m: 0.0,
    "two_point": _two_point_variance,
    "exponential": _exponential_variance,
    "uniform": _uniform_variance,
    "pareto": _pareto_variance,
}
