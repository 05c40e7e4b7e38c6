"""The theorems of the chapter "Order statistics of the exponential"."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy import integrate

from .theorem import DRAWS, Equal, Theorem


def times(m, rng, rates=1.0):
    """Return the times of m exponential workers, sorted, an iteration a row."""
    return np.sort(rng.standard_exponential((DRAWS, m)) / rates, axis=1)


def legs(m, rng):
    """Return the legs of the race of m workers with rate 1, an iteration a row."""
    return np.diff(times(m, rng), axis=1, prepend=0)


def products(m, i, j, rng):
    """Return draws with the mean Cov(X_{i:m}, X_{j:m}), from pairs of independent races."""
    one, other = times(m, rng), times(m, rng)
    return (one - other)[:, i - 1] * (one - other)[:, j - 1] / 2


def harmonic(m, power=1):
    return float(sum(Fraction(1, j**power) for j in range(1, m + 1)))


def slowest_by_integral(rates):
    """Return E[max] of exponential workers as the integral of P(somebody still runs)."""

    def somebody_runs(t):
        return 1 - math.prod(-math.expm1(-rate * t) for rate in rates)

    return integrate.quad(somebody_runs, 0, 400, points=[1, 5, 20], limit=200, epsrel=1e-13)[0]


def slowest_by_inclusion_and_exclusion(rates):
    """Return E[max] of exponential workers as a sum over all groups of them."""
    return float(
        sum(
            (-1) ** (size + 1) * Fraction(1, sum(group))
            for size in range(1, len(rates) + 1)
            for group in combinations(rates, size)
        )
    )


NINE_AND_ONE = np.array([1.0] * 9 + [0.1])

THEOREMS = {
    "thm-restart": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="5 workers at rate 1: the first leg times the second is $\\frac15 \\cdot "
                "\\frac14$ on average, since the two are independent",
                exact=lambda: 1 / 5 * 1 / 4,
                simulate=lambda rng: legs(5, rng)[:, :2].prod(axis=1),
            )
        ],
    ),
    "thm-renyi": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="4 workers at rate 1: the legs, multiplied by 4, 3, 2, 1, are all above "
                "$\\frac12$ with probability $e^{-2}$",
                exact=lambda: math.exp(-2),
                simulate=lambda rng: (legs(4, rng) * [4, 3, 2, 1] > 0.5).all(axis=1),
            )
        ],
    ),
    "thm-kth-mean": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="mean time of the 19th fastest of 20 workers at rate 1, $H_{20} - H_1$",
                exact=lambda: harmonic(20) - harmonic(1),
                simulate=lambda rng: times(20, rng)[:, 18],
            )
        ],
    ),
    "thm-kth-variance": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="variance of the 5th fastest of 10 workers at rate 1",
                exact=lambda: harmonic(10, 2) - harmonic(5, 2),
                simulate=lambda rng: products(10, 5, 5, rng),
            )
        ],
    ),
    "thm-covariance": Theorem(
        source="{cite:t}`david2003order`",
        checks=[
            Equal(
                instance="covariance of the 3rd and the 7th fastest of 10 workers at rate 1",
                exact=lambda: 1 / 8**2 + 1 / 9**2 + 1 / 10**2,
                simulate=lambda rng: products(10, 3, 7, rng),
            )
        ],
    ),
    "thm-harmonic-growth": Theorem(
        source="this book",
        checks=[
            Equal(
                instance="the slowest of 100 workers at rate 1 takes $\\ln 100.5 + \\gamma$ on "
                "average, to five digits",
                exact=lambda: math.log(100.5) + np.euler_gamma,
                simulate=lambda rng: times(100, rng)[:, -1],
            )
        ],
    ),
    "thm-gumbel": Theorem(
        source="{cite:t}`fisher1928limiting`, {cite:t}`gnedenko1943distribution`",
        checks=[
            Equal(
                instance="the slowest of 20 workers at rate 1 is done by $\\ln 20$ with "
                "probability $(1 - \\frac1{20})^{20}$; the limit is $e^{-1} = 0.368$",
                exact=lambda: (1 - 1 / 20) ** 20,
                simulate=lambda rng: times(20, rng)[:, -1] <= math.log(20),
            )
        ],
    ),
    "thm-tail-integral": Theorem(
        source="this book",
        checks=[
            Equal(
                instance="mean time of the slowest of nine workers at rate 1 and one at rate 0.1",
                exact=lambda: slowest_by_integral(NINE_AND_ONE),
                simulate=lambda rng: times(10, rng, rates=NINE_AND_ONE)[:, -1],
            )
        ],
    ),
    "thm-inclusion-exclusion": Theorem(
        source="this book",
        checks=[
            Equal(
                instance="mean time of the slowest of three workers with rates 1, 2, 3",
                exact=lambda: slowest_by_inclusion_and_exclusion([1, 2, 3]),
                simulate=lambda rng: times(3, rng, rates=np.array([1, 2, 3]))[:, -1],
            )
        ],
    ),
    "thm-backup": Theorem(
        source="this book, after {cite:t}`chen2016revisiting`",
        checks=[
            Equal(
                instance="mean time of the 96 fastest of 100 workers at rate 1, $H_{100} - H_4$",
                exact=lambda: harmonic(100) - harmonic(4),
                simulate=lambda rng: times(100, rng)[:, 95],
            )
        ],
    ),
}
