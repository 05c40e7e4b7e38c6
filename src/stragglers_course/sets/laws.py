"""Any distribution, and trusting a simulation: shifts, traces, error bars, heavy tails."""

from random import Random

import numpy as np
from scipy.special import comb, gammaln

from ..questions import Choice, Decision, Figure, Function, Number, mistakes
from . import recorded
from .formulas import exact, harmonic, harmonic_squares, pareto_mean, trace_mean, trace_weights

TITLE = "Any distribution, and trusting a simulation"
CHAPTERS = ("any_distribution", "heavy_tails", "simulation")
RATES = (0.4, 0.5, 0.8, 1.25, 1.6, 2, 2.5, 4, 5)
SCALE = "numpy and scipy take the scale, which is 1 / rate; this has the rate in its place."


def _slowest(p):
    return p.shift + harmonic(p.m) / p.rate


shifted = Number(
    "q1",
    points=1,
    rtol=0.003,
    noise=lambda p: np.sqrt(harmonic_squares(p.m)) / p.rate / _slowest(p),
    cases=tuple(
        {"m": m, "shift": shift, "rate": rate}
        for m in range(6, 26)
        for shift in (0.5, 0.75, 1.5, 2, 3)
        for rate in (0.4, 0.5, 0.8, 1.25, 2)
    ),
    key=_slowest,
    mistakes=mistakes(
        (
            "no-shift",
            lambda p: harmonic(p.m) / p.rate,
            "the shift, which nobody beats, is missing.",
        ),
        (
            "shift-grows",
            lambda p: (p.shift + 1 / p.rate) * harmonic(p.m),
            "only the random part grows with m; the shift is paid once.",
        ),
        (
            "mean",
            lambda p: p.shift + 1 / p.rate,
            "this is the mean of one worker; the slowest of m is asked for.",
        ),
        (
            "fastest",
            lambda p: p.shift + 1 / (p.m * p.rate),
            "this is the fastest of m; the slowest is asked for.",
        ),
        (
            "logarithm",
            lambda p: p.shift + np.log(p.m) / p.rate,
            "log m is the growth of 1 + 1/2 + ... + 1/m, not its value.",
        ),
        ("scale", lambda p: p.shift + harmonic(p.m) * p.rate, SCALE),
        (
            "one-fewer",
            lambda p: p.shift + harmonic(p.m - 1) / p.rate,
            "this is for m - 1 workers: the sum must end with 1/m.",
        ),
        (
            "all-work",
            lambda p: p.m * (p.shift + 1 / p.rate),
            "this adds the work of all workers; they work at the same time.",
        ),
        (
            "shift-of-all",
            lambda p: p.m * p.shift + harmonic(p.m) / p.rate,
            "the workers' shifts pass at the same time; they do not add up.",
        ),
    ),
)


def _two_point(p, weight):
    return p.usual + (p.slow - p.usual) * weight


straggler = Number(
    "q2",
    points=1,
    rtol=0.001,
    cases=tuple(
        {"m": m, "usual": usual, "slow": slow, "probability": q}
        for m in range(8, 41, 2)
        for usual, slow in ((1, 8), (1, 12), (2, 15), (3, 20), (2, 25))
        for q in (0.02, 0.03, 0.05, 0.08)
    ),
    key=lambda p: _two_point(p, 1 - (1 - p.probability) ** p.m),
    mistakes=mistakes(
        ("mean", lambda p: _two_point(p, p.probability), "this is the mean of one worker."),
        (
            "union-bound",
            lambda p: _two_point(p, p.m * p.probability),
            "m · probability counts a round with two stragglers twice; one is enough.",
        ),
        ("always-slow", lambda p: p.slow, "as if every round had a straggler."),
        ("never-slow", lambda p: p.usual, "as if no round had a straggler."),
        (
            "complement",
            lambda p: _two_point(p, (1 - p.probability) ** p.m),
            "the two cases are swapped: without a straggler the round takes the usual time.",
        ),
        (
            "one-fewer",
            lambda p: _two_point(p, 1 - (1 - p.probability) ** (p.m - 1)),
            "this is for m - 1 workers.",
        ),
        (
            "exactly-one",
            lambda p: _two_point(p, p.m * p.probability * (1 - p.probability) ** (p.m - 1)),
            "rounds with two or more stragglers are slow as well.",
        ),
        (
            "added",
            lambda p: p.usual + p.slow * (1 - (1 - p.probability) ** p.m),
            "a slow round takes `slow`, not `usual + slow`.",
        ),
    ),
)


