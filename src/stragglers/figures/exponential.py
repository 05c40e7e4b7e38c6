"""Figures of the chapter "Order statistics of the exponential": all times have rate 1."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..explorer.words import counted, percent

DICE, RACERS, MOST = 8, 8, 1000


def harmonic_numbers(most=MOST):
    """Return H_0, H_1, ..., H_most."""
    return np.concatenate([[0.0], np.cumsum(1 / np.arange(1, most + 1))])


@cache
def races(count=4000):
    """Return times of RACERS workers, a race a row."""
    return np.random.default_rng(DICE).standard_exponential((count, RACERS))


def race_restarts(axes, finished, seed):
    """Draw one race of eight workers after some have finished, and the lengths of its legs."""
    times = races()[seed]
    ends = np.concatenate([[0.0], np.sort(times)])
    now, left = ends[finished], RACERS - finished
    draw_race(axes[0], times, ends[: finished + 1], now)
    draw_legs(axes[1], np.diff(ends)[:finished])
    still = harmonic_numbers()[left]
    if not left:
        return f"Race {seed}: all {RACERS} workers are done, the last one at {now:.3g}."
    begun = f"Race {seed}, {finished} of {RACERS} workers are done at {now:.3g}."
    here = ends[finished + 1] - now
    if left == 1:
        return (
            f"{begun} 1 still runs, as if it had started now: it needs 1 more on average (here "
            f"{here:.3g})."
        )
    return (
        f"{begun} {left} still run, as if they had started now: the next one is done in 1/{left} "
        f"on average (here in {here:.3g}), the last one in {still:.4g} on average (here in "
        f"{ends[-1] - now:.3g})."
    )


def draw_race(ax, times, ends, now):
    """Draw a bar a worker: grey up to now, coloured from now on where it still runs."""
    rows, runs = np.arange(1, RACERS + 1), times > now
    ax.set(xlim=(0, 3.6), ylim=(RACERS + 0.7, -0.3), xlabel="time", title="one race")
    ax.set_yticks(rows)
    ax.grid(False)
    if runs.any():
        text = f"{runs.sum()} start anew" if runs.sum() > 1 else "1 starts anew"
        label(ax, (now, 0.5), text, COLOURS["kth"], above=1)
    ax.vlines(ends[1:], 0.5, RACERS + 0.5, color=COLOURS["waiting"], lw=1)
    ax.hlines(rows, 0, np.minimum(times, now), color=COLOURS["waiting"], lw=3)
    ax.hlines(rows[runs], now, times[runs], color=COLOURS["typical"], lw=3)
    ax.plot(times[~runs], rows[~runs], MARKERS["kth"], color=COLOURS["kth"], markersize=6)
    ax.vlines(now, 0.5, RACERS + 0.5, color=COLOURS["kth"], lw=2)


def draw_legs(ax, legs):
    """Draw the mean length of each leg, exact and simulated, and the legs run so far."""
    number = np.arange(1, RACERS + 1)
    seen = np.diff(np.sort(races(), axis=1), axis=1, prepend=0).mean(axis=0)
    ax.bar(number[: len(legs)], legs, color=COLOURS["waiting"], width=0.6, label="this race")
    ax.plot(number, 1 / (RACERS + 1 - number), color=COLOURS["kth"], label="mean, exact")
    ax.plot(number, seen, MARKERS["kth"], color=COLOURS["kth"], label="mean of 4000 races")
    ax.set(xlim=(0.3, 8.7), ylim=(0, 2.3), xlabel="leg", title="length of each leg")
    ax.set_xticks(number)
    label(ax, (RACERS, 1), "mean", COLOURS["kth"], "left")


@cache
def table(most=200, iterations=2000):
    """Return sorted times of the first m workers of each iteration, for the m of the figures."""
    draws = np.random.default_rng(DICE).standard_exponential((iterations, most))
    return {m: np.sort(draws[:, :m], axis=1).mean(axis=0) for m in (10, 20, 50, 100, 200)}


def wait_for_k(axes, m, dropped):
    """Draw the mean time of the K-th fastest against K/m, and what dropping the last ones saves."""
    h, k = harmonic_numbers(), np.arange(1, m + 1)
    mean, here = h[m] - h[m - k], h[m] - h[dropped]
    left, right = axes
    left.plot(k[:-1] / m, np.log(m / (m - k[:-1])), "--", color=COLOURS["limit"], label="logarithm")
    left.plot(k / m, mean, color=COLOURS["kth"], label="exact")
    some = np.unique(np.linspace(1, m, 10).round().astype(int))
    left.plot(some / m, table()[m][some - 1], MARKERS["kth"], color=COLOURS["kth"], label="seen")
    left.plot(1 - dropped / m, here, "^", color=COLOURS["kth"], fillstyle="full", markersize=8)
    left.set(xlim=(0, 1.03), ylim=(0, 6.4), xlabel="share of workers waited for", title="mean wait")
    label(left, (1 - dropped / m - 0.02, here), f"{here:.3f}", COLOURS["kth"], "left", above=0)
    left.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    drop = np.arange(10)
    right.plot(drop, h[drop] / h[m], color=COLOURS["kth"], label="exact")
    saved = 1 - table()[m][m - 1 - drop] / table()[m][m - 1]
    right.plot(drop, saved, MARKERS["kth"], color=COLOURS["kth"], label="simulated")
    share = h[dropped] / h[m]
    right.plot(dropped, share, "^", color=COLOURS["kth"], fillstyle="full", markersize=8)
    right.set(xlim=(-0.4, 9.4), ylim=(0, 1), xlabel="workers dropped", title="share of time saved")
    if dropped:
        label(right, (dropped, share), percent(share, 2), COLOURS["kth"], "left", above=8)
    right.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    if not dropped:
        return (
            f"{m} workers of rate 1, none dropped: the wait is {here:.4f} on average. The "
            "logarithm ln(m/(m − K)) has no value here."
        )
    last = "last one" if dropped == 1 else f"last {dropped}"
    return (
        f"{m} workers of rate 1, the {last} dropped: the wait is {here:.4f} on average (the "
        f"logarithm ln(m/(m − K)) gives {np.log(m / dropped):.4f}), where all {m} take "
        f"{h[m]:.4f}. That saves {percent(share, 2)} of the time and drops "
        f"{percent(dropped / m, 1)} of the gradients."
    )


def chord_and_tangent(axes):
    """Draw the two areas that hold the logarithm between sums: under a chord and a tangent."""
    x = np.linspace(0.6, 3.4, 57)
    for ax in axes:
        ax.set(xlim=(0.6, 3.4), ylim=(0, 1.5), xlabel="x", xticks=[1, 1.5, 2, 2.5, 3])
        ax.plot(x, 1 / x, color=COLOURS["typical"], label="1/x")
        ax.annotate("1/x", (0.85, 1.27), color=COLOURS["typical"], fontweight="bold")
    left, right = axes
    style = {"color": COLOURS["kth"], "label": "chord"}
    left.plot([1, 2], [1, 0.5], "--", **style)
    left.fill_between([1, 2], [1, 0.5], color=COLOURS["waiting"], alpha=0.5, lw=0)
    left.plot([1, 2], [1, 0.5], MARKERS["kth"], color=style["color"])
    label(left, (1.5, 0.75), "chord: area ¾", style["color"], above=4)
    left.set_title("the chord lies above the curve")
    style = {"color": COLOURS["slowest"], "label": "tangent"}
    right.plot([1.5, 2.5], [0.625, 0.375], "--", **style)
    right.fill_between([1.5, 2.5], [0.625, 0.375], color=COLOURS["waiting"], alpha=0.5, lw=0)
    right.plot(2, 0.5, MARKERS["slowest"], color=style["color"])
    label(right, (2, 0.5), "tangent: area ½", style["color"], above=8)
    right.set_title("the tangent lies below it")
    areas = np.log(2), np.log(2.5 / 1.5)
    return (
        f"The curve 1/x has the area {areas[0]:.4f} between 1 and 2, the chord over it 0.75. "
        f"Between 1.5 and 2.5 the curve has the area {areas[1]:.4f}, the tangent at 2 has 0.5."
    )


def logarithms(ax):
    """Draw how far off three approximations of H_m are."""
    m = np.unique(np.geomspace(1, MOST, 60).round())
    h = harmonic_numbers()[m.astype(int)]
    steps = {
        "ln m": (np.log(m), "slowest", "-"),
        "ln m + γ": (np.log(m) + np.euler_gamma, "typical", "--"),
        "ln m + γ + 1/(2m)": (np.log(m) + np.euler_gamma + 0.5 / m, "fastest", "-."),
    }
    for name, (value, colour, line) in steps.items():
        ax.loglog(m, abs(value / h - 1), line, color=COLOURS[colour], label=name)
    for name, place in (
        ("ln m", (8, 0.28)),
        ("ln m + γ", (30, 0.006)),
        ("ln m + γ + 1/(2m)", (0.9, 1.6e-5)),
    ):
        ax.annotate(name, place, color=COLOURS[steps[name][1]], fontweight="bold")
    ax.set(
        xlim=(0.8, 1300),
        ylim=(1e-5, 2),
        xlabel="workers m",
        title="relative error for the harmonic number, in %",
    )
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    ax.set_yticks([1e-4, 0.01, 1], ["0.01", "1", "100"])
    at = harmonic_numbers()[20]
    errors = [abs(value / at - 1) for value in np.log(20) + np.cumsum([0, np.euler_gamma, 1 / 40])]
    return (
        f"At 20 workers ln m is {percent(errors[0], 1)} off, ln m + γ is {percent(errors[1], 2)} "
        f"off and ln m + γ + 1/(2m) only {percent(errors[2], 4)}. At 1000 workers ln m is still "
        f"{percent(1 - np.log(1000) / harmonic_numbers()[1000], 1)} off."
    )


@cache
def maxima(requests=2000):
    """Return the slowest of the first 1, ..., MOST workers of each iteration, a row each."""
    draws = np.random.default_rng(DICE).standard_exponential((requests, MOST))
    return np.maximum.accumulate(draws, axis=1)


@cache
def gumbel_distance(m):
    """Return the largest distance of P(X_{m:m} - ln m <= x) from its limit exp(-exp(-x)).

    With y = exp(-x) it is the largest value of exp(-y) - (1 - y/m)^m, taken on a fine grid.
    """
    y = np.linspace(0, 6, 60_001)
    return float(np.max(np.exp(-y) - np.maximum(1 - y / m, 0) ** m))


def gumbel_limit(axes, m):
    """Draw the law of X_{m:m} - ln m beside its limit, and the distance of the two against m."""
    x = np.linspace(-3, 5, 81)
    left, right = axes
    left.plot(x, np.exp(-np.exp(-x)), "--", color=COLOURS["limit"], label="limit")
    exact = np.maximum(1 - np.exp(-x) / m, 0) ** m
    left.plot(x, exact, color=COLOURS["slowest"], label=f"{m} workers")
    levels = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
    seen = np.quantile(maxima()[:, m - 1], levels) - np.log(m)
    left.plot(seen, levels, MARKERS["slowest"], color=COLOURS["slowest"], label="simulated")
    left.annotate(f"m = {m}", (2.1, 0.8), color=COLOURS["slowest"], fontweight="bold")
    left.annotate("limit (dashed)", (2.1, 0.68), color=COLOURS["limit"], fontweight="bold")
    left.set(
        xlim=(-3, 5), ylim=(0, 1.05), xlabel="x", title="probability that the slowest ≤ ln m + x"
    )
    fan_out = np.unique(np.geomspace(1, MOST, 30).round())
    distance = gumbel_distance(m)
    right.loglog(fan_out, 4 * np.exp(-2) / fan_out, "--", color=COLOURS["limit"], label="bound")
    found = [gumbel_distance(n) for n in fan_out]
    right.loglog(fan_out, found, color=COLOURS["slowest"], label="distance")
    right.loglog(m, distance, "o", color=COLOURS["slowest"], fillstyle="full", markersize=7)
    right.annotate("bound 4e⁻²/m", (12, 0.08), color=COLOURS["limit"], fontweight="bold")
    right.set(xlim=(0.8, 1300), ylim=(4e-5, 1), xlabel="workers m", title="largest distance, in %")
    side, above = ("left", -20) if m > 5 else ("right", -60)  # below the falling line
    label(right, (m, distance), percent(distance, 3), COLOURS["slowest"], side, above)
    right.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    right.set_yticks([1e-4, 1e-3, 0.01, 0.1, 1], ["0.01", "0.1", "1", "10", "100"])
    return (
        f"The slowest of {counted(m, 'worker')}, less ln {m} = {np.log(m):.3f}: its "
        f"probabilities differ from the limit by {percent(distance, 3)} at most (proved: "
        f"{percent(4 * np.exp(-2) / m, 3)} at most). Its mean is "
        f"{harmonic_numbers()[m] - np.log(m):.4f}, the limit's is γ = {np.euler_gamma:.4f}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def half_are_done():
    """Return the share of the mean total time, in per cent, when 4 of 8 are done; the trap."""
    sums = harmonic_numbers(RACERS)
    share = 1 - sums[RACERS // 2] / sums[RACERS]
    return 100 * share, (
        f"Most people say {percent(0.5)}: half of the workers, half of the time. But the first "
        f"legs are the short ones. The last leg alone takes {percent(1 / sums[RACERS])} of the "
        f"mean time."
    )
