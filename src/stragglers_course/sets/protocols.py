"""Protocols: synchronous, asynchronous, K-sync; per update, per gradient, and how many workers."""

import itertools

import numpy as np

from ..questions import (
    Choice,
    Decision,
    Figure,
    Function,
    Number,
    Numbers,
    Parameters,
    mistakes,
)
from .formulas import exact, harmonic

TITLE = "Protocols: synchronous, asynchronous, K-sync"
CHAPTERS = ("leave_some_out", "nobody_waits", "family", "communication", "staleness")
SHIFTS = (0.5, 0.75, 1.5, 2, 3)
RATES = (0.4, 0.5, 0.8, 1.25, 2)
SHIFTED = tuple(
    {"m": m, "shift": shift, "rate": rate}
    for m in range(6, 31)
    for shift in SHIFTS
    for rate in RATES
)
SPREADS = ((0.5, 0.5), (0.5, 0.8), (1.5, 0.8), (2, 0.8), (3, 0.5), (3, 2))  # shift and rate
NO_SHIFT = "the shift, which nobody beats, is missing."
NOT_LOG = "log m is the growth of 1 + 1/2 + ... + 1/m, not its value."


def _mean(p):
    return p.shift + 1 / p.rate


def _kth(k, p):
    return p.shift + (harmonic(p.m) - harmonic(p.m - k)) / p.rate


def _fastest(p):
    return p.shift + 1 / (p.m * p.rate)


async_time = Number(
    "q1",
    points=1,
    cases=SHIFTED,
    key=lambda p: _mean(p) / p.m,
    mistakes=mistakes(
        (
            "minimum",
            _fastest,
            "this is E[min], the time to the first update from a common start; the question asks"
            " for the long-run time per update.",
        ),
        ("mean", _mean, "this is one worker's time per update; m workers update in turn."),
        ("slowest", lambda p: _kth(p.m, p), "nobody waits for the slowest here: no barrier."),
        ("no-shift", lambda p: 1 / (p.m * p.rate), NO_SHIFT),
        (
            "only-random-part",
            lambda p: p.shift / p.m + 1 / p.rate,
            "the random part is shared among m workers too.",
        ),
        (
            "scale",
            lambda p: (p.shift + p.rate) / p.m,
            "the mean of the random part is 1 / rate; this has the rate in its place.",
        ),
        (
            "throughput",
            lambda p: p.m / _mean(p),
            "these are updates per second; the seconds per update are asked for.",
        ),
        (
            "per-sync-update",
            lambda p: _kth(p.m, p) / p.m,
            "this is the synchronous time per gradient; nobody waits at a barrier here.",
        ),
        (
            "others",
            lambda p: _mean(p) / (p.m - 1),
            "all m workers send updates; m - 1 is the mean staleness.",
        ),
    ),
)


def _gain(p):
    return _kth(p.m, p) / _mean(p)


speedup = Number(
    "q2",
    points=2,
    rtol=0.003,
    noise=lambda p: 1.3 / p.rate / _kth(p.m, p),
    cases=SHIFTED,
    key=_gain,
    mistakes=mistakes(
        (
            "per-update",
            lambda p: p.m * _gain(p),
            "this is per update; a synchronous update carries m gradients, an asynchronous one 1.",
        ),
        (
            "against-minimum",
            lambda p: _kth(p.m, p) / _fastest(p),
            "this compares with E[min]; asynchronous SGD makes an update every mean / m.",
        ),
        (
            "no-shift",
            lambda p: harmonic(p.m),
            "1 + 1/2 + ... + 1/m is the factor for exponential times; the shift dampens it.",
        ),
        (
            "p-log-p",
            lambda p: p.m * np.log(p.m),
            "m log m is an approximation, per update, for exponential times: wrong on all three.",
        ),
        (
            "inverse",
            lambda p: 1 / _gain(p),
            "this is asynchronous over synchronous: turn it.",
        ),
        (
            "logarithm",
            lambda p: (p.shift + np.log(p.m) / p.rate) / _mean(p),
            NOT_LOG,
        ),
        (
            "difference",
            lambda p: _kth(p.m, p) - _mean(p),
            "this is a difference in seconds; a factor is asked for.",
        ),
        (
            "per-gradient-against-minimum",
            lambda p: _kth(p.m, p) / p.m / _fastest(p),
            "per gradient, yes; but asynchronous SGD needs mean / m for one, not E[min].",
        ),
        (
            "percent",
            lambda p: 100 * (_gain(p) - 1),
            "a factor is asked for, not a gain in per cent.",
        ),
    ),
)


