"""A control of an explorer: a name, a label, and the values that it runs through."""

import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real

from .pictures import name_of

MOST_PANELS, HEIGHTS = 6, (1, 20)  # below an inch, margins leave no room for the axes
OPTIONS = {"start", "labels", "panels", "height", "between"}
KEYWORD_ONLY, VAR_KEYWORD = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD
VAR_POSITIONAL = inspect.Parameter.VAR_POSITIONAL


@dataclass(frozen=True)
class Control:
    """One argument of `draw`: `kind` is "numbers", "words" or "switch"; `start` is an index.

    Where `between`, a kernel draws for every value from the first to the last.
    """

    name: str
    label: str
    values: tuple
    start: int
    between: bool = False

    @property
    def kind(self):
        if all(isinstance(value, bool) for value in self.values):
            return "switch"
        return "words" if any(isinstance(value, str) for value in self.values) else "numbers"

    def text(self, value):
        """Return the value as a reader sees it."""
        return str(value) if isinstance(value, str | bool) else format(value, "g")


def check_layout(panels, height):
    """Raise an error that says what the panels and their height may be."""
    if isinstance(panels, bool) or not isinstance(panels, Integral):
        raise TypeError(f"panels must be a whole number, how many axes draw gets, not {panels!r}")
    if not 1 <= panels <= MOST_PANELS:
        raise ValueError(f"panels must be from 1 to {MOST_PANELS}, not {panels}")
    if isinstance(height, bool) or not isinstance(height, Real):
        raise TypeError(
            f"height must be a number, of inches that a panel is high, not {height!r}; an argument "
            "of draw that is called height needs another name to have a control"
        )
    if not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise ValueError(f"height must be from {HEIGHTS[0]} to {HEIGHTS[1]} inches, not {height}")


def check_controls(draw, controls, start=None, labels=None, between=()):
    """Return a tuple of `Control`, or raise an error that names what is wrong with which."""
    if not callable(draw):
        raise TypeError(f"draw must be a function draw(ax, ...), not {draw!r}")
    start, labels = by_name("start", start, 2), by_name("labels", labels, "workers m")
    name_of_draw = name_of(draw)
    names, needed = arguments_of(draw)
    if taken := [name for name in needed if name in OPTIONS]:
        raise TypeError(
            f"{name_of_draw} has the argument {taken[0]}, which is an option of explore and can "
            "have no control: give it another name"
        )
    if missing := [name for name in needed if name not in controls]:
        raise TypeError(f"{name_of_draw} needs values for {missing}: give explore each as a list")
    if isinstance(between, str):
        raise TypeError(f"between must be a list of names, not {between!r}: between=[{between!r}]")
    asked = (("control", controls), ("start", start), ("label", labels), ("between", between))
    for what, given in asked:
        if unknown := [name for name in given if name not in names]:
            raise TypeError(f"{what} {unknown} is no argument of {name_of_draw}, which has {names}")
    return tuple(
        make_control(name, values, start.get(name), labels.get(name, name), name in between)
        for name, values in controls.items()
    )


def arguments_of(draw):
    """Return the names of the arguments of `draw` after its first, and of those without default."""
    try:
        parameters = inspect.signature(draw).parameters.values()
    except ValueError:
        raise TypeError(f"draw must tell its arguments: {draw!r} has no signature") from None
    if not parameters or next(iter(parameters)).kind in (KEYWORD_ONLY, VAR_KEYWORD):
        raise TypeError(f"{name_of(draw)} must take the axes as its first argument: draw(ax, ...)")
    named = [p for p in list(parameters)[1:] if p.kind not in (VAR_POSITIONAL, VAR_KEYWORD)]
    return [p.name for p in named], [p.name for p in named if p.default is p.empty]


def by_name(option, given, example):
    """Return a dictionary that an option gives by argument; None stands for an empty one."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(
            f'{option} must be a dictionary by argument, as {{"m": {example!r}}}, not {given!r}'
        )
    return given


def make_control(name, values, start, label, between=False):
    """Return the control of these values; `start` is one of them, or None for the usual choice."""
    if not isinstance(label, str) or not label.strip():
        raise TypeError(f"the label of {name} must be words, not {label!r}")
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
    if between and kinds != {float}:
        raise TypeError(f"{name} has nothing between {list(values)}: between is for numbers")
    if start is None:  # a reader starts in the middle of a range, or at the first word
        return Control(name, label, values, len(values) // 2 if kinds == {float} else 0, between)
    if start not in values:
        raise ValueError(f"start of {name} is {start!r}, which is none of {list(values)}")
    return Control(name, label, values, values.index(start), between)


def plain(name, value):
    """Return the value as plain bool, int, float or str, so that pages and kernels agree on it."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and math.isfinite(value):
        return float(value)
    raise TypeError(f"{name} has the value {value!r}: allowed are finite numbers, words, booleans")
