"""The theorems of the chapter "Trusting a simulation"."""

import math

import numpy as np

from ..laws.named import exponential, pareto
from .theorem import DRAWS, Equal, Tends, Theorem

HARMONIC = sum(1 / j for j in range(1, 21))
SQUARES = sum(1 / j**2 for j in range(1, 21))


def small_experiments(rng, experiments=4000, iterations=50):
    """Return maxima of 20 workers at rate 2, an experiment of 50 iterations a row."""
    times = exponential(rate=2).rvs(size=(experiments, iterations, 20), random_state=rng)
    return times.max(axis=2)


def what_worker_21_adds(rng):
    """Return the slowest of 21 workers at rate 2 less the slowest of the first 20 of them."""
    times = exponential(rate=2).rvs(size=(DRAWS, 21), random_state=rng)
    return times.max(axis=1) - times[:, :20].max(axis=1)


def slowest_of(m, rng):
    """Return draws of the slowest of m workers at rate 2."""
    return exponential(rate=2).rvs(size=(DRAWS, m), random_state=rng).max(axis=1)


def last_two_finishes(rng):
    """Return when the last but one and the last of 20 workers at rate 2 are done, as columns."""
    times = exponential(rate=2).rvs(size=(DRAWS, 20), random_state=rng)
    return np.sort(times, axis=1)[:, 18:]


def low_sample_variances(sizes, experiments=400):
    """Return the sample variance of Pareto times that 90 % of the experiments exceed, by size."""
    rng = np.random.default_rng(1)
    work = pareto(alpha=1.5, minimum=1)
    found = {}
    for n in sizes:
        draws = work.rvs(size=(experiments, n), random_state=rng)
        found[n] = float(np.quantile(draws.var(axis=1, ddof=1), 0.1))
    return found


def median_is_inside(rng, experiments=4000):
    """Return whether the 40th and 61st of 100 maxima enclose the median of the slowest of 5."""
    work = pareto(alpha=0.75, minimum=1)
    times = work.rvs(size=(experiments, 100, 5), random_state=rng)
    slowest = np.sort(times.max(axis=2), axis=1)
    median = (1 - 0.5 ** (1 / 5)) ** (-1 / 0.75)
    return (slowest[:, 39] <= median) & (median < slowest[:, 60])


THEOREMS = {
    "thm-standard-error": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="the mean squared error of a mean of 50 maxima, 20 workers at rate 2",
                exact=lambda: SQUARES / 4 / 50,
                simulate=lambda rng: (small_experiments(rng).mean(axis=1) - HARMONIC / 2) ** 2,
            ),
            Equal(
                instance="the mean of $s^2$ from 50 maxima, which is their variance",
                exact=lambda: SQUARES / 4,
                simulate=lambda rng: small_experiments(rng).var(axis=1, ddof=1),
            ),
        ],
    ),
    "thm-same-dice": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="what worker 21 adds to the slowest on average, at rate 2",
                exact=lambda: 1 / (21 * 2),
                simulate=what_worker_21_adds,
            ),
            Equal(
                instance="the variance of what worker 21 adds to the slowest, with the same dice "
                "at rate 2",
                exact=lambda: (2 / 21 - 1 / 21**2) / 4,
                simulate=lambda rng: (what_worker_21_adds(rng) - 1 / 42) ** 2,
            ),
            Equal(
                instance="the same with independent dice",
                exact=lambda: (2 * SQUARES + 1 / 21**2) / 4,
                simulate=lambda rng: (slowest_of(21, rng) - slowest_of(20, rng) - 1 / 42) ** 2,
            ),
        ],
    ),
    "thm-conditioning": Theorem(
        source="{cite:t}`blackwell1947conditional`; in {cite:t}`asmussen2007stochastic`",
        checks=[
            Equal(
                instance="the variance of the slowest of 20 at rate 2 with the last leg replaced "
                "by its mean, which is $(H_{20}^{(2)} - 1)/4$",
                exact=lambda: (SQUARES - 1) / 4,
                simulate=lambda rng: (last_two_finishes(rng)[:, 0] - (HARMONIC - 1) / 2) ** 2,
            ),
            Equal(
                instance="the variance that this takes away, $E[(Y - g(Z))^2] = \\frac14$",
                exact=lambda: 1 / 4,
                simulate=lambda rng: (last_two_finishes(rng) @ [-1, 1] - 1 / 2) ** 2,
            ),
        ],
    ),
    "thm-infinite-variance": Theorem(
        source="proved here",
        checks=[
            Tends(
                instance="what the sample variance of $n$ Pareto times with $\\alpha = 1.5$ and "
                "minimum 1 exceeds in nine of ten simulated experiments",
                limit=lambda: math.inf,
                values=lambda: low_sample_variances((10, 100, 1000, 10_000)),
                within=0.03,
            )
        ],
    ),
    "thm-median-interval": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="how often the 40th and the 61st of 100 maxima enclose the median of the "
                "slowest of 5 Pareto workers with $\\alpha = 0.75$, whose mean is infinite",
                exact=lambda: sum(math.comb(100, j) for j in range(40, 61)) / 2**100,
                simulate=median_is_inside,
            )
        ],
    ),
}
