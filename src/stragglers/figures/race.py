"""Figures of the chapter "The race"."""

from functools import cache
from itertools import pairwise

import numpy as np

from ..explorer.style import COLOURS, INK, MARKERS, label
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
# The race as it runs

CREW, WAITED, END, RUN_DICE = 5, 3, 3.0, 224
WAYS = {"wait for all": CREW, f"wait for {WAITED}, cancel": WAITED, "nobody waits": 0}


@cache
def played(way):
    """Return the bars (worker, begin, end, kind) of a run at rate 1 beyond END, and its updates."""
    times = exponential(rate=1).rvs(size=(40, CREW), random_state=np.random.default_rng(RUN_DICE))
    if not (waited := WAYS[way]):
        ends = times.cumsum(axis=0)
        kept = [(i, *span, "used") for i in range(CREW) for span in pairwise([0, *ends[:, i]])]
        return kept, np.sort(ends, axis=None)
    kept, updates, begin = [], [], 0.0
    for row in times:
        end = begin + np.sort(row)[waited - 1]
        for i, done in enumerate(begin + row):
            kept.append((i, begin, min(done, end), "used" if done <= end else "cancelled"))
            kept.append((i, min(done, end), end, "waiting"))
        updates.append(end)
        begin = end
    return kept, np.array(updates)


def race_as_it_runs(ax, way, time):
    """Draw five workers at rate 1 up to a moment: their legs, their updates, what is cancelled."""
    kept, updates = played(way)
    looks = {
        "used": {"color": COLOURS["typical"]},
        "waiting": {"color": COLOURS["waiting"]},
        "cancelled": {"facecolor": "none", "edgecolor": COLOURS["slowest"], "hatch": "////"},
    }
    for kind, look in looks.items():
        mine = [
            (i, b, min(e, time))
            for i, b, e, k in kept
            if b < min(e, time) and kind == (k if k == "waiting" or e <= time else "used")
        ]
        if mine:
            rows, begins, ends = np.array(mine).T
            bars = {"left": begins, "height": 0.5, "label": kind}
            ax.barh(rows + 1, ends - begins, **{"edgecolor": "white"} | bars | look)
    done = [(e, i + 1) for i, *_, e, kind in kept if kind == "used" and e <= time]
    finishes, rows = np.array(done).T if done else np.zeros((2, 0))
    style = {"color": INK, "fillstyle": "full", "markersize": 5, "zorder": 4}
    ax.plot(finishes, rows, MARKERS["typical"], label="done", **style)
    made = updates[updates <= time]
    ax.vlines(made, 0.4, CREW + 0.6, color=COLOURS["kth"], lw=1.5, label="update")
    ax.axvline(time, color=COLOURS["limit"], lw=1, ls=":")
    ax.set(xlim=(0, END + 0.1), ylim=(CREW + 0.7, -0.5), xlabel="time", title=way)
    ax.set_yticks(range(1, CREW + 1))
    ax.grid(False)
    label(ax, (0, 0.2), counted(len(made), "update"), COLOURS["kth"], above=0)
    return f"Five workers at time {time:g}, {way}: {said_of_the_run(way, time, made, finishes)}"


def said_of_the_run(way, time, made, finishes):
    """Return what has happened in a run up to a moment, and what is happening, as a sentence."""
    so_far = f"{counted(len(made), 'update')} so far."
    last = made[-1] if len(made) else 0.0
    if not WAYS[way]:
        going_on = sum(b < last < e for _, b, e, _ in played(way)[0])
        renewed = f" The last one renewed one worker; {going_on} others went on."
        return so_far + renewed * (len(made) > 0)
    done = int((finishes > last).sum())
    cut = int(sum(e <= time for *_, e, kind in played(way)[0] if kind == "cancelled"))
    dropped = f" {counted(cut, 'gradient')} cancelled." * (WAYS[way] < CREW)
    return f"{so_far}{dropped} {done} of {CREW} are done with this iteration: leg {done + 1} runs."


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
