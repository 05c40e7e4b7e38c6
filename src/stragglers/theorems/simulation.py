"""The theorems of the chapter "Trusting a simulation"."""

import math

import numpy as np

from ..laws.named import exponential, pareto
from .theorem import DRAWS, Equal, Theorem

SQUARES = sum(1 / j**2 for j in range(1, 21))


def errors_of_small_experiments(rng, experiments=4000, iterations=50):
    """Return the errors of the mean of 50 maxima of 20 workers at rate 2, an experiment each."""
    times = exponential(rate=2).rvs(size=(experiments, iterations, 20), random_state=rng)
    return times.max(axis=2).mean(axis=1) - sum(1 / j for j in range(1, 21)) / 2


def what_worker_21_adds(rng):
    """Return the slowest of 21 workers at rate 2 less the slowest of the first 20 of them."""
    times = exponential(rate=2).rvs(size=(DRAWS, 21), random_state=rng)
    return times.max(axis=1) - times[:, :20].max(axis=1)


def finish_of_the_last_but_one(rng):
    """Return when the last but one of 20 workers at rate 2 is done."""
    return np.sort(exponential(rate=2).rvs(size=(DRAWS, 20), random_state=rng), axis=1)[:, 18]


def median_is_inside(rng, experiments=4000):
    """Return whether the 40th and 61st of 100 maxima enclose the median of the slowest of 5."""
    work = pareto(alpha=0.75, minimum=1)
    times = work.rvs(size=(experiments, 100, 5), random_state=rng)
    slowest = np.sort(times.max(axis=2), axis=1)
    median = (1 - 0.5 ** (1 / 5)) ** (-1 / 0.75)
    return (slowest[:, 39] <= median) & (median < slowest[:, 60])


THEOREMS = {
    "thm-standard-error": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the mean squared error of a mean of 50 maxima, 20 workers at rate 2",
                exact=lambda: SQUARES / 4 / 50,
                simulate=lambda rng: errors_of_small_experiments(rng) ** 2,
            )
        ],
    ),
    "thm-same-dice": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the variance of what worker 21 adds to the slowest, with the same dice "
                "at rate 2",
                exact=lambda: (2 / 21 - 1 / 21**2) / 4,
                simulate=lambda rng: (what_worker_21_adds(rng) - 1 / 42) ** 2,
            )
        ],
    ),
    "thm-conditioning": Theorem(
        source="derived here; {cite:t}`asmussen2007stochastic` on conditioning",
        checks=[
            Equal(
                instance="the variance of the slowest of 20 at rate 2 with the last leg replaced "
                "by its mean, which is $(H_{20}^{(2)} - 1)/4$",
                exact=lambda: (SQUARES - 1) / 4,
                simulate=lambda rng: (
                    (finish_of_the_last_but_one(rng) - sum(1 / j for j in range(2, 21)) / 2) ** 2
                ),
            )
        ],
    ),
    "thm-infinite-variance": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the step of the proof for Pareto times with $\\alpha = 1.5$ and minimum "
                "1, cut off at $c = 100$: $E[\\min(X, c)^2] = 4\\sqrt{c} - 3$",
                exact=lambda: 4 * math.sqrt(100) - 3,
                simulate=lambda rng: (
                    np.minimum(
                        pareto(alpha=1.5, minimum=1).rvs(size=10 * DRAWS, random_state=rng), 100
                    )
                    ** 2
                ),
            )
        ],
    ),
    "thm-median-interval": Theorem(
        source="{cite:t}`david2003order`",
        checks=[
            Equal(
                instance="how often the 40th and the 61st of 100 maxima enclose the median of the "
                "slowest of 5 Pareto workers with $\\alpha = 0.75$, whose mean is "
                "infinite",
                exact=lambda: sum(math.comb(100, j) for j in range(40, 61)) / 2**100,
                simulate=median_is_inside,
            )
        ],
    ),
}
