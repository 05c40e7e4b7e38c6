"""The theorems of the chapter "The slowest decides"."""

import math

import numpy as np
from scipy import stats

from ..laws.named import pareto, two_point
from .theorem import DRAWS, AtLeast, AtMost, Equal, Theorem

TWO_SPEEDS = two_point(usual=1, slow=10, probability=0.01)


def slow(p, m, rng):
    """Return who of m independent workers is slow, a request a row."""
    return rng.random((DRAWS, m)) < p


def slow_with_common_cause(c, p, m, rng):
    """Return who is slow where all are with probability c, and each with probability p else."""
    return (rng.random((DRAWS, 1)) < c) | slow(p, m, rng)


def hedged_with_common_cause(c, p, m, rng):
    """Return who is slow together with its copy, where a common cause slows all copies too."""
    return (rng.random((DRAWS, 1)) < c) | (slow(p, m, rng) & slow(p, m, rng))


def slow_on_bad_days(m, rng):
    """Return who is slow where the chance itself is drawn anew for each request, mean 0.01."""
    return rng.random((DRAWS, m)) < rng.beta(0.1, 9.9, (DRAWS, 1))


def hedged_time(usual, late, p, delay, m, rng):
    """Return the times of m workers where each has a copy that starts after a delay."""
    work = two_point(usual=usual, slow=late, probability=p)
    first, copy = (work.rvs(size=(DRAWS, m), random_state=rng) for _ in range(2))
    return np.minimum(first, delay + copy)


def any_slow(p, m):
    """Return the probability that at least one of m is slow, from the binomial law."""
    return float(stats.binom.sf(0, m, p))


def median_of_slowest(m):
    """Return the median of the slowest of m two-speed workers."""
    return 1 if 1 - any_slow(0.01, m) >= 0.5 else 10


THEOREMS = {
    "thm-fan-out": Theorem(
        source="classical; for requests in {cite:t}`dean2013tail`",
        checks=[
            Equal(
                instance="of 100 servers, each slow with probability 0.01, at least one is slow",
                exact=lambda: 1 - (1 - 0.01) ** 100,
                simulate=lambda rng: slow(0.01, 100, rng).any(axis=1),
            )
        ],
    ),
    "thm-fan-out-bounds": Theorem(
        source="classical; proved here",
        checks=[
            AtLeast(
                instance="of 2000 servers, each slow with probability 0.0001, at least one is "
                "slow; $1 - e^{-0.2}$ is nearly reached",
                bound=lambda: 1 - math.exp(-0.2),
                exact=lambda: any_slow(0.0001, 2000),
            ),
            AtMost(
                instance="the same servers: at most $mp$",
                bound=lambda: 2000 * 0.0001,
                simulate=lambda rng: rng.binomial(2000, 0.0001, DRAWS) > 0,
            ),
            AtMost(
                instance="of 10 such servers; $mp$ is nearly reached",
                bound=lambda: 10 * 0.0001,
                exact=lambda: any_slow(0.0001, 10),
            ),
        ],
    ),
    "thm-slowest-quantile": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the slowest of 100 Pareto times is done by the $2^{-1/100}$-quantile of "
                "one with probability ½",
                exact=lambda: 0.5,
                simulate=lambda rng: (
                    pareto(alpha=2, minimum=1).rvs(size=(DRAWS, 100), random_state=rng).max(axis=1)
                    <= pareto(alpha=2, minimum=1).ppf(0.5 ** (1 / 100))
                ),
            ),
            Equal(
                instance="a law with jumps, 1 or with probability 0.01 the time 10: median of the "
                "slowest of 68, where it is still 1",
                exact=lambda: TWO_SPEEDS.ppf(0.5 ** (1 / 68)),
                again=lambda: median_of_slowest(68),
            ),
            Equal(
                instance="the same for 69, where it has jumped to 10",
                exact=lambda: TWO_SPEEDS.ppf(0.5 ** (1 / 69)),
                again=lambda: median_of_slowest(69),
            ),
        ],
    ),
    "thm-two-speeds": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="mean time of the slowest of 20, each taking 1, or 10 with probability "
                "0.01",
                exact=lambda: 1 + (10 - 1) * (1 - 0.99**20),
                simulate=lambda rng: TWO_SPEEDS.rvs(size=(DRAWS, 20), random_state=rng).max(axis=1),
            )
        ],
    ),
    "thm-hedging": Theorem(
        source="proved here, after {cite:t}`dean2013tail`",
        checks=[
            Equal(
                instance="of 100 servers, each slow with probability 0.01, at least one is slow "
                "together with its copy",
                exact=lambda: 1 - (1 - 0.01**2) ** 100,
                simulate=lambda rng: (slow(0.01, 100, rng) & slow(0.01, 100, rng)).any(axis=1),
            )
        ],
    ),
    "thm-hedging-delay": Theorem(
        source="proved here, after {cite:t}`dean2013tail`",
        checks=[
            Equal(
                instance="mean time of the slowest of 100, each taking 1, or 10 with probability "
                "0.01, with a copy after 2",
                exact=lambda: 1 + 2 * (1 - 0.99**100) + (10 - 1 - 2) * (1 - 0.9999**100),
                simulate=lambda rng: hedged_time(1, 10, 0.01, 2, 100, rng).max(axis=1),
            )
        ],
    ),
    "thm-any-dependence": Theorem(
        source="classical; proved here",
        checks=[
            AtLeast(
                instance="50 servers, slow with a probability that is drawn anew for each request "
                "and is 0.01 on average: at least one is slow",
                bound=lambda: 0.01,
                simulate=lambda rng: slow_on_bad_days(50, rng).any(axis=1),
            ),
            AtMost(
                instance="the same: at most $50 \\cdot 0.01$",
                bound=lambda: 50 * 0.01,
                simulate=lambda rng: slow_on_bad_days(50, rng).any(axis=1),
            ),
            Equal(
                instance="the upper end is reached: one machine of 100 is always slow, and a "
                "request asks 50 of them at random",
                exact=lambda: 50 * 0.01,
                simulate=lambda rng: rng.hypergeometric(1, 99, 50, DRAWS) > 0,
            ),
            Equal(
                instance="the lower end is reached: all 50 are slow together, or none is",
                exact=lambda: 0.01,
                simulate=lambda rng: slow_with_common_cause(0.01, 0, 50, rng).any(axis=1),
            ),
        ],
    ),
    "thm-common-cause": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="of 100 servers at least one is slow, where each is slow with probability "
                "0.01, half of it for a cause common to all",
                exact=lambda: 0.005 + 0.995 * (1 - (1 - 0.005 / 0.995) ** 100),
                simulate=lambda rng: slow_with_common_cause(0.005, 0.005 / 0.995, 100, rng).any(
                    axis=1
                ),
            ),
            Equal(
                instance="the same, each with a copy that the common cause slows as well",
                exact=lambda: 0.005 + 0.995 * (1 - (1 - (0.005 / 0.995) ** 2) ** 100),
                simulate=lambda rng: hedged_with_common_cause(0.005, 0.005 / 0.995, 100, rng).any(
                    axis=1
                ),
            ),
        ],
    ),
}
