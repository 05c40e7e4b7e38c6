"""Renewal and protocols: what one meets at random, who supplies what, cancelling and going on."""

import itertools

import numpy as np
from scipy.special import comb, lambertw
from scipy.stats import binom

from ..questions import Choice, Decision, Figure, Function, Number, Parameters, mistakes
from .formulas import exact, harmonic

TITLE = "Renewal and protocols"
CHAPTERS = ("nobody_waits", "leave_some_out", "family")
UPSIDE_DOWN = "these are updates per second; the seconds per update are asked for."


def _two_mean(p):
    return (1 - p.probability) * p.usual + p.probability * p.slow


def _two_square(p):
    return (1 - p.probability) * p.usual**2 + p.probability * p.slow**2


met = Number(
    "q1",
    points=1,
    cases=tuple(
        {"usual": usual, "slow": slow, "probability": probability}
        for usual in (2, 3, 4, 5, 6, 7)
        for slow in (15, 20, 24, 32, 45, 60)
        for probability in (0.05, 0.1, 0.15, 0.2, 0.3)
    ),
    key=lambda p: _two_square(p) / _two_mean(p),
    mistakes=mistakes(
        (
            "mean",
            _two_mean,
            "this is the mean of all gradients; a long one is met more often than it is made.",
        ),
        (
            "left",
            lambda p: _two_square(p) / (2 * _two_mean(p)),
            "this is what is left of it on average; the whole gradient is asked for.",
        ),
        (
            "half",
            lambda p: _two_mean(p) / 2,
            "half the mean would be left if all gradients were alike; the whole is asked for.",
        ),
        ("square", _two_square, "this is E[X²], in seconds squared: divide by the mean."),
        (
            "root",
            lambda p: np.sqrt(_two_square(p)),
            "the root of E[X²] has the right unit, but it is not the mean of what is met.",
        ),
        ("slow", lambda p: p.slow, "the usual gradients are met as well, if rarely."),
        (
            "midpoint",
            lambda p: (p.usual + p.slow) / 2,
            "this meets both kinds equally often.",
        ),
        (
            "share",
            lambda p: p.probability * p.slow / _two_mean(p),
            "this is the share of moments at which a slow one is met; how long it takes is asked.",
        ),
        (
            "excess",
            lambda p: _two_square(p) / _two_mean(p) - _two_mean(p),
            "this is by how much it exceeds the mean: add the mean.",
        ),
    ),
)


def _pace(p):
    return p.fast / p.fast_mean + p.slow / p.slow_mean


crew = Number(
    "q2",
    points=2,
    cases=tuple(
        {"fast": fast, "fast_mean": a, "slow": slow, "slow_mean": b}
        for fast in range(3, 13)
        for slow in range(2, 9)
        for a, b in ((0.8, 2.4), (1.5, 4.0), (2.0, 3.2), (0.5, 1.8), (1.2, 2.0))
    ),
    key=lambda p: 1 / _pace(p),
    mistakes=mistakes(
        (
            "mean-of-means",
            lambda p: (p.fast * p.fast_mean + p.slow * p.slow_mean) / (p.fast + p.slow) ** 2,
            "the means were averaged; add up the rates, 1 / mean, one for every worker.",
        ),
        ("rate", _pace, UPSIDE_DOWN),
        ("fast-only", lambda p: p.fast_mean / p.fast, "the slow workers send updates as well."),
        ("slow-only", lambda p: p.slow_mean / p.slow, "the fast workers send updates as well."),
        (
            "pace-of-the-slow",
            lambda p: p.slow_mean / (p.fast + p.slow),
            "this lets everybody work as slowly as the slow ones; nobody waits here.",
        ),
        (
            "kinds",
            lambda p: 1 / (1 / p.fast_mean + 1 / p.slow_mean),
            "this is for one worker of each kind.",
        ),
        (
            "added-times",
            lambda p: p.fast_mean / p.fast + p.slow_mean / p.slow,
            "times of two clocks that run side by side do not add up; rates do.",
        ),
        (
            "averaged-times",
            lambda p: (p.fast_mean / p.fast + p.slow_mean / p.slow) / 2,
            "the two clocks run side by side: their rates add up, their times have no average.",
        ),
        (
            "one-worker",
            lambda p: (p.fast + p.slow) / _pace(p),
            "this is per update of a mean worker; all of them send updates.",
        ),
    ),
)


def _part(p):
    return p.t / p.longest


