"""Real jobs: read a table of measured times, say why its steps are slow, and what would help.

- table: `Table`, times of shape (steps, workers) in seconds
- read: a table from a CSV or Parquet file or a Chrome trace; assemble: from rows, nothing filled in
- recorded: the three jobs that the book ships; data: their tables
- measured: summaries of two of these jobs at another grain, for the chapter "Any distribution"
- shares: whose fault, worker or step or neither; blocks: slow spells, and their bootstrap
- ladder: no waiting, exponential, iid, unequal, measured: which assumption fails, in seconds
- what_if: another protocol, fewer workers; best k; prediction of the second half from the first
- report: the report; words: as text; page: as HTML; picture: its figure; command: `stragglers job`
"""

from .read import read
from .recorded import recorded
from .report import Report, report
from .table import Table
from .what_if import WhatIf, best_k, held_out, what_if

__all__ = [
    "Report",
    "Table",
    "WhatIf",
    "best_k",
    "held_out",
    "read",
    "recorded",
    "report",
    "what_if",
]
