"""Figures of the chapter "The race"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.named import exponential
from ..order_statistics.equal_workers import order_statistic
from ..simulation.race import race

DICE = 4  # one table of draws for every control value, so that pictures compare


@cache
def unit_race(m=40, iterations=5000):
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
    return (
        f"{m} worker{'s' * (m > 1)} at rate {rate:g}: the slowest takes "
        f"{exact['slowest'][-1]:.4g} on average (simulated {seen['slowest'][-1]:.4g} ± "
        f"{ran.slowest_error[m - 1] / rate:.2g}), the fastest {exact['fastest'][-1]:.4g} "
        f"(simulated {seen['fastest'][-1]:.4g} ± {ran.fastest_error[m - 1] / rate:.2g}). "
        f"In the iteration drawn, worker {last + 1} is the last, at {finished[last]:.3g}; "
        f"the workers spend {waited:.0%} of their time waiting."
    )


def draw_means(ax, workers, exact, seen):
    """Draw exact lines and simulated points against the number of workers."""
    ax.set(xlim=(0, 42), ylim=(0, 4.6), xlabel="workers m", title="mean time of one iteration")
    ax.set_xticks([1, 10, 20, 30, 40])
    for name, values in exact.items():
        style = {"color": COLOURS[name]}
        ax.plot(workers, values, label=f"{name}, exact", **style)
        ax.plot(workers, seen[name], MARKERS[name], label=f"{name}, simulated", **style)
    for name, above in (("slowest", 6), ("fastest", 6 if len(workers) > 1 else -18)):
        value = exact[name][-1]
        label(ax, (workers[-1], value), f"{name} {value:.3g}", COLOURS[name], above=above)


def draw_timeline(ax, finished):
    """Draw one iteration: a bar a worker, from the common start to its finish, then the wait."""
    m, last = len(finished), finished.argmax()
    rows = np.arange(1, m + 1)
    ax.set(xlim=(0, 5), ylim=(41, -4), xlabel="time", title="one iteration, worker by worker")
    ax.set_yticks([1, 10, 20, 30, 40])
    ax.grid(False)
    end, slowest = finished[last], COLOURS["slowest"]
    ax.vlines(end, -0.5, last + 1, color=slowest, lw=1, ls=":")
    label(ax, (end, -0.5), "everyone waits for this one", slowest, "middle", above=0)
    ax.fill_between([0, finished[last]], 0.5, m + 0.5, color=COLOURS["waiting"], alpha=0.5, lw=0)
    ax.hlines(rows, 0, finished, color=COLOURS["typical"], lw=3)
    for name, row in (("slowest", last), ("fastest", finished.argmin())):
        ax.hlines(row + 1, 0, finished[row], color=COLOURS[name], lw=3)
        ax.plot(finished[row], row + 1, MARKERS[name], color=COLOURS[name], markersize=6)
