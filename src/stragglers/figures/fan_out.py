"""Figures of the chapter "The slowest decides"."""

from functools import cache

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label
from ..explorer.words import counted, percent
from ..laws.named import exponential, pareto, uniform

DICE, MOST, DRAWN = 11, 200, 40  # servers at most, and requests that are drawn one by one
SEEN_AT = np.array([1, 10, 20, 35, 50, 75, 100, 125, 150, 175, 200])
TICKS = [1, 50, 100, 150, 200]
LAWS = {  # all have mean 1
    "exponential": exponential(rate=1),
    "uniform": uniform(0, 2),
    "Pareto": pareto(alpha=2, minimum=0.5),
}


@cache
def dice(requests=4000):
    """Return a uniform number for each server (a column) of each request (a row)."""
    return np.random.default_rng(DICE).random((requests, MOST))


@cache
def smallest_uniforms():
    """Return the minimum of the first 1, 2, ..., 200 uniforms of each request."""
    return np.minimum.accumulate(dice(), axis=1)


def one_slow_server(axes, m, p):
    """Draw the share of requests that meet a slow server, and forty requests server by server."""
    servers = np.arange(1, MOST + 1)
    smallest = smallest_uniforms()
    share = 1 - (1 - p) ** m
    left, right = axes
    left.plot(servers, 1 - (1 - p) ** servers, color=COLOURS["slowest"], label="exact")
    seen = (smallest[:, SEEN_AT - 1] < p).mean(axis=0)
    left.plot(SEEN_AT, seen, MARKERS["slowest"], color=COLOURS["slowest"], label="simulated")
    left.set(xlim=(0, 208), ylim=(0, 1.08), xlabel="fan-out m", title="share of slow requests")
    mark_share(left, m, share)
    share_axis(left, [0, 0.25, 0.5, 0.75, 1])
    met = draw_requests(right, m, p)
    simulated = (smallest[:, m - 1] < p).mean()
    error = np.sqrt(share * (1 - share) / len(smallest))
    return (
        f"A request asks {counted(m, 'server')}, each slow with probability {p:g}: "
        f"{percent(share, 1)} of the requests meet a slow server (simulated "
        f"{percent(simulated, 1)} ± {percent(error, 1)}). The number of slow servers that a "
        f"request meets is {m * p:g} on average. Of the {DRAWN} requests drawn, {met} "
        f"meet{'s' * (met == 1)} at least one."
    )


def mark_share(ax, m, share):
    """Draw the place of m on the curve, with its value."""
    ax.vlines(m, 0, share, color=COLOURS["waiting"])
    ax.plot(m, share, "o", color=COLOURS["slowest"], fillstyle="full", markersize=7)
    side, above = ("left", 4) if m > 100 else ("right", 10 if share < 0.1 else -14)
    label(ax, (m, share), percent(share, 1), COLOURS["slowest"], side, above)


def share_axis(ax, ticks):
    ax.set_yticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
    ax.set_xticks(TICKS)


def draw_requests(ax, m, p):
    """Draw each request as a line and its slow servers as dots; return how many are slow."""
    slow = dice()[:DRAWN, :m] < p
    rows = np.arange(1, DRAWN + 1)
    late = slow.any(axis=1)
    ax.hlines(rows[~late], 0, m, color=COLOURS["waiting"], lw=1)
    ax.hlines(rows[late], 0, m, color=COLOURS["slowest"], lw=1)
    server, row = np.nonzero(slow.T)  # column by column: pictures share what they have in common
    ax.plot(server + 1, row + 1, MARKERS["slowest"], color=COLOURS["slowest"])
    ax.set(
        xlim=(0, 208),
        ylim=(DRAWN + 1, 0),
        xlabel="server",
        title="40 requests and their slow servers",
    )
    ax.set_xticks(TICKS)
    ax.set_yticks([1, 10, 20, 30, 40])
    ax.grid(False)
    return int(late.sum())


@cache
def slowest_uniforms(requests=4000):
    """Return the maximum of the first 1, 2, ..., 200 uniforms of each request."""
    return np.maximum.accumulate(dice(requests), axis=1)


def slowest_quantile(axes, m, law):
    """Draw the distribution functions of one worker and the slowest of m, and where it is 1/2."""
    work, level = LAWS[law], 0.5 ** (1 / m)
    median = float(work.ppf(level))
    t = np.linspace(0, 9, 73)
    left, right = axes
    left.plot(t, work.cdf(t), color=COLOURS["typical"], label="one worker")
    left.plot(t, work.cdf(t) ** m, color=COLOURS["slowest"], label=f"slowest of {m}")
    levels = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    seen = work.ppf(np.quantile(slowest_uniforms()[:, m - 1], levels))
    left.plot(seen, levels, MARKERS["slowest"], color=COLOURS["slowest"], label="simulated")
    left.vlines(median, 0, level, color=COLOURS["waiting"])
    left.hlines([0.5, level], 0, median, color=COLOURS["waiting"])
    left.plot(median, level, "D", color=COLOURS["typical"], fillstyle="full", markersize=6)
    left.plot(median, 0.5, "o", color=COLOURS["slowest"], fillstyle="full", markersize=6)
    left.set(xlim=(0, 9), ylim=(0, 1.12), xlabel="time t", title="probability to be done by t")
    label(left, (median, level), f"{level:.4f}", COLOURS["typical"])
    side, above = ("left", 4) if median > 5 else ("right", -14)
    name = f"slowest of {m}" if m > 1 else "the only one"
    label(left, (median, 0.5), name, COLOURS["slowest"], side, above)
    draw_levels(right, m)
    return (
        f"{law.capitalize()} times with mean 1: the slowest of {m} has the median {median:.4g}. "
        f"One worker is done by then with probability {level:.6f}, which is 2 to the power "
        f"−1/{m}; {percent(1 - level, 3)} of its times are longer."
    )


