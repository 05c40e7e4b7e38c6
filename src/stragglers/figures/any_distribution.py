"""Figures of the chapter "Any distribution"."""

from functools import cache, lru_cache

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
NAMES = {  # at the end of a line
    "measured job": "measured",
    "shift + exponential": "shift + exp.",
    "gamma, shape 2": "gamma",
    "log-normal, σ = 1": "log-normal",
    "Weibull, shape ½": "Weibull",
    "Pareto, α = 2": "Pareto",
}
TEN_WORKERS = 10
TEN = {1: "1", 10: "10", 100: "100", 1000: "1000", 10**4: "10⁴", 10**5: "10⁵", 10**6: "10⁶"}


def kth(rank, m):
    """Return the k of a rank in words among m workers."""
    return {"slowest": m, "second slowest": m - 1, "median": (m + 1) // 2}[rank]


@cache
def exact_means(law, rank):
    """Return the exact mean of the order statistic for each number of WORKERS."""
    work = LAWS[law]
    return np.array([order_statistic(work, kth(rank, m), m).mean() for m in WORKERS])


@lru_cache(maxsize=1)
def times_of_all(law, iterations=500):
    """Return the times of as many workers as there are at most, an iteration a row."""
    rng = np.random.default_rng(DICE)
    return LAWS[law].rvs(size=(iterations, WORKERS[-1]), random_state=rng)


@cache
def sorted_teams(law, m):
    """Return the sorted times of m workers, an iteration a row; m and law share their dice."""
    return np.sort(times_of_all(law)[:, :m], axis=1)


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
    draw_weight(axes[0], law, k, m, colour)
    draw_growth(axes[1], law, m, rank, mean)
    seen, error = simulated_means(law, rank)
    said = ""
    if m in WORKERS:
        i = WORKERS.tolist().index(m)
        bar = f" ± {error[i]:.2g}" if error[i] > 1e-12 else ", all draws alike"
        bar = "" if law.startswith("Pareto") and rank == "slowest" else bar
        said = f" (simulated {seen[i]:.4g}{bar})"
    axes[0].axhline(mean, color=colour, lw=1, ls=":")
    axes[1].plot([1, WORKERS[-1]], [mean, mean], color=colour, lw=1, ls=":")
    once = 1 / LAWS[law].sf(mean)
    return (
        f"{law[0].upper() + law[1:]}: the {rank} of {m} takes {mean:.4g} times the mean of one "
        f"worker{said}. A single worker takes longer than that once in {once:.3g} gradients."
    )


def draw_weight(ax, law, k, m, colour):
    """Draw the quantile function of one worker, and the weight of the k-th of m on it as a hill.

    The height of the hill is the probability a decade: how likely it is that the time waited for
    is one that a worker exceeds once in so many gradients.
    """
    rarity = np.logspace(0.005, 5, 90)
    ax.plot(rarity, LAWS[law].isf(1 / rarity), color=COLOURS["typical"], label="one worker")
    weight = stats.beta.pdf(1 / rarity, m - k + 1, k) / rarity * np.log(10)
    top, place = weight.max(), rarity[weight.argmax()]
    foot = ax.get_xaxis_transform()
    ax.fill_between(rarity, 0, 0.4 * weight / top, color=colour, alpha=0.3, lw=0, transform=foot)
    ax.plot([place, 2e5], [0.4, 0.4], color=colour, lw=1, ls=":", transform=foot)
    ax.set(xscale="log", yscale="log", xlim=(1, 2e5), ylim=(0.1, 60))
    ax.set(xlabel="one gradient in so many", title="takes at least this time (mean 1)")
    side = "left" if place < 1e3 else "right"
    text, at = f"hill: {top:.1f} a decade", {"left": 1.5e5, "right": place / 2}[side]
    style = {"color": colour, "fontsize": 9, "ha": "right", "va": "bottom"}
    ax.annotate(text, (at, 0.41), xycoords=foot, **style)
    ruler(ax.xaxis, [1, 10, 100, 1000, 10**4, 10**5])
    ruler(ax.yaxis, [0.1, 1, 10])


def draw_growth(ax, law, m, rank, mean):
    """Draw the mean of a rank against m, all laws as thin lines with names, one as a thick one."""
    colour = COLOURS[RANKS[rank]]
    for other in LAWS:
        ax.plot(WORKERS, exact_means(other, rank), color=COLOURS["waiting"], lw=1, label=other)
    ends = sorted((exact_means(other, rank)[-1], other) for other in LAWS)
    for place, (_, other) in zip(apart([np.log(end) for end, _ in ends]), ends, strict=True):
        weight = "bold" if other == law else "normal"
        style = {"va": "center", "fontsize": 9, "fontweight": weight}
        style["color"] = colour if other == law else COLOURS["limit"]
        ax.annotate(NAMES.get(other, other), (1300, np.exp(place)), **style)
    ax.plot(WORKERS, exact_means(law, rank), color=colour, label=f"{rank}, exact")
    seen, _ = simulated_means(law, rank)
    ax.plot(WORKERS, seen, MARKERS[RANKS[rank]], color=colour, label=f"{rank}, simulated")
    ax.plot(m, mean, MARKERS[RANKS[rank]], color=colour, fillstyle="full", markersize=8)
    ax.set(xscale="log", yscale="log", xlim=(1, 3e4), ylim=(0.1, 80))
    label(ax, (m, mean), f"{mean:.3g}", colour, "left", above=7)
    ax.set(xlabel="workers m", title=f"mean of the {rank} of m")
    ruler(ax.xaxis, [1, 10, 100, 1000])
    ruler(ax.yaxis, [0.1, 1, 10])


def apart(places, gap=0.36):
    """Return rising places moved as little as needed to lie at least a gap apart."""
    places = np.array(places) - gap * np.arange(len(places))
    blocks = []  # [mean, size]: places that have met share their mean
    for place in places:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + mean * size) / (blocks[-1][1] + size),
                blocks[-1][1] + size,
            ]
    merged = np.concatenate([np.full(size, mean) for mean, size in blocks])
    return merged + gap * np.arange(len(places))


