"""The theorems of the chapter "The bill for talking"."""

import math

import numpy as np
from scipy import integrate, optimize, special

from ..laws.named import exponential
from .theorem import DRAWS, AtLeast, AtMost, Equal, Tends, Theorem


def run_ring(m):
    """Execute a ring all-reduce on random vectors of m pieces.

    Returns the steps, how many pieces each worker sent, and whether all hold the sums at the end.
    """
    have = np.random.default_rng(m).integers(100, size=(m, m))
    wanted, sent, steps = have.sum(axis=0), np.zeros(m, dtype=int), 0
    for gather in (False, True):
        for step in range(m - 1):
            piece = (np.arange(m) + gather - step) % m
            message = have[np.arange(m), piece]
            reader = (np.arange(m) + 1) % m
            have[reader, piece] = message + (0 if gather else have[reader, piece])
            sent, steps = sent + 1, steps + 1
    return steps, sent, bool((have == wanted).all())


def run_tree(m):
    """Execute a tree's reduce and broadcast on m = 2^q workers; return what each worker sends."""
    have = np.random.default_rng(m).integers(100, size=m)
    wanted, sent, gap = have.sum(), np.zeros(m, dtype=int), 1
    while gap < m:
        for i in range(0, m, 2 * gap):
            have[i] += have[i + gap]
            sent[i + gap] += m
        gap *= 2
    while gap > 1:
        gap //= 2
        for i in range(0, m, 2 * gap):
            have[i + gap] = have[i]
            sent[i] += m
    assert (have == wanted).all()
    return sent


def ring_time(m, size, latency, bandwidth):
    """Return the time of the executed ring: a step takes as long as its messages, all at once."""
    steps, _, right = run_ring(m)
    return steps * (latency + size / m / bandwidth) if right else math.nan


def last_message(layers, backward, message):
    """Return the end of the last message, one layer after the other."""
    free = 0.0
    for layer in range(1, layers + 1):
        free = max(free, layer * backward) + message
    return free


def two_levels(nodes, per_node, size, inside, between):
    """Return the time of executed rings: in all nodes, then across them, then in all nodes."""
    steps, _, _ = run_ring(per_node)
    within = steps * (inside[0] + size / per_node / inside[1])
    return within + ring_time(nodes, size / per_node, *between)


def slowest_mean(m, steps):
    """Return E of the slowest of m means of `steps` exponential times of mean 1."""
    late = integrate.quad(
        lambda t: 1 - special.gammainc(steps, steps * t) ** m, 0, 60, limit=400, points=[1, 2, 5]
    )
    return late[0]


def local_means(m, steps, rng):
    """Return the greatest of m workers' means of `steps` times, a round a row."""
    times = exponential(rate=1).rvs(size=(DRAWS, m, steps), random_state=rng)
    return times.mean(axis=2).max(axis=1)


def scaled_step(m, compute, rate, latency):
    """Return compute / m + H_m / rate + 2 (m - 1) latency."""
    return compute / m + sum(1 / j for j in range(1, m + 1)) / rate + 2 * (m - 1) * latency


def best_by_rule(compute, rate, latency):
    """Return the last m that the rule of the theorem still allows."""
    m = 1
    while compute / ((m + 1) * m) > 1 / (rate * (m + 1)) + 2 * latency:
        m += 1
    return m


def trade(steps, gap=1, delay=1, work=1, smooth=1, noise=1, step=0.08, time=1000, m=16):
    """Return the bound of the theorem on periodic averaging, as a function of the local steps."""
    first = 2 * gap / (step * time) * (work + delay / steps)
    return first + step * smooth * noise / m + step**2 * smooth**2 * noise * (steps - 1)


