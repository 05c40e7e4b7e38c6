"""Pictures of a draw function: SVG that follows the page's theme, its sentence, its numbers."""

import csv
import io
import pickle
import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.textpath import text_to_path
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullLocator
from matplotlib.transforms import TransformNode

from .style import STYLE
from .svg import slim

POWER = re.compile(r"\$\\mathdefault\{(?:(\d+)\\times)?(\d+)\^\{(-?\d+)\}\}\$")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
WIDTH = 4.0  # inches of one panel: 288 points, so that a phone shows its text at 12 pixels
NO_DATE = dict.fromkeys(["Date", "Creator", "Format", "Type"])
PYPLOT = (
    "it used matplotlib.pyplot, which draws on a figure of its own: draw on the axes that {} is "
    "given, ax.plot(...) and not plt.plot(...), ax.set_title(...) and not plt.title(...)"
)


@dataclass(frozen=True)
class Picture:
    """What one call of draw gave: an SVG text and a table (CSV text) a panel, and the sentence."""

    panels: tuple
    tables: tuple
    sentence: str


def name_of(draw):
    """Return what a draw function is called: a partial as what it wraps, an object by its class.

    >>> name_of(partial(partial(print, 1), 2))
    'print'
    """
    if isinstance(draw, partial):
        return name_of(draw.func)
    return getattr(draw, "__name__", type(draw).__name__)


def take_picture(draw, values, panels, height):
    """Call `draw` with a dictionary of values and return the Picture; errors name the values."""
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": "stragglers"}):
        axes, sentence = drawn(draw, values, panels, height)
        svgs = tuple(slim(svg_text(ax.figure)) for ax in axes)
    return Picture(svgs, tuple(table(ax) for ax in axes), sentence)


def drawn(draw, values, panels, height):
    """Call `draw` with a dictionary of values, STYLE being set; return its panels and sentence."""
    called = ", ".join(f"{name}={value!r}" for name, value in values.items())
    called = f"{name_of(draw)}({called})"
    with Elsewhere() as elsewhere:
        axes = [copied_axes(height) for _ in range(panels)]
        try:
            sentence = draw(axes[0] if panels == 1 else axes, **values)
        except Exception as error:
            raise RuntimeError(f"{called} failed: {type(error).__name__}: {error}") from error
        if elsewhere.drawn():
            raise RuntimeError(f"{called} failed: {PYPLOT.format(name_of(draw))}")
    if not isinstance(sentence, str) or not sentence.strip():
        raise TypeError(f"{called} must return the sentence that says what it shows")
    for ax in axes:
        set_plain_logarithms(ax)
    return axes, " ".join(sentence.split())


def photograph(draw, values, panels, height):
    """Return what `draw` draws as a PNG: its panels side by side on white paper.

    Where notebooks are only looked at, on GitHub for one, other pictures are left out.
    """
    shots, buffer = [], io.BytesIO()
    with matplotlib.rc_context({**STYLE, "figure.dpi": 120, "figure.facecolor": "white"}):
        axes = [new_axes(height) for _ in range(panels)]
        draw(axes[0] if panels == 1 else axes, **values)
        for ax in axes:
            canvas = FigureCanvasAgg(ax.figure)
            canvas.draw()
            shots.append(np.asarray(canvas.buffer_rgba()))
        imsave(buffer, np.hstack(shots), format="png")
    return buffer.getvalue()


class Elsewhere:
    """Pyplot's figures while a draw function runs: it must leave them alone, and open none."""

    def __enter__(self):
        self.before = {figure: figure.stale for figure in pyplot_figures()}
        for figure in self.before:
            figure.stale = False
        return self

    def drawn(self):
        return any(figure.stale or figure not in self.before for figure in pyplot_figures())

    def __exit__(self, *_):
        for figure in pyplot_figures():
            if figure in self.before:
                figure.stale = figure.stale or self.before[figure]
            else:
                sys.modules["matplotlib.pyplot"].close(figure)


def pyplot_figures():
    """Return the figures that pyplot holds open; it may never have been loaded."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    managers = pyplot._pylab_helpers.Gcf.get_all_fig_managers() if pyplot else []
    return [manager.canvas.figure for manager in managers]


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


def copied_axes(height):
    """Return the same as `new_axes`, but quicker: reading axes takes less than building them.

    A transform knows those that depend on it by their place in memory. What is read stands at
    another place: a new transform that came to stand at the old one would take its entry, and a
    text would stay where it was when the axis changes.
    """
    ax, transforms = pickle.loads(blank_axes(height))
    for transform in transforms:
        dependent = [found for ref in transform._parents.values() if (found := ref())]
        transform._parents.clear()
        for one in dependent:
            one.set_children(transform)
    FigureCanvasSVG(ax.figure)
    return ax


@cache
def blank_axes(height):
    """Return new axes, and all their transforms, as bytes.

    They have the ticks that most pictures need, which take longest.
    """
    ax = new_axes(height)
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_ticks(6)
    return pickle.dumps((ax, transforms_of(ax)))


def transforms_of(thing):
    """Return all transforms that would be written with a thing."""
    found = {}

    class Finder(pickle.Pickler):
        def persistent_id(self, part):
            if isinstance(part, TransformNode):
                found[id(part)] = part

    Finder(io.BytesIO()).dump(thing)
    return list(found.values())


class PlainPowers(LogFormatterSciNotation):
    """Powers on a logarithmic axis in plain characters, 10³, 2×10³: quick to draw, short."""

    def __call__(self, x, pos=None):
        return POWER.sub(plain_power, super().__call__(x, pos))


def plain_power(found):
    factor, base, power = found.groups()
    return (f"{factor}×" if factor else "") + base + power.translate(RAISED)


def set_plain_logarithms(ax):
    """Let logarithmic axes that `draw` has left as matplotlib makes them show plain powers.

    Where they reach over two powers, ticks between them say nothing, and take longest to draw.
    """
    for axis in (ax.xaxis, ax.yaxis):
        base = getattr(axis.get_transform(), "base", None)
        if base is None:
            continue
        low, high = sorted(axis.get_view_interval())
        if high >= base**2 * low and type(axis.get_minor_locator()) is LogLocator:
            axis.set_minor_locator(NullLocator())
        for ticks in (axis.major, axis.minor):
            if type(ticks.formatter) is LogFormatterSciNotation:
                ticks.formatter = PlainPowers(base, labelOnlyBase=ticks.formatter.labelOnlyBase)
                ticks.formatter.set_axis(axis)


class Measured(RendererSVG):
    """Matplotlib's writer of SVG, which measures a text once and not once a picture."""

    def get_text_width_height_descent(self, s, prop, ismath):
        return _size(s, prop, ismath)


_size = lru_cache(10_000)(text_to_path.get_text_width_height_descent)


def svg_text(figure):
    """Return the figure as SVG, without date and preamble, as `print_svg` of its canvas does."""
    buffer, image_dpi = io.StringIO(), figure.dpi
    figure.dpi = 72
    width, height = 72 * figure.get_size_inches()
    renderer = Measured(width, height, buffer, image_dpi=image_dpi, metadata=NO_DATE)
    figure.draw(renderer)
    renderer.finalize()
    text = buffer.getvalue()
    return text[text.index("<svg") :]


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
