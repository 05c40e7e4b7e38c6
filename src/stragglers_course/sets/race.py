"""The race and fan-out: waiting for one, for all, and for a second copy."""

import itertools

import numpy as np

from ..questions import (
    Choice,
    Decision,
    Figure,
    Number,
    Numbers,
    Parameters,
    Simulation,
    mistakes,
)
from .formulas import harmonic, harmonic_squares

TITLE = "The race and fan-out"
CHAPTERS = ("race", "fan_out")
RATES = (0.4, 0.5, 0.8, 1.25, 1.6, 2, 2.5, 4, 5)
SCALE = "numpy and scipy take the scale, which is 1 / rate; this has the rate in its place."


def at_least_one(p, n):
    """Return the probability that at least one of n independent servers is slow."""
    return 1 - (1 - p) ** n


fan_out = Number(
    "q1",
    points=1,
    rtol=0.001,
    cases=tuple(
        {"n": n, "slow": slow}
        for n in range(12, 101, 4)
        for slow in (0.004, 0.008, 0.01, 0.015, 0.02)
        if 0.1 < n * slow < 1.5
    ),
    key=lambda p: at_least_one(p.slow, p.n),
    mistakes=mistakes(
        (
            "union-bound",
            lambda p: p.n * p.slow,
            "n · slow only bounds the probability from above: it counts requests that meet two"
            " slow servers twice, and can exceed 1.",
        ),
        (
            "complement",
            lambda p: (1 - p.slow) ** p.n,
            "this is the probability that no server is slow; the request is slow otherwise.",
        ),
        ("one-server", lambda p: p.slow, "this is one server; the request waits for all n."),
        ("all-slow", lambda p: p.slow**p.n, "this is all n slow at once; one is enough."),
        (
            "exactly-one",
            lambda p: p.n * p.slow * (1 - p.slow) ** (p.n - 1),
            "this is exactly one slow server; two or more delay the request too.",
        ),
        ("percent", lambda p: 100 * at_least_one(p.slow, p.n), "a probability, not per cent."),
        (
            "one-fewer",
            lambda p: at_least_one(p.slow, p.n - 1),
            "this is for one server fewer than n.",
        ),
        (
            "not-all-slow",
            lambda p: 1 - p.slow**p.n,
            "this is 'not all are slow'; the opposite of 'none is slow' is asked.",
        ),
    ),
)


def how_rare(share, n):
    """Return the slow probability of a server at which this share of requests is slow."""
    return 1 - (1 - share) ** (1 / n)


rare = Number(
    "q2",
    points=1,
    rtol=0.001,
    cases=tuple(
        {"n": n, "share": share}
        for n in range(20, 201, 15)
        for share in (0.2, 0.25, 0.3, 0.35, 0.4, 0.6, 0.65, 0.7)
    ),
    key=lambda p: how_rare(p.share, p.n),
    mistakes=mistakes(
        (
            "union-bound",
            lambda p: p.share / p.n,
            "share / n inverts the bound n · slow, which is not exact for a share this large.",
        ),
        (
            "complement",
            lambda p: (1 - p.share) ** (1 / p.n),
            "this is the probability that a server is fast; slow is the rest.",
        ),
        (
            "wrong-tail",
            lambda p: how_rare(1 - p.share, p.n),
            "this makes `share` the share of fast requests; it is the share of slow ones.",
        ),
        (
            "root-of-share",
            lambda p: p.share ** (1 / p.n),
            "the n-th root of the share belongs to 'all servers slow'; one slow one is enough.",
        ),
        (
            "not-inverted",
            lambda p: at_least_one(p.share, p.n),
            "this takes `share` as the servers' probability; solve for that probability instead.",
        ),
        ("percent", lambda p: 100 * how_rare(p.share, p.n), "a probability, not per cent."),
        ("no-fan-out", lambda p: p.share, "this ignores the fan-out: n servers must be fast."),
        ("fast-over-n", lambda p: (1 - p.share) / p.n, "dividing by n does not undo a power of n."),
    ),
)

sync_total = Number(
    "q3",
    points=2,
    rtol=0.003,
    noise=lambda p: np.sqrt(harmonic_squares(p.m)) / harmonic(p.m),
    cases=tuple(
        {"m": m, "rate": rate, "updates": updates}
        for m in range(6, 33)
        for rate in RATES
        for updates in (200, 500, 800, 3000, 5000)
    ),
    key=lambda p: p.updates * harmonic(p.m) / p.rate,
    mistakes=mistakes(
        ("scale", lambda p: p.updates * harmonic(p.m) * p.rate, SCALE),
        (
            "logarithm",
            lambda p: p.updates * np.log(p.m) / p.rate,
            "log m is the growth of 1 + 1/2 + ... + 1/m, not its value; the gap stays near 0.58.",
        ),
        (
            "mean",
            lambda p: p.updates / p.rate,
            "this is the mean time of one worker; an update waits for the slowest.",
        ),
        (
            "fastest",
            lambda p: p.updates / (p.m * p.rate),
            "this waits for the fastest worker; a synchronous update waits for the slowest.",
        ),
        (
            "one-update",
            lambda p: harmonic(p.m) / p.rate,
            "this is one update; all of them are asked for.",
        ),
        (
            "per-gradient",
            lambda p: p.updates * harmonic(p.m) / (p.m * p.rate),
            "this is per gradient, of which an update has m; the time per update is asked.",
        ),
        (
            "all-work",
            lambda p: p.updates * p.m / p.rate,
            "this adds the work of all workers; they work at the same time.",
        ),
        (
            "one-fewer",
            lambda p: p.updates * harmonic(p.m - 1) / p.rate,
            "this is for m - 1 workers: the sum must end with 1/m.",
        ),
    ),
)


