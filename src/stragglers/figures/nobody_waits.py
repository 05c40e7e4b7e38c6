"""Figures of the chapter "Nobody waits"."""

from functools import cache
from math import factorial

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.check import check_law
from ..laws.named import (
    deterministic,
    exponential,
    gamma,
    hyperexponential,
    pareto,
    shifted_exponential,
    two_point,
    uniform,
    weibull,
)
from ..order_statistics.equal_workers import order_statistic
from ..protocols.asynchronous import Async
from ..protocols.gradient_counts import counter
from ..protocols.synchronous import KBatchSync

DICE = 31
CLOCKS = {  # every law has mean 2
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "exponential": exponential(rate=0.5),
    "uniform from 0": uniform(0, 4),
    "constant": deterministic(2),
    "fast and slow": hyperexponential(probabilities=[0.9, 0.1], rates=[1, 1 / 11]),
    "Pareto from 0": stats.lomax(3, scale=4),
}
MEAN, END = 2.0, 8.0
STARTS = {"common start": "common", "long after the start": "stationary"}
MET = {  # every law has mean 1
    "constant": deterministic(1),
    "uniform from 0": uniform(0, 2),
    "exponential": exponential(rate=1),
    "two speeds": two_point(usual=0.5, slow=5.5, probability=0.1),
    "fast and slow": hyperexponential(probabilities=[0.9, 0.1], rates=[1.8, 0.2]),
}
GAPS = {
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "exponential": exponential(rate=1),
    "uniform from 0": uniform(0, 1),
    "gamma, shape 2": gamma(shape=2, rate=1),
    "Weibull, shape ½": weibull(shape=0.5, scale=1),
    "fast and slow": hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]),
    "Pareto from 0": stats.lomax(2),
    "Pareto, α = 2": pareto(alpha=2, minimum=1),
    "Pareto, α = 1.5": pareto(alpha=1.5, minimum=1),
}
STEPS = np.unique(np.geomspace(1, 100, 16).round().astype(int))


# -------------------------------------------------------------------------------------------------
# The two clocks


@cache
def mean_count(law, runs=40_000):
    """Return times up to END, and the mean number of gradients of one worker by then.

    Exact where the law of a sum of times is explicit, else the mean of many runs.
    """
    times, work = np.linspace(0, END, 81), CLOCKS[law]
    if law == "uniform from 0":
        return times, uniform_count(times / 4)
    if law == "constant":
        return times, np.floor(times / MEAN + 1e-9)
    if count := counter(check_law(work)):
        return times, count(times, 80) @ np.arange(80)
    rng, seen = np.random.default_rng(DICE), np.zeros(len(times))
    finish = work.rvs(size=runs, random_state=rng)
    while (finish <= END).any():
        finish = finish[finish <= END]
        seen += np.searchsorted(np.sort(finish), times, side="right")
        finish = finish + work.rvs(size=len(finish), random_state=rng)
    return times, seen / runs


def uniform_count(t):
    """Return E N(t) for times spread evenly from 0 to 1, from M'(t) = M(t) - M(t - 1)."""
    terms = [
        np.where(t >= j, (-1) ** j * np.maximum(t - j, 0) ** j * np.exp(t - j) / factorial(j), 0)
        for j in range(int(t.max()) + 1)
    ]
    return sum(terms) - 1


@cache
def clock_run(law, m, begin):
    """Return when updates come, and from whom, in one run."""
    rng = np.random.default_rng(DICE)
    run = Async(m).simulate(CLOCKS[law], 8 * m, rng, start=STARTS[begin], keep="gradients")
    shown = run.update_times <= END
    return run.update_times[shown], run.workers[shown, 0]


def expected_updates(law, m, begin):
    """Return times, and the mean number of updates by then.

    Met at an update, one worker is fresh, and the others make 1 / mu gradients per unit of time.
    """
    times, one = mean_count(law)
    return times, one * m if begin == "common start" else one + (m - 1) * times / MEAN