burst = Number(
    "q3",
    points=2,
    cases=tuple(
        {"m": m, "longest": longest, "t": round(longest * part, 2)}
        for m in range(6, 41, 2)
        for longest in (2, 3, 5, 8)
        for part in (0.4, 0.5, 0.6, 0.7, 0.8)
    ),
    key=lambda p: p.m * np.expm1(_part(p)),
    mistakes=mistakes(
        (
            "long-run",
            lambda p: 2 * p.m * _part(p),
            "this is the long-run rate times t; all have just started, and nobody is half done.",
        ),
        (
            "first-only",
            lambda p: p.m * _part(p),
            "this counts each worker's first gradient only; some send a second one by then.",
        ),
        (
            "first-and-second",
            lambda p: p.m * (_part(p) + _part(p) ** 2 / 2),
            "this counts first and second gradients only; a third one is rare, not impossible.",
        ),
        ("one-worker", lambda p: np.expm1(_part(p)), "this is one worker's part."),
        (
            "start-counted",
            lambda p: p.m * np.exp(_part(p)),
            "one too many for each worker: at the start nothing has been sent.",
        ),
        (
            "minimum",
            lambda p: p.t * (p.m + 1) / p.longest,
            "this takes E[min] for the time of every update; it is that of the first one only.",
        ),
        (
            "unit",
            lambda p: p.m * np.expm1(p.t),
            "this is for times from 0 to 1; measure t in units of the longest time.",
        ),
        (
            "long-after",
            lambda p: p.m * (2 * _part(p) - 1 / 3),
            "this holds long after the start; t is less than the longest time.",
        ),
        (
            "one-update-each",
            lambda p: p.m,
            "not every worker has sent exactly one by then.",
        ),
    ),
)


def _ranked(times, rank):
    """Return the moments of updates if all start anew at each, at the arrival of this rank."""
    return np.cumsum(np.sort(np.asarray(times, dtype=float), axis=0)[rank - 1])


def _arrivals(times):
    """Return the moments of all gradients, if nobody waits."""
    return np.sort(np.cumsum(np.asarray(times, dtype=float), axis=1).ravel())


def k_async(times, k):
    """Return the moments of the first updates of K-async, as many as the table has columns."""
    times = np.asarray(times, dtype=float)
    ends, used, moments = times[:, 0].copy(), np.zeros(len(times), dtype=int), []
    for _ in range(times.shape[1]):
        first = np.argsort(ends, kind="stable")[:k]
        moments.append(ends[first[-1]])
        used[first] += 1
        more = first[used[first] < times.shape[1]]
        ends[first] = np.inf
        ends[more] = moments[-1] + times[more, used[more]]
    return np.array(moments)


def _crowd(rng, m, n):
    return exact(0.5 + rng.exponential(1.0, (m, n)), 2**20)


replay = Function(
    "q4",
    points=4,
    cases=tuple(
        {"m": m, "K": K, "seed": seed}
        for m in range(4, 9)
        for K in range(2, m - 1)
        for seed in range(12)
    ),
    key=k_async,
    open=lambda p: [
        [[[2.0, 2.5, 2.0], [3.0, 3.25, 3.0], [4.5, 1.0, 7.0]], 2],
        [_crowd(np.random.default_rng(p.seed), p.m, 6), p.K],
    ],
    hidden=lambda rng: [
        [_crowd(rng, 9, 12), 4],
        [_crowd(rng, 5, 7), 1],
        [_crowd(rng, 6, 8), 6],
        [_crowd(rng, 1, 3), 1],
    ],
    mistakes=mistakes(
        (
            "nobody-waits",
            lambda times, K: _arrivals(times)[K - 1 :: K][: len(times[0])],
            "this is K-batch-async, where a finisher goes on at once; here it waits for K - 1"
            " others.",
        ),
        (
            "cancelled",
            lambda times, K: _ranked(times, K),
            "this is K-sync: those who are not done are stopped. Here they go on.",
        ),
        (
            "barrier",
            lambda times, K: _ranked(times, len(times)),
            "this waits for all at each update; K of them are enough.",
        ),
        (
            "async",
            lambda times, K: _arrivals(times)[: len(times[0])],
            "this makes an update of every gradient; K make one here.",
        ),
        (
            "fastest-only",
            lambda times, K: _ranked(times, 1),
            "this takes the fastest alone, and starts all anew.",
        ),
        (
            "counted-from-the-top",
            lambda times, K: k_async(times, len(times) - K + 1),
            "this waits for m - K + 1 gradients: the K-th is counted from the slowest.",
        ),
        (
            "one-more",
            lambda times, K: k_async(times, min(K + 1, len(times))),
            "this waits for one gradient too many: Python counts from 0.",
        ),
        (
            "gaps",
            lambda times, K: np.diff(k_async(times, K), prepend=0),
            "these are the times between updates; the moments are asked for.",
        ),
        (
            "first-update",
            lambda times, K: k_async(times, K)[:1],
            "this is the first update only.",
        ),
    ),
)


def _cancel(p, rank=None, m=None):
    """Return the mean time until `rank` of m two-speed workers are done."""
    late = binom.cdf((rank or p.k) - 1, m or p.m, 1 - p.probability)  # too few are usual
    return p.usual + (p.slow - p.usual) * late


