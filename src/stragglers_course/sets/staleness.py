"""Staleness, steps and the clock: how old gradients are, how large a step, how soon an error."""

import itertools

import numpy as np

from ..questions import Choice, Decision, Figure, Function, Number, Parameters, mistakes
from .formulas import harmonic

TITLE = "Staleness, steps and the clock"
CHAPTERS = ("staleness", "step_size", "error_against_time")


def _all_rates(p):
    return p.fast * p.fast_rate + p.slow * p.slow_rate


slow_worker = Number(
    "q1",
    points=1,
    cases=tuple(
        {"fast": fast, "fast_rate": a, "slow": slow, "slow_rate": b}
        for fast in range(3, 12)
        for slow in range(2, 7)
        for a, b in ((2, 0.5), (1.5, 0.4), (4, 1.25), (3, 0.8), (2.5, 0.5))
    ),
    key=lambda p: _all_rates(p) / p.slow_rate - 1,
    mistakes=mistakes(
        (
            "all",
            lambda p: p.fast + p.slow - 1,
            "m - 1 is the mean over all gradients; those of a slow worker are older.",
        ),
        (
            "own-counted",
            lambda p: _all_rates(p) / p.slow_rate,
            "this counts the gradient's own update; only those of others make it stale.",
        ),
        (
            "fast-one",
            lambda p: _all_rates(p) / p.fast_rate - 1,
            "this is a fast worker's gradient.",
        ),
        (
            "share",
            lambda p: p.slow_rate / _all_rates(p),
            "this is its share of the updates; in between, the others make theirs.",
        ),
        (
            "whole-group",
            lambda p: _all_rates(p) / (p.slow * p.slow_rate) - 1,
            "this takes the slow workers for one; they make each other's gradients stale, too.",
        ),
        (
            "fast-ones-only",
            lambda p: p.fast * p.fast_rate / p.slow_rate,
            "the other slow workers send updates as well.",
        ),
        (
            "ratio",
            lambda p: p.fast_rate / p.slow_rate,
            "this is how many updates one fast worker makes meanwhile.",
        ),
        (
            "group-counted",
            lambda p: (p.fast + p.slow) * p.fast_rate / p.slow_rate - 1,
            "not everybody is fast.",
        ),
    ),
)


def _ledger(p):
    return (p.m - p.K) * p.updates


ledger = Number(
    "q2",
    points=2,
    cases=tuple(
        {"m": m, "K": K, "updates": updates, "in_flight": ages}
        for m in range(8, 25, 4)
        for K in range(2, 6)
        for updates in (20, 30, 45)
        for ages in range(m, 4 * m, 7)
    ),
    key=lambda p: (_ledger(p) - p.in_flight) / (p.K * p.updates),
    mistakes=mistakes(
        (
            "long-run",
            lambda p: p.m / p.K - 1,
            "this is the long run; part of the age is still in flight here.",
        ),
        (
            "nobody-waits",
            lambda p: ((p.m - 1) * p.updates - p.in_flight) / (p.K * p.updates),
            "this hands out m - 1 at each update, as K-batch-async does; here K start afresh.",
        ),
        (
            "per-update",
            lambda p: (_ledger(p) - p.in_flight) / p.updates,
            "this is per update; each applies K gradients.",
        ),
        (
            "added",
            lambda p: (_ledger(p) + p.in_flight) / (p.K * p.updates),
            "what is in flight has not been applied yet: take it away.",
        ),
        (
            "total",
            lambda p: _ledger(p) - p.in_flight,
            "this is the sum over all gradients; divide by their number.",
        ),
        (
            "own-counted",
            lambda p: (_ledger(p) - p.in_flight) / (p.K * p.updates) + 1,
            "this counts the gradient's own update.",
        ),
        (
            "in-flight",
            lambda p: p.in_flight / (p.m - p.K),
            "this is the mean age of what is in flight.",
        ),
        (
            "async",
            lambda p: p.m - 1,
            "this is the long run with an update for every gradient.",
        ),
    ),
)


def _stale(m, K):
    q = 1 - 1 / m
    return q * (1 - q**K) / (K * (1 - q))


