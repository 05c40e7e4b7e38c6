"""Figures of the chapter "The laboratory": runs on real workers, recorded by tools/record_runs."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from ..explorer.style import COLOURS, MARKERS, label

RED, BLUE, GREEN = (COLOURS[name] for name in ("slowest", "fastest", "kth"))
PURPLE, GREY, DARK = (COLOURS[name] for name in ("typical", "waiting", "limit"))
RUNS = ("sync", "2-sync", "async", "2-async", "2-sync, one killed")
TRAINED = {
    "sync": (RED, "-"),
    "2-sync": (GREEN, "--"),
    "async": (BLUE, "-."),
    "2-async": (PURPLE, ":"),
}
FATES = {
    "used": (BLUE, ""),
    "late": (GREY, ""),
    "cancelled": ("none", "////"),
    "lost": (RED, "xxxx"),
}
AGAINST = ("seconds", "updates", "gradients")


@cache
def recorded_runs():
    """Return the record: unit in seconds, and of each run the moments, losses and gradients."""
    return json.loads(files(__package__).joinpath("runs.json").read_text("utf-8"))


def run_of(name):
    return recorded_runs()["runs"][name]


def timeline(axes, run, until):
    """Draw the requests of a recorded run by their fate, and how far it is behind the replay."""
    left, right = axes
    found = run_of(run)
    updates, replay = np.array(found["updates"]), np.array(found["replay"])
    for fate, (colour, hatch) in FATES.items():
        bars = [g for g in found["gradients"] if g[1] == fate and g[3] < until]
        ends = [until + 1 if g[4] is None else g[4] for g in bars]
        left.barh(
            [g[0] for g in bars], [e - g[3] for e, g in zip(ends, bars, strict=True)], 0.55,
            [g[3] for g in bars], color=colour, hatch=hatch, edgecolor=DARK, lw=0.4, label=fate,
        )  # fmt: skip
    left.vlines(updates[updates < until], -0.45, 3.45, GREEN, lw=1.2)
    left.set(xlim=(0, until), ylim=(4.5, -0.6), xlabel="time, units", title="requests, by worker")
    left.set_yticks(range(4))
    label(left, (0, 4.35), "■ used", BLUE, above=0)
    label(left, (0.21 * until, 4.35), "▨ cancelled", DARK, above=0)
    label(left, (until, 4.35), "| update", GREEN, "left", 0)
    if any(g[1] == "lost" for g in found["gradients"]):
        label(left, (0.54 * until, 4.35), "▩ lost", RED, above=0)
    shown = min(len(updates), len(replay))
    count = np.arange(1, shown + 1)
    right.plot(count, replay[:shown], "--", color=DARK, label="replay")
    right.plot(count, updates[:shown], color=GREEN, label="measured")
    top = 1.25 * updates[shown - 1]
    right.set(xlim=(0, shown), ylim=(0, top), xlabel="updates", title="time, units")
    label(right, (0, 0.88 * top), "— measured", GREEN, above=0)
    fates = [g[1] for g in found["gradients"]]
    whose = "replay, nobody dies" if "lost" in fates else "replay of the same dice"
    label(right, (0, 0.77 * top), f"- - {whose}", DARK, above=0)
    counted = ", ".join(f"{fates.count(fate)} {fate}" for fate in FATES if fate in fates)
    extra = 1000 * recorded_runs()["unit"] * behind(run)
    more = f": {extra:.1f} ms an update more"
    if "lost" in fates:  # the replay has one worker more: no measure of the machinery
        more = ", in which nobody dies"
    return (
        f"{run[0].upper()}{run[1:]}: {len(updates)} updates in {updates[-1]:.2f} units, "
        f"{replay[-1]:.2f} in the replay of the same dice{more}. "
        f"Requests: {counted}. Drawn up to {until} units."
    )


def behind(run):
    """Return how many units an update of a recorded run takes beyond the replay."""
    found = run_of(run)
    return (found["updates"][-1] - found["replay"][-1]) / len(found["updates"])


def places(run, against):
    """Return where the losses of a run stand: seconds, updates, or gradients used so far."""
    found = run_of(run)
    if against == "seconds":
        return np.array([0, *found["updates"]]) * recorded_runs()["unit"]
    count = np.arange(len(found["losses"]))
    used = sum(g[1] == "used" for g in found["gradients"])
    return count if against == "updates" else count * used / (len(count) - 1)


def first_below(run, loss, against):
    """Return the first place on an axis where the loss of a run is below a number, or inf."""
    below = np.flatnonzero(np.array(run_of(run)["losses"]) < loss)
    return float(places(run, against)[below[0]]) if len(below) else np.inf


def losses(axes, against):
    """Draw the loss of four recorded runs, and when each is first below 1."""
    left, right = axes
    end = {"seconds": 9, "updates": 60, "gradients": 160}[against]
    for row, (run, (colour, dash)) in enumerate(TRAINED.items()):
        left.plot(places(run, against), run_of(run)["losses"], dash, color=colour, label=run)
        first = first_below(run, 1.0, against)
        right.barh(row, first, 0.34, color=colour, label=run)
        label(right, (0, row - 0.17), f"{run}: {first:.3g}", colour, above=2)
    left.set(xlim=(0, end), yscale="log", ylim=(1e-3, 100), xlabel=against, title="loss")
    right.set(ylim=(3.5, -0.8), xlabel=against, title="until the loss is below 1")
    right.set_yticks([])
    reached = {run: first_below(run, 1.0, against) for run in TRAINED}
    said = ", ".join(f"{run} {first:.3g}" for run, first in reached.items())
    return f"Against {against}: the loss is below 1 for the first time at {said}."


def overhead(ax):
    """Draw what the laboratory adds to an update of local SGD against its local steps."""
    found = recorded_runs()["local"]
    steps, extra = np.array([int(one) for one in found]), np.array(list(found.values()))
    ax.plot(steps, extra, MARKERS["slowest"], color=RED, label="measured")
    line = np.linspace(1, 20, 100)
    ax.plot(line, extra[0] / line, "--", color=DARK, label="D/s")
    ax.set(xlim=(0, 21), ylim=(0, 1.25 * extra[0]), xlabel="local steps s")
    ax.set_title("ms an update, over the replay")
    label(ax, (8, 1.05 * extra[0]), "○ measured", RED, above=0)
    label(ax, (8, 0.92 * extra[0]), "- - first value / s", DARK, above=0)
    said = ", ".join(f"{value:.2g} at {s}" for s, value in zip(steps, extra, strict=True))
    return f"Local SGD: an update takes longer than in the replay by, in ms, {said} local steps."


# Asked before the first figure


def machinery():
    """Return the ms that a recorded synchronous update takes beyond its dice; what people miss."""
    extra = 1000 * recorded_runs()["unit"] * behind("sync")
    found = run_of("sync")
    share = found["updates"][-1] / found["replay"][-1] - 1
    return extra, (
        "Whoever thinks of networks may say 50, and whoever thinks of memory may say 0.1. Here "
        "four models are sent to four processes, which wake up, answer, and are heard one after "
        f"the other: it makes an update {100 * share:.1f} % longer."
    )
