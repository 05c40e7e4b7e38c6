"""SGD on a quadratic, exactly: where it settles, how large a step it bears, its error in time."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from ..checks import check_count, check_positive
from ..laws.check import check_work
from ..laws.methods import Work
from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.local_sgd import LocalSGD
from ..protocols.synchronous import KBatchSync, KSync, Sync
from . import moments, update_counts
from .arguments import check_array
from .delay import ConstantDelay

PROTOCOLS = (Sync, KSync, KBatchSync, Async, KAsync, KBatchAsync, LocalSGD, ConstantDelay)
STEPS = 40  # tried by best_step before it refines
LONGEST = 10_000_000  # updates after which the error is given


@dataclass(frozen=True)
class Quadratic:
    """F(x) = sum of curvature_i x_i^2 / 2, whose gradients carry independent Gaussian noise.

    curvature: a positive number, or a list, one for each coordinate. noise: the standard deviation
    of the noise of each coordinate of one gradient, a number or a list. start: the model at which
    SGD begins, a number or a list. F* = 0. Exact figures are for equal exponential workers where
    the protocol is asynchronous, for every law where it is synchronous; `train` simulates the rest.
    Derived in the chapters "How large a step" and "Error against the clock".

    >>> from stragglers import Async, exponential
    >>> problem = Quadratic(curvature=1, noise=1)
    >>> round(problem.floor(Async(10), step=0.1), 6), round(problem.largest_step(Async(10)), 6)
    (0.05, 0.5)
    >>> print(problem.error(Async(10), exponential(rate=1), step=0.1, at=[1, 5], start=10))
    [3.36074703 0.304263  ]
    """

    curvature: float | tuple = 1.0
    noise: float | tuple = 1.0
    start: float | tuple = 1.0
    _curvature: np.ndarray = field(init=False, repr=False, compare=False)
    _noise: np.ndarray = field(init=False, repr=False, compare=False)
    _start: np.ndarray = field(init=False, repr=False, compare=False)
    _rows: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        curvature = check_array("curvature", self.curvature, "positive")
        noise = check_array("noise", self.noise, "time")
        start = check_array("start", self.start, "number")
        size = max(curvature.size, noise.size, start.size)
        object.__setattr__(
            self, "_curvature", check_array("curvature", curvature, "positive", size)
        )
        object.__setattr__(self, "_noise", check_array("noise", noise, "time", size))
        object.__setattr__(self, "_start", check_array("start", start, "number", size))
        object.__setattr__(self, "curvature", _plain(curvature))
        object.__setattr__(self, "noise", _plain(noise))
        object.__setattr__(self, "start", tuple(self._start.tolist()))
        object.__setattr__(self, "_rows", np.empty((0, size)))

    @property
    def largest_curvature(self):
        """The largest curvature, which decides the largest step."""
        return float(self._curvature.max())

    @property
    def variance(self):
        """The variance of the noise of a gradient, summed over the coordinates."""
        return float(self._noise @ self._noise)

    # ---------------------------------------------------------------------------------------------
    # Exactly

    def floor(self, protocol: Any, step) -> float:
        """Return the stationary E F - F* at a constant step, inf if the step is not stable.

        For K-async with m exponential workers, r = (m-k)/k and s = 2m(m-k)/(k(2m-k-1)) it is
        (step noise^2 / 2k) (1 + s h) / (2 + (2s - 2r - 1) h - s h^2 / k), h = step curvature.
        """
        kind, step = _check_protocol(protocol), check_positive("step", step)
        scaled, noise = step * self._curvature, (step * self._noise) ** 2
        if np.any(scaled >= _limit(kind) * (1 - 1e-14)):
            return np.inf
        if isinstance(kind, ConstantDelay):
            square = noise * kind.floor(scaled)
        else:
            square = moments.fixed_point(_map(kind), scaled, noise)
        return float(self._curvature @ square / 2)

    def largest_step(self, protocol, moment: int = 2) -> float:
        """Return the step below which E x^2 stays bounded; moment=1: below which E x settles.

        The largest curvature decides. With k of m exponential workers and K-async, moment 1 bears
        (4 m / k - 2) / curvature, more than one worker alone, while the paths themselves explode.
        """
        if check_count("moment", moment, 1) > 2:
            raise ValueError(f"moment must be 1 or 2, got {moment!r}")
        return _limit(_check_protocol(protocol), moment) / self.largest_curvature

    def error(self, protocol, work: Work, step, at, start=None):
        """Return E F - F* at moments of the clock, all workers having read the start at 0.

        at: one moment or a list; the result has its shape. Exact for Sync and KSync with every law,
        equal workers or not (to about 1e-6 for laws other than exponential, shifted or not, and
        those of a few values); for KBatchSync, Async, KAsync and KBatchAsync with equal exponential
        workers, and for Async with equal constant times. Else NotImplementedError, also where only
        some workers have laws of a few values, where updates are so many, or their times so
        regular, that it would take more than seconds, and for general laws beyond the largest step.
        For the others it is finite and grows there. ValueError for times by which there are more
        than a million updates.
        """
        kind, step = _check_protocol(protocol), check_positive("step", step)
        times, start = check_array("at", at, "time"), self._started(start)
        clock, kind, each = _clock(protocol, kind, work)
        values = [self._at(clock, kind, each, step, t, start) for t in times.ravel()]
        return float(values[0]) if times.ndim == 0 else np.array(values)

    def error_after(self, protocol, step, updates: ArrayLike, start=None):
        """Return E F - F* after a number of updates (at most 10 million), or each of a list."""
        kind, step = _check_protocol(protocol), check_positive("step", step)
        listed = np.atleast_1d(np.asarray(updates, object))
        if listed.ndim > 1 or not listed.size:
            raise ValueError(f"updates must be a number or a list of numbers, got {updates!r}")
        counts = np.array([check_count("updates", n, 0, LONGEST) for n in listed])
        squares = self._squares(kind, step, int(counts.max()), self._started(start))
        values = squares[counts] @ self._curvature / 2
        return float(values[0]) if np.ndim(updates) == 0 else values

    def mean_after(self, protocol, step, updates: ArrayLike, start=None):
        """Return the mean model after so many updates, shape (coordinates,): no noise is in it."""
        kind, step = _check_protocol(protocol), check_positive("step", step)
        updates, start = check_count("updates", updates, 0), self._started(start)
        scaled = step * self._curvature
        if isinstance(kind, ConstantDelay):
            return start * kind.means(scaled, updates)[-1]
        if kind.fresh:
            return start * (1 - scaled) ** updates
        build = moments.mean_map(kind.m, kind.k, kind.batch)
        paths = [np.linalg.matrix_power(build(s), updates)[0, :2].sum() for s in scaled]
        return start * np.array(paths)

    def best_step(self, protocol, work: Work, t: float, start=None) -> float:
        """Return the constant step with the least E F - F* at time t, among the stable ones."""
        kind, t = _check_protocol(protocol), check_positive("t", t)
        start, (clock, kind, each) = self._started(start), _clock(protocol, kind, work)
        tails = clock.tails(t)
        most = _limit(kind) / self.largest_curvature

        def cost(exponent):
            return self._expected(tails, kind, each, np.exp(exponent), start)

        tried = np.log(most) + np.linspace(-14, -1e-9, STEPS)
        best = int(np.argmin([cost(exponent) for exponent in tried]))
        bounds = tried[max(best - 1, 0)], tried[min(best + 1, STEPS - 1)]
        found = optimize.minimize_scalar(
            cost, bounds=bounds, method="bounded", options={"xatol": 1e-9}
        )
        return float(np.exp(found.x))

    def _started(self, start):
        if start is None:
            return self._start
        return check_array("start", start, "number", len(self._curvature))

    def _at(self, clock, kind, each, step, t, start):
        if t == 0:
            return float(self._curvature @ start**2 / 2)
        stable = step * self.largest_curvature < _limit(kind)
        least = update_counts.NEGLIGIBLE if stable else -700.0
        return clock.expect(lambda tails: self._expected(tails, kind, each, step, start), t, least)

    def _expected(self, tails, kind, each, step, start):
        """Return E F after `each` N updates, N with the given P(N < n) and P(N >= n), n = 1, 2, ...

        Summed by parts from the middle of N outwards: no digits cancel.
        """
        later, earlier = tails
        squares = self._squares(kind, step, each * len(later), start)[::each]
        errors = squares @ self._curvature / 2
        middle = int(np.count_nonzero(earlier > 0.5))
        with np.errstate(invalid="ignore", over="ignore"):
            changes = np.diff(errors)
            parts = -changes[:middle] @ later[:middle], changes[middle:] @ earlier[middle:]
            value = errors[middle] + parts[0] + parts[1]
        return float(value) if value == value else np.inf

    def _squares(self, kind, step, updates, start):
        """Return E x^2 after 0, 1, ..., updates updates, shape (updates + 1, coordinates)."""
        scaled, noise = step * self._curvature, (step * self._noise) ** 2
        if isinstance(kind, ConstantDelay):
            return kind.squares(scaled, noise, updates, start)
        matrices, begin = moments.start_moments(_map(kind), scaled, noise, start)
        return moments.after_updates(matrices, begin, updates)

    # ---------------------------------------------------------------------------------------------
    # As a problem to train on

    def loss(self, x):
        """Return F(x)."""
        return float(self._curvature @ np.asarray(x, dtype=float) ** 2 / 2)

    def gradient(self, x, rng):
        """Return one noisy gradient at x, shape (coordinates,)."""
        return self._curvature * x + self._noise * rng.standard_normal(len(self._curvature))

    def losses(self, points):
        """Return F at each row of points."""
        return points**2 @ self._curvature / 2

    def draw(self, rng, count):
        """Return the noise of `count` gradients, shape (count, coordinates)."""
        noise = normals(rng, count * len(self._curvature)).reshape(count, -1)
        if np.any(self._noise != 1):
            noise *= self._noise
        return noise

    def gradients(self, points, drawn):
        """Return the gradients at the rows of points with the noise drawn, in a new array."""
        gradients = points * self._of_rows(len(points))
        gradients += drawn
        return gradients

    def _of_rows(self, count):
        """Return the curvatures once for each of `count` rows: numpy is slow on short rows."""
        if len(self._rows) < count:
            object.__setattr__(self, "_rows", np.tile(self._curvature, (count, 1)))
        return self._rows[:count]


def _plain(array):
    """Return a number, or a tuple of numbers: problems can be compared, and be keys."""
    return float(array) if array.ndim == 0 else tuple(array.tolist())


def normals(rng, count):
    """Return so many independent standard normal numbers.

    By Box and Muller's transform of single-precision uniforms, three times as fast as
    `rng.standard_normal`: the largest possible number is 5.8, and the moments are right to 1e-7.
    """
    half = -(-count // 2)
    uniforms = rng.random((2, half), dtype=np.float32)
    radius, angle = uniforms
    np.subtract(1, radius, out=radius)
    np.log(radius, out=radius)
    radius *= -2
    np.sqrt(radius, out=radius)
    angle *= np.float32(2 * np.pi)
    numbers = np.empty((2, half))
    np.multiply(radius, np.cos(angle), out=numbers[0])
    np.multiply(radius, np.sin(angle), out=numbers[1])
    return numbers.ravel()[:count]


# -------------------------------------------------------------------------------------------------
# What the exact figures need to know of a protocol


@dataclass(frozen=True)
class Kind:
    """m workers and k gradients an update, all fresh, or the first k that come if it is a batch."""

    m: int
    k: int
    fresh: bool
    batch: bool = False


def _check_protocol(protocol):
    """Return the `Kind` of a protocol, or the constant delay itself; TypeError for others."""
    if not isinstance(protocol, PROTOCOLS):
        names = ", ".join(one.__name__ for one in PROTOCOLS)
        raise TypeError(f"protocol must be one of {names}, got {protocol!r}")
    if isinstance(protocol, ConstantDelay):
        return protocol
    m, k = protocol.m, protocol.k
    if isinstance(protocol, (Sync, KSync, KBatchSync, LocalSGD)):
        return Kind(m, k, fresh=True)
    if isinstance(protocol, KAsync):
        return Kind(m, k, fresh=k == m)
    return Kind(m, k, fresh=m == 1, batch=k > 1)


def _map(kind):
    if kind.fresh:
        return moments.fresh(kind.k)
    return (moments.k_batch_async if kind.batch else moments.k_async)(kind.m, kind.k)


def _limit(kind, moment=2):
    """Return the largest stable step for the curvature 1."""
    if isinstance(kind, ConstantDelay):
        return kind.limit
    if kind.fresh:
        return 2.0
    if kind.batch:
        if moment == 1:
            return moments.mean_limit(moments.mean_map(kind.m, kind.k, True))
        return moments.stability_limit(moments.k_batch_async(kind.m, kind.k))
    m, k = kind.m, kind.k
    if moment == 1:
        return 4 * m / k - 2
    r, s = (m - k) / k, 2 * m * (m - k) / (k * (2 * m - k - 1))
    b = 2 * s - 2 * r - 1
    return float((b + np.sqrt(b * b + 8 * s / k)) * k / (2 * s))


def _clock(protocol, kind, work):
    """Return the protocol's clock, its kind on it, and how many updates come at once.

    NotImplementedError where there is no such clock.
    """
    if isinstance(protocol, (ConstantDelay, LocalSGD)):
        raise NotImplementedError(f"the error in time is not known for {protocol!r}: use train")
    m, k, cost = protocol.m, protocol.k, protocol.communication
    workers = check_work(work, m)
    anew = k == 1 if isinstance(protocol, KBatchSync) else kind.fresh
    if anew and k <= m:
        _ = workers.means  # refuses times of mean 0
        return update_counts.sync_clock(workers, k, cost), kind, 1
    rate = workers.rate
    if rate is not None and (kind.fresh or cost == 0):
        waiting = isinstance(protocol, KAsync)
        legs = rate * np.arange(m, m - k, -1.0) if waiting else np.full(k, m * rate)
        return update_counts.Legs(tuple(legs), cost), kind, 1
    if isinstance(protocol, Async) and workers.equal and workers.laws[0].var() == 0:
        period = workers.means[:1] + cost
        return update_counts.Atoms(period, np.ones(1)), ConstantDelay(m - 1), m
    raise NotImplementedError(
        f"the error in time of {protocol!r} is known for equal exponential workers only: use train"
    )
