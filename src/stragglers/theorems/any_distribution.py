"""The theorems of the chapter "Any distribution"."""

import math

import numpy as np
from scipy import integrate, special

from ..laws.named import gamma, trace, weibull
from .theorem import DRAWS, Equal, Tends, Theorem


def sorted_times(work, m, rng):
    """Return the times of m workers in independent iterations, an iteration a row, sorted."""
    return np.sort(work.rvs(size=(DRAWS, m), random_state=rng), axis=1)


def beta_density(k, m):
    """Return the Beta(k, m - k + 1) density as a function."""
    constant = 1 / special.beta(k, m - k + 1)
    return lambda u: constant * u ** (k - 1) * (1 - u) ** (m - k)


def quantile_integral(quantile, k, m, end=1):
    """Return the integral of quantile(u) against the Beta(k, m - k + 1) density, up to an end."""
    weight = beta_density(k, m)
    return integrate.quad(lambda u: quantile(u) * weight(u), 0, end, limit=200, epsrel=1e-12)[0]


def gamma_tail(t, at_least=3, m=20):
    """Return P(at least three of 20 gamma(2, 1) workers are busy at t), from the binomial sum."""
    busy = math.exp(-t) * (1 + t)
    return sum(math.comb(m, j) * busy**j * (1 - busy) ** (m - j) for j in range(at_least, m + 1))


def gamma_density(t):
    """Return the density of the 18th of 20 gamma(2, 1) workers as the theorem gives it."""
    return beta_density(18, 20)(1 - math.exp(-t) * (1 + t)) * t * math.exp(-t)


def between_3_and_4(rng):
    """Return whether the 18th of 20 gamma(2, 1) workers is done between 3 and 4."""
    time = sorted_times(gamma(shape=2, rate=1), 20, rng)[:, 17]
    return (time > 3) & (time <= 4)


def heavy_integral(left_out):
    """Return the quantile integral of the slowest of 5 Pareto(3/4) workers up to 1 - left_out."""
    return quantile_integral(lambda u: (1 - u) ** (-4 / 3), 5, 5, 1 - left_out)


THEOREMS = {
    "thm-rank-law": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the chance that the 18th of 20 workers needs more than 4, gamma times "
                "of shape 2 and rate 1",
                exact=lambda: gamma_tail(4.0),
                simulate=lambda rng: sorted_times(gamma(shape=2, rate=1), 20, rng)[:, 17] > 4.0,
            ),
            Equal(
                instance="the same chance: the binomial sum and the incomplete beta function",
                exact=lambda: gamma_tail(4.0),
                again=lambda: 1 - special.betainc(18, 3, 1 - 5 * math.exp(-4)),
            ),
            Equal(
                instance="the density, integrated from 3 to 4",
                exact=lambda: integrate.quad(gamma_density, 3, 4, epsrel=1e-12)[0],
                simulate=between_3_and_4,
            ),
        ],
    ),
    "thm-quantile-integral": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the mean of the 15th of 20 workers, Weibull times of shape 2 and scale "
                "1, by the quantile integral",
                exact=lambda: quantile_integral(lambda u: math.sqrt(-math.log1p(-u)), 15, 20),
                simulate=lambda rng: sorted_times(weibull(shape=2, scale=1), 20, rng)[:, 14],
            ),
            Equal(
                instance="a law with jumps: the slowest of four that draw from 10, 11, 13, 90",
                exact=lambda: (10 * 1 + 11 * 15 + 13 * 65 + 90 * 175) / 256,
                simulate=lambda rng: sorted_times(trace([10, 11, 13, 90]), 4, rng)[:, 3],
            ),
            Tends(
                instance="the integral may be infinite: slowest of 5 Pareto times with "
                "$\\alpha = \\frac34$, up to $u = 1 - \\frac1n$",
                limit=lambda: math.inf,
                values=lambda: {n: heavy_integral(1 / n) for n in (10, 1000, 100_000)},
                within=0.002,
            ),
        ],
    ),
}
