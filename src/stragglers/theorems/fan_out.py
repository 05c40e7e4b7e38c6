"""The theorems of the chapter "The slowest decides"."""

import numpy as np

from ..laws.named import pareto, two_point
from .theorem import DRAWS, Equal, Theorem


def slow(p, m, rng):
    """Return who of m independent workers is slow, a request a row."""
    return rng.random((DRAWS, m)) < p


def slow_with_common_cause(c, p, m, rng):
    """Return who is slow where all are with probability c, and each with probability p else."""
    return (rng.random((DRAWS, 1)) < c) | slow(p, m, rng)


def hedged_time(usual, late, p, delay, m, rng):
    """Return the times of m workers where each has a copy that starts after a delay."""
    work = two_point(usual=usual, slow=late, probability=p)
    first, copy = (work.rvs(size=(DRAWS, m), random_state=rng) for _ in range(2))
    return np.minimum(first, delay + copy)


THEOREMS = {
    "thm-fan-out": Theorem(
        source="{cite:t}`dean2013tail`",
        checks=[
            Equal(
                instance="of 100 servers, each slow with probability 0.01, at least one is slow",
                exact=lambda: 1 - (1 - 0.01) ** 100,
                simulate=lambda rng: slow(0.01, 100, rng).any(axis=1),
            )
        ],
    ),
    "thm-fan-out-bounds": Theorem(
        source="{cite:t}`dean2013tail`",
        checks=[
            Equal(
                instance="of 2000 servers, each slow with probability 0.0001, at least one is "
                "slow: nearly $1 - e^{-0.2}$",
                exact=lambda: 1 - np.exp(-0.2),
                simulate=lambda rng: rng.binomial(2000, 0.0001, DRAWS) > 0,
            )
        ],
    ),
    "thm-slowest-quantile": Theorem(
        source="{cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the slowest of 100 Pareto times is done by the $2^{-1/100}$-quantile of "
                "one",
                exact=lambda: 0.5,
                simulate=lambda rng: (
                    pareto(alpha=2, minimum=1).rvs(size=(DRAWS, 100), random_state=rng).max(axis=1)
                    <= pareto(alpha=2, minimum=1).ppf(0.5 ** (1 / 100))
                ),
            )
        ],
    ),
    "thm-two-speeds": Theorem(
        source="this book",
        checks=[
            Equal(
                instance="mean time of the slowest of 20, each taking 1, or 10 with probability "
                "0.01",
                exact=lambda: 1 + (10 - 1) * (1 - 0.99**20),
                simulate=lambda rng: (
                    two_point(usual=1, slow=10, probability=0.01)
                    .rvs(size=(DRAWS, 20), random_state=rng)
                    .max(axis=1)
                ),
            )
        ],
    ),
    "thm-hedging": Theorem(
        source="this book, after {cite:t}`dean2013tail`",
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
        source="this book, after {cite:t}`dean2013tail`",
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
        source="this book",
        checks=[
            Equal(
                instance="one machine of 100 is always slow; a request that asks 50 at random "
                "meets it",
                exact=lambda: 50 * 0.01,
                simulate=lambda rng: [rng.permutation(100)[:50].min() == 0 for _ in range(DRAWS)],
            )
        ],
    ),
    "thm-common-cause": Theorem(
        source="this book",
        checks=[
            Equal(
                instance="of 100 servers at least one is slow, where each is slow with probability"
                " 0.01, half of it for a cause common to all",
                exact=lambda: 0.005 + 0.995 * (1 - (1 - 0.005 / 0.995) ** 100),
                simulate=lambda rng: slow_with_common_cause(0.005, 0.005 / 0.995, 100, rng).any(
                    axis=1
                ),
            )
        ],
    ),
}
