"""Figures of the chapter "The bill for talking"."""

from functools import cache

import numpy as np
from scipy import integrate, special, stats

from ..explorer.style import COLOURS, MARKERS, label
from ..protocols.communication import (
    halving_doubling,
    overlapped,
    parameter_server,
    ring_all_reduce,
    tree_all_reduce,
)

BANDWIDTH = 1.25e9  # bytes a second: 10 Gb/s
WAYS = {
    "ring": (ring_all_reduce, "kth", "-"),
    "halving": (halving_doubling, "limit", "--"),
    "tree": (tree_all_reduce, "fastest", "-."),
    "server": (parameter_server, "slowest", ":"),
}
SAMPLE = {"-": "—", "--": "- -", "-.": "- ·", ":": "· · ·"}  # how a line looks, beside its name
DICE = 5


def times(m, size, latency):
    """Return the time of each way to add up `size` bytes of m workers, in seconds, by name."""
    return {name: way(m, size, latency, BANDWIDTH) for name, (way, *_) in WAYS.items()}


def four_ways(axes, m, size, latency):
    """Draw the time of four collectives against the size, and the four at one size as bars.

    size is in megabytes, latency in microseconds.
    """
    left, right = axes
    sizes, here = np.geomspace(1e3, 1e9, 25), times(m, size * 1e6, latency * 1e-6)
    curves = {name: [] for name in WAYS}
    for one in sizes:
        for name, time in times(m, one, latency * 1e-6).items():
            curves[name].append(time)
    for name, (_, colour, line) in WAYS.items():
        left.loglog(sizes, curves[name], line, color=COLOURS[colour], label=name)
    left.axvline(size * 1e6, color=COLOURS["typical"], lw=1, label="size")
    left.set(xlim=(1e3, 3e9), ylim=(5e-6, 1e3), xlabel="bytes", title="seconds against the size")
    left.set_xticks([1e3, 1e6, 1e9], ["1 kB", "1 MB", "1 GB"])
    label(left, (1.3e3, 150), f"{m} workers", COLOURS["typical"], above=0)
    order = list(here)
    for row, name in enumerate(order):
        _, colour, line = WAYS[name]
        right.barh(row, here[name], height=0.55, color=COLOURS[colour], label=name)
        text = f"{SAMPLE[line]} {name} {said(here[name])}"
        label(right, (6e-6, row + 0.3), text, COLOURS[colour], above=1)
    right.set(xscale="log", xlim=(5e-6, 1e3), ylim=(-0.5, 3.9), xlabel="seconds")
    right.set_title(f"at {size:g} MB")
    right.set_yticks([])
    right.grid(False)
    best = min(here, key=here.get)
    each = ", ".join(f"{name} {said(time)}" for name, time in here.items())
    return (
        f"{m} workers, {size:g} MB, latency {latency:g} µs, 10 Gb/s: {each}. The shortest is the "
        f"{best}."
    )


def said(seconds):
    """Return a time in words, with three digits and a fitting unit."""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if seconds * factor >= 0.9995:
            return f"{float(f'{seconds * factor:.3g}'):g} {unit}"
    return f"{float(f'{seconds * 1e6:.3g}'):g} µs"


def overlap(axes, layers, backward, message):
    """Draw messages that leave while the backward pass runs, and the end against their length."""
    left, right = axes
    ready = backward * np.arange(1, layers + 1)
    sent = np.empty(layers)
    for j in range(layers):
        sent[j] = max(sent[j - 1] if j else 0.0, ready[j]) + message
    end, apart = sent[-1], layers * (backward + message)
    for name, row, ends, length in (
        ("typical", 1, ready, backward),
        ("kth", 0, sent, message),
    ):
        left.barh(
            np.full(layers, row),
            length,
            left=ends - length,
            height=0.5,
            color=COLOURS[name],
            edgecolor="white",
            label="backward pass" if row else "messages",
        )
    left.axvline(ready[-1], color=COLOURS["limit"], lw=1, ls="--", label="end of the pass")
    left.set(xlim=(0, 40), ylim=(-0.6, 2.1), xlabel="time", title="one step")
    left.set_yticks([])
    left.grid(False)
    label(left, (0, 1.3), "backward pass", COLOURS["typical"], above=2)
    label(left, (0, -0.5), "messages", COLOURS["kth"], above=-2)
    c = np.linspace(0, 4, 81)
    ends = [overlapped(layers, backward, one) for one in c]
    right.plot(c, layers * (backward + c), "--", color=COLOURS["slowest"], label="one after other")
    right.plot(c, ends, color=COLOURS["kth"], label="overlapped")
    right.plot(message, end, MARKERS["kth"], color=COLOURS["kth"], markersize=8, label="here")
    right.axvline(backward, color=COLOURS["limit"], lw=1, ls=":", label="c = b")
    right.set(xlim=(0, 4.2), ylim=(0, 66), xlabel="time c of one message", title="end of the step")
    side, above = ("right", -19) if message < 3 else ("left", 5)  # away from both lines
    label(right, (message, end), f"{end:g}", COLOURS["kth"], side, above)
    return (
        f"{layers} layer{'s' * (layers > 1)}, {backward:g} of backward pass and {message:g} of "
        f"message each: the step ends at {end:g}, of which {end - ready[-1]:g} come after the "
        f"backward pass. One after the other they take {apart:g}."
    )


@cache
def slowest_mean(m, steps):
    """Return E of the slowest of m workers' means of `steps` exponential times of mean 1."""

    def late(t):
        return -special.expm1(m * np.log1p(-special.gammaincc(steps, steps * t)))

    with np.errstate(divide="ignore"):
        early, _ = integrate.quad(late, 0, 1, limit=200)
        rest, _ = integrate.quad(late, 1, np.inf, limit=200)
    return early + rest