def two_clocks(axes, law, m, begin):
    """Draw the gradients of each worker in one run, and the updates so far by two clocks."""
    moments, workers = clock_run(law, m, begin)
    first = order_statistic(CLOCKS[law], 1, m).mean()
    times, expected = expected_updates(law, m, begin)
    draw_lanes(axes[0], moments, workers, m)
    ax, top = axes[1], 5.2 * m
    so_far = np.arange(1, len(moments) + 1)
    ax.step(np.append(0, moments), np.append(0, so_far), where="post", color=COLOURS["waiting"])
    ax.plot(times, expected, color=COLOURS["fastest"], lw=2.4, label="mean")
    ax.plot([0, END], [0, m * END / MEAN], "--", color=COLOURS["limit"], lw=1.4, label="m t / μ")
    by_min = END / first
    ax.plot([0, END], [0, by_min], ":", color=COLOURS["slowest"], lw=2, label="t / E[min]")
    ax.set(xlim=(0, END), ylim=(0, top), xlabel="time", title="updates so far")
    write_slopes(ax, m, by_min, top, same=np.isclose(first, MEAN / m))
    early, late = np.interp([1, END], times, expected)
    return (
        f"{law[0].upper() + law[1:]}, {m} workers, {begin}. Updates: {early:.3g} by time 1 and "
        f"{late:.4g} by time 8 on average, {len(moments)} in the run drawn. The rate m/μ says "
        f"{m / MEAN:.3g} and {m * END / MEAN:.4g}, the clock of the minimum {1 / first:.3g} and "
        f"{END / first:.4g}."
    )


