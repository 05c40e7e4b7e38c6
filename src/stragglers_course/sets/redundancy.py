"""Redundancy and communication: copies, codes, and the bill for talking."""

import itertools

import numpy as np

from ..questions import Choice, Decision, Figure, Function, Number, Parameters, mistakes
from .formulas import exact, harmonic, pareto_mean

TITLE = "Redundancy and communication"
CHAPTERS = ("copies_and_codes", "communication")
SCALE = "the mean of the random part is 1 / rate; this has the rate in its place."

price = Number(
    "q1",
    points=1,
    cases=tuple(
        {"copies": copies, "shift": shift, "rate": rate}
        for copies in (2, 3, 4, 5)
        for shift in (0.5, 0.75, 1.2, 1.5, 2, 2.5, 3, 4)
        for rate in (0.4, 0.5, 0.8, 1.25, 1.6, 2)
    ),
    key=lambda p: p.copies * p.shift + 1 / p.rate,
    mistakes=mistakes(
        (
            "one",
            lambda p: p.shift + 1 / p.rate,
            "this is without copies; every copy pays the shift once more.",
        ),
        (
            "time",
            lambda p: p.shift + 1 / (p.copies * p.rate),
            "this is how long it takes; all copies are paid for that long.",
        ),
        (
            "to-the-end",
            lambda p: p.copies * (p.shift + 1 / p.rate),
            "the copies are stopped as soon as the first is done.",
        ),
        ("no-shift", lambda p: 1 / p.rate, "only without a shift is a copy free."),
        (
            "slowest",
            lambda p: p.copies * (p.shift + harmonic(p.copies) / p.rate),
            "this waits for the slowest copy; the first is enough.",
        ),
        (
            "factor",
            lambda p: (p.copies * p.shift + 1 / p.rate) / (p.shift + 1 / p.rate),
            "this is the price in gradients without copies; worker-seconds are asked for.",
        ),
        ("scale", lambda p: p.copies * p.shift + p.rate, SCALE),
        (
            "extra",
            lambda p: (p.copies - 1) * p.shift,
            "this is by how much it exceeds a gradient without copies.",
        ),
        (
            "one-copy-less",
            lambda p: (p.copies - 1) * p.shift + 1 / p.rate,
            "the original is paid for as well.",
        ),
    ),
)


def _tasks(p, alpha):
    return pareto_mean(p.m, p.m, alpha, p.minimum)


tails = Number(
    "q2",
    points=2,
    cases=tuple(
        {"m": m, "copies": copies, "alpha": alpha, "minimum": minimum}
        for m in range(5, 31, 5)
        for copies in (2, 3)
        for alpha in (1.2, 1.4, 1.6, 1.8, 2.2)
        for minimum in (0.5, 0.8, 1.5, 2, 3)
    ),
    key=lambda p: _tasks(p, p.copies * p.alpha),
    mistakes=mistakes(
        ("no-copies", lambda p: _tasks(p, p.alpha), "this is without copies."),
        (
            "all-race",
            lambda p: pareto_mean(p.m, p.m * p.copies, p.alpha, p.minimum),
            "this waits for any m of all the workers; each task needs one of its own copies.",
        ),
        (
            "everybody",
            lambda p: pareto_mean(p.m * p.copies, p.m * p.copies, p.alpha, p.minimum),
            "this waits for every copy; the first of a task is enough.",
        ),
        (
            "one-task",
            lambda p: pareto_mean(1, 1, p.copies * p.alpha, p.minimum),
            "this is one task; the last of m is asked for.",
        ),
        (
            "first-task",
            lambda p: pareto_mean(1, p.m, p.copies * p.alpha, p.minimum),
            "this is the first task to be done; the last one is asked for.",
        ),
        (
            "shares",
            lambda p: _tasks(p, p.alpha) / p.copies,
            "a copy does the same work, not a share of it.",
        ),
        (
            "no-minimum",
            lambda p: _tasks(p, p.copies * p.alpha) / p.minimum,
            "this is for a least time of 1.",
        ),
        (
            "one-copy-more",
            lambda p: _tasks(p, (p.copies + 1) * p.alpha),
            "the original is one of the copies here.",
        ),
        (
            "squared",
            lambda p: _tasks(p, p.alpha**p.copies),
            "the tail is raised to the power, P(X > t)^copies: the indices add up.",
        ),
    ),
)


def _mean(p):
    return (1 - p.probability) * p.usual + p.probability * p.slow


def _hedged(p):
    late = (1 - p.probability) * (p.delay + p.usual) + p.probability * p.slow
    return (1 - p.probability) * p.usual + p.probability * late


