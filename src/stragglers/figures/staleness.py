"""Figures of the chapter "Stale gradients"."""

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

SEED = 3
LAWS = {  # all of mean 2
    "constant": deterministic(2.0),
    "uniform": uniform(0, 4),
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "exponential": exponential(rate=0.5),
    "fast and slow": hyperexponential(probabilities=[0.9, 0.1], rates=[0.95, 0.095]),
    "Pareto 2": pareto(alpha=2, minimum=1),
}
GREEN, PLUM, GREY = COLOURS["kth"], COLOURS["typical"], COLOURS["limit"]

# -------------------------------------------------------------------------------------------------
# The ledger: a few workers, update by update

CREW, LAST = 5, 24
KEPT = ("constant", "uniform", "exponential", "fast and slow")


@cache
def flights(law):
    """Return the gradients of a run as (worker, model read, update made), in order."""
    rng = np.random.default_rng(SEED)
    finish, read, found = LAWS[law].rvs(CREW, random_state=rng), [0] * CREW, []
    for update in range(1, 4 * LAST):
        worker = int(np.argmin(finish))
        found.append((worker, read[worker], update))
        finish[worker] += LAWS[law].rvs(random_state=rng)
        read[worker] = update
    return found


def account(law, n):
    """Return after n updates: the staleness of each gradient applied, and each worker's age."""
    applied = [update - 1 - read for _, read, update in flights(law)[:n]]
    read = [0] * CREW
    for worker, _, update in flights(law)[:n]:
        read[worker] = update
    return applied, [n - version for version in read]


@cache
def sums(law):
    """Return the staleness applied, and the ages in flight, in all after 0, 1, ... updates."""
    return np.array([[sum(part) for part in account(law, n)] for n in range(LAST + 1)]).T


def ledger(axes, law, n):
    """Draw the gradients of five workers on the axis of updates, and the sum of all staleness."""
    left, right = axes
    ages, done = account(law, n)[1], flights(law)[:n]
    if done:
        rows, begins, ends = np.array(done).T
        left.hlines(rows + 1, begins, ends - 1, color=GREEN, lw=7)
        left.plot(ends - 0.5, rows + 1, "|", color=COLOURS["slowest"], ms=9, mew=2)
    left.hlines(np.arange(1, CREW + 1), n - np.array(ages), n, color=PLUM, lw=3)
    left.axvline(n, color=GREY, lw=1, ls="--")
    left.set(xlim=(0, LAST + 1), ylim=(CREW + 0.7, 0.3), xlabel="update", title="worker by worker")
    left.set_yticks(range(1, CREW + 1))
    left.grid(False)
    counts, (used, flying) = np.arange(LAST + 1), sums(law)
    right.plot(counts, (CREW - 1) * counts, "--", color=GREY, label="4 n")
    right.plot(counts, used, drawstyle="steps-post", color=GREEN, label="applied so far")
    right.plot(counts, flying, drawstyle="steps-post", color=PLUM, lw=1.2, label="in flight")
    right.plot([n, n], [used[n], flying[n]], " ", label="now")
    right.axvline(n, color=GREY, lw=1, ls="--")
    right.set(xlim=(0, LAST + 1), ylim=(0, 104), xlabel="update n", title="sums of staleness")
    label(right, (0.3, 90), f"applied {used[n]}", GREEN, above=0)
    label(right, (0.3, 79), f"in flight {flying[n]}", PLUM, above=0)
    label(right, (0.3, 68), f"together {used[n] + flying[n]}", GREY, above=0)
    return (
        f"{CREW} asynchronous workers, {law} times. After {counted(n, 'update')} the gradients "
        f"applied were {counted(used[n], 'update')} old in all, and those in flight are "
        f"{flying[n]} old. Together {used[n] + flying[n]} = {CREW - 1} times {n}."
    )


# -------------------------------------------------------------------------------------------------
# The histogram, and one's own slowness

GRADIENTS = 40_000


@cache
def own_times(law, m):
    """Return the own times and the staleness of many gradients, long after the start."""
    work, rng = LAWS[law], np.random.default_rng(SEED)
    run = Async(m).simulate(work, GRADIENTS, rng, keep="gradients")
    who, times = run.workers[:, 0], run.update_times
    order = np.argsort(who, kind="stable")
    own = np.diff(times[order], prepend=0.0)
    firsts = np.diff(who[order], prepend=-1) > 0
    own[firsts] = times[order][firsts]
    found = np.empty(GRADIENTS)
    found[order] = own
    kept = slice(20 * m, None)
    return found[kept], run.staleness[kept]