def draw_lanes(ax, moments, workers, m):
    """Draw a lane a worker with a mark where it finishes a gradient."""
    ax.set(xlim=(0, END), ylim=(m + 0.6, 0.4), xlabel="time", title="one run: a mark a gradient")
    ax.set_yticks(np.unique([1, (m + 1) // 2, m]))
    ax.grid(False)
    ax.hlines(np.arange(1, m + 1), 0, END, color=COLOURS["waiting"], lw=0.8)
    size = 9 if m <= 10 else 6
    ax.plot(moments, workers + 1, "|", color=COLOURS["fastest"], markersize=size, mew=1.8)


def write_slopes(ax, m, by_min, top, same):
    """Name the two straight lines, at the left top and the right bottom."""
    rate = "m t / μ = t / E[min]" if same else "m t / μ (dashed)"
    ax.annotate(rate, (0.2, 0.93 * top), color=COLOURS["limit"], fontweight="bold")
    if not same:
        name = "t / E[min] (dotted)"
        ax.annotate(name, (0.2, 0.84 * top), color=COLOURS["slowest"], fontweight="bold")
    ax.annotate("mean", (0.2, 0.75 * top), color=COLOURS["fastest"], fontweight="bold")


# -------------------------------------------------------------------------------------------------
# Met at random


@cache
def long_run(law, gradients=40_000):
    """Return the mean whole time and time left of what is met at many random moments."""
    rng = np.random.default_rng(DICE)
    times = MET[law].rvs(size=gradients, random_state=rng)
    ends = np.cumsum(times)
    visits = rng.random(gradients) * ends[-1]
    met = np.searchsorted(ends, visits)
    return times.mean(), times[met].mean(), (ends[met] - visits).mean()


def met_at_random(axes, law, seed):
    """Draw one worker's gradients with visits at equal distances, and what visits find on average.

    The first panel has a row a gradient, from its beginning to its end.
    """
    rng = np.random.default_rng([seed + 1, 3])
    ends = np.cumsum(MET[law].rvs(size=200, random_state=rng))
    shown = ends[ends < 12]
    ends = ends[: min(len(shown) + 1, 18)]
    starts = np.append(0, ends[:-1])
    visits = np.arange(0.25, 12, 0.5)
    visits = visits[visits < ends[-1]]
    which = np.searchsorted(ends, visits)
    draw_visits(axes[0], starts, ends, visits, which)
    work = MET[law]
    whole = work.var() / work.mean() + work.mean()
    exact, seen = np.array([work.mean(), whole, whole / 2]), np.array(long_run(law))
    draw_found(axes[1], exact, seen)
    mean = (ends - starts).mean()
    return (
        f"{law[0].upper() + law[1:]}: a gradient takes {exact[0]:.4g} on average; one that is met "
        f"at a random moment takes {exact[1]:.4g}, and still needs {exact[2]:.4g}. In the picture "
        f"the {len(ends)} gradients take {mean:.3g} on average, those found by the {len(visits)} "
        f"visits {(ends - starts)[which].mean():.3g}."
    )


def draw_visits(ax, starts, ends, visits, which):
    """Draw a row a gradient, and a mark where a visit finds it."""
    rows = np.arange(1, len(ends) + 1)
    ax.set(xlim=(0, 12), ylim=(19, 0), xlabel="time", title="one worker's gradients, and visits")
    ax.set_yticks([1, 6, 12, 18])
    ax.grid(False)
    ax.vlines(visits, 0, which + 1, color=COLOURS["waiting"], lw=0.6)
    ax.hlines(rows, starts, ends, color=COLOURS["typical"], lw=4)
    ax.plot(visits, which + 1, "o", color=COLOURS["fastest"], markersize=5, fillstyle="full")


def draw_found(ax, exact, seen):
    """Draw the three means as bars, exact, with the simulated values as points."""
    names = ["a gradient", "one met", "what is left"]
    colours = [COLOURS["typical"], COLOURS["fastest"], COLOURS["limit"]]
    ax.bar(np.arange(3), exact, color=colours, width=0.6, label="exact")
    ax.plot(np.arange(3), seen, MARKERS["typical"], color="#1b1b1b", label="simulated")
    ax.set(xlim=(-0.6, 2.6), ylim=(0, 7.6), title="mean time")
    ax.set_xticks(np.arange(3), names)
    for i, value in enumerate(exact):
        label(ax, (i, max(value, seen[i])), f"{value:.4g}", colours[i], "middle", above=7)


# -------------------------------------------------------------------------------------------------
# One integral, and another


@cache
def survivals(law):
    """Return times, and S and S_e there: S_e(t) is the integral of S beyond t, divided by mu."""
    work = GAPS[law]
    t = np.concatenate([np.linspace(0, 3, 1501), np.geomspace(3, 4000, 4000)[1:]])
    if law == "Weibull, shape ½":  # steep at 0
        t = np.unique(np.concatenate([np.geomspace(1e-9, 0.01, 600), t]))
    busy = work.sf(t)
    so_far = np.append(0, np.cumsum((busy[1:] + busy[:-1]) / 2 * np.diff(t)))
    return t, busy, np.clip(1 - so_far / work.mean(), 0, 1)


@cache
def ratios(law):
    """Return E X_{1:m} / (mu / m) for the numbers of workers in STEPS."""
    work = GAPS[law]
    return np.array([order_statistic(work, 1, int(m)).mean() * m / work.mean() for m in STEPS])


def two_integrals(axes, law, m):
    """Draw both survival functions, whose areas are mu / m and E X_{1:m}, and their ratio by m."""
    work = GAPS[law]
    long_run_gap, first = work.mean() / m, order_statistic(work, 1, m).mean()
    t, busy, left = survivals(law)
    end = 1.15 * max(3 * min(long_run_gap, first), 1.2 * max(long_run_gap, first))
    t = np.concatenate([np.linspace(0, end, 40), np.linspace(0, end / 40, 8)[1:]])
    t.sort()
    busy, left = work.sf(t), np.interp(t, survivals(law)[0], left)
    ax = axes[0]
    ax.fill_between(t, busy * left ** (m - 1), color=COLOURS["fastest"], alpha=0.25, lw=0)
    ax.plot(t, busy * left ** (m - 1), color=COLOURS["fastest"], lw=2.4, label="S · S_e^(m-1)")
    ax.plot(t, busy**m, ":", color=COLOURS["slowest"], lw=2, label="S · S^(m-1)")
    ax.set(xlim=(0, end), ylim=(0, 1.38), xlabel="t", title="the gap is longer than t")
    ax.set_yticks([0, 0.5, 1])
    for height, text, colour in (
        (1.24, f"in the long run: area {long_run_gap:.4g}", "fastest"),
        (1.1, f"from a common start: {first:.4g}", "slowest"),
    ):
        ax.annotate(text, (0.03 * end, height), color=COLOURS[colour], fontweight="bold")
    draw_ratios(axes[1], law, m, first / long_run_gap)
    factor = first / long_run_gap
    if np.isclose(factor, 1):
        verdict = "The two agree."
    else:
        way = "too slow" if factor > 1 else "too fast"
        verdict = f"The minimum is {max(factor, 1 / factor):.4g} times {way}."
    return (
        f"{law[0].upper() + law[1:]}, {m} worker{'s' * (m > 1)}: the mean gap is "
        f"{long_run_gap:.4g} in the long run, the mean of the minimum is {first:.4g}. {verdict}"
    )


def draw_ratios(ax, law, m, factor):
    """Draw the ratio of the two means against m, all laws thin and one thick."""
    for other in GAPS:
        ax.plot(STEPS, ratios(other), color=COLOURS["waiting"], lw=1)
    ax.axhline(1, color=COLOURS["limit"], lw=1.2, ls="--")
    ax.plot(STEPS, ratios(law), color=COLOURS["slowest"], lw=2.4, label=law)
    ax.plot(m, factor, "o", color=COLOURS["slowest"], fillstyle="full", markersize=8)
    ax.set(xscale="log", yscale="log", xlim=(0.9, 110), ylim=(0.008, 90), xlabel="workers m")
    ax.set_title("E[min] divided by μ/m")
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    label(ax, (m, factor), f"{factor:.3g}", COLOURS["slowest"], "middle", above=10)


# -------------------------------------------------------------------------------------------------
# The start, and where there is no long run


@cache
def delays(law, m=10, most=40):
    """Return E T_n - n mu / m for n = 1, ..., most, from a common start."""
    work = CLOCKS[law]
    exact = [KBatchSync(m, n).time_per_update(work) for n in range(1, most + 1)]
    return np.array(exact) - np.arange(1, most + 1) * MEAN / m


def start_forgotten(ax):
    """Draw by how much the n-th update of ten workers is late, beside the two bounds."""
    n = np.arange(1, 41)
    ax.set(xlim=(0, 41), ylim=(-2.9, 2.1), xlabel="update n", title="how late, E[Tₙ] − nμ/m")
    ax.fill_between(n, 0, 0.9 * MEAN, color=COLOURS["waiting"], alpha=0.3, lw=0)
    for law, colour, line in (
        ("1 + exponential", "fastest", "-"),
        ("exponential", "limit", "--"),
        ("fast and slow", "slowest", "-."),
    ):
        ax.plot(n, delays(law), line, color=COLOURS[colour], label=law)
        label(ax, (40, delays(law)[19]), law, COLOURS[colour], "left", above=5)
    label(ax, (20, 1.4), "where NBUE laws stay", COLOURS["limit"], "middle", above=0)
    first, tenth, last = delays("1 + exponential")[[0, 9, 39]]
    early = delays("fast and slow")[-1]
    return (
        f"Ten workers with mean 2 from a common start. With times 1 + Exp(1) the first update is "
        f"{first:.3g} later than the rate says, the 10th {tenth:.3g}, the 40th {last:.3g}, never "
        f"more than 1.8. With exponential times it is never late, and with fast and slow times it "
        f"is early, the 40th by {-early:.3g}."
    )


@cache
def rates_so_far(alpha, m=10, gradients=100_000):
    """Return moments, and the updates per unit of time until then, of ten Pareto workers."""
    rng = np.random.default_rng(DICE)
    times = pareto(alpha=alpha, minimum=1).rvs(size=(gradients, m), random_state=rng)
    finish = np.sort(np.cumsum(times, axis=0).ravel())
    moments = np.geomspace(3, 1e5, 40)
    return moments, np.searchsorted(finish, moments) / moments


def no_long_run(ax):
    """Draw the updates per unit of time so far where the mean is infinite, and where it is not."""
    ax.set(xscale="log", xlim=(3, 1e5), ylim=(0, 7), xlabel="time")
    ax.set_title("updates per unit of time so far")
    ax.set_xticks([10, 100, 1000, 10**4, 10**5], ["10", "100", "1000", "10⁴", "10⁵"])
    ax.axhline(10 / 3, color=COLOURS["limit"], ls="--", lw=1.2)
    for alpha, colour, line in ((1.5, "fastest", "-"), (0.8, "slowest", "-.")):
        moments, rate = rates_so_far(alpha)
        ax.plot(moments, rate, line, color=COLOURS[colour], label=f"α = {alpha:g}")
        text = f"α = {alpha:g}, mean {'3' if alpha > 1 else 'infinite'}"
        label(ax, (9e4, rate[25]), text, COLOURS[colour], "left", above=9)
    finite, infinite = rates_so_far(1.5)[1], rates_so_far(0.8)[1]
    return (
        f"Ten Pareto workers that never wait. With α = 1.5 the updates per unit of time settle: "
        f"{finite[-1]:.3g} by time 100,000, and 10/3 = 3.33 is the rate. With α = 0.8 they keep "
        f"falling: {infinite[15]:.3g} by time {rates_so_far(0.8)[0][15]:.3g}, {infinite[-1]:.2g} "
        f"by time 100,000."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def eight_seconds():
    """Return how many updates come by time 8 from a common start, and what most people miss."""
    law, m = "1 + exponential", 10
    times, counts = mean_count(law)
    first = order_statistic(CLOCKS[law], 1, m).mean()
    return m * float(counts[-1]), (
        f"Who has learned that asynchronous SGD takes the time of the fastest worker says "
        f"{times[-1] / first:.3g}. That is the time of the first update only. In the long run the "
        f"mean counts, and promises {m * times[-1] / MEAN:g}; the common start costs the rest."
    )
