"""Figures of the chapter "Trusting a simulation"."""

from functools import cache

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, INK, MARKERS, label
from ..explorer.words import percent
from ..laws.named import exponential, lognormal, pareto
from ..order_statistics.equal_workers import order_statistic

RATE, TEAM = 2, 20
LAWS = {
    "exponential": exponential(rate=RATE),
    "log-normal, σ = 2": lognormal(mu=0, sigma=2),
    "Pareto, α = 1.5": pareto(alpha=1.5, minimum=1),
}
SEEDS, INTERVALS = 6, 40


@cache
def experiments(law, iterations, seed):
    """Return estimate and standard error of 40 experiments, in units of the exact mean.

    Each experiment estimates the mean slowest of 20 from so many iterations. The slowest is drawn
    directly, as one quantile: that has the same law as the largest of twenty.
    """
    slowest = order_statistic(LAWS[law], TEAM, TEAM)
    rng = np.random.default_rng([seed, iterations])
    draws = slowest.rvs(size=(INTERVALS, iterations), random_state=rng) / slowest.mean()
    return draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(iterations)


def distances(law, iterations):
    """Return the distance from the truth, in standard errors, of the experiments of all seeds."""
    seeds = range(1, SEEDS + 1)
    runs = [experiments(law, iterations, seed) for seed in seeds]
    return np.concatenate([(estimate - 1) / error for estimate, error in runs])


def forty_intervals(axes, law, iterations, seed):
    """Draw the intervals of 40 experiments, and the distances of 240 in standard errors."""
    estimate, error = experiments(law, iterations, seed)
    missed = abs(estimate - 1) > 2 * error
    ends = np.clip((np.array([estimate - 2 * error, estimate + 2 * error]) - 1) * 100, -40, 40)
    rows, ax = np.arange(1, INTERVALS + 1), axes[0]
    low, high = np.round(ends)
    ax.axvline(0, color=INK, lw=1)
    ax.hlines(rows[~missed], low[~missed], high[~missed], color=COLOURS["fastest"], lw=2)
    ax.hlines(rows[missed], low[missed], high[missed], color=COLOURS["slowest"], lw=4)
    ax.set(xlim=(-40, 40), ylim=(0, 41), xlabel="distance from the truth, %")
    ax.set(title=f"40 experiments, {iterations} iterations each")
    ax.set_yticks([])
    ax.set_xticks([-40, -20, 0, 20, 40])
    away = distances(law, iterations)
    draw_distances(axes[1], away)
    hit = (abs(away) <= 2).mean()
    return (
        f"{law[0].upper() + law[1:]}, {iterations} iterations: in run {seed}, {missed.sum()} of 40 "
        f"intervals miss the truth. In all {SEEDS} runs together, {hit:.1%} of the intervals hold "
        f"it; 95.4% is what two standard errors promise."
    )


def draw_distances(ax, away):
    """Draw how often each distance occurs, in bins of one half, beside the normal density."""
    edges = np.arange(-6, 4.1, 0.5)
    share = np.histogram(np.clip(away, -5.9, 3.9), edges)[0] / len(away) / 0.5
    x = np.linspace(-6, 4, 61)
    ax.plot(x, stats.norm.pdf(x), color=INK, ls="--", label="normal")
    ax.plot(edges[:-1] + 0.25, share, MARKERS["typical"], color=COLOURS["typical"], label="seen")
    ax.axvspan(-2, 2, color=COLOURS["waiting"], alpha=0.25, lw=0)
    ax.set(xlim=(-6, 4), ylim=(0, 0.6), xlabel="distance in its own standard errors")
    ax.set(title="all runs: share of each distance")
    ax.set_yticks([0, 0.2, 0.4])


def estimates(same, iterations, seed, most=40):
    """Return the table of slowest times of 1 .. most workers, an iteration a row.

    With the same dice a column is the running maximum of the one before. With dice of its own each
    column is drawn anew, as one quantile of the slowest.
    """
    rng = np.random.default_rng([seed, iterations, same])
    if same:
        return np.maximum.accumulate(rng.exponential(1 / RATE, (iterations, most)), axis=1)
    u = rng.random((iterations, most))
    return -np.log1p(-(u ** (1 / np.arange(1, most + 1)))) / RATE


