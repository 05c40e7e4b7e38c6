"""Redundant work: the same gradient computed by several workers, the fastest copy counts."""

from dataclasses import dataclass

import numpy as np

from ..laws.named import exponential
from ..order_statistics.equal_workers import order_statistic
from ..simulation import engines
from .synchronous import Synchronous


@dataclass(frozen=True)
class Replication(Synchronous):
    """Give each of `tasks` gradients to `copies` workers, and wait for the fastest copy of each.

    A worker is cancelled when another copy of its task is done. In a list of unequal workers the
    copies of a task stand together. Derived in the chapter "Redundancy" (Wang, Joshi and Wornell
    2014).

    >>> from scipy import stats
    >>> round(Replication(tasks=10, copies=2).time_per_update(stats.expon()), 6)
    1.464484
    """

    tasks: int
    copies: int
    communication: float = 0.0

    @property
    def m(self):
        """The number of workers: tasks times copies."""
        return self.tasks * self.copies

    @property
    def k(self):
        """The number of gradients in an update: one of each task."""
        return self.tasks

    def time_per_update(self, work):
        """Return E of the slowest task's fastest copy, plus communication: exact for every law."""
        fastest = self._fastest(work)
        fastest = fastest if len(fastest) > 1 else fastest[0]
        return float(order_statistic(fastest, self.tasks, self.tasks).mean()) + self.communication

    def useful_time(self, work):
        """Return the mean worker-time of the fastest copies."""
        fastest = self._fastest(work)
        return self.tasks / len(fastest) * sum(float(law.mean()) for law in fastest)

    def wasted_time(self, work):
        """Return the mean worker-time of the copies that are cancelled."""
        return (self.copies - 1) * self.useful_time(work)

    def shares(self, work):
        """Return 1 / m for each of m equal workers; NotImplementedError for unequal ones."""
        if isinstance(self._law(work), list):
            raise self._unknown("Each worker's share", "they are for equal workers; use simulate")
        return np.full(self.m, 1 / self.m)

    def _fastest(self, work):
        """Return the law of a task's fastest copy, in a list: one law, or one for each task."""
        rate, work = self._rate(work), self._law(work)
        if rate is not None:
            return [exponential(rate=self.copies * rate)]
        if not isinstance(work, list):
            return [order_statistic(work, 1, self.copies)]
        groups = [work[i : i + self.copies] for i in range(0, self.m, self.copies)]
        return [order_statistic(group, 1) for group in groups]

    def _wait(self, times, services, who):
        copies = times.reshape(-1, self.tasks, self.copies)
        waits = copies.min(axis=2).max(axis=1) + self.communication
        first = np.arange(0, self.m, self.copies) + copies.argmin(axis=2) if who else None
        return waits, first


@dataclass(frozen=True)
class SingleFork(Synchronous):
    """When only `late` of m tasks are unfinished, kill them and start 1 + extra of each afresh.

    A task is then done with the fastest of its fresh copies, which run on machines that are free.
    For exponential workers, killing the originals or not makes no difference. Derived in the
    chapter "Redundancy" (Wang, Joshi and Wornell 2015).

    >>> from scipy import stats
    >>> round(SingleFork(m=10, late=2, extra=1).time_per_update(stats.expon()), 6)
    2.178968
    """

    m: int
    late: int
    extra: int
    communication: float = 0.0

    @property
    def k(self):
        """The number of gradients in an update: one of each task."""
        return self.m

    def time_per_update(self, work):
        """Return E X_{m-late:m} + E of the slowest fresh task + communication: for any law."""
        fresh = order_statistic(self._fresh(work), self.late, self.late).mean() if self.late else 0
        return self._mean(work, self.m - self.late) + float(fresh) + self.communication

    def useful_time(self, work):
        """Return the mean worker-time of the copies that finish first."""
        early = sum(self._mean(work, i) for i in range(1, self.m - self.late + 1))
        return early + self.late * float(self._fresh(work).mean())

    def wasted_time(self, work):
        """Return the mean worker-time of the originals and the extra copies that are killed."""
        killed = self._mean(work, self.m - self.late) if self.late else 0.0
        return self.late * (killed + self.extra * float(self._fresh(work).mean()))

    def _most(self, name):
        if name == "extra" and self.late:
            return self.m // self.late - 1
        return self.m - 1 if name == "late" else None

    def _fresh(self, work):
        rate = self._rate(work)
        if rate is not None:
            return exponential(rate=(self.extra + 1) * rate)
        return order_statistic(self._law(work), 1, self.extra + 1)

    def _law(self, work):
        work = super()._law(work)
        if isinstance(work, list):
            raise NotImplementedError("a fork is modelled for equal workers: give one law")
        return work

    def _wait(self, times, services, who):
        fork = engines.kth_smallest(times, self.m - self.late)
        workers = np.broadcast_to(np.arange(self.m), times.shape) if who else None
        if self.late == 0:
            return fork + self.communication, workers
        fresh = self.late * (self.extra + 1)
        row, machine = np.divmod(np.arange(len(times) * fresh), fresh)
        copies = services.further(row, machine).reshape(len(times), self.late, self.extra + 1)
        return fork + copies.min(axis=2).max(axis=1) + self.communication, workers
