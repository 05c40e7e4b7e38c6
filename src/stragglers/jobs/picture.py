"""The report's picture: the ladder, and who was last."""

import io

import numpy as np

from ..explorer.style import COLOURS, INK, STYLE
from .ladder import FAILS, RUNGS
from .words import duration

RUNG_COLOURS = {"no waiting": "typical", "measured": "slowest"}
MOST_WORKERS = 40  # bars for the workers: with more, the dearest


def plain(text):
    """Return a text that matplotlib shows as it is: a worker may be called "$x$"."""
    return str(text).replace("$", r"\$")


def draw_ladder(ax, report):
    """Draw the rungs of the ladder, seconds a step, and return the sentence that says it."""
    from matplotlib.patheffects import withStroke

    ladder = report.ladder
    if ladder is None:
        raise ValueError("report must be of two workers at least: one has no ladder")
    seconds = np.array([ladder.rungs[name] for name in RUNGS])
    errors = np.nan_to_num([ladder.errors[name] for name in RUNGS])
    places = np.arange(len(RUNGS))[::-1]
    colours = [COLOURS[RUNG_COLOURS.get(name, "limit")] for name in RUNGS]
    ax.barh(places, seconds, 0.62, color=colours, xerr=1.96 * errors, error_kw={"ecolor": INK})
    ax.axvline(seconds[-1], color=COLOURS["slowest"], linestyle="--", linewidth=1.2)
    ax.set_yticks(places, RUNGS)
    ax.set_xlim(0, 1.25 * max(seconds.max(), 1e-12))
    for place, value, error in zip(places, seconds, errors, strict=True):
        end = value + 1.96 * error, place
        text = ax.annotate(duration(value), end, (6, 0), textcoords="offset points", va="center")
        text.set_path_effects([withStroke(linewidth=3, foreground="white")])
    ax.set_xlabel("seconds a step")
    ax.set_title("From nobody waits to what was measured")
    fails = [name for name in FAILS.values() if name in ladder.fails]
    named = f"What fails: {', '.join(fails)}." if fails else "No assumption fails."
    rows = "; ".join(f"{name} {duration(ladder.rungs[name])}" for name in RUNGS)
    return f"Mean time of a step. {rows[0].upper() + rows[1:]}. {named}"


def draw_workers(ax, report):
    """Draw each worker's mean time and the middle nine tenths; return the sentence for it."""
    table = report.table
    means = table.times.mean(axis=0)
    shown = np.sort(np.argsort(means)[-MOST_WORKERS:])
    low, high = np.quantile(table.times[:, shown], [0.05, 0.95], axis=0)
    places = np.arange(len(shown))
    ax.vlines(places, low, high, color=COLOURS["waiting"], linewidth=4)
    ax.plot(places, means[shown], "D", color=COLOURS["typical"])
    ax.axhline(means.mean(), color=COLOURS["limit"], linestyle="--", linewidth=1.2)
    few = places[:: -(-len(places) // 10)]
    ax.set_xticks(few, [plain(table.workers[i])[:12] for i in shown[few]])
    ax.set_ylim(0, 1.1 * max(high.max(), means.max(), 1e-12))
    ax.set_xlabel("worker" if len(shown) == len(means) else f"worker (the {len(shown)} slowest)")
    ax.set_ylabel("seconds")
    ax.set_title("Each worker: mean and middle nine tenths")
    top = int(np.argmax(means))
    return (
        f"Each worker's time in seconds: the means go from {duration(means.min())} to "
        f"{duration(means[top])} (worker {table.workers[top]})."
    )


def draw_times(ax, report):
    """Draw the histogram of the times of the one worker, and return the sentence for it."""
    times = report.table.times[:, 0]
    ax.hist(times, bins=min(40, max(1, len(times) // 4)), color=COLOURS["typical"])
    ax.set(xlabel="seconds", ylabel="steps", title="The times of the one worker")
    return f"The worker's times go from {duration(times.min())} to {duration(times.max())}."


def as_svgs(report):
    """Return the pictures as pairs (SVG text, the sentence that says what it shows)."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    pictures = []
    for draw in (draw_times,) if report.ladder is None else (draw_ladder, draw_workers):
        with rc_context({**STYLE, "svg.hashsalt": "stragglers"}):
            figure = Figure(figsize=(5.2, 3.4), layout="constrained")
            sentence = draw(figure.subplots(), report)
            out = io.StringIO()
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        svg = out.getvalue()
        pictures.append((svg[svg.index("<svg") :], sentence))
    return pictures
