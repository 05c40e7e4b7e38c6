"""The theorems of the chapter "Leave some out"."""

import math

import numpy as np
from scipy import integrate, special, stats

from ..laws.named import (
    exponential,
    hyperexponential,
    pareto,
    shifted_exponential,
    two_point,
    uniform,
    weibull,
)
from .theorem import DRAWS, AtLeast, AtMost, Equal, Tends, Theorem

FAST_AND_SLOW = hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])


def iterations(work, m, rng, count=DRAWS):
    """Return the times of m workers in independent iterations, an iteration a row."""
    return work.rvs(size=(count, m), random_state=rng)


def kth(times, k):
    """Return the k-th smallest time of each iteration."""
    return np.partition(times, k - 1, axis=1)[:, k - 1]


def bills(times, k):
    """Return the worker-time used, cancelled and idle in each iteration, worker by worker."""
    update = kth(times, k)[:, None]
    early = times <= update
    parts = (
        np.where(early, times, 0),
        np.where(early, 0, update),
        np.where(early, update - times, 0),
    )
    return [part.sum(axis=1) for part in parts]


def one_iteration():
    """Return the times of 8 Weibull workers in one iteration, the same each time."""
    return iterations(weibull(shape=2, scale=1), 8, np.random.default_rng(1), 1)


def average_of_rays(ray, k, m):
    """Return E[X_{k:m}] / k as the mean of Q(V) / V over m + 1, V of law Beta(k + 1, m - k + 1)."""
    weight = stats.beta(k + 1, m - k + 1).pdf
    return integrate.quad(lambda u: ray(u) * weight(u), 0, 1)[0] / (m + 1)


def exponential_throughputs(m):
    """Return K / E[X_{K:m}] for K = 1, ..., m and workers of rate 1."""
    return np.arange(1, m + 1) / np.cumsum(1 / np.arange(m, 0, -1))


def uniform_throughputs(low, high, m):
    """Return K / E[X_{K:m}] for K = 1, ..., m and times spread evenly from low to high."""
    k = np.arange(1, m + 1)
    return k / (low + (high - low) * k / (m + 1))


def best_share_of_pareto(alpha, m):
    """Return K / m for the K of the largest throughput, from the product for E[X_{K:m}]."""
    j = np.arange(m, 0, -1)
    return (1 + np.argmax(np.log(m + 1 - j) - np.cumsum(-np.log1p(-1 / (alpha * j))))) / m


def shifted_mean(k, m):
    """Return E[X_{k:m}] for times 1 + Exp(1)."""
    return 1 + special.digamma(m + 1) - special.digamma(m - k + 1)


def kept_going(work, m, k, rng, count=DRAWS):
    """Return when m workers that go on have k gradients, and what each then has left, row by row.

    A worker that has just finished has its next time left.
    """
    finish = np.cumsum(work.rvs(size=(count, m, k + 1), random_state=rng), axis=2)
    update = np.partition(finish[:, :, :k].reshape(count, -1), k - 1, axis=1)[:, k - 1]
    later = np.where(finish > update[:, None, None], finish, np.inf).min(axis=2)
    return update, later - update[:, None]


def with_restarts(work, age, rng, count=DRAWS, most=200):
    """Return how long tasks take that are restarted at the age given, attempt by attempt."""
    total, running = np.zeros(count), np.ones(count, dtype=bool)
    for _ in range(most):
        attempt = work.rvs(size=count, random_state=rng)
        total += np.where(running, np.minimum(attempt, age), 0)
        running &= attempt > age
    assert not running.any()
    return total


def share_of_the_ceiling(m):
    """Return E[X_{K:m}] (m - K + 1) / (m mu), K = (m + 1) / 2, where few more than half are slow.

    A worker takes 0, or 1 with probability p = 1/2 + m^(-2/5).
    """
    half, p = (m + 1) // 2, 0.5 + m**-0.4
    return stats.binom(m, p).sf(half - 1) * half / (m * p)


def sum_of(m, update, left):
    """Return m times the moment of the update plus all the work left."""
    return m * update + left.sum(axis=1)


LOMAX = stats.lomax(2)

