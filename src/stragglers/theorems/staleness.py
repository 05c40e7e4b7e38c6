"""The theorems of the chapter "Stale gradients"."""

import heapq
import math

import numpy as np

from ..laws.named import exponential, hyperexponential, shifted_exponential, uniform
from .theorem import AtLeast, AtMost, Equal, Tends, Theorem

REPLICAS, BURN, UPDATES = 2000, 60, 90
EVEN, PLAIN = uniform(0, 1), exponential(rate=1)
SHIFTED = shifted_exponential(shift=1, rate=1)
MIXED = hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])


def ledger(works, k, updates, waits):
    """Return the staleness of the gradients applied, a list a worker, and the workers' ages.

    Event by event. With `waits` (K-async) the k that are done start anew together; else a worker
    reads the model as soon as it has delivered, and every k-th gradient makes an update.
    """
    rng, m, version = np.random.default_rng(5), len(works), 0
    heap = [(work.rvs(random_state=rng), i) for i, work in enumerate(works)]
    heapq.heapify(heap)
    read, applied, batch = [0] * m, [[] for _ in works], []
    while version < updates:
        now, i = heapq.heappop(heap)
        batch.append((i, read[i]))
        if len(batch) == k:
            for j, model in batch:
                applied[j].append(version - model)
            version += 1
            starters, batch = ([j for j, _ in batch] if waits else [i]), []
        else:
            starters = [] if waits else [i]
        for j in starters:
            read[j] = version
            heapq.heappush(heap, (now + works[j].rvs(random_state=rng), j))
    return applied, [version - model for model in read]


def total(works, k, updates, waits=False):
    """Return the staleness of all gradients applied, plus the ages of those in flight."""
    applied, ages = ledger(works, k, updates, waits)
    return sum(map(sum, applied)) + sum(ages)


def mean_applied(works, k, updates, waits=False):
    """Return the mean staleness of the gradients applied."""
    applied = ledger(works, k, updates, waits)[0]
    return sum(map(sum, applied)) / sum(map(len, applied))


def asynchronous(works, rng):
    """Return own times, staleness and worker of late updates, each of shape (updates, replicas)."""

    def draw(size):
        return np.array([work.rvs(size=size, random_state=rng) for work in works])

    m, rows = len(works), np.arange(REPLICAS)
    fresh = draw((REPLICAS, UPDATES)) if len(set(map(id, works))) > 1 else None
    finish = draw(REPLICAS).T.copy()
    own, read, found = finish.copy(), np.zeros((REPLICAS, m), dtype=int), []
    for n in range(UPDATES):
        who = finish.argmin(axis=1)
        if n >= BURN:
            found.append((own[rows, who], n - read[rows, who], who))
        if fresh is None:
            new = works[0].rvs(size=REPLICAS, random_state=rng)
        else:
            new = fresh[who, rows, n]
        read[rows, who], own[rows, who] = n + 1, new
        finish[rows, who] += new
    return tuple(map(np.array, zip(*found, strict=True)))


def mean_of(work, m, function):
    """Return a simulation of the mean of function(own time, staleness), a draw a replica."""
    return lambda rng: function(*asynchronous([work] * m, rng)[:2]).mean(axis=0)


def k_async(m, k, rng):
    """Return the staleness of the gradients of late updates of K-async, a row a replica."""
    finish, read = rng.exponential(size=(REPLICAS, m)), np.zeros((REPLICAS, m), dtype=int)
    found = []
    for n in range(UPDATES):
        first = finish.argsort(axis=1)[:, :k]
        now = np.take_along_axis(finish, first[:, -1:], axis=1)
        if n >= BURN:
            found.append(n - np.take_along_axis(read, first, axis=1))
        np.put_along_axis(read, first, n + 1, axis=1)
        np.put_along_axis(finish, first, now + rng.exponential(size=(REPLICAS, k)), axis=1)
    return np.concatenate(found, axis=1)


def k_batch_async(m, k, rng):
    """Return the staleness of the gradients of late updates of K-batch-async, a row a replica."""
    rows, finish = np.arange(REPLICAS), rng.exponential(size=(REPLICAS, m))
    read, found = np.zeros((REPLICAS, m), dtype=int), []
    for n in range(UPDATES):
        held = []
        for j in range(k):
            who = finish.argmin(axis=1)
            held.append(n - read[rows, who])
            read[rows, who] = n + (j == k - 1)
            finish[rows, who] += rng.exponential(size=REPLICAS)
        if n >= BURN:
            found += held
    return np.array(found).T


def even_variance(m):
    """Return Var(tau) for uniform times on (0, 1): E V_e = 4 (e - 31/12) and CV^2 = 1/3."""
    return (m - 1) * 4 * (math.e - 31 / 12) + (m - 1) ** 2 / 3


