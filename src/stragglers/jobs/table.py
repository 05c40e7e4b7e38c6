"""A table of measured times: how long each worker took in each step, in seconds."""

from dataclasses import dataclass, replace

import numpy as np

from ..laws.named import trace


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Measured times of a job, a row a step and a column a worker.

    - times: shape (steps, workers), seconds; finite, at least 0, none missing.
    - steps: shape (steps,), the steps' numbers or names; 0, 1, ... unless given.
    - workers: their names, a tuple of strings; "0", "1", ... unless given.
    - notes: sentences on what was left out or looks odd, a tuple; a report prints them.

    ValueError for times of another shape, that are no times or all 0, or names that do not fit.

    >>> Table([[1, 2], [3, 1]])
    Table(2 steps x 2 workers, 1 s to 3 s)
    """

    times: np.ndarray
    steps: np.ndarray | None = None
    workers: tuple | None = None
    notes: tuple = ()

    def __post_init__(self):
        times = np.asarray(self.times, dtype=float)
        if times.ndim != 2 or 0 in times.shape:
            raise ValueError(f"times must have shape (steps, workers), got {times.shape}")
        if not np.all(np.isfinite(times) & (times >= 0)):
            bad = times[~(np.isfinite(times) & (times >= 0))][0]
            raise ValueError(f"times must be finite numbers of at least 0, got {bad}")
        if not times.any():
            raise ValueError("times must not all be 0")
        steps = np.arange(len(times)) if self.steps is None else np.asarray(self.steps)
        names = range(times.shape[1]) if self.workers is None else self.workers
        workers = tuple(str(name) for name in names)
        if steps.shape != times.shape[:1]:
            raise ValueError(f"steps must have shape ({len(times)},), got {steps.shape}")
        if len(workers) != times.shape[1] or len(set(workers)) != len(workers):
            raise ValueError(
                f"workers must be {times.shape[1]} different names, got {list(workers)}"
            )
        fields = {"times": times, "steps": steps, "workers": workers, "notes": tuple(self.notes)}
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        n, m = self.times.shape
        low, high = self.times.min(), self.times.max()
        return f"Table({n} steps x {m} workers, {low:.4g} s to {high:.4g} s)"

    def column(self, worker):
        """Return the column of the worker of that name, or raise ValueError."""
        if str(worker) not in self.workers:
            raise ValueError(f"worker must be one of {shorten(self.workers)}, got {worker!r}")
        return self.workers.index(str(worker))

    def without(self, workers):
        """Return the table without these workers, a list of names."""
        left_out = {self.column(worker) for worker in workers}
        kept = [i for i in range(len(self.workers)) if i not in left_out]
        if not kept:
            raise ValueError(f"without must leave a worker, got {list(workers)}")
        names = [self.workers[i] for i in kept]
        return replace(self, times=self.times[:, kept], workers=names)

    def rows(self, index):
        """Return the table of the steps at these indices, a slice or an array."""
        return replace(self, times=self.times[index], steps=self.steps[index])

    def law(self):
        """Return the law of one worker's time, all workers and steps taken together: a trace."""
        return trace(self.times.ravel())

    def laws(self):
        """Return the laws of the workers, one trace each: a list that `order_statistic` takes."""
        return [trace(column) for column in self.times.T]


def shorten(names, most=12):
    """Return a list of names as text, of at most so many of them."""
    names = [str(name) for name in names]
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more