THEOREMS = {
    "thm-three-bills": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="an iteration of 8 Weibull workers that waits for 5: 8 times its length, "
                "and the three bills added up",
                exact=lambda: 8 * kth(one_iteration(), 5)[0],
                again=lambda: sum(bills(one_iteration(), 5))[0],
            ),
            Equal(
                instance="the worker-time cancelled when 8 workers with times spread evenly from 0 "
                "to 1 wait for 5, $(8 - 5) \\cdot \\frac59$",
                exact=lambda: (8 - 5) * 5 / 9,
                simulate=lambda rng: bills(iterations(uniform(0, 1), 8, rng), 5)[1],
            ),
        ],
    ),
    "thm-memoryless-bill": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the worker-time computed in an update of 10 of 20 workers at rate 1",
                exact=lambda: 10,
                simulate=lambda rng: sum(bills(iterations(exponential(1), 20, rng), 10)[:2]),
            ),
            Equal(
                instance="the same for 3 of 20 workers at rate 2",
                exact=lambda: 3 / 2,
                simulate=lambda rng: sum(bills(iterations(exponential(2), 20, rng), 3)[:2]),
            ),
        ],
    ),
    "thm-ray": Theorem(
        source="derived here",
        checks=[
            Equal(
                instance="the wait for 7 of 10, times spread evenly from 1 to 3, by the mean slope "
                "$E[r(V)]$",
                exact=lambda: 7 * average_of_rays(lambda u: (1 + 2 * u) / u, 7, 10),
                simulate=lambda rng: kth(iterations(uniform(1, 3), 10, rng), 7),
            ),
            AtMost(
                instance="rising $r$: 20 workers at rate 1, the largest factor by which the "
                "throughput changes from $K$ to $K + 1$",
                bound=lambda: 1,
                exact=lambda: np.max(
                    exponential_throughputs(20)[1:] / exponential_throughputs(20)[:-1]
                ),
            ),
            AtLeast(
                instance="falling $r$: 20 workers with times spread evenly from 1 to 3, the least "
                "such factor",
                bound=lambda: 1,
                exact=lambda: np.min(
                    uniform_throughputs(1, 3, 20)[1:] / uniform_throughputs(1, 3, 20)[:-1]
                ),
            ),
            Equal(
                instance="constant $r$: 20 workers with times spread evenly from 0 to 1 make "
                "$20 + 1$ gradients per unit of time, here with $K = 17$",
                exact=lambda: 21,
                again=lambda: 1 / average_of_rays(lambda u: 1.0, 17, 20),
            ),
        ],
    ),
    "thm-touching-ray": Theorem(
        source="derived here; for shifted exponential times {cite:t}`lee2018speeding`",
        checks=[
            Tends(
                instance="the mean wait for half of $m$ workers, times $1 + \\mathrm{Exp}(1)$, as "
                "$m$ grows",
                limit=lambda: 1 + math.log(2),
                values=lambda: {m: shifted_mean(m // 2, m) for m in (10, 100, 1000, 10_000)},
                within=1e-3,
            ),
            Tends(
                instance="the best share $K/m$ for Pareto times with $\\alpha = 2$, as $m$ grows",
                limit=lambda: 2 / 3,
                values=lambda: {m: best_share_of_pareto(2, m) for m in (20, 200, 2000, 20_000)},
                within=1e-3,
            ),
        ],
    ),
    "thm-cancel-and-restart": Theorem(
        source="derived here; the protocol in {cite:t}`dutta2018slow`",
        checks=[
            Equal(
                instance="4 workers until 4 gradients, times spread evenly from 0 to 1: "
                "$m\\,T + \\sum_i R_i$ has the mean $(K + m)\\mu$",
                exact=lambda: (4 + 4) / 2,
                simulate=lambda rng: sum_of(4, *kept_going(uniform(0, 1), 4, 4, rng)),
            ),
            AtMost(
                instance="10 workers until 10 gradients, fast and slow times (hyperexponential, "
                "mean 0.95): at most $K\\mu/m$",
                bound=lambda: 0.95,
                simulate=lambda rng: kept_going(FAST_AND_SLOW, 10, 10, rng)[0],
            ),
            AtLeast(
                instance="the same with $1 + \\mathrm{Exp}(1)$ times: at least $K\\mu/m$",
                bound=lambda: 2,
                simulate=lambda rng: kept_going(shifted_exponential(1, 1), 10, 10, rng)[0],
            ),
            Equal(
                instance="the same with exponential times of rate 1: exactly $K\\mu/m$",
                exact=lambda: 1,
                simulate=lambda rng: kept_going(exponential(1), 10, 10, rng)[0],
            ),
        ],
    ),
    "thm-restart-age": Theorem(
        source="derived here; {cite:t}`vanmoorsel2006restart` treat restarts in general",
        checks=[
            Equal(
                instance="times 1, or 100 with probability 0.1, restarted at the age 1",
                exact=lambda: 1 / 0.9,
                simulate=lambda rng: with_restarts(
                    two_point(usual=1, slow=100, probability=0.1), 1, rng
                ),
            ),
            Equal(
                instance="times with $S(t) = (1 + t)^{-2}$, restarted at the age 1: "
                "$\\int_0^1 S / F(1)$",
                exact=lambda: (1 - 1 / 2) / (1 - 1 / 4),
                simulate=lambda rng: with_restarts(LOMAX, 1, rng),
            ),
            AtMost(
                instance="fast and slow times (hyperexponential, mean 0.95), restarted at the age "
                "$\\frac12$",
                bound=lambda: 0.95,
                simulate=lambda rng: with_restarts(FAST_AND_SLOW, 0.5, rng),
            ),
            AtLeast(
                instance="times spread evenly from 0 to 1, restarted at the age $\\frac12$",
                bound=lambda: 0.5,
                simulate=lambda rng: with_restarts(uniform(0, 1), 0.5, rng),
            ),
        ],
    ),
    "thm-half": Theorem(
        source="derived here",
        checks=[
            AtMost(
                instance="the wait for 10 of 20, Pareto times with $\\alpha = 1.1$ and mean 11",
                bound=lambda: 20 * 11 / 11,
                simulate=lambda rng: kth(iterations(pareto(1.1, 1), 20, rng), 10),
            ),
            Equal(
                instance="where all take the same time 3, waiting for the first of 20 reaches the "
                "bound $\\frac{20 \\cdot 3}{20}$",
                exact=lambda: 20 * 3 / 20,
                again=lambda: np.sort(np.full(20, 3.0))[0],
            ),
            Tends(
                instance="the wait for half as a share of the bound, where a worker takes 0, or 1 "
                "with probability $\\frac12 + m^{-2/5}$: no better bound holds for all laws",
                limit=lambda: 1,
                values=lambda: {m: share_of_the_ceiling(m) for m in (101, 10_001, 1_000_001)},
                within=0.01,
            ),
        ],
    ),
}
