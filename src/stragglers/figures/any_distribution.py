"""Figures of the chapter "Any distribution"."""

from functools import cache

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, INK, MARKERS, label
from ..jobs.measured import measured_job, measured_law, measured_laws
from ..laws.named import (
    exponential,
    gamma,
    lognormal,
    pareto,
    shifted_exponential,
    two_point,
    uniform,
    weibull,
)
from ..order_statistics.equal_workers import order_statistic

DICE = 11
LAWS = {  # every one has mean 1, so that only the shape differs
    "exponential": exponential(rate=1),
    "uniform": uniform(0, 2),
    "two points": two_point(usual=1 / 1.09, slow=10 / 1.09, probability=0.01),
    "measured job": measured_law("SE"),
    "shift + exponential": shifted_exponential(shift=0.5, rate=2),
    "gamma, shape 2": gamma(shape=2, rate=2),
    "log-normal, σ = 1": lognormal(mu=-0.5, sigma=1),
    "Weibull, shape ½": weibull(shape=0.5, scale=0.5),
    "Pareto, α = 2": pareto(alpha=2, minimum=0.5),
}
RANKS = {"slowest": "slowest", "second slowest": "kth", "median": "typical"}
WORKERS = np.array([2, 5, 10, 20, 50, 100, 200, 500, 1000])
TEN = {1: "1", 10: "10", 100: "100", 1000: "1000", 10**4: "10⁴", 10**5: "10⁵", 10**6: "10⁶"}


