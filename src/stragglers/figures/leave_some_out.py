"""Figures of the chapter "Leave some out"."""

from functools import cache

import numpy as np
from matplotlib.collections import PolyCollection
from scipy import stats

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.named import (
    deterministic,
    exponential,
    pareto,
    shifted_exponential,
    two_point,
    uniform,
    weibull,
)
from ..laws.restarted import restarted
from ..order_statistics.equal_workers import order_statistic
from ..protocols.optimal import optimal_fraction, optimal_k
from ..protocols.synchronous import KSync

DICE, M, TASKS = 26, 20, 12
MEAN_ONE = {  # the three bills: every law has mean 1
    "exponential": exponential(rate=1),
    "uniform from 0": uniform(0, 2),
    "shift + exponential": shifted_exponential(shift=0.5, rate=2),
    "Pareto, α = 2": pareto(alpha=2, minimum=0.5),
    "two speeds": two_point(usual=0.5, slow=3, probability=0.2),
}
RAYS = {
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "exponential": exponential(rate=1),
    "uniform from 0": uniform(0, 2),
    "Pareto, α = 2": pareto(alpha=2, minimum=1),
    "Weibull, shape 2": weibull(shape=2, scale=1.5),
    "two speeds": two_point(usual=1, slow=3, probability=0.1),
}
RESTARTS = {
    "two speeds": two_point(usual=1, slow=10, probability=0.1),
    "exponential": exponential(rate=1),
    "Pareto from 0": stats.lomax(2),
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "uniform from 0": uniform(0, 2),
}
HALVES = {
    "constant": deterministic(1),
    "uniform from 0": uniform(0, 2),
    "exponential": exponential(rate=1),
    "Pareto, α = 1.1": pareto(alpha=1.1, minimum=1),
    "nothing or long": None,  # see `half_law`: it depends on the number of workers
}
HATCH = "//////"


def bars(ax, left, right, rows, colour, hatch=None, name=None, height=0.72):
    """Draw a horizontal bar a row, filled or hatched."""
    corners = [
        [(a, y - height / 2), (b, y - height / 2), (b, y + height / 2), (a, y + height / 2)]
        for a, b, y in zip(left, right, rows, strict=True)
    ]
    style = {"facecolor": colour, "lw": 0}
    if hatch:
        style = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "lw": 0.8}
    ax.add_collection(PolyCollection(corners, label=name, **style), autolim=False)


# -------------------------------------------------------------------------------------------------
# The account of an update


@cache
def bills(law):
    """Return the mean worker-time used, cancelled and idle a gradient, for K = 1, ..., M."""
    protocols = [KSync(M, k) for k in range(1, M + 1)]
    work = MEAN_ONE[law]
    parts = [(p.useful_time(work), p.wasted_time(work), p.idle_time(work)) for p in protocols]
    return np.array(parts) / np.arange(1, M + 1)[:, None]


def three_bills(axes, k, law):
    """Draw one iteration with its cancelled work hatched, and the three bills against K."""
    u = np.random.default_rng(DICE).random(M)  # the same dice for every law
    times = np.asarray(MEAN_ONE[law].ppf(u), float)
    update, early = np.sort(times)[k - 1], np.zeros(M, bool)
    early[np.argsort(times, kind="stable")[:k]] = True
    draw_iteration(axes[0], times, early, update)
    draw_bills(axes[1], k, law)
    used, cancelled, idle = bills(law)[k - 1]
    mean = KSync(M, k).time_per_update(MEAN_ONE[law])
    return (
        f"{law[0].upper() + law[1:]}, {k} of {M}: an update takes {mean:.4g} on average. A "
        f"gradient costs {used + cancelled + idle:.3g} of worker-time: {used:.3g} used, "
        f"{cancelled:.3g} cancelled, {0 if idle < 1e-9 else idle:.3g} idle. In the iteration drawn "
        f"the update comes at {update:.3g} and cancels {M - k}."
    )


def draw_iteration(ax, times, early, update):
    """Draw a bar a worker: solid if it is used, hatched if it is cancelled, then the idling."""
    rows = np.arange(1, M + 1)
    ax.set(xlim=(0, 3.6), ylim=(M + 1, -2.2), xlabel="time", title="one iteration")
    ax.set_yticks([1, 5, 10, 15, 20])
    ax.grid(False)
    bars(ax, times[early], np.full(early.sum(), update), rows[early], COLOURS["waiting"])
    bars(ax, np.zeros(early.sum()), times[early], rows[early], COLOURS["kth"])
    late = ~early
    bars(
        ax, np.zeros(late.sum()), np.full(late.sum(), update), rows[late], COLOURS["slowest"], HATCH
    )
    ax.vlines(update, 0.3, M + 0.7, color=COLOURS["kth"], lw=2)
    label(ax, (update, 0), "the update", COLOURS["kth"], "middle", above=0)