hedge = Number(
    "q3",
    points=2,
    cases=tuple(
        {"usual": usual, "slow": slow, "probability": probability, "delay": delay}
        for usual in (1, 2, 3)
        for slow in (15, 20, 30, 40)
        for probability in (0.1, 0.15, 0.2, 0.25, 0.3)
        for delay in (4, 5, 6, 8)
    ),
    key=_hedged,
    mistakes=mistakes(
        ("no-copy", _mean, "this is without a copy."),
        (
            "at-once",
            lambda p: p.usual + p.probability**2 * (p.slow - p.usual),
            "this makes the copy at the start; it begins after the delay.",
        ),
        (
            "sure-copy",
            lambda p: (1 - p.probability) * p.usual + p.probability * (p.delay + p.usual),
            "the copy can be slow as well; then the original is done first.",
        ),
        (
            "killed",
            lambda p: (1 - p.probability) * p.usual + p.probability * (p.delay + _mean(p)),
            "this stops the original; it goes on beside its copy.",
        ),
        (
            "delay-for-all",
            lambda p: p.delay + p.usual + p.probability**2 * (p.slow - p.usual),
            "a usual gradient is done before the delay is over.",
        ),
        (
            "delay-only",
            lambda p: (1 - p.probability) * p.usual + p.probability * p.delay,
            "after the delay the copy takes its time.",
        ),
        (
            "late-only",
            lambda p: (1 - p.probability) * (p.delay + p.usual) + p.probability * p.slow,
            "this is for the gradients that are copied; most are not.",
        ),
        (
            "usual",
            lambda p: p.usual,
            "now and then the copy is slow as well, and it always comes late.",
        ),
        (
            "saved",
            lambda p: _mean(p) - _hedged(p),
            "this is what the copy saves; the time that is left is asked for.",
        ),
    ),
)


def _tolerance(p):
    return p.m / (p.shift * p.rate)


code_size = Number(
    "q4",
    points=2,
    rtol=1e-9,
    cases=tuple(
        {"m": m, "shift": shift, "rate": rate}
        for m in range(12, 61, 2)
        for shift in (1.1, 1.7, 2.3, 2.9, 3.7)
        for rate in (0.7, 1.3, 1.9, 2.6)
        if 3 < m / (shift * rate) < m - 2 and 0.06 < m / (shift * rate) % 1 < 0.94
    ),
    key=lambda p: int(_tolerance(p)),
    mistakes=mistakes(
        (
            "one-more",
            lambda p: int(_tolerance(p)) + 1,
            "the last of these costs more data than it saves waiting.",
        ),
        (
            "one-fewer",
            lambda p: int(_tolerance(p)) - 1,
            "one more still pays: it costs shift / m and saves 1 / (s · rate).",
        ),
        ("not-rounded", _tolerance, "a number of workers is a whole number."),
        (
            "waited-for",
            lambda p: p.m - int(_tolerance(p)),
            "this is how many are waited for; how many may be late is asked.",
        ),
        (
            "load",
            lambda p: (int(_tolerance(p)) + 1) / p.m,
            "this is the share of the data that each worker gets.",
        ),
        (
            "no-code",
            lambda p: 0,
            "that is best for shifts so long if the straggle scales with the load; here it adds.",
        ),
        (
            "everybody-everything",
            lambda p: p.m - 1,
            "everybody does everything: that is best for short shifts only.",
        ),
        ("scale", lambda p: int(p.m * p.rate / p.shift), SCALE),
        (
            "no-workers",
            lambda p: p.shift * p.rate,
            "this does not know how many workers share the data.",
        ),
    ),
)


def _code(rng, m, s):
    """Return the rows of m - s answers of a cyclic code that bears s, well-conditioned."""
    while True:
        checks = rng.normal(size=(s, m))
        if s:
            checks[:, -1] -= checks.sum(axis=1)
        rows = np.zeros((m, m))
        for i in range(m):
            places = (i + np.arange(s + 1)) % m
            rest = np.linalg.solve(checks[:, places[1:]], -checks[:, places[0]])
            rows[i, places] = [1, *rest]
        here = rows[np.sort(rng.permutation(m)[: m - s])]
        weights = _weights(here)
        if np.linalg.cond(here) < 100 and 0.05 < np.abs(weights).min() < np.abs(weights).max() < 20:
            return here.tolist()


def _weights(rows):
    rows = np.asarray(rows, dtype=float)
    return np.linalg.lstsq(rows.T, np.ones(rows.shape[1]), rcond=None)[0]


def _wide(rows):
    rows = np.asarray(rows, dtype=float)
    return np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0]


