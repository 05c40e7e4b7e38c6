"""Figures of the chapter "How large a step"."""

import math
from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..explorer.words import counted
from ..laws.named import exponential
from ..order_statistics.harmonic import harmonic
from ..protocols.asynchronous import Async
from ..protocols.k_async import KAsync
from ..protocols.synchronous import KSync, Sync
from ..training.delay import ConstantDelay
from ..training.quadratic import Quadratic
from ..training.sgd import train

TEAM, SEED = 10, 4
GREEN, PLUM, GREY = COLOURS["kth"], COLOURS["typical"], COLOURS["limit"]
RED, BLUE = COLOURS["slowest"], COLOURS["fastest"]
NOISE, RUNS, UPDATES, EVERY, SPARSE = 0.3, 20, 120, 4, 6
BOWL = Quadratic(curvature=1, noise=NOISE, start=1)

# -------------------------------------------------------------------------------------------------
# Twenty runs and their mean

DELAYS = {"always 9": ConstantDelay(TEAM - 1), "random, mean 9": Async(TEAM)}
STEPS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.5, 2, 4)


FINEST = 0.04  # one point in the picture: fewer digits to send


@cache
def runs(delay, theta):
    """Return the models of 20 runs at every sixth update, shape (runs, updates / 6 + 1)."""
    rng, rows = np.random.default_rng(SEED), np.arange(RUNS)
    x, held, found = np.ones(RUNS), np.ones((RUNS, TEAM)), []
    for n in range(UPDATES + 1):
        if n % SPARSE == 0:
            found.append(x)
        who = rng.integers(TEAM, size=RUNS) if delay != "always 9" else n % TEAM
        x = x - theta * (held[rows, who] + NOISE * rng.standard_normal(RUNS))
        held[rows, who] = x
    return np.round(np.array(found).T / FINEST) * FINEST


@cache
def exact_means(delay, theta):
    """Return the mean model, and the root of its mean square, at every fourth update."""
    counts = np.arange(0, UPDATES + 1, EVERY)
    protocol = DELAYS[delay]
    means = [BOWL.mean_after(protocol, theta, int(n))[0] for n in counts]
    return np.array(means), np.sqrt(2 * BOWL.error_after(protocol, theta, counts))


REACH, LOW, HIGH = 3.0, 1e-4, 1e6


def paths(axes, delay, theta):
    """Draw twenty runs and the mean of all, and the sizes of mean and mean square, by update."""
    left, right = axes
    counts, (mean, root) = np.arange(0, UPDATES + 1, EVERY), exact_means(delay, theta)
    for path in runs(delay, theta):
        left.plot(
            np.arange(0, UPDATES + 1, SPARSE),
            np.clip(path, -1.1 * REACH, 1.1 * REACH),
            color=BLUE,
            lw=0.5,
            alpha=0.5,
        )
    left.plot(counts, np.clip(mean, -1.2 * REACH, 1.2 * REACH), color=RED, lw=2.6, label="mean")
    left.set(
        xlim=(0, UPDATES), ylim=(-REACH, REACH), xlabel="update", title="20 runs, the exact mean"
    )
    right.plot(counts, np.clip(abs(mean), LOW / 9, HIGH * 9), color=RED, lw=2.6, label="|mean|")
    right.plot(counts, np.clip(root, LOW / 9, HIGH * 9), "--", color=BLUE, label="root mean square")
    right.set(yscale="log", xlim=(0, UPDATES), ylim=(LOW, HIGH), xlabel="update")
    right.set(title="size, exact")
    right.set_yticks([1e-3, 1, 1e3])
    label(right, (45, 1e5), "- - root mean square", BLUE, above=0)
    label(right, (45, 1e4), "— mean", RED, above=0)
    still, calm = abs(mean[-1]) < 1, root[-1] < 1
    verdict = {
        (True, True): "both the mean and the mean square settle",
        (True, False): "the mean settles, the mean square does not",
        (False, False): "neither the mean nor the mean square settles",
    }[still, calm]
    return (
        f"{TEAM} asynchronous workers, a delay that is {delay}, scaled step {theta}: after "
        f"{UPDATES} updates the mean is {mean[-1]:.2g} and the root of the mean square "
        f"{root[-1]:.2g}; {verdict}."
    )


# -------------------------------------------------------------------------------------------------
# The roots of a constant delay

SHARES = (0.1, 0.2, 0.35, 0.5, 0.75, 0.9, 1, 1.1, 1.3)
LENGTH = 80


@cache
def roots_of(delay, theta):
    """Return the roots of z^(delay + 1) - z^delay + theta."""
    return np.roots([1.0, -1.0, *[0.0] * (delay - 1), theta] if delay else [1.0, theta - 1])


def path_of(delay, theta):
    """Return the noiseless path of a constant delay from 1."""
    path = [1.0] * (delay + 1)
    for n in range(LENGTH):
        path.append(path[-1] - theta * path[n])
    return np.array(path[delay:])


