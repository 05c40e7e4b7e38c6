"""Figures of the chapter "Copies and codes"."""

from functools import cache

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, MARKERS, label
from ..laws.named import (
    exponential,
    hyperexponential,
    pareto,
    shifted_exponential,
    two_point,
    uniform,
)
from ..order_statistics.equal_workers import order_statistic
from ..protocols.coding import GradientCoded
from ..protocols.gradient_code import coding_matrix, decoding_weights
from ..protocols.hedging import Hedge
from ..protocols.optimal import optimal_tolerance

# -------------------------------------------------------------------------------------------------
# What a copy does to the tail, and what it costs


LAWS = {
    "exponential": exponential(rate=1),
    "1 + exponential": shifted_exponential(shift=1, rate=1),
    "uniform": uniform(0, 2),
    "hyperexponential": hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]),
    "Lomax 2": stats.lomax(2),
    "Pareto 2": pareto(alpha=2, minimum=1),
}
MOST_COPIES = 6
FAR = np.geomspace(0.1, 100, 61)


@cache
def price(law, r):
    """Return the worker-time of a gradient computed r times over, in units of the mean time."""
    return r * float(order_statistic(LAWS[law], 1, r).mean()) / float(LAWS[law].mean())


def copies_and_tails(axes, law, r):
    """Draw P(task > t) for one copy and for r, and the worker-time against the copies."""
    left, right = axes
    busy = LAWS[law].sf(FAR)
    for chance, name, style in (
        (busy, "one copy", {"color": COLOURS["typical"], "ls": "--"}),
        (busy**r, f"{r} copies", {"color": COLOURS["kth"]}),
    ):
        seen = chance > 1e-7
        left.plot(FAR[seen], chance[seen], label=name, **style)
    left.set(xscale="log", yscale="log", xlim=(0.1, 100), ylim=(1e-6, 30), xlabel="t")
    left.set_yticks([1, 1e-2, 1e-4, 1e-6])
    left.set_title("P(task takes longer than t)")
    label(left, (0.11, 5), "- - one copy", COLOURS["typical"], above=0)
    label(left, (2.2, 5), f"— {r} {'copy' if r == 1 else 'copies'}", COLOURS["kth"], above=0)
    copies = np.arange(1, MOST_COPIES + 1)
    prices = np.array([price(law, one) for one in copies])
    right.axhline(1, color=COLOURS["limit"], ls="--", lw=1, label="one copy")
    right.plot(copies, prices, MARKERS["kth"], color=COLOURS["kth"], label="price")
    right.plot(r, prices[r - 1], "o", color=COLOURS["slowest"], fillstyle="full", label="here")
    right.set(xlim=(0.5, 6.5), ylim=(0, 4), xticks=copies, xlabel="copies")
    right.set_title("worker-time of a gradient")
    label(right, (r, prices[r - 1]), f"{prices[r - 1]:.3f}", COLOURS["slowest"], "middle")
    verdict = "as much as" if np.isclose(prices[r - 1], 1) else "times"
    cost = f"{prices[r - 1]:.3f} times the worker-time of" if verdict == "times" else "as much as"
    late = LAWS[law].sf(10) ** r
    more = f"{late:.3g}" if late >= 1e-6 else "less than one in a million"
    more = f" with one copy and {more} with {r}" if r > 1 else ""
    return (
        f"{law[0].upper()}{law[1:]} times, {r} {'copy' if r == 1 else 'copies'} of a gradient: it "
        f"costs {cost} a single one. P(task > 10) is {LAWS[law].sf(10):.3g}{more}."
    )


# -------------------------------------------------------------------------------------------------
# A copy of those who are late


TASKS = 100
DELAYS = (0, 0.5, 1, 1.5, 2, 3, 5, 8)
HEDGED = {
    "two speeds": two_point(usual=1, slow=10, probability=0.01),
    "exponential": LAWS["exponential"],
    "1 + exponential": LAWS["1 + exponential"],
    "Pareto 2": LAWS["Pareto 2"],
}


@cache
def hedged(law, delay):
    """Return the mean time of 100 tasks, the worker-time of a task in means, copies a task."""
    work = HEDGED[law]
    one = Hedge(1, delay)
    spent = one.useful_time(work) + one.wasted_time(work)
    time = Hedge(TASKS, delay).time_per_update(work)
    return time, spent / float(work.mean()), one.copies(work)


@cache
def unhedged(law):
    """Return the mean time of 100 tasks without copies."""
    return float(order_statistic(HEDGED[law], TASKS, TASKS).mean())


