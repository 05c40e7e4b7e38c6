"""A figure with controls: live in a kernel, and equally alive on a static page.

In a kernel the controls are ipywidgets and call `draw`. For a static page `draw` has been called
for every combination of control values, and the pictures travel in the page; see `page.py`.
"""

import base64
import math
import os
from collections.abc import Callable, Sequence

from .controls import check_controls, check_layout
from .kept import keeps_outputs_apart, kept_html
from .kernel import is_live_kernel, is_terminal
from .page import combinations, default_values, page_html, still_html
from .pictures import name_of, photograph
from .store import Store

MOST_PICTURES, MOST_BYTES = 2000, 400_000


class Explorer:
    """What `explore` returns: shown by a notebook, a book or a browser, each in its way."""

    def __init__(self, draw, controls, panels, height):
        self.draw, self.controls = draw, controls
        self.name = name_of(draw)
        self.store = Store(draw, panels, height)

    def __repr__(self):
        names = ", ".join(f"{c.name}={list(c.values)!r}" for c in self.controls)
        return f"explore({self.name}, {names})"

    def picture(self, **values):
        """Return the Picture for these values: its panels (SVG), tables (CSV) and sentence."""
        return self.store.picture(values)

    def html(self):
        """Return the explorer for a static page, complete in itself."""
        first = self.picture(**default_values(self.controls))
        if not self.controls:
            return still_html(first)
        pictures = self.store.all(list(combinations(self.controls)))
        text = page_html(self.name, self.controls, first, pictures)
        if len(text) > MOST_BYTES:
            raise ValueError(
                f"explore({self.name}) takes {len(text):,} bytes of a page, "
                f"{MOST_BYTES:,} are allowed: {thin(self.controls)}"
            )
        return text

    def _ipython_display_(self):
        """Show a picture to keep and the widget, in JupyterLab; elsewhere `_repr_mimebundle_`."""
        if not (self.controls and is_live_kernel() and keeps_outputs_apart()):
            raise NotImplementedError
        from IPython.display import display

        from .widget import kernel_widget

        first = self.picture(**default_values(self.controls))
        display({"text/html": kept_html(first), "text/plain": repr(self)}, raw=True)
        display(kernel_widget(self))

    def _repr_mimebundle_(self, **_):
        """Return the widget for a kernel and the html for a page.

        Somebody who sits at a live kernel sees the widget, and does not wait for pictures that no
        page needs yet: then the html is the first picture alone, unless all have been kept. A
        program that runs notebooks gets no widget, which would be dead on the page that it makes:
        nbconvert would put it in the place of the html. With STRAGGLERS_STILLS in its environment
        it gets a PNG too, for places that show no html. A terminal shows a line of text.
        """
        text, live = {"text/plain": repr(self)}, is_live_kernel()
        if live is None and is_terminal():
            return text
        waits = live and not self.store.has(combinations(self.controls))
        first = default_values(self.controls)
        html = still_html(self.picture(**first)) if waits else self.html()
        bundle = text | {"text/html": html}
        if self.controls and live is not False:
            from .widget import kernel_widget

            bundle |= kernel_widget(self)._repr_mimebundle_()
        if live is False and os.environ.get("STRAGGLERS_STILLS"):
            png = photograph(self.draw, first, self.store.panels, self.store.height)
            bundle |= {"image/png": base64.b64encode(png).decode()}
        return bundle


def explore(
    draw: Callable,
    *,
    start: dict | None = None,
    labels: dict | None = None,
    panels: int = 1,
    height: float = 3.0,
    between: Sequence[str] = (),
    **controls,
) -> Explorer:
    """Return a figure with a control for each argument of `draw` after its first.

    `draw(ax, m, rate)` draws one picture on `ax` and returns the sentence that says in words what
    it shows; with `panels` above 1 it gets a list of axes. Each control is a range or a list of
    numbers, of words, or [False, True]. `start` gives the values to begin with and `labels` the
    names that readers see, both by argument; `height` is in inches, a panel being 4 wide.
    A control called `time` can be played, one called `seed` runs again. Where a kernel draws, the
    numbers named in `between` reach every value between the first and the last; others only the
    listed ones, as on a page.

    Raises TypeError or ValueError that names the control, and RuntimeError where `draw` fails.

    >>> def dots(ax, m):
    ...     ax.plot(range(m), range(m), "o", label="dots")
    ...     return f"{m} dots"
    >>> explore(dots, m=[1, 2, 4], start={"m": 2}).picture(m=2).sentence
    '2 dots'
    """
    check_layout(panels, height)
    controls = check_controls(draw, controls, start, labels, between)
    number = math.prod(len(control.values) for control in controls)
    if number > MOST_PICTURES:
        raise ValueError(
            f"explore would draw {number} pictures, {MOST_PICTURES} are allowed: {thin(controls)}"
        )
    return Explorer(draw, controls, panels, height)


def picture(draw: Callable, *, panels: int = 1, height: float = 3.0) -> Explorer:
    """Return a figure without controls: `draw(ax)` draws it and returns its sentence.

    The sentence stands below the picture, and is its text for those who do not see it.

    >>> def falling(ax):
    ...     ax.plot([1, 0], label="falling")
    ...     return "It falls from 1 to 0."
    >>> picture(falling).picture().sentence
    'It falls from 1 to 0.'
    """
    return explore(draw, panels=panels, height=height)


def thin(controls):
    """Return the advice which control to thin: the one with the most values."""
    most = max(controls, key=lambda control: len(control.values))
    return f"thin {most.name}, which has {len(most.values)} values"