def same_or_own_dice(axes, same, iterations, seed):
    """Draw the mean slowest of 1 .. 40 workers, and what each further worker adds."""
    slowest = estimates(same, iterations, seed)
    workers = np.arange(1, 41)
    means, steps = slowest.mean(axis=0), np.diff(slowest.mean(axis=0))
    spread = np.diff(slowest, axis=1).std(axis=0, ddof=1) / np.sqrt(iterations)
    style = {"color": COLOURS["slowest"], "label": "simulated"}
    exact = np.cumsum(1 / workers) / RATE
    for ax, at, seen, line in (
        (axes[0], workers[1:], means[1:], exact[1:]),
        (axes[1], workers[1:], steps, 1 / (RATE * workers[1:])),
    ):
        ax.plot(at, line, color=INK, lw=1, label="exact")
        ax.plot(at, seen, MARKERS["slowest"], **style)
        ax.set(xlim=(0, 41), xlabel="workers m")
        ax.set_xticks([1, 10, 20, 30, 40])
    axes[0].set(ylim=(0.6, 2.4), title="mean of the slowest of m")
    axes[1].set(ylim=(-0.16, 0.3), title="what worker m adds to it")
    axes[1].axhline(0, color=INK, lw=0.6, ls=":")
    axes[0].set_yticks([1, 1.5, 2])
    axes[1].set_yticks([-0.1, 0, 0.1, 0.2])
    falls = (steps < 0).sum()
    return (
        f"{'The same dice' if same else 'New dice'} for every m, {iterations} iterations, run "
        f"{seed}: the estimate falls {falls} times where the truth rises. Worker 40 adds "
        f"{steps[-1]:.4f} ± {spread[-1]:.2g}; exact {1 / (RATE * 40):.4f}."
    )


@cache
def antithetic_gain(m, pairs=40_000):
    """Return the variance of two independent maxima over that of an antithetic pair, measured."""
    u = np.random.default_rng(m).random((pairs, m))
    one, other = -np.log(u).max(axis=1), -np.log1p(-u).max(axis=1)
    return (one.var() + other.var()) / 4 / ((one + other) / 2).var()


def gains(ax):
    """Draw by how much each method divides the variance, against the number of workers."""
    m = np.arange(2, 41)
    first, second = np.cumsum(1 / np.arange(1, 42)), np.cumsum(1 / np.arange(1, 42) ** 2)
    h, h2, next_h2 = first[m - 1], second[m - 1], second[m]
    curves = {  # name: gain, colour, short name, and how many points this stands above the end
        "same dice, for a difference": (
            (h2 + next_h2) / (2 / (m + 1) - 1 / (m + 1) ** 2),
            "slowest",
            "same dice",
            6,
        ),
        "last leg replaced by its mean": (h2 / (h2 - 1), "kth", "last leg", 4),
        "mean of all as control": (1 / (1 - h**2 / (m * h2)), "typical", "control", 4),
    }
    ax.set(yscale="log", xlim=(0, 41), ylim=(0.5, 150), xlabel="workers m")
    for name, (gain, colour, short, above) in curves.items():
        ax.plot(m, gain, color=COLOURS[colour], label=name)
        label(ax, (m[-1], gain[-1]), short, COLOURS[colour], "left", above)
    at = [1, 2, 5, 10, 20, 40]
    ax.plot(
        at,
        [antithetic_gain(i) for i in at],
        MARKERS["fastest"],
        color=COLOURS["fastest"],
        label="antithetic, measured",
    )
    label(ax, (40, 1), "antithetic", COLOURS["fastest"], "left", above=-15)
    ax.set(title="variance divided by")
    ax.set_xticks([1, 10, 20, 30, 40])
    ax.set_yticks([1, 3, 10, 30, 100], labels=["1", "3", "10", "30", "100"])
    ax.set_yticks([], minor=True)
    dice, leg, control = (gain[18] for gain, *_ in curves.values())  # m = 20
    return (
        f"At 20 workers the variance is divided by {dice:.0f} with the same dice (for the step to "
        f"21), by {leg:.2f} if its mean replaces the last leg, by {control:.2f} with the mean "
        f"of all times as a control, and by {antithetic_gain(20):.2f} with antithetic pairs."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def honest_intervals():
    """Return how many in 100 intervals hold the truth for Pareto times, and what is missed."""
    law, most = "Pareto, α = 1.5", 5000
    held = {n: (abs(distances(law, n)) <= 2).mean() for n in (50, most)}
    return 100 * float(held[most]), (
        f"Most people say {percent(2 * stats.norm.cdf(2) - 1)}, what the textbook promises for two "
        f"standard errors. It promises that for a law with a variance, and this one has none. With "
        f"50 iterations it was {percent(held[50])}; more of them will not mend it."
    )
