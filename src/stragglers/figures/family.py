"""Figures of the chapter "The family"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..explorer.words import counted
from ..laws.named import (
    deterministic,
    exponential,
    hyperexponential,
    pareto,
    shifted_exponential,
    uniform,
)
from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.synchronous import KBatchSync, KSync, Sync

DICE, UPDATES = 6, 20_000
LAWS = {
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "exponential": exponential(rate=1),
    "uniform": uniform(0, 2),
    "constant": deterministic(1.0),
    "hyperexponential": hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]),
    "Pareto 2": pareto(alpha=2, minimum=1),
}


def family(m, k):
    """Return the six protocols by name, in the order of the chapter's table."""
    return {
        "sync": Sync(m),
        "K-sync": KSync(m, k),
        "K-batch-sync": KBatchSync(m, k),
        "K-async": KAsync(m, k),
        "K-batch-async": KBatchAsync(m, k),
        "async": Async(m),
    }


NAMES = tuple(family(2, 1))
SIGNS = dict(zip(NAMES, "osd^v*", strict=True))

# -------------------------------------------------------------------------------------------------
# One table of dice, played by all


PLAYERS, WAITED, ROWS = 4, 2, 60
KINDS = {"used": "typical", "cancelled": "slowest", "idle": "waiting"}


@cache
def dice(law):
    """Return times of four workers, shape (rows, workers, 3): the third axis for K-batch-sync."""
    rng = np.random.default_rng(DICE)
    return LAWS[law].rvs(size=(ROWS, PLAYERS, 3), random_state=rng)


@cache
def played(name, law):
    """Return the `Run` of a protocol on the table, which has all its updates."""
    times = dice(law)
    return family(PLAYERS, WAITED)[name].replay(times if name == "K-batch-sync" else times[..., 0])


@cache
def bars(name, law):
    """Return what the workers do, a list of (worker, from, to, kind), until the table ends."""
    times, run = dice(law), played(name, law)
    if name in ("sync", "K-sync", "K-batch-sync"):
        return list(anew(times, run, several=name == "K-batch-sync"))
    return list(going_on(times[..., 0], run, waits=name == "K-async"))


def anew(times, run, several):
    """Yield the bars of a protocol in which every update starts all workers anew."""
    begin = 0.0
    for row, end in zip(times, run.update_times, strict=False):
        for worker in range(PLAYERS):
            now = begin
            for time in row[worker, : 3 if several else 1]:
                done = now + time
                yield worker, now, min(done, end), "used" if done <= end + 1e-9 else "cancelled"
                now = done
                if now >= end - 1e-9:
                    break
            if now < end - 1e-9:
                yield worker, now, end, "idle"
        begin = end


def going_on(times, run, waits):
    """Yield the bars of a protocol that cancels nobody; with `waits`, those done wait for it."""
    for worker in range(PLAYERS):
        now = 0.0
        for time in times[:, worker]:
            done = now + time
            yield worker, now, done, "used"
            if waits:
                later = run.update_times[run.update_times >= done - 1e-9]
                if not len(later):
                    break
                if later[0] > done + 1e-9:
                    yield worker, done, later[0], "idle"
                done = later[0]
            now = done


def same_dice(axes, protocol, time, law):
    """Draw one protocol's workers up to a time, and the gradients of all six so far."""
    left, right = axes
    kept = [bar for bar in bars(protocol, law) if bar[1] < time]
    for kind, colour in KINDS.items():
        mine = [(worker, begin, min(end, time)) for worker, begin, end, k in kept if k == kind]
        if mine:
            rows, begins, ends = np.array(mine).T
            style = {"hatch": "////", "facecolor": "none"} if kind == "cancelled" else {}
            left.barh(
                rows + 1,
                ends - begins,
                left=begins,
                height=0.6,
                color=COLOURS[colour],
                edgecolor=COLOURS[colour] if kind == "cancelled" else "white",
                label=kind,
                **style,
            )
    updates = played(protocol, law).update_times
    updates = updates[updates <= time]
    left.vlines(updates, 0.4, PLAYERS + 0.6, color=COLOURS["kth"], lw=1.5)
    left.set(xlim=(0, LAST), ylim=(PLAYERS + 0.7, -0.4), xlabel="time", title=protocol)
    left.set_yticks(range(1, PLAYERS + 1))
    left.grid(False)
    label(left, (0, 0.3), counted(len(updates), "update"), COLOURS["kth"], above=0)
    counts = {name: gradients_by(name, law, time) for name in NAMES}
    draw_counts(right, counts, protocol, law, time)
    here = ", ".join(f"{name} {count}" for name, count in counts.items())
    return (
        f"{PLAYERS} workers, K = {WAITED}, {law} times, the same dice for all. At time {time} "
        f"{protocol} has made {counted(len(updates), 'update')}. Gradients in the model so "
        f"far: {here}."
    )


LAST = 12


def gradients_by(name, law, time):
    """Return how many gradients have changed the model by a time."""
    protocol = family(PLAYERS, WAITED)[name]
    return int((played(name, law).update_times <= time).sum() * protocol.gradients_per_update)


def draw_counts(ax, counts, protocol, law, time):
    """Draw the gradients in the model so far as a bar a protocol, the one that plays in colour."""
    rows = np.arange(len(NAMES))
    for row, name in zip(rows, NAMES, strict=True):
        colour = COLOURS["kth" if name == protocol else "waiting"]
        ax.barh(row, counts[name], height=0.45, color=colour, label=name)
        ink = COLOURS["kth" if name == protocol else "limit"]
        label(ax, (0, row - 0.22), f"{name} {counts[name]}", ink, above=0)
    most = max(gradients_by(name, law, LAST) for name in NAMES)
    ax.set(xlim=(0, most + 1), ylim=(len(NAMES) - 0.5, -0.85), xlabel="gradients in the model")
    ax.set_title(f"by time {time}")
    ax.set_yticks([])
    ax.grid(False)


