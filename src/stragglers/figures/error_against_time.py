"""Figures of the chapter "Error against the clock"."""

from bisect import bisect
from functools import cache

import numpy as np
from scipy import interpolate

from ..explorer.style import COLOURS, INK, MARKERS, label
from ..laws.named import exponential, shifted_exponential
from ..order_statistics.equal_workers import order_statistic
from ..protocols.asynchronous import Async
from ..protocols.synchronous import KSync
from ..training import LogisticRegression, Quadratic, adaptive_k, iris, train

TEAM, DICE = 10, 15
PROBLEM = Quadratic(start=10)
LAWS = {
    "exponential": exponential(rate=1),
    "1 + exponential": shifted_exponential(shift=1, rate=1),
}
KINDS = {"sync": "slowest", "5-sync": "kth", "7-sync": "kth", "1-sync": "kth", "async": "fastest"}


def protocol(name):
    """Return the protocol of ten workers with this name: sync, async or 5-sync."""
    if name == "async":
        return Async(TEAM)
    return KSync(TEAM, TEAM if name == "sync" else int(name.split("-")[0]))


@cache
def exact(name, law, step, moments):
    """Return the exact mean loss at these moments of the clock; NotImplementedError if unknown."""
    return PROBLEM.error(protocol(name), LAWS[law], step=step, at=moments)


@cache
def simulated(name, law, step, until, replicas=400):
    """Return a run of SGD, its loss at 41 moments from 0 to `until`."""
    rng = np.random.default_rng(DICE)
    at = np.linspace(0, until, 41)
    settings = {"step": step, "rng": rng, "replicas": replicas, "until": until, "at": at}
    return train(protocol(name), PROBLEM, LAWS[law], **settings)


def colour(name):
    return COLOURS[KINDS[name]]


def paint(ax, x, losses, name, is_exact, text=None):
    """Draw a curve: a line where it is exact, else hollow markers."""
    style = "-" if is_exact else MARKERS[KINDS[name]]
    ax.plot(x, losses, style, color=colour(name), label=text or name)


def logarithmic(ax, low, high, **settings):
    ax.set_yscale("log")
    ax.set(ylim=(low, high), **settings)


# -------------------------------------------------------------------------------------------------
# One experiment, two plots


FAR, LATE = 100, 120
CLOCK = (*np.linspace(0, 12, 13), *np.linspace(15, LATE, 36))
TRIO = ("sync", "5-sync", "async")


def after_updates(name, law, step):
    """Return numbers of updates, the mean loss after so many, and whether it is exact."""
    if name == "async" and law != "exponential":
        run = simulated(name, law, step, LATE)
        return run.updates, run.loss, False
    counts = np.arange(0, FAR + 1, 4)
    return counts, PROBLEM.error_after(protocol(name), step, counts), True


def at_moments(name, law, step):
    """Return moments of the clock, the mean loss at them, and whether it is exact."""
    moments = CLOCK
    try:
        return moments, exact(name, law, step, moments), True
    except NotImplementedError:
        run = simulated(name, law, step, LATE)
        return run.times, run.loss_in_time, False


def two_plots(axes, law, step):
    """Draw the loss of three protocols with one step, against updates and against the clock."""
    found = []
    for ax, look, end in zip(axes, (after_updates, at_moments), (FAR, LATE), strict=True):
        logarithmic(ax, 1e-3, 2e4, xlim=(0, end))
        final = {}
        for row, name in enumerate(TRIO):
            x, losses, is_exact = look(name, law, step)
            paint(ax, x, losses, name, is_exact)
            final[name] = float(np.interp(10 if end == LATE else FAR, x, losses))
            sign = "—" if is_exact else "□"
            label(ax, (0.45 * end, 3000 / 5**row), f"{sign} {name}", colour(name), above=0)
        found.append(sorted(final, key=final.get))
    axes[0].set(xlabel="updates", title="mean loss")
    axes[1].set(xlabel="time", title="mean loss, the same runs")
    first, second = (", ".join(order) for order in found)
    return (
        f"Ten workers, {law} times, step {step} for all. After {FAR} updates, from the least loss "
        f"to the greatest: {first}. At time 10: {second}."
    )