decode = Function(
    "q5",
    points=3,
    cases=tuple(
        {"m": m, "late": late, "seed": seed}
        for m in range(4, 9)
        for late in (1, 2)
        for seed in range(20)
    ),
    key=_weights,
    open=lambda p: [
        [[[0.5, 1.0, 0.0], [0.0, 1.0, -1.0]]],
        [_code(np.random.default_rng(p.seed), p.m, p.late)],
    ],
    hidden=lambda rng: [
        [_code(rng, 6, 2)],
        [_code(rng, 5, 1)],
        [_code(rng, 7, 3)],
        [[[1.0, 0.0], [0.0, 1.0]]],
    ],
    mistakes=mistakes(
        (
            "ones",
            lambda rows: np.ones(len(rows)),
            "the answers were added up as they are; each part must be there exactly once.",
        ),
        (
            "average",
            lambda rows: np.full(len(rows), 1 / len(rows)),
            "this averages the answers; each part must be there exactly once.",
        ),
        (
            "scaled-up",
            lambda rows: np.full(len(rows), len(rows[0]) / len(rows)),
            "this scales up what is there, as if the parts were alike; the code gives the exact"
            " sum.",
        ),
        (
            "transposed",
            _wide,
            "these are weights of the parts; those of the answers are asked for (transpose).",
        ),
        ("negative", lambda rows: -_weights(rows), "the sign is the wrong way round."),
        (
            "normalised",
            lambda rows: _weights(rows) / _weights(rows).sum(),
            "the weights need not add up to 1; the parts must.",
        ),
        (
            "squares",
            lambda rows: np.sum(np.square(rows), axis=1) ** -1.0,
            "a weight that looks at one answer alone cannot do it.",
        ),
        (
            "reversed",
            lambda rows: _weights(rows)[::-1],
            "the numbers are right, their order is reversed.",
        ),
    ),
)


def message_ends(backward, messages):
    """Return when each message has arrived: it waits for its layer, and for those before it."""
    ends, free = [], 0.0
    for ready, message in zip(np.cumsum(backward), messages, strict=True):
        free = max(ready, free) + message
        ends.append(free)
    return np.array(ends)


def _layers(rng, n):
    return [exact(0.5 + rng.exponential(1.0, n)), exact(0.2 + rng.exponential(1.2, n))]


overlap = Function(
    "q6",
    points=3,
    cases=tuple({"layers": layers, "seed": seed} for layers in range(4, 9) for seed in range(40)),
    key=message_ends,
    open=lambda p: [
        [[2.0, 1.0, 1.0], [1.0, 3.0, 1.0]],
        _layers(np.random.default_rng(p.seed), p.layers),
    ],
    hidden=lambda rng: [
        _layers(rng, 12),
        _layers(rng, 1),
        [[1.0] * 5, [0.25] * 5],
        [[0.25] * 5, [1.0] * 5],
    ],
    mistakes=mistakes(
        (
            "after-the-pass",
            lambda backward, messages: np.sum(backward) + np.cumsum(messages),
            "this waits for the whole pass before the first message; each may start when its layer"
            " is ready.",
        ),
        (
            "many-links",
            lambda backward, messages: np.cumsum(backward) + messages,
            "this sends messages side by side; there is one link.",
        ),
        (
            "stop-and-send",
            lambda backward, messages: np.cumsum(np.add(backward, messages)),
            "the pass does not stop for a message: computing and sending overlap.",
        ),
        (
            "longer-of-two",
            lambda backward, messages: np.maximum(np.cumsum(backward), np.cumsum(messages)),
            "the longer of the two sums forgets that a message cannot begin before its layer.",
        ),
        (
            "layers",
            lambda backward, messages: np.cumsum(backward),
            "these are the moments at which the layers are ready.",
        ),
        (
            "starts",
            lambda backward, messages: message_ends(backward, messages) - messages,
            "these are the moments at which messages start; when they arrive is asked for.",
        ),
        (
            "gaps",
            lambda backward, messages: np.diff(message_ends(backward, messages), prepend=0),
            "these are the times between arrivals; the moments are asked for.",
        ),
        (
            "after-the-end",
            lambda backward, messages: message_ends(backward, messages) - np.sum(backward),
            "this counts from the end of the pass; count from its beginning.",
        ),
    ),
)


def _links(ring, server):
    def curves(p):
        m = np.arange(2, p.m + 1)
        whole = p.megabytes / p.bandwidth
        return {"ring": (m, ring(m, whole, p.latency)), "server": (m, server(m, whole, p.latency))}

    return curves


def _ring(m, whole, latency):
    return 2 * (m - 1) * (latency + whole / m)