def late_copies(axes, law, delay):
    """Draw P(task > t) with a copy after a delay, and what each delay gains and costs."""
    left, right = axes
    work, t = HEDGED[law], np.linspace(0, 15, 301)
    alone = work.sf(t)
    task = np.where(t < delay, alone, alone * work.sf(np.maximum(t - delay, 0)))
    for chance, name, style in (
        (alone, "no copy", {"color": COLOURS["typical"], "ls": "--"}),
        (task, "with a copy", {"color": COLOURS["kth"]}),
    ):
        left.plot(t, np.where(chance > 1e-6, chance, np.nan), label=name, **style)
    left.plot([delay, delay], [1e-5, 1], color=COLOURS["slowest"], lw=1, label="delay")
    left.set(yscale="log", xlim=(0, 15), ylim=(1e-5, 30), xlabel="t")
    left.set_yticks([1, 1e-2, 1e-4])
    left.set_title("P(task takes longer than t)")
    label(left, (0.2, 5), "- - no copy", COLOURS["typical"], above=0)
    label(left, (7, 5), "— with a copy", COLOURS["kth"], above=0)
    found = np.array([hedged(law, one) for one in DELAYS])
    here, alone = hedged(law, delay), unhedged(law)
    right.plot(found[:, 1], found[:, 0], "-", color=COLOURS["limit"], lw=1, label="delays")
    right.plot(found[:, 1], found[:, 0], MARKERS["kth"], color=COLOURS["kth"], label="delay each")
    right.plot(1, alone, MARKERS["typical"], color=COLOURS["typical"], label="no copies")
    right.plot(here[1], here[0], "o", color=COLOURS["slowest"], fillstyle="full", label="here")
    right.set(xlim=(0.5, 2.1), ylim=(0, 1.25 * alone), xlabel="worker-time of a task, in means")
    right.set_title(f"mean time of {TASKS} tasks")
    label(right, (1, alone), "no copies", COLOURS["typical"], "middle", above=6)
    label(right, (1.25, 0.9 * alone), f"delay {delay}: {here[0]:.2f}", COLOURS["slowest"], above=0)
    made = f"{here[2]:.3g} {'copy' if here[2] == 1 else 'copies'} a task"
    return (
        f"{law[0].upper()}{law[1:]} times, a copy of each task that is late after {delay}: {made}. "
        f"{TASKS} tasks take {here[0]:.2f} on average, instead of {alone:.2f}, and a task costs "
        f"{here[1]:.3f} times the worker-time of one without copies."
    )


# -------------------------------------------------------------------------------------------------
# A gradient code, attacked


PARTS, SEED = 5, 1


@cache
def code(tolerates):
    """Return the coding matrix of five workers."""
    return coding_matrix(PARTS, tolerates, np.random.default_rng(SEED))


def decoded(matrix, finished):
    """Return how often each part counts in the sum, and whether that is once each."""
    if not finished:
        return np.zeros(matrix.shape[1]), False
    try:
        return decoding_weights(matrix, finished) @ matrix, True
    except ValueError:
        rows = matrix[finished]
        nearest = np.linalg.lstsq(rows.T, np.ones(matrix.shape[1]), rcond=None)[0]
        return nearest @ rows, False


def attack(axes, tolerates, late1, late2, late3, late4, late5):
    """Draw what five workers send, who is late, and how often each part counts in the sum."""
    left, right = axes
    late = [i for i, is_late in enumerate((late1, late2, late3, late4, late5)) if is_late]
    finished = [i for i in range(PARTS) if i not in late]
    matrix = code(tolerates)
    counts, works = decoded(matrix, finished)
    for who, style in (
        (finished, {"color": COLOURS["kth"], "alpha": 0.25, "label": "sends"}),
        (late, {"fc": "none", "ec": COLOURS["waiting"], "hatch": "////", "label": "late"}),
    ):
        row, part = np.nonzero(matrix[who])
        left.bar(part + 1, 0.8, 0.9, bottom=np.array(who, int)[row] + 0.6, **style)
    for i, j in zip(*np.nonzero(matrix), strict=True):
        if i in finished:
            text = f"{matrix[i, j]:.2f}".replace("-", "−")
            left.text(j + 1, i + 1, text, ha="center", va="center")
    left.set(xlim=(0.4, 5.6), ylim=(5.6, 0.4), xlabel="part of the data")
    left.set_xticks(range(1, PARTS + 1))
    left.set_yticks(range(1, PARTS + 1))
    left.set_title("what workers 1 to 5 send")
    left.grid(False)
    right.axhline(1, color=COLOURS["limit"], ls="--", lw=1, label="once")
    colour = COLOURS["kth" if works else "slowest"]
    right.bar(np.arange(1, PARTS + 1), counts, 0.6, color=colour, label="counts")
    right.set(xlim=(0.4, 5.6), ylim=(-0.5, 1.7), xlabel="part of the data")
    right.set_xticks(range(1, PARTS + 1))
    right.set_title("how often it counts in the sum")
    verdict = "decoded: every part once" if works else "lost: the sum is wrong"
    label(right, (3, 1.5), verdict, colour, "middle", above=0)
    who = ", ".join(str(i + 1) for i in late) or "nobody"
    if works:
        what = "The others give the exact sum." if late else "They give the exact sum."
    elif not finished:
        what = "Nobody has answered."
    else:
        times = ", ".join(f"{count:.2f}".replace("-", "−") for count in counts)
        what = f"The others cannot give the sum; at best the parts count {times} times."
    return f"A code of five workers that tolerates {tolerates}. Late: {who}. {what}"


