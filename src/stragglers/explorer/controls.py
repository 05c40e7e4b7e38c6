"""A control of an explorer: a name, a label, and the values that it runs through."""

import inspect
import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real


@dataclass(frozen=True)
class Control:
    """One argument of `draw`: `kind` is "numbers", "words" or "switch"; `start` is an index."""

    name: str
    label: str
    values: tuple
    start: int

    @property
    def kind(self):
        if all(isinstance(value, bool) for value in self.values):
            return "switch"
        return "words" if any(isinstance(value, str) for value in self.values) else "numbers"

    def text(self, value):
        """Return the value as a reader sees it."""
        return str(value) if isinstance(value, str | bool) else format(value, "g")


def check_controls(draw, controls, start, labels):
    """Return a tuple of `Control`, or raise an error that names what is wrong with which."""
    if not callable(draw):
        raise TypeError(f"draw must be a function draw(ax, ...), not {draw!r}")
    wanted = list(inspect.signature(draw).parameters.values())[1:]
    names = [parameter.name for parameter in wanted]
    needed = [parameter.name for parameter in wanted if parameter.default is parameter.empty]
    name_of_draw = getattr(draw, "__name__", repr(draw))
    if missing := [name for name in needed if name not in controls]:
        raise TypeError(f"{name_of_draw} needs values for {missing}: give explore each as a list")
    for what, given in (("control", controls), ("start", start), ("label", labels)):
        if unknown := [name for name in given if name not in names]:
            raise TypeError(f"{what} {unknown} is no argument of {name_of_draw}, which has {names}")
    return tuple(
        make_control(name, values, start.get(name), labels.get(name, name))
        for name, values in controls.items()
    )


def make_control(name, values, start, label):
    """Return the control of these values; `start` is one of them, or None for the usual choice."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a range or a list of values, not {values!r}")
    values = tuple(plain(name, value) for value in values)
    kinds = {type(value) if isinstance(value, bool | str) else float for value in values}
    if not values:
        raise ValueError(f"{name} has no values; a control needs one at least")
    if len(kinds) > 1:
        raise TypeError(f"{name} mixes {list(values)}: numbers, words, or True and False, not both")
    if len(set(values)) < len(values):
        raise ValueError(f"{name} has a value twice: {list(values)}")
    if kinds == {float} and list(values) != sorted(values):
        raise ValueError(f"{name} must rise from left to right, not {list(values)}")
    if start is None:  # a reader starts in the middle of a range, or at the first word
        return Control(name, label, values, len(values) // 2 if kinds == {float} else 0)
    if start not in values:
        raise ValueError(f"start of {name} is {start!r}, which is none of {list(values)}")
    return Control(name, label, values, values.index(start))


def plain(name, value):
    """Return the value as plain bool, int, float or str, so that pages and kernels agree on it."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and math.isfinite(value):
        return float(value)
    raise TypeError(f"{name} has the value {value!r}: allowed are finite numbers, words, booleans")
