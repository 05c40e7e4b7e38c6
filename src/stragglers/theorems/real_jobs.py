"""The theorems of the chapter "Unequal workers and real jobs"."""

from itertools import combinations, permutations
from math import comb

import numpy as np
from scipy import integrate

from ..laws.named import exponential, uniform
from .theorem import AtMost, Equal, Tends, Theorem

RATES = np.array([4.0, 2.0, 1.0, 1.0])
SHARES = RATES / RATES.sum()
WANTED = np.array([0.0, 0.0, 0.0, 1.0])  # where the data of each worker want the model
DRAWS, REPLICAS, UPDATES = 20_000, 2000, 400


def times(rng, draws=DRAWS):
    """Return exponential times of the four workers, shape (draws, 4)."""
    return rng.exponential(size=(draws, len(RATES))) / RATES


def kth_by_minima(k):
    """Return E of the k-th smallest as a sum over groups, from the means of their minima."""
    m, total = len(RATES), 0.0
    for size in range(m - k + 1, m + 1):
        sign = (-1) ** (size - (m - k + 1)) * comb(size - 1, m - k)
        total += sign * sum(1 / sum(group) for group in combinations(RATES, size))
    return total


def kth_by_integral(k):
    """Return E of the k-th smallest as the integral of the chance that fewer than k are done."""

    def fewer_than_k(t):
        counts = np.array([1.0])
        for rate in RATES:
            counts = np.convolve(counts, [np.exp(-rate * t), -np.expm1(-rate * t)])
        return counts[:k].sum()

    return sum(integrate.quad(fewer_than_k, *ends, epsabs=1e-13)[0] for ends in ((0, 2), (2, 60)))


def pooled_slowest():
    """Return E of the slowest of four independent draws from all times taken together."""

    def somebody_runs(t):
        return 1 - np.mean(-np.expm1(-RATES * t)) ** len(RATES)

    pieces = ((0, 2), (2, 10), (10, 80))
    return sum(integrate.quad(somebody_runs, *piece, epsabs=1e-13)[0] for piece in pieces)


def pooled(rng):
    """Return the slowest of four draws from all times, each by a worker picked at random."""
    chosen = RATES[rng.integers(len(RATES), size=(DRAWS, len(RATES)))]
    return (rng.exponential(size=chosen.shape) / chosen).max(axis=1)


def others_between(rng, worker=2):
    """Return how many updates others make between two of a worker's."""
    since = rng.exponential(size=DRAWS) / RATES[worker]
    return rng.poisson((RATES.sum() - RATES[worker]) * since)


def share_of_the_first(until):
    """Return the share of the first of two workers with constant times 1 and 2.5, by a time."""
    counts = np.floor([until / 1.0, until / 2.5])
    return counts[0] / counts.sum()


def asynchronous_models(steps, rng):
    """Return the models of replicas of asynchronous SGD after UPDATES updates, curvature 1."""
    steps = np.broadcast_to(steps, RATES.shape)
    finish, held = times(rng, REPLICAS), np.zeros((REPLICAS, len(RATES)))
    model, row = np.zeros(REPLICAS), np.arange(REPLICAS)
    for _ in range(UPDATES):
        who = finish.argmin(axis=1)
        model = model - steps[who] * (held[row, who] - WANTED[who])
        held[row, who] = model
        finish[row, who] += rng.exponential(size=REPLICAS) / RATES[who]
    return model


def k_sync_models(k, draw):
    """Return the models of replicas of K-sync SGD after UPDATES updates, curvature 1, step 0.1."""
    model = np.zeros(REPLICAS)
    for _ in range(UPDATES):
        first = np.argpartition(draw(), k - 1, axis=1)[:, :k]
        model = model - 0.1 * (model - WANTED[first].mean(axis=1))
    return model


def weighted(weights):
    return float(np.dot(weights, WANTED) / np.sum(weights))


def weight_of_steps(steps):
    """Return the weights of asynchronous SGD, not yet divided by their sum."""
    return SHARES * np.asarray(steps) / (1 + np.asarray(steps))


def stationary_model(steps):
    """Return the stationary mean of the model from the linear equations of all means."""
    m, steps = len(RATES), np.broadcast_to(steps, RATES.shape)
    move, push = np.eye(m + 1), np.zeros(m + 1)  # of the model, and of what each worker holds
    move[0, 1:], push[0] = -SHARES * steps, np.sum(SHARES * steps * WANTED)
    for i in range(m):
        move[i + 1] *= 1 - SHARES[i]
        move[i + 1, 0] += SHARES[i]
        move[i + 1, i + 1] -= SHARES[i] * steps[i]
        push[i + 1] = SHARES[i] * steps[i] * WANTED[i]
    return np.linalg.solve(np.eye(m + 1) - move, push)[0]