@cache
def histogram(law, m):
    """Return the shares of the gradients that are 0, 1, ..., 4 m updates old."""
    stale = own_times(law, m)[1]
    return np.bincount(stale, minlength=4 * m + 1)[: 4 * m + 1] / len(stale)


@cache
def by_slowness(law, m):
    """Return own times over their mean, mean staleness and its spread, a tenth of gradients each.

    The slowest tenth is left out where it is too far out for the picture.
    """
    own, stale = own_times(law, m)
    order = np.argsort(own, kind="stable")
    tenths = np.array_split(order, 10)
    means = np.array([[own[t].mean() / 2, stale[t].mean(), stale[t].std()] for t in tenths])
    return means[means[:, 0] <= 4]


def own_slowness(axes, law, m):
    """Draw the law of staleness, its mean, and staleness against the gradient's own time."""
    left, right = axes
    shares, stale = histogram(law, m), own_times(law, m)[1]
    counts = np.arange(4 * m + 1)
    left.fill_between(counts, shares, step="mid", color=PLUM, alpha=0.25, lw=0)
    left.plot(counts, shares, drawstyle="steps-mid", color=PLUM, lw=1.2, label="share, simulated")
    if law == "exponential":
        exact = (1 - 1 / m) ** counts / m
        left.plot(counts, exact, "--", color=GREY, label="geometric")
    top = 1.35 * max(shares.max(), 1 / m)
    left.axvline(m - 1, color=COLOURS["slowest"], lw=2)
    left.set(xlim=(-0.7, 4 * m + 0.5), ylim=(0, top), xlabel="staleness in updates")
    left.set(title="share of the gradients")
    label(left, (m - 1, 0.86 * top), f"mean {stale.mean():.2f}", COLOURS["slowest"], above=0)
    times, means, spread = by_slowness(law, m).T
    line = np.array([0, 4])
    right.plot(line, (m - 1) * line, "--", color=GREY, label="(m - 1) x / μ")
    right.errorbar(times, means, spread, fmt=MARKERS["typical"], color=PLUM, label="_spread")
    right.plot(times, means, " ", color=PLUM, label="mean staleness")
    right.set(xlim=(0, 4), ylim=(0, 4.4 * m), xlabel="own time, in means μ")
    right.set(title="staleness of a tenth of them")
    label(right, (0.1, 3.9 * m), f"standard deviation {stale.std():.2f}", PLUM, above=0)
    return (
        f"{m} asynchronous workers, {law} times. The mean staleness of {len(stale)} simulated "
        f"gradients is {stale.mean():.2f}, its standard deviation {stale.std():.2f}, and "
        f"{100 * shares[0]:.1f} % of the gradients are fresh."
    )


# -------------------------------------------------------------------------------------------------
# Several gradients an update

TEAM = 10
KIN = {"K-async": KAsync, "K-batch-async": KBatchAsync}


@cache
def kin_simulated(protocol, k):
    """Return the shares of staleness 0, 1, ..., 20 in a simulation."""
    rng = np.random.default_rng(SEED)
    run = KIN[protocol](TEAM, k).simulate(LAWS["exponential"], 20_000, rng, keep="gradients")
    stale = run.gradient_staleness[20:].ravel()
    return np.bincount(stale, minlength=21)[:21] / len(stale)


@cache
def fresh_shares(protocol):
    """Return the exact probability of a fresh gradient for K = 1, ..., 10."""
    crews = [KIN[protocol](TEAM, k) for k in range(1, TEAM + 1)]
    return [crew.probability_fresh(LAWS["exponential"]) for crew in crews]


