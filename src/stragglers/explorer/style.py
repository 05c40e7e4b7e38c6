"""One look for the whole book: the same quantity has the same colour and marker everywhere."""

INK, GRID = "#1b1b1b", "#dcdcdc"

COLOURS = {  # told apart without red and green; all that texts have, 4.5 : 1 against the paper
    "slowest": "#b84a00",  # also: synchronous
    "fastest": "#0067a5",  # also: asynchronous
    "kth": "#00724f",  # the K-th fastest, and K-sync
    "typical": "#8c3f78",  # one worker, the parent distribution
    "waiting": "#b3b3b3",  # fills bars, and no text
    "limit": "#5c6570",  # a limit, a bound or an approximation, beside the exact value: dashed
}
MARKERS = {"slowest": "o", "fastest": "s", "kth": "^", "typical": "D"}

STYLE = {
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titley": 1.03,  # a fixed place, else every picture lays its ticks out twice
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "lines.markeredgewidth": 1.2,
    "markers.fillstyle": "none",  # simulated points are hollow: the exact line shows through
    "legend.frameon": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
}

LETTER = 0.62 * STYLE["font.size"] / 72  # inches that a bold letter takes, or a little less


def label(ax, point, text, colour, side="right", above=6):
    """Write a text at the "right", the "left" or the "middle" of a point, so many points above it.

    Where the panel has no room for it there, it stands as near as it can. Set the limits first.
    """
    width = LETTER * len(text) / (ax.bbox.width / ax.figure.dpi)
    moved = {"right": 0.02, "left": -0.02 - width, "middle": -width / 2}[side]
    place = ax.transAxes.inverted().transform(ax.transData.transform(point))
    start = min(max(place[0] + moved, 0.01), 1 - width), place[1]
    start = ax.transData.inverted().transform(ax.transAxes.transform(start))
    style = {"textcoords": "offset points", "va": "bottom", "fontweight": "bold"}
    ax.annotate(text, start, xytext=(0, above), color=colour, **style)