fresh = Number(
    "q3",
    points=2,
    cases=tuple({"m": m, "K": K} for m in range(6, 31) for K in range(2, m)),
    key=lambda p: 1 - _stale(p.m, p.K),
    mistakes=mistakes(
        ("k-async", lambda p: p.K / p.m, "this is K-async, where those who are done wait."),
        (
            "async",
            lambda p: 1 / p.m,
            "this is for an update a gradient; with K, fewer updates come in between.",
        ),
        (
            "last-of-batch",
            lambda p: 1 - (1 - 1 / p.m) ** p.K,
            "this is the last gradient of its batch; the first of it is fresh less often.",
        ),
        ("stale", lambda p: _stale(p.m, p.K), "these are the stale ones."),
        (
            "others-only",
            lambda p: 1 - _stale(p.m - 1, p.K),
            "the next gradient comes from each of m workers with the same chance.",
        ),
        (
            "geometric",
            lambda p: 1 / (1 + (p.m - 1) / p.K),
            "this takes a geometric law with the right mean; in batches it is not geometric.",
        ),
        (
            "one-place-less",
            lambda p: 1 - (1 - (1 - 1 / p.m) ** p.K) * p.m / p.K,
            "places in a batch count from 1: the first can be fresh as well.",
        ),
        ("percent", lambda p: 100 * (1 - _stale(p.m, p.K)), "a share, not per cent."),
    ),
)


def staleness(arrivals, K):
    """Return how stale each gradient is, if every K of them make an update and nobody waits."""
    reads, found = {}, []
    for place, worker in enumerate(arrivals):
        found.append(place // K - reads.get(worker, 0))
        reads[worker] = (place + 1) // K
    return found


def _since(arrivals):
    """Return for each gradient its place, and that of its worker's one before, -1 if none."""
    last, found = {}, []
    for place, worker in enumerate(arrivals):
        found.append((place, last.get(worker, -1)))
        last[worker] = place
    return np.array(found).T


def _between(arrivals):
    place, before = _since(arrivals)
    return place - before - 1


def _others(arrivals):
    place, before = _since(arrivals)
    return [len(set(arrivals[b + 1 : a])) for a, b in zip(place, before, strict=True)]


def _queue(rng, m, n):
    chances = rng.uniform(0.5, 1.5, m)
    return rng.choice(m, n, p=chances / chances.sum()).tolist()


versions = Function(
    "q4",
    points=4,
    cases=tuple(
        {"m": m, "K": K, "seed": seed}
        for m in range(4, 9)
        for K in range(2, 5)
        for seed in range(12)
    ),
    key=staleness,
    open=lambda p: [
        [[0, 1, 1, 2, 0, 1, 2, 2], 2],
        [_queue(np.random.default_rng(p.seed), p.m, 6 * p.K), p.K],
    ],
    hidden=lambda rng: [
        [_queue(rng, 7, 30), 5],
        [_queue(rng, 6, 24), 1],
        [_queue(rng, 3, 24), 6],
        [[0, 0, 0, 0], 2],
    ],
    mistakes=mistakes(
        (
            "per-gradient",
            lambda arrivals, K: _between(arrivals),
            "these are gradients in between; K of them make one update.",
        ),
        (
            "own-counted",
            lambda arrivals, K: np.add(staleness(arrivals, K), 1),
            "this counts the gradient's own update.",
        ),
        (
            "reads-before",
            lambda arrivals, K: [
                a // K - max(b, 0) // K for a, b in zip(*_since(arrivals), strict=True)
            ],
            "a gradient that completes its batch makes the update first; then its worker reads.",
        ),
        (
            "rounded",
            lambda arrivals, K: _between(arrivals) // K,
            "what counts is how many batches end in between, not how many would fit.",
        ),
        (
            "divided",
            lambda arrivals, K: _between(arrivals) / K,
            "an update is made or not: staleness is a whole number.",
        ),
        (
            "first-fresh",
            lambda arrivals, K: [
                s if b >= 0 else 0
                for s, b in zip(staleness(arrivals, K), _since(arrivals)[1], strict=True)
            ],
            "a worker's first gradient was computed on the start, and can be late.",
        ),
        (
            "other-workers",
            lambda arrivals, K: _others(arrivals),
            "this counts workers; one that sends twice counts twice.",
        ),
        (
            "version",
            lambda arrivals, K: np.arange(len(arrivals)) // K,
            "this is how often the model has changed since the start, not since it was read.",
        ),
        (
            "read-version",
            lambda arrivals, K: np.arange(len(arrivals)) // K - staleness(arrivals, K),
            "this is which version each read; how many came after it is asked.",
        ),
    ),
)


def _largest(m):
    return (1 + np.sqrt(1 + 8 * m)) / (2 * m)


def _constant(delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1)))