def done_by(axes, k, u):
    """Draw the Beta law of the k-th smallest of ten uniforms, and how many are below u.

    First panel: the densities of all ten ranks, the area of one left of u filled. Second panel:
    the binomial law of the number below u; the bars from k on have the same sum as that area.
    """
    x, m = np.linspace(0, 1, 101), TEN_WORKERS
    for j in range(1, m + 1):
        ax, chosen = axes[0], j == k
        colour = COLOURS["kth" if chosen else "waiting"]
        line = stats.beta.pdf(x, j, m - j + 1)
        ax.plot(x, line, color=colour, lw=1.8 if chosen else 1, label=f"k = {j}")
        if chosen:
            ax.fill_between(x[x <= u + 1e-9], line[x <= u + 1e-9], color=colour, alpha=0.3, lw=0)
    ax.axvline(u, color=INK, lw=1, ls=":")
    ax.set(xlim=(0, 1), ylim=(0, 10.5), xlabel="share u", title=f"where the {k}th smallest falls")
    area = stats.beta.cdf(u, k, m - k + 1)
    peak = (k - 1) / (m - 1)
    label(ax, (peak, stats.beta.pdf(peak, k, m - k + 1)), f"k = {k}", COLOURS["kth"], "middle")
    number, ax = np.arange(m + 1), axes[1]
    bars = stats.binom.pmf(number, m, u)
    colours = np.where(number >= k, COLOURS["kth"], COLOURS["waiting"])
    ax.bar(number, bars, color=colours, width=0.7, label="probability")
    ax.set(
        xlim=(-0.6, 10.6), ylim=(0, 0.45), xlabel="workers done", title="how many of 10 are done"
    )
    ax.set_xticks(range(0, 11, 2))
    label(ax, (10, 0.4), f"{k} or more: {area:.3f}", COLOURS["kth"], "left", above=0)
    return (
        f"When each of 10 workers is done with probability {u:g}, at least {k} are done with "
        f"probability {area:.4f}: the green bars, and as much as the green area left of {u:g}."
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


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def worst_of_nine():
    """Return the mean slowest of 1000 under the worst of the laws, and what most people miss."""
    waits = {name: order_statistic(law, 1000, 1000).mean() for name, law in LAWS.items()}
    worst = max(waits, key=waits.get)
    return float(waits[worst]), (
        f"It is that of the law {worst}; under the exponential law the slowest takes "
        f"{waits['exponential']:.3g}. Most people think that laws with one mean give waits of one "
        f"size. The mean says what a typical worker takes. The wait for the slowest is made by "
        f"the far end of the law."
    )