def first_two():
    """Return each worker's share of the first two places, from all orders of finishing."""
    found = np.zeros(len(RATES))
    for order in permutations(range(len(RATES))):
        left, chance = RATES.sum(), 1.0
        for worker in order:
            chance *= RATES[worker] / left
            left -= RATES[worker]
        found[list(order[:2])] += chance / 2
    return found


TABLE = np.random.default_rng(6).gamma(3.0, size=(30, 5)) + np.arange(5.0)


def parts(table):
    """Return the sums of squares between workers, between steps, and of the rest."""
    mean, worker, step = table.mean(), table.mean(axis=0), table.mean(axis=1)[:, None]
    rest = table - worker - step + mean
    n, m = table.shape
    return n * np.sum((worker - mean) ** 2), m * np.sum((step - mean) ** 2), np.sum(rest**2)


def tax(common, rng):
    """Return how much the slowest of four takes longer than the mean, with a common delay."""
    found = uniform(0, 1).rvs(size=(DRAWS, 4), random_state=rng)
    found = found + common * exponential(rate=1).rvs(size=(DRAWS, 1), random_state=rng)
    return found.max(axis=1) - found.mean(axis=1)


THEOREMS = {
    "thm-unequal-rank": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="the second of four workers with rates 4, 2, 1, 1: the sum over groups, "
                "and an integral",
                exact=lambda: kth_by_minima(2),
                again=lambda: kth_by_integral(2),
            ),
            Equal(
                instance="the third of them",
                exact=lambda: kth_by_minima(3),
                simulate=lambda rng: np.sort(times(rng))[:, 2],
            ),
            Equal(
                instance="the slowest of them",
                exact=lambda: kth_by_minima(4),
                simulate=lambda rng: times(rng).max(axis=1),
            ),
        ],
    ),
    "thm-pooling": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="rates 4, 2, 1, 1: the slowest of four draws from all times, against the "
                "slowest of the four workers",
                bound=lambda: kth_by_integral(4),
                simulate=pooled,
            ),
            AtMost(
                instance="the same, computed",
                bound=lambda: kth_by_integral(4),
                exact=pooled_slowest,
            ),
            Equal(
                instance="equal workers meet the bound: constant times of 1",
                exact=lambda: 1.0,
                again=lambda: np.ones((3, 4)).max(axis=1).mean(),
            ),
        ],
    ),
    "thm-shares": Theorem(
        source="proved here",
        checks=[
            Tends(
                instance="constant times 1 and 2.5: the share of the first worker by these times",
                limit=lambda: 2.5 / 3.5,
                values=lambda: {t: share_of_the_first(t) for t in (11, 101, 1001, 10_001)},
                within=1e-4,
            ),
            Equal(
                instance="exponential workers with rates 4, 2, 1, 1: updates of others between two "
                "of the third",
                exact=lambda: 1 / SHARES[2] - 1,
                simulate=others_between,
            ),
        ],
    ),
    "thm-whose-data": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="equal steps of 0.1: the model after 400 updates of a simulated race",
                exact=lambda: weighted(weight_of_steps([0.1] * 4)),
                simulate=lambda rng: asynchronous_models(0.1, rng),
            ),
            Equal(
                instance="steps $0.0125/p_i$",
                exact=lambda: weighted(weight_of_steps(0.0125 / SHARES)),
                simulate=lambda rng: asynchronous_models(0.0125 / SHARES, rng),
            ),
            Equal(
                instance="the same, against the linear equations for all means",
                exact=lambda: weighted(weight_of_steps(0.0125 / SHARES)),
                again=lambda: stationary_model(0.0125 / SHARES),
            ),
        ],
    ),
    "thm-whose-data-k-sync": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="2-sync with rates 4, 2, 1, 1: the model after 400 updates",
                exact=lambda: weighted(first_two()),
                simulate=lambda rng: k_sync_models(2, lambda: times(rng, REPLICAS)),
            ),
            Equal(
                instance="2-sync with equal uniform times: weight $1/4$ each",
                exact=lambda: 1 / 4,
                simulate=lambda rng: k_sync_models(2, lambda: rng.random((REPLICAS, 4))),
            ),
        ],
    ),
    "thm-whose-fault": Theorem(
        source="classical; proved here",
        checks=[
            Equal(
                instance="a table of 30 steps and 5 workers: the sum of squares about the mean, "
                "and the sum of its three parts",
                exact=lambda: np.sum((TABLE - TABLE.mean()) ** 2),
                again=lambda: sum(parts(TABLE)),
            ),
            Equal(
                instance="four uniform times and an exponential delay common to all: the slowest "
                "less the mean is $\\frac45 - \\frac12$ with or without it",
                exact=lambda: 4 / 5 - 1 / 2,
                simulate=lambda rng: tax(10.0, rng),
            ),
        ],
    ),
}