def _ranks(p):
    return np.arange(1, p.m + 1)


def _throughput(p):
    return _ranks(p) / _kth(_ranks(p), p)


throughput = Numbers(
    "q3",
    points=2,
    cases=SHIFTED,
    key=_throughput,
    mistakes=mistakes(
        ("no-shift", lambda p: _throughput(dict_like(p, shift=0)), NO_SHIFT),
        (
            "all-counted",
            lambda p: p.m / _kth(_ranks(p), p),
            "all m gradients are counted; the work of the last m - K is thrown away.",
        ),
        (
            "updates",
            lambda p: 1 / _kth(_ranks(p), p),
            "these are updates per second; each carries K gradients.",
        ),
        ("times", lambda p: _kth(_ranks(p), p), "these are the times per update."),
        (
            "time-per-gradient",
            lambda p: _kth(_ranks(p), p) / _ranks(p),
            "this is upside down: the seconds per gradient.",
        ),
        (
            "slowest-of-k",
            lambda p: _ranks(p) / (p.shift + harmonic(_ranks(p)) / p.rate),
            "this starts only K workers; all m start and the first K count.",
        ),
        (
            "counted-from-the-top",
            lambda p: _throughput(p)[::-1],
            "the order is reversed: the first number is for K = 1.",
        ),
        (
            "no-cancelling",
            lambda p: np.full(p.m, p.m / _mean(p)),
            "this is the asynchronous throughput, whatever K is.",
        ),
        (
            "scale",
            lambda p: _ranks(p) / (p.shift + (_kth(_ranks(p), p) - p.shift) * p.rate**2),
            "the random part has mean 1 / rate; this has the rate in its place.",
        ),
    ),
)


def dict_like(p, **changes):
    """Return Parameters p with some of them changed."""
    return type(p)({**p, **changes})


def _best(p):
    rates = _throughput(p)
    best = int(np.argmax(rates))
    return {"K": best + 1, "throughput": rates[best], "gain": rates[best] / rates[-1]}


best_k = Decision(
    "q4",
    points=4,
    cases=tuple(
        {"m": m, "shift": shift, "rate": rate}
        for m in range(12, 31)
        for shift in SHIFTS
        for rate in RATES
        if 0.4 <= shift * rate <= 2.5
    ),
    key=_best,
    mistakes=(),
    fields={
        "K": mistakes(
            ("all", lambda p: p.m, "waiting for all m pays for the slowest ones too."),
            (
                "one",
                lambda p: 1,
                "K = 1 is best for exponential times; a shift is paid per update.",
            ),
            ("off-by-one", lambda p: _best(p)["K"] - 1, "off by one: lists count from 0."),
            ("one-more", lambda p: _best(p)["K"] + 1, "one less is better."),
        ),
        "throughput": mistakes(
            ("sync", lambda p: _throughput(p)[-1], "this is the throughput at K = m."),
            ("time", lambda p: 1 / _best(p)["throughput"], "this is upside down: per gradient."),
            (
                "async",
                lambda p: p.m / _mean(p),
                "this is the asynchronous throughput, which no cancelling scheme reaches here.",
            ),
            (
                "updates",
                lambda p: _best(p)["throughput"] / _best(p)["K"],
                "these are updates per second; each carries K gradients.",
            ),
        ),
        "gain": mistakes(
            ("inverse", lambda p: 1 / _best(p)["gain"], "this is K = m over the best."),
            ("percent", lambda p: 100 * (_best(p)["gain"] - 1), "a factor, not per cent."),
        ),
    },
)


def _workers(p):
    return int(np.ceil(p.work * p.rate))


