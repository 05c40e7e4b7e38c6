"""Draw the picture of the README, the race of 20 workers, as the book draws it.

python -m tools.readme_picture
"""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from stragglers.explorer.style import STYLE
from stragglers.figures.race import slowest_and_fastest

PLACE = Path(__file__).parents[1] / "book" / "_static" / "race.svg"


def draw(file):
    """Write the picture to a path or a binary file, the same bytes each time."""
    paper = {"figure.facecolor": "white", "savefig.facecolor": "white"}
    fixed = {"svg.hashsalt": "stragglers", "font.family": "sans-serif"}
    with matplotlib.rc_context({**STYLE, **paper, **fixed}):
        figure = Figure(figsize=(8.4, 3))
        place = {"left": 0.05, "right": 0.98, "bottom": 0.17, "top": 0.88, "wspace": 0.15}
        slowest_and_fastest(figure.subplots(1, 2, gridspec_kw=place), m=20, rate=2)
        figure.savefig(file, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    draw(PLACE)