def roots(axes, delay, share):
    """Draw the roots of a constant delay in the unit circle, and the noiseless path."""
    left, right = axes
    theta = share * ConstantDelay(delay).limit
    found, turn = roots_of(delay, theta), np.linspace(0, 2 * np.pi, 91)
    outside = int((abs(found) > 1 + 1e-9).sum())
    on = int((abs(abs(found) - 1) <= 1e-9).sum())
    left.plot(np.cos(turn), np.sin(turn), color=GREY, lw=1)
    left.plot(found.real, found.imag, "x", color=RED, mew=2, label="roots")
    left.set(xlim=(-2.01, 2.01), ylim=(-1.3, 1.3), title="roots in the complex plane")
    left.set_xticks([-1, 0, 1])
    left.set_yticks([-1, 0, 1])
    path = path_of(delay, theta)
    right.axhline(0, color=GREY, lw=1)
    right.plot(np.clip(path, -3, 3), color=BLUE, label="x")
    right.set(xlim=(0, LENGTH), ylim=(-2.5, 2.5), xlabel="update")
    right.set_title(f"the path from 1, scaled step {theta:.4f}")
    kind = "falls without a change of sign" if (path > 0).all() else "swings"
    return (
        f"Every gradient {counted(delay, 'update')} old, scaled step {theta:.4f}, {share} of the "
        f"limit: {counted(outside, 'root')} outside the unit circle, {on} on it. The path {kind}."
    )


# -------------------------------------------------------------------------------------------------
# K-async

CROWDS = (5, 10, 20, 50)


@cache
def limits_by_k(m):
    """Return the largest scaled steps of K-async for K = 1, ..., m."""
    return np.array([BOWL.largest_step(KAsync(m, k)) for k in range(1, m + 1)])


@cache
def floors_by_k(m, theta):
    """Return the floors of K-async and K-sync, unit noise, for K = 1, ..., m."""
    unit = Quadratic()
    stale = [unit.floor(KAsync(m, k), theta) for k in range(1, m + 1)]
    fresh = [unit.floor(KSync(m, k), theta) for k in range(1, m + 1)]
    return np.array(stale), np.array(fresh)


def middle_k(axes, m, theta):
    """Draw K-async's largest step and floor against K."""
    left, right = axes
    k, limits, (stale, fresh) = np.arange(1, m + 1), limits_by_k(m), floors_by_k(m, theta)
    stable = np.isfinite(stale)
    top = 1.28 * limits.max()
    left.axhline(2, color=RED, lw=1.4, label="one worker, or sync")
    left.plot(k, limits, "-", color=GREEN, label="K-async")
    left.axhline(theta, color=PLUM, lw=1, ls="--")
    left.set(xlim=(0, m + 1), ylim=(0, top), xlabel=f"K of {m}", title="largest scaled step")
    for ax in axes:
        ax.locator_params(axis="x", integer=True)
    label(left, (0, 2), "sync 2", RED, above=2)
    right.plot(k, fresh, color=RED, lw=1.4, label="K-sync")
    right.plot(k[stable], stale[stable], "-", color=GREEN, label="K-async")
    right.set(yscale="log", xlim=(0, m + 1), ylim=(1e-3, 30), xlabel=f"K of {m}", title="floor")
    right.set_yticks([1e-2, 1e-1, 1, 10], ["0.01", "0.1", "1", "10"])
    label(right, (0.55 * m, 8), "— K-async", GREEN, above=0)
    label(right, (0.55 * m, 2.6), "— K-sync", RED, above=0)
    best, above = int(limits.argmax()), k[(limits > 2 * (1 + 1e-9))]
    more = (
        f"for K = {above[0]} to {above[-1]} it is above sync's 2" if len(above) else "none is > 2"
    )
    stands = f"stable from K = {k[stable][0]} on" if stable.any() else "stable for no K"
    return (
        f"K-async with {m} exponential workers: the largest scaled step is {limits[best]:.4f}, at "
        f"K = {k[best]}; {more}. The step {theta} is {stands}."
    )


# -------------------------------------------------------------------------------------------------
# Speed limits