def _trace_cases():
    dice = Random(7)  # fixes which traces there are; who gets which is decided by the hash
    for _ in range(240):
        usual = [dice.randint(80, 140) / 10 for _ in range(7)]
        times = [*usual, dice.randint(250, 900) / 10]
        dice.shuffle(times)
        yield {"m": dice.randint(3, 6), "times": tuple(times)}


def _without_replacement(p):
    ranks = np.arange(len(p.times))
    return np.sort(p.times) @ comb(ranks, p.m - 1) / comb(len(p.times), p.m)


resampled = Number(
    "q3",
    points=2,
    rtol=0.001,
    cases=tuple(_trace_cases()),
    key=lambda p: trace_mean(p.times, p.m, p.m),
    mistakes=mistakes(
        (
            "largest",
            lambda p: max(p.times),
            "this is the largest time of the trace; a draw of m can miss it.",
        ),
        ("mean", lambda p: np.mean(p.times), "this is the mean of the trace, of one worker."),
        (
            "exponential-fit",
            lambda p: np.mean(p.times) * harmonic(p.m),
            "this takes the times as exponential with the trace's mean; they are not.",
        ),
        (
            "without-replacement",
            _without_replacement,
            "this draws without replacement; two workers can meet the same recorded time.",
        ),
        (
            "fastest",
            lambda p: trace_mean(p.times, 1, p.m),
            "this is the fastest of m; the slowest is asked for.",
        ),
        (
            "one-fewer",
            lambda p: trace_mean(p.times, p.m - 1, p.m - 1),
            "this is for m - 1 workers.",
        ),
        (
            "one-rank-less",
            lambda p: trace_mean(p.times, p.m - 1, p.m),
            "this waits for m - 1 of the m workers; wait for all.",
        ),
        (
            "uniform-fit",
            lambda p: min(p.times) + (max(p.times) - min(p.times)) * p.m / (p.m + 1),
            "this takes the times as spread evenly from the smallest to the largest.",
        ),
        (
            "all-recorded",
            lambda p: trace_mean(p.times, len(p.times), len(p.times)),
            "this draws as many times as were recorded; there are m workers.",
        ),
    ),
)


def _rounds(p):
    return harmonic_squares(p.m) / (p.error * harmonic(p.m)) ** 2


precision = Number(
    "q4",
    points=2,
    rtol=0.005,
    cases=tuple(
        {"m": m, "error": error}
        for m in range(4, 41)
        for error in (0.001, 0.002, 0.0025, 0.004, 0.005, 0.008, 0.012, 0.02)
    ),
    key=_rounds,
    mistakes=mistakes(
        (
            "one-worker",
            lambda p: 1 / p.error**2,
            "this is for one worker or the fastest of m; the slowest varies less around its mean.",
        ),
        (
            "not-squared",
            lambda p: np.sqrt(_rounds(p)),
            "the error falls as 1 / √rounds, so the number of rounds is a square.",
        ),
        (
            "confidence",
            lambda p: 1.96**2 * _rounds(p),
            "this makes 1.96 standard errors that small; one standard error is asked for.",
        ),
        (
            "absolute",
            lambda p: harmonic_squares(p.m) / p.error**2,
            "this is an absolute error for rate 1; divide by the mean of the slowest.",
        ),
        (
            "mean-not-squared",
            lambda p: harmonic_squares(p.m) / (p.error**2 * harmonic(p.m)),
            "variance over mean has a unit; the variance goes with the squared mean.",
        ),
        (
            "spread-not-squared",
            lambda p: np.sqrt(harmonic_squares(p.m)) / (p.error * harmonic(p.m)) ** 2,
            "the standard deviation must be squared, like the error.",
        ),
        (
            "all-draws",
            lambda p: p.m * _rounds(p),
            "this counts the draws of all workers; rounds are asked for.",
        ),
        (
            "shared-draws",
            lambda p: _rounds(p) / p.m,
            "m draws make one round, and one time of the slowest; they cannot be shared out.",
        ),
        (
            "harmonic-variance",
            lambda p: 1 / (p.error**2 * harmonic(p.m)),
            "this takes the variance of the slowest as 1 + 1/2 + ...; its terms are 1 / j².",
        ),
    ),
)