largest = Number(
    "q5",
    points=2,
    cases=tuple(
        {"m": m, "curvature": a}
        for m in range(6, 41)
        for a in (0.4, 0.5, 0.8, 1.25, 1.6, 2, 2.5, 4)
    ),
    key=lambda p: _largest(p.m) / p.curvature,
    mistakes=mistakes(
        (
            "constant-delay",
            lambda p: _constant(p.m - 1) / p.curvature,
            "this is for a constant delay of m - 1; exponential workers bear more.",
        ),
        (
            "constant-delay-of-m",
            lambda p: _constant(p.m) / p.curvature,
            "this is for a constant delay of m; exponential workers bear more.",
        ),
        (
            "mean",
            lambda p: (4 * p.m - 2) / p.curvature,
            "here the mean dies out; the mean square explodes much earlier.",
        ),
        ("sync", lambda p: 2 / p.curvature, "this is for fresh gradients."),
        ("scaled", lambda p: _largest(p.m), "this is step times curvature; divide."),
        (
            "multiplied",
            lambda p: _largest(p.m) * p.curvature,
            "a steeper bowl bears a smaller step: divide by the curvature.",
        ),
        (
            "many-workers",
            lambda p: np.sqrt(2 / p.m) / p.curvature,
            "this is the limit for many workers, too small for so few.",
        ),
        (
            "one-over-staleness",
            lambda p: 1 / (p.m - 1) / p.curvature,
            "one over the staleness is a rule of thumb; exponential workers bear more.",
        ),
        (
            "speed",
            lambda p: p.m * _largest(p.m) / p.curvature,
            "this is the speed limit, steps times updates; the step is asked for.",
        ),
    ),
)


def _fresh_floor(p, gradients=1, theta=None):
    theta = p.step * p.curvature if theta is None else theta
    return p.step * p.noise**2 / (2 * gradients * (2 - theta))


def _stale_floor(p, theta=None):
    theta = p.step * p.curvature if theta is None else theta
    return p.step * p.noise**2 * (1 + p.m * theta) / (2 * (2 + theta - p.m * theta**2))


floor = Number(
    "q6",
    points=2,
    cases=tuple(
        {"m": m, "curvature": a, "noise": noise, "step": step}
        for m in range(6, 21, 2)
        for a in (0.5, 0.8, 1.25, 2)
        for noise in (0.5, 0.7, 1.3, 1.6)
        for step in (0.05, 0.08, 0.12, 0.16)
        if step * a < 0.75 * _largest(m)
    ),
    key=_stale_floor,
    mistakes=mistakes(
        (
            "sync",
            lambda p: _fresh_floor(p, p.m),
            "this averages m fresh gradients; an asynchronous update has one, and a stale one.",
        ),
        ("fresh", _fresh_floor, "this is one fresh gradient an update; these are stale."),
        (
            "small-step",
            lambda p: p.step * p.noise**2 / 4,
            "this is for steps so small that staleness does not count.",
        ),
        (
            "noise",
            lambda p: _stale_floor(p) / p.noise,
            "the noise is a standard deviation: square it.",
        ),
        (
            "no-curvature",
            lambda p: _stale_floor(p, p.step),
            "this is for curvature 1: theta is step times curvature.",
        ),
        (
            "square",
            lambda p: 2 / p.curvature * _stale_floor(p),
            "this is E[x²]; the error of F is half the curvature times it.",
        ),
        (
            "averaged",
            lambda p: _stale_floor(p) / p.m,
            "an asynchronous update has one gradient: no noise is averaged.",
        ),
        ("doubled", lambda p: 2 * _stale_floor(p), "a factor ½ is missing."),
        (
            "others",
            lambda p: _stale_floor(Parameters({**p, "m": p.m - 1})),
            "the formula has the number of workers in it, not the mean staleness.",
        ),
    ),
)


def _on_the_clock(shape, sync=lambda p: p.m * p.rate / harmonic(p.m)):
    def curves(p):
        t = np.linspace(0, p.horizon, 13)
        throughputs = {"sync": sync(p), "async": p.m * p.rate}
        return {name: (t, shape(p, p.h * rate * t)) for name, rate in throughputs.items()}

    return curves


def _error(p, moved):
    left = np.exp(-2 * p.curvature * moved)
    return p.curvature / 2 * left * p.start**2 + p.h * p.noise**2 / 4 * (1 - left)


