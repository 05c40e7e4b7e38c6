"""The theorems of the chapter "How fast can anyone be"."""

import heapq

import numpy as np

from ..laws.named import deterministic, pareto, two_point
from .theorem import AtLeast, AtMost, Equal, Tends, Theorem

# -------------------------------------------------------------------------------------------------
# B gradients as soon as possible


def all_in(times, count):
    """Return when `count` gradients are in, by listing the moments at which gradients come."""
    times = np.sort(np.asarray(times, dtype=float))
    last = times[0] * count  # the fastest alone is done by then
    moments = [t * np.arange(1, int(last / t + 1e-9) + 1) for t in times if t <= last]
    return float(np.sort(np.concatenate(moments))[count - 1])


def mediants(times, count):
    """Return (count + j) / (sum of the j largest rates) for j = 1, 2, ..."""
    rates = np.cumsum(1 / np.sort(np.asarray(times, dtype=float)))
    return (count + np.arange(1, len(rates) + 1)) / rates


def random_parks(rng, cases=1000):
    """Yield parks of 1 to 30 workers, some alike and some very unlike, and a number of gradients"""
    for _ in range(cases):
        spread = rng.choice([0.0, 0.5, 1.0, 3.0])
        times = np.exp(spread * rng.standard_normal(rng.integers(1, 31)))
        yield times, int(np.ceil(np.exp(rng.uniform(0, 6))))


def ratios(seed=5):
    """Return t(B) / g(B) of random parks."""
    cases = random_parks(np.random.default_rng(seed))
    return np.array([all_in(times, count) / mediants(times, count).min() for times, count in cases])


def greedy(times, ratio):
    """Return how many work if each joins who needs less for a gradient than the others for all."""
    times = np.sort(times)
    rate, g, j = 0.0, np.inf, 0
    while j < len(times) and times[j] < g:
        rate, j = rate + 1 / times[j], j + 1
        g = (ratio + j) / rate
    return j


def disagreements(seed=6):
    cases = random_parks(np.random.default_rng(seed))
    return sum(
        greedy(times, ratio) != mediants(times, ratio).argmin() + 1 for times, ratio in cases
    )


ONE_FAST = [1] + [50] * 29


# -------------------------------------------------------------------------------------------------
# How many steps


def mean_squared_gradients(rng, start, steps, batch, noise, gradient, replicas=2000):
    """Return the mean over the steps of F'(x)^2, step 1 / L = 1, a replica an entry."""
    x, total = np.full(replicas, float(start)), np.zeros(replicas)
    for _ in range(steps):
        total += gradient(x) ** 2
        x = x - gradient(x) - noise / np.sqrt(batch) * rng.standard_normal(replicas)
    return total / steps


# -------------------------------------------------------------------------------------------------
# A bound on staleness


def dropped(draw, m, bound, updates):
    """Return how many gradients are dropped while so many updates are made, event by event."""
    heap = [(draw(i), i) for i in range(m)]
    heapq.heapify(heap)
    read, made, gone = [0] * m, 0, 0
    while made < updates:
        now, i = heapq.heappop(heap)
        if made - read[i] >= bound:
            gone += 1
        else:
            made += 1
        read[i] = made
        heapq.heappush(heap, (now + draw(i), i))
    return gone


def drops_of_runs(rng, runs=40, m=10, bound=6, updates=300):
    """Return the number dropped, a run an entry; Pareto times."""
    law = pareto(alpha=1.1, minimum=1)

    def draw(i):
        return float(law.rvs(random_state=rng))

    return [dropped(draw, m, bound, updates) for _ in range(runs)]


def drops_of_clockwork(m, bound, rounds):
    """Return the drops where one worker needs 1 and all others a little more than `bound`."""
    return dropped(lambda i: 1 if i == 0 else bound + 1e-6, m, bound, bound * rounds)


# -------------------------------------------------------------------------------------------------
# Half of the workers


