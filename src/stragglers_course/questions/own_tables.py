"""Questions about a table of times that the student has recorded, and hands in with the answer."""

from dataclasses import dataclass

import numpy as np

from . import plain_data
from .decisions import Decision
from .personal_numbers import Parameters
from .verdicts import UNANSWERED, Unreadable, wrong

STEPS, WORKERS = 30, 2  # the least


@dataclass(frozen=True)
class OwnTable(Decision):
    """A decision about the "times" in the answer: a row a step, a column a worker.

    `key(p)` and the mistakes find them as p.times, an array. `example(p)` is the table of those who
    have none: what the question is tested with.
    """

    example: object = None

    def judge(self, answer, p):
        """Return the Verdict: the fields against the table that was handed in with them."""
        if not isinstance(answer, dict):
            return super().judge(answer, p)
        if not any(answer.get(name) for name in ("times", *self.fields, "why")):
            return UNANSWERED
        try:
            times = _table(answer.get("times"))
        except Unreadable as error:
            return wrong(str(error), "table")
        told = {name: value for name, value in answer.items() if name != "times"}
        return super().judge(told, Parameters({**p, "times": times}))

    def wrong_answers(self, p):
        """Yield those of a decision, each with the table; and one without any."""
        times = self.example(p)
        for name, answer in super().wrong_answers(Parameters({**p, "times": times})):
            yield name, {**answer, "times": times.tolist()}
        yield "table", self.key(p)


def _table(rows):
    """Return plain rows as an array; raise Unreadable if they are no table of times."""
    wanted = f"times must be a table: at least {STEPS} rows (steps) of {WORKERS} or more seconds"
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Unreadable(f"{wanted}, not {plain_data.describe(rows)}.")
    if len(rows) < STEPS or len({len(row) for row in rows}) != 1 or len(rows[0]) < WORKERS:
        raise Unreadable(f"{wanted}, all of one length.")
    times = np.array([[plain_data.number(x, "a time") for x in row] for row in rows])
    if not (np.isfinite(times).all() and (times > 0).all()):
        raise Unreadable("times must be positive and finite.")
    if (times == times[0, 0]).all():
        raise Unreadable("all times are equal: is it the clock, or the table?")
    return times
