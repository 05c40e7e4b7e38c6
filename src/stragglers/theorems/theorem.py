"""The form of an entry of the register."""

from collections.abc import Callable
from dataclasses import dataclass

DRAWS = 20_000


@dataclass(frozen=True)
class Theorem:
    """One instance of a theorem: `exact()` is a number, `simulate(rng)` draws with that mean.

    `chapter` is the file name of its page; `instance` and `source` are the text that readers see.
    The draws must be independent, and their variance finite.
    """

    chapter: str
    instance: str
    source: str
    exact: Callable
    simulate: Callable
