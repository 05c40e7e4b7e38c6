"""The ladder: from nobody waits to what was measured, one assumption less on every rung.

Each rung is a mean time of a step. The seconds between two rungs are what the assumption costs
that the lower one makes: the first rung that touches the measurement says which ones hold.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from ..order_statistics.harmonic import harmonic
from ..simulation.progress import progress_bar
from .blocks import Spells, find_spells, resample
from .shares import variance_shares

RUNGS = ("no waiting", "exponential", "iid", "unequal", "measured")
FAILS = {"exponential": "exponential", "iid": "identical", "unequal": "independent"}
REPLICATES, WORK = 200, 40_000_000  # of the bootstrap: fewer where a table has many times
MATTERS = 1e-3  # of a step: what an assumption must cost to be named


@dataclass(frozen=True)
class Ladder:
    """The rungs of a table in seconds, and the standard errors of rungs and of their differences.

    rungs, errors: dictionaries by the names in RUNGS. costs, cost_errors: what the assumptions
    "exponential", "identical" and "independent" cost: the next rung less this one. fails: those
    whose cost is beyond two standard errors and a thousandth of a step, the dearest first.
    waiting_error: of the measured rung less the first. blocks: the `Spells` the errors allow for.
    """

    rungs: dict
    errors: dict
    costs: dict
    cost_errors: dict
    fails: tuple
    waiting_error: float
    blocks: Spells


class SortedTimes:
    """All times of a table in order, to weigh its steps anew in one pass over them."""

    def __init__(self, times):
        self.times, (self.n, self.m) = times, times.shape
        self.order = np.argsort(times, axis=None, kind="stable")
        self.sorted = times.ravel()[self.order]
        self.row, self.worker = np.divmod(self.order, self.m)

    @cached_property
    def _by_worker(self):
        return np.argsort(self.worker, kind="stable")

    def slowest_iid(self, weights):
        """Return E max of m draws from all times, where step s has the weight weights[s]."""
        below = np.cumsum(weights[self.row]) / (self.m * weights.sum())
        return self._mean(below**self.m)

    def slowest_unequal(self, weights):
        """Return E max of a draw from each worker's own times; the product of m curves.

        One time after the other, only one factor of the product changes: its logarithm is a sum.
        """
        own = weights[self.row][self._by_worker].reshape(self.m, self.n).cumsum(axis=1)
        own /= own[:, -1:]
        with np.errstate(divide="ignore"):
            logs = np.log(own)
        reached = np.isfinite(logs)
        logs[~reached] = 0.0
        steps = np.empty(self.n * self.m)
        steps[self._by_worker] = np.diff(logs, axis=1, prepend=0.0).ravel()
        first = np.zeros((self.m, self.n))
        first[np.arange(self.m), reached.argmax(axis=1)] = 1
        started = np.empty(self.n * self.m)
        started[self._by_worker] = first.ravel()
        below = np.where(np.cumsum(started) >= self.m, np.exp(np.cumsum(steps)), 0.0)
        return self._mean(np.minimum(below, 1.0))

    def _mean(self, below):
        return float(self.sorted[-1] - np.diff(self.sorted) @ below[:-1])


def rungs_of(found, weights):
    """Return the five rungs, shape (5,), with the steps weighted; `found` a SortedTimes."""
    share = weights / weights.sum()
    mean = float(share @ found.times.mean(axis=1))
    measured = float(share @ found.times.max(axis=1))
    iid, unequal = found.slowest_iid(weights), found.slowest_unequal(weights)
    return np.array([mean, mean * harmonic(found.m), iid, unequal, measured])


def climb(table, rng, shares=None, progress=False):
    """Return the `Ladder` of a table of two workers or more; errors nan under three steps.

    Errors are from a bootstrap over blocks of steps, as long as slow spells ask for; a table's
    three rungs in the middle are drawn from its own times ("in-sample").
    """
    times, shares = table.times, shares or variance_shares(table)
    n = len(times)
    found = SortedTimes(times)
    rungs = rungs_of(found, np.ones(n))
    common = find_spells(times.max(axis=1)[:, None], table.steps)
    blocks = max((common, shares.spells), key=lambda spells: spells.length)
    errors, cost_errors, waiting_error = np.full(5, math.nan), np.full(4, math.nan), math.nan
    if n > 2:
        replicates = max(20, min(REPLICATES, WORK // times.size))
        drawn = np.empty((replicates, 5))
        with progress_bar(replicates, " resamples", progress) as bar:
            for i in range(replicates):
                index = resample(n, blocks.length, rng)
                drawn[i] = rungs_of(found, np.bincount(index, minlength=n).astype(float))
                bar.update(1)
        errors = drawn.std(axis=0, ddof=1)
        cost_errors = np.diff(drawn, axis=1).std(axis=0, ddof=1)
        waiting_error = float((drawn[:, 4] - drawn[:, 0]).std(ddof=1))
    costs = dict(zip(FAILS.values(), np.diff(rungs)[1:].tolist(), strict=True))
    cost_errors = dict(zip(FAILS.values(), cost_errors[1:4].tolist(), strict=True))
    return Ladder(
        dict(zip(RUNGS, rungs.tolist(), strict=True)),
        dict(zip(RUNGS, errors.tolist(), strict=True)),
        costs,
        cost_errors,
        _failing(costs, cost_errors, shares, rungs[-1], n),
        waiting_error,
        blocks,
    )


def _failing(costs, errors, shares, measured, n):
    """Return the assumptions that fail: beyond chance, and by seconds that matter."""
    if n < 3:
        return ()
    chance = stats.t.ppf(0.975, n - 1)
    fails = {
        name: abs(cost)
        for name, cost in costs.items()
        if abs(cost) > max(chance * errors[name], MATTERS * measured)
    }
    if not shares.worker_p < 0.05:
        fails.pop("identical", None)
    return tuple(sorted(fails, key=fails.get, reverse=True))
