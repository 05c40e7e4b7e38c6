"""Where a simulation takes the workers' times from: their laws, or one table given to all."""

import copy
import math
from itertools import chain, repeat

import numpy as np

BLOCK = 1 << 15  # times drawn at once: they stay in the cache


def keep_pages():
    """Free one large array, after which glibc keeps the memory of smaller ones it is given back.

    Else it returns each block's pages to the system, and faulting them in again for the next block
    can cost more than the simulation.
    """
    np.empty(1 << 19)


def typical_time(law):
    """Return the mean of a law, or its median where the mean is infinite."""
    mean = float(law.mean())
    return mean if math.isfinite(mean) else float(law.ppf(0.5))


def ties_of(rng):
    """Return a generator for ties, which rng determines and which takes nothing from it."""
    return np.random.default_rng(copy.deepcopy(rng).integers(1 << 63))


def times_of(workers, rng):
    """Return the source of independent times of checked `Workers`, drawn from rng."""
    return (EqualWorkers if workers.equal else UnequalWorkers)(workers, rng)


class EqualWorkers:
    """Independent times of m workers with the same law, drawn from rng in blocks."""

    def __init__(self, workers, rng):
        keep_pages()
        (law,), self.m = workers.laws, workers.m
        self.memoryless, self.rate = workers.memoryless, workers.rate
        self.work, self.rng, self.ties = law, rng, ties_of(rng)
        self.laws = [(law, np.arange(self.m), typical_time(law))]
        self.buffer, self.used = np.empty(0), 0

    def table(self, rows):
        """Return fresh times, shape (rows, m): the same numbers whatever the blocks."""
        return self.work.rvs(size=(rows, self.m), random_state=self.rng)

    def rows(self, width):
        """Return how many rows of that width to simulate at a time."""
        return max(1, BLOCK // width)

    def further(self, row, worker):
        """Return one fresh time for each pair of a row and a worker."""
        return self.columns(worker, 1)[:, 0]

    def columns(self, workers, count):
        """Return `count` fresh times for each of the workers, shape (len(workers), count)."""
        return self.work.rvs(size=(len(workers), count), random_state=self.rng)

    def take(self, workers):
        """Return one fresh time for each of the workers."""
        if self.used + len(workers) > len(self.buffer):
            fresh = self.work.rvs(size=max(BLOCK, len(workers)), random_state=self.rng)
            self.buffer, self.used = np.concatenate([self.buffer[self.used :], fresh]), 0
        self.used += len(workers)
        return self.buffer[self.used - len(workers) : self.used]

    def streams(self):
        """Return for each worker an iterator over its fresh times, floats: cheap one by one."""
        return [self._stream(lambda size: self.work.rvs(size, self.rng))] * self.m

    @staticmethod
    def _stream(draw):
        sizes = chain((2**n for n in range(8, 15)), repeat(BLOCK))
        return chain.from_iterable(draw(size).tolist() for size in sizes)

    def tie_break(self, shape):
        """Return keys that put workers who finish together in a fair order."""
        return self.ties.random(shape)


class UnequalWorkers(EqualWorkers):
    """Independent times of workers with a law each, drawn from rng in blocks of one law."""

    def __init__(self, workers, rng):
        keep_pages()
        self.m, self.rng, self.ties = workers.m, rng, ties_of(rng)
        self.memoryless, self.rate = workers.memoryless, None
        first, which = np.unique(workers.which, return_index=True)[1], workers.which
        members = [np.flatnonzero(which == which[worker]) for worker in np.sort(first)]
        laws = [workers.laws[which[who[0]]] for who in members]
        self.laws = [(law, who, typical_time(law)) for law, who in zip(laws, members, strict=True)]
        self.law_of = np.empty(self.m, dtype=int)
        for number, (_, who, _) in enumerate(self.laws):
            self.law_of[who] = number
        self.ahead = max(1, BLOCK // self.m)
        self.buffer = np.empty((self.m, self.ahead))
        self.used = np.full(self.m, self.ahead)

    def table(self, rows):
        times = np.empty((rows, self.m))
        for law, who, _ in self.laws:
            times[:, who] = law.rvs(size=(rows, len(who)), random_state=self.rng)
        return times

    def rows(self, width):
        """Return more rows than for equal workers: each law is drawn by a call of its own."""
        return max(super().rows(width), min(256, 64 * BLOCK // width), 1)

    def columns(self, workers, count):
        times = np.empty((len(workers), count))
        law = self.law_of[workers]
        for number in np.unique(law):
            rows = np.flatnonzero(law == number)
            size = (len(rows), count)
            times[rows] = self.laws[number][0].rvs(size=size, random_state=self.rng)
        return times

    def take(self, workers):
        spent = workers[self.used[workers] == self.ahead]
        if len(spent):
            self.buffer[spent] = self.columns(spent, self.ahead)
            self.used[spent] = 0
        times = self.buffer[workers, self.used[workers]]
        self.used[workers] += 1
        return times

    def streams(self):
        each = [[worker] for worker in range(self.m)]
        return [self._stream(lambda size, one=one: self.columns(one, size)[0]) for one in each]


def by_number(shape):
    """Return keys that put workers who finish together in the order of their numbers."""
    return np.broadcast_to(np.arange(shape[-1]), shape)


class GivenRows:
    """Times given for updates that start anew: row j is of update j, a third axis for more."""

    def __init__(self, times):
        self.times = times if times.ndim == 3 else times[:, :, None]
        self.first = self.times[:, :, 0]
        self.used = np.ones(self.first.shape, dtype=int)

    tie_break = staticmethod(by_number)

    def further(self, row, worker):
        depth = self.used[row, worker]
        if depth.max() == self.times.shape[2]:
            raise ValueError(
                f"times must have more than {depth.max()} times of each worker in a row (the third "
                f"axis) for so many gradients, got shape {self.times.shape}"
            )
        self.used[row, worker] += 1
        return self.times[row, worker, depth]


class GivenTimes:
    """Times given in a table: the r-th time of worker i is times[r, i]."""

    memoryless = False

    def __init__(self, times):
        self.times, self.m = times, times.shape[1]
        self.used = np.zeros(self.m, dtype=int)

    tie_break = staticmethod(by_number)

    def take(self, workers):
        """Return the next time of each of the workers; raises `Exhausted` where there is none."""
        row = self.used[workers]
        if row.max(initial=0) == len(self.times):
            raise Exhausted
        self.used[workers] += 1
        return self.times[row, workers]


class Exhausted(Exception):
    """A table of given times has no further time for some worker."""