def kin(axes, protocol, k):
    """Draw the law of staleness of K-async or K-batch-async, and P(fresh) of both against K."""
    left, right = axes
    law = KIN[protocol](TEAM, k).staleness(LAWS["exponential"])
    seen, counts, fresh = kin_simulated(protocol, k), np.arange(13), float(law.pmf(0))
    left.vlines(counts, 0, law.pmf(counts), color=PLUM, lw=2)
    left.plot(counts, law.pmf(counts), " ", color=PLUM, label="exact")
    left.plot(counts, seen[:13], MARKERS["typical"], color=PLUM, label="simulated")
    left.set(xlim=(-0.5, 12.5), ylim=(0, 1.12), xlabel="staleness in updates")
    left.set(title="share of the gradients")
    label(left, (4, 0.9), f"fresh {fresh:.3f}", PLUM, above=0)
    label(left, (4, 0.78), f"mean {float(law.mean()):.3g}", COLOURS["slowest"], above=0)
    places = np.arange(1, TEAM + 1)
    for name, colour, sign in (("K-async", GREEN, "^"), ("K-batch-async", GREY, "s")):
        right.plot(places, fresh_shares(name), f"{sign}-", color=colour, lw=1, label=name)
    right.axvline(k, color=PLUM, lw=1, ls="--")
    right.set(xlim=(0.5, 10.5), ylim=(0, 1.12), xlabel="K of 10", title="probability of fresh")
    label(right, (0.7, 0.98), "△ K-async", GREEN, above=0)
    label(right, (0.7, 0.86), "□ K-batch-async", GREY, above=0)
    age = f"{float(law.mean()):.3g}"
    return (
        f"{protocol} with {TEAM} exponential workers, K = {k}: a gradient is fresh with "
        f"probability {fresh:.4f}, and {age} update{'s' * (age != '1')} old on average."
    )


def fresh_share(ax):
    """Draw m P(fresh) against m for several laws: above 1 for NWUE laws, below for NBUE."""
    sizes = np.arange(2, 31)
    styles = {
        "fast and slow": ("-", COLOURS["slowest"]),
        "exponential": ("--", GREY),
        "uniform": ("-.", COLOURS["fastest"]),
        "1 + exponential": (":", PLUM),
    }
    ax.set(xlim=(0, 31), ylim=(0, 2.3), xlabel="workers m", title="m times P(fresh)")
    for law, (style, colour) in styles.items():
        values = [m * Async(m).probability_fresh(LAWS[law]) for m in sizes]
        ax.plot(sizes, values, style, color=colour, label=law)
        label(ax, (sizes[-1], values[-1]), law, colour, "left", above=3)
    return (
        "For exponential times m times the probability of a fresh gradient is 1 for every m. For "
        "uniform times it stays near one half, for 1 + exponential times it falls to 0, and for "
        "fast and slow times it lies above 1."
    )


# -------------------------------------------------------------------------------------------------
# Where the ages do not vanish

LONG, MARK = 200_000, np.unique(np.round(np.geomspace(10, 200_000, 60)).astype(int))
TAILS = {"exponential": LAWS["exponential"], "Pareto 2": LAWS["Pareto 2"]}
TAILS |= {"Pareto ½": pareto(alpha=0.5, minimum=1)}


@cache
def mean_so_far(law):
    """Return the mean staleness of the gradients applied so far, at the updates MARK."""
    run = Async(TEAM).simulate(TAILS[law], LONG, np.random.default_rng(SEED))
    return (np.cumsum(run.staleness) / np.arange(1, LONG + 1))[MARK - 1]


def mean_so_far_of(ax):
    """Draw the mean staleness of the gradients applied so far, against the number of updates."""
    styles = {"exponential": ("-", GREY), "Pareto 2": ("--", GREEN), "Pareto ½": ("-", PLUM)}
    ax.axhline(TEAM - 1, color=COLOURS["slowest"], lw=1, ls=":")
    for law, (style, colour) in styles.items():
        ax.plot(MARK, mean_so_far(law), style, color=colour, label=law)
    ax.set(xscale="log", xlim=(10, LONG), ylim=(0, 10), xlabel="update n")
    ax.set(title="mean staleness of the applied so far")
    ax.set_xticks([10, 1000, 100_000], ["10", "1000", "100 000"])
    label(ax, (300, 8.9), "exponential, Pareto 2", GREEN, above=4)
    label(ax, (2000, 3.4), "Pareto ½", PLUM, above=0)
    ends = ", ".join(f"{mean_so_far(law)[-1]:.2f} for {law}" for law in styles)
    return f"Mean staleness of the first {LONG} gradients applied by {TEAM} workers: {ends}."


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def stale_together():
    """Return what the staleness and the ages of five workers add up to; what most people miss."""
    stale, ages = account("exponential", 20)[:2]
    total = float(np.sum(stale) + np.sum(ages))
    return total, (
        f"Most people think that this depends on the dice, or on the law. It does not: with "
        f"{CREW} workers each update makes the {CREW - 1} gradients that are in flight one update "
        f"older, and nothing else changes the sum. So it is {CREW - 1} for each of the 20 updates."
    )
