"""The workers' times of many replicas at once: drawn, or taken from one table for all protocols."""

import numpy as np

from ..checks import check_count, check_rng, check_table
from ..laws.check import check_work
from ..laws.methods import Work

POOL = 1 << 15  # times drawn at once


def dice(work: Work, m: int, rows: int, rng: np.random.Generator, replicas: int = 1) -> np.ndarray:
    """Return a table of times for `train(..., times=)`, shape (replicas, rows, m).

    One table under several protocols gives all of them the same dice: row j holds the workers'
    times for update j where each takes one an update, column i those of worker i, one after the
    other, where they go on: also in `KBatchSync`, where a gradient that is cancelled has had its
    time.

    >>> from stragglers import exponential
    >>> dice(exponential(rate=1), m=3, rows=5, rng=np.random.default_rng(0), replicas=2).shape
    (2, 5, 3)
    """
    check_rng(rng)
    m, rows = check_count("m", m), check_count("rows", rows)
    return _table(check_work(work, m), (check_count("replicas", replicas), rows, m), rng)


def _table(workers, shape, rng):
    """Return fresh times of the given shape, whose last axis is the worker."""
    if workers.equal:
        return workers.laws[0].rvs(size=shape, random_state=rng)
    times = np.empty(shape)
    for place, law in enumerate(workers.laws):
        who = np.flatnonzero(workers.which == place)
        times[..., who] = law.rvs(size=(*shape[:-1], len(who)), random_state=rng)
    return times


class Drawn:
    """Independent times drawn from the workers' laws as they are asked for."""

    def __init__(self, workers, replicas, rng):
        self.workers, self.rng = workers, rng
        self.shape = (replicas, workers.m)
        if workers.equal:
            self.pool, self.used = np.empty(0), 0
        else:
            places = replicas * workers.m
            self.ahead = max(2, POOL // places)
            self.pool = np.empty((places, self.ahead))
            self.used = np.full(places, self.ahead)

    def rows(self, count):
        """Return fresh times of all workers, shape (count, replicas, m)."""
        return _table(self.workers, (count, *self.shape), self.rng)

    def take(self, places):
        """Return one further time for each place, replica * m + worker, in the shape of places."""
        laws = self.workers.laws
        if self.workers.equal:
            if self.used + places.size > len(self.pool):
                size = max(POOL, places.size)
                self.pool, self.used = laws[0].rvs(size=size, random_state=self.rng), 0
            self.used += places.size
            return self.pool[self.used - places.size : self.used].reshape(places.shape)
        spent = places[self.used[places] == self.ahead]
        for place, law in enumerate(laws):
            refill = spent[self.workers.which[spent % self.workers.m] == place]
            if len(refill):
                self.pool[refill] = law.rvs(size=(len(refill), self.ahead), random_state=self.rng)
        self.used[spent] = 0
        times = self.pool[places, self.used[places]]
        self.used[places] += 1
        return times


def check_dice(times, m, replicas):
    """Return a table of times as an array of floats, or raise."""
    allowed = f"(rows, m={m}) or (replicas={replicas}, rows, m={m})"
    table = check_table("times", times, f"numbers of shape {allowed}")
    fits = table.ndim in (2, 3) and table.shape[-1] == m and 0 not in table.shape
    if not fits or (table.ndim == 3 and table.shape[0] not in (1, replicas)):
        raise ValueError(f"times must have shape {allowed}, got {table.shape}")
    if not np.all((table >= 0) & np.isfinite(table)):
        raise ValueError("times must be finite numbers of at least 0, got one that is not")
    return table


class Given:
    """Times from a table, shape (rows, m) for all replicas, or (replicas, rows, m)."""

    def __init__(self, times, m, replicas):
        length = times.shape[-2]
        by_worker = np.broadcast_to(times, (replicas, length, m)).swapaxes(1, 2)
        self.table = np.ascontiguousarray(by_worker).reshape(replicas * m, length)
        self.shape, self.row = (replicas, m), 0
        self.used = np.zeros(replicas * m, dtype=int)

    def rows(self, count):
        """Return the next rows, shape (at most count, replicas, m)."""
        part = self.table[:, self.row : self.row + count]
        self.row += part.shape[1]
        return part.T.reshape(-1, *self.shape)

    def take(self, places):
        """Return the next time of each place; `Exhausted` where the table has none."""
        depth = self.used[places]
        if depth.max() == self.table.shape[1]:
            raise Exhausted
        self.used[places] += 1
        return self.table[places, depth]


class Exhausted(Exception):
    """A table of given times has no further time for some worker."""