def _cancel_or_go_on(p):
    cancel, go_on = _cancel(p), p.k * _two_mean(p) / p.m
    return {
        "k_sync": cancel,
        "k_batch_async": go_on,
        "choice": "k-sync" if cancel < go_on else "k-batch-async",
    }


def _two_speeds():
    """Yield cases in which neither protocol wins always, and none is a close call."""
    laws = itertools.product((1, 2), (6, 9, 15), (0.1, 0.2, 0.3))
    for m, k, (usual, slow, probability) in itertools.product(
        (8, 10, 12, 16, 20), range(4, 15), laws
    ):
        case = {"m": m, "k": k, "usual": usual, "slow": slow, "probability": probability}
        p = Parameters(case)
        late = binom.cdf(k - 1, m, 1 - probability)
        if not (m / 2 <= k < m and 0.02 < late < 0.8):
            continue
        found = _cancel_or_go_on(p)
        if abs(found["k_sync"] / found["k_batch_async"] - 1) > 0.03:
            yield case


cancel_or_go_on = Decision(
    "q5",
    points=4,
    words=40,
    cases=tuple(_two_speeds()),
    key=_cancel_or_go_on,
    mistakes=(),
    fields={
        "k_sync": mistakes(
            ("sync", lambda p: _cancel(p, p.m), "this waits for all m workers."),
            (
                "slowest-of-k",
                lambda p: _cancel(p, p.k, p.k),
                "this starts only k workers; all m start and the first k count.",
            ),
            ("one-worker", _two_mean, "this is one worker's mean; the k-th of m is asked for."),
            (
                "never-late",
                lambda p: p.usual,
                "now and then more than m - k workers are slow, and the update waits for one.",
            ),
        ),
        "k_batch_async": mistakes(
            (
                "alone",
                lambda p: p.k * _two_mean(p),
                "these are k gradients of one worker; m work at once.",
            ),
            ("per-gradient", lambda p: _two_mean(p) / p.m, "this is per gradient; k make one."),
            ("one-worker", _two_mean, "this is the mean of one gradient of one worker."),
            (
                "no-slow",
                lambda p: p.k * p.usual / p.m,
                "the slow gradients are finished as well: take the mean of both kinds.",
            ),
        ),
        "choice": Choice(("k-sync", "k-batch-async")),
    },
)


def _touching(load):
    """Return the share at which the ray touches, for a least time of `load` means of the rest."""
    return 1 + 1 / lambertw(-np.exp(-1 - load), -1).real


ray = Number(
    "q6",
    points=2,
    cases=tuple(
        {"shift": shift / 10, "rate": rate}
        for shift in range(2, 31)
        for rate in (0.4, 0.5, 0.8, 1.6, 2, 2.5)
        if 0.1 < shift / 10 * rate < 6
    ),
    key=lambda p: _touching(p.shift * p.rate),
    mistakes=mistakes(
        (
            "left-out",
            lambda p: 1 - _touching(p.shift * p.rate),
            "this is the share that is left out; the share that is waited for is asked.",
        ),
        (
            "no-rate",
            lambda p: _touching(p.shift),
            "this is for rate 1: what counts is the shift times the rate.",
        ),
        (
            "scale",
            lambda p: _touching(p.shift / p.rate),
            "the mean of the random part is 1 / rate; this has the rate in its place.",
        ),
        (
            "mean",
            lambda p: 1 - np.exp(-1),
            "this is the share that is done within the mean time, whatever the shift.",
        ),
        ("half", lambda p: 0.5, "half is safe for every law, and best for few."),
        ("all", lambda p: 1.0, "waiting for all pays for the last gaps, the longest ones."),
        (
            "share-of-shift",
            lambda p: p.shift * p.rate / (1 + p.shift * p.rate),
            "this is the least time over the mean time.",
        ),
        (
            "percent",
            lambda p: 100 * _touching(p.shift * p.rate),
            "a share between 0 and 1, not per cent.",
        ),
        (
            "pareto",
            lambda p: 2 / 3,
            "two thirds are for Pareto times with index 2.",
        ),
    ),
)


def _per_gradient(k_sync, k_async):
    def curves(p):
        ranks = np.arange(1, p.m + 1)
        protocols = {"K-sync": k_sync, "K-async": k_async}
        return {
            name: (ranks, p.seconds * time(ranks, p.m) * np.ones(p.m))
            for name, time in protocols.items()
        }

    return curves


def _alone(k, m):
    return 1 / k


