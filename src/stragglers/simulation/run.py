"""What a simulation returns."""

from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
from scipy import special

from ..checks import check_number, is_one_of
from .progress import progress_bar

KEEP = ("updates", "gradients", "estimates")


@dataclass(frozen=True, eq=False)
class Run:
    """A simulated run: the estimates, and the arrays that were asked for (the others are None).

    The estimates are of the long run. Where updates depend on each other (the asynchronous
    protocols) they leave out the first tenth of a run from a common start, or more, until every
    worker has finished two gradients, and take standard errors from the means of 10 to 20 long
    batches. Where a run is too short for errors that hold, they are nan: where the rarest worker
    has fewer than 30 gradients, or where independent updates are few for how skewed their law is.
    Standard errors mean nothing where the worker's time has infinite variance.

    - updates: the number of updates, n.
    - elapsed: the instant of the last one, all workers having started (or been met) at 0.
    - time_per_update, standard_error: the estimate of the protocol's time per update, its error.
    - mean_staleness, mean_staleness_error: the same for the mean staleness of a gradient.
    - batches: the number of batches, or of independent updates, behind the errors.
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
    batches: int = 0
    update_times: np.ndarray | None = field(default=None, repr=False)
    staleness: np.ndarray | None = field(default=None, repr=False)
    workers: np.ndarray | None = field(default=None, repr=False)
    gradient_staleness: np.ndarray | None = field(default=None, repr=False)

    def confidence_interval(
        self, level: float = 0.95, of: str = "time_per_update"
    ) -> tuple[float, float]:
        """Return (low, high), Student's interval for `of` = "time_per_update" or "mean_staleness".

        nan where the run is too short for an error.

        >>> from stragglers import Sync, exponential
        >>> run = Sync(4).simulate(exponential(rate=1), 10_000, np.random.default_rng(0))
        >>> low, high = run.confidence_interval(0.95)
        >>> low < 1 + 1 / 2 + 1 / 3 + 1 / 4 < high
        True
        """
        level = check_number("level", level, "a number between 0 and 1")
        if not 0 < level < 1:
            raise ValueError(f"level must be a number between 0 and 1, got {level!r}")
        errors = {
            "time_per_update": (self.time_per_update, self.standard_error),
            "mean_staleness": (self.mean_staleness, self.mean_staleness_error),
        }
        if not is_one_of(of, errors):
            raise ValueError(f"of must be one of {', '.join(map(repr, errors))}, got {of!r}")
        mean, error = errors[of]
        if not error > 0:
            return mean - error, mean + error
        reach = float(special.stdtrit(self.batches - 1, (1 + level) / 2)) * error
        return mean - reach, mean + reach

    def to_dict(self) -> dict:
        """Return the estimates and the arrays that were kept, as lists: what JSON can hold."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in values.items()
            if value is not None
        }


class Block(NamedTuple):
    """Some consecutive updates: a row each. `durations` are the gaps between the `times`."""

    times: np.ndarray
    durations: np.ndarray
    workers: np.ndarray | None = None
    gradient_staleness: np.ndarray | None = None  # None: every gradient is fresh


def check_keep(keep):
    """Return keep, or raise ValueError."""
    if not is_one_of(keep, KEEP):
        raise ValueError(f"keep must be one of {', '.join(map(repr, KEEP))}, got {keep!r}")
    return keep


def collect(blocks, updates, estimates, keep="updates", progress=False):
    """Return the `Run` of the first `updates` updates of the blocks.

    `estimates` is what makes them of the updates, `Independent` or `Dependent`; `keep` and
    `progress` are those of `simulate`.
    """
    arrays, done, fresh = {}, 0, True
    with progress_bar(updates, " updates", progress) as bar:
        for block in blocks:
            block = Block(*(None if rows is None else rows[: updates - done] for rows in block))
            fresh = block.gradient_staleness is None
            staleness = None if fresh else _mean_of_rows(block.gradient_staleness)
            estimates.add(block.durations, staleness, block.workers)
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
    time, error, stale, stale_error, batches = estimates.results()
    elapsed = float(block.times[-1])
    return Run(updates, elapsed, time, error, stale, stale_error, batches, **arrays)


def _mean_of_rows(gradient_staleness):
    one = gradient_staleness.shape[1] == 1
    return gradient_staleness[:, 0] if one else gradient_staleness.mean(axis=1)


def _store(arrays, start, updates, **blocks):
    for name, rows in blocks.items():
        if rows is not None:
            if start == 0:
                arrays[name] = np.empty((updates, *rows.shape[1:]), rows.dtype)
            arrays[name][start : start + len(rows)] = rows