# -------------------------------------------------------------------------------------------------
# Time per gradient in the long run


@cache
def time_per_update(name, law, m, k):
    """Return the long-run mean time per update and its standard error, 0 where it is exact."""
    protocol, work = family(m, k)[name], LAWS[law]
    try:
        return float(protocol.time_per_update(work)), 0.0
    except NotImplementedError:
        run = protocol.simulate(work, UPDATES, np.random.default_rng(DICE), keep="estimates")
        return run.time_per_update, run.standard_error


def per_gradient(name, law, m, k):
    """Return the long-run mean time per gradient and its standard error."""
    mean, error = time_per_update(name, law, m, k)
    used = family(m, k)[name].gradients_per_update
    return mean / used, error / used


TEAM = 10


def six_bars(axes, law, k):
    """Draw time per gradient and mean staleness of the six, for ten workers of mean 1 or nearly."""
    left, right = axes
    found = {name: per_gradient(name, law, TEAM, k) for name in NAMES}
    stale = {n: float(p.mean_staleness(LAWS[law])) for n, p in family(TEAM, k).items()}
    least = min(mean for mean, _ in found.values()) * (1 + 1e-9)
    best = " and ".join(name for name in NAMES if found[name][0] <= least)
    for row, name in enumerate(NAMES):
        mean, error = found[name]
        hollow = {"facecolor": "none", "edgecolor": COLOURS["kth"]} if error else {}
        left.barh(row, mean, height=0.45, label=name, **({"color": COLOURS["kth"]} | hollow))
        text = f"{name} {mean:.3f}" + (" (simulated)" if error else "")
        label(left, (0, row - 0.22), text, COLOURS["kth"], above=0)
        right.barh(row, stale[name], height=0.45, color=COLOURS["typical"], label=name)
        label(right, (0, row - 0.22), f"{name} {stale[name]:.3g}", COLOURS["typical"], above=0)
    widest = max(mean for mean, _ in found.values())
    for ax, most in ((left, 1.22 * widest), (right, 11)):
        ax.set(xlim=(0, most), ylim=(len(NAMES) - 0.5, -0.85))
        ax.set_yticks([])
        ax.grid(False)
    left.set(xlabel="time", title="time per gradient")
    right.set(xlabel="updates", title="mean staleness")
    each = ", ".join(f"{name} {mean:.4f}" for name, (mean, _) in found.items())
    return (
        f"{TEAM} workers, {law} times, K = {k}. Time per gradient in the long run: {each}. The "
        f"shortest is {best}."
    )


# -------------------------------------------------------------------------------------------------
# The order that flips


CROWD = 20


def k_async_against_k_sync(axes, law):
    """Draw the time per update of K-async and K-sync against K, and their ratio."""
    left, right = axes
    k, green, red = np.arange(1, CROWD + 1), COLOURS["kth"], COLOURS["slowest"]
    sync = np.array([time_per_update("K-sync", law, CROWD, one)[0] for one in k])
    found = np.array([time_per_update("K-async", law, CROWD, one) for one in k])
    least = np.array([time_per_update("K-batch-async", law, CROWD, one)[0] for one in k])
    left.plot(k, sync, color=red, label="K-sync")
    left.plot(k, found[:, 0], MARKERS["kth"], color=green, label="K-async")
    left.plot(k, least, "--", color=COLOURS["limit"], label="K-batch-async")
    top = 1.15 * found[-2, 0]
    left.set(xlim=(0, 21), ylim=(0, top), xlabel="K of 20", title="time per update")
    label(left, (0.5, 0.9 * top), "— K-sync", red, above=0)
    label(left, (0.5, 0.79 * top), "△ K-async", green, above=0)
    label(left, (0.5, 0.68 * top), "- - K-batch-async", COLOURS["limit"], above=0)
    ratio, error = found[:, 0] / sync, 2 * found[:, 1] / sync
    right.axhline(1, color=red, lw=1, label="K-sync")
    right.errorbar(k, ratio, error, fmt=MARKERS["kth"], color=green, label="K-async / K-sync")
    right.plot(k, ratio, " ", color=green, label="ratio")
    right.set(
        xlim=(0, 21),
        ylim=(0, max(1.75, 1.1 * ratio.max())),
        xlabel="K of 20",
        title="K-async over K-sync",
    )
    for ax in axes:
        ax.set_xticks([1, 5, 10, 15, 20])
    slower = k[ratio > 1 + np.maximum(error, 1e-9)]  # where it is known exactly, error is 0
    where = (
        "is nowhere slower than K-sync beyond the error bars"
        if not len(slower)
        else f"is slower than K-sync at K = {', '.join(map(str, slower))}"
    )
    return f"{CROWD} workers, {law} times. In the long run K-async {where}."


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def most_gradients():
    """Return the most gradients that a protocol has by time 12, and what most people miss."""
    counts = {name: gradients_by(name, "exponential", 12) for name in NAMES}
    best = max(counts, key=counts.get)
    return float(counts[best]), (
        f"That is {best}; async has {counts['async']}. Most people put those first who never stop "
        f"anybody, since no work is thrown away. With exponential times nothing is lost by "
        f"stopping: a worker that starts anew is done as soon as one that goes on."
    )
