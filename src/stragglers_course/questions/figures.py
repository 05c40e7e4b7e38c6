"""Questions whose answer is a figure: the curves on its axes, their labels, its legend."""

import itertools
import re
from dataclasses import dataclass

import numpy as np

from . import plain_data
from .question import Question, near
from .verdicts import UNANSWERED, Unreadable, right, wrong


def drawn(curves, xlabel="x", ylabel="y", legend=True):
    """Return plain axes with these curves, a dict of label: (x, y)."""
    lines = [
        {"label": label, "x": np.asarray(x).tolist(), "y": np.asarray(y).tolist()}
        for label, (x, y) in curves.items()
    ]
    names = list(curves) if legend else []
    labels = {"xlabel": xlabel, "ylabel": ylabel, "legend": names, "texts": []}
    return {"axes": {"lines": lines, "data": True, **labels}}


@dataclass(frozen=True)
class Figure(Question):
    """A question whose answer is a matplotlib Axes.

    `key(p)` is a dict of curves, name: (x, y), that must all be there, in any order, with any
    style and with points in between; a mistake's value has the same form. Labelled axes and a
    legend are worth half.
    """

    rtol: float = 0.02

    form = "the axes of a figure"

    def well_posed(self, p):
        """All cases are: the known mistakes are other curves, not other numbers."""
        return True

    def judge(self, answer, p):
        """Return the Verdict on plain axes."""
        if isinstance(answer, list) and len(answer) == 1:
            answer = answer[0]
        if answer is None:
            return UNANSWERED
        if not isinstance(answer, dict) or "axes" not in answer:
            return wrong(f"axes are asked for (ax), not {plain_data.describe(answer)}.", "form")
        axes = {**answer["axes"], "lines": answer["axes"]["lines"][: plain_data.LINES]}
        if not axes["lines"]:
            drawn = axes.get("data")
            return wrong("draw the curves with ax.plot.", "empty") if drawn else UNANSWERED
        curves = self.key(p)
        missing = [name for name, curve in curves.items() if not _lines(axes, curve, self.rtol)]
        if missing:
            return self._not_right(axes, missing, p)
        named = [line for line in axes["lines"] if not line["label"].startswith("_")]
        if len(named) > len(curves) + 2:
            return wrong("the right curves are among others: draw those asked for.", "crowd", 0.5)
        if not (axes["xlabel"].strip() and axes["ylabel"].strip()):
            return wrong("the curves are right; name both axes, with units.", "axis-names", 0.5)
        if not self._are_told_apart(axes, curves):
            return wrong("the curves are right; say in a legend which is which.", "legend", 0.5)
        if self._are_swapped(axes, curves):
            return wrong("the curves are right; their names are swapped.", "swapped", 0.5)
        return right()

    def _not_right(self, axes, missing, p):
        for mistake in self.mistakes:
            curves = mistake.value(p).values()
            if all(_lines(axes, curve, self.rtol) for curve in curves):
                return wrong(mistake.feedback, mistake.name)
        if len(missing) < len(self.key(p)):
            return wrong(f"not there, or not right: {', '.join(missing)}.", "one-curve")
        first, last = (self.key(p)[missing[0]][0][place] for place in (0, -1))
        if not any(_reaches(line, (first, last)) for line in axes["lines"]):
            return wrong(f"the curves must reach from {first:g} to {last:g}.", "range")
        return wrong("the curves are not yet right; compare a point or two by hand.")

    @staticmethod
    def _are_told_apart(axes, curves):
        names = [[t for t in axes[place] if t.strip()] for place in ("legend", "texts")]
        return max(map(len, names)) >= len(curves)

    def _are_swapped(self, axes, curves):
        """Whether two curves bear each other's names, and not their own."""
        named = {}
        for name, curve in curves.items():
            labels = " ".join(line["label"] for line in _lines(axes, curve, self.rtol))
            named[name] = {n for n in curves if re.search(rf"\b{n}\b", labels, re.IGNORECASE)}
        return any(
            b in named[a] and a not in named[a] and a in named[b] and b not in named[b]
            for a, b in itertools.combinations(curves, 2)
        )

    def wrong_answers(self, p):
        """Yield (name of the mistake, plain axes)."""
        for mistake in self.mistakes:
            yield mistake.name, drawn(mistake.value(p))
        curves = self.key(p)
        yield "axis-names", drawn(curves, ylabel="")
        yield "legend", drawn(curves, legend=False)
        yield "one-curve", drawn(dict(list(curves.items())[:1]))
        yield "empty", drawn({})
        yield "range", drawn({name: (x[:-1], y[:-1]) for name, (x, y) in curves.items()})
        yield "swapped", drawn(dict(zip(curves, list(curves.values())[::-1], strict=True)))


def _lines(axes, curve, rtol):
    """Return the lines of plain axes that go through all points of a curve."""
    return [line for line in axes["lines"] if _reaches(line, curve[0]) and _goes(line, curve, rtol)]


def _reaches(line, x):
    try:
        own = [plain_data.number(value) for value in line["x"]]
    except (Unreadable, TypeError):
        return False
    return bool(own) and min(own) <= min(x) + 1e-9 and max(own) >= max(x) - 1e-9


def _goes(line, curve, rtol):
    try:
        x, y = (np.array([plain_data.number(value) for value in line[c]]) for c in "xy")
    except (Unreadable, TypeError):
        return False
    order = np.argsort(x, kind="stable")
    return len(x) == len(y) and near(np.interp(curve[0], x[order], y[order]), curve[1], rtol)
