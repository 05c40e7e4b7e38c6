"""What all protocols of distributed SGD share: what may be asked of one, and simulation.

An update is one change of the model, a gradient one finished mini-batch. `work` is the law of a
worker's time for a gradient, or a list of laws, one for each of m unequal workers. Times are means
of the long run. A protocol of one's own is a small file: see the page "A protocol of your own".
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from ..checks import check_count, check_rng, check_table, check_time, is_one_of
from ..laws.check import check_work
from ..laws.methods import Work
from ..numerics.quadrature import integrate
from ..order_statistics.equal_workers import kth_of
from ..simulation.run import Run, check_keep, collect
from ..simulation.worker_times import times_of
from .fields import check_fields

STARTS = ("common", "stationary")


class Protocol:
    """`m` workers, an update made of `k` gradients, and what follows from the time per update.

    Every method that takes `work` checks it once; what a protocol knows of its own is in methods
    that take checked `Workers`: `_time`, `_useful`, `_wasted`, `_shares`, `_mean_staleness`,
    `_staleness` and their like. What it does not know raises NotImplementedError, which names what
    is known and the simulation. What it waits for is in `_blocks` and `_replayed`, which yield its
    updates from random or from given times.

    >>> from stragglers import KSync, exponential
    >>> protocol = KSync(m=4, k=2)
    >>> round(protocol.throughput(exponential(rate=1)), 6)
    3.428571
    """

    _one_time_each = False  # does every worker take one time an update, and no more?

    def __post_init__(self):
        check_fields(self)

    def _same(self):
        """Return the protocol that this one is: itself, but for special cases of another."""
        return self

    def _enter(self, work):
        """Return the protocol to ask and its workers: `work`, checked, as the protocol meets it."""
        protocol = self._same()
        workers = check_work(work, self.m, independent=not protocol._one_time_each)
        return protocol, protocol._adapted(workers)

    def _adapted(self, workers):
        """Return the workers with the times that the protocol makes them take."""
        return workers

    @property
    def gradients_per_update(self):
        """The number of gradients that an update averages."""
        return self.k

    def time_per_update(self, work: Work) -> float:
        """Return the mean time of an update, in the unit of `work`."""
        protocol, workers = self._enter(work)
        return protocol._time(workers)

    def update_time(self, work: Work):
        """Return the law of an update's time in the long run, where it is known.

        It has the methods of a frozen scipy.stats law: mean(), var(), ppf(0.99) and so on.
        """
        protocol, workers = self._enter(work)
        return protocol._update_time(workers).given

    def first_update(self, work: Work) -> float:
        """Return the mean time to the first update from a common start: not the long run."""
        protocol, workers = self._enter(work)
        return protocol._first(workers)

    def expected_updates(self, work: Work, by: ArrayLike):
        """Return the mean number of updates by a moment, from a common start, where it is known."""
        by = check_time("by", by)
        protocol, workers = self._enter(work)
        return protocol._expected_updates(workers, by)

    def throughput(self, work: Work) -> float:
        """Return the gradients that change the model per unit of time, in the long run."""
        protocol, workers = self._enter(work)
        time = protocol._time(workers)
        return protocol._gradients(workers) / time if time else math.inf

    def useful_time(self, work: Work) -> float:
        """Return the mean worker-time per update, over all workers, of the gradients used."""
        protocol, workers = self._enter(work)
        return protocol._useful(workers)

    def wasted_time(self, work: Work) -> float:
        """Return the mean worker-time per update, over all workers, that is cancelled."""
        protocol, workers = self._enter(work)
        return protocol._wasted(workers)

    def idle_time(self, work: Work) -> float:
        """Return the mean worker-time per update, summed over the workers, spent on no gradient."""
        protocol, workers = self._enter(work)
        total = protocol._worker_time(workers)
        idle = total - protocol._useful(workers) - protocol._wasted(workers)
        return idle if abs(idle) > 1e-14 * total else 0.0  # three roundings are no idleness

    def utilisation(self, work: Work) -> float:
        """Return the share of all worker-time that goes into gradients that change the model."""
        protocol, workers = self._enter(work)
        return protocol._useful(workers) / protocol._worker_time(workers)

    def shares(self, work: Work) -> np.ndarray:
        """Return the share of the gradients used that each worker supplies, shape (m,)."""
        protocol, workers = self._enter(work)
        return protocol._shares(workers)

    def mean_staleness(self, work: Work) -> float:
        """Return the mean staleness of a gradient in the long run."""
        protocol, workers = self._enter(work)
        return protocol._mean_staleness(workers)

    def worker_staleness(self, work: Work) -> np.ndarray:
        """Return the mean staleness of each worker's gradients, shape (m,)."""
        protocol, workers = self._enter(work)
        return protocol._worker_staleness(workers)

    def staleness(self, work: Work):
        """Return the law of a gradient's staleness in the long run, a frozen scipy.stats law."""
        protocol, workers = self._enter(work)
        return protocol._known_staleness(workers, "The law of staleness", lambda law: law)

    def probability_fresh(self, work: Work) -> float:
        """Return P(staleness = 0) in the long run."""
        protocol, workers = self._enter(work)
        return protocol._known_staleness(
            workers, "P(staleness = 0)", lambda law: float(law.pmf(0)), protocol._fresh
        )

    def staleness_variance(self, work: Work) -> float:
        """Return Var(staleness) in the long run."""
        protocol, workers = self._enter(work)
        return protocol._known_staleness(
            workers, "Var(staleness)", lambda law: float(law.var()), protocol._staleness_variance
        )

    def simulate(
        self,
        work: Work,
        updates: int,
        rng: np.random.Generator,
        *,
        start: str = "common",
        keep: str = "updates",
        progress: bool = False,
    ) -> Run:
        """Return a `Run` of so many updates, in law event by event; the same rng, the same run.

        start="common" sets all workers off together at 0; "stationary" meets them at an update, at
        0, of a system that has run forever (no difference where every update starts anew).
        keep="updates" keeps update_times and staleness, "gradients" also who computed each gradient
        and how stale it was, "estimates" no arrays: then 10^8 updates need no more memory than
        10^6. progress=True shows a bar.

        Raises TypeError unless rng is a numpy Generator, ValueError for any other bad argument, and
        NotImplementedError for the stationary start of `KAsync` with 1 < k < m.

        >>> from stragglers import Sync, exponential
        >>> rng = np.random.default_rng(0)
        >>> run = Sync(m=20).simulate(exponential(rate=2), updates=10_000, rng=rng)
        >>> print(f"{run.time_per_update:.3f} +- {run.standard_error:.3f}")
        1.802 +- 0.006
        """
        check_rng(rng)
        updates, keep = check_count("updates", updates), check_keep(keep)
        if not is_one_of(start, STARTS):
            raise ValueError(f"start must be 'common' or 'stationary', got {start!r}")
        protocol, workers = self._enter(work)
        estimates = protocol._estimates(updates, start, workers)
        blocks = protocol._blocks(times_of(workers, rng), start, updates, keep == "gradients")
        return collect(blocks, updates, estimates, keep, progress)

    def replay(self, times: ArrayLike) -> Run:
        """Return the `Run`, with all its arrays, that a given table of service times leads to.

        times: shape (rows, m). Where every update starts all workers anew, row j holds the times of
        update j; else column i holds the times of worker i, one after the other. A third axis gives
        a worker's further times in the same update, which only `KBatchSync` needs. The run has all
        the updates that the table determines. One table under all protocols: the same dice.
        ValueError for a table of another shape, or too short, TypeError for one not of numbers.

        >>> from stragglers import Async, Sync
        >>> times = [[1, 5], [2, 1]]
        >>> Sync(2).replay(times).update_times, Async(2).replay(times).update_times
        (array([5., 7.]), array([1., 3.]))
        """
        allowed = f"finite numbers of at least 0, in shape (rows, m={self.m})"
        times = check_table("times", times, allowed)
        if times.ndim not in (2, 3) or times.shape[1] != self.m or 0 in times.shape:
            raise ValueError(f"times must have shape (rows, m={self.m}), got {times.shape}")
        if not np.all((times >= 0) & np.isfinite(times)):
            raise ValueError("times must be finite numbers of at least 0, got one that is not")
        protocol = self._same()
        blocks = list(protocol._replayed(times))
        updates = sum(len(block.times) for block in blocks)
        if not updates:
            raise ValueError(f"times must reach the first update, got {len(times)} rows")
        return collect(blocks, updates, protocol._estimates(updates, "common"), "gradients")

    # ---------------------------------------------------------------------------------------------
    # What a protocol may know of checked workers; None stands for what it does not know

    def _finite_time(self, workers):
        """Return the time per update, or refuse one of which no share can be taken."""
        time = self._time(workers)
        if not 0 < time < math.inf:
            raise ValueError(f"work must make updates take a positive finite time, got {time:g}")
        return time

    def _time(self, workers):
        raise self._unknown("The time per update")

    def _update_time(self, workers):
        raise self._unknown("The law of an update's time")

    def _first(self, workers):
        raise self._unknown("The time to the first update")

    def _expected_updates(self, workers, by):
        raise self._unknown("The mean number of updates by a moment")

    def _gradients(self, workers):
        """Return the mean number of gradients in an update."""
        return self.gradients_per_update

    def _worker_time(self, workers):
        """Return the mean worker-time that an update takes up: that of m workers until its end."""
        return self.m * self._finite_time(workers)

    def _useful(self, workers):
        raise self._unknown("The useful time")

    def _wasted(self, workers):
        raise self._unknown("The cancelled time")

    def _shares(self, workers):
        raise self._unknown("Each worker's share")

    def _mean_staleness(self, workers):
        raise self._unknown("The mean staleness")

    def _worker_staleness(self, workers):
        raise self._unknown("Each worker's staleness")

    def _staleness(self, workers):
        return None

    def _fresh(self, workers):
        return None

    def _staleness_variance(self, workers):
        return None

    def _known_staleness(self, workers, what, of_law, otherwise=lambda workers: None):
        """Return of_law(the law of staleness) where that is known, otherwise(workers), or raise."""
        law = self._staleness(workers)
        value = otherwise(workers) if law is None else of_law(law)
        if value is None:
            mean = self._mean_staleness(workers)
            raise self._unknown(what, f"its mean is {mean:.6g}; use simulate")
        return value

    def _unknown(self, what, known="use simulate"):
        return NotImplementedError(f"{what} is not known for {self!r} and this law: {known}")


def chances_to_be_early(workers, k):
    """Return, for unequal workers, each one's chance to be among the first k, shape (m,).

    Worker i is if the k-th of the others is later than its own time, the integral over u in (0, 1)
    of P(X_{k:others} > Q_i(u)). NotImplementedError for laws with atoms: there are ties.
    """
    if any(law.has_atoms for law in workers.laws):
        raise NotImplementedError("who is early is not known for laws with ties: use simulate")
    chances = []
    for place, law in enumerate(workers.laws):
        one = np.argmax(workers.which == place)
        others = kth_of(workers.some(np.delete(np.arange(workers.m), one)), k)
        chances.append(integrate(lambda u, x=law, y=others: y.sf(x.ppf(u))[None], [0, 1])[0])
    return workers.spread(chances)