def draw_bills(ax, k, law):
    """Draw the worker-time that one gradient costs, in its three parts, against K."""
    tops, ks = np.cumsum(bills(law), axis=1).T, np.arange(1, M + 1)
    ax.set(xlim=(0.5, M + 0.5), ylim=(0, 5), xlabel="gradients waited for, K")
    ax.set(title="worker-time that a gradient costs")
    ax.set_xticks([1, 5, 10, 15, 20])
    ax.fill_between(ks, 0, tops[0], color=COLOURS["kth"], lw=0, label="used")
    ax.fill_between(
        ks,
        tops[0],
        tops[1],
        facecolor="none",
        edgecolor=COLOURS["slowest"],
        hatch=HATCH,
        lw=0,
        label="cancelled",
    )
    ax.fill_between(ks, tops[1], tops[2], color=COLOURS["waiting"], lw=0, label="idle")
    ax.plot(ks, tops[0], color=COLOURS["kth"], lw=1, label="_used")
    for top, name in zip(tops, ("used", "used + cancelled", "all three"), strict=True):
        ax.plot(ks, top, color=COLOURS["limit"], lw=0.8, label=name)
    ax.vlines(k, 0, min(tops[2, k - 1], 4.2), color=COLOURS["limit"], lw=2)
    handles = [each for each in ax.collections if not each.get_label().startswith("_")]
    ax.legend(handles=handles, loc="upper center", ncols=3, handlelength=1.2, columnspacing=1)


# -------------------------------------------------------------------------------------------------
# The ray


@cache
def throughputs(law, m):
    """Return K / (m E X_{K:m}) for K = 1, ..., m."""
    means = [order_statistic(RAYS[law], k, m).mean() for k in range(1, m + 1)]
    return np.arange(1, m + 1) / (m * np.array(means))


def least_slope(law):
    """Return where the lowest ray touches the quantile curve, and its slope."""
    work, touch = RAYS[law], optimal_fraction(RAYS[law])
    if touch:
        return touch, float(work.ppf(touch)) / touch
    return 0.0, float(work.ppf(1e-9)) / 1e-9


def touching_ray(axes, law, m):
    """Draw the quantile curve with the lowest ray that meets it, and the exact throughputs."""
    touch, slope = least_slope(law)
    best, seen = optimal_k(RAYS[law], m), throughputs(law, m)
    flat = np.ptp(seen) < 1e-9
    draw_curve(axes[0], RAYS[law], touch, slope, flat)
    draw_throughputs(axes[1], law, m, best, slope, flat)
    where = "lies on the curve" if flat else f"touches at {touch:.3f}"
    choice = "every K is equally good" if flat else f"the best K is {best}, {best / m:.3g} of all"
    return (
        f"{law[0].upper() + law[1:]}: the lowest ray {where}, with slope {slope:.4g}. With {m} "
        f"workers {choice}, and {m * seen[best - 1]:.4g} gradients are used per unit of time."
    )


def draw_curve(ax, work, touch, slope, flat):
    """Draw Q(u), and the ray from the origin of the least slope."""
    u = np.concatenate([[1e-6], np.linspace(0.005, 0.995, 100)])
    ax.plot(u, work.ppf(u), color=COLOURS["typical"], label="Q(u)")
    ax.plot([0, 1], [0, slope], "--", color=COLOURS["kth"], lw=2.4, label="the lowest ray")
    ax.set(xlim=(0, 1), ylim=(0, 4.5), xlabel="share u of the workers")
    ax.set_title("Q(u): when a share u is done")
    if not flat:
        ax.plot(touch, slope * touch, "^", color=COLOURS["kth"], fillstyle="full", markersize=9)
        side = "right" if touch < 0.5 else "left"
        place = (touch, 0.9) if touch < 0.1 else (touch, slope * touch)
        label(ax, place, f"touches at {touch:.3g}", COLOURS["kth"], side, above=12)


def draw_throughputs(ax, law, m, best, slope, flat):
    """Draw the exact throughput a worker against K / m, and its limit u / Q(u)."""
    u, seen, share = np.linspace(0.002, 0.998, 120), throughputs(law, m), np.arange(1, m + 1) / m
    work = RAYS[law]
    ax.plot(u, u / work.ppf(u), "--", color=COLOURS["limit"], lw=1.2, label="limit")
    ax.plot(share, seen, MARKERS["kth"] if m <= 20 else "-", color=COLOURS["kth"], label="exact")
    ax.set(xlim=(0, 1.03), ylim=(0, 1.2), xlabel="K / m")
    ax.set_title("gradients per worker and unit of time")
    top = (best / m, seen[best - 1])
    ax.plot(*top, "^", color=COLOURS["kth"], fillstyle="full", markersize=9)
    text = "every K" if flat else f"best K = {best}"
    near = u[abs(u - top[0]) < 0.15]  # the limit may pass above the point
    place = (0.5, top[1]) if flat else (top[0], max(top[1], (near / work.ppf(near)).max()))
    label(ax, place, text, COLOURS["kth"], "middle", above=10)


