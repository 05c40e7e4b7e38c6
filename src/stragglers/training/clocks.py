"""When the updates of many replicas come and whose gradients they use, in blocks.

A clock yields `Ticks`: times of shape (updates, replicas), and whose gradients each update uses as
places, replica * m + worker, of shape (updates, replicas, k), None where all gradients are fresh.
"""

from typing import NamedTuple

import numpy as np

from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.local_sgd import LocalSGD
from ..protocols.synchronous import KBatchSync, KSync, Sync
from .dice import Drawn, Exhausted, Given

PROTOCOLS = (Sync, KSync, KBatchSync, Async, KAsync, KBatchAsync, LocalSGD)


class Ticks(NamedTuple):
    """Some consecutive updates. `taken`: how many gradients each uses, where that changes."""

    times: np.ndarray
    places: np.ndarray | None = None
    taken: np.ndarray | None = None

    def first(self, count):
        """Return the first `count` updates."""
        return Ticks(*(None if part is None else part[:count] for part in self))


def ticks(protocol, workers, replicas, rng, size, times=None, switches=None):
    """Yield the `Ticks` of all updates, about `size` updates in a block, without end.

    With a table of times they end where the table does. `switches` are those of `train`.
    """
    m, rate = protocol.m, workers.rate
    given = None if times is None else Given(times, m, replicas)
    free = isinstance(protocol, (Async, KBatchAsync)) and protocol.communication == 0
    if given is None and rate is not None and free:
        return _memoryless(m, protocol.k, rate, replicas, rng, size)
    source = given or Drawn(workers, replicas, rng)
    if switches is not None:
        return _switching(source, protocol, switches, size)
    if isinstance(protocol, (Sync, KSync)):
        return _anew(source, size, lambda rows: _kth(rows, protocol.k) + protocol.communication)
    if isinstance(protocol, KBatchSync) and protocol.k > 1 and given is not None:
        return _batches_of_a_table(source, protocol, size)
    if isinstance(protocol, KBatchSync):
        return _anew(source, size, lambda rows: _batch(rows, source, protocol))
    if isinstance(protocol, LocalSGD):
        return _local(source, protocol, size)
    return _stale(source, protocol, size)


# -------------------------------------------------------------------------------------------------
# Every update starts anew


def _anew(source, size, wait):
    now = 0.0
    while True:
        rows = source.rows(size)
        if not len(rows):
            return
        times = now + np.cumsum(wait(rows), axis=0)
        now = times[-1]
        yield Ticks(times)


def _kth(rows, k):
    return rows.max(axis=-1) if k == rows.shape[-1] else np.partition(rows, k - 1)[..., k - 1]


def _batch(rows, source, protocol):
    """Return when the k-th gradient of each row comes, workers going on until then."""
    done, shape = np.empty(rows.shape[:2]), rows.shape[:2]
    finish = rows.reshape(-1, rows.shape[-1])
    arrivals = finish
    while True:
        last = _kth(arrivals, protocol.k) if arrivals.shape[1] >= protocol.k else np.inf
        if np.all(finish >= np.reshape(last, (-1, 1))):
            done[:] = np.reshape(last, shape)
            return done + protocol.communication
        finish = finish + source.rows(shape[0]).reshape(finish.shape)
        arrivals = np.concatenate([arrivals, finish], axis=1)


def _batches_of_a_table(source, protocol, size):
    """Event by event: all start, and whoever finishes goes on, each with its column's next time.

    A gradient that an update cancels has had its time: the worker starts with the one after it.
    """
    replicas, m = source.shape
    all_places = np.arange(replicas * m).reshape(replicas, m)
    now, first = np.zeros(replicas), m * np.arange(replicas)
    while True:
        times = np.empty((size, replicas))
        for done in range(size):
            try:
                finish = now[:, None] + source.take(all_places)
                flat = finish.ravel()
                for _ in range(protocol.k - 1):
                    who = first + finish.argmin(axis=1)
                    flat[who] += source.take(who)
            except Exhausted:
                if done:
                    yield Ticks(times[:done])
                return
            now = finish.min(axis=1) + protocol.communication
            times[done] = now
        yield Ticks(times)