def _server(m, whole, latency):
    return 2 * (latency + m * whole)


all_reduce = Figure(
    "q7",
    points=2,
    cases=tuple(
        {"m": m, "megabytes": megabytes, "bandwidth": bandwidth, "latency": latency}
        for m in range(12, 41, 4)
        for megabytes in (40, 90, 150, 260)
        for bandwidth in (500, 1250, 3000)
        for latency in (0.0005, 0.002, 0.005)
    ),
    key=_links(_ring, _server),
    mistakes=mistakes(
        (
            "no-pieces",
            _links(lambda m, whole, latency: 2 * (m - 1) * (latency + whole), _server),
            "ring: a message carries one of m pieces, not the whole vector.",
        ),
        (
            "one-way",
            _links(
                lambda m, whole, latency: _ring(m, whole, latency) / 2,
                lambda m, whole, latency: _server(m, whole, latency) / 2,
            ),
            "this adds up, and nobody gets the sum: it travels back, too.",
        ),
        (
            "wide-server",
            _links(_ring, lambda m, whole, latency: 2 * (latency + whole) * np.ones(len(m))),
            "server: all vectors pass through its one link, one after the other.",
        ),
        (
            "upside-down",
            lambda p: {
                name: (m, 1 / seconds) for name, (m, seconds) in _links(_ring, _server)(p).items()
            },
            "these are all-reduces per second; the seconds of one are asked for.",
        ),
    ),
)


def _kth(k, p):
    return p.shift + (harmonic(p.m) - harmonic(p.m - k)) / p.rate


def _collective(p, bandwidth=None):
    return _ring(p.m, p.megabytes / (bandwidth or p.bandwidth), p.latency)


def _step(p):
    return _kth(p.m, p) + _collective(p)


def _improvements(p):
    found = {
        "collective": _collective(p),
        "step": _step(p),
        "network": p.m / (_kth(p.m, p) + _collective(p, 2 * p.bandwidth)),
        "backup": p.k / (_kth(p.k, p) + _collective(p)),
    }
    return found | {"choice": "network" if found["network"] > found["backup"] else "backup"}


def _machine_rooms():
    """Yield cases in which the network or the stragglers cost more, and not by a hair."""
    for m, left_out in itertools.product((16, 20, 24, 32, 40), (1, 2, 3)):
        for shift, rate in itertools.product((1.0, 1.5, 2.0), (0.8, 1.25, 2.5)):
            for megabytes, bandwidth in itertools.product((200, 400, 600), (500, 1000)):
                case = {"m": m, "k": m - left_out, "shift": shift, "rate": rate}
                case |= {"megabytes": megabytes, "bandwidth": bandwidth, "latency": 0.001}
                found = _improvements(Parameters(case))
                if abs(found["network"] / found["backup"] - 1) > 0.02:
                    yield case


improve = Decision(
    "q8",
    points=5,
    words=60,
    cases=tuple(_machine_rooms()),
    key=_improvements,
    mistakes=(),
    fields={
        "collective": mistakes(
            (
                "server",
                lambda p: _server(p.m, p.megabytes / p.bandwidth, p.latency),
                "this is one server, through whose link all vectors pass.",
            ),
            ("one-way", lambda p: _collective(p) / 2, "the sum must come back to everybody."),
            (
                "no-pieces",
                lambda p: 2 * (p.m - 1) * (p.latency + p.megabytes / p.bandwidth),
                "a message of the ring carries one of m pieces.",
            ),
        ),
        "step": mistakes(
            (
                "mean",
                lambda p: p.shift + 1 / p.rate + _collective(p),
                "the mean of one worker: averages do not pass through a barrier.",
            ),
            ("no-collective", lambda p: _kth(p.m, p), "the all-reduce comes on top."),
        ),
        "network": mistakes(
            (
                "updates",
                lambda p: _improvements(p)["network"] / p.m,
                "updates per second; each carries m gradients.",
            ),
            (
                "all-faster",
                lambda p: 2 * p.m / _step(p),
                "only the bytes travel faster; nobody computes faster.",
            ),
        ),
        "backup": mistakes(
            (
                "all-counted",
                lambda p: p.m / (_kth(p.k, p) + _collective(p)),
                "only k gradients of m count.",
            ),
            (
                "no-collective",
                lambda p: p.k / _kth(p.k, p),
                "the all-reduce comes on top.",
            ),
        ),
        "choice": Choice(("network", "backup")),
    },
)

QUESTIONS = {
    q.name: q for q in (price, tails, hedge, code_size, decode, overlap, all_reduce, improve)
}
