"""The theorems of the chapter "The family"."""

import numpy as np
from scipy import integrate, special

from ..laws.named import deterministic, exponential, hyperexponential, uniform
from .theorem import AtLeast, AtMost, Equal, Theorem

REPLICAS, BURN, UPDATES = 2000, 60, 120
EVEN = uniform(0, 1)
MIXED = hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])


def k_async(work, m, k, rng, replicas=REPLICAS):
    """Return the mean time of updates BURN to UPDATES of K-async, a replica an entry."""
    finish, now = work.rvs(size=(replicas, m), random_state=rng), np.zeros(replicas)
    for update in range(UPDATES):
        first = finish.argsort(axis=1, kind="stable")[:, :k]
        now = np.take_along_axis(finish, first[:, -1:], axis=1)[:, 0]
        fresh = work.rvs(size=(replicas, k), random_state=rng)
        np.put_along_axis(finish, first, now[:, None] + fresh, axis=1)
        if update == BURN - 1:
            begin = now
    return (now - begin) / (UPDATES - BURN)


def k_batch_async(work, m, k, rng):
    """Return the mean time of updates BURN to UPDATES of K-batch-async, a replica an entry."""
    each = 4 * k * UPDATES // m
    ends = work.rvs(size=(REPLICAS, m, each), random_state=rng).cumsum(axis=2)
    arrivals = np.sort(ends.reshape(REPLICAS, -1), axis=1)
    return (arrivals[:, k * UPDATES - 1] - arrivals[:, k * BURN - 1]) / (UPDATES - BURN)


def k_batch_sync(work, m, k, rng, draws=20_000):
    """Return times of K-batch-sync updates, and of K-sync updates from the same first times."""
    ends = work.rvs(size=(draws, m, k), random_state=rng).cumsum(axis=2)
    return np.sort(ends.reshape(draws, -1), axis=1)[:, k - 1], np.sort(ends[:, :, 0])[:, k - 1]


def kth_of_uniform(k, m):
    return k / (m + 1)


def kth_of_mixed(k, m):
    """Return E X_{k:m} of the hyperexponential law by the integral of its tail."""

    def late(t):
        return special.betainc(m - k + 1, k, MIXED.sf(t))

    pieces = ((0, 1), (1, 5), (5, 40), (40, 300))
    return sum(integrate.quad(late, *piece, epsabs=1e-12)[0] for piece in pieces)


THEOREMS = {
    "thm-k-batch-async": Theorem(
        source="{cite:t}`dutta2018slow`; proved here",
        checks=[
            Equal(
                instance="K-batch-async of 10 workers with uniform times on $(0, 1)$, $K = 4$, in "
                "the long run",
                exact=lambda: 4 * 0.5 / 10,
                simulate=lambda rng: k_batch_async(EVEN, 10, 4, rng),
            ),
            Equal(
                instance="the same for the hyperexponential law of this chapter",
                exact=lambda: 4 * 0.95 / 10,
                simulate=lambda rng: k_batch_async(MIXED, 10, 4, rng),
            ),
        ],
    ),
    "thm-k-async-floor": Theorem(
        source="proved here",
        checks=[
            AtLeast(
                instance="K-async of 10 workers with uniform times, $K = 4$, against $K\\mu/m$",
                bound=lambda: 4 * 0.5 / 10,
                simulate=lambda rng: k_async(EVEN, 10, 4, rng),
            ),
            Equal(
                instance="constant times of 1, $m = 10$, $K = 4$: one update in $1/2$, not in 0.4",
                exact=lambda: 1 / (10 // 4),
                again=lambda: k_async(deterministic(1.0), 10, 4, None, replicas=1)[0],
            ),
            Equal(
                instance="constant times of 1, $m = 10$, $K = 5$: nobody idles, and the bound is "
                "met",
                exact=lambda: 5 * 1 / 10,
                again=lambda: k_async(deterministic(1.0), 10, 5, None, replicas=1)[0],
            ),
        ],
    ),
    "thm-same-first-times": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="the greatest of 20 000 differences, K-batch-sync less K-sync, same first "
                "times, hyperexponential, $m = 10$, $K = 5$",
                bound=lambda: 0,
                exact=lambda: np.max(
                    np.subtract(*k_batch_sync(MIXED, 10, 5, np.random.default_rng(1)))
                ),
            ),
            AtMost(
                instance="their mean, against $-0.05$: to go on from the same model does pay",
                bound=lambda: -0.05,
                simulate=lambda rng: np.subtract(*k_batch_sync(MIXED, 10, 5, rng)),
            ),
        ],
    ),
    "thm-k-async-order": Theorem(
        source="the first half: {cite:t}`dutta2018slow`; the second is proved here",
        checks=[
            AtMost(
                instance="uniform times (NBU), $m = 10$, $K = 4$: K-async against $E[X_{4:10}]$",
                bound=lambda: kth_of_uniform(4, 10),
                simulate=lambda rng: k_async(EVEN, 10, 4, rng),
            ),
            AtLeast(
                instance="hyperexponential times (NWU), $m = 10$, $K = 4$: K-async against "
                "$E[X_{4:10}]$",
                bound=lambda: kth_of_mixed(4, 10),
                simulate=lambda rng: k_async(MIXED, 10, 4, rng),
            ),
        ],
    ),
    "thm-ladder": Theorem(
        source="proved here",
        checks=[
            AtLeast(
                instance="uniform times (NBUE), $m = 10$, $K = 5$: K-batch-sync against "
                "K-batch-async",
                bound=lambda: 5 * 0.5 / 10,
                simulate=lambda rng: k_batch_sync(EVEN, 10, 5, rng)[0],
            ),
            AtMost(
                instance="the same against K-sync",
                bound=lambda: kth_of_uniform(5, 10),
                simulate=lambda rng: k_batch_sync(EVEN, 10, 5, rng)[0],
            ),
            AtMost(
                instance="hyperexponential times (NWUE), $m = K = 10$: K-batch-sync against "
                "K-batch-async",
                bound=lambda: 0.95,
                simulate=lambda rng: k_batch_sync(MIXED, 10, 10, rng)[0],
            ),
            AtMost(
                instance="hyperexponential times (NWU), $m = 10$, $K = 4$: K-batch-sync against "
                "K-sync",
                bound=lambda: kth_of_mixed(4, 10),
                simulate=lambda rng: k_batch_sync(MIXED, 10, 4, rng)[0],
            ),
        ],
    ),
    "thm-exponential-ratio": Theorem(
        source="with a logarithm for the harmonic numbers: {cite:t}`dutta2018slow`; proved here",
        checks=[
            Equal(
                instance="exponential times of mean 1, $m = 20$, $K = 10$: K-async over "
                "K-batch-async",
                exact=lambda: 20 / 10 * sum(1 / j for j in range(11, 21)),
                simulate=lambda rng: k_async(exponential(rate=1), 20, 10, rng) / (10 / 20),
            ),
        ],
    ),
}