def rounds_of_half(work, m, count, rng, draws=20_000):
    """Return the time of `count` fresh gradients in rounds of the first (m + 1) / 2 workers."""
    k = (m + 1) // 2
    rounds = -(-count // k)
    times = work.rvs(size=(draws, rounds, m), random_state=rng)
    return np.partition(times, k - 1, axis=2)[:, :, k - 1].sum(axis=1)


def bound_of_half(mean, m, count):
    k = (m + 1) // 2
    return -(-count // k) * 2 * m * mean / (m + 1)


HEAVY, SLOW = pareto(alpha=1.1, minimum=1), two_point(usual=0.001, slow=1, probability=0.75)

THEOREMS = {
    "thm-b-gradients": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="the greatest $t(B)/g(B)$ of 1000 random parks of up to 30 workers",
                bound=lambda: 1,
                exact=lambda: ratios().max(),
            ),
            AtLeast(
                instance="the least of them",
                bound=lambda: 0.5,
                exact=lambda: ratios().min(),
            ),
            Equal(
                instance="one worker, one gradient: the lower bound is met",
                exact=lambda: mediants([3.0], 1).min() / 2,
                again=lambda: all_in([3.0], 1),
            ),
            Tends(
                instance="$t(B)/g(B)$ of workers with the times 1, 2, 3, by $B$: the upper bound "
                "is met in the limit",
                limit=lambda: 1,
                values=lambda: {
                    b: all_in([1, 2, 3], b) / mediants([1, 2, 3], b).min()
                    for b in (11, 110, 1100, 11_000)
                },
                within=1e-3,
            ),
        ],
    ),
    "thm-who-works": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="how often, of 1000 random parks, the rule and the trial of all $j$ "
                "disagree",
                bound=lambda: 0,
                exact=disagreements,
            ),
            Equal(
                instance="one worker needs 1, 29 need 50, $\\varsigma = 49.5$: how many work",
                exact=lambda: greedy(ONE_FAST, 49.5),
                again=lambda: mediants(ONE_FAST, 49.5).argmin() + 1,
            ),
        ],
    ),
    "thm-batch-steps": Theorem(
        source="proved here; the descent argument is folklore",
        checks=[
            AtMost(
                instance="mean squared gradient over 40 steps on $F(x) = 1 - \\cos x$ from "
                "$x_0 = 2.5$, $\\sigma_g = 1$, $B = 10$, against $2LF_0/J + \\sigma_g^2/B$",
                bound=lambda: 2 * (1 - np.cos(2.5)) / 40 + 1 / 10,
                simulate=lambda rng: mean_squared_gradients(rng, 2.5, 40, 10, 1, np.sin),
            ),
            Equal(
                instance="on $F(x) = x^2/2$ from its minimum, 200 steps, $B = 10$: "
                "$\\frac{199}{200} \\cdot \\frac1{10}$, and the bound $\\frac1{10}$ is nearly met",
                exact=lambda: (1 - 1 / 200) / 10,
                simulate=lambda rng: mean_squared_gradients(rng, 0, 200, 10, 1, lambda x: x),
            ),
        ],
    ),
    "thm-rennala-seconds": Theorem(
        source="proved here; for the method, {cite:t}`tyurin2023optimal`",
        checks=[
            AtMost(
                instance="the greatest $t(2\\varsigma)/g(\\varsigma)$ of 1000 random parks",
                bound=lambda: 2,
                exact=lambda: max(
                    all_in(times, 2 * b) / mediants(times, b).min()
                    for times, b in random_parks(np.random.default_rng(8))
                ),
            ),
            Tends(
                instance="the same for one worker, by $\\varsigma$: the factor 2 is met in the "
                "limit",
                limit=lambda: 2,
                values=lambda: {
                    b: all_in([1.0], 2 * b) / mediants([1.0], b).min() for b in (10, 100, 1000)
                },
                within=3e-3,
            ),
        ],
    ),
    "thm-dropped": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="the most gradients dropped in any of 40 runs of $n = 300$ updates, "
                "$m = 10$, $R = 6$, Pareto times with $\\alpha = 1.1$, against $(m-1)n/R$",
                bound=lambda: 9 * 300 / 6,
                exact=lambda: max(drops_of_runs(np.random.default_rng(9))),
            ),
            Equal(
                instance="one worker needs 1, nine need a little more than $R = 6$: the bound is "
                "met, but for the last round",
                exact=lambda: 9 * (50 - 1),
                again=lambda: drops_of_clockwork(10, 6, 50),
            ),
        ],
    ),
    "thm-half-suffices": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="22 fresh gradients from the first 11 of 21 workers, Pareto times with "
                "$\\alpha = 1.1$",
                bound=lambda: bound_of_half(HEAVY.mean(), 21, 22),
                simulate=lambda rng: rounds_of_half(HEAVY, 21, 22, rng),
            ),
            AtMost(
                instance="2 from the first 2 of 3 workers that need 0.001 or, with probability "
                "3/4, 1",
                bound=lambda: bound_of_half(SLOW.mean(), 3, 2),
                simulate=lambda rng: rounds_of_half(SLOW, 3, 2, rng),
            ),
            Equal(
                instance="one worker: the bound is met",
                exact=lambda: bound_of_half(2.0, 1, 5),
                again=lambda: rounds_of_half(deterministic(2.0), 1, 5, None, 1)[0],
            ),
        ],
    ),
}
