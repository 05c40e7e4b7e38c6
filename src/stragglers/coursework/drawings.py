"""Questions whose answer is a figure: the curves on its axes, their labels, its legend."""

from dataclasses import dataclass

import numpy as np

from . import plain
from .questions import Question, near
from .verdicts import UNANSWERED, Unreadable, right, wrong


def drawn(curves, xlabel="x", ylabel="y", legend=True):
    """Return plain axes with these curves, a dict of label: (x, y)."""
    lines = [
        {"label": label, "x": np.asarray(x).tolist(), "y": np.asarray(y).tolist()}
        for label, (x, y) in curves.items()
    ]
    return {"axes": {"lines": lines, "xlabel": xlabel, "ylabel": ylabel, "legend": legend}}


@dataclass(frozen=True)
class Figure(Question):
    """A question whose answer is a matplotlib Axes.

    `key(p)` is a dict of curves, name: (x, y), that must all be there, in any order and with any
    style; a mistake's value has the same form. Labelled axes and a legend are worth half.
    """

    rtol: float = 0.02

    form = "the axes of a figure"

    def well_posed(self, p):
        """All cases are: the known mistakes are other curves, not other numbers."""
        return True

    def judge(self, answer, p):
        """Return the Verdict on plain axes."""
        if answer is None:
            return UNANSWERED
        if not isinstance(answer, dict) or "axes" not in answer:
            return wrong(f"axes are asked for (ax), not {plain.describe(answer)}.", "form")
        axes = answer["axes"]
        if not axes["lines"]:
            return wrong("the axes have no curve yet; draw with ax.plot.", "empty")
        missing = [name for name, curve in self.key(p).items() if not self._has(axes, curve)]
        if missing:
            return self._not_right(axes, missing, p)
        if not (axes["xlabel"].strip() and axes["ylabel"].strip()):
            return wrong("the curves are right; name both axes, with units.", "axis-names", 0.5)
        if not axes["legend"]:
            return wrong("the curves are right; say in a legend which is which.", "legend", 0.5)
        return right()

    def _not_right(self, axes, missing, p):
        for mistake in self.mistakes:
            curves = mistake.value(p).values()
            if all(self._has(axes, curve) for curve in curves):
                return wrong(mistake.feedback, mistake.name)
        if len(missing) < len(self.key(p)):
            return wrong(f"not there, or not right: {', '.join(missing)}.", "one-curve")
        return wrong("the curves are not yet right; compare a point or two by hand.")

    def _has(self, axes, curve):
        return any(self._same(line, curve) for line in axes["lines"])

    def _same(self, line, curve):
        try:
            pairs = [[plain.number(v) for v in line[c]] for c in "xy"]
        except (Unreadable, TypeError):
            return False
        return near(pairs[0], curve[0], 1e-9) and near(pairs[1], curve[1], self.rtol)

    def wrong_answers(self, p):
        """Yield (name of the mistake, plain axes)."""
        for mistake in self.mistakes:
            yield mistake.name, drawn(mistake.value(p))
        curves = self.key(p)
        yield "axis-names", drawn(curves, ylabel="")
        yield "legend", drawn(curves, legend=False)
        yield "one-curve", drawn(dict(list(curves.items())[:1]))
        yield "empty", drawn({})