def kth(rank, m):
    """Return the k of a rank in words among m workers."""
    return {"slowest": m, "second slowest": m - 1, "median": (m + 1) // 2}[rank]


@cache
def exact_means(law, rank):
    """Return the exact mean of the order statistic for each number of WORKERS."""
    work = LAWS[law]
    return np.array([order_statistic(work, kth(rank, m), m).mean() for m in WORKERS])


@cache
def sorted_teams(law, m, iterations=500):
    """Return the sorted times of m workers, an iteration a row; m and law share their dice."""
    rng = np.random.default_rng(DICE)
    return np.sort(LAWS[law].rvs(size=(iterations, WORKERS[-1]), random_state=rng)[:, :m], axis=1)


@cache
def simulated_means(law, rank):
    """Return the simulated mean and its standard error for each number of WORKERS."""
    draws = [sorted_teams(law, m)[:, kth(rank, m) - 1] for m in WORKERS.tolist()]
    return np.mean(draws, axis=1), np.std(draws, axis=1, ddof=1) / np.sqrt(len(draws[0]))


def ruler(axis, ticks):
    """Give a logarithmic axis a few ticks in plain numbers."""
    axis.set_ticks(list(ticks), labels=[TEN.get(tick, f"{tick:g}") for tick in ticks])
    axis.set_ticks([], minor=True)


def one_in_so_many(axes, law, m, rank):
    """Draw which times of one worker decide about m workers, and the mean against m.

    The first panel has the quantiles of one worker as a line, and as a hill the weight with which
    the mean of X_{k:m} averages them. The second has that mean for all laws, which have mean 1.
    """
    k, colour = kth(rank, m), COLOURS[RANKS[rank]]
    mean = order_statistic(LAWS[law], k, m).mean()
    draw_weight(axes[0], law, k, m, rank)
    draw_growth(axes[1], law, m, rank, mean)
    seen, error = simulated_means(law, rank)
    said = ""
    if m in WORKERS:
        i = WORKERS.tolist().index(m)
        bar = "" if law.startswith("Pareto") and rank == "slowest" else f" ± {error[i]:.2g}"
        said = f" (simulated {seen[i]:.4g}{bar})"
    for ax in axes:
        ax.axhline(mean, color=colour, lw=1, ls=":")
    once = 1 / LAWS[law].sf(mean)
    return (
        f"{law[0].upper() + law[1:]}: the {rank} of {m} takes {mean:.4g} times the mean of one "
        f"worker{said}. A single worker takes longer than that once in {once:.3g} gradients."
    )


def draw_weight(ax, law, k, m, rank):
    """Draw the quantile function of one worker and the Beta weight of the k-th of m on it."""
    rarity = np.logspace(0.005, 5, 90)
    ax.plot(rarity, LAWS[law].isf(1 / rarity), color=COLOURS["typical"], label="one worker")
    weight = stats.beta.pdf(1 / rarity, m - k + 1, k) / rarity
    colour = COLOURS[RANKS[rank]]
    ax.fill_between(
        rarity,
        0,
        0.5 * weight / weight.max(),
        color=colour,
        alpha=0.3,
        lw=0,
        transform=ax.get_xaxis_transform(),
    )
    ax.set(xscale="log", yscale="log", xlim=(1, 2e5), ylim=(0.1, 60))
    ax.set(xlabel="one gradient in so many", title="takes at least this time (mean 1)")
    ruler(ax.xaxis, [1, 10, 100, 1000, 10**4, 10**5])
    ruler(ax.yaxis, [0.1, 1, 10])


def draw_growth(ax, law, m, rank, mean):
    """Draw the mean of a rank against m, all laws as thin lines and one as a thick one."""
    for other in LAWS:
        ax.plot(WORKERS, exact_means(other, rank), color=COLOURS["waiting"], lw=1)
    colour = COLOURS[RANKS[rank]]
    ax.plot(WORKERS, exact_means(law, rank), color=colour, label=f"{rank}, exact")
    seen, _ = simulated_means(law, rank)
    ax.plot(WORKERS, seen, MARKERS[RANKS[rank]], color=colour, label=f"{rank}, simulated")
    ax.plot(m, mean, MARKERS[RANKS[rank]], color=colour, fillstyle="full", markersize=8)
    ax.set(xscale="log", yscale="log", xlim=(1, 1500), ylim=(0.1, 60))
    label(ax, (m, mean), f"{mean:.3g}", colour, "left", above=7)
    ax.set(xlabel="workers m", title=f"mean of the {rank} of m")
    ruler(ax.xaxis, [1, 10, 100, 1000])
    ruler(ax.yaxis, [0.1, 1, 10])


ATTRACTED = {  # law, shift and scale of its slowest of m, the limit
    "uniform": (uniform(0, 1), lambda m: (1, 1 / m), stats.weibull_max(1)),
    "exponential": (exponential(rate=1), lambda m: (np.log(m), 1), stats.gumbel_r()),
    "gamma, shape 2": (
        gamma(shape=2, rate=1),
        lambda m: (np.log(m) + np.log(np.log(m)), 1),
        stats.gumbel_r(),
    ),
    "Pareto, α = 2": (pareto(alpha=2, minimum=1), lambda m: (0, m**0.5), stats.invweibull(2)),
}
LIMITS = {"uniform": "reversed Weibull", "Pareto, α = 2": "Fréchet"}


def attraction(ax, law, m):
    """Draw the distribution of the slowest of m, shifted and scaled, beside its limit."""
    work, norm, limit = ATTRACTED[law]
    shift, scale = norm(m)
    x = np.linspace(-5, 6, 78)
    slowest = order_statistic(work, m, m)
    exact, limiting = slowest.cdf(shift + scale * x), limit.cdf(x)
    ax.plot(x, limiting, color=INK, ls="--", label=f"limit: {LIMITS.get(law, 'Gumbel')}")
    ax.plot(x, exact, color=COLOURS["slowest"], label=f"slowest of {m}, exact")
    levels = np.arange(0.05, 1, 0.1)
    rng = np.random.default_rng(DICE)
    draws = work.rvs(size=(1000, m), random_state=rng).max(axis=1)
    places = (np.quantile(draws, levels) - shift) / scale
    style = {"color": COLOURS["slowest"], "label": "simulated"}
    ax.plot(places, levels, MARKERS["slowest"], **style)
    ax.set(xlim=(-5, 6), ylim=(0, 1.04), xlabel=f"slowest of {m}, shifted and scaled")
    label(ax, (6, 0.05), LIMITS.get(law, "Gumbel"), INK, "left", above=0)
    ax.set(title="probability of being done")
    ax.set_xticks([-4, -2, 0, 2, 4, 6])
    ax.set_yticks([0, 0.5, 1])
    gap = abs(exact - limiting)
    return (
        f"{law[0].upper() + law[1:]}, {m} workers: the distribution of the slowest, shifted by "
        f"{shift:.4g} and scaled by {scale:.4g}, is at most {gap.max():.2g} away from its limit."
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


def overtaking(ax):
    """Draw the mean slowest of m for a Weibull and a Pareto law that have the same mean."""
    m = np.unique(np.geomspace(1, 10**6, 60).astype(int))
    laws = {"Weibull, shape ½": "typical", "Pareto, α = 2": "slowest"}
    means = {law: [order_statistic(LAWS[law], i, i).mean() for i in m.tolist()] for law in laws}
    for law, colour in laws.items():
        ax.plot(m, means[law], color=COLOURS[colour], label=law)
    low, high = means.values()
    ax.set(xscale="log", yscale="log", xlim=(1, 1.2e6), ylim=(0.9, 1500))
    label(ax, (m[-1] / 2, high[-1]), "Pareto, α = 2", COLOURS["slowest"], "left", above=-8)
    label(ax, (m[-1], low[-1]), "Weibull, shape ½", COLOURS["typical"], "left", above=-50)
    ax.set(xlabel="workers m", title="mean of the slowest of m (mean of one: 1)")
    ruler(ax.xaxis, [1, 10, 100, 1000, 10**4, 10**5, 10**6])
    ruler(ax.yaxis, [1, 10, 100, 1000])
    return (
        f"For few workers the Weibull law makes the slowest slower; for a million the Pareto law "
        f"does, {high[-1]:.0f} against {low[-1]:.0f} times the mean."
    )


def prediction(axes):
    """Draw the measured order statistics of two jobs beside what one law for all predicts."""
    off = []
    for ax, name in zip(axes, ("SE", "AR"), strict=True):
        job = measured_job(name)
        m, ranks = job["workers"], np.arange(1, job["workers"] + 1)
        same = [order_statistic(measured_law(name), k, m).mean() for k in ranks.tolist()]
        seen = np.array(job["test_mean_order_statistics_over_fit_mean"])
        ax.plot(ranks, same, color=COLOURS["typical"], label="identical workers, exact")
        if name == "AR":
            own = [order_statistic(measured_laws(name), k).mean() for k in ranks.tolist()]
            ax.plot(ranks, own, "--", color=COLOURS["kth"], label="a law for each, exact")
            ax.annotate("a law for each", (1.2, 0.58), color=COLOURS["kth"], fontweight="bold")
        place = (1, 1.35) if name == "AR" else (2, 1.15)
        ax.annotate("identical workers", place, color=COLOURS["typical"], fontweight="bold")
        errors = 2 * np.array(job["test_standard_errors"])
        ax.vlines(ranks, seen - errors, seen + errors, color=COLOURS["slowest"], lw=1)
        ax.plot(ranks, seen, MARKERS["slowest"], color=COLOURS["slowest"], label="measured")
        ax.set(ylim=(0.5, 1.9), xlabel="rank k", title=f"job {name}, {m} workers: mean time")
        ax.set_xticks([1, 2, 3, 4] if m == 4 else [1, 8, 16, 24, 32])
        off.append(abs(np.array(same) / seen - 1).max())
    return (
        f"Job SE: one law for all its workers is at most {off[0]:.1%} from the measured means. "
        f"Job AR: it is up to {off[1]:.0%} off, because one worker is always the slow one."
    )
