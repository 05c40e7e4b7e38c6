"""The theorems of the chapter "Order statistics of the exponential"."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy import integrate

from ..laws.named import uniform
from .theorem import DRAWS, AtLeast, AtMost, Equal, Tends, Theorem


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


def gumbel(rng):
    """Return draws G with P(G <= x) = exp(-exp(-x)): P(-ln Y <= x) = P(Y >= exp(-x))."""
    return -np.log(rng.standard_exponential(DRAWS))


def harmonic(m, power=1):
    return float(sum(Fraction(1, j**power) for j in range(1, m + 1)))


def slowest_by_integral(rates):
    """Return E[max] of exponential workers as the integral of P(somebody still runs)."""

    def somebody_runs(t):
        return 1 - math.prod(-math.expm1(-rate * t) for rate in rates)

    return integrate.quad(somebody_runs, 0, 400, points=[1, 5, 20], limit=200, epsrel=1e-13)[0]


def slowest_of_unlike_laws():
    """Return E[max] of a uniform time on (0, 1), one on (0, 2) and an exponential one of rate 1."""

    def somebody_runs(t):
        return 1 - min(t, 1) * min(t / 2, 1) * -math.expm1(-t)

    return integrate.quad(somebody_runs, 0, 50, points=[1, 2], epsrel=1e-12)[0]


def unlike_times(rng):
    """Return draws of the slowest of these three workers."""
    return np.max(
        [
            uniform(0, 1).rvs(DRAWS, random_state=rng),
            uniform(0, 2).rvs(DRAWS, random_state=rng),
            rng.standard_exponential(DRAWS),
        ],
        axis=0,
    )


def third_wins(rng):
    """Return whether worker 3 of 5 wins after 0.1 and the others need more than 0.1, ..., 0.4."""
    drawn = rng.standard_exponential((DRAWS, 5))
    first = drawn.min(axis=1, keepdims=True)
    left = np.delete(drawn - first, 2, axis=1)
    return (drawn[:, 2] == first[:, 0]) & (first[:, 0] > 0.1) & (left > LEFT).all(axis=1)


def gumbel_gaps(m):
    """Return exp(-exp(-x)) - P(X_{m:m} - ln m <= x) on a grid of x, for rate 1."""
    x = np.linspace(-math.log(m) + 1e-9, 12, 2001)
    return np.exp(-np.exp(-x)) - np.exp(m * np.log1p(-np.exp(-x) / m))


def slowest_by_inclusion_and_exclusion(rates):
    """Return E[max] of exponential workers as a sum over all groups of them."""
    return float(
        sum(
            (-1) ** (size + 1) * Fraction(1, sum(group))
            for size in range(1, len(rates) + 1)
            for group in combinations(rates, size)
        )
    )


LEFT = np.array([0.1, 0.2, 0.3, 0.4])
NINE_AND_ONE = np.array([1.0] * 9 + [0.1])

THEOREMS = {
    "thm-restart": Theorem(
        source="classical; in {cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="5 workers at rate 1: worker 3 wins, after 0.1, and the others need more "
                "than 0.1, 0.2, 0.3 and 0.4 on top, with probability "
                "$\\frac15 \\cdot e^{-0.5} \\cdot e^{-1}$",
                exact=lambda: 1 / 5 * math.exp(-5 * 0.1) * math.exp(-1),
                simulate=third_wins,
            )
        ],
    ),
    "thm-renyi": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="4 workers at rate 1: the legs, multiplied by 4, 3, 2, 1, are above "
                "0.2, 0.4, 0.6, 0.8 with probability $e^{-2}$",
                exact=lambda: math.exp(-2),
                simulate=lambda rng: (legs(4, rng) * [4, 3, 2, 1] > [0.2, 0.4, 0.6, 0.8]).all(
                    axis=1
                ),
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
    "thm-inverse-squares": Theorem(
        source="classical; proved here",
        checks=[
            AtMost(
                instance="$H^{(2)}_{1000}$ is below $\\pi^2/6$",
                bound=lambda: math.pi**2 / 6,
                exact=lambda: harmonic(1000, 2),
            ),
            AtLeast(
                instance="$H^{(2)}_{1000}$ is above $\\frac{\\pi^2}6(1 - \\frac3{2001})$",
                bound=lambda: math.pi**2 / 6 * (1 - 3 / 2001),
                exact=lambda: harmonic(1000, 2),
            ),
            Tends(
                instance="$H^{(2)}_m$ tends to $\\pi^2/6$",
                limit=lambda: math.pi**2 / 6,
                values=lambda: {m: harmonic(m, 2) for m in (10, 100, 1000)},
                within=1e-3,
            ),
        ],
    ),
    "thm-covariance": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="covariance of the 3rd and the 7th fastest of 10 workers at rate 1, "
                "which is the variance of the 3rd",
                exact=lambda: 1 / 8**2 + 1 / 9**2 + 1 / 10**2,
                simulate=lambda rng: products(10, 3, 7, rng),
            )
        ],
    ),
    "thm-harmonic-growth": Theorem(
        source="classical, the constant is Euler's; proved here",
        checks=[
            AtLeast(
                instance="$H_{100}$ against $\\ln 100.5 + \\gamma$, nearly reached",
                bound=lambda: math.log(100.5) + np.euler_gamma,
                exact=lambda: harmonic(100),
            ),
            AtMost(
                instance="$H_{100}$ against $\\ln 100 + \\gamma + \\frac1{200}$, nearly reached",
                bound=lambda: math.log(100) + np.euler_gamma + 1 / 200,
                exact=lambda: harmonic(100),
            ),
            AtMost(
                instance="the distance of the two bounds at $m = 100$, times $8m^2$",
                bound=lambda: 1,
                exact=lambda: (1 / 200 - math.log1p(1 / 200)) * 8 * 100**2,
            ),
            Tends(
                instance="$H_m - \\ln m$",
                limit=lambda: np.euler_gamma,
                values=lambda: {m: harmonic(m) - math.log(m) for m in (1, 10, 100, 1000)},
                within=1e-3,
            ),
        ],
    ),
    "thm-gumbel": Theorem(
        source="the limit in {cite:t}`fisher1928limiting` and {cite:t}`gnedenko1943distribution`; "
        "the bound proved here",
        checks=[
            Equal(
                instance="the slowest of 20 workers at rate 1 is done by $\\ln 20$ with "
                "probability $(1 - \\frac1{20})^{20}$",
                exact=lambda: (1 - 1 / 20) ** 20,
                simulate=lambda rng: times(20, rng)[:, -1] <= math.log(20),
            ),
            AtLeast(
                instance="the distance from the Gumbel law at 20 workers and $x = 1$: not negative",
                bound=lambda: 0,
                exact=lambda: math.exp(-math.exp(-1)) - (1 - math.exp(-1) / 20) ** 20,
            ),
            AtMost(
                instance="the largest, against $4e^{-2}/20$; half of it is reached",
                bound=lambda: 4 * math.exp(-2) / 20,
                exact=lambda: gumbel_gaps(20).max(),
            ),
            Tends(
                instance="the probability that the slowest is done by $\\ln m$",
                limit=lambda: math.exp(-1),
                values=lambda: {m: (1 - 1 / m) ** m for m in (2, 20, 200, 2000)},
                within=1e-4,
            ),
        ],
    ),
    "thm-gumbel-moments": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="mean of the Gumbel law, $\\gamma$",
                exact=lambda: np.euler_gamma,
                simulate=gumbel,
            ),
            Equal(
                instance="variance of the Gumbel law, $\\pi^2/6$",
                exact=lambda: math.pi**2 / 6,
                simulate=lambda rng: (gumbel(rng) - gumbel(rng)) ** 2 / 2,
            ),
            Tends(
                instance="$H_m - \\ln m$ tends to the mean of the Gumbel law",
                limit=lambda: np.euler_gamma,
                values=lambda: {m: harmonic(m) - math.log(m) for m in (10, 100, 1000)},
                within=1e-3,
            ),
        ],
    ),
    "thm-tail-integral": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="mean time of the slowest of nine workers at rate 1 and one at rate 0.1",
                exact=lambda: slowest_by_integral(NINE_AND_ONE),
                simulate=lambda rng: times(10, rng, rates=NINE_AND_ONE)[:, -1],
            ),
            Equal(
                instance="three unlike laws: uniform on (0, 1), uniform on (0, 2), exponential",
                exact=slowest_of_unlike_laws,
                simulate=unlike_times,
            ),
            Equal(
                instance="ten equal exponential times: the integral and $H_{10}$",
                exact=lambda: slowest_by_integral([1] * 10),
                again=lambda: harmonic(10),
            ),
        ],
    ),
    "thm-inclusion-exclusion": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="mean time of the slowest of three workers with rates 1, 2, 3",
                exact=lambda: slowest_by_inclusion_and_exclusion([1, 2, 3]),
                simulate=lambda rng: times(3, rng, rates=np.array([1, 2, 3]))[:, -1],
            ),
            Equal(
                instance="ten equal rates: the sum over 1023 groups and $H_{10}$",
                exact=lambda: slowest_by_inclusion_and_exclusion([1] * 10),
                again=lambda: harmonic(10),
            ),
        ],
    ),
    "thm-backup": Theorem(
        source="proved here; backup workers are from {cite:t}`chen2016revisiting`",
        checks=[
            Equal(
                instance="100 workers at rate 1: what waiting for 96 of them saves, $H_4$",
                exact=lambda: harmonic(4),
                simulate=lambda rng: times(100, rng)[:, [95, 99]] @ [-1, 1],
            ),
            Equal(
                instance="10 workers: what waiting for 6 saves is the same",
                exact=lambda: harmonic(4),
                simulate=lambda rng: times(10, rng)[:, [5, 9]] @ [-1, 1],
            ),
        ],
    ),
}
