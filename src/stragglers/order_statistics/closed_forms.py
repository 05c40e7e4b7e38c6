"""Closed forms of the mean and variance of X_{k:m}, each arranged so that nothing cancels.

Weibull times have a closed form for every k, but for k > 1 it is an alternating sum that loses all
its digits as m grows: only k = 1 is used here, and quadrature does the rest.
"""

import math

from scipy import special

from ..laws.check import exponential_parameters, family
from ..laws.finite import Deterministic, TwoPoint
from .harmonic import harmonic_gap, log_power_mean, log_power_spread, square_gap


def closed_mean(work, k, m):
    """Return E[X_{k:m}] where a stable closed form is known, else None."""
    if isinstance(work, Deterministic):
        return work.c
    if isinstance(work, TwoPoint):
        slow = special.betainc(m - k + 1, k, work.probability)  # n or more are slow
        return work.usual + (work.slow - work.usual) * slow
    parameters = exponential_parameters(work)
    if parameters is not None:
        return parameters[0] + harmonic_gap(k, m) / parameters[1]
    name, shapes, loc, scale = family(work) or (None, (), 0.0, 1.0)
    if name == "uniform":
        return loc + scale * (k / (m + 1))
    if name in ("pareto", "lomax"):
        least = loc + scale if name == "pareto" else loc
        growth = log_power_mean(k, m, shapes[0])
        return least + scale * (math.expm1(growth) if growth < 700 else math.inf)
    if name == "weibull" and k == 1:
        return loc + scale * m ** (-1 / shapes[0]) * special.gamma(1 + 1 / shapes[0])
    return None


def closed_variance(work, k, m):
    """Return Var[X_{k:m}] where a stable closed form is known, else None."""
    if isinstance(work, Deterministic):
        return 0.0
    if isinstance(work, TwoPoint):
        n = m - k + 1
        slow, usual = (
            special.betainc(n, k, work.probability),
            special.betaincc(n, k, work.probability),
        )
        return (work.slow - work.usual) ** 2 * slow * usual
    parameters = exponential_parameters(work)
    if parameters is not None:
        return square_gap(k, m) / parameters[1] ** 2
    name, shapes, _, scale = family(work) or (None, (), 0.0, 1.0)
    if name == "uniform":
        return scale**2 * (k / (m + 1)) * ((m - k + 1) / (m + 1)) / (m + 2)
    if name in ("pareto", "lomax"):
        spread = log_power_spread(k, m, shapes[0])
        if spread > 700:
            return math.inf
        return scale**2 * math.exp(2 * log_power_mean(k, m, shapes[0])) * math.expm1(spread)
    return None
