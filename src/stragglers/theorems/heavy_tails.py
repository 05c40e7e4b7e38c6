"""The theorems of the chapter "Heavy tails"."""

import math

import numpy as np
from scipy import integrate

from ..laws.named import gamma, lognormal, pareto, uniform
from .theorem import DRAWS, AtLeast, AtMost, Equal, Tends, Theorem


def slowest(work, m, rng, iterations=DRAWS):
    """Return the slowest of m workers in independent iterations."""
    return work.rvs(size=(iterations, m), random_state=rng).max(axis=1)


def all_but_three(rng):
    """Return when the 17th of 20 Pareto(3/4) workers is done."""
    times = pareto(alpha=0.75, minimum=1).rvs(size=(DRAWS, 20), random_state=rng)
    return np.sort(times, axis=1)[:, 16]


def busy(t, n, m, alpha):
    """Return P(at least n of m Pareto(alpha) workers with minimum 1 are busy at t >= 1)."""
    s = t**-alpha
    return sum(math.comb(m, j) * s**j * (1 - s) ** (m - j) for j in range(n, m + 1))


def mean_up_to(end, n, m, alpha):
    """Return E[min(X_{m-n+1:m}, end)] of Pareto times; the integral is taken over ln t."""
    return (
        1
        + integrate.quad(
            lambda x: busy(math.exp(x), n, m, alpha) * math.exp(x),
            0,
            math.log(end),
            limit=400,
            epsrel=1e-12,
        )[0]
    )


def largest_mean(m):
    """Return mu + sigma (m - 1) / sqrt(2m - 1) for X = U^(m - 1), U uniform."""
    mean, square = 1 / m, 1 / (2 * m - 1)
    return mean + math.sqrt(square - mean**2) * (m - 1) / math.sqrt(2 * m - 1)


def weibull_half(m):
    """Return E[X_{m:m}] of Weibull times with shape 1/2 and scale 1, which are squares."""
    j = np.arange(1, m + 1)
    return float(np.sum(1 / j) ** 2 + np.sum(1 / j**2))


THEOREMS = {
    "thm-growth": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="part 1: the slowest of 100 uniform times below 2",
                bound=lambda: 2,
                simulate=lambda rng: slowest(uniform(0, 2), 100, rng),
            ),
            Tends(
                instance="part 1: the mean slowest of $m$ uniform times below 2, $2m/(m+1)$",
                limit=lambda: 2,
                values=lambda: {m: 2 * m / (m + 1) for m in (10, 100, 1000)},
                within=0.002,
            ),
            AtMost(
                instance="part 2: the slowest of 100 gamma times of shape 2 and rate 1; "
                "$s = 0.8$ gives the lowest ceiling",
                bound=lambda: (math.log(100) - 2 * math.log(1 - 0.8)) / 0.8,
                simulate=lambda rng: slowest(gamma(shape=2, rate=1), 100, rng, 5000),
            ),
            AtMost(
                instance="part 2, nearly reached: 100 times that are 1 with probability 0.1 and "
                "else 0, with $s = 200$",
                bound=lambda: (math.log(100) + math.log(0.9 + 0.1 * math.exp(200))) / 200,
                exact=lambda: 1 - 0.9**100,
            ),
            AtMost(
                instance="part 3: the slowest of 100 Pareto times with $\\alpha = 3$, $p = 2$",
                bound=lambda: math.sqrt(100 * 3 / (3 - 2)),
                simulate=lambda rng: slowest(pareto(alpha=3, minimum=1), 100, rng),
            ),
            AtMost(
                instance="part 3, nearly reached: 100 times that are 1 with probability 0.001 and "
                "else 0, $p = 1$",
                bound=lambda: 100 * 0.001,
                exact=lambda: 1 - 0.999**100,
            ),
        ],
    ),
    "thm-floor": Theorem(
        source="proved here",
        checks=[
            AtLeast(
                instance="the slowest of 100 log-normal times with $\\sigma = 1$, and the time "
                "that one exceeds once in 100",
                bound=lambda: (1 - math.exp(-1)) * lognormal(mu=0, sigma=1).isf(0.01),
                simulate=lambda rng: slowest(lognormal(mu=0, sigma=1), 100, rng),
            ),
            AtLeast(
                instance="nearly reached: 100 times that are 1 with probability 0.01 and else 0",
                bound=lambda: 1 - math.exp(-1),
                exact=lambda: 1 - 0.99**100,
            ),
            Tends(
                instance="a heavy tail, Weibull with shape ½: $E[X_{m:m}]/\\ln m$",
                limit=lambda: math.inf,
                values=lambda: {m: weibull_half(m) / math.log(m) for m in (10, 1000, 100_000)},
                within=0.1,
            ),
        ],
    ),
    "thm-mean-exists": Theorem(
        source="proved here; the formula for Pareto times in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the 17th of 20 workers, Pareto times with $\\alpha = \\frac34$ and "
                "minimum 1, though one worker has no mean",
                exact=lambda: math.prod(j / (j - 4 / 3) for j in range(4, 21)),
                simulate=all_but_three,
            ),
            Tends(
                instance="one of 20 left out: the mean cut off at $t$ tends to the product",
                limit=lambda: math.prod(j / (j - 4 / 3) for j in range(2, 21)),
                values=lambda: {t: mean_up_to(t, 2, 20, 0.75) for t in (10**4, 10**6, 10**8)},
                within=0.05,
            ),
            Tends(
                instance="nobody left out: the mean cut off at $t$",
                limit=lambda: math.inf,
                values=lambda: {t: mean_up_to(t, 1, 20, 0.75) for t in (10**4, 10**6, 10**8)},
                within=1e-3,
            ),
        ],
    ),
    "thm-any-bound": Theorem(
        source="{cite:t}`hartley1954universal`, {cite:t}`gumbel1954maxima`",
        checks=[
            AtMost(
                instance="the slowest of 20 exponential times with mean 1, $H_{20}$",
                bound=lambda: 1 + 19 / math.sqrt(39),
                exact=lambda: sum(1 / j for j in range(1, 21)),
            ),
            AtMost(
                instance="the slowest of 20 gamma times of shape 2 and rate 1",
                bound=lambda: 2 + math.sqrt(2) * 19 / math.sqrt(39),
                simulate=lambda rng: slowest(gamma(shape=2, rate=1), 20, rng),
            ),
            Equal(
                instance="the law that reaches the bound for 20 workers, $X = U^{19}$",
                exact=lambda: largest_mean(20),
                simulate=lambda rng: rng.random((DRAWS, 20)).max(axis=1) ** 19,
            ),
        ],
    ),
}
