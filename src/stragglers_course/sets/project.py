"""A project: a job of the student's own, recorded, read, changed and recorded again."""

import numpy as np

from ..questions import Decision, OwnTable, mistakes
from .formulas import harmonic, trace_mean

TITLE = "A job of your own"
CHAPTERS = ("real_jobs",)
STEPS = 40


def practice_table(p):
    """Return the table of the notebook's recipe: 40 steps, of which worker 0 is the slow one."""
    rng = np.random.default_rng(p.seed)
    times = p.shift + rng.exponential(1 / p.rate, (STEPS, p.workers))
    times[:, 0] *= p.factor
    return times


def _times(p):
    return p.times if "times" in p else practice_table(p)


def _slowest(p):
    return _times(p).max(axis=1)


def _without_the_slow_one(p):
    times = _times(p)
    return np.delete(times, times.mean(axis=0).argmax(), axis=1)


def _reading(p):
    times = _times(p)
    return {
        "mean": float(times.mean()),
        "measured": float(_slowest(p).mean()),
        "iid": trace_mean(times.ravel(), times.shape[1], times.shape[1]),
        "without": float(_without_the_slow_one(p).max(axis=1).mean()),
    }


READING = {
    "mean": mistakes(
        (
            "fastest",
            lambda p: float(_times(p).min(axis=1).mean()),
            "this is the fastest of each step; the mean time of a worker is asked for.",
        ),
    ),
    "measured": mistakes(
        (
            "largest",
            lambda p: float(_times(p).max()),
            "this is the longest time of all; the slowest of each step, then their mean.",
        ),
        (
            "slowest-worker",
            lambda p: float(_times(p).mean(axis=0).max()),
            "this is the mean of the slowest worker; now and then another one is the last.",
        ),
        ("mean", lambda p: float(_times(p).mean()), "this waits for nobody."),
    ),
    "iid": mistakes(
        (
            "exponential",
            lambda p: float(_times(p).mean() * harmonic(_times(p).shape[1])),
            "this is the rung below: it takes the times for exponential.",
        ),
        (
            "measured",
            lambda p: float(_slowest(p).mean()),
            "this is what was measured; draw each worker's time from all times of the table.",
        ),
    ),
    "without": mistakes(
        (
            "mean",
            lambda p: float(_without_the_slow_one(p).mean()),
            "this is the mean of the others; a step waits for the slowest of them.",
        ),
        (
            "first-but-one",
            lambda p: float(np.sort(_times(p), axis=1)[:, -2].mean()),
            "this leaves out the last of each step, whoever it is; leave out one worker for good.",
        ),
    ),
}
TABLES = tuple(
    {"workers": workers, "shift": shift, "rate": rate, "factor": factor, "seed": seed}
    for workers in range(4, 11)
    for shift, rate in ((1.0, 2.0), (2.0, 1.0), (0.5, 1.6))
    for factor in (1.3, 1.6)
    for seed in range(8)
)

dry_run = Decision(
    "q1",
    points=2,
    words=25,
    cases=TABLES,
    key=_reading,
    mistakes=(),
    fields=READING,
)

own_job = OwnTable(
    "q2",
    points=5,
    words=80,
    cases=TABLES,
    key=_reading,
    mistakes=(),
    fields=READING,
    example=practice_table,
)


def _second(p):
    slowest = _slowest(p)
    last = np.bincount(_times(p).argmax(axis=1), minlength=_times(p).shape[1])
    return {
        "measured": float(slowest.mean()),
        "standard_error": float(slowest.std(ddof=1) / np.sqrt(len(slowest))),
        "last_share": float(last.max() / last.sum()),
    }


own_change = OwnTable(
    "q3",
    points=5,
    words=100,
    rtol=0.005,
    cases=TABLES,
    key=_second,
    mistakes=(),
    fields={
        "measured": READING["measured"],
        "standard_error": mistakes(
            (
                "spread",
                lambda p: float(_slowest(p).std(ddof=1)),
                "this is the spread of one step; the error of their mean is smaller.",
            ),
            (
                "all-times",
                lambda p: float(_times(p).std(ddof=1) / np.sqrt(_times(p).size)),
                "this is the error of the mean of all times; the slowest of each step is asked.",
            ),
            (
                "variance",
                lambda p: float(_slowest(p).var(ddof=1) / len(_slowest(p))),
                "this is its square: take the root.",
            ),
        ),
        "last_share": mistakes(
            (
                "fair",
                lambda p: 1 / _times(p).shape[1],
                "this is the share if all were alike: count who was the last in each step.",
            ),
        ),
    },
    example=practice_table,
)

QUESTIONS = {q.name: q for q in (dry_run, own_job, own_change)}
