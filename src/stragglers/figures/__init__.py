"""The figures of the book: a module a chapter, a draw function a figure, named by its story.

A draw function takes an `ax` and numbers. It draws on the axes it is given (one, or a list where
the figure has several panels), neither shows nor saves, and returns one sentence that says in
words what the picture shows. Simulated points are hollow markers, exact values are lines.
"""

from ..explorer.style import COLOURS, MARKERS, STYLE
from ..jobs.measured import measured_job, measured_law, measured_laws
from . import any_distribution, exponential, fan_out, race, simulation

__all__ = [
    "COLOURS",
    "MARKERS",
    "STYLE",
    "any_distribution",
    "exponential",
    "fan_out",
    "measured_job",
    "measured_law",
    "measured_laws",
    "race",
    "simulation",
]
