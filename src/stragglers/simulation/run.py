"""What a simulation returns, and how its estimates and their standard errors are made."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .progress import progress_bar

KEEP = ("updates", "gradients", "estimates")
BATCHES = 20  # of dependent updates: few, so that each is long against the memory of the process


@dataclass(frozen=True, eq=False)
class Run:
    """A simulated run: the estimates, and the arrays that were asked for (the others are None).

    The estimates are of the long run. Where updates depend on each other (the asynchronous
    protocols) they leave out the first tenth of a run from a common start, and take standard errors
    from the means of 20 long batches; too few updates for two batches leave the errors nan.
    Standard errors mean nothing where the worker's time has infinite variance.

    - updates: the number of updates, n.
    - elapsed: the instant of the last one, all workers having started (or been met) at 0.
    - time_per_update, standard_error: the estimate of the protocol's time per update, its error.
    - mean_staleness, mean_staleness_error: the same for the mean staleness of a gradient.
    - update_times: shape (n,), the instants of the updates, never decreasing.
    - staleness: shape (n,), the staleness of an update: the mean over its gradients of the number
      of updates between reading the model and changing it (an integer for one gradient an update).
    - workers: shape (n, gradients per update), who computed the gradients of an update.
    - gradient_staleness: the same shape, the staleness of each of them.

    >>> from stragglers import Async, deterministic
    >>> run = Async(2).simulate(deterministic(1), updates=4, rng=np.random.default_rng(0))
    >>> run.update_times
    array([1., 1., 2., 2.])
    """

    updates: int
    elapsed: float
    time_per_update: float
    standard_error: float
    mean_staleness: float
    mean_staleness_error: float
    update_times: np.ndarray | None = field(default=None, repr=False)
    staleness: np.ndarray | None = field(default=None, repr=False)
    workers: np.ndarray | None = field(default=None, repr=False)
    gradient_staleness: np.ndarray | None = field(default=None, repr=False)


class Block(NamedTuple):
    """Some consecutive updates: a row each. `durations` are the gaps between the `times`."""

    times: np.ndarray
    durations: np.ndarray
    workers: np.ndarray | None = None
    gradient_staleness: np.ndarray | None = None  # None: every gradient is fresh


class BatchMeans:
    """Mean and standard error of a sequence that comes in blocks, from means of equal batches.

    The first `skip` values are left out, and what does not fill a batch at the end. A length of 1
    treats the values as independent. Sums are about the first batch's mean: they do not cancel.
    """

    def __init__(self, length=1, skip=0):
        self.length, self.skip = length, skip
        self.partial, self.filled = 0.0, 0
        self.count, self.origin, self.sum, self.squares = 0, None, 0.0, 0.0

    def add(self, values):
        """Take the next values, an array."""
        skipped = min(self.skip, len(values))
        self.skip -= skipped
        if self.length == 1:
            self._add_batches(values[skipped:])
            return
        values = values[skipped:]
        missing = min(self.length - self.filled, len(values))
        self.partial += values[:missing].sum()
        self.filled += missing
        if self.filled < self.length:
            return
        self._add_batches(np.array([self.partial / self.length]))
        whole = missing + (len(values) - missing) // self.length * self.length
        self._add_batches(values[missing:whole].reshape(-1, self.length).mean(axis=1))
        self.partial, self.filled = values[whole:].sum(), len(values) - whole

    def _add_batches(self, means):
        if len(means) == 0:
            return
        if self.origin is None:
            self.origin = means[0]
        means = means - self.origin
        self.count += len(means)
        self.sum += means.sum()
        self.squares += means @ means

    def mean(self):
        """Return the mean of the full batches, or of the part of the first that there is."""
        if self.count:
            return float(self.origin + self.sum / self.count)
        return float(self.partial / self.filled) if self.filled else math.nan

    def standard_error(self):
        """Return the standard error of the mean, nan for fewer than two batches."""
        if self.count < 2:
            return math.nan
        variance = max(self.squares - self.sum**2 / self.count, 0.0) / (self.count - 1)
        return math.sqrt(variance / self.count)


def check_keep(keep):
    """Return keep, or raise ValueError."""
    if keep not in KEEP:
        raise ValueError(f"keep must be one of {', '.join(map(repr, KEEP))}, got {keep!r}")
    return keep


def batches_of(updates, transient):
    """Return the length of a batch of dependent updates, and how many to skip before the first."""
    skip = updates // 10 if transient else 0
    return {"length": max(1, (updates - skip) // BATCHES), "skip": skip}


def collect(blocks, updates, batches, keep="updates", progress=False):
    """Return the `Run` of the first `updates` updates of the blocks.

    `batches` are the arguments of `BatchMeans`, `keep` and `progress` those of `simulate`.
    """
    time, stale = BatchMeans(**batches), BatchMeans(**batches)
    arrays, done, fresh = {}, 0, True
    with progress_bar(updates, " updates", progress) as bar:
        for block in blocks:
            block = Block(*(None if rows is None else rows[: updates - done] for rows in block))
            time.add(block.durations)
            fresh = block.gradient_staleness is None
            staleness = None if fresh else _mean_of_rows(block.gradient_staleness)
            if not fresh:
                stale.add(staleness)
            if keep != "estimates":
                _store(arrays, done, updates, update_times=block.times, staleness=staleness)
            if keep == "gradients":
                each = {"workers": block.workers, "gradient_staleness": block.gradient_staleness}
                _store(arrays, done, updates, **each)
            done += len(block.times)
            bar.update(len(block.times))
            if done == updates:
                break
    if fresh and keep != "estimates":
        arrays["staleness"] = np.zeros(updates, dtype=int)
    if fresh and keep == "gradients":
        arrays["gradient_staleness"] = np.zeros(arrays["workers"].shape, dtype=int)
    estimates = (time.mean(), time.standard_error())
    estimates += (0.0, 0.0) if fresh else (stale.mean(), stale.standard_error())
    return Run(updates, float(block.times[-1]), *estimates, **arrays)


def _mean_of_rows(gradient_staleness):
    one = gradient_staleness.shape[1] == 1
    return gradient_staleness[:, 0] if one else gradient_staleness.mean(axis=1)


def _store(arrays, start, updates, **blocks):
    for name, rows in blocks.items():
        if rows is not None:
            if start == 0:
                arrays[name] = np.empty((updates, *rows.shape[1:]), rows.dtype)
            arrays[name][start : start + len(rows)] = rows