scaling = Number(
    "q5",
    points=2,
    rtol=1e-9,
    cases=tuple(
        {"work": work / 10, "rate": rate}
        for work in range(43, 400, 6)
        for rate in (1.3, 1.7, 2.1, 2.6, 3.4)
        if 6 < work * rate / 10 < 90 and 0.05 < (work * rate / 10) % 1 < 0.95
    ),
    key=_workers,
    mistakes=mistakes(
        (
            "one-fewer",
            lambda p: _workers(p) - 1,
            "one worker more still pays: it saves c / (m (m - 1)) and costs 1 / (m · rate).",
        ),
        (
            "one-more",
            lambda p: _workers(p) + 1,
            "the last of these workers costs more than it saves.",
        ),
        ("not-rounded", lambda p: p.work * p.rate, "a number of workers is a whole number."),
        (
            "square-root",
            lambda p: np.ceil(np.sqrt(p.work * p.rate)),
            "solve f(m) < f(m - 1) again.",
        ),
        (
            "scale",
            lambda p: np.ceil(p.work / p.rate),
            "the rate is divided by, which makes slow machines scale better.",
        ),
        (
            "more-is-better",
            lambda p: np.inf,
            "more workers do not always help: the wait for the slowest grows with log m.",
        ),
        ("one", lambda p: 1, "one worker does all the work alone; the second halves it."),
        ("work", lambda p: p.work, "this is the work; the straggling counts too."),
        (
            "doubled",
            lambda p: 2 * _workers(p),
            "twice too many: compare m with m - 1 workers, not with m / 2.",
        ),
    ),
)


def _rows(times):
    return np.asarray(times, dtype=float)


def _ends(times):
    """Return the moments of all updates that are certain: up to the first worker's last one."""
    ends = np.cumsum(_rows(times), axis=1)
    return np.sort(ends[ends <= ends[:, -1].min()])


def _table(rng, m, n, shift):
    return exact(shift + rng.exponential(1.0, (m, n)))


