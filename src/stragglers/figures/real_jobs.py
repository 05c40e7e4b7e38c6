"""Figures of the chapter "Unequal workers and real jobs"."""

from functools import cache

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, INK, MARKERS, label
from ..explorer.words import percent, signed
from ..jobs.ladder import RUNGS, rungs_of
from ..jobs.recorded import own_trial, recorded
from ..jobs.shares import variance_shares
from ..jobs.what_if import held_out
from ..laws.named import lognormal, trace
from ..order_statistics.equal_workers import order_statistic
from ..order_statistics.harmonic import harmonic

RED, BLUE, GREEN = (COLOURS[name] for name in ("slowest", "fastest", "kth"))
PURPLE, GREY, DARK = (COLOURS[name] for name in ("typical", "waiting", "limit"))
TOPS = {"SE": 14.0, "AR": 62.0, "ST": 3.5}  # where the axes of seconds end


# -------------------------------------------------------------------------------------------------
# Whose data is learned

WORKERS, UPDATES, START = 4, 200, 2.0
RULES = ("sync", "2-sync", "async", "async, own steps")


def shares_of(fast):
    """Return each worker's share of all gradients where worker 1 is so many times as fast."""
    rates = np.array([fast, 1.0, 1.0, 1.0])
    return rates / rates.sum()


def first_two(shares):
    """Return each worker's share of the first two places of a race of exponential workers."""
    second = np.array([np.delete(shares / (1 - shares), i).sum() for i in range(WORKERS)])
    return shares * (1 + second) / 2


def steps_of(rule, fast, step):
    """Return the workers' steps: alike, or in proportion to their mean times, of the same mean."""
    shares = shares_of(fast)
    return step / (WORKERS * shares) if rule == "async, own steps" else np.full(WORKERS, step)


@cache
def weights(rule, fast, step):
    """Return the weight of each worker's data in the long run."""
    shares, steps = shares_of(fast), steps_of(rule, fast, step)
    if rule == "sync":
        return np.full(WORKERS, 1 / WORKERS)
    if rule == "2-sync":
        return first_two(shares)
    found = shares * steps / (1 + steps)
    return found / found.sum()


@cache
def mean_path(rule, fast, step):
    """Return the mean of the model after 0, 1, ... updates; worker 1's data want 1, others' 0."""
    wanted, model = np.array([1.0, 0, 0, 0]), START
    shares, steps, path = shares_of(fast), steps_of(rule, fast, step), [START]
    held = np.full(WORKERS, START)
    for _ in range(UPDATES):
        if rule.startswith("async"):
            moved = steps * (held - wanted)
            held = held + shares * (model - moved - held)
            model = model - np.sum(shares * moved)
        else:
            model = model - step * (model - weights(rule, fast, step) @ wanted)
        path.append(model)
    return np.array(path)


def whose_data(axes, rule, fast, step):
    """Draw the weight of each worker's data, and the mean of the model on its way."""
    left, right = axes
    found, path = weights(rule, fast, step), mean_path(rule, fast, step)
    left.bar(range(1, WORKERS + 1), found, 0.6, color=[RED, BLUE, BLUE, BLUE], label="weight")
    left.axhline(1 / WORKERS, color=DARK, ls="--", lw=1.2)
    left.set(xlim=(0.4, 4.6), ylim=(0, 1), xlabel="worker", title="weight of its data")
    left.set_xticks(range(1, WORKERS + 1))
    label(left, (4.5, 1 / WORKERS), "- - fair", DARK, "left")
    right.plot(path, color=PURPLE, label="mean of the model")
    right.axhline(1 / WORKERS, color=DARK, ls="--", lw=1.2, label="fair")
    right.set(xlim=(0, UPDATES), ylim=(0, 2.1), xlabel="updates", title="mean of the model")
    label(right, (UPDATES, path[-1]), f"— ends at {path[-1]:.3f}", PURPLE, "left", 8)
    speed = f"{fast} times as fast as" if fast > 1 else "as fast as"
    return (
        f"{rule.capitalize()}, worker 1 is {speed} the others, steps "
        f"{_listed(steps_of(rule, fast, step))}: in the long run the data of worker 1 have the "
        f"weight {found[0]:.4f}, where 0.25 is fair, and those of each other {found[1]:.4f}."
    )


def _listed(steps):
    return f"of {steps[0]:g}" if np.ptp(steps) == 0 else f"of {steps[0]:.3g} and {steps[1]:.3g}"


# -------------------------------------------------------------------------------------------------
# Three jobs, and the ladder

FROM = ("the same steps", "the first half")