THEOREMS = {
    "thm-staleness-conserved": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="five asynchronous workers with $1 + $ exponential times, 1444 updates",
                exact=lambda: 4 * 1444,
                again=lambda: total([SHIFTED] * 5, 1, 1444),
            ),
            Equal(
                instance="three asynchronous workers with three different laws, 500 updates",
                exact=lambda: 2 * 500,
                again=lambda: total([EVEN, MIXED, SHIFTED], 1, 500),
            ),
            Equal(
                instance="K-async with $m = 10$, $K = 4$, uniform times, 300 updates",
                exact=lambda: (10 - 4) * 300,
                again=lambda: total([EVEN] * 10, 4, 300, waits=True),
            ),
            Equal(
                instance="K-batch-async with $m = 10$, $K = 4$, uniform times, 300 updates",
                exact=lambda: (10 - 1) * 300,
                again=lambda: total([EVEN] * 10, 4, 300),
            ),
        ],
    ),
    "thm-mean-staleness": Theorem(
        source="for the mean delay of asynchronous SGD {cite:t}`koloskova2022sharper`; proved here",
        checks=[
            Tends(
                instance="mean staleness of the first $n$ gradients of five asynchronous workers "
                "with hyperexponential times",
                limit=lambda: 4,
                values=lambda: {n: mean_applied([MIXED] * 5, 1, n) for n in (100, 1000, 10_000)},
                within=0.02,
            ),
            Tends(
                instance="the same for K-batch-async with $m = 10$, $K = 4$, uniform times, after "
                "$n$ updates",
                limit=lambda: 9 / 4,
                values=lambda: {n: mean_applied([EVEN] * 10, 4, n) for n in (30, 300, 3000)},
                within=0.01,
            ),
            Tends(
                instance="the same for K-async",
                limit=lambda: 10 / 4 - 1,
                values=lambda: {n: mean_applied([EVEN] * 10, 4, n, True) for n in (30, 300, 3000)},
                within=0.01,
            ),
        ],
    ),
    "thm-staleness-of-a-worker": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="three workers with three different laws, 500 updates: staleness of the "
                "second, plus its age, plus its own updates",
                exact=lambda: 500,
                again=lambda: (lambda applied, ages: sum(applied[1]) + ages[1] + len(applied[1]))(
                    *ledger([EVEN, MIXED, SHIFTED], 1, 500, False)
                ),
            ),
            Equal(
                instance="exponential workers with rates 4, 2, 1, 1: the staleness of the third's "
                "gradients, counted per update of anybody, $p_3(1/p_3 - 1)$ with $p_3 = 1/8$",
                exact=lambda: 1 - 1 / 8,
                simulate=lambda rng: (lambda own, stale, who: (stale * (who == 2)).mean(axis=0))(
                    *asynchronous([exponential(rate=rate) for rate in (4, 2, 1, 1)], rng)
                ),
            ),
        ],
    ),
    "thm-geometric-staleness": Theorem(
        source="the first law: {cite:t}`mitliagkas2016asynchrony`; proved here",
        checks=[
            Equal(
                instance="ten asynchronous workers: $P(\\tau \\ge 5)$",
                exact=lambda: (9 / 10) ** 5,
                simulate=mean_of(PLAIN, 10, lambda own, stale: stale >= 5),
            ),
            Equal(
                instance="four asynchronous workers: $\\mathrm{Var}\\,\\tau = m(m - 1)$",
                exact=lambda: 12,
                simulate=mean_of(PLAIN, 4, lambda own, stale: (stale - 3.0) ** 2),
            ),
            Equal(
                instance="K-async with $m = 10$, $K = 4$: $P(\\tau \\ge 2)$",
                exact=lambda: (6 / 10) ** 2,
                simulate=lambda rng: (k_async(10, 4, rng) >= 2).mean(axis=1),
            ),
            Equal(
                instance="K-batch-async with $m = 10$, $K = 4$: $P(\\tau = 0)$",
                exact=lambda: 1 - np.mean([0.9**j for j in (1, 2, 3, 4)]),
                simulate=lambda rng: (k_batch_async(10, 4, rng) == 0).mean(axis=1),
            ),
        ],
    ),
    "thm-own-slowness": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="four workers with uniform times on $(0, 1)$: $E[\\tau X] = "
                "(m - 1)\\,E[X^2]/\\mu$",
                exact=lambda: 3 * (1 / 3) / (1 / 2),
                simulate=mean_of(EVEN, 4, lambda own, stale: own * stale),
            ),
            Equal(
                instance="the same workers: $\\mathrm{Var}\\,\\tau$",
                exact=lambda: even_variance(4),
                simulate=mean_of(EVEN, 4, lambda own, stale: (stale - 3.0) ** 2),
            ),
            Tends(
                instance="uniform times: $\\mathrm{Var}(\\tau/m)$ against $CV^2 = 1/3$, by $m$",
                limit=lambda: 1 / 3,
                values=lambda: {m: even_variance(m) / m**2 for m in (10, 100, 1000)},
                within=0.001,
            ),
            Tends(
                instance="exponential times: $P(\\tau > m)$ against $P(X > \\mu) = 1/e$, by $m$",
                limit=lambda: math.exp(-1),
                values=lambda: {m: (1 - 1 / m) ** (m + 1) for m in (10, 100, 1000)},
                within=0.001,
            ),
        ],
    ),
    "thm-fresh": Theorem(
        source="the bounds for NBU and NWU laws: {cite:t}`dutta2018slow`; proved here",
        checks=[
            Equal(
                instance="four workers with uniform times: $P(\\tau = 0) = 1/(2m - 1)$",
                exact=lambda: 1 / 7,
                simulate=mean_of(EVEN, 4, lambda own, stale: stale == 0),
            ),
            AtMost(
                instance="five workers with $1 + $ exponential times (NBUE), against $1/m$",
                bound=lambda: 1 / 5,
                simulate=mean_of(SHIFTED, 5, lambda own, stale: stale == 0),
            ),
            AtLeast(
                instance="five workers with hyperexponential times (NWUE), against $1/m$",
                bound=lambda: 1 / 5,
                simulate=mean_of(MIXED, 5, lambda own, stale: stale == 0),
            ),
            Equal(
                instance="five workers with exponential times, which are both: $1/m$",
                exact=lambda: 1 / 5,
                simulate=mean_of(PLAIN, 5, lambda own, stale: stale == 0),
            ),
        ],
    ),
}