def _drop(p, moment):
    return int(np.floor(moment / p.alpha - 1e-9))


def _heavy(p):
    drop = _drop(p, 2)
    return {
        "drop": drop,
        "mean": pareto_mean(p.m - drop, p.m, p.alpha, p.minimum),
        "slowest_mean": "finite" if p.alpha > 1 else "infinite",
    }


heavy = Decision(
    "q5",
    points=4,
    rtol=0.001,
    cases=tuple(
        {"m": m, "alpha": alpha, "minimum": minimum}
        for m in range(12, 31)
        for alpha in (0.55, 0.6, 0.7, 0.75, 0.85, 0.9, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 1.9)
        for minimum in (1, 1.5, 2, 3, 5, 8)
    ),
    key=_heavy,
    mistakes=(),
    fields={
        "drop": mistakes(
            (
                "mean-only",
                lambda p: _drop(p, 1),
                "this makes the mean finite; an error bar needs the variance.",
            ),
            ("not-rounded", lambda p: 2 / p.alpha, "a number of workers is a whole number."),
            ("one-more", lambda p: _drop(p, 2) + 1, "one less is enough."),
            (
                "rank",
                lambda p: p.m - _drop(p, 2),
                "this is the rank waited for; the number dropped is asked.",
            ),
        ),
        "mean": mistakes(
            (
                "lomax",
                lambda p: _heavy(p)["mean"] - p.minimum,
                "numpy's pareto is the Lomax law, which starts at 0: add the minimum.",
            ),
            (
                "slowest",
                lambda p: pareto_mean(p.m, p.m, p.alpha, p.minimum),
                "this waits for all; the slowest ones are dropped.",
            ),
            (
                "one-rank-less",
                lambda p: pareto_mean(p.m - _drop(p, 2) - 1, p.m, p.alpha, p.minimum),
                "one worker too many is dropped.",
            ),
            (
                "unit-minimum",
                lambda p: pareto_mean(p.m - _drop(p, 2), p.m, p.alpha, 1) + p.minimum,
                "the minimum is a factor of the Pareto law, not a shift.",
            ),
            ("fastest", lambda p: pareto_mean(1, p.m, p.alpha, p.minimum), "this is the fastest."),
        ),
        "slowest_mean": Choice(("finite", "infinite")),
    },
)


def _without(trace, k, m):
    times, n = np.sort(trace), len(trace)
    ranks = np.arange(n)
    return times @ (comb(ranks, k - 1) * comb(n - 1 - ranks, m - k)) / max(comb(n, m), 1e-300)


empirical = Function(
    "q6",
    points=3,
    cases=tuple(_trace_cases()),
    key=trace_mean,
    open=lambda p: [[list(p.times), p.m, p.m], [list(p.times), 1, p.m], [list(p.times), 2, p.m]],
    hidden=lambda rng: [
        [exact(rng.lognormal(2, 0.7, 12)), 4, 9],
        [[3.0, 3.0, 3.0, 9.0, 9.0], 3, 5],
        [[5.0, 1.0], 30, 40],
        [[7.5], 2, 3],
    ],
    mistakes=mistakes(
        (
            "largest",
            lambda trace, k, m: max(trace),
            "this is the largest recorded time, whatever k is.",
        ),
        ("mean", lambda trace, k, m: np.mean(trace), "this is the mean of the trace."),
        (
            "without-replacement",
            _without,
            "this draws without replacement; two workers can meet the same recorded time.",
        ),
        (
            "slowest",
            lambda trace, k, m: trace_mean(trace, m, m),
            "this waits for all m workers, whatever k is.",
        ),
        (
            "slowest-of-k",
            lambda trace, k, m: trace_mean(trace, k, k),
            "this is the slowest of only k workers; m run and the first k count.",
        ),
        (
            "counted-from-the-top",
            lambda trace, k, m: trace_mean(trace, m - k + 1, m),
            "this is the k-th slowest; the k-th fastest is asked for.",
        ),
        (
            "not-sorted",
            lambda trace, k, m: np.asarray(trace) @ trace_weights(len(trace), k, m),
            "the weights belong to the sorted times: sort the trace first.",
        ),
        (
            "quantile",
            lambda trace, k, m: np.quantile(trace, k / (m + 1)),
            "the quantile at k / (m + 1) is near the mean of the k-th, but is not it.",
        ),
        (
            "exponential-fit",
            lambda trace, k, m: np.mean(trace) * (harmonic(m) - harmonic(m - k)),
            "this takes the times as exponential with the trace's mean.",
        ),
    ),
)


