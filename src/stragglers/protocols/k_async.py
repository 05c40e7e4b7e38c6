"""K-async SGD: those who have finished wait for the k-th of them, the others go on."""

from dataclasses import dataclass

import numpy as np

from ..order_statistics.equal_workers import kth_of
from ..simulation import engines
from ..simulation.worker_times import GivenRows, GivenTimes
from . import staleness
from .asynchronous import Async, NeverCancelled
from .fields import count, time
from .protocol import chances_to_be_early
from .synchronous import Sync, mean_of_kth


@dataclass(frozen=True)
class KAsync(NeverCancelled):
    """K-async SGD: the model waits for k workers; these wait for each other, then start again.

    The others go on, from the model that they had read. For k = 1 it is `Async`, for k = m `Sync`
    (whose communication comes on top of the slowest gradient). Between them time, shares and law of
    staleness are known for exponential workers, since those that go on are as good as new: the time
    is E X_{k:m}, as in `KSync`. The mean staleness is m / k - 1 for every law. NotImplementedError,
    with bounds of the time, for the rest. Derived in the chapter "The family" (Dutta et al.
    2018, Lemma 5).

    >>> from scipy import stats
    >>> round(KAsync(m=20, k=10).time_per_update(stats.expon()), 6)
    0.668771
    """

    m: int = count()
    k: int = count(most="m")
    communication: float = time(0.0)

    def _same(self):
        if self.k == 1:
            return Async(self.m, self.communication)
        return Sync(self.m, self.communication) if self.k == self.m else self

    def _time(self, workers):
        if workers.memoryless:
            return self._first(workers)
        rate = workers.rates.sum()
        least = self.k / rate if rate else np.inf
        raise self._unknown(
            "The time per update",
            "it is for exponential workers, for k = 1 and for k = m, and at least "
            f"{least:.6g}; E X_k:m = {self._first(workers):.6g} is above it for "
            "new-better-than-used laws, below it for new-worse-than-used laws; use simulate",
        )

    def _update_time(self, workers):
        if not workers.memoryless:
            raise self._unknown(
                "The law of an update's time", "it is for exponential workers; use simulate"
            )
        return kth_of(workers, self.k)

    def _first(self, workers):
        return mean_of_kth(workers, self.k)

    def _shares(self, workers):
        workers.check_long_run()
        if workers.equal:
            return np.full(self.m, 1 / self.m)
        if workers.memoryless:
            return chances_to_be_early(workers, self.k) / self.k
        raise self._unknown("Each worker's share", "they are for exponential workers; use simulate")

    def _mean_staleness(self, workers):
        workers.check_long_run()
        return self.m / self.k - 1

    def _worker_staleness(self, workers):
        return 1 / (self.k * self._shares(workers)) - 1

    def _staleness(self, workers):
        if not workers.memoryless:
            return None
        return staleness.renewed_staleness(self._shares(workers), self.k)

    def _blocks(self, services, start, updates, who):
        if start == "common":
            return engines.rounds(services, self.k, updates)
        raise NotImplementedError(
            f"the stationary start of {self!r} is not known: use start='common' and leave out the "
            "first updates, as the estimates do"
        )

    def _replayed(self, times):
        given = GivenTimes(GivenRows(times).first + self.communication)
        return engines.rounds(given, self.k, times.shape[0] * self.m)
