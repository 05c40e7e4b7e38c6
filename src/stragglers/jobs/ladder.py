"""The ladder: from nobody waits to what was measured, one assumption less on every rung.

Each rung is a mean time of a step. The seconds between two rungs are what the assumption costs
that the lower one makes: the first rung that touches the measurement says which ones hold.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..order_statistics.harmonic import harmonic
from ..simulation.progress import progress_bar
from .blocks import Resamples, Spells, find_spells
from .shares import variance_shares

RUNGS = ("no waiting", "exponential", "iid", "unequal", "measured")
FAILS = {"exponential": "exponential", "iid": "identical", "unequal": "independent"}
REPLICATES, FEW = 200, 50  # resamples; of a large table
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
    """The times of a table in order, shape (steps, workers), and the expected slowest by two laws.

    >>> times = SortedTimes(np.array([[1.0, 2.0], [3.0, 2.0]]))
    >>> times.slowest_iid(2), times.slowest_unequal()
    (2.375, 2.5)
    """

    def __init__(self, times):
        self.n, self.m = times.shape
        order = np.argsort(times, axis=None)
        self.sorted = times.ravel()[order]
        self.worker = (order % self.m).astype(np.int16 if self.m < 2**15 else np.int64)

    def slowest_iid(self, size):
        """Return E max of so many independent draws from all times."""
        total = len(self.sorted)
        return self._mean((np.arange(1, total + 1) / total) ** size)

    def slowest_unequal(self):
        """Return E max of one draw from each worker's own times: the product of m step functions.

        From one time to the next only one factor of the product changes: its logarithm is a sum.
        """
        by_worker = np.argsort(self.worker, kind="stable")
        growth = np.empty(self.n * self.m)
        growth[by_worker] = np.tile(np.diff(np.log(np.arange(1, self.n + 1)), prepend=0), self.m)
        first = np.zeros(self.n * self.m, dtype=int)
        first[by_worker[:: self.n]] = 1
        logs = np.cumsum(growth) - self.m * np.log(self.n)
        return self._mean(np.where(np.cumsum(first) == self.m, np.exp(np.minimum(logs, 0)), 0.0))

    def _mean(self, below):
        return float(self.sorted[-1] - np.diff(self.sorted) @ below[:-1])


def rungs_of(times):
    """Return the five rungs of times of shape (steps, workers), shape (5,)."""
    found, mean = SortedTimes(times), float(times.mean())
    slowest = found.slowest_iid(found.m), found.slowest_unequal(), float(times.max(axis=1).mean())
    return np.array([mean, mean * harmonic(found.m), *slowest])


def climb(table, rng, shares=None, progress=False):
    """Return the `Ladder` of a table of two workers or more; errors nan under three steps.

    Errors are from a bootstrap over blocks of steps, as long as slow spells ask for; a table's
    three rungs in the middle are drawn from its own times ("in-sample").
    """
    times, shares = table.times, shares or variance_shares(table)
    n, rungs = len(times), rungs_of(times)
    common = find_spells(times.max(axis=1)[:, None], table.steps)
    blocks = max((common, shares.spells), key=lambda spells: spells.length)
    errors, cost_errors, waiting_error = np.full(5, math.nan), np.full(4, math.nan), math.nan
    if n > 2:
        resamples = Resamples(times.shape, blocks.length, rng)
        replicates = REPLICATES if resamples.size == n else FEW
        drawn = np.empty((replicates, 5))
        with progress_bar(replicates, " resamples", progress) as bar:
            for i in range(replicates):
                drawn[i] = rungs_of(times[resamples.draw()])
                bar.update(1)
        errors = drawn.std(axis=0, ddof=1) * resamples.shrink
        cost_errors = np.diff(drawn, axis=1).std(axis=0, ddof=1) * resamples.shrink
        waiting_error = float((drawn[:, 4] - drawn[:, 0]).std(ddof=1)) * resamples.shrink
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
    """Return the assumptions that fail: by the tests, beyond chance, and by seconds that matter."""
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
    if not (shares.step_p < 0.05 or shares.step_p > 0.95):  # alike in a step, or opposed
        fails.pop("independent", None)
    return tuple(sorted(fails, key=fails.get, reverse=True))