def _draws(m, rate, rounds, seed):
    return np.random.default_rng(seed).exponential(1 / rate, (rounds, m))


slowest = Simulation(
    "q4",
    points=3,
    cases=tuple({"m": m, "rate": rate} for m in range(4, 31) for rate in RATES),
    key=lambda m, rate: (harmonic(m) / rate, np.sqrt(harmonic_squares(m)) / rate),
    cdf=lambda t, m, rate: (1 - np.exp(-rate * np.maximum(t, 0))) ** m,
    open=lambda p: [[p.m, p.rate, 4000, seed] for seed in (1, 1, 2)],
    hidden=lambda rng: [
        [int(rng.integers(3, 60)), float(rng.choice(RATES)), 6000, int(rng.integers(10, 9999))],
        [2, 0.1, 5000, int(rng.integers(10, 9999))],
    ],
    mistakes=mistakes(
        (
            "fastest",
            lambda *a: _draws(*a).min(axis=1),
            "these are the fastest workers' times; the slowest decides.",
        ),
        ("mean", lambda *a: _draws(*a).mean(axis=1), "the round's mean; take its largest time."),
        ("sum", lambda *a: _draws(*a).sum(axis=1), "the workers run at once; do not add them."),
        (
            "scale",
            lambda m, rate, rounds, seed: _draws(m, 1 / rate, rounds, seed).max(axis=1),
            SCALE,
        ),
        (
            "axis",
            lambda *a: _draws(*a).max(axis=0),
            "the largest over the rounds, one for each worker; take it over the workers (axis).",
        ),
        (
            "one-round",
            lambda m, rate, rounds, seed: np.full(rounds, _draws(m, rate, rounds, seed)[0].max()),
            "one round's time is repeated; every round needs draws of its own.",
        ),
        (
            "one-worker",
            lambda m, rate, rounds, seed: _draws(1, rate, rounds, seed)[:, 0],
            "this is a race of one worker; draw m times a round.",
        ),
        (
            "running-total",
            lambda *a: np.cumsum(_draws(*a).max(axis=1)),
            "these are the moments at which rounds end; the length of each round is asked.",
        ),
        (
            "unseeded",
            lambda m, rate, rounds, seed: _draws(m, rate, rounds, None).max(axis=1),
            "the same seed gives other draws each time: use the seed.",
        ),
        (
            "fixed-seed",
            lambda m, rate, rounds, seed: _draws(m, rate, rounds, 0).max(axis=1),
            "another seed gives the same draws: the seed is not used.",
        ),
    ),
)


def _up_to(p):
    return np.arange(1, p.m + 1)


growth = Numbers(
    "q5",
    points=2,
    cases=tuple({"m": m, "rate": rate} for m in range(12, 41) for rate in RATES),
    key=lambda p: harmonic(_up_to(p)) / p.rate,
    mistakes=mistakes(
        ("scale", lambda p: harmonic(_up_to(p)) * p.rate, SCALE),
        (
            "logarithm",
            lambda p: np.log(_up_to(p)) / p.rate,
            "log m is the growth, not the value: it says that one worker takes no time at all.",
        ),
        ("fastest", lambda p: 1 / (_up_to(p) * p.rate), "these are the means of the fastest."),
        (
            "constant",
            lambda p: np.full(p.m, 1 / p.rate),
            "this is the mean of one worker, whatever their number; the slowest is asked.",
        ),
        (
            "linear",
            lambda p: _up_to(p) / p.rate,
            "this grows in proportion to m, as if the workers ran one after the other.",
        ),
        (
            "from-zero",
            lambda p: harmonic(_up_to(p) - 1) / p.rate,
            "this starts with no worker at all; the first number is for one worker.",
        ),
        (
            "summed-twice",
            lambda p: np.cumsum(harmonic(_up_to(p))) / p.rate,
            "the sum 1 + 1/2 + ... has been summed once more.",
        ),
        (
            "reversed",
            lambda p: harmonic(_up_to(p))[::-1] / p.rate,
            "the numbers are right, their order is reversed.",
        ),
        ("no-rate", lambda p: harmonic(_up_to(p)), "this is for rate 1; divide by the rate."),
    ),
)