# -------------------------------------------------------------------------------------------------
# The crossing that a step makes


MEETING = (*np.arange(1, 20) / 20, *np.arange(4, 48) / 4, *np.linspace(12, LATE, 37))


@cache
def crossings(opponent, step, other):
    """Return the moments after the start at which async at one step meets a K-sync at its own.

    By a cubic spline of the logarithm of the ratio: right to about 0.01.
    """
    mine = exact("async", "exponential", step, MEETING)
    theirs = exact(opponent, "exponential", other, MEETING)
    ratio = interpolate.CubicSpline(MEETING, np.log(np.divide(mine, theirs)))
    return [float(t) for t in ratio.roots(extrapolate=False)]


def first_ahead(opponent, step, other):
    """Return which of the two is ahead just after the start."""
    pairs = (("async", step), (opponent, other))
    return min(pairs, key=lambda pair: exact(pair[0], "exponential", pair[1], MEETING)[0])[0]


def two_steps(axes, opponent, other, step):
    """Draw async and a K-sync, each with its own step, and the ratio of their losses."""
    left, right = axes
    moments = CLOCK
    mine = exact("async", "exponential", step, moments)
    theirs = exact(opponent, "exponential", other, moments)
    paint(left, moments, mine, "async", True)
    paint(left, moments, theirs, opponent, True)
    logarithmic(left, 8e-4, 150, xlim=(0, LATE), xlabel="time", title="mean loss")
    label(left, (45, 50), f"async, step {step}", colour("async"), above=0)
    label(left, (45, 16), f"{opponent}, step {other}", colour(opponent), above=0)
    ratio = np.array(mine) / np.array(theirs)
    right.plot(moments, ratio, color=colour("async"), label="async / " + opponent)
    right.axhline(1, color=colour(opponent), lw=1, label=opponent)
    logarithmic(right, 1e-3, 30, xlim=(0, LATE), xlabel="time")
    right.set_title(f"loss of async over that of {opponent}")
    met = crossings(opponent, step, other)
    right.plot(met, [1] * len(met), "o", color=COLOURS["limit"], label="they meet")
    for t in met:
        if t > 4:  # before, the curve is too steep for a number beside it: the sentence has it
            label(right, (t, 1.2), f"{t:.1f}", COLOURS["limit"], side="middle")
    first = first_ahead(opponent, step, other)
    if not met:
        label(right, (8, 8), f"{first} is ahead to {LATE}", COLOURS["limit"], above=0)
        return (
            f"Async with step {step}, {opponent} with step {other}: {first} is ahead from the "
            f"start to time {LATE}."
        )
    when = " and ".join(f"{t:.1f}" for t in met)
    return (
        f"Async with step {step}, {opponent} with step {other}: {first} is ahead at first, and "
        f"they meet at time {when}."
    )


# -------------------------------------------------------------------------------------------------
# The best K, at a fixed step and at the best one

K = np.arange(1, TEAM + 1)
FIXED = 0.1


@cache
def best_step(k, law, time):
    return PROBLEM.best_step(KSync(TEAM, int(k)), LAWS[law], time)


@cache
def losses_of_k(law, time, tuned):
    """Return the loss of K-sync at a time for K = 1, ..., 10, at the fixed or each best step."""
    steps = [best_step(k, law, time) if tuned else FIXED for k in K]
    pairs = zip(K, steps, strict=True)
    return np.array([exact(f"{k}-sync", law, step, (float(time),))[0] for k, step in pairs])


def throughput(name, law):
    """Return the gradients per unit of time that change the model, in the long run."""
    p = protocol(name)
    return p.gradients_per_update / p.time_per_update(LAWS[law])


