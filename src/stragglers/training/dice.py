"""The workers' times of many replicas at once: drawn, or taken from one table for all protocols."""

import numpy as np

from ..checks import check_count, check_rng
from .arguments import laws_of

POOL = 1 << 15  # times drawn at once


def dice(work, m, rows, rng, replicas=1):
    """Return a table of times for `train(..., times=)`, shape (replicas, rows, m).

    One table under several protocols gives all of them the same dice: row j holds the workers'
    times for update j where updates start anew, column i those of worker i, one after the other,
    where they do not.

    >>> from stragglers import exponential
    >>> dice(exponential(rate=1), m=3, rows=5, rng=np.random.default_rng(0), replicas=2).shape
    (2, 5, 3)
    """
    check_rng(rng)
    m, rows = check_count("m", m), check_count("rows", rows)
    return _table(laws_of(work, m), (check_count("replicas", replicas), rows, m), rng)


def _table(laws, shape, rng):
    """Return fresh times of the given shape, whose last axis is the worker."""
    if len(laws) == 1:
        return laws[0].rvs(size=shape, random_state=rng)
    times = np.empty(shape)
    for law, who in _members(laws):
        times[..., who] = law.rvs(size=(*shape[:-1], len(who)), random_state=rng)
    return times


def _members(laws):
    members = {}
    for i, law in enumerate(laws):
        members.setdefault(id(law), (law, []))[1].append(i)
    return [(law, np.array(who)) for law, who in members.values()]


class Drawn:
    """Independent times drawn from the workers' laws as they are asked for."""

    def __init__(self, work, m, replicas, rng):
        self.laws, self.m, self.replicas, self.rng = laws_of(work, m), m, replicas, rng
        self.shape = (replicas, m)
        if len(self.laws) == 1:
            self.pool, self.used = np.empty(0), 0
        else:
            self.members = _members(self.laws)
            self.law_of = np.empty(m, dtype=int)
            for number, (_, who) in enumerate(self.members):
                self.law_of[who] = number
            self.ahead = max(2, POOL // (m * replicas))
            self.pool = np.empty((replicas * m, self.ahead))
            self.used = np.full(replicas * m, self.ahead)

    def rows(self, count):
        """Return fresh times of all workers, shape (count, replicas, m)."""
        return _table(self.laws, (count, *self.shape), self.rng)

    def take(self, places):
        """Return one further time for each place, replica * m + worker, in the shape of places."""
        if len(self.laws) == 1:
            if self.used + places.size > len(self.pool):
                size = max(POOL, places.size)
                self.pool, self.used = self.laws[0].rvs(size=size, random_state=self.rng), 0
            self.used += places.size
            return self.pool[self.used - places.size : self.used].reshape(places.shape)
        spent = places[self.used[places] == self.ahead]
        for number, (law, _) in enumerate(self.members):
            refill = spent[self.law_of[spent % self.m] == number]
            if len(refill):
                self.pool[refill] = law.rvs(size=(len(refill), self.ahead), random_state=self.rng)
        self.used[spent] = 0
        times = self.pool[places, self.used[places]]
        self.used[places] += 1
        return times


class Given:
    """Times from a table, shape (rows, m) for all replicas, or (replicas, rows, m)."""

    def __init__(self, times, m, replicas):
        times = np.asarray(times, dtype=float)
        fits = times.ndim in (2, 3) and times.shape[-1] == m and 0 not in times.shape
        if not fits or (times.ndim == 3 and times.shape[0] not in (1, replicas)):
            allowed = f"(rows, m={m}) or (replicas={replicas}, rows, m={m})"
            raise ValueError(f"times must have shape {allowed}, got {times.shape}")
        if not np.all((times >= 0) & np.isfinite(times)):
            raise ValueError("times must be finite numbers of at least 0, got one that is not")
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
