"""K-async SGD: those who have finished wait for the k-th of them, the others go on."""

from dataclasses import dataclass

import numpy as np

from ..order_statistics.equal_workers import order_statistic
from ..simulation import engines
from ..simulation.worker_times import GivenRows, GivenTimes
from . import staleness
from .asynchronous import Asynchronous
from .protocol import chances_to_be_early


@dataclass(frozen=True)
class KAsync(Asynchronous):
    """K-async SGD: the model waits for k workers; these wait for each other, then start again.

    The others go on, from the model that they had read. Derived in the chapter "K-sync and its
    relatives" (Dutta et al. 2018, Lemma 5).

    >>> from scipy import stats
    >>> round(KAsync(m=20, k=10).time_per_update(stats.expon()), 6)
    0.668771
    """

    m: int
    k: int
    communication: float = 0.0
    several = False

    def time_per_update(self, work):
        """Return the long-run mean time: for exponential workers E X_{k:m}, as in `KSync`.

        Exact for exponential workers, equal or not, since those that go on are as good as new, and
        for k = 1 and k = m; NotImplementedError with a bound for other laws.
        """
        if self.k == 1:
            return super().time_per_update(work)
        if self.k == self.m or self._memoryless(work):
            return self.first_update(work)
        least = super().time_per_update(work)
        raise self._unknown(
            "The time per update",
            "it is for exponential workers, for k = 1 and for k = m, and at least "
            f"{least:.6g}; E X_k:m = {self.first_update(work):.6g} is above it for "
            "new-better-than-used laws, below it for new-worse-than-used laws; use simulate",
        )

    def first_update(self, work):
        """Return E X_{k:m}, the mean time to the first update from a common start."""
        return float(order_statistic(self._law(work), self.k, self.m).mean())

    def shares(self, work):
        """Return the share of the gradients that each worker supplies in the long run, shape (m,).

        Known for equal or exponential workers, and for k = 1 and k = m; else NotImplementedError.
        """
        if self.k == 1:
            return super().shares(work)
        self._check_long_run(work)
        if self.k == self.m or len(self._groups(work)) == 1:
            return np.full(self.m, 1 / self.m)
        if self._memoryless(work):
            return chances_to_be_early(self._law(work), self.k) / self.k
        raise self._unknown("Each worker's share", "they are for exponential workers; use simulate")

    def mean_staleness(self, work):
        """Return m / k - 1: the same for every law and any mix of workers with finite means."""
        self._check_long_run(work)
        return self.m / self.k - 1

    def worker_staleness(self, work):
        """Return the mean staleness of each worker's gradients, 1 / (k share) - 1, shape (m,)."""
        return 1 / (self.k * self.shares(work)) - 1

    def _staleness(self, work):
        if self.k == self.m:
            return staleness.constant_staleness(1, 1)
        if self.k > 1 and self._memoryless(work):
            return staleness.renewed_staleness(self.shares(work), self.k)
        return super()._staleness(work) if self.k == 1 else None

    def _blocks(self, services, start, updates, who):
        if start == "common":
            return engines.rounds(services, self.k, updates)
        if self.k == 1:
            return super()._blocks(services, start, updates, who)
        raise NotImplementedError(
            f"the stationary start of {self!r} is not known: use start='common' and leave out the "
            "first updates, as the estimates do"
        )

    def _replayed(self, times):
        return engines.rounds(GivenTimes(GivenRows(times).first), self.k, len(times))