def best_k(axes, law, time):
    """Draw the loss at a time against K, all at step 0.1, and each at its own best step."""
    winners = []
    for ax, tuned in zip(axes, (False, True), strict=True):
        losses = losses_of_k(law, time, tuned)
        best = int(K[losses.argmin()])
        winners.append(best)
        logarithmic(ax, 0.4, 1500, xlim=(0.5, 10.5), xlabel="K of 10")
        ax.plot(K, losses / losses.min(), color=COLOURS["kth"], label="K-sync")
        ax.plot([best], [1], "o", color=COLOURS["kth"], label="least")
        ax.set_xticks(K)
        text = f"K = {best}: {losses.min():.4g}"
        label(ax, (best, 0.45), text, COLOURS["kth"], "middle", above=0)
    axes[0].set_title(f"mean loss over the least, step {FIXED}")
    axes[1].set_title("each with its own best step")
    rates = [throughput(f"{k}-sync", law) for k in K]
    return (
        f"{law.capitalize()} times, time {time}. The best K is {winners[0]} at step {FIXED}, and "
        f"{winners[1]} with each at its own best step; most gradients per unit of time come at K = "
        f"{K[int(np.argmax(rates))]}."
    )


# -------------------------------------------------------------------------------------------------
# Each at its own best step, predicted

STEPS = tuple(np.geomspace(0.008, 0.16, 27).round(4))
GRID = tuple(np.geomspace(0.01, 1.6, 31))
ENTRANTS = ("sync", "7-sync", "async")
SHIFTED = "1 + exponential"


def predicted(name, law, time):
    """Return the step and the loss that small steps predict from the throughput alone."""
    rate = throughput(name, law) * time
    start = PROBLEM.loss(PROBLEM.start)
    weight = np.log(8 * rate * start)
    return protocol(name).gradients_per_update * weight / (2 * rate), (1 + weight) / (8 * rate)


@cache
def tried(name, time):
    """Return steps, the loss at a time with each of them, standard errors (0: exact)."""
    if name != "async":
        losses = [exact(name, SHIFTED, step, (float(time),))[0] for step in GRID]
        return np.array(GRID), np.array(losses), np.zeros(len(GRID))
    runs = [simulated("async", SHIFTED, step, 100, 2000) for step in STEPS]
    place = int(np.searchsorted(runs[0].times, time))
    losses = [run.loss_in_time[place] for run in runs]
    return np.array(STEPS), np.array(losses), [run.loss_in_time_error[place] for run in runs]


@cache
def least_loss(name, time):
    """Return the least loss over the steps at a time, its standard error (0: exact), its step."""
    if name != "async":
        step = PROBLEM.best_step(protocol(name), LAWS[SHIFTED], time)
        return float(exact(name, SHIFTED, step, (float(time),))[0]), 0.0, step
    steps, losses, errors = tried(name, time)
    best = int(np.clip(np.argmin(losses), 1, len(steps) - 2))
    near = slice(best - 1, best + 2)  # the minimum may be narrow: look at that of the parabola too
    bend, slope, _ = np.polyfit(steps[near], losses[near], 2)
    step = float(np.clip(-slope / (2 * bend), *steps[near][::2])) if bend > 0 else steps[best]
    run = simulated("async", SHIFTED, step, 100, 2000)
    place = int(np.searchsorted(run.times, time))
    found = run.loss_in_time[place], run.loss_in_time_error[place], step
    return tuple(map(float, min(found, (losses[best], errors[best], steps[best]))))


