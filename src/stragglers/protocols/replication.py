"""Redundant work: the same gradient computed by several workers, the fastest copy counts."""

from dataclasses import dataclass

import numpy as np

from ..laws.affine import affine
from ..laws.workers import Workers, crew
from ..order_statistics.equal_workers import kth_of
from ..simulation import engines
from .fields import count, time
from .synchronous import Synchronous, mean_of_kth, time_of_first


def fastest(workers, copies):
    """Return the law of the fastest of so many copies, all with the law of the equal workers."""
    if workers.rate is not None:
        return workers.laws[0].rescaled(1 / copies, 0.0)
    return kth_of(Workers(workers.laws, (copies,)), 1)


@dataclass(frozen=True)
class Replication(Synchronous):
    """Give each of `tasks` gradients to `copies` workers, and wait for the fastest copy of each.

    A worker is cancelled when another copy of its task is done. In a list of unequal workers the
    copies of a task stand together. Derived in the chapter "Copies and codes" (Wang, Joshi
    and Wornell 2014).

    >>> from scipy import stats
    >>> round(Replication(tasks=10, copies=2).time_per_update(stats.expon()), 6)
    1.464484
    """

    tasks: int = count()
    copies: int = count()
    communication: float = time(0.0)

    @property
    def m(self):
        """The number of workers: tasks times copies."""
        return self.tasks * self.copies

    @property
    def k(self):
        """The number of gradients in an update: one of each task."""
        return self.tasks

    def _time(self, workers):
        """E of the slowest task's fastest copy, plus communication: exact for every law."""
        return mean_of_kth(self._fastest(workers), self.tasks) + self.communication

    def _update_time(self, workers):
        slowest = kth_of(self._fastest(workers), self.tasks)
        return affine(slowest, 1.0, self.communication)

    def _useful(self, workers):
        return time_of_first(self._fastest(workers), self.tasks)

    def _wasted(self, workers):
        return (self.copies - 1) * self._useful(workers) if self.copies > 1 else 0.0

    def _shares(self, workers):
        if not workers.equal:
            raise self._unknown("Each worker's share", "they are for equal workers; use simulate")
        return np.full(self.m, 1 / self.m)

    def _fastest(self, workers):
        """Return the laws of the tasks' fastest copies, as those of workers of a task each."""
        if workers.equal:
            return Workers((fastest(workers, self.copies),), (self.tasks,))
        groups = np.arange(self.m).reshape(-1, self.copies)
        return crew([kth_of(workers.some(group), 1) for group in groups])

    def _wait(self, times, services, who):
        copies = times.reshape(-1, self.tasks, self.copies)
        waits = copies.min(axis=2).max(axis=1) + self.communication
        if not who:
            return waits, None
        first = copies == copies.min(axis=2, keepdims=True)
        if np.count_nonzero(first) > waits.size * self.tasks:  # a tie goes to any of the copies
            first = np.where(first, services.tie_break(copies.shape), np.inf)
            return waits, np.arange(0, self.m, self.copies) + first.argmin(axis=2)
        return waits, np.arange(0, self.m, self.copies) + first.argmax(axis=2)


@dataclass(frozen=True)
class SingleFork(Synchronous):
    """When only `late` of m tasks are unfinished, kill them and start 1 + extra of each afresh.

    A task is then done with the fastest of its fresh copies, which run on machines that are free.
    For exponential workers, killing the originals or not makes no difference. Derived in the
    chapter "Copies and codes" (Wang, Joshi and Wornell 2015).

    >>> from scipy import stats
    >>> round(SingleFork(m=10, late=2, extra=1).time_per_update(stats.expon()), 6)
    2.178968
    """

    m: int = count()
    late: int = count(least=0, most=lambda fork: fork.m - 1)
    extra: int = count(least=0, most=lambda fork: fork.m // fork.late - 1 if fork.late else None)
    communication: float = time(0.0)

    @property
    def k(self):
        """The number of gradients in an update: one of each task."""
        return self.m

    def _adapted(self, workers):
        if not workers.equal:
            raise NotImplementedError("a fork is modelled for equal workers: give one law")
        return workers

    def _time(self, workers):
        """E X_{m-late:m} + E of the slowest fresh task + communication: for any law."""
        fork = mean_of_kth(workers, self.m - self.late) + self.communication
        if not self.late:
            return fork
        fresh = Workers((fastest(workers, self.extra + 1),), (self.late,))
        return fork + mean_of_kth(fresh, self.late)

    def _useful(self, workers):
        early = sum(mean_of_kth(workers, i) for i in range(1, self.m - self.late + 1))
        return early + self._fresh_time(workers, self.late)

    def _wasted(self, workers):
        """The originals and the extra copies are killed."""
        killed = self.late * mean_of_kth(workers, self.m - self.late) if self.late else 0.0
        return killed + self._fresh_time(workers, self.late * self.extra)

    def _update_time(self, workers):
        if self.late:
            raise self._unknown("The law of an update's time", "it is for late = 0; use simulate")
        return affine(kth_of(workers, self.m), 1.0, self.communication)

    def _shares(self, workers):
        return np.full(self.m, 1 / self.m)

    def _fresh_time(self, workers, copies):
        """Return the mean worker-time of so many fresh copies: of none 0, if one's is infinite."""
        return copies * float(fastest(workers, self.extra + 1).mean()) if copies else 0.0

    def _wait(self, times, services, who):
        fork = engines.kth_smallest(times, self.m - self.late)
        workers = np.broadcast_to(np.arange(self.m), times.shape) if who else None
        if self.late == 0:
            return fork + self.communication, workers
        fresh = self.late * (self.extra + 1)
        row, machine = np.divmod(np.arange(len(times) * fresh), fresh)
        copies = services.further(row, machine).reshape(len(times), self.late, self.extra + 1)
        return fork + copies.min(axis=2).max(axis=1) + self.communication, workers