@cache
def ladder(job, drawn):
    """Return the five rungs in seconds, and the standard error of the last."""
    times = recorded(job).times
    half = len(times) // 2
    fit, seen = (times, times) if drawn == FROM[0] else (times[:half], times[half:])
    slowest = seen.max(axis=1)
    return np.array([*rungs_of(fit)[:-1], slowest.mean()]), float(stats.sem(slowest))


def three_jobs(axes, job, drawn):
    """Draw every recorded step from its fastest to its slowest worker, and the ladder."""
    left, right = axes
    times = recorded(job).times
    places = np.arange(1, len(times) + 1)
    left.vlines(places, times.min(axis=1), times.max(axis=1), color=GREY, lw=3)
    left.plot(places, times.max(axis=1), MARKERS["slowest"], color=RED, label="slowest")
    left.plot(places, times.mean(axis=1), "_", color=PURPLE, label="mean")
    top = TOPS[job]
    left.set(xlim=(0, 46), ylim=(0, top), xlabel="recorded step", title="seconds of each step")
    label(left, (0.5, 0.88 * top), "○ slowest", RED, above=0)
    label(left, (22, 0.88 * top), "– mean worker", PURPLE, above=0)
    seconds, error = ladder(job, drawn)
    rows = np.arange(len(RUNGS))[::-1]
    top = 1.05 * seconds.max()
    right.barh(rows, seconds, 0.34, color=[PURPLE, DARK, DARK, DARK, RED], label="rung")
    right.vlines(np.full(5, seconds[-1]), rows - 0.24, rows + 0.17, RED, "--", lw=1.4)
    right.set(xlim=(0, top), ylim=(-0.4, 4.8), xlabel="seconds a step", title="the ladder")
    right.set_yticks([])
    for row, name, value in zip(rows, RUNGS, seconds, strict=True):
        label(right, (0, row + 0.15), f"{name}: {value:.4g}", INK, above=2)
    rungs = ", ".join(f"{name} {value:.4g}" for name, value in zip(RUNGS, seconds, strict=True))
    away = [percent_of(value, seconds[-1]) for value in seconds[1:4]]
    return (
        f"{job}, drawn from {drawn}; seconds a step: {rungs} (± {error:.2g}). From the measured: "
        f"exponential {away[0]}, iid {away[1]}, unequal {away[2]}."
    )


def percent_of(value, seen):
    """Return how far a value is from what was seen, "−1.4 %"."""
    return f"{signed(100 * (value / seen - 1))} %"


# -------------------------------------------------------------------------------------------------
# Prediction of what was not used

FITTED = ("trace", "shifted exponential", "log-normal", "Gumbel", "exponential")
SIZES = (2, 4, 8, 16, 32)


@cache
def predicted(law, steps):
    """Return E max of 2, 4, ..., 32 workers of SE by a law fitted to the first steps."""
    times = recorded("SE").times[:steps].ravel()
    mean, low, logs = times.mean(), times.min(), np.log(times)
    if law == "exponential":
        return np.array([mean * harmonic(m) for m in SIZES])
    if law == "shifted exponential":  # the likeliest: it begins at the shortest time
        return np.array([low + (mean - low) * harmonic(m) for m in SIZES])
    if law == "Gumbel":
        place, scale = stats.gumbel_r.fit(times)
        return place + scale * (np.euler_gamma + np.log(SIZES))
    work = trace(times) if law == "trace" else lognormal(logs.mean(), logs.std())
    return np.array([order_statistic(work, m, m).mean() for m in SIZES])


@cache
def seen_later():
    """Return the `HeldOut` of SE: what the last 22 steps took."""
    return held_out(recorded("SE"))


def prediction(axes, law, steps):
    """Draw what a law fitted to the first steps of SE predicts for the last 22, and its error."""
    left, right = axes
    held, found, places = seen_later(), predicted(law, steps), np.arange(len(SIZES))
    seen, error = np.array(held.measured), np.array(held.errors)
    left.errorbar(places, seen, 2 * error, fmt=MARKERS["slowest"], color=RED, label="measured")
    left.plot(places, seen, " ", color=RED, label="measured mean")
    left.plot(places, np.where(found < 14, found, np.nan), color=BLUE, label=law)
    left.set(xlim=(-0.4, 4.4), ylim=(6, 14), xlabel="workers m", title="slowest of m, seconds")
    label(left, (-0.3, 13), "○ measured later", RED, above=0)
    label(left, (-0.3, 12.2), f"— {law}", BLUE, above=0)
    away = 100 * (found / seen - 1)
    right.axhline(0, color=RED, lw=1.2)
    right.errorbar(places, np.zeros(len(SIZES)), 200 * error / seen, fmt="none", color=RED)
    right.plot(places, np.minimum(away, 28), f"-{MARKERS['fastest']}", color=BLUE, label="error")
    right.set(xlim=(-0.4, 4.4), ylim=(-10, 30), xlabel="workers m", title="error in %")
    for ax in axes:
        ax.set_xticks(places, SIZES)
    shown = ", ".join(f"{signed(one)} % at {m}" for one, m in zip(away, SIZES, strict=True))
    beyond = " Errors above 28 % are drawn at 28 %." if away.max() > 28 else ""
    return (
        f"{law.capitalize()} law from the first {steps} steps of SE against the last "
        f"{held.test_steps}: errors of the mean slowest {shown}.{beyond}"
    )


