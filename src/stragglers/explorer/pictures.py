"""Pictures of a draw function: SVG that follows the page's theme, its sentence, its numbers."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .style import COLOURS, GRID, INK, STYLE

WIDTH = 4.0  # inches of one panel: 288 points, so that a phone shows its text at 12 pixels
THEME = {INK: "currentColor", GRID: f"var(--sg-grid, {GRID})"} | {
    colour: f"var(--sg-{name}, {colour})" for name, colour in COLOURS.items()
}
HEX = re.compile("|".join(THEME))
NO_DATE = dict.fromkeys(["Date", "Creator", "Format", "Type"])


@dataclass(frozen=True)
class Picture:
    """What one call of draw gave: an SVG text and a table (CSV text) a panel, and the sentence."""

    panels: tuple
    tables: tuple
    sentence: str


def take_picture(draw, values, panels, height):
    """Call `draw` with a dictionary of values and return the Picture; errors name the values."""
    called = ", ".join(f"{name}={value!r}" for name, value in values.items())
    called = f"{getattr(draw, '__name__', 'draw')}({called})"
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": "stragglers"}):
        axes = [new_axes(height) for _ in range(panels)]
        try:
            sentence = draw(axes[0] if panels == 1 else axes, **values)
        except Exception as error:
            raise RuntimeError(f"{called} failed: {type(error).__name__}: {error}") from error
        if not isinstance(sentence, str) or not sentence.strip():
            raise TypeError(f"{called} must return the sentence that says what it shows")
        svgs = tuple(themed(svg_text(ax.figure)) for ax in axes)
    return Picture(svgs, tuple(table(ax) for ax in axes), " ".join(sentence.split()))


def new_axes(height):
    """Return fresh axes on a figure of their own, with fixed margins and few ticks."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasSVG(figure)
    left, bottom, top = 0.6 / WIDTH, 0.54 / height, 1 - 0.35 / height
    ax = figure.add_axes((left, bottom, 0.965 - left, top - bottom))
    ax.locator_params(nbins=5)
    ax.xaxis.set_label_coords(0.5, -0.36 / (height * (top - bottom)))  # fixed: see axes.titley
    ax.yaxis.set_label_coords(-0.46 / WIDTH / (0.965 - left), 0.5)
    for axis in (ax.xaxis, ax.yaxis):  # labels stand at fixed places: no need to measure ticks
        axis._get_ticklabel_bboxes = no_boxes
    return ax


def no_boxes(ticks, renderer):
    return [], []


def svg_text(figure):
    """Return the figure as SVG, without date and preamble."""
    buffer = io.StringIO()
    figure.canvas.print_svg(buffer, metadata=NO_DATE)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def themed(svg):
    """Return the SVG made small and fit for a page: no needless ids, theme colours, text as text.

    Matplotlib's own `<style>` is taken out, since it would reach the rest of the page.
    """
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    used = set(re.findall(r"#([\w-]+)", " ".join(re.findall(r'url\([^)]*\)|href="[^"]*"', svg))))
    svg = re.sub(r' id="([^"]+)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = re.sub(r"<[^>]+>", lambda match: tidy_tag(match[0]), svg)
    return re.sub(r"\s*\n\s*", "\n", svg).strip()


@lru_cache(10_000)  # pictures share most of their tags
def tidy_tag(tag):
    """Return a tag on few lines: two decimals, theme colours, the reader's own sans-serif font."""
    tag = " ".join(tag.split()).replace(' "', '"')
    tag = re.sub(r"-?\d+\.\d{3,}", lambda match: f"{float(match[0]):.2f}", tag)
    tag = re.sub(r"'DejaVu Sans'[^;\"]*", "sans-serif", tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    tag = re.sub(r" (style|clip-path|transform)=", r"\n\1=", tag)  # parts that pictures share
    return HEX.sub(lambda match: THEME[match[0]], tag)


def table(ax):
    """Return what has been plotted with a label as CSV: a row a place x, a column a series."""
    series = [
        (line.get_label(), line.get_xdata(), line.get_ydata())
        for line in ax.lines
        if not line.get_label().startswith("_")
    ]
    series += [
        (bars.get_label(), [place(bars, bar) for bar in bars], bars.datavalues)
        for bars in ax.containers
        if hasattr(bars, "datavalues") and not bars.get_label().startswith("_")
    ]
    if not series:
        return ""
    rows = {}  # a place that a series visits twice has a row for each visit
    for column, (_, xs, ys) in enumerate(series):
        visits = Counter()
        for x, y in zip(xs, ys, strict=True):
            visits[x] += 1
            rows.setdefault((x, visits[x]), [""] * len(series))[column] = f"{y:.5g}"
    axis = (
        ax.yaxis
        if any(getattr(b, "orientation", "") == "horizontal" for b in ax.containers)
        else ax.xaxis
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([axis.get_label_text() or "x", *(label for label, _, _ in series)])
    writer.writerows([f"{x:.5g}", *cells] for (x, _), cells in sorted(rows.items()))
    return text.getvalue().strip()


def place(bars, bar):
    """Return where a bar stands: the middle of its foot."""
    if bars.orientation == "horizontal":
        return bar.get_y() + bar.get_height() / 2
    return bar.get_x() + bar.get_width() / 2