def _up_to(p):
    return np.arange(1, p.m + 1)


def _pareto_growth(m, alpha):
    log = gammaln(m + 1) + gammaln(1 - 1 / alpha) - gammaln(m + 1 - 1 / alpha)
    return np.exp(log) * (1 - 1 / alpha)


def _growth(uniform, exponential, pareto):
    return lambda p: {
        "uniform": (_up_to(p), uniform(_up_to(p))),
        "exponential": (_up_to(p), exponential(_up_to(p))),
        "Pareto": (_up_to(p), pareto(_up_to(p), p.alpha)),
    }


def _uniform_growth(m):
    return 2 * m / (m + 1)


tails = Figure(
    "q7",
    points=2,
    cases=tuple(
        {"m": m, "alpha": step / 20} for m in range(20, 61, 2) for step in range(26, 59, 2)
    ),
    key=_growth(_uniform_growth, harmonic, _pareto_growth),
    mistakes=mistakes(
        (
            "not-relative",
            _growth(
                lambda m: m / (m + 1), harmonic, lambda m, a: _pareto_growth(m, a) / (1 - 1 / a)
            ),
            "these laws have different means; divide each by its own.",
        ),
        (
            "logarithm",
            _growth(_uniform_growth, np.log, _pareto_growth),
            "log m is the growth of the exponential's slowest, not its value.",
        ),
        (
            "power",
            _growth(_uniform_growth, harmonic, lambda m, a: m ** (1 / a)),
            "m^(1/alpha) is the growth of the Pareto's slowest, not its value.",
        ),
        (
            "lomax",
            _growth(
                _uniform_growth,
                harmonic,
                lambda m, a: (_pareto_growth(m, a) / (1 - 1 / a) - 1) * (a - 1),
            ),
            "this is the Lomax law, which starts at 0: numpy's pareto; add 1.",
        ),
        (
            "fastest",
            _growth(lambda m: 2 / (m + 1), lambda m: 1 / m, lambda m, a: (m * a - m) / (m * a - 1)),
            "these are the fastest of m; the slowest are asked for.",
        ),
    ),
)


def _judged(p):
    return {
        "errors_off_1": (p.predicted_1 - p.measured_1) / p.standard_error_1,
        "relative_2": p.predicted_2 / p.measured_2 - 1,
        "breaks_2": recorded.BROKEN[p.job_2][-1],
    }


trace_breaks = Decision(
    "q8",
    points=4,
    rtol=0.01,
    words=40,
    cases=recorded.cases(),
    key=_judged,
    mistakes=(),
    fields={
        "errors_off_1": mistakes(
            ("sign", lambda p: -_judged(p)["errors_off_1"], "take predicted minus measured."),
            (
                "difference",
                lambda p: p.predicted_1 - p.measured_1,
                "divide the difference by the standard error: is it large, or is it noise?",
            ),
            (
                "relative",
                lambda p: p.predicted_1 / p.measured_1 - 1,
                "this is the relative error; count standard errors instead.",
            ),
            (
                "divided-again",
                lambda p: _judged(p)["errors_off_1"] * np.sqrt(22),
                "the standard error is that of the mean already; do not divide by √steps again.",
            ),
        ),
        "relative_2": mistakes(
            ("sign", lambda p: 1 - p.predicted_2 / p.measured_2, "take predicted over measured."),
            ("inverse", lambda p: p.measured_2 / p.predicted_2 - 1, "measured is the reference."),
            ("ratio", lambda p: p.predicted_2 / p.measured_2, "subtract 1."),
            ("percent", lambda p: 100 * _judged(p)["relative_2"], "a share, not per cent."),
            (
                "errors-off",
                lambda p: (p.predicted_2 - p.measured_2) / p.standard_error_2,
                "these are standard errors; the relative error is asked for.",
            ),
        ),
        "breaks_2": Choice(("identical", "independent", "neither")),
    },
)

QUESTIONS = {
    q.name: q
    for q in (shifted, straggler, resampled, precision, heavy, empirical, tails, trace_breaks)
}