# -------------------------------------------------------------------------------------------------
# When to give up on one task


@cache
def attempts(law):
    """Return times of 50 attempts for each of TASKS tasks, the same dice for every law."""
    u = np.random.default_rng(22).random((TASKS, 50))
    return np.asarray(RESTARTS[law].ppf(u), float)


def mean_with_restart(law, age):
    """Return E T_d, inf where no attempt can be done by then."""
    work = RESTARTS[law]
    return restarted(work, age).mean() if work.cdf(age) > 0 else np.inf


def give_up(axes, law, age):
    """Draw tasks whose attempts are cut off at an age, and the mean time against that age."""
    draw_attempts(axes[0], attempts(law), age)
    draw_means(axes[1], law, age)
    one, here = RESTARTS[law].mean(), mean_with_restart(law, age)
    start = f"{law[0].upper() + law[1:]}, given up at the age {age:g}: "
    if np.isinf(here):
        return start + f"no attempt is ever done. Without restarts a task takes {one:.4g}."
    verdict = "changes nothing" if np.isclose(here, one) else "helps" if here < one else "hurts"
    return start + (
        f"a task takes {here:.4g} on average, without restarts {one:.4g}. Giving up {verdict}. "
        f"An attempt is done in time with probability {RESTARTS[law].cdf(age):.3g}."
    )


def draw_attempts(ax, times, age):
    """Draw a row a task: hatched attempts that were given up, and the one that was done."""
    done = times <= age
    number = np.where(done.any(axis=1), done.argmax(axis=1), times.shape[1])
    ax.set(xlim=(0, 12), ylim=(TASKS + 0.8, 0.2), xlabel="time", title="twelve tasks")
    ax.set_yticks([1, 4, 8, 12])
    ax.grid(False)
    cut = [(i + 1, n) for i, count in enumerate(number) for n in range(count) if n * age < 12]
    rows, which = np.array(cut).T if cut else (np.empty(0), np.empty(0))
    bars(ax, which * age, (which + 1) * age, rows, COLOURS["slowest"], HATCH)
    good = np.flatnonzero(done.any(axis=1))
    start = number[good] * age
    end = start + times[good, number[good]]
    bars(ax, start, end, good + 1, COLOURS["kth"])


@cache
def mean_curve(law):
    """Return ages and E T_d there."""
    low = RESTARTS[law].support()[0]
    ages = np.unique(np.concatenate([np.geomspace(0.1, 6, 50), [1.0, 1.001, 2.0]]))
    ages = ages[(ages > low) | (RESTARTS[law].cdf(ages) > 0)]
    return ages, np.array([mean_with_restart(law, age) for age in ages])


@cache
def simulated_means(law, count=4000):
    """Return a few ages and simulated means of E T_d, attempt by attempt."""
    rng, work = np.random.default_rng(DICE), RESTARTS[law]
    ages = np.array([0.5, 1.5, 3.0, 5.0])
    ages = ages[work.cdf(ages) > 0]
    means = []
    for age in ages:
        total, running = np.zeros(count), np.ones(count, bool)
        while running.any():
            attempt = work.rvs(size=count, random_state=rng)
            total += np.where(running, np.minimum(attempt, age), 0)
            running &= attempt > age
        means.append(total.mean())
    return ages, np.array(means)


def draw_means(ax, law, age):
    """Draw the mean time of a task against the age at which it is given up."""
    one, here = float(RESTARTS[law].mean()), mean_with_restart(law, age)
    ax.axhline(one, color=COLOURS["limit"], ls="--", lw=1.2)
    ax.plot(*mean_curve(law), color=COLOURS["kth"], label="given up at d, exact")
    ax.plot(*simulated_means(law), MARKERS["kth"], color=COLOURS["kth"], label="simulated")
    ax.set(xlim=(0, 6), ylim=(0, 5), xlabel="given up at the age d", title="mean time of a task")
    label(ax, (6, one), "never given up", COLOURS["limit"], "left", above=4)
    if here <= 5:
        ax.plot(age, here, "^", color=COLOURS["kth"], fillstyle="full", markersize=9)
        label(ax, (age, here), f"{here:.3g}", COLOURS["kth"], above=20 if here > one else -20)
    else:
        text = "never done" if np.isinf(here) else f"{here:.3g}, above"
        label(ax, (age, 4.4), text, COLOURS["kth"], "middle", above=0)