@cache
def speed_limits(m):
    """Return the largest scaled step times updates in a mean time, by the name of the protocol."""
    work, half = exponential(rate=1), max(m // 2, 1)
    names = {
        "sync": Sync(m),
        "half-sync": KSync(m, half),
        "half-async": KAsync(m, half),
        "async": Async(m),
    }
    found = {
        name: BOWL.largest_step(protocol) / protocol.time_per_update(work)
        for name, protocol in names.items()
    }
    return found | {"clockwork sync": 2.0, "clockwork async": m * ConstantDelay(m - 1).limit}


def speeds(axes, m):
    """Draw the speed limits of six systems for m workers, and of four against m."""
    left, right = axes
    found = speed_limits(m)
    for row, (name, value) in enumerate(found.items()):
        colour = GREY if "clockwork" in name else GREEN
        left.barh(row, value, height=0.4, color=colour, label=name)
        label(left, (0, row - 0.22), f"{name} {value:.3f}", colour, above=0)
    left.set(xlim=(0, 1.1 * max(found.values())), ylim=(5.5, -0.85), xlabel="step × updates")
    left.set(title="per mean time of a gradient")
    left.set_yticks([])
    left.grid(False)
    sizes = np.array([1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100])
    right.plot(
        sizes, [speed_limits(int(one))["async"] for one in sizes], color=GREEN, label="async"
    )
    right.plot(sizes, np.sqrt(2 * sizes), "--", color=GREY, label="√(2 m)")
    right.plot(sizes, [2 / harmonic(int(one)) for one in sizes], color=RED, label="sync")
    clock = [one * ConstantDelay(int(one) - 1).limit for one in sizes]
    right.plot(sizes, clock, "-.", color=BLUE, label="clockwork async")
    right.axhline(math.pi / 2, color=GREY, lw=1, ls=":")
    right.axvline(m, color=PLUM, lw=1, ls="--")
    right.set(xscale="log", yscale="log", xlim=(1, 110), ylim=(0.25, 60), xlabel="workers m")
    right.set_xticks([1, 10, 100], ["1", "10", "100"])
    right.set_yticks([1, 10], ["1", "10"])
    right.set(title="the same against m")
    label(right, (1.1, 30), "— async", GREEN, above=0)
    label(right, (1.1, 18), "-·- clockwork async", BLUE, above=0)
    label(right, (1.1, 0.29), "— sync", RED, above=0)
    each = ", ".join(f"{name} {value:.4f}" for name, value in found.items())
    team = "1 worker" if m == 1 else f"{m} workers"
    return f"{team}, largest scaled step times updates in a mean time of a gradient: {each}."


# -------------------------------------------------------------------------------------------------
# Where the quadratic is no guide


class LogCosh:
    """F(x) = log cosh x: curvature 1 at its minimum, and gradients that never exceed 1."""

    start = (1.0,)

    def draw(self, rng, count):
        """Return the noise of `count` gradients, shape (count, 1)."""
        return NOISE * rng.standard_normal((count, 1))

    def gradients(self, points, drawn):
        """Return the gradients at the rows of points."""
        return np.tanh(points) + drawn

    def gradient(self, x, rng):
        """Return one noisy gradient at x."""
        return np.tanh(x) + NOISE * rng.standard_normal(1)

    def losses(self, points):
        """Return F at each row of points."""
        size = abs(points[:, 0])
        return size + np.log1p(np.exp(-2 * size)) - math.log(2)

    def loss(self, x):
        """Return F(x)."""
        return float(self.losses(np.reshape(x, (1, 1)))[0])


BENT_STEP, REPLICAS, BENT_UPDATES = 1.0, 400, 200


@cache
def bent_run(step):
    """Return the run of `train` on log cosh, ten asynchronous workers with exponential times."""
    rng, work = np.random.default_rng(SEED), exponential(rate=1)
    return train(
        Async(TEAM), LogCosh(), work, step=step, rng=rng, updates=BENT_UPDATES, replicas=REPLICAS
    )


def bent(ax):
    """Draw the loss by update of the quadratic and of log cosh, at twice the quadratic's limit."""
    run, counts = bent_run(BENT_STEP), np.arange(0, BENT_UPDATES + 1, 2)
    square = BOWL.error_after(Async(TEAM), BENT_STEP, counts)
    ax.plot(counts, square, color=RED, label="quadratic, exact")
    ax.plot(run.updates, run.loss, MARKERS["fastest"], color=BLUE, ms=2.5, label="log cosh")
    ax.set(yscale="log", xlim=(0, BENT_UPDATES), ylim=(0.1, 1e4), xlabel="update")
    ax.set(title="mean loss at scaled step 1")
    ax.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    label(ax, (4, 3e3), "quadratic", RED, above=-6)
    label(ax, (120, 12), "□ log cosh", BLUE, above=0)
    return (
        f"{TEAM} asynchronous exponential workers at scaled step {BENT_STEP:g}. After "
        f"{BENT_UPDATES} updates the mean loss of the quadratic is {square[-1]:.2g}, that of log "
        f"cosh {run.loss[-1]:.2f}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def step_of_the_mean():
    """Return the step up to which the mean of the runs settles, and what most people miss."""
    mean, square = (BOWL.largest_step(Async(TEAM), moment=moment) for moment in (1, 2))
    return float(mean), (
        f"Most people say {square:g}, the step up to which the runs go well. Beyond it the mean "
        f"square explodes, and at somewhat larger steps every run does, to both sides. Their mean "
        f"still goes to 0: a mean that settles says nothing about a run."
    )