def draw_levels(ax, m):
    """Draw the share of single times above the median of the slowest, for every fan-out."""
    fan_out = np.geomspace(1, MOST, 30)
    ax.loglog(fan_out, -np.expm1(-np.log(2) / fan_out), color=COLOURS["typical"], label="exact")
    share = 1 - 0.5 ** (1 / m)
    ax.loglog(m, share, "D", color=COLOURS["typical"], fillstyle="full", markersize=6)
    ax.set(
        xlim=(0.4, 260), ylim=(0.001, 1), xlabel="fan-out m", title="share of slower single times"
    )
    side, above = ("left", -16) if m > 2 else ("right", 2)
    label(ax, (m, share), percent(share, 3), COLOURS["typical"], side, above)
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set_yticks([0.001, 0.01, 0.1, 1], ["0.1 %", "1 %", "10 %", "100 %"])


CHANCE = 0.01  # of one server to be slow, in the figure of hedging


@cache
def slow_pairs(requests=20_000):
    """Return for each slow first server its request, its server and two uniforms.

    The first uniform is the server's own, at most CHANCE; the second is that of its copy.
    """
    rng = np.random.default_rng(DICE)
    blocks = [rng.random((1000, MOST), dtype=np.float32) for _ in range(requests // 1000)]
    own = np.concatenate([np.where(block < CHANCE, block, 1) for block in blocks])
    request, server = np.nonzero(own < 1)
    return request, server + 1, own[request, server], rng.random(len(request)), rng.random(requests)


@cache
def simulated_share(m, chance, common, hedged, requests=20_000):
    """Return the share of slow requests among the simulated ones."""
    request, server, own, copy, weather = slow_pairs(requests)
    slow = (server <= m) & (own < chance)
    if hedged:
        slow &= copy < chance
    late = weather < common
    late[request[slow]] = True
    return late.mean()


def shares(m, common):
    """Return the exact shares of slow requests: plain and hedged."""
    chance = (CHANCE - common) / (1 - common)
    plain = common + (1 - common) * -np.expm1(m * np.log1p(-chance))
    return plain, common + (1 - common) * -np.expm1(m * np.log1p(-(chance**2)))


def hedged_requests(axes, m, common):
    """Draw the share of slow requests without and with hedging, against the fan-out.

    Of 100 slow times, `common` are due to a cause that slows all servers and copies at once.
    """
    cause = CHANCE * common / 100
    chance = (CHANCE - cause) / (1 - cause)
    servers, here = np.arange(1, MOST + 1), shares(m, cause)
    seen_at = SEEN_AT[1::2]
    names = ("slowest", "fastest")
    axes[0].set(ylim=(0, 1.08), title="slow requests, without hedging")
    axes[1].set(ylim=(0, 0.0232), title="slow requests, with hedging")
    for i, (ax, name) in enumerate(zip(axes, names, strict=True)):
        style = {"color": COLOURS[name]}
        ax.set(xlim=(0, 208), xlabel="fan-out m")
        if common:
            ax.plot(servers, shares(servers, 0)[i], "--", color=COLOURS["waiting"])
        ax.plot(servers, shares(servers, cause)[i], label="exact", **style)
        seen = [simulated_share(n, chance, cause, hedged=i == 1) for n in seen_at]
        ax.plot(seen_at, seen, MARKERS[name], label="simulated", **style)
        ax.plot(m, here[i], MARKERS[name], fillstyle="full", markersize=7, **style)
        text = percent(here[i], 3 if i else 1)
        place, side, above = (m, "middle", 9) if m > 10 else (m + 12, "right", 10 if common else -2)
        label(ax, (place, here[i]), text, COLOURS[name], side, above)
    share_axis(axes[0], [0, 0.25, 0.5, 0.75, 1])
    share_axis(axes[1], [0, 0.005, 0.01, 0.015, 0.02])
    divided = here[0] / here[1]
    gain = f"divides the share by {divided:.3g}" if divided > 1.0005 else "changes nothing"
    return (
        f"Fan-out {m}, each server slow 1 % of the time, {common} % of that for a cause that slows "
        f"all servers at once: {percent(here[0], 2)} of the requests are slow without hedging and "
        f"{percent(here[1], 3)} with it. Hedging {gain}."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def one_in_a_hundred():
    """Return how many per cent of requests to 100 servers are slow, and what most people miss."""
    m, p = 100, 0.01
    slow = 1 - (1 - p) ** m
    return 100 * slow, (
        f"Most people say {percent(p)}, the share of one server, or {percent(m * p)}, since a "
        f"request meets one slow server on average. But some requests meet two or three, and so "
        f"{percent(1 - slow, 1)} of them meet none."
    )