def _local(source, protocol, size):
    now, steps = 0.0, protocol.steps
    while True:
        rows = source.rows(-(-size // steps) * steps)
        whole = len(rows) // steps * steps
        if not whole:
            return
        rounds = rows[:whole].reshape(-1, steps, *source.shape)
        reached = np.cumsum(rounds, axis=1).max(axis=3)  # all workers have taken so many steps
        reached[:, -1] += protocol.delay
        ends = np.cumsum(reached[:, -1], axis=0)
        starts = now + np.concatenate([np.zeros_like(ends[:1]), ends[:-1]])
        now = now + ends[-1]
        yield Ticks((starts[:, None] + reached).reshape(whole, -1))


def _switching(source, protocol, switches, size):
    """Yield the updates of a KSync whose k is that of the last switch before an update starts."""
    moments = np.array([moment for moment, _ in switches])
    counts = np.array([k for _, k in switches])
    now = np.zeros(source.shape[0])
    while True:
        rows = np.sort(source.rows(size), axis=2)
        if not len(rows):
            return
        times, taken = np.empty(rows.shape[:2]), np.empty(rows.shape[:2], dtype=int)
        for n, row in enumerate(rows):
            k = counts[np.searchsorted(moments, now, side="right") - 1]
            wait = np.take_along_axis(row, k[:, None] - 1, axis=1)[:, 0]
            now = now + wait + protocol.communication
            times[n], taken[n] = now, k
        yield Ticks(times, None, taken)


# -------------------------------------------------------------------------------------------------
# Workers go on from the model that they have read


def _memoryless(m, k, rate, replicas, rng, size):
    """Exponential workers who never wait: whoever comes next is anyone, and gradients are Poisson.

    The time of an update is thus a sum of k gaps, whoever delivers.
    """
    now, first = 0.0, m * np.arange(replicas)[:, None]
    kind = np.uint8 if m <= 1 << 8 else np.uint32
    while True:
        places = first + rng.integers(m, size=(size, replicas, k), dtype=kind)
        gaps = rng.standard_gamma(k, (size, replicas)) if k > 1 else _gaps(rng, (size, replicas))
        times = now + np.cumsum(gaps, axis=0) / (m * rate)
        now = times[-1]
        yield Ticks(times, places)


def _gaps(rng, shape):
    return rng.standard_exponential(shape)


def _stale(source, protocol, size):
    """Event by event: the k that come first, then (KAsync) they alone start again, together."""
    replicas, m = source.shape
    k, cost, waits = protocol.k, protocol.communication, isinstance(protocol, KAsync)
    first = m * np.arange(replicas)[:, None]
    try:
        finish = source.take(first + np.arange(m)) + cost
        flat, start = finish.ravel(), first[:, 0]
        while True:
            times, places = np.empty((size, replicas)), np.empty((size, replicas, k), dtype=int)
            done = 0
            while done < size:
                if waits and k > 1:
                    who = first + np.argpartition(finish, k - 1, axis=1)[:, :k]
                    instant = flat[who].max(axis=1)
                    times[done], places[done] = instant, who
                    done += 1
                    flat[who] = instant[:, None] + source.take(who) + cost
                    continue
                for j in range(k):
                    who = finish.argmin(axis=1)
                    who += start
                    instant = flat.take(who)
                    places[done, :, j] = who
                    if j == k - 1:
                        times[done] = instant
                        done += 1
                    instant += source.take(who)
                    instant += cost
                    flat.put(who, instant)
            yield Ticks(times, places)
    except Exhausted:
        if done:
            yield Ticks(times[:done], places[:done])