def _pair(slow, fast):
    return lambda p: {
        "slowest": (_up_to(p), slow(_up_to(p)) / p.rate),
        "fastest": (_up_to(p), fast(_up_to(p)) / p.rate),
    }


def _inverse(m):
    return 1 / m


picture = Figure(
    "q6",
    points=2,
    cases=tuple({"m": m, "rate": rate} for m in range(15, 41) for rate in RATES),
    key=_pair(harmonic, _inverse),
    mistakes=mistakes(
        (
            "scale",
            lambda p: {
                "slowest": (_up_to(p), harmonic(_up_to(p)) * p.rate),
                "fastest": (_up_to(p), p.rate / _up_to(p)),
            },
            SCALE,
        ),
        (
            "logarithm",
            _pair(np.log, _inverse),
            "log m is the growth of the slowest, not its value.",
        ),
        (
            "per-gradient",
            _pair(lambda m: harmonic(m) / m, _inverse),
            "the slowest is divided by m: that is per gradient; the time per round is asked.",
        ),
        (
            "fastest-constant",
            _pair(harmonic, np.ones_like),
            "the fastest of m is faster than one worker alone: its mean falls as 1/m.",
        ),
        (
            "from-zero",
            lambda p: {k: (x - 1, y) for k, (x, y) in picture.key(p).items()},
            "the axis starts at 0; the first value belongs to one worker.",
        ),
        (
            "ratio",
            lambda p: {"ratio": (_up_to(p), harmonic(_up_to(p)) * _up_to(p))},
            "this is slowest over fastest; draw both times.",
        ),
    ),
)


def _both_slow(p):
    return p.slow * (p.shared + (1 - p.shared) * p.slow)


def _hedge(p):
    hedged, merged = at_least_one(_both_slow(p), p.n), at_least_one(p.slow, p.fewer)
    return {"hedged": hedged, "merged": merged, "choice": "hedge" if hedged < merged else "merge"}


def _crossroads():
    """Yield cases on both sides of the number of servers at which the decision turns."""
    found = []
    for n, slow in itertools.product(range(20, 101, 10), (0.01, 0.015, 0.02, 0.03)):
        for shared, side in itertools.product((0.2, 0.3, 0.4, 0.6), (0.65, 0.8, 1.25, 1.5)):
            fewer = round(side * n * (shared + (1 - shared) * slow))
            case = {"n": n, "slow": slow, "shared": shared, "fewer": fewer}
            answer = _hedge(Parameters(case))
            if fewer < n and abs(answer["hedged"] / answer["merged"] - 1) > 0.1:
                found.append((case, answer["choice"]))
    told = {(case["fewer"], choice) for case, choice in found}
    for case, _ in found:  # no number of servers tells the choice by itself
        if {(case["fewer"], "hedge"), (case["fewer"], "merge")} <= told:
            yield case


hedging = Decision(
    "q7",
    points=4,
    rtol=0.001,
    cases=tuple(_crossroads()),
    key=_hedge,
    mistakes=(),
    fields={
        "hedged": mistakes(
            (
                "independent-copies",
                lambda p: at_least_one(p.slow**2, p.n),
                "this takes the two copies as independent; a shared cause slows both.",
            ),
            (
                "always-shared",
                lambda p: at_least_one(p.slow * p.shared, p.n),
                "when the cause is not shared, the second copy can still be slow by itself.",
            ),
            (
                "no-hedge",
                lambda p: at_least_one(p.slow, p.n),
                "this is without a second copy.",
            ),
            (
                "either-slow",
                lambda p: at_least_one(2 * p.slow - _both_slow(p), p.n),
                "this takes a pair as slow when either copy is; the faster copy counts.",
            ),
            ("one-server", _both_slow, "this is one pair of copies; the request waits for n."),
            ("percent", lambda p: 100 * _hedge(p)["hedged"], "a probability, not per cent."),
            ("swapped", lambda p: _hedge(p)["merged"], "this is the other option's probability."),
        ),
        "merged": mistakes(
            (
                "share-of-it",
                lambda p: at_least_one(p.slow, p.n) * p.fewer / p.n,
                "a share of the servers is not that share of the probability: it is in the power.",
            ),
            (
                "not-merged",
                lambda p: at_least_one(p.slow, p.n),
                "this is the whole fan-out n; only `fewer` servers are asked here.",
            ),
            (
                "union-bound",
                lambda p: p.fewer * p.slow,
                "fewer · slow only bounds the probability from above.",
            ),
            (
                "complement",
                lambda p: (1 - p.slow) ** p.fewer,
                "this is the probability that the request is fast.",
            ),
            ("percent", lambda p: 100 * _hedge(p)["merged"], "a probability, not per cent."),
            ("swapped", lambda p: _hedge(p)["hedged"], "this is the other option's probability."),
        ),
        "choice": Choice(("hedge", "merge")),
    },
)

QUESTIONS = {q.name: q for q in (fan_out, rare, sync_total, slowest, growth, picture, hedging)}
