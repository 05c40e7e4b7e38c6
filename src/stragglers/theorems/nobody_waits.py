"""The theorems of the chapter "Nobody waits"."""

import math

import numpy as np
from scipy import integrate

from ..laws.named import (
    exponential,
    gamma,
    hyperexponential,
    pareto,
    shifted_exponential,
    uniform,
)
from .theorem import DRAWS, AtLeast, AtMost, Equal, Tends, Theorem

FAST_AND_SLOW = hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
ONE_AND_EXP = shifted_exponential(shift=1, rate=1)


def finishes(work, m, each, rng, count=DRAWS):
    """Return the finishes of m workers that start together, `each` of every worker, a run a row."""
    times = work.rvs(size=(count, m, each), random_state=rng)
    return np.cumsum(times, axis=2)


def updates(work, m, n, each, rng, count=DRAWS):
    """Return the moments of the n-th update and of the one after it, a run a row."""
    moments = finishes(work, m, each, rng, count).reshape(count, -1)
    return np.partition(moments, [n - 1, n], axis=1)[:, n - 1 : n + 1]


def late_gaps(work, m, rng, n=100, count=4000):
    """Return the gap after the n-th update of m workers, from independent runs."""
    return np.diff(updates(work, m, n, 3 * n // m, rng, count), axis=1)[:, 0]


def met_at_random(work, rng, after, each, count=DRAWS):
    """Return the whole time and the time left of what one worker does at a late random moment."""
    ends = finishes(work, 1, each, rng, count)[:, 0]
    now = after + rng.random(count)
    number = (ends <= now[:, None]).sum(axis=1)
    assert number.max() < each
    rows = np.arange(count)
    whole = ends[rows, number] - np.where(number > 0, ends[rows, number - 1], 0)
    return whole, ends[rows, number] - now


def count_of_gamma(t):
    """Return E N(t) for times of shape 2 and rate 1: every second point of a Poisson process."""
    return t / 2 - (1 - math.exp(-2 * t)) / 4


def gap_by_integral(m):
    """Return the integral of S S_e^(m-1) for gamma times of shape 2 and rate 1, mean 2."""
    return integrate.quad(lambda t: math.exp(-m * t) * (1 + t) * (1 + t / 2) ** (m - 1), 0, np.inf)[
        0
    ]


THEOREMS = {
    "thm-long-run-rate": Theorem(
        source="{cite:t}`feller1971introduction`",
        checks=[
            Tends(
                instance="updates per unit of time until $t$, of a worker with gamma times (mean "
                "2) and one with exponential times (mean 1), as $t$ grows",
                limit=lambda: 1 / 2 + 1,
                values=lambda: {t: (count_of_gamma(t) + t) / t for t in (1, 10, 100, 10_000)},
                within=1e-3,
            ),
            Equal(
                instance="the updates until 10 of a worker with gamma times of shape 2 and rate 1",
                exact=lambda: count_of_gamma(10),
                simulate=lambda rng: (finishes(gamma(2, 1), 1, 40, rng) <= 10).sum(axis=(1, 2)),
            ),
        ],
    ),
    "thm-inspection": Theorem(
        source="{cite:t}`feller1971introduction`",
        checks=[
            Equal(
                instance="times spread evenly from 0 to 1: more than $\\frac12$ is left with "
                "probability $S_e(\\frac12) = (1 - \\frac12)^2$",
                exact=lambda: 1 / 4,
                simulate=lambda rng: met_at_random(uniform(0, 1), rng, 10, 50)[1] > 0.5,
            ),
            Equal(
                instance="fast and slow times (hyperexponential, mean 0.95): what the gradient in "
                "progress still needs, $E[X^2]/(2\\mu)$",
                exact=lambda: (0.9 * 2 / 4 + 0.1 * 2 / 0.04) / (2 * 0.95),
                simulate=lambda rng: met_at_random(FAST_AND_SLOW, rng, 40, 170)[1],
            ),
            Equal(
                instance="the same times: the whole of the gradient in progress, $E[X^2]/\\mu$",
                exact=lambda: (0.9 * 2 / 4 + 0.1 * 2 / 0.04) / 0.95,
                simulate=lambda rng: met_at_random(FAST_AND_SLOW, rng, 40, 170)[0],
            ),
        ],
    ),
    "thm-gap": Theorem(
        source="{cite:t}`cox1954superposition`",
        checks=[
            Equal(
                instance="4 workers with times spread evenly from 0 to 1: the gap after the 100th "
                "update, $\\frac12 / 4$",
                exact=lambda: 1 / 8,
                simulate=lambda rng: late_gaps(uniform(0, 1), 4, rng),
            ),
            Equal(
                instance="the chance that this gap is longer than 0.2, $(1 - 0.2)^7$",
                exact=lambda: 0.8**7,
                simulate=lambda rng: late_gaps(uniform(0, 1), 4, rng) > 0.2,
            ),
            Equal(
                instance="the variance of this gap, $\\frac2{72} - \\frac1{64}$",
                exact=lambda: 2 / 72 - 1 / 64,
                simulate=lambda rng: (late_gaps(uniform(0, 1), 4, rng) - 1 / 8) ** 2,
            ),
            Equal(
                instance="10 workers with gamma times of shape 2 and rate 1: $\\mu/m$, and the "
                "integral of $S\\,S_e^{m-1}$",
                exact=lambda: 2 / 10,
                again=lambda: gap_by_integral(10),
            ),
        ],
    ),
    "thm-order": Theorem(
        source="derived here; for a smaller class of laws {cite:t}`dutta2018slow`",
        checks=[
            AtMost(
                instance="10 workers, $1 + \\mathrm{Exp}(1)$: the gap after the 100th update is at "
                "most the mean of the minimum",
                bound=lambda: 1 + 1 / 10,
                simulate=lambda rng: late_gaps(ONE_AND_EXP, 10, rng),
            ),
            AtLeast(
                instance="10 workers, fast and slow times (hyperexponential): $\\mu/m$ is at least "
                "the mean of the minimum",
                bound=lambda: sum(
                    math.comb(10, j) * 0.9**j * 0.1 ** (10 - j) / (2 * j + 0.2 * (10 - j))
                    for j in range(11)
                ),
                exact=lambda: 0.95 / 10,
            ),
            Equal(
                instance="10 exponential workers at rate 1: the gap after the 100th update is the "
                "mean of the minimum",
                exact=lambda: 1 / 10,
                simulate=lambda rng: late_gaps(exponential(1), 10, rng),
            ),
        ],
    ),
    "thm-only-exponential": Theorem(
        source="{cite:t}`chan1967characterization`; the proof here is our own",
        checks=[
            Equal(
                instance="7 exponential workers at rate 1: the minimum takes $\\mu/7$",
                exact=lambda: 1 / 7,
                simulate=lambda rng: exponential(1).rvs((DRAWS, 7), random_state=rng).min(axis=1),
            ),
            Equal(
                instance="Pareto times with $\\alpha = 1.5$ and mean 3: the minimum of 2 takes 1.5",
                exact=lambda: 3 / 2,
                simulate=lambda rng: pareto(1.5, 1).rvs((DRAWS, 2), random_state=rng).min(axis=1),
            ),
            AtLeast(
                instance="but the minimum of 3 such times takes more than $\\mu/3 = 1$",
                bound=lambda: 1,
                simulate=lambda rng: pareto(1.5, 1).rvs((DRAWS, 3), random_state=rng).min(axis=1),
            ),
        ],
    ),
    "thm-start": Theorem(
        source="derived here",
        checks=[
            AtLeast(
                instance="10 workers, $1 + \\mathrm{Exp}(1)$, from a common start: the 10th update "
                "comes at $n\\mu/m$ or later",
                bound=lambda: 10 * 2 / 10,
                simulate=lambda rng: updates(ONE_AND_EXP, 10, 10, 10, rng)[:, 0],
            ),
            AtMost(
                instance="and at $(n + m - 1)\\mu/m$ or before",
                bound=lambda: (10 + 10 - 1) * 2 / 10,
                simulate=lambda rng: updates(ONE_AND_EXP, 10, 10, 10, rng)[:, 0],
            ),
            Equal(
                instance="exponential times reach the first bound: the 7th update of 10 workers at "
                "rate 1",
                exact=lambda: 7 / 10,
                simulate=lambda rng: updates(exponential(1), 10, 7, 8, rng)[:, 0],
            ),
            Equal(
                instance="constant times reach the second: the 11th update of 10 workers that take "
                "1 each time",
                exact=lambda: (11 + 10 - 1) / 10,
                again=lambda: np.sort(np.cumsum(np.ones((10, 3)), axis=1), axis=None)[10],
            ),
        ],
    ),
    "thm-uniform-start": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="10 workers with times spread evenly from 0 to 1 and a common start: the "
                "updates until 1, $10(e - 1)$",
                exact=lambda: 10 * (math.e - 1),
                simulate=lambda rng: (finishes(uniform(0, 1), 10, 12, rng) <= 1).sum(axis=(1, 2)),
            ),
            Equal(
                instance="the same until $\\frac12$, $10(\\sqrt e - 1)$",
                exact=lambda: 10 * (math.exp(0.5) - 1),
                simulate=lambda rng: (finishes(uniform(0, 1), 10, 9, rng) <= 0.5).sum(axis=(1, 2)),
            ),
        ],
    ),
}
