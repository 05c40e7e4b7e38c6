"""What all protocols of distributed SGD share: the figures that follow from one, and simulation.

The protocols are in `synchronous`, `asynchronous` and `redundancy`. An update is one change of the
model, a gradient one finished mini-batch. `work` is the law of a worker's time for a gradient, or a
list of laws, one for each of m unequal workers. Times are means of the long run.
"""

import numpy as np

from ..checks import check_count, check_rng, check_time
from ..laws.check import check_work, exponential_parameters, family
from ..laws.discrete import as_finite
from ..laws.finite import FiniteLaw
from ..laws.workers import Crew
from ..numerics.quadrature import integrate
from ..order_statistics.equal_workers import order_statistic
from ..simulation.run import check_keep, collect
from ..simulation.worker_times import EqualWorkers, UnequalWorkers

STARTS = ("common", "stationary")
STRAGGLES = ("scales", "adds")
LEAST = {"tolerates": 0, "late": 0, "extra": 0}  # of the fields that are counts; others 1


class Protocol:
    """`m` workers, an update made of `k` gradients, and what follows from the time per update.

    A protocol gives its time_per_update, useful_time, wasted_time and mean_staleness, and says what
    it waits for: `_blocks` and `_replayed` yield its updates from random or from given times.

    >>> from stragglers import KSync, exponential
    >>> protocol = KSync(m=4, k=2)
    >>> round(protocol.throughput(exponential(rate=1)), 6)
    3.428571
    """

    several = False  # may a worker send more than one gradient to an update?

    def __post_init__(self):
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, self._checked(name, getattr(self, name)))

    def _checked(self, name, value):
        if name in ("communication", "delay"):
            return check_time(name, value)
        if name == "straggle":
            if value not in STRAGGLES:
                raise ValueError(f"straggle must be 'scales' or 'adds', got {value!r}")
            return value
        return check_count(name, value, LEAST.get(name, 1), self._most(name))

    def _most(self, name):
        """Return the largest value allowed for the count of that name, None if there is none."""
        return self.m if name == "k" and not self.several else None

    @property
    def gradients_per_update(self):
        """The number of gradients that an update averages."""
        return self.k

    def throughput(self, work):
        """Return the gradients that change the model per unit of time, in the long run."""
        return self.gradients_per_update / self.time_per_update(work)

    def utilisation(self, work):
        """Return the share of all worker-time that goes into gradients that change the model."""
        return self.useful_time(work) / (self.m * self.time_per_update(work))

    def idle_time(self, work):
        """Return the mean worker-time per update, summed over the workers, spent on no gradient."""
        total = self.m * self.time_per_update(work)
        return total - self.useful_time(work) - self.wasted_time(work)

    def simulate(self, work, updates, rng, *, start="common", keep="updates", progress=False):
        """Return a `Run` of so many updates, in law event by event; the same rng, the same run.

        start="common" sets all workers off together at 0; "stationary" meets them at an update, at
        0, of a system that has run forever (no difference where every update starts anew).
        keep="updates" keeps update_times and staleness, "gradients" also who computed each gradient
        and how stale it was, "estimates" no arrays: then 10^8 updates need no more memory than
        10^6. progress=True shows a bar.

        Raises TypeError unless rng is a numpy Generator, ValueError for any other bad argument, and
        NotImplementedError for the stationary start of `KAsync` with 1 < k.

        >>> from stragglers import Sync, exponential
        >>> rng = np.random.default_rng(0)
        >>> run = Sync(m=20).simulate(exponential(rate=2), updates=10_000, rng=rng)
        >>> print(f"{run.time_per_update:.3f} +- {run.standard_error:.3f}")
        1.802 +- 0.006
        """
        check_rng(rng)
        updates, keep = check_count("updates", updates), check_keep(keep)
        if start not in STARTS:
            raise ValueError(f"start must be 'common' or 'stationary', got {start!r}")
        work = self._law(work)
        unequal = isinstance(work, list)
        services = UnequalWorkers(work, rng) if unequal else EqualWorkers(work, self.m, rng)
        blocks = self._blocks(services, start, updates, keep == "gradients")
        return collect(blocks, updates, self._batches(updates, start), keep, progress)

    def replay(self, times):
        """Return the `Run`, with all its arrays, that a given table of service times leads to.

        times: shape (rows, m). Where every update starts all workers anew, row j holds the times of
        update j; else column i holds the times of worker i, one after the other. A third axis gives
        a worker's further times in the same update, which only `KBatchSync` needs. The run has all
        the updates that the table determines. One table under all protocols: the same dice.
        ValueError for a table of another shape, or too short.

        >>> from stragglers import Async, Sync
        >>> times = [[1, 5], [2, 1]]
        >>> Sync(2).replay(times).update_times, Async(2).replay(times).update_times
        (array([5., 7.]), array([1., 3.]))
        """
        times = np.asarray(times, dtype=float)
        if times.ndim not in (2, 3) or times.shape[1] != self.m or 0 in times.shape:
            raise ValueError(f"times must have shape (rows, m={self.m}), got {times.shape}")
        if not np.all((times >= 0) & np.isfinite(times)):
            raise ValueError("times must be finite numbers of at least 0, got one that is not")
        blocks = list(self._replayed(times))
        updates = sum(len(block.times) for block in blocks)
        if not updates:
            raise ValueError(f"times must reach the first update, got {len(times)} rows")
        return collect(blocks, updates, self._batches(updates, "common"), "gradients")

    def _groups(self, work):
        """Return the different laws and how many workers have each: [(law, number)]."""
        work = self._law(work)
        if not isinstance(work, list):
            return [(work, self.m)]
        crew = Crew(work)
        return list(zip(crew.laws, crew.counts, strict=True))

    def _law(self, work):
        """Return the one law of equal workers, or the list of laws of unequal ones."""
        work = check_work(work, self.m)
        laws = Crew(work).laws if isinstance(work, list) else [work]
        return work if len(laws) > 1 else laws[0]

    def _rate(self, work):
        """Return the rate of equal exponential workers, None for all others."""
        groups = self._groups(work)
        shift, rate = exponential_parameters(groups[0][0]) or (None, None)
        return rate if len(groups) == 1 and shift == 0 else None

    def _memoryless(self, work):
        """Return whether all workers, equal or not, are exponential."""
        parameters = [exponential_parameters(law) for law, _ in self._groups(work)]
        return all(found is not None and found[0] == 0 for found in parameters)

    def _unknown(self, what, known):
        return NotImplementedError(f"{what} is not known for {self!r} and this law: {known}")


def chances_to_be_early(work, k):
    """Return, for a list of m laws, each worker's chance to be among the first k, shape (m,).

    Worker i is if the k-th of the others is later than its own time, the integral over u in (0, 1)
    of P(X_{k:others} > Q_i(u)). NotImplementedError for laws with atoms: there are ties.
    """
    chances = {}
    for i, law in enumerate(work):
        if isinstance(as_finite(law, 1, 1), FiniteLaw):
            raise NotImplementedError("who is early is not known for laws with ties: use simulate")
        key = family(law) or id(law)
        if key not in chances:
            others = order_statistic(work[:i] + work[i + 1 :], k)
            chances[key] = integrate(lambda u, x=law, y=others: y.sf(x.ppf(u))[None], [0, 1])[0]
    return np.array([chances[family(law) or id(law)] for law in work])
