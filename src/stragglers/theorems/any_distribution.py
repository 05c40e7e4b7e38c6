"""The theorems of the chapter "Any distribution"."""

import math

import numpy as np
from scipy import integrate, special

from ..laws.named import gamma, pareto, weibull
from .theorem import DRAWS, Equal, Theorem


def sorted_times(work, m, rng, iterations=DRAWS):
    """Return the times of m workers in independent iterations, an iteration a row, sorted."""
    return np.sort(work.rvs(size=(iterations, m), random_state=rng), axis=1)


def quantile_integral(quantile, k, m):
    """Return the integral of quantile(u) against the Beta(k, m - k + 1) density."""
    constant = 1 / special.beta(k, m - k + 1)
    return integrate.quad(
        lambda u: quantile(u) * constant * u ** (k - 1) * (1 - u) ** (m - k), 0, 1
    )[0]


def gamma_tail(t, at_least=3, m=20):
    """Return P(at least three of 20 gamma(2, 1) workers are busy at t), from the binomial sum."""
    busy = math.exp(-t) * (1 + t)
    return sum(math.comb(m, j) * busy**j * (1 - busy) ** (m - j) for j in range(at_least, m + 1))


THEOREMS = {
    "thm-rank-law": Theorem(
        source="{cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the chance that the 18th of 20 workers needs more than 4, gamma times of"
                " shape 2 and rate 1",
                exact=lambda: gamma_tail(4.0),
                simulate=lambda rng: sorted_times(gamma(shape=2, rate=1), 20, rng)[:, 17] > 4.0,
            )
        ],
    ),
    "thm-quantile-integral": Theorem(
        source="{cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the mean of the 15th of 20 workers, Weibull times of shape 2 and scale "
                "1, by the quantile integral",
                exact=lambda: quantile_integral(lambda u: math.sqrt(-math.log1p(-u)), 15, 20),
                simulate=lambda rng: sorted_times(weibull(shape=2, scale=1), 20, rng)[:, 14],
            )
        ],
    ),
    "thm-growth": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the slowest of 100 workers, gamma times of shape 2 and rate 1; the "
                "theorem with $s = 0.8$ says at most 9.78",
                exact=lambda: integrate.quad(lambda t: gamma_tail(t, 1, 100), 0, 60)[0],
                simulate=lambda rng: sorted_times(gamma(shape=2, rate=1), 100, rng, 5000)[:, -1],
            )
        ],
    ),
    "thm-three-limits": Theorem(
        source="{cite:t}`fisher1928limiting`, {cite:t}`gnedenko1943distribution`",
        checks=[
            Equal(
                instance="the chance that the slowest of 100 Pareto times ($\\alpha = 2$, minimum "
                "1) is below $\\sqrt{100}$; the limit is $1/e$",
                exact=lambda: 0.99**100,
                simulate=lambda rng: (
                    sorted_times(pareto(alpha=2, minimum=1), 100, rng)[:, -1] <= 10
                ),
            )
        ],
    ),
    "thm-mean-exists": Theorem(
        source="derived here; the formula for Pareto in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the 17th of 20 workers, Pareto times with $\\alpha = 3/4$ and minimum 1,"
                " though one worker has no mean",
                exact=lambda: math.prod(j / (j - 4 / 3) for j in range(4, 21)),
                simulate=lambda rng: sorted_times(pareto(alpha=0.75, minimum=1), 20, rng)[:, 16],
            )
        ],
    ),
    "thm-any-bound": Theorem(
        source="{cite:t}`hartley1954universal`, {cite:t}`gumbel1954maxima`",
        checks=[
            Equal(
                instance="the slowest of 20 for the law that reaches the bound, $X = U^{19}$: "
                "$\\mu + 19\\sigma/\\sqrt{39}$",
                exact=lambda: 1 / 20 + math.sqrt(1 / 39 - 1 / 400) * 19 / math.sqrt(39),
                simulate=lambda rng: (rng.random((DRAWS, 20)) ** 19).max(axis=1),
            )
        ],
    ),
}