clock = Figure(
    "q7",
    points=2,
    cases=tuple(
        {"m": m, "rate": rate, "curvature": a, "noise": noise, "h": h, "start": 1, "horizon": T}
        for m in (8, 12, 16, 24, 32)
        for rate in (0.5, 1, 2)
        for a in (0.5, 0.8, 1.25)
        for noise in (3, 5, 8)
        for h in (0.001, 0.002)
        for T in (20, 40)
        if 1 < 2 * a * h * m * rate * T < 6
        and h * noise**2 > 0.3 * a * np.exp(-2 * a * h * m * rate * T)  # the floor is seen
    ),
    key=_on_the_clock(_error),
    mistakes=mistakes(
        (
            "per-update",
            _on_the_clock(_error, lambda p: p.rate / harmonic(p.m)),
            "sync: these are updates per second; each moves the model by m gradients.",
        ),
        (
            "no-floor",
            _on_the_clock(
                lambda p, moved: p.curvature / 2 * np.exp(-2 * p.curvature * moved) * p.start**2
            ),
            "this falls to 0; the noise keeps the error above a floor.",
        ),
        (
            "square",
            _on_the_clock(lambda p, moved: 2 / p.curvature * _error(p, moved)),
            "this is E[x²]; the error of F is half the curvature times it.",
        ),
        (
            "half-as-fast",
            _on_the_clock(lambda p, moved: _error(p, moved / 2)),
            "the distance falls with exp(-a h Θ t); the error is its square.",
        ),
    ),
)


def _speed(p, choice):
    waits = {"sync": harmonic(p.m), "k-sync": harmonic(p.m) - harmonic(p.m - p.k), "async": 1 / p.m}
    return p.rate / waits[choice]


def _protocols(p):
    floors = {
        "async": _stale_floor(p),
        "k-sync": _fresh_floor(p, p.k),
        "sync": _fresh_floor(p, p.m),
    }
    choice = next((name for name, value in floors.items() if value <= p.target), "none")
    found = {f"{name.replace('-', '_')}_floor": value for name, value in floors.items()}
    return found | {"updates": _speed(p, choice) if choice != "none" else 0.0, "choice": choice}


def _targets():
    """Yield cases in which some protocol meets the target, and none meets or misses it closely."""
    for m, part, rate in itertools.product((9, 12, 15, 20), (1 / 3, 2 / 3), (0.5, 0.8, 1.25)):
        for a, noise, step in itertools.product((0.5, 1.0), (1.0, 1.5), (0.1, 0.15, 0.2)):
            for target in (0.01, 0.015, 0.02, 0.04, 0.08, 0.16):
                case = {"m": m, "k": round(part * m), "rate": rate, "curvature": a}
                case |= {"noise": noise, "step": step, "target": target}
                found = _protocols(Parameters(case))
                floors = [found[f"{name}_floor"] for name in ("async", "k_sync", "sync")]
                far = all(abs(value / target - 1) > 0.04 for value in floors)
                if far and found["choice"] != "none" and step * a < 0.75 * _largest(m):
                    yield case


meet_target = Decision(
    "q8",
    points=5,
    words=60,
    cases=tuple(_targets()),
    key=_protocols,
    mistakes=(),
    fields={
        "sync_floor": mistakes(
            ("one", _fresh_floor, "this is one gradient an update; m are averaged."),
            (
                "square",
                lambda p: 2 / p.curvature * _fresh_floor(p, p.m),
                "this is E[x²]; the error of F is half the curvature times it.",
            ),
        ),
        "k_sync_floor": mistakes(
            ("all", lambda p: _fresh_floor(p, p.m), "only k gradients are averaged."),
            ("one", _fresh_floor, "this is one gradient an update; k are averaged."),
        ),
        "async_floor": mistakes(
            ("fresh", _fresh_floor, "this is one fresh gradient an update; these are stale."),
            ("averaged", lambda p: _stale_floor(p) / p.m, "no noise is averaged."),
            (
                "small-step",
                lambda p: p.step * p.noise**2 / 4,
                "this is for steps so small that staleness does not count.",
            ),
        ),
        "updates": mistakes(
            (
                "seconds",
                lambda p: 1 / _protocols(p)["updates"],
                "these are seconds per update; updates per second are asked for.",
            ),
            (
                "one-worker",
                lambda p: p.rate,
                "this is one worker's pace.",
            ),
        ),
        "choice": Choice(("sync", "k-sync", "async")),
    },
)

QUESTIONS = {
    q.name: q for q in (slow_worker, ledger, fresh, versions, largest, floor, clock, meet_target)
}
