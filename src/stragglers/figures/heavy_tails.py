"""Figures of the chapter "Heavy tails"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.named import pareto
from ..order_statistics.equal_workers import order_statistic
from .any_distribution import DICE, ruler

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def mean_of_stairs(m):
    """Return E[X_{m:m}] for the law with S(t) = exp(-2^(n+1)) for 2^n <= t < 2^(n+1), n an integer.

    Its tail is light: S(t) <= exp(-t).
    """
    n = np.arange(-60, 9)  # from t = 512 on nobody is busy, up to m = 10^200
    size = 2.0 ** (n + 1)
    done = np.log(-np.expm1(-size))
    done[size > 1] = np.log1p(-np.exp(-size[size > 1]))
    nobody = m * done
    return float(np.sum(2.0**n * -np.expm1(nobody)))


def steps_of_a_light_tail(axes):
    """Draw the mean slowest of m for a light tail that falls in steps, and what tenfold m adds."""
    power = np.arange(31)
    means = np.array([mean_of_stairs(10.0**e) for e in power])
    ceiling = np.log(10.0**power) + np.euler_gamma + 0.5 / 10.0**power
    for ax, seen, line in ((axes[0], means, ceiling), (axes[1], np.diff(means), None)):
        at = power if line is not None else power[1:]
        ax.plot(at, seen, MARKERS["slowest"] + "-", color=COLOURS["slowest"], label="stairs")
        ax.set(xlim=(0, 31), xlabel="workers m, as a power of ten")
        ax.set_xticks([0, 10, 20, 30])
    axes[0].plot(power, ceiling, "--", color=COLOURS["limit"], label="exponential")
    axes[1].axhline(np.log(10), ls="--", color=COLOURS["limit"])
    axes[0].set(ylim=(0, 80), title="mean of the slowest of m")
    axes[1].set(ylim=(0, 25), title="what ten times as many workers add")
    label(axes[0], (14, 40), "exponential", COLOURS["limit"], "left", above=4)
    label(axes[0], (22, 20), "stairs", COLOURS["slowest"], "right", above=0)
    label(axes[1], (15.5, np.log(10)), "exponential", COLOURS["limit"], "right", above=3)
    steps = np.diff(means)
    high, next_one = (str(steps.argmax() + i).translate(RAISED) for i in (0, 1))
    return (
        f"The stairs stay below the exponential law, so their tail is light. Yet from "
        f"10{high} to 10{next_one} workers the mean slowest grows by {steps.max():.1f}, where the "
        f"exponential adds {np.log(10):.2f}; in many other decades it stands still."
    )


@cache
def sorted_uniforms(m, iterations=10_000):
    """Return P(X > t) at the sorted times of m workers, an iteration a row, slowest first."""
    return np.sort(np.random.default_rng(DICE).random((iterations, m)), axis=1)


def leave_out(axes, alpha, m, out):
    """Draw which order statistics of Pareto times have a mean, and running means of two."""
    work = pareto(alpha=alpha, minimum=1)
    most = min(10, m)
    means = np.array([order_statistic(work, m - j, m).mean() for j in range(most)])
    ax, exists, colour = axes[0], np.isfinite(means), COLOURS["kth" if out else "slowest"]
    left = np.arange(most)
    ax.plot(left[exists], means[exists], "-", color=COLOURS["kth"], label="mean, exact")
    for j in left[~exists]:
        ax.annotate("∞", (j, 3e5), ha="center", va="center", fontsize=14, color=COLOURS["slowest"])
    ax.axvline(out, color=colour, lw=1, ls=":")
    ax.set(yscale="log", xlim=(-0.5, 9.5), ylim=(0.8, 1e6), xlabel="stragglers left out")
    ax.set(title=f"mean time, {m} workers")
    ax.set_xticks([0, 2, 4, 6, 8])
    ruler(ax.yaxis, [1, 10, 100, 1000, 10**4, 10**5])
    for number in sorted({0, out}):
        draw_running_mean(axes[1], work, m, number, means[number])
    lead = f"Pareto with α = {alpha:g}, {m} workers, {out} left out: "
    if np.isfinite(means[out]):
        return lead + f"the mean is {means[out]:.4g}; the dashed line is where it should settle."
    return lead + "the mean is infinite. The running mean jumps whenever a larger time is met."


def draw_running_mean(ax, work, m, out, mean):
    """Draw the mean of the first n iterations against n, in units of the median."""
    times = work.isf(sorted_uniforms(m)[:, out])
    middle = order_statistic(work, m - out, m).median()
    at = np.unique(np.geomspace(1, len(times), 50).astype(int))
    running = np.cumsum(times)[at - 1] / at / middle
    colour = COLOURS["kth" if out else "slowest"]
    ax.plot(at, running, color=colour, lw=1.2, label=f"running mean, {out} left out")
    if np.isfinite(mean):
        ax.axhline(mean / middle, color=colour, ls="--", lw=1)
    ax.set(xscale="log", yscale="log", xlim=(1, 20_000), ylim=(0.3, 3e4))
    ax.set(xlabel="iterations so far", title="mean so far, as a multiple of the median")
    ruler(ax.xaxis, [1, 10, 100, 1000, 10**4])
    ruler(ax.yaxis, [1, 10, 100, 1000, 10**4])


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def largest_step_of_the_stairs():
    """Return the most that tenfold workers add for the stairs, and what most people miss."""
    added = np.diff([mean_of_stairs(10.0**power) for power in range(31)])
    return float(added.max()), (
        f"Most people say {np.log(10):.2g} or less, since the stairs are the lighter law. That is "
        f"true of the wait, which always stays below the exponential one. It is not true of the "
        f"steps of the wait: where it has stood still for long, it catches up at once."
    )