def own_step(axes, time):
    """Draw the loss at a time against the step, and the least loss beside its prediction."""
    left, right = axes
    least = {}
    for row, name in enumerate(ENTRANTS):
        steps, losses, _ = tried(name, time)
        paint(left, steps, losses, name, name != "async")
        least[name] = least_loss(name, time)
        foreseen = predicted(name, SHIFTED, time)[1]
        right.barh(row, least[name][0], height=0.4, color=colour(name), label=name)
        right.plot([foreseen], [row], "|", ms=24, color=INK, label=name + " predicted")
        label(right, (0.0021, row - 0.24), f"{name} {least[name][0]:.4f}", colour(name), above=0)
    left.set_xscale("log")
    logarithmic(left, 1e-3, 1e5, xlim=(0.007, 2), xlabel="step", title=f"mean loss at time {time}")
    label(left, (0.0075, 1.2e4), "— sync", colour("sync"), above=0)
    label(left, (0.0075, 2e3), "— 7-sync", colour("7-sync"), above=0)
    label(left, (0.0075, 3.5e2), "□ async, simulated", colour("async"), above=0)
    right.set_xscale("log")
    right.set(xlim=(2e-3, 3), ylim=(2.6, -0.8), xlabel="mean loss", title="least; | predicted")
    right.set_yticks([])
    right.grid(False)
    each = ", ".join(f"{name} {loss:.4f} at {step:.3g}" for name, (loss, _, step) in least.items())
    best = min(least, key=lambda name: least[name][0])
    return (
        f"1 + exponential times, time {time}. The least loss and its step: {each}. Least: {best}."
    )


# -------------------------------------------------------------------------------------------------
# A K that grows

ENDS = {"exponential": 60, SHIFTED: 120}


def schedule(law):
    """Return the moments and the K of the adaptive K-sync at step 0.1."""
    return adaptive_k(PROBLEM, LAWS[law], TEAM, step=FIXED)


@cache
def grown(law, falling):
    """Return a run of adaptive K-sync, or of the throughput's K with a step that falls instead."""
    pairs, rng = schedule(law), np.random.default_rng(DICE)
    at = np.linspace(0, ENDS[law], 31)
    settings = {"rng": rng, "replicas": 1000, "until": ENDS[law], "at": at}
    if not falling:
        return train(KSync(TEAM, 1), PROBLEM, LAWS[law], step=FIXED, switches=pairs, **settings)
    k = throughput_k(law)
    moments, counts = zip(*pairs, strict=True)

    def step(t):
        return FIXED * k / counts[bisect(moments, t) - 1]

    return train(KSync(TEAM, k), PROBLEM, LAWS[law], step=step, step_by="time", **settings)


def throughput_k(law):
    """Return the K at which K-sync makes most gradients per unit of time."""
    return int(K[np.argmax([throughput(f"{k}-sync", law) for k in K])])


def growing_k(axes, law):
    """Draw fixed K, K that grows, and a step that falls, against the clock; and the schedule."""
    left, right = axes
    end, k = ENDS[law], throughput_k(law)
    moments = tuple(np.linspace(0, end, 31))
    for fixed, line in ((1, ":"), (5, "--"), (10, "-")):
        losses = exact(f"{fixed}-sync", law, FIXED, moments)
        left.plot(moments, losses, line, color=COLOURS["limit"], label=f"K = {fixed}")
    grow, fall = grown(law, False), grown(law, True)
    left.plot(grow.times, grow.loss_in_time, "^", color=COLOURS["kth"], label="K grows")
    left.plot(fall.times, fall.loss_in_time, "D", color=COLOURS["typical"], label="the step falls")
    logarithmic(left, 1.5e-3, 400, xlim=(0, end), xlabel="time", title="mean loss")
    label(left, (0.3 * end, 150), "··· 1  - - 5  — 10: K fixed", COLOURS["limit"], above=0)
    label(left, (0.3 * end, 50), "△ K grows", COLOURS["kth"], above=0)
    label(left, (0.3 * end, 17), f"◇ K = {k}, step falls", COLOURS["typical"], above=0)
    pairs = [(t, n) for t, n in schedule(law) if t <= end]
    times, counts = np.array([*pairs, (end, pairs[-1][1])]).T
    right.step(times, counts, where="post", color=COLOURS["kth"], label="K")
    right.set(xlim=(0, end), ylim=(0, 10.9), xlabel="time", title="K that takes most error away")
    right.set_yticks([1, 5, 10])
    last = grow.loss_in_time[-1], fall.loss_in_time[-1]
    moves = ", ".join(f"{int(n)} from {t:.1f}" for t, n in pairs)
    return (
        f"{law.capitalize()} times, step {FIXED}. K: {moves}. At time {end} the mean loss is "
        f"{last[0]:.5f} with a growing K, {last[1]:.5f} with K = {k} and a falling step, both "
        "simulated."
    )