def _whole_groups(k, m):
    return 1 / (k * (m // k))


clockwork = Figure(
    "q7",
    points=2,
    cases=tuple(
        {"m": m, "seconds": seconds}
        for m in range(9, 31)
        for seconds in (0.4, 0.6, 0.9, 1.3, 1.7, 2.2, 3)
    ),
    key=_per_gradient(_alone, _whole_groups),
    mistakes=mistakes(
        (
            "per-update",
            _per_gradient(lambda k, m: 1, lambda k, m: 1 / (m // k)),
            "these are the times per update; each carries K gradients.",
        ),
        (
            "no-idling",
            _per_gradient(_alone, lambda k, m: 1 / m),
            "K-async: only whole groups of K make updates; the rest of m idles.",
        ),
        (
            "rounded-up",
            _per_gradient(_alone, lambda k, m: 1 / (k * -(-m // k))),
            "K-async: a group that is not full makes no update: round m / K down.",
        ),
        (
            "gradients-per-second",
            lambda p: {
                name: (x, 1 / y) for name, (x, y) in _per_gradient(_alone, _whole_groups)(p).items()
            },
            "these are gradients per second; the seconds per gradient are asked for.",
        ),
    ),
)


def slowest_of_two_kinds(m, rate, other_m, other_rate):
    """Return the mean of the slowest of exponential workers of two kinds."""
    i, j = np.arange(m + 1)[:, None], np.arange(other_m + 1)[None, :]
    signs = (-1.0) ** (i + j + 1) * comb(m, i) * comb(other_m, j)
    signs[0, 0], rates = 0, i * rate + j * other_rate
    rates[0, 0] = 1
    return float((signs / rates).sum())


def _slow_machines(p):
    workers = p.fast + p.slow
    slowest = slowest_of_two_kinds(p.fast, p.fast_rate, p.slow, p.slow_rate)
    both = p.fast * p.fast_rate + p.slow * p.slow_rate
    found = {
        "sync_all": workers / slowest,
        "sync_fast": p.fast * p.fast_rate / harmonic(p.fast),
        "async_all": both,
        "slow_share": p.slow * p.slow_rate / both,
    }
    return found | {"choice": "keep" if found["sync_all"] > found["sync_fast"] else "drop"}


def _crews():
    """Yield crews whose slow machines help synchronous SGD, or harm it, and not by a hair."""
    for fast, slow in itertools.product((4, 5, 6, 8, 10, 12), (2, 3, 4, 5)):
        for fast_rate, slow_rate in itertools.product((1.0, 1.1, 1.2, 1.3), (0.55, 0.65, 0.75)):
            case = {"fast": fast, "fast_rate": fast_rate, "slow": slow, "slow_rate": slow_rate}
            found = _slow_machines(Parameters(case))
            if abs(found["sync_all"] / found["sync_fast"] - 1) > 0.02:
                yield case


slow_machines = Decision(
    "q8",
    points=5,
    words=60,
    cases=tuple(_crews()),
    key=_slow_machines,
    mistakes=(),
    fields={
        "sync_all": mistakes(
            (
                "updates",
                lambda p: _slow_machines(p)["sync_all"] / (p.fast + p.slow),
                "updates per second; each carries a gradient of every worker.",
            ),
            (
                "all-alike",
                lambda p: _slow_machines(p)["async_all"] / harmonic(p.fast + p.slow),
                "this gives everybody the mean rate; the slow ones decide when the last is done.",
            ),
            (
                "slow-ones-only",
                lambda p: (p.fast + p.slow) * p.slow_rate / harmonic(p.slow),
                "this waits for the slow machines only; now and then a fast one is the last.",
            ),
        ),
        "sync_fast": mistakes(
            (
                "updates",
                lambda p: p.fast_rate / harmonic(p.fast),
                "updates per second; each carries a gradient of every fast worker.",
            ),
            (
                "no-barrier",
                lambda p: p.fast * p.fast_rate,
                "this is without a barrier; synchronous SGD waits for the slowest.",
            ),
        ),
        "async_all": mistakes(
            ("fast-only", lambda p: p.fast * p.fast_rate, "the slow ones send gradients too."),
            (
                "averaged-times",
                lambda p: (p.fast + p.slow) ** 2 / (p.fast / p.fast_rate + p.slow / p.slow_rate),
                "this averages the times; add up the rates.",
            ),
        ),
        "slow_share": mistakes(
            (
                "counted",
                lambda p: p.slow / (p.fast + p.slow),
                "this is their share of the machines; they send less than their share.",
            ),
            (
                "one-of-them",
                lambda p: p.slow_rate / _slow_machines(p)["async_all"],
                "this is the share of one of them.",
            ),
            (
                "ratio",
                lambda p: p.slow * p.slow_rate / (p.fast * p.fast_rate),
                "this compares them with the fast ones; the share is of all gradients.",
            ),
        ),
        "choice": Choice(("keep", "drop")),
    },
)

QUESTIONS = {
    q.name: q for q in (met, crew, burst, replay, cancel_or_go_on, ray, clockwork, slow_machines)
}
