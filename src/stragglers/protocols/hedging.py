"""Hedged work: a task that is late gets a second copy, and the faster of the two counts."""

from dataclasses import dataclass

import numpy as np

from ..laws.affine import affine
from ..laws.check import check_law
from ..laws.finite import Atoms
from ..laws.methods import Work
from ..laws.named import deterministic
from ..laws.workers import Workers, crew
from ..numerics.quadrature import integrate
from ..order_statistics.equal_workers import kth_of
from .fields import count, time
from .replication import fastest
from .synchronous import Synchronous, mean_of_kth


@dataclass(frozen=True)
class Hedge(Synchronous):
    """Start a second copy of each of m tasks that is unfinished after `delay`, and wait for all.

    The copy runs on a machine that is free, one beside the m; the faster of the two counts, and the
    other is cancelled. A task takes min(X, delay + X'), so that its tail index is twice that of X.
    Worker-time is that of the m workers until the update, and of the copies while they run. A
    replayed table needs a third axis, the copies' times. Derived in the chapter "Copies and codes"
    (hedged requests: Dean and Barroso 2013).

    >>> from scipy import stats
    >>> round(Hedge(m=1, delay=1).time_per_update(stats.expon()), 6)
    0.81606
    """

    m: int = count()
    delay: float = time()
    communication: float = time(0.0)

    @property
    def k(self):
        """The number of gradients in an update: one of each task."""
        return self.m

    def copies(self, work: Work) -> float:
        """Return the mean number of copies that an update starts, m P(X > delay)."""
        _, workers = self._enter(work)
        return self.m * float(workers.laws[0].sides(self.delay)[1])

    def _adapted(self, workers):
        if not workers.equal:
            raise NotImplementedError("a hedge is modelled for equal workers: give one law")
        return workers

    def _task(self, workers):
        """Return the law of the time of one task."""
        (law,) = workers.laws
        if not self.delay:
            return fastest(workers, 2)
        both = kth_of(crew([law, affine(law, 1.0, self.delay)]), 1)
        finite = law.finite(self.m, self.m)
        if finite is None:
            return both
        atoms = np.union1d(finite.atoms, self.delay + finite.atoms)
        return Atoms(atoms, *both.sides(atoms))

    def _time(self, workers):
        """E of the slowest task + communication: exact for every law."""
        tasks = Workers((self._task(workers),), (self.m,))
        return mean_of_kth(tasks, self.m) + self.communication

    def _useful(self, workers):
        """The time of each task, less the delay where the copy wins."""
        return self.m * (self._task(workers).mean() - self.delay * self._copy_wins(workers))

    def _wasted(self, workers):
        """What the copies run, and the delay more where it is the original that is cancelled."""
        return self._copies_run(workers) + self.m * self.delay * self._copy_wins(workers)

    def _worker_time(self, workers):
        return super()._worker_time(workers) + self._copies_run(workers)

    def _copies_run(self, workers):
        """m times E min(X, delay + X') - E min(X, delay), how long all copies run."""
        (law,) = workers.laws
        before = self.delay
        if law.sides(self.delay)[0] > 0:
            before = kth_of(crew([law, check_law(deterministic(self.delay))]), 1).mean()
        return self.m * max(self._task(workers).mean() - before, 0.0)

    def _copy_wins(self, workers):
        """P(X > delay + X') for one task; the original wins a tie."""
        (law,) = workers.laws
        finite = law.finite(1, 1)
        if finite is not None:
            late = finite.sides(self.delay + finite.atoms)[1]
            return float(np.diff(finite.below, prepend=0) @ late)
        return float(integrate(lambda u: law.sides(self.delay + law.ppf(u))[1][None], [0, 1])[0])

    def _shares(self, workers):
        return np.full(self.m, 1 / self.m)

    def _wait(self, times, services, who):
        tasks = times.copy()
        row, worker = np.nonzero(times > self.delay)
        if len(row):
            copies = self.delay + services.further(row, worker)
            tasks[row, worker] = np.minimum(times[row, worker], copies)
        workers = np.broadcast_to(np.arange(self.m), times.shape) if who else None
        return tasks.max(axis=1) + self.communication, workers
