"""Questions whose answer is a function: it is called where the student's code runs, judged here.

The plain answer is that of `plain_data.plain`, with "calls": [[arguments, outcome], ...], an
outcome being what `plain_data.call` gives. The first calls are the open ones, which `check` makes
too; the hidden ones, if any, follow.
"""

from dataclasses import dataclass

import numpy as np

from . import plain_data
from .question import Question, near
from .verdicts import UNANSWERED, Unreadable, right, wrong

FAR = 2.7  # right draws are further off once in a million times (Kolmogorov's limit law)
NOTHING = ({"value": None}, {"value": {"unsupported": "NotImplementedType"}})


def answered(function, calls):
    """Return the plain answer of a live function: its outcomes for these argument lists."""
    outcomes = [[arguments, plain_data.call(function, arguments)] for arguments in calls]
    return {**plain_data.plain(function), "calls": outcomes}


@dataclass(frozen=True)
class Function(Question):
    """A question whose answer is a function with one right value for every argument list.

    `key(*arguments)` is that value; `open(p)` and `hidden(rng)` give lists of argument lists.
    """

    open: object = None
    hidden: object = None
    rtol: float = 1e-5  # six significant digits

    form = "a function"
    calls_functions = True

    def requests(self, p, rng=None):
        """Return the argument lists to call the function on; the hidden ones only with `rng`."""
        return self.open(p) + (self.hidden(rng) if rng is not None else [])

    def well_posed(self, p):
        """All cases are: the known mistakes are other functions, not other numbers."""
        return True

    def judge(self, answer, p):
        """Return the Verdict on the outcomes; half the points if only the open calls are right."""
        if answer is None:
            return UNANSWERED
        if not isinstance(answer, dict) or "calls" not in answer:
            return wrong(f"a function is asked for, not {plain_data.describe(answer)}.", "form")
        calls = answer["calls"]
        if all(outcome in NOTHING for _, outcome in calls):
            if answer.get("empty"):
                return UNANSWERED
            return wrong("the function returns nothing: end it with return, not print.", "nothing")
        return self.judge_calls(calls, len(self.open(p)))

    def judge_calls(self, calls, opened):
        """Return the Verdict on pairs of arguments and outcome, the first `opened` ones open."""
        good = [self._is(self.key(*arguments), outcome) for arguments, outcome in calls]
        if all(good):
            return right()
        share = 0.5 if len(calls) > opened and all(good[:opened]) else 0.0
        for mistake in self.mistakes:
            values = (mistake.value(*arguments) for arguments, _ in calls)
            if all(self._is(v, outcome) for v, (_, outcome) in zip(values, calls, strict=True)):
                return wrong(mistake.feedback, mistake.name, share)
        arguments, outcome = next(c for c, g in zip(calls, good, strict=True) if not g)
        if good.index(False) >= opened:
            return wrong("right on the open inputs, not on all hidden ones.", "hidden", share)
        if "error" in outcome:
            return wrong(f"for the arguments {arguments} it raises {outcome['error']}.", "raises")
        try:
            _numbers(outcome["value"])
        except Unreadable as error:
            return wrong(f"for the arguments {arguments}: {error}", "form")
        return wrong(f"not yet right, for instance for the arguments {arguments}.")

    def _is(self, value, outcome):
        try:
            found = _numbers(outcome["value"])
        except (KeyError, Unreadable):
            return False
        return near(found, value, self.rtol)

    def wrong_answers(self, p):
        """Yield (name of the mistake, wrong function)."""
        for mistake in self.mistakes:
            yield mistake.name, mistake.value


def _numbers(value):
    if isinstance(value, list):
        return [plain_data.number(x, "an entry of what it returns") for x in value]
    return plain_data.number(value, "what it returns")


@dataclass(frozen=True)
class Simulation(Function):
    """A question whose answer is a function (..., rounds, seed) that returns `rounds` draws.

    `key(...)` without rounds and seed is (mean, standard deviation) of one draw, and `cdf(t, ...)`
    its distribution function. Five standard errors are allowed, and a distance of `FAR` between
    the two distribution functions; one seed must give the same draws twice, another one others.
    """

    cdf: object = None

    def judge_calls(self, calls, opened):
        """Return the Verdict on pairs of arguments and outcome."""
        verdicts = [self._judge_one(arguments, outcome) for arguments, outcome in calls]
        if bad := next((v for v in verdicts if v.status != "right"), None):
            return bad
        draws = [(str(arguments), outcome["value"]) for arguments, outcome in calls]
        (first, one), others = draws[0], draws[1:]
        if any(text == first and values != one for text, values in others):
            return wrong("the same seed gives other draws each time: use the seed.", "unseeded")
        if any(text != first and values == one for text, values in others):
            return wrong("another seed gives the same draws: the seed is not used.", "fixed-seed")
        return right()

    def _judge_one(self, arguments, outcome):
        *shape, rounds, _ = arguments
        if "error" in outcome:
            return wrong(f"for the arguments {arguments} it raises {outcome['error']}.", "raises")
        try:
            values = _numbers(outcome["value"])
        except Unreadable as error:
            return wrong(str(error), "form")
        mean, std = self.key(*shape)
        if np.shape(values) == (rounds,) and self._fits(values, mean, std):
            if self._distance(values, shape) > FAR:
                return wrong("mean and spread are right, the distribution is not.", "distribution")
            return right()
        for mistake in self.mistakes:
            twin = np.asarray(mistake.value(*arguments), dtype=float)
            if twin.shape == np.shape(values) and self._fits(values, twin.mean(), twin.std()):
                return wrong(mistake.feedback, mistake.name)
        if np.shape(values) != (rounds,):
            return wrong(f"{np.size(values)} values for {rounds} rounds: one a round.", "length")
        if not self._fits(values, np.mean(values), std):
            return wrong("the draws do not have the spread of independent rounds.", "spread")
        return wrong("the mean over the rounds is more than five standard errors off.", "mean")

    def _distance(self, values, shape):
        """Return the largest distance of the distribution functions, times the root of rounds."""
        steps = np.arange(len(values) + 1) / len(values)
        exact = self.cdf(np.sort(values), *shape)
        return max(np.max(steps[1:] - exact), np.max(exact - steps[:-1])) * np.sqrt(len(values))

    @staticmethod
    def _fits(values, mean, std):
        """Whether draws have this mean, to 5 standard errors, and this spread, to a fifth."""
        error = 5 * std / np.sqrt(np.size(values)) + 1e-9 * abs(mean)
        close = abs(np.mean(values) - mean) <= 1.5 * error
        return bool(close and abs(np.std(values) - std) <= 0.2 * std + 1e-9)