# -------------------------------------------------------------------------------------------------
# How many workers

CROWD = np.unique(np.round(np.geomspace(1, 3000, 120)).astype(int))


@cache
def wait(law, m):
    return float(order_statistic(LAWS[law], m, m).mean())


def time_to_target(law, scale, m):
    """Return the time to a target in units of one worker's with as many updates as it takes."""
    return wait(law, int(m)) * (1 + scale / m)


def crowd(axes, law, scale):
    """Draw the time to a target against the workers of sync, and what one more worker brings."""
    left, right = axes
    times = np.array([time_to_target(law, scale, m) for m in CROWD])
    at = int(CROWD[times.argmin()])
    near = range(max(at // 2, 1), 2 * at + 2)
    best = min(near, key=lambda m: time_to_target(law, scale, m))
    least = time_to_target(law, scale, best)
    left.plot(CROWD, times / least, color=COLOURS["slowest"], label="sync")
    left.plot([best], [1], "o", color=COLOURS["slowest"], label="least")
    left.set_xscale("log")
    left.set(xlim=(1, 3000), ylim=(0.7, 2.5), xlabel="workers m", title="time to target over least")
    label(left, (best, 0.8), f"m = {best}", COLOURS["slowest"], "middle", above=0)
    within = CROWD[times <= 1.1 * least]
    waits = np.array([wait(law, int(m)) for m in CROWD])
    right.plot(CROWD, waits / waits[0], color=COLOURS["slowest"], label="time of an update")
    right.plot(CROWD, (1 + scale / CROWD) / (1 + scale), "--", color=COLOURS["limit"], label="n")
    right.set_xscale("log")
    right.set_yscale("log")
    right.set(xlim=(1, 3000), ylim=(5e-4, 60), xlabel="workers m", title="over those of one worker")
    label(right, (1.2, 22), "— time of an update", COLOURS["slowest"], above=0)
    label(right, (1.2, 9), "- - number of updates", COLOURS["limit"], above=0)
    fastest = "one worker is" if best == 1 else f"{best} workers are"
    if within[0] == within[-1]:
        near = "any other number takes more than a tenth longer"
    else:
        most = within[-1] if within[-1] < CROWD[-1] else f"beyond {within[-1]}"
        near = f"anything from about {within[0]} to {most} is within a tenth of that"
    return f"{law.capitalize()} times, noise scale {scale}: {fastest} fastest, and {near}."


# -------------------------------------------------------------------------------------------------
# Real data

FLOWERS = LogisticRegression(*iris(), ridge=0.01)
RATES = {
    "sync": (1.0, 2.0, 3.0, 4.0, 6.0),
    "7-sync": (0.7, 1.4, 2.0, 2.8, 4.0),
    "async": (0.05, 0.1, 0.2, 0.3, 0.5),
}


@cache
def flowers(name, step):
    """Return a run of logistic regression on the irises, 1 + exponential times."""
    rng, at = np.random.default_rng(DICE), np.linspace(0, 100, 21)
    settings = {"step": step, "rng": rng, "replicas": 60, "until": 100, "at": at}
    return train(protocol(name), FLOWERS, LAWS[SHIFTED], **settings)


def best_flowers(name, time):
    """Return the step of least excess loss at a time, that loss and its standard error."""
    place = int(np.searchsorted(flowers(name, RATES[name][0]).times, time))
    runs = {step: flowers(name, step) for step in RATES[name]}
    step = min(runs, key=lambda rate: runs[rate].loss_in_time[place])
    excess = runs[step].loss_in_time[place] - FLOWERS.minimum
    return step, float(excess), float(runs[step].loss_in_time_error[place])


def irises(axes, time):
    """Draw the excess loss on real data: with the steps best at a time, and against the step."""
    left, right = axes
    found = {}
    for name in ENTRANTS:
        found[name] = best_flowers(name, time)
        run = flowers(name, found[name][0])
        mark = MARKERS[KINDS[name]]
        place = int(np.searchsorted(run.times, time))
        left.plot(run.times, run.loss_in_time - FLOWERS.minimum, mark, color=colour(name))
        left.lines[-1].set_label(name)
        values = [flowers(name, s).loss_in_time[place] - FLOWERS.minimum for s in RATES[name]]
        right.plot(RATES[name], values, mark + "-", lw=0.8, color=colour(name), label=name)
    left.axvline(time, color=COLOURS["limit"], lw=1)
    logarithmic(left, 2e-3, 3, xlim=(0, 102), xlabel="time", title="excess loss")
    right.set_xscale("log")
    logarithmic(right, 2e-3, 3, xlim=(0.04, 8), xlabel="step", title=f"excess loss at {time}")
    for row, name in enumerate(ENTRANTS):
        text = f"{'○△□'[row]} {name}, step {found[name][0]:g}"
        label(left, (35, 1.7 / 1.7**row), text, colour(name), above=0)
    each = ", ".join(f"{name} {loss:.4f} ± {e:.4f}" for name, (_, loss, e) in found.items())
    return f"Iris data, 1 + exponential times. Excess loss at time {time}, best steps: {each}."


# -------------------------------------------------------------------------------------------------
# Two curvatures

CREEP, LIMIT = 0.02, 100


@cache
def creeping(noise):
    """Return for K = 1, ..., 10 the best step and the loss with it, curvatures 1 and 0.02."""
    problem = Quadratic(curvature=(1, CREEP), start=(10, 10), noise=noise)
    works = [(KSync(TEAM, int(k)), LAWS[SHIFTED]) for k in K]
    steps = [problem.best_step(*pair, LIMIT) for pair in works]
    losses = [problem.error(*pair, step, LIMIT) for pair, step in zip(works, steps, strict=True)]
    return np.array(steps), np.array(losses)


def two_curvatures(axes, noise):
    """Draw the loss at time 100 against K, each at its own best step, and that step."""
    left, right = axes
    steps, losses = creeping(noise)
    best = int(K[losses.argmin()])
    logarithmic(left, 0.4, 60, xlim=(0.5, 10.5), xlabel="K of 10", title="mean loss over the least")
    left.plot(K, losses / losses.min(), color=COLOURS["kth"], label="K-sync")
    left.plot([best], [1], "o", color=COLOURS["kth"], label="least")
    label(left, (best, 0.45), f"K = {best}: {losses.min():.3g}", COLOURS["kth"], "middle", above=0)
    right.plot(K, steps, color=COLOURS["kth"], label="best step")
    right.axhline(2, ls="--", color=COLOURS["limit"], label="largest step")
    right.set(xlim=(0.5, 10.5), ylim=(0, 2.4), xlabel="K of 10", title="best step of each K")
    label(right, (0.5, 2.05), "largest step", COLOURS["limit"], above=0)
    for ax in axes:
        ax.set_xticks(K)
    return (
        f"1 + exponential times, curvatures 1 and {CREEP}, noise {noise}, time {LIMIT}, each with "
        f"its own best step: K = {best} is best with {losses.min():.4g}, K = 7 has "
        f"{losses[6]:.4g}. The best steps go from {steps[0]:.2f} at K = 1 to {steps[-1]:.2f} at "
        "K = 10."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def updates_in_one():
    """Return how many updates async makes in the time of one of sync; what most people miss."""
    law = LAWS["exponential"]
    ratio = protocol("sync").time_per_update(law) / protocol("async").time_per_update(law)
    return float(ratio), (
        f"Most people say {TEAM}, one for each worker. But sync waits for the slowest of the "
        f"{TEAM}, which takes {ratio / TEAM:.3g} mean times. So two plots of one experiment, one "
        f"against updates and one against time, may tell opposite stories."
    )