update_times = Function(
    "q6",
    points=4,
    cases=tuple({"m": m, "seed": seed} for m in range(2, 7) for seed in range(40)),
    key=_ends,
    open=lambda p: [
        [[[2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]],
        [_table(np.random.default_rng(p.seed), p.m, 6, 0.5)],
    ],
    hidden=lambda rng: [
        [_table(rng, 5, 20, 1.0)],
        [_table(rng, 1, 7, 0.0)],
        [_table(rng, 12, 2, 0.2)],
        [[[1.0, 50.0, 1.0], [4.0, 4.0, 4.0]]],
    ],
    mistakes=mistakes(
        (
            "restart-all",
            lambda times: np.cumsum(_rows(times).min(axis=0)),
            "everyone starts afresh at each update: that is 1-sync. Here the others go on.",
        ),
        (
            "barrier",
            lambda times: np.cumsum(_rows(times).max(axis=0)),
            "this waits for the slowest at each update; nobody waits here.",
        ),
        (
            "not-sorted",
            lambda times: (ends := np.cumsum(_rows(times), axis=1))[ends <= ends[:, -1].min()],
            "the updates of all workers must be in the order of time.",
        ),
        (
            "not-summed",
            lambda times: np.sort(_rows(times).ravel()),
            "a worker's second gradient ends after its first: add its times up.",
        ),
        (
            "too-many",
            lambda times: np.sort(np.cumsum(_rows(times), axis=1).ravel()),
            "after a worker's recorded times end, updates are missing: stop there.",
        ),
        (
            "first-worker",
            lambda times: np.cumsum(_rows(times)[0]),
            "these are the first worker's updates; all workers send them.",
        ),
        (
            "gaps",
            lambda times: np.diff(_ends(times), prepend=0),
            "these are the gaps between updates; the moments are asked for.",
        ),
        (
            "across",
            lambda times: np.sort(np.cumsum(_rows(times), axis=0).ravel()),
            "summed over the workers instead of over a worker's gradients (axis).",
        ),
        (
            "mean-rate",
            lambda times: np.arange(1, len(_ends(times)) + 1) * _rows(times).mean() / len(times),
            "the long-run mean spaced evenly; the moments themselves are asked for.",
        ),
    ),
)


def _workers_of(p):
    m = np.arange(1, p.m + 1)
    return m, p.shift + harmonic(m) / p.rate


def _two(sync, asynchronous):
    def curves(p):
        m, slowest = _workers_of(p)
        return {"synchronous": (m, sync(m, slowest)), "asynchronous": (m, asynchronous(m, p))}

    return curves


def _async_curve(m, p):
    return _mean(p) / m


per_gradient = Figure(
    "q7",
    points=2,
    cases=SHIFTED[375:],
    key=_two(lambda m, slowest: slowest / m, _async_curve),
    mistakes=mistakes(
        (
            "per-update",
            _two(lambda m, slowest: slowest, _async_curve),
            "the synchronous curve is per update, which carries m gradients: divide by m.",
        ),
        (
            "minimum",
            _two(lambda m, slowest: slowest / m, lambda m, p: p.shift + 1 / (m * p.rate)),
            "the asynchronous curve is E[min], the time to the first update.",
        ),
        (
            "both",
            _two(lambda m, slowest: slowest, lambda m, p: p.shift + 1 / (m * p.rate)),
            "per update against E[min]: divide the first by m; the second is mean / m.",
        ),
        (
            "logarithm",
            lambda p: {
                "synchronous": (
                    np.arange(1, p.m + 1),
                    (p.shift + np.log(np.arange(1, p.m + 1)) / p.rate) / np.arange(1, p.m + 1),
                )
            },
            NOT_LOG,
        ),
        (
            "throughput",
            _two(lambda m, slowest: m / slowest, lambda m, p: m / _mean(p)),
            "these are gradients per second; the seconds per gradient are asked for.",
        ),
    ),
)


def _protocols(p):
    sync, ksync, asynchronous = p.m / _kth(p.m, p), p.k / _kth(p.k, p), p.m / _mean(p)
    fits = {"sync": (0, sync), "k-sync": (0, ksync)}
    if p.staleness_limit >= (p.m - 1) / p.k:
        fits["k-batch-async"] = ((p.m - 1) / p.k, asynchronous)
    choice = max(fits, key=lambda name: fits[name][1])
    return {
        "sync": sync,
        "k_sync": ksync,
        "k_batch_async": asynchronous,
        "staleness": (p.m - 1) / p.k,
        "choice": choice,
    }


def _choices():
    """Yield cases in which the limit forbids staleness or not, and none of it is a close call."""
    for m, limit in itertools.product(range(10, 31, 2), (1.2, 1.6, 2, 2.4)):
        for k, law in itertools.product(range(m // 3, min(m - 1, 22)), SPREADS):
            case = {"m": m, "k": k, "shift": law[0], "rate": law[1], "staleness_limit": limit}
            found = _protocols(Parameters(case))
            sync, k_sync = found["sync"], found["k_sync"]
            if abs(found["staleness"] - limit) > 0.04 and abs(sync - k_sync) > 0.02 * sync:
                yield case


choose = Decision(
    "q8",
    points=5,
    words=60,
    cases=tuple(_choices()),
    key=_protocols,
    mistakes=(),
    fields={
        "sync": mistakes(
            (
                "updates",
                lambda p: 1 / _kth(p.m, p),
                "updates per second; each carries m gradients.",
            ),
            ("time", lambda p: _kth(p.m, p), "this is the time per update."),
        ),
        "k_sync": mistakes(
            ("all-counted", lambda p: p.m / _kth(p.k, p), "only K gradients of m count."),
            (
                "slowest-of-k",
                lambda p: p.k / (p.shift + harmonic(p.k) / p.rate),
                "this starts only K workers; all m start and the first K count.",
            ),
        ),
        "k_batch_async": mistakes(
            ("minimum", lambda p: 1 / _fastest(p), "this is from E[min], the first update only."),
            ("updates", lambda p: p.m / _mean(p) / p.k, "updates per second; K gradients each."),
        ),
        "staleness": mistakes(
            (
                "async",
                lambda p: p.m - 1,
                "this is for K = 1; an update of K gradients ages them less.",
            ),
            ("workers-over-k", lambda p: p.m / p.k, "m - 1 others are outstanding, not m."),
            (
                "k-async",
                lambda p: p.m / p.k - 1,
                "this is K-async, where finishers wait; here they go on at once.",
            ),
        ),
        "choice": Choice(("sync", "k-sync", "k-batch-async")),
    },
)

QUESTIONS = {
    q.name: q
    for q in (
        async_time,
        speedup,
        throughput,
        best_k,
        scaling,
        update_times,
        per_gradient,
        choose,
    )
}
