"""Exponential order statistics: means, spread, spacings, and what dropping stragglers saves."""

import numpy as np

from ..questions import Decision, Figure, Function, Number, Numbers, mistakes
from .formulas import exponential_mean, harmonic, harmonic_squares

TITLE = "Exponential order statistics"
CHAPTERS = ("exponential",)
RATES = (0.4, 0.5, 0.8, 1.25, 1.6, 2, 2.5, 4, 5)
SCALE = "numpy and scipy take the scale, which is 1 / rate; this has the rate in its place."
LOGARITHM = "the logarithm approximates the difference of harmonic numbers, badly when k is near m."

kth_mean = Number(
    "q1",
    points=1,
    cases=tuple(
        {"m": m, "k": k, "rate": rate}
        for m in range(8, 25)
        for k in range(m // 2 + 1, m - 1)
        for rate in RATES
    ),
    key=lambda p: exponential_mean(p.k, p.m, p.rate),
    mistakes=mistakes(
        ("scale", lambda p: exponential_mean(p.k, p.m, p.rate) * p.rate**2, SCALE),
        ("logarithm", lambda p: np.log(p.m / (p.m - p.k)) / p.rate, LOGARITHM),
        (
            "counted-from-the-top",
            lambda p: exponential_mean(p.m - p.k + 1, p.m, p.rate),
            "this is the k-th slowest; the k-th fastest is asked for.",
        ),
        (
            "uniform",
            lambda p: p.k / (p.m + 1) / p.rate,
            "k / (m + 1) holds for uniform times; exponential ones have a long tail.",
        ),
        (
            "slowest-of-k",
            lambda p: harmonic(p.k) / p.rate,
            "this is the slowest of only k workers; here m run and the first k count.",
        ),
        ("slowest", lambda p: harmonic(p.m) / p.rate, "this waits for all m workers, not for k."),
        (
            "one-rank-less",
            lambda p: exponential_mean(p.k - 1, p.m, p.rate),
            "one term short: this is rank k - 1; the last term is 1 / (m - k + 1).",
        ),
        (
            "one-rank-more",
            lambda p: exponential_mean(p.k + 1, p.m, p.rate),
            "one term too many: this is rank k + 1; the last term is 1 / (m - k + 1).",
        ),
        ("no-rate", lambda p: exponential_mean(p.k, p.m, 1), "this is for rate 1."),
    ),
)

spread = Number(
    "q2",
    points=2,
    cases=tuple(
        {"m": m, "rate": rate / 20} for m in range(5, 31) for rate in range(7, 120, 2) if rate != 25
    ),
    key=lambda p: np.sqrt(harmonic_squares(p.m)) / p.rate,
    mistakes=mistakes(
        (
            "variance",
            lambda p: harmonic_squares(p.m) / p.rate**2,
            "this is the variance; the standard deviation is its root.",
        ),
        ("mean", lambda p: harmonic(p.m) / p.rate, "this is the mean of the slowest."),
        (
            "root-of-harmonic",
            lambda p: np.sqrt(harmonic(p.m)) / p.rate,
            "the variances of the spacings are squares: the sum is of 1 / j².",
        ),
        (
            "one-worker",
            lambda p: 1 / p.rate,
            "this is the spread of one worker; the slowest of m spreads more.",
        ),
        (
            "limit",
            lambda p: np.pi / np.sqrt(6) / p.rate,
            "π / √6 is the limit for many workers; m is finite here.",
        ),
        (
            "scale",
            lambda p: np.sqrt(harmonic_squares(p.m)) * p.rate,
            SCALE,
        ),
        (
            "error-of-mean",
            lambda p: np.sqrt(harmonic_squares(p.m) / p.m) / p.rate,
            "divided by √m this would be the error of a mean; nothing is averaged here.",
        ),
        (
            "rate-not-squared",
            lambda p: np.sqrt(harmonic_squares(p.m) / p.rate),
            "a variance scales with 1 / rate², so its root scales with 1 / rate.",
        ),
        (
            "all-work",
            lambda p: np.sqrt(p.m) / p.rate,
            "this is the spread of the sum of all times; the largest is asked for.",
        ),
    ),
)


def first_m(ratio):
    """Return the smallest m with 1 + 1/2 + ... + 1/m of at least `ratio`."""
    return int(np.searchsorted(harmonic(np.arange(1, 3000)), ratio) + 1)


ratio_to_m = Number(
    "q3",
    points=2,
    rtol=1e-9,
    cases=tuple({"ratio": step / 100} for step in range(300, 521)),
    key=lambda p: first_m(p.ratio),
    mistakes=mistakes(
        ("last-below", lambda p: first_m(p.ratio) - 1, "with this m the ratio is not reached yet."),
        ("one-too-many", lambda p: first_m(p.ratio) + 1, "one worker fewer is enough."),
        (
            "exponential",
            lambda p: np.exp(p.ratio),
            "this inverts log m; the harmonic sum is larger than log m, so fewer are enough.",
        ),
        (
            "exponential-rounded",
            lambda p: np.ceil(np.exp(p.ratio)),
            "this inverts log m; the harmonic sum is larger than log m, so fewer are enough.",
        ),
        (
            "not-rounded",
            lambda p: np.exp(p.ratio - np.euler_gamma),
            "a number of workers is a whole number.",
        ),
        (
            "linear",
            lambda p: np.ceil(p.ratio),
            "the slowest of m is not m times slower; the terms are 1, 1/2, 1/3, ...",
        ),
        ("power-of-two", lambda p: np.ceil(2**p.ratio), "doubling m adds log 2, not 1."),
        (
            "square",
            lambda p: np.ceil(p.ratio**2),
            "the spread of a sum grows with √m; the slowest of m grows with log m.",
        ),
        ("ratio", lambda p: p.ratio, "this is the ratio; the number of workers is asked for."),
    ),
)


def _gaps(p):
    return 1 / np.arange(p.m, 0, -1)


spacings = Numbers(
    "q4",
    points=2,
    cases=tuple({"m": m, "rate": rate} for m in range(6, 31) for rate in RATES),
    key=lambda p: _gaps(p) / p.rate,
    mistakes=mistakes(
        (
            "reversed",
            lambda p: _gaps(p)[::-1] / p.rate,
            "the order is reversed: the first gap is the smallest, m workers still run.",
        ),
        (
            "no-order",
            lambda p: np.full(p.m, 1 / p.rate),
            "every gap is taken as one worker's time; the first of several comes sooner.",
        ),
        (
            "equal-gaps",
            lambda p: np.full(p.m, harmonic(p.m) / p.m / p.rate),
            "equal gaps: the sum is right, but the gaps grow as workers finish.",
        ),
        (
            "moments",
            lambda p: np.cumsum(_gaps(p)) / p.rate,
            "these are the moments at which workers finish; the gaps between them are asked.",
        ),
        ("scale", lambda p: _gaps(p) * p.rate, SCALE),
        (
            "one-short",
            lambda p: _gaps(p)[1:] / p.rate,
            "the gap before the first finisher is missing: it counts from the start, 0.",
        ),
        (
            "variances",
            lambda p: (_gaps(p) / p.rate) ** 2,
            "these are the variances of the gaps; the means are asked for.",
        ),
        (
            "one-more-worker",
            lambda p: 1 / np.arange(p.m + 1, 1, -1) / p.rate,
            "while none has finished, m workers run, not m + 1.",
        ),
        ("no-rate", _gaps, "this is for rate 1; divide by the rate."),
    ),
)


def _saved(p):
    return harmonic(p.drop) / harmonic(p.m)


backup = Number(
    "q5",
    points=2,
    rtol=0.003,
    cases=tuple(
        {"m": m, "drop": b, "rate": rate}
        for m in range(24, 121, 3)
        for b in range(2, 8)
        for rate in RATES
    ),
    key=_saved,
    mistakes=mistakes(
        (
            "share-of-workers",
            lambda p: p.drop / p.m,
            "this is the share of workers dropped; the slowest cost far more than their share.",
        ),
        (
            "complement",
            lambda p: 1 - _saved(p),
            "this is the share of the time that is left; the share saved is asked for.",
        ),
        (
            "absolute",
            lambda p: harmonic(p.drop) / p.rate,
            "this is the time saved; divide it by the time without dropping.",
        ),
        (
            "one-straggler",
            lambda p: 1 / harmonic(p.m),
            "this is for one dropped worker; the next ones save less, but not nothing.",
        ),
        (
            "proportional",
            lambda p: p.drop / harmonic(p.m),
            "each dropped worker is counted like the first; the j-th saves 1 / j of it.",
        ),
        (
            "logarithms",
            lambda p: np.log(p.drop) / np.log(p.m),
            "logarithms for harmonic numbers: for few dropped workers they are far off.",
        ),
        ("percent", lambda p: 100 * _saved(p), "a share between 0 and 1, not per cent."),
        (
            "fewer-workers",
            lambda p: 1 - harmonic(p.m - p.drop) / harmonic(p.m),
            "this starts m - drop workers and waits for all; here m start.",
        ),
    ),
)


def _loop(k, m, rate):
    return sum(1 / (rate * (m - j)) for j in range(min(k, 1000)))


exact_mean = Function(
    "q6",
    points=3,
    cases=tuple({"m": m, "rate": rate} for m in range(10, 41) for rate in RATES),
    key=exponential_mean,
    open=lambda p: [[1, p.m, p.rate], [p.m // 2, p.m, p.rate], [p.m - 1, p.m, p.rate]],
    hidden=lambda rng: [
        [m := int(rng.integers(5, 200)), m, float(rng.choice(RATES))],
        [1, 1, 0.5],
        [int(rng.integers(2, 40)), 50, float(rng.choice(RATES))],
        [999_000, 1_000_000, 2.0],
    ],
    mistakes=mistakes(
        ("scale", lambda k, m, rate: exponential_mean(k, m, 1) * rate, SCALE),
        (
            "logarithm",
            lambda k, m, rate: np.log(m / (m - k)) / rate if k < m else np.inf,
            LOGARITHM + " At k = m it is infinite.",
        ),
        (
            "slowest-of-k",
            lambda k, m, rate: harmonic(k) / rate,
            "this is the slowest of only k workers; here m run and the first k count.",
        ),
        (
            "counted-from-the-top",
            lambda k, m, rate: exponential_mean(m - k + 1, m, rate),
            "this is the k-th slowest; the k-th fastest is asked for.",
        ),
        (
            "one-rank-less",
            lambda k, m, rate: exponential_mean(k - 1, m, rate),
            "one term short: this is rank k - 1; the last term is 1 / (m - k + 1).",
        ),
        (
            "slowest",
            lambda k, m, rate: harmonic(m) / rate,
            "this waits for all m workers, whatever k is.",
        ),
        (
            "fastest",
            lambda k, m, rate: 1 / (m * rate),
            "this is the fastest of m, whatever k is.",
        ),
        (
            "k-fastest",
            lambda k, m, rate: k / (m * rate),
            "k gaps of 1 / (m · rate): after each finisher one worker fewer runs.",
        ),
        (
            "short-loop",
            _loop,
            "a loop that stops early: right for small m, wrong for large ones.",
        ),
        ("no-rate", lambda k, m, rate: exponential_mean(k, m, 1), "this is for rate 1."),
    ),
)


def _ranks(p):
    return np.arange(1, p.m + 1)


def _curves(mean, spread):
    return lambda p: {
        "mean": (_ranks(p), mean(_ranks(p), p)),
        "standard deviation": (_ranks(p), spread(_ranks(p), p)),
    }


def _mean(k, p):
    return exponential_mean(k, p.m, p.rate)


def _spread(k, p):
    return np.sqrt(harmonic_squares(p.m) - harmonic_squares(p.m - k)) / p.rate


ranks = Figure(
    "q7",
    points=2,
    cases=tuple({"m": m, "rate": rate} for m in range(8, 31) for rate in RATES),
    key=_curves(_mean, _spread),
    mistakes=mistakes(
        (
            "scale",
            _curves(lambda k, p: _mean(k, p) * p.rate**2, lambda k, p: _spread(k, p) * p.rate**2),
            SCALE,
        ),
        (
            "variance",
            _curves(_mean, lambda k, p: _spread(k, p) ** 2),
            "the second curve is the variance; draw its root.",
        ),
        (
            "reversed",
            _curves(lambda k, p: _mean(k, p)[::-1], lambda k, p: _spread(k, p)[::-1]),
            "the ranks run the wrong way: rank 1 is the fastest.",
        ),
        (
            "constant-spread",
            _curves(_mean, lambda k, p: np.full(len(k), 1 / p.rate)),
            "the spread of one worker; that of the k-th of m grows with k.",
        ),
        (
            "slowest-of-k",
            _curves(
                lambda k, p: harmonic(k) / p.rate,
                lambda k, p: np.sqrt(harmonic_squares(k)) / p.rate,
            ),
            "this is the slowest of k workers; here m run and the k-th to finish is drawn.",
        ),
    ),
)


def _median(m, rate):
    return -np.log1p(-(0.5 ** (1 / m))) / rate


def _above_mean(m):
    return 1 - (1 - np.exp(-harmonic(m))) ** m


derivation = Decision(
    "q8",
    points=4,
    cases=tuple({"m": m, "rate": rate} for m in range(5, 41) for rate in RATES),
    key=lambda p: {"median": _median(p.m, p.rate), "above_mean": _above_mean(p.m)},
    mistakes=(),
    words=40,
    fields={
        "median": mistakes(
            (
                "mean",
                lambda p: harmonic(p.m) / p.rate,
                "this is the mean; half the updates take less than the median.",
            ),
            ("one-worker", lambda p: np.log(2) / p.rate, "this is one worker's median."),
            ("scale", lambda p: _median(p.m, 1) * p.rate, SCALE),
            (
                "logarithm",
                lambda p: np.log(p.m) / p.rate,
                "log m is neither the mean nor the median.",
            ),
            (
                "wrong-tail",
                lambda p: -np.log(0.5 ** (1 / p.m)) / p.rate,
                "P(X ≤ t) is 1 - exp(-rate · t); this solves exp(-rate · t) = (1/2)^(1/m).",
            ),
            (
                "sum-of-medians",
                lambda p: harmonic(p.m) * np.log(2) / p.rate,
                "medians do not add up as means do.",
            ),
        ),
        "above_mean": mistakes(
            ("complement", lambda p: 1 - _above_mean(p.m), "this is the share below the mean."),
            ("half", lambda p: 0.5, "half lie above the median; the mean is not the median."),
            ("one-worker", lambda p: np.exp(-1), "this is for one worker, 1/e."),
            ("percent", lambda p: 100 * _above_mean(p.m), "a share, not per cent."),
        ),
    },
)

QUESTIONS = {
    q.name: q
    for q in (kth_mean, spread, ratio_to_m, spacings, backup, exact_mean, ranks, derivation)
}