@cache
def seen_slowest_mean(m, steps):
    """Return the same from 2000 simulated rounds: the same dice for every m."""
    rng = np.random.default_rng(DICE + steps)
    sums = rng.gamma(steps, size=(2000, 32)) / steps
    return sums[:, :m].max(axis=1).mean()


STEPS = (1, 2, 4, 8, 16, 32, 64)


def local_steps(axes, steps, delay, m):
    """Draw the time of one local step, in its two parts, and what of it is computing."""
    left, right = axes
    s = np.array(STEPS)
    wait = np.array([slowest_mean(m, n) for n in STEPS])
    seen = np.array([seen_slowest_mean(m, n) for n in STEPS])
    total, colour = wait + delay / s, COLOURS["slowest"]
    here, mine = STEPS.index(steps), COLOURS["kth"]
    left.plot(s, total, color=mine, label="time of a local step")
    left.plot(s, seen + delay / s, MARKERS["kth"], color=mine, label="simulated")
    left.plot(s, wait, "--", color=colour, label="slowest mean")
    left.plot(s, delay / s, "-.", color=COLOURS["fastest"], label="share of the delay")
    left.plot(steps, total[here], MARKERS["kth"], color=mine, fillstyle="full", markersize=9)
    left.set(xscale="log", xlim=(0.85, 80), ylim=(0, 9.6), xlabel="local steps s")
    left.set_title("time of one local step")
    left.set_xticks(STEPS, STEPS)
    left.minorticks_off()
    label(left, (steps, total[here]), f"{total[here]:.3f}", mine, above=6)
    shares = {"computing": 1 / total, "waiting": (wait - 1) / total, "averaging": delay / s / total}
    bottom = np.zeros(len(s))
    for (name, share), tint in zip(shares.items(), ("typical", "waiting", "fastest"), strict=True):
        right.bar(range(len(s)), share, 0.7, bottom, color=COLOURS[tint], label=name)
        bottom = bottom + share
    right.set(xlim=(-0.6, 6.6), ylim=(0, 1.3), xlabel="local steps s", title="where the time goes")
    right.set_xticks(range(len(s)), STEPS)
    right.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    label(right, (-0.5, 1.12), "computing", COLOURS["typical"], above=0)
    label(right, (2.6, 1.12), "waiting", COLOURS["limit"], above=0)
    label(right, (4.5, 1.12), "averaging", COLOURS["fastest"], above=0)
    return (
        f"{m} workers, {steps} local step{'s' * (steps > 1)} a round, delay {delay:g}: a local "
        f"step takes {total[here]:.4f} on average, {wait[here]:.4f} for the slowest mean and "
        f"{delay / steps:.4g} for averaging. {1 / total[here]:.1%} of the time is computing."
    )


def link_throughput(m, link):
    """Return the gradients per unit of time that m workers hand in over one link, exactly.

    Each computes for an exponential time of mean 1, then its gradient takes the link for `link`,
    first come, first served. How many wait when a gradient has just left the link is a Markov
    chain: while the next one is on the link, each of the workers who compute is done with
    probability 1 - exp(-link). If nobody waits, the link is idle for 1/m on average.
    """
    moves = np.zeros((m, m))
    for waiting in range(m):
        on = max(waiting, 1)  # with the one who takes the link
        done = np.arange(m - on + 1)
        moves[waiting, on - 1 + done] = stats.binom.pmf(done, m - on, -np.expm1(-link))
    balance = np.vstack([moves.T[1:] - np.eye(m)[1:], np.ones(m)])
    shares = np.linalg.solve(balance, np.eye(m)[-1])
    return float(1 / (link + shares[0] / m))


CROWDS = (1, 2, 4, 8, 12, 16, 24, 32, 40)


def shared_link(ax, link):
    """Draw the throughput of asynchronous workers on links of their own, and on one that is shared.

    link is the time that one gradient takes on the link, in units of a mean gradient.
    """
    m, own = np.array(CROWDS), np.array(CROWDS) / (1 + link)
    shared = np.array([link_throughput(one, link) for one in CROWDS])
    ax.plot(m, own, color=COLOURS["fastest"], label="a link each, exact")
    ax.plot(m, shared, MARKERS["fastest"], color=COLOURS["fastest"], label="one link, exact")
    ax.axhline(1 / link, color=COLOURS["limit"], ls="--", label="one link, at most")
    ax.set(xlim=(0, 42), ylim=(0, 42), xlabel="workers m", title="gradients per unit of time")
    label(ax, (26, 26 / (1 + link)), "a link each", COLOURS["fastest"], "left", above=6)
    low = 1 / link < 6  # then there is no room below the line
    words = f"one link: at most {1 / link:g}"
    label(ax, (41.5, 1 / link), words, COLOURS["limit"], "right", above=8 if low else -14)
    return (
        f"A gradient takes the link for {link:g} of its mean computing time. With a link each, 40 "
        f"asynchronous workers hand in {own[-1]:.3g} gradients per unit of time. With one link "
        f"that all share they hand in {shared[-1]:.3g}, and no number of workers more than "
        f"{1 / link:g}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def ring_of_a_small_vector():
    """Return the milliseconds that 10 kB take round a ring of 64, and what most people miss."""
    large, small = (1000 * times(64, size, 50e-6)["ring"] for size in (1e8, 1e4))
    return small, (
        f"Most people divide {large:.0f} ms by ten thousand and say {large / 1e4:.2g} ms. The "
        f"bytes take no longer than that. But the pieces go round in {2 * 63} rounds, and each "
        f"round has its latency of 50 µs, whatever the size."
    )
