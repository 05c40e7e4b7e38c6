"""Figures of the chapter "The race"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..explorer.words import counted, percent
from ..laws.named import exponential
from ..order_statistics.equal_workers import order_statistic
from ..simulation.race import race

DICE = 4  # one table of draws for every control value, so that pictures compare
MOST = 40
LATEST = 7  # where the axis of time ends: above the slowest of MOST workers at rate 1


@cache
def unit_race(m=MOST, iterations=5000):
    """Return the `Race` of up to m workers at rate 1 that figures show, and its first iteration."""
    work = exponential(rate=1)
    first = work.rvs(size=m, random_state=np.random.default_rng(DICE))
    return race(work, m, iterations, np.random.default_rng(DICE)), first


def slowest_and_fastest(axes, m, rate):
    """Draw the mean slowest and fastest of 1, ..., m workers, and one iteration as a timeline.

    Both panels have the same dice for every m and rate: worker i of 20 is worker i of 21.
    """
    ran, first = unit_race()
    workers, finished = ran.workers[:m], first[:m] / rate
    work = exponential(rate=rate)
    exact = {
        "slowest": np.array([order_statistic(work, k=i, m=i).mean() for i in range(1, m + 1)]),
        "fastest": np.array([order_statistic(work, k=1, m=i).mean() for i in range(1, m + 1)]),
    }
    seen = {name: getattr(ran, name)[:m] / rate for name in exact}
    draw_means(axes[0], workers, exact, seen)
    draw_timeline(axes[1], finished)
    last, waited = finished.argmax(), 1 - finished.mean() / finished.max()
    drawn = (
        f"In the iteration drawn, worker {last + 1} is the last, at {finished[last]:.3g}; "
        f"the workers spend {percent(waited)} of their time waiting."
        if m > 1
        else f"In the iteration drawn, it is done at {finished[0]:.3g}, and nobody waits."
    )
    return (
        f"{counted(m, 'worker')} at rate {rate:g}: the slowest takes "
        f"{exact['slowest'][-1]:.4g} on average (simulated {seen['slowest'][-1]:.4g} ± "
        f"{ran.slowest_error[m - 1] / rate:.2g}), the fastest {exact['fastest'][-1]:.4g} "
        f"(simulated {seen['fastest'][-1]:.4g} ± {ran.fastest_error[m - 1] / rate:.2g}). {drawn}"
    )


def draw_means(ax, workers, exact, seen):
    """Draw exact lines and simulated points against the number of workers."""
    ax.set(xlim=(0, 42), ylim=(0, 4.9), xlabel="workers m", title="mean time of one iteration")
    ax.set_xticks([1, 10, 20, 30, 40])
    for name, values in exact.items():
        style = {"color": COLOURS[name]}
        ax.plot(workers, values, label=f"{name}, exact", **style)
        ax.plot(workers, seen[name], MARKERS[name], label=f"{name}, simulated", **style)
    near = exact["slowest"][-1] - exact["fastest"][-1] < 0.5  # the two labels need their room
    for name, above in (("slowest", 6), ("fastest", -18 if near else 6)):
        value = exact[name][-1]
        label(ax, (workers[-1], value), f"{name} {value:.3g}", COLOURS[name], above=above)


def draw_timeline(ax, finished):
    """Draw one iteration: a bar a worker, from the common start to its finish, then the wait."""
    m, last = len(finished), finished.argmax()
    rows = np.arange(1, m + 1)
    ax.set(xlim=(0, LATEST), ylim=(MOST + 1, -4), xlabel="time", title="one iteration, a bar each")
    ax.set_yticks([1, 10, 20, 30, 40])
    ax.grid(False)
    end, slowest = finished[last], COLOURS["slowest"]
    ax.fill_between([0, end], 0.5, m + 0.5, color=COLOURS["waiting"], alpha=0.5, lw=0)
    ax.hlines(rows, 0, finished, color=COLOURS["typical"], lw=3)
    if m == 1:
        label(ax, (end, -0.5), "alone: nobody waits", COLOURS["typical"], "middle", above=0)
        ax.plot(end, 1, MARKERS["typical"], color=COLOURS["typical"], markersize=6)
        return
    ax.vlines(end, -0.5, last + 1, color=slowest, lw=1, ls=":")
    label(ax, (end, -0.5), "everyone waits for this one", slowest, "middle", above=0)
    for name, row in (("slowest", last), ("fastest", finished.argmin())):
        ax.hlines(row + 1, 0, finished[row], color=COLOURS[name], lw=3)
        ax.plot(finished[row], row + 1, MARKERS[name], color=COLOURS[name], markersize=6)


RACERS, RACES = 8, 4000
LEG_DICE = 47  # its first race has legs that can be told apart


@cache
def unit_times():
    """Return the times of RACERS workers at rate 1 in RACES iterations, an iteration a row."""
    rng = np.random.default_rng(LEG_DICE)
    return exponential(rate=1).rvs(size=(RACES, RACERS), random_state=rng)


def legs(axes, m):
    """Draw the legs of one race of m workers at rate 1, and the mean legs laid end to end."""
    ends = np.sort(unit_times()[0, :m])
    seen = np.sort(unit_times()[:, :m], axis=1).mean(axis=0)
    running = np.arange(m, 0, -1)
    exact = np.cumsum(1 / running)
    draw_legs_of_one_race(axes[0], ends)
    draw_mean_legs(axes[1], running, exact, seen)
    error = np.std(unit_times()[:, :m].max(axis=1), ddof=1) / np.sqrt(RACES)
    found = f"(mean of {RACES} races: {seen[-1]:.4g} ± {error:.2g})"
    if m == 1:
        return (
            f"1 worker at rate 1. In the race drawn it is done at {ends[0]:.2f}. Its only leg "
            f"takes 1 on average {found}."
        )
    return (
        f"{m} workers at rate 1. In the race drawn the finishes come at "
        f"{', '.join(f'{end:.2f}' for end in ends)}. On average the legs take "
        f"{', '.join(f'1/{j}' if j > 1 else '1' for j in running)}, together {exact[-1]:.4g} "
        f"{found}."
    )


def draw_legs_of_one_race(ax, ends):
    """Draw a bar a worker, the first to finish on top, cut into legs at every finish."""
    m, starts = len(ends), np.concatenate([[0], ends[:-1]])
    ax.set(
        xlim=(0, 4.5), ylim=(RACERS + 0.8, -0.6), xlabel="time", title="row k: the k-th to finish"
    )
    ax.set_yticks(np.arange(1, RACERS + 1))
    ax.grid(False)
    for j, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        style = {"color": COLOURS["kth" if j % 2 else "typical"], "lw": 4 if j % 2 else 2}
        ax.hlines(np.arange(j, m + 1), start, end, **style)
    ax.vlines(ends, np.arange(1, m + 1), m + 0.6, color=COLOURS["waiting"], lw=1)
    ax.plot(ends, np.arange(1, m + 1), MARKERS["kth"], color=COLOURS["kth"], markersize=6)
    label(ax, (ends[-1], m), f"leg {m}", COLOURS["kth" if m % 2 else "typical"], "right", above=-6)


def draw_mean_legs(ax, running, exact, seen):
    """Draw the mean legs as stairs: each begins where the one before it ends."""
    number, starts = np.arange(1, len(running) + 1), np.concatenate([[0], exact[:-1]])
    ax.set(xlim=(0, 3.1), ylim=(RACERS + 0.8, -0.6), xlabel="mean time")
    ax.set(title="mean legs, end to end", yticks=np.arange(1, RACERS + 1))
    for j, (start, end) in enumerate(zip(starts, exact, strict=True), 1):
        style = {"color": COLOURS["kth" if j % 2 else "typical"], "lw": 4 if j % 2 else 2}
        ax.hlines(j, start, end, **style)
        text = f"1/{running[j - 1]}" if running[j - 1] > 1 else "1"
        label(ax, (end, j), text, style["color"], "right", above=-5)
    ax.plot(exact, number, "|", color=COLOURS["limit"], label="leg that ends here, exact")
    ax.plot(seen, number, MARKERS["kth"], color=COLOURS["kth"], label="the same, simulated")
    ax.grid(False)


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def twenty_workers():
    """Return the mean wait for the slowest of 20 at rate 2, and what most people miss about it."""
    work, m = exponential(rate=2), 20
    wait = float(order_statistic(work, m, m).mean())
    return wait, (
        f"Most people say {work.mean():g}, the mean of one worker, or {m * work.mean():g}, as if "
        f"the workers ran one after the other. The slowest of {m} takes {wait / work.mean():.2g} "
        f"times as long as one worker does on average."
    )