def not_fresh(ax):
    """Draw the mean time of a task whose restarts may meet the trouble that they fled from."""
    same = np.linspace(0, 0.99, 100)
    ax.axhline(1.9, color=COLOURS["limit"], ls="--", lw=1.2)
    ax.plot(same, with_the_same_trouble(same), color=COLOURS["kth"], label="exact")
    some = np.array([0, 0.3, 0.6, 0.8, 0.9, 0.95])
    seen = [simulated_with_the_same_trouble(each) for each in some]
    ax.plot(some, seen, MARKERS["kth"], color=COLOURS["kth"], label="simulated")
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 6), title="mean time of a task, given up at 1")
    ax.set_xlabel("chance of the same trouble again")
    label(ax, (0, 1.9), "never given up", COLOURS["limit"], "right", above=4)
    even = 1 - 0.1 / (0.9 * 0.9)
    return (
        f"A task of two speeds, 1 or with probability 0.1 10, given up at the age 1: "
        f"{with_the_same_trouble(0):.3g} on average if every restart is fresh, "
        f"{with_the_same_trouble(0.5):.3g} if one in two meets the same trouble, "
        f"{with_the_same_trouble(0.95):.3g} if 95 % do. Beyond a chance of {even:.3f} it takes "
        "longer than the 1.9 without restarts."
    )


def with_the_same_trouble(same):
    """Return the mean time where a restart is slow again with the chance `same`, else fresh."""
    return 1 + 0.1 / (0.9 * (1 - same))


def simulated_with_the_same_trouble(same, count=20_000):
    """Return the same, attempt by attempt."""
    rng, total = np.random.default_rng(DICE), 0
    slow = rng.random(count) < 0.1
    while len(slow):
        total += len(slow)
        slow = slow[slow]  # the others are done
        slow = (rng.random(len(slow)) < same) | (rng.random(len(slow)) < 0.1)
    return total / count


# -------------------------------------------------------------------------------------------------
# Wait for half


def half_law(law, m):
    """Return the law of a name; "nothing or long" is slow for a few more workers than half."""
    if HALVES[law] is not None:
        return HALVES[law]
    return two_point(usual=0, slow=1, probability=0.5 + 0.5 * m**-0.4)


@cache
def shares_of_nobody_waits(law, m):
    """Return the throughput of K-sync for K = 1, ..., m, beside that of workers that never wait."""
    work = half_law(law, m)
    k = np.arange(1, m + 1)
    means = np.array([order_statistic(work, int(each), m).mean() for each in k])
    return k * work.mean() / (m * means)


def wait_for_half(ax, law, m):
    """Draw the throughput of K-sync against K / m, and the floor that no law goes below."""
    k, share = np.arange(1, m + 1), np.arange(1, m + 1) / m
    floor, seen = k * (m - k + 1) / m**2, shares_of_nobody_waits(law, m)
    for other in HALVES:
        ax.plot(share, shares_of_nobody_waits(other, m), color=COLOURS["waiting"], lw=1)
    ax.fill_between(share, 1e-3, floor, color=COLOURS["waiting"], alpha=0.35, lw=0)
    ax.plot(share, floor, "--", color=COLOURS["limit"], label="no law is below")
    ax.plot(share, seen, color=COLOURS["kth"], lw=2.4, label=law)
    ax.axhline(1, color=COLOURS["fastest"], lw=1.2)
    half = (m + 1) // 2
    ax.plot(half / m, seen[half - 1], "^", color=COLOURS["kth"], fillstyle="full", markersize=9)
    ax.set(yscale="log", xlim=(0, 1.02), ylim=(0.008, 12), xlabel="K / m")
    ax.set_title("gradients used; nobody waits: 1")
    ax.set_yticks([0.01, 0.1, 0.25, 1, 10], ["0.01", "0.1", "¼", "1", "10"])
    label(ax, (half / m, 5.5), f"{seen[half - 1]:.3g}", COLOURS["kth"], "middle", above=0)
    label(ax, (0.5, 0.012), "no law comes here", COLOURS["limit"], "middle", above=0)
    return (
        f"{law[0].upper() + law[1:]}, {m} workers: waiting for {half} uses {seen[half - 1]:.3f} of "
        f"the gradients that workers who never wait would make, and at least "
        f"{floor[half - 1]:.3f} for every law. Waiting for all uses {seen[-1]:.3f}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def cheapest_gradient():
    """Return the least worker-time of a gradient under two speeds, and what most people miss."""
    costs = bills("two speeds").sum(axis=1)
    return float(costs.min()), (
        f"It is reached at K = {costs.argmin() + 1}. Most people say more than 1: whoever cancels "
        f"throws work away, and that must cost something. But the work that is thrown away is the "
        f"beginning of long gradients, which would have cost much more at their end."
    )
