"""The figures of the book: a module a chapter, a draw function a figure, named by its story.

A draw function takes an `ax` and numbers. It draws on the axes it is given (one, or a list where
the figure has several panels), neither shows nor saves, and returns one sentence that says in
words what the picture shows. Simulated points are hollow markers, exact values are lines.

A chapter finds its figures by its name: `figures.race` is loaded when it is asked for.
"""

from importlib import import_module
from pkgutil import iter_modules

from ..explorer.style import COLOURS, MARKERS, STYLE
from ..jobs.measured import measured_job, measured_law, measured_laws

CHAPTERS = sorted(found.name for found in iter_modules(__path__))
__all__ = [
    "COLOURS",
    "MARKERS",
    "STYLE",
    "measured_job",
    "measured_law",
    "measured_laws",
    *CHAPTERS,
]


def __dir__():
    return __all__


def __getattr__(name):
    if name in CHAPTERS:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {CHAPTERS}")
