"""The problem sets: what is asked, the right answers and the known wrong ones, as formulas."""

from importlib import import_module

NAMES = (
    "race",
    "exponential",
    "laws",
    "protocols",
    "renewal",
    "redundancy",
    "staleness",
    "project",
)


def problem_set(name):
    """Return the module of a set: TITLE, CHAPTERS and QUESTIONS, a dict by name."""
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}, got {name!r}")
    return import_module(f"{__name__}.{name}")