# -------------------------------------------------------------------------------------------------
# Who grows with the load?


CODERS = 10
SHIFTS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
GROWS = {"the straggle scales": "scales", "the straggle adds": "adds"}


@cache
def coded_times(straggle, shift):
    """Return E T for s = 0, ..., 9, and the part of it that is the least time."""
    work = shifted_exponential(shift=shift, rate=1)
    codes = [GradientCoded(CODERS, s, straggle) for s in range(CODERS)]
    times = np.array([code.time_per_update(work) for code in codes])
    return times, shift * np.array([code.load for code in codes])


@cache
def best(straggle, shift):
    """Return the best s, the least of several."""
    return optimal_tolerance(shifted_exponential(shift=shift, rate=1), CODERS, straggle)


def all_best(straggle, shift):
    """Return every s that is as good as the best."""
    times, _ = coded_times(straggle, shift)
    return np.flatnonzero(np.isclose(times, times[best(straggle, shift)], rtol=1e-10, atol=0))


def who_grows(axes, straggle, shift, s):
    """Draw the time of an update against s, and the best s against the least time."""
    left, right = axes
    kind = GROWS[straggle]
    times, least = coded_times(kind, shift)
    place, winner = np.arange(CODERS), best(kind, shift)
    winners = all_best(kind, shift)
    left.bar(place, least, 0.6, color=COLOURS["typical"], label="computing")
    rest = times - least
    left.bar(place, rest, 0.6, bottom=least, color=COLOURS["waiting"], label="straggle")
    left.plot(winners, times[winners], "v", color=COLOURS["kth"], fillstyle="full", label="best")
    left.plot(s, times[s], "o", color=COLOURS["slowest"], ms=8, label="here")
    top = 1.45 * times.max()
    left.set(xlim=(-0.6, 9.6), ylim=(0, top), xlabel="late workers that the code bears, s")
    left.set_xticks(range(0, CODERS, 3))
    left.set_title("time of an update")
    label(left, (-0.5, 0.91 * top), "■ computing", COLOURS["typical"], above=0)
    label(left, (4.5, 0.91 * top), "■ straggle", COLOURS["limit"], above=0)
    label(left, (-0.5, 0.8 * top), "▼ best", COLOURS["kth"], above=0)
    label(left, (4.5, 0.8 * top), f"○ s = {s}: {times[s]:.3f}", COLOURS["slowest"], above=0)
    for one, style, colour in (("scales", "--", "slowest"), ("adds", "-", "kth")):
        found = [best(one, x) for x in SHIFTS]
        right.plot(SHIFTS, found, style, marker=MARKERS[colour], color=COLOURS[colour], label=one)
    right.plot(shift, winner, "o", color=COLOURS["typical"], ms=9, label="here")
    right.set(xscale="log", xlim=(0.07, 30), ylim=(-0.6, 13), xlabel="least time × rate, Δλ")
    right.set_yticks([0, 3, 6, 9])
    right.set_title("best s")
    label(right, (0.08, 11.7), "- -○ scales", COLOURS["slowest"], above=0)
    label(right, (1.7, 11.7), "—△ adds", COLOURS["kth"], above=0)
    return (
        f"{CODERS} workers, Δλ = {shift}, and {straggle}. A code that bears s = {s} takes "
        f"{times[s]:.3f} an update; without a code {times[0]:.3f}. The best s is "
        f"{' or '.join(map(str, winners))}, with {times[winner]:.3f}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def price_of_two():
    """Return the worker-time of a gradient that two compute, in mean times; what people miss."""
    cost = price("hyperexponential", 2)
    return cost, (
        f"Most people say {2}: two workers, twice the work. But both stop when the first is done, "
        f"and it is rare that both are slow. Under the exponential law the price would be "
        f"{price('exponential', 2):.3g}, no more than that of one worker."
    )
