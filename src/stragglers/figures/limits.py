"""Figures of the chapter "How fast can anyone be"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.named import deterministic, exponential, pareto, shifted_exponential, uniform
from ..protocols.asynchronous import Async
from ..protocols.synchronous import KBatchSync, KSync, Sync
from ..training import Quadratic, dice, fixed_time_bound, time_of_gradients, train

TEAM, DICE = 30, 23
PARKS = {
    "one fast, 29 slow": (1,) + (50,) * 29,
    "all alike": (1,) * 30,
    "1 to 30": tuple(range(1, 31)),
    "squares": tuple(i * i for i in range(1, 31)),
    "one straggler": (1,) * 29 + (1000,),
}

# -------------------------------------------------------------------------------------------------
# B gradients as soon as possible

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def g(park, ratio):
    """Return the least (ratio + j) / (rates of the j fastest) and its j."""
    return fixed_time_bound(PARKS[park], ratio)


def staircase(axes, park, count):
    """Draw how many gradients are in against time, and t(B) between its two bounds."""
    left, right = axes
    times, green, grey = np.array(PARKS[park]), COLOURS["kth"], COLOURS["limit"]
    bound, when = g(park, count)[0], time_of_gradients(PARKS[park], count)
    t = np.unique([n * time for time in PARKS[park] for n in range(int(1.25 * bound / time) + 1)])
    t = np.append(t[:: 1 + len(t) // 150], 1.25 * bound)  # more steps than that cannot be seen
    done = np.floor(t[:, None] / times * (1 + 1e-12)).sum(axis=1)
    left.step(t, done, where="post", color=green, label="gradients in")
    left.plot([when], [count], "o", color=green, label="t(B)")
    left.axhline(count, color=grey, lw=1)
    left.vlines([bound / 2, bound], 0, 1.8 * count, color=grey, ls="--", label="g/2 and g")
    left.set(xlim=(0, 1.25 * bound), ylim=(0, 1.8 * count), xlabel="time", title="gradients in")
    label(left, (bound / 2, 0.12 * count), "g/2", grey, above=0)
    label(left, (bound, 0.12 * count), "g", grey, above=0)
    all_ratios = [time_of_gradients(PARKS[park], b) / g(park, b)[0] for b in COUNTS]
    right.plot(COUNTS, all_ratios, "-", color=green, label="t(B) / g(B)")
    right.plot([count], [when / bound], "o", color=green, label="this B")
    right.axhline(1, ls="--", color=grey, label="upper bound")
    right.axhline(0.5, ls="--", color=grey, label="lower bound")
    right.set_xscale("log")
    right.set(xlim=(0.9, 550), ylim=(0.4, 1.15), xlabel="B", title="t(B) over g(B)")
    label(right, (1, 1.02), "never above", grey, above=0)
    label(right, (1, 0.43), "never below", grey, above=0)
    some = "1 gradient is" if count == 1 else f"{count} gradients are"
    return (
        f"Thirty workers, {park}: {some} in at t(B) = {when:g}, between "
        f"g/2 = {bound / 2:.4g} and g = {bound:.4g}; the quotient t(B)/g is {when / bound:.3f}."
    )


# -------------------------------------------------------------------------------------------------
# Who should work


def who_works(axes, park, ratio):
    """Draw the time bound against the number who work, and whom it pays to ask."""
    left, right = axes
    times, blue, grey = np.array(PARKS[park], dtype=float), COLOURS["fastest"], COLOURS["limit"]
    j = np.arange(1, TEAM + 1)
    bounds = (ratio + j) / np.cumsum(1 / times)
    least, best = g(park, ratio)
    left.plot(j, bounds, color=blue, label="the j fastest work")
    left.plot([best], [least], "o", color=blue, label="least")
    left.set_yscale("log")
    left.set(xlim=(0, 31), ylim=(0.5 * least, 6 * bounds.max()), xlabel="how many work, j")
    left.set_title("(ς + j) / rates of the j fastest")
    label(left, (best, 0.55 * least), f"j = {best}: {least:.4g}", blue, "middle", above=0)
    right.plot(j, times, MARKERS["fastest"], color=blue, label="time of worker j")
    right.plot(j[1:], bounds[:-1], "--", color=grey, label="time of the others for all")
    right.set_yscale("log")
    low, high = min(times.min(), bounds.min()), max(times.max(), bounds.max())
    right.set(xlim=(0, 31), ylim=(0.5 * low, 60 * high), xlabel="worker j")
    right.set_title("its time, and that of the faster ones")
    label(right, (0.5, 17 * high), "□ one gradient of worker j", blue, above=0)
    label(right, (0.5, 4 * high), "- - what the faster ones need", grey, above=0)
    who = "the fastest works alone" if best == 1 else f"the {best} fastest work"
    return (
        f"Thirty workers, {park}, ς = {ratio}: best is that {who}, with {least:.4g}; the fastest "
        f"alone has {bounds[0]:.4g}, all thirty have {bounds[-1]:.4g}."
    )


# -------------------------------------------------------------------------------------------------
# Four methods on one quadratic

SIZE = 20
METHODS = ("sync", "Rennala", "Ringmaster", "async")
KINDS = {"sync": "slowest", "Rennala": "kth", "Ringmaster": "typical", "async": "fastest"}
SIGNS = dict(zip(METHODS, "o^Ds", strict=True))
SETTINGS = {  # the best of a grid: steps, then K of 1, 2, 4, 8, 16, 29 and R of 4, 8, 16, 32
    "at first": {
        ("one fast, 29 slow", "low"): ((1.9,), (1.4, 1), (1.4, 4), (1.4,)),
        ("all alike", "low"): ((1.9,), (1.9, 29), (0.1, 16), (0.05,)),
        ("1 to 30", "low"): ((1.9,), (1.4, 1), (0.7, 8), (0.4,)),
        ("squares", "low"): ((1.9,), (1.4, 1), (1.4, 4), (0.7,)),
        ("one straggler", "low"): ((1.9,), (1.9, 29), (0.1, 16), (0.05,)),
        ("one fast, 29 slow", "high"): ((1.4,), (0.2, 1), (0.2, 8), (0.14,)),
        ("all alike", "high"): ((1.4,), (1.4, 29), (0.03, 32), (0.03,)),
        ("1 to 30", "high"): ((1.4,), (1.0, 8), (0.1, 32), (0.07,)),
        ("squares", "high"): ((1.4,), (0.2, 1), (0.14, 16), (0.14,)),
        ("one straggler", "high"): ((1.4,), (1.4, 29), (0.03, 32), (0.03,)),
    },
    "for good": {
        ("one fast, 29 slow", "low"): ((1.9,), (1.4, 1), (1.4, 4), (0.1,)),
        ("all alike", "low"): ((1.9,), (1.9, 29), (0.1, 16), (0.05,)),
        ("1 to 30", "low"): ((1.9,), (1.4, 1), (0.7, 4), (0.3,)),
        ("squares", "low"): ((1.9,), (1.4, 1), (1.4, 4), (0.2,)),
        ("one straggler", "low"): ((1.9,), (1.9, 29), (0.1, 16), (0.05,)),
        ("one fast, 29 slow", "high"): ((1.4,), (0.14, 1), (0.14, 8), (0.03,)),
        ("all alike", "high"): ((1.4,), (1.4, 29), (0.03, 32), (0.03,)),
        ("1 to 30", "high"): ((1.4,), (0.7, 8), (0.1, 16), (0.07,)),
        ("squares", "high"): ((1.4,), (0.14, 1), (0.14, 16), (0.1,)),
        ("one straggler", "high"): ((1.4,), (1.4, 29), (0.03, 32), (0.03,)),
    },
}
NOISES = {"low": (0.05, 0.004), "high": (0.5, 0.02)}  # noise, target
UNTIL = {"all alike": 250, "one straggler": 250, "1 to 30": 700}
MOMENTS = 401


def bowl(noise):
    """Return the quadratic of a chain of 20 springs, F(x0) = 1/4, largest curvature nearly 1.

    In the coordinates of its own directions; the noise has the same variance in all of them.
    """
    k, i = np.arange(1, SIZE + 1), np.arange(1, SIZE + 1)
    curvature = (1 - np.cos(k * np.pi / (SIZE + 1))) / 2
    modes = np.sqrt(2 / (SIZE + 1)) * np.sin(np.outer(k, i) * np.pi / (SIZE + 1))
    start = modes @ (1 - i / (SIZE + 1))
    start *= np.sqrt(0.25 / (curvature @ start**2 / 2))
    return Quadratic(tuple(curvature), noise / np.sqrt(SIZE), tuple(start))


def laws(park):
    return [deterministic(float(time)) for time in PARKS[park]]


def span(park):
    """Return how long runs in a park are."""
    return UNTIL.get(park, 1600)


@cache
def raced(method, park, level, step, bound=None, until=None, replicas=24):
    """Return a run of a method; `bound` is R, or the K of Rennala."""
    until = until or span(park)
    protocol = KBatchSync(TEAM, bound) if method == "Rennala" else Async(TEAM)
    settings = {"threshold": bound} if method == "Ringmaster" else {}
    rng, at = np.random.default_rng(DICE), np.linspace(0, until, MOMENTS)
    settings |= {"step": step, "rng": rng, "until": until, "at": at, "replicas": replicas}
    return train(protocol, bowl(NOISES[level][0]), laws(park), **settings)


@cache
def updates_of_sync(level, step):
    """Return the exact loss of sync after 0, 1, ... updates."""
    return bowl(NOISES[level][0]).error_after(Sync(TEAM), step, range(600))


def reached_at(moments, losses, target, reached):
    """Return the moment at which losses reach a target at first, or for good; nan if never."""
    met = losses <= target
    if reached == "for good":
        met = np.logical_and.accumulate(met[::-1])[::-1]
    return float(moments[met.argmax()]) if met.any() else np.nan


@cache
def curve(method, park, level, reached):
    """Return moments, the mean loss at them, and the moment at which it is at the target."""
    target = NOISES[level][1]
    step, *bound = SETTINGS[reached][park, level][METHODS.index(method)]
    if method != "sync":
        run = raced(method, park, level, step, *bound)
        when = reached_at(run.times, run.loss_in_time, target, reached)
        return run.times, run.loss_in_time, when
    losses, each = updates_of_sync(level, step), max(PARKS[park])
    moments = np.linspace(0, span(park), MOMENTS)
    when = reached_at(each * np.arange(600), losses, target, reached)
    return moments, losses[np.minimum(moments // each, 599).astype(int)], when


def proved(method, park, level):
    """Return the time that is proved for a method, up to a constant and in units of L F0 / eps."""
    noise, target = NOISES[level]
    times, ratio = np.array(PARKS[park], dtype=float), noise**2 / target
    if method == "sync":
        return float(times.max() * (1 + ratio / TEAM))
    if method == "async":
        return float((1 + ratio / TEAM) / np.mean(1 / times))
    return g(park, ratio)[0]


def four_methods(axes, park, noise, reached):
    """Draw the loss of four methods, each tuned, and when each is at the target."""
    left, right = axes
    target, until = NOISES[noise][1], span(park)
    left.set_yscale("log")
    left.set(xlim=(0, until), ylim=(target / 6, 8), xlabel="time")
    left.set_title("mean loss, target dashed")
    right.set_xscale("log")
    right.set(xlim=(1, 4e5), ylim=(3.6, -0.8), xlabel="time", title=f"time to target, {reached}")
    met = {}
    for row, method in enumerate(METHODS):
        colour = COLOURS[KINDS[method]]
        moments, losses, met[method] = curve(method, park, noise, reached)
        seen = np.where(losses < 1e3, losses, np.nan)[::10]
        left.plot(moments[::10], seen, SIGNS[method] + "-", ms=4, lw=0.8, color=colour)
        left.lines[-1].set_label(method)
        right.barh(row, met[method], height=0.4, color=colour, label=method)
        text = f"{TEXTS[method]} {method} {met[method]:.0f}"
        label(right, (1.2, row - 0.24), text, colour, above=0)
    left.axhline(target, ls="--", color=COLOURS["limit"], label="target")
    right.set_yticks([])
    right.grid(False)
    each = ", ".join(f"{method} {time:.0f}" for method, time in met.items())
    first = min(met, key=met.get)
    return (
        f"Thirty workers, {park}, {noise} noise, each method with its best setting. Time to the "
        f"loss {target} {reached}: {each}. First: {first}."
    )


TEXTS = dict(zip(METHODS, "○△◇□", strict=True))

# -------------------------------------------------------------------------------------------------
# A bound on staleness

BOUNDS = (1, 2, 4, 8, 16, 32, 64)


def per_update(park, bound):
    """Return the gradients dropped for each update until time 250, which no step changes."""
    run = raced("Ringmaster", park, "low", 0.2, bound, 250)
    return run.dropped / run.staleness.sum()


def thresholds(axes, park, bound, step):
    """Draw the loss of Ringmaster with a bound R and without, and how many gradients it drops."""
    left, right = axes
    purple, blue, grey = (COLOURS[name] for name in ("typical", "fastest", "limit"))
    free = raced("async", park, "low", step, until=250)
    run = raced("Ringmaster", park, "low", step, bound, 250)
    with np.errstate(invalid="ignore"):
        for name, one, colour in (("async", free, blue), ("Ringmaster", run, purple)):
            losses = np.minimum(one.loss_in_time, 1e3)[::4]
            left.plot(one.times[::4], losses, color=colour, label=name)
    left.set_yscale("log")
    left.set(xlim=(0, 250), ylim=(1e-3, 1e2), xlabel="time", title="mean loss")
    label(left, (75, 20), "— async", blue, above=0)
    label(left, (75, 5), f"— Ringmaster, R = {bound}", purple, above=0)
    drops = [per_update(park, r) for r in BOUNDS]
    right.plot(BOUNDS, np.maximum(drops, 2e-3), "D", color=purple, label="dropped per update")
    right.plot(BOUNDS, 29 / np.array(BOUNDS), "--", color=grey, label="(m - 1)/R")
    right.axvline(bound, color=purple, lw=1)
    right.set_xscale("log", base=2)
    right.set_xticks(BOUNDS, map(str, BOUNDS))
    right.set_yscale("log")
    right.set(xlim=(0.9, 70), ylim=(1.5e-3, 300), xlabel="bound R", title="dropped per update")
    label(right, (4, 90), "- - at most", grey, above=0)
    label(right, (4, 30), "◇ seen (0 at the foot)", purple, above=0)
    ends = [one.loss_in_time[-1] for one in (run, free)]
    ended = [f"ends at {end:.3g}" if np.isfinite(end) else "runs away" for end in ends]
    gone = per_update(park, bound)
    return (
        f"Thirty workers, {park}, step {step}. With R = {bound}, {gone:.3f} gradients are dropped "
        f"for each update, at most {29 / bound:.3g} can be. The loss {ended[0]}; without a bound "
        f"it {ended[1]}."
    )


# -------------------------------------------------------------------------------------------------
# Half of the workers

CROWD, HALF, PER_GRADIENT = 21, 11, 0.02
CROWDS = {
    "1 + exponential": [shifted_exponential(shift=0.5, rate=2)] * CROWD,
    "exponential": [exponential(rate=1)] * CROWD,
    "uniform": [uniform(0, 2)] * CROWD,
    "constant": [deterministic(1.0)] * CROWD,
    "Pareto 1.1": [pareto(alpha=1.1, minimum=1 / 11)] * CROWD,
    "constant, one 1000 times slower": [deterministic(1.0)] * 20 + [deterministic(1000.0)],
    "constant, 1 to 21": [deterministic(float(i)) for i in range(1, 22)],
    "constant, each twice the last": [deterministic(2.0**i) for i in range(21)],
}
TEAMS = {"sync": KSync(CROWD, CROWD), "half": KSync(CROWD, HALF), "async": Async(CROWD)}
TEAM_KINDS = {"sync": "slowest", "half": "kth", "async": "fastest"}


def rate(name, law):
    """Return the gradients per unit of time that change the model, in the long run."""
    work = CROWDS[law]
    if name == "async":
        return float(sum(1 / one.mean() for one in work))
    equal = work[0] if len({id(one) for one in work}) == 1 else work
    return TEAMS[name].gradients_per_update / float(TEAMS[name].time_per_update(equal))


@cache
def trained(law):
    """Return a run of each team on one table of dice, with one step per gradient."""
    work, until = CROWDS[law], 12 * CROWD / rate("async", law)
    rng, rows = np.random.default_rng(DICE), 400
    if law.startswith("constant, each"):
        until, rows = 60.0, 80
    times = dice(work, CROWD, rows, rng, replicas=100)
    runs = {}
    for name, team in TEAMS.items():
        settings = {"at": np.linspace(0, until, 41), "times": times, "replicas": 100}
        step = PER_GRADIENT * team.gradients_per_update
        runs[name] = train(team, Quadratic(start=10), work, step=step, rng=rng, **settings)
    return runs


def half(axes, law):
    """Draw the gradients per second of three teams, and their loss on the same dice."""
    left, right = axes
    shares = {name: rate(name, law) / rate("async", law) for name in TEAMS}
    for row, name in enumerate(TEAMS):
        colour = COLOURS[TEAM_KINDS[name]]
        left.barh(row, shares[name], height=0.4, color=colour, label=name)
        label(left, (0.26, row - 0.24), f"{name} {shares[name]:.3g}", colour, above=0)
        run = trained(law)[name]
        right.plot(run.times, run.loss_in_time, MARKERS[TEAM_KINDS[name]], color=colour, label=name)
    left.axvline(0.25, ls="--", color=COLOURS["limit"], label="a quarter")
    left.set(
        xlim=(0, 3.2), ylim=(2.6, -0.8), xlabel="of nobody-waits", title="gradients per second"
    )
    left.set_yticks([])
    left.grid(False)
    last = max(run.times[-1] for run in trained(law).values())
    right.set_yscale("log")
    right.set(xlim=(0, 1.02 * last), ylim=(2e-3, 2e4), xlabel="time", title="mean loss, same dice")
    for row, (name, text) in enumerate(zip(TEAMS, ("○ sync", "△ half", "□ async"), strict=True)):
        colour = COLOURS[TEAM_KINDS[name]]
        label(right, (0.6 * last, 5000 / 4**row), text, colour, above=0)
    each = ", ".join(f"{name} {share:.4g}" for name, share in shares.items())
    return (
        f"{CROWD} workers, {law}. Gradients per second, in units of what they make if nobody "
        f"waits: {each}. Half-sync waits for the first {HALF}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def five_hundred_gradients():
    """Return when 500 gradients are in with one fast and 29 slow workers; what people miss."""
    park, count = PARKS["one fast, 29 slow"], 500
    when = time_of_gradients(park, count)
    return float(when), (
        f"The fast one alone needs {count * park[0]} seconds, and most people think that machines "
        f"so slow cannot change much. Together the 29 make {sum(1 / t for t in park[1:]):.2g} "
        f"gradients a second, more than half as many as the fast one."
    )
