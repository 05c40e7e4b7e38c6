"""What a simulation returns, and how its estimates and their standard errors are made."""

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

    updates: the number of updates, n.
    elapsed: the instant of the last one, all workers having started (or been met) at 0.
    time_per_update, standard_error: the estimate of the protocol's time per update, and its error.
    mean_staleness, mean_staleness_error: the same for the mean staleness of a gradient.
    update_times: shape (n,), the instants of the updates, never decreasing.
    staleness: shape (n,), the staleness of an update: the mean over its gradients of the number of
        updates between reading the model and changing it (an integer for one gradient an update).
    workers: shape (n, gradients per update), who computed the gradients of an update.
    gradient_staleness: the same shape, the staleness of each of them.

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
    treats the values as independent.
    """

    def __init__(self, length=1, skip=0):
        self.length, self.skip = length, skip
        self.rest = np.empty(0)
        self.count, self.center, self.squares = 0, 0.0, 0.0
        self.all_count, self.all_sum = 0, 0.0

    def add(self, values):
        self.all_count, self.all_sum = self.all_count + len(values), self.all_sum + values.sum()
        skipped = min(self.skip, len(values))
        self.skip -= skipped
        if self.length > 1:
            values = np.concatenate([self.rest, values[skipped:]])
            whole = len(values) // self.length * self.length
            self.rest = values[whole:]
            values = values[:whole].reshape(-1, self.length).mean(axis=1)
        if len(values):
            self._merge(len(values), values.mean(), values)

    def _merge(self, count, center, values):
        total, shift = self.count + count, center - self.center
        self.squares += np.square(values - center).sum() + shift**2 * self.count * count / total
        self.center += shift * count / total
        self.count = total

    def mean(self):
        return float(self.center if self.count else self.all_sum / self.all_count)

    def standard_error(self):
        if self.count < 2:
            return float("nan")
        return float(np.sqrt(self.squares / (self.count - 1) / self.count))


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

    keep="updates" keeps the two arrays of one entry an update, "gradients" all four, "estimates"
    none: memory does not grow with the updates. progress=True draws a tqdm bar.
    """
    time, stale = BatchMeans(**batches), BatchMeans(**batches)
    kept, done = [], 0
    with progress_bar(updates, " updates", progress) as bar:
        for block in blocks:
            block = Block(*(None if rows is None else rows[: updates - done] for rows in block))
            staleness = _staleness(block)
            time.add(block.durations)
            stale.add(staleness)
            done += len(block.times)
            bar.update(len(block.times))
            if keep != "estimates":
                kept.append(_kept(block, staleness, keep == "gradients"))
            if done == updates:
                break
    arrays = {name: np.concatenate([rows[name] for rows in kept]) for name in (kept or [()])[0]}
    estimates = (time.mean(), time.standard_error(), stale.mean(), stale.standard_error())
    return Run(updates, float(block.times[-1]), *estimates, **arrays)


def _staleness(block):
    if block.gradient_staleness is None:
        return np.zeros(len(block.times), dtype=int)
    if block.gradient_staleness.shape[1] == 1:
        return block.gradient_staleness[:, 0]
    return block.gradient_staleness.mean(axis=1)


def _kept(block, staleness, gradients):
    arrays = {"update_times": block.times, "staleness": staleness}
    if gradients:
        arrays["workers"] = block.workers
        each = block.gradient_staleness
        arrays["gradient_staleness"] = np.zeros_like(block.workers) if each is None else each
    return arrays