THEOREMS = {
    "thm-ring": Theorem(
        source="{cite:t}`thakur2005optimization`",
        checks=[
            Equal(
                instance="a ring of 64 workers with 102.4 MB at 10 Gb/s and 50 µs, by the formula "
                "and by executing the ring and counting its steps",
                exact=lambda: 2 * 63 * (50e-6 + 102.4e6 / 64 / 1.25e9),
                again=lambda: ring_time(64, 102.4e6, 50e-6, 1.25e9),
            ),
        ],
    ),
    "thm-all-reduce-bound": Theorem(
        source="a bound of this kind is in {cite:t}`patarasuk2009bandwidth`; proved here",
        checks=[
            AtLeast(
                instance="numbers that the 16 workers of a binomial tree send in all, for a "
                "vector of 16",
                bound=lambda: 2 * 15 * 16,
                exact=lambda: run_tree(16).sum(),
            ),
            Equal(
                instance="numbers that the 16 workers of a ring send in all: the bound is met",
                exact=lambda: 2 * 15 * 16,
                again=lambda: run_ring(16)[1].sum(),
            ),
            AtMost(
                instance="numbers that the busiest worker of the ring sends, against "
                "$2\\frac{m-1}{m}N$, below which no way has it",
                bound=lambda: 2 * 15 / 16 * 16,
                exact=lambda: run_ring(16)[1].max(),
            ),
        ],
    ),
    "thm-barrier": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="the slowest of 8 exponential workers of mean 1, then a collective of 0.5",
                exact=lambda: sum(1 / j for j in range(1, 9)) + 0.5,
                simulate=lambda rng: (
                    exponential(rate=1).rvs(size=(DRAWS, 8), random_state=rng) + 0.5
                ).max(axis=1),
            ),
            AtLeast(
                instance="the same step, against the mean of one worker and the collective",
                bound=lambda: 1.5,
                simulate=lambda rng: (
                    exponential(rate=1).rvs(size=(DRAWS, 8), random_state=rng) + 0.5
                ).max(axis=1),
            ),
        ],
    ),
    "thm-overlap": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance=f"8 layers, {b} of backward pass and {c} of message each: the formula, "
                "and one message after the other",
                exact=lambda b=b, c=c: max(8 * b + c, b + 8 * c),
                again=lambda b=b, c=c: last_message(8, b, c),
            )
            for b, c in ((3, 2), (2, 3), (2, 2))
        ],
    ),
    "thm-hierarchy": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="8 nodes of 8 workers with 102.4 MB, the formula and two levels of "
                "executed rings",
                exact=lambda: (
                    2 * 7 * (5e-6 + 102.4e6 / 8 / 100e9) + 2 * 7 * (50e-6 + 102.4e6 / 64 / 1.25e9)
                ),
                again=lambda: two_levels(8, 8, 102.4e6, (5e-6, 100e9), (50e-6, 1.25e9)),
            ),
            AtMost(
                instance="what crosses a node's border to the next: 8 workers' shares, against "
                "$2\\frac{n-1}{n}N$ bytes with $n = 8$, as in one ring of nodes",
                bound=lambda: 2 * 7 / 8 * 102.4e6,
                exact=lambda: 8 * run_ring(8)[1].max() * 102.4e6 / 8 / 8,
            ),
        ],
    ),
    "thm-local-sgd": Theorem(
        source="the quantity is that of {cite:t}`wang2019adaptive`; proved here",
        checks=[
            Equal(
                instance="the slowest of 8 means of 4 exponential times",
                exact=lambda: slowest_mean(8, 4),
                simulate=lambda rng: local_means(8, 4, rng),
            ),
            AtMost(
                instance="the slowest of 8 means of 5 times, against that of 4",
                bound=lambda: slowest_mean(8, 4),
                exact=lambda: slowest_mean(8, 5),
            ),
            Tends(
                instance="the slowest of 8 means of $s$ times",
                limit=lambda: 1.0,
                values=lambda: {s: slowest_mean(8, s) for s in (1, 10, 100, 1000)},
                within=0.05,
            ),
        ],
    ),
    "thm-strong-scaling": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="the best of all numbers of workers up to 400 for $c = 100$, "
                "$\\lambda = 1$, $\\ell = 0.01$, and the last one that the rule allows",
                exact=lambda: best_by_rule(100, 1, 0.01),
                again=lambda: 1 + np.argmin([scaled_step(m, 100, 1, 0.01) for m in range(1, 401)]),
            ),
            Equal(
                instance="the same without latency: $\\lceil c\\lambda\\rceil$ workers for "
                "$c = 99.5$",
                exact=lambda: math.ceil(99.5),
                again=lambda: 1 + np.argmin([scaled_step(m, 99.5, 1, 0) for m in range(1, 401)]),
            ),
        ],
    ),
    "thm-averaging-period": Theorem(
        source="the bound as we know it from {cite:t}`wang2019adaptive`, of which only the "
        "abstract was seen; its minimum is proved here",
        checks=[
            Equal(
                instance="the best number of local steps for $\\eta = 0.08$, $t = 1000$ and all "
                "else 1, by the formula and by numerical search",
                exact=lambda: trade(math.sqrt(2 / (0.08**3 * 1000))),
                again=lambda: (
                    optimize.minimize_scalar(
                        trade, bounds=(0.1, 50), method="bounded", options={"xatol": 1e-9}
                    ).fun
                ),
            ),
        ],
    ),
}