# -------------------------------------------------------------------------------------------------
# The best K


@cache
def waits(job):
    """Return the mean time of the K-th of the workers, measured and by independent draws."""
    table = recorded(job)
    m, law = len(table.workers), table.law()
    by_law = [order_statistic(law, k, m).mean() for k in range(1, m + 1)]
    return np.sort(table.times, axis=1).mean(axis=0), np.array(by_law)


def best_k(axes, job, constant):
    """Draw how long the K-th worker takes, and the gradients a second, for every K."""
    left, right = axes
    measured, law = waits(job)
    k = np.arange(1, len(measured) + 1)
    rates = [k / (wait + constant) for wait in (measured, law)]
    best = [int(rate.argmax()) + 1 for rate in rates]
    for ax, seen, drawn in ((left, measured, law), (right, *rates)):
        ax.plot(k, drawn, color=DARK, ls="--", label="iid law")
        ax.plot(k, seen, MARKERS["kth"], color=GREEN, label="measured")
        low = 0.02 * len(k) + 0.6
        ax.set(xlim=(1 - low, len(k) + low), xlabel="K", ylim=(0, 1.45 * max(seen[-1], seen.max())))
        ax.set_xticks(k if len(k) < 10 else [1, 8, 16, 24, 32])
    left.set_title("seconds until K are done")
    right.set_title("gradients a second")
    right.plot(best[0], rates[0][best[0] - 1], "*", color=RED, ms=14, label="best")
    top = left.get_ylim()[1]
    label(left, (k[0] - low, 0.88 * top), "△ measured", GREEN, above=0)
    label(left, (k[0] - low, 0.77 * top), "- - iid law", DARK, above=0)
    label(right, (k[0] - low, 0.86 * right.get_ylim()[1]), f"★ best K = {best[0]}", RED, above=0)
    gain = rates[0].max() / rates[0][-1] - 1
    return (
        f"{job} with {constant:g} s after the K-th: the best K is {best[0]} of {len(k)} by "
        f"measurement and {best[1]} by the iid law; {rates[0].max():.4g} gradients a second "
        f"against {rates[0][-1]:.4g} for all, {percent(gain, 1)} more."
    )


# -------------------------------------------------------------------------------------------------
# The barrier trap

TAKEN = ("before the collective", "whole step")


def barrier_trap(axes, where):
    """Draw the times of the workers of our trial, and two against each other, taken so or so."""
    left, right = axes
    table = own_trial(after_barrier=where == TAKEN[1])
    times, shares = table.times, variance_shares(table)
    low, high = np.quantile(times, [0.05, 0.95], axis=0)
    workers = np.arange(times.shape[1])
    left.vlines(workers, low, high, color=GREY, lw=6)
    left.plot(workers, times.mean(axis=0), MARKERS["typical"], color=PURPLE, label="mean")
    left.set(xlim=(-0.6, 3.6), ylim=(0, 0.5), xlabel="worker", title="middle nine tenths, s")
    left.set_xticks(workers)
    label(left, (-0.6, 0.44), "◇ mean", PURPLE, above=0)
    right.plot(times[:, 0], times[:, 2], MARKERS["fastest"], color=BLUE, label="worker 2")
    right.plot([0, 0.7], [0, 0.7], color=DARK, ls="--", lw=1.2)
    right.set(xlim=(0, 0.7), ylim=(0, 0.7), xlabel="worker 0, s", title="worker 2, s, of each step")
    slow = times.max(axis=1).mean() / times.mean()
    return (
        f"Times taken as “{where}”: the mean correlation of two workers is "
        f"{shares.correlation:.3f}, and the slowest takes {slow:.3f} times the mean."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def slowest_of_thirty_two():
    """Return the mean seconds of the slowest of job SE, and what most people miss."""
    times = recorded("SE").times
    mean, slowest, m = times.mean(), times.max(axis=1).mean(), times.shape[1]
    return float(slowest), (
        f"Who believes in the exponential law multiplies by H of {m} and says "
        f"{mean * harmonic(m):.3g}. A real gradient has a least time, here "
        f"{times.min():.2g} s, in which nothing is random; only the rest is spread."
    )
