"""The engines: from the workers' times to the updates, event by event, in numpy blocks.

An engine yields `Block`s without end; a worker's times come from `worker_times`.
"""

import math
from bisect import bisect, bisect_left
from heapq import heapify, heappop, heappush

import numpy as np

from .run import Block
from .worker_times import BLOCK, Exhausted

FEW = 12  # gradients of an update, and some more if workers are many, up to which arrays are slower
MANY = 1500  # workers up to which a sorted list is faster than a heap
NEW = 30  # workers for each gradient of an update up to which it is faster to draw all anew
RUNS = 50  # workers up to which merging their times is faster than sorting them
OFTEN = 1e-5  # P(X > 0) below which a worker sends too many gradients at one moment

# -------------------------------------------------------------------------------------------------
# Everybody starts anew at every update


def renewals(waits):
    """Yield the updates of a protocol that starts anew after each, from (durations, workers)."""
    now = 0.0
    for durations, workers in waits:
        times = durations.copy()
        times[0] += now
        np.cumsum(times, out=times)
        now = times[-1]
        yield Block(times, durations, workers)


def kth_smallest(times, k):
    """Return the k-th smallest entry of each row."""
    m = times.shape[1]
    if k < m:
        return np.partition(times, k - 1, axis=1)[:, k - 1]
    return times.T.copy().max(axis=0) if m < 128 else times.max(axis=1)  # numpy: slow on short rows


def first_k(times, k, tie_break):
    """Return who has the k smallest entries of each row, shape (rows, k), the k-th of them last."""
    order = np.argpartition(times, k - 1, axis=1)[:, :k]
    last = np.take_along_axis(times, order[:, -1:], axis=1)
    tied = np.flatnonzero(np.count_nonzero(times == last, axis=1) > 1)
    if len(tied):
        keys = tie_break((len(tied), times.shape[1]))
        order[tied] = np.lexsort((keys, times[tied]), axis=1)[:, :k]
    return order


def first_k_gradients(times, k, services):
    """Return when the k-th gradient of each row arrives, and who sent the k, the k-th last.

    Workers do not stop: `times` holds the first service time of each worker, shape (rows, m), and
    `services.further(rows, workers)` returns one further service time for each pair.
    """
    rows, m = times.shape
    arrivals, workers = times, np.broadcast_to(np.arange(m), (rows, m))
    latest = times.copy()
    while True:
        if arrivals.shape[1] < k:
            row, worker = np.divmod(np.arange(rows * m), m)
        else:
            last = kth_smallest(arrivals, k)
            row, worker = np.nonzero(latest < last[:, None])
            if not len(row):
                order = first_k(arrivals, k, services.tie_break)
                return last, np.take_along_axis(workers, order, axis=1)
        latest[row, worker] += services.further(row, worker)
        place = np.arange(len(row)) - np.searchsorted(row, row)
        more = np.full((rows, place.max() + 1), np.inf)
        whose = np.zeros(more.shape, dtype=int)
        more[row, place], whose[row, place] = latest[row, worker], worker
        arrivals, workers = np.hstack([arrivals, more]), np.hstack([workers, whose])


# -------------------------------------------------------------------------------------------------
# Nobody ever waits: the superposition of m renewal processes


def finishes(services, next_finish, horizon):
    """Return the times and workers of all finishes up to the horizon; move `next_finish` on."""
    times, workers = [np.empty(0)], [np.empty(0, dtype=int)]
    for _, members, typical in services.laws:
        active = members[next_finish[members] <= horizon]
        while len(active):
            count = 1 + int((horizon - next_finish[active].min()) / typical)
            count = min(count, max(1, 64 * BLOCK // len(active)))
            path = np.empty((len(active), count + 1))
            path[:, 0] = next_finish[active]
            path[:, 1:] = services.columns(active, count)
            np.cumsum(path, axis=1, out=path)
            due = path[:, :-1] <= horizon
            number = due.sum(axis=1)
            times.append(path[:, :-1][due])
            workers.append(np.repeat(active, number))
            next_finish[active] = path[np.arange(len(active)), number]
            active = active[next_finish[active] <= horizon]
    return np.concatenate(times), np.concatenate(workers)


def arrivals(services, next_finish, wanted):
    """Yield (times, workers) of all finishes in the order of time, ties by worker, block by block.

    A block ends at a time fixed before it is drawn. So the times drawn beyond it can be forgotten:
    what a worker does after its next finish is independent of all that is known.
    """
    if any(typical == 0 for _, _, typical in services.laws):
        raise ValueError("work must have a positive mean, got 0: updates would take no time")
    for law, _, _ in services.laws:
        if float(law.sides(0.0)[1]) < OFTEN:
            raise ValueError(
                f"work must not be 0 so often: {law!r} would bring about "
                f"{1 / float(law.sides(0.0)[1]):.1e} gradients at once"
            )
    m, now = len(next_finish), float(next_finish.min())
    target = min(max(BLOCK, m, 512 * len(services.laws)), 1000 + 2 * wanted)
    window = target / sum(len(who) / typical for _, who, typical in services.laws)
    while True:
        now += window
        times, workers = finishes(services, next_finish, now)
        window *= min(max(target / max(len(times), 1), 0.25), 4)
        if len(times):
            yield in_order(times, workers, few_runs=m <= RUNS)


def given_arrivals(times):
    """Return (times, workers) of the finishes, in order, that a table of times determines."""
    finish = np.cumsum(times, axis=0)
    row, worker = np.nonzero(finish <= finish[-1].min())
    return in_order(finish[row, worker], worker)


def in_order(times, workers, few_runs=False):
    """Return both sorted by time, ties by worker; few_runs: each worker's times are in order."""
    order = np.argsort(times, kind="stable" if few_runs else None)
    ordered = times[order]
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.lexsort((workers, times))
    return ordered, workers[order]


def previous_finish(workers, start, last):
    """Return, for finishes at positions start, start + 1, ..., that of the same worker before it.

    `last` holds each worker's last position so far, and is moved on.
    """
    small = np.uint16 if len(last) <= 1 << 16 else np.int64  # numpy sorts 16 bits in linear time
    order = np.argsort(workers.astype(small), kind="stable")
    grouped, position = workers[order], order + start
    first = np.flatnonzero(np.diff(grouped, prepend=-1))
    before = np.empty(len(workers), dtype=np.int64)
    before[order[1:]] = position[:-1]
    before[order[first]] = last[grouped[first]]
    last[grouped[first]] = position[np.append(first[1:], len(workers)) - 1]
    return before


def every_kth(blocks, k, last):
    """Yield the updates of a model that changes at every k-th of the arrivals.

    A worker reads the model right after its own gradient is handed in.
    """
    now, position = 0.0, 0
    times, workers = np.empty(0), np.empty(0, dtype=int)
    for more_times, more_workers in blocks:
        times, workers = np.append(times, more_times), np.append(workers, more_workers)
        whole = len(times) // k * k
        if whole == 0:
            continue
        update = np.arange(position, position + whole) // k
        read = (previous_finish(workers[:whole], position, last) + 1) // k
        instants = times[k - 1 : whole : k]
        shape = (-1, k)
        yield Block(
            instants,
            np.diff(instants, prepend=now),
            workers[:whole].reshape(shape),
            (update - read).reshape(shape),
        )
        now, position = instants[-1], position + whole
        times, workers = times[whole:], workers[whole:]


# -------------------------------------------------------------------------------------------------
# Those who have finished wait for the k-th of them


def rounds(services, k, wanted):
    """Yield the updates of a model that waits for k finished workers; only these start again.

    A worker reads the model that its gradient helped to make. One update after the other, in a
    plain loop: who finishes next depends on who restarted when. Not so for exponential times.
    """
    few = hasattr(services, "streams") and k <= FEW + math.isqrt(services.m) // 2
    one_by_one = _from_a_sorted_list if services.m <= MANY else _from_a_heap
    loop = one_by_one if few else _from_arrays
    if services.memoryless and (services.m <= NEW * k or services.rate):
        loop = _as_good_as_new
    instants = loop(services, k, wanted)
    now, position, last = 0.0, 0, np.full(services.m, -1)
    for times, workers in instants:
        update = np.arange(position, position + workers.size) // k
        read = previous_finish(workers.ravel(), position, last) // k + 1
        stale = (update - read).reshape(-1, k)
        yield Block(times, np.diff(times, prepend=now), workers, stale)
        now, position = times[-1] if len(times) else now, position + workers.size


def _as_good_as_new(services, k, wanted):
    """Yield (times, workers) of some updates of exponential workers: all may as well start anew."""
    now, by_legs = 0.0, services.rate and k * k <= services.m
    while wanted > 0:
        rows = min(services.rows(k if by_legs else services.m), wanted)
        if by_legs:
            durations, first = _first_legs(services, k, rows)
        else:
            times = services.table(rows)
            first = first_k(times, k, services.tie_break)
            durations = times[np.arange(rows), first[:, -1]]
        durations[0] += now
        instants = np.cumsum(durations)
        now = instants[-1]
        wanted -= rows
        yield instants, first


def _first_legs(services, k, rows):
    """Return when the k-th of equal exponential workers is done, by its legs, and k workers."""
    m, rng = services.m, services.rng
    legs = rng.exponential(size=(rows, k)) / (services.rate * (m - np.arange(k)))
    first = rng.integers(m, size=(rows, k))
    while len(twice := np.flatnonzero((np.diff(np.sort(first, axis=1), axis=1) == 0).any(axis=1))):
        first[twice] = rng.integers(m, size=(len(twice), k))
    return legs.sum(axis=1), first


def _from_a_sorted_list(services, k, wanted):
    """Yield (times, workers) of some updates: a list of the next finishes is kept in order."""
    streams, numbers = services.streams(), range(services.m)
    pairs = sorted((next(streams[worker]), worker) for worker in numbers)
    finish, who = [time for time, _ in pairs] + [math.inf], [worker for _, worker in pairs]
    while wanted > 0:
        times, workers = [], []
        for _ in range(min(max(1, BLOCK // k), wanted)):
            instant = finish[k - 1]
            if finish[k] == instant:
                _shuffle_ties(finish, who, instant, services)
            first = who[:k]
            del finish[:k], who[:k]
            times.append(instant)
            workers += first
            for worker in first:
                time = instant + next(streams[worker])
                place = bisect(finish, time)
                finish.insert(place, time)
                who.insert(place, worker)
        wanted -= len(times)
        yield np.array(times), np.array(workers).reshape(-1, k)


def _from_a_heap(services, k, wanted):
    """Yield (times, workers) of some updates: for so many workers that a list is too long."""
    streams, numbers = services.streams(), range(services.m)
    pending = [(next(streams[worker]), worker) for worker in numbers]
    heapify(pending)
    while wanted > 0:
        times, workers = [], []
        for _ in range(min(max(1, BLOCK // k), wanted)):
            first = [heappop(pending) for _ in range(k)]
            instant = first[-1][0]
            if pending and pending[0][0] == instant:
                while pending and pending[0][0] == instant:
                    first.append(heappop(pending))
                keys = services.tie_break((len(first),)).tolist()
                keys = zip([time for time, _ in first], keys, first, strict=True)
                first = [one for _, _, one in sorted(keys)]
                for late in first[k:]:
                    heappush(pending, late)
            times.append(instant)
            for _, worker in first[:k]:
                workers.append(worker)
                heappush(pending, (instant + next(streams[worker]), worker))
        wanted -= len(times)
        yield np.array(times), np.array(workers).reshape(-1, k)


def _shuffle_ties(finish, who, instant, services):
    """Put those who finish at this instant in a fair order."""
    begin, end = bisect_left(finish, instant), bisect(finish, instant)
    order = np.argsort(services.tie_break((end - begin,)))
    who[begin:end] = [who[begin + place] for place in order]


def _from_arrays(services, k, wanted):
    """Yield (times, workers) of some updates, from arrays; the last where a table is exhausted.

    Only the few workers next to finish are looked at, so that the cost of an update grows like
    sqrt(m k), not m.
    """
    m = services.m
    few = min(m, max(4 * k, math.isqrt(m * k)))
    finish = services.take(np.arange(m))
    near, soon, limit = np.arange(m), finish, math.inf if few == m else -math.inf
    size = max(1, BLOCK // k)
    while size := min(size, wanted):
        times, workers = np.empty(size), np.empty((size, k), dtype=int)
        done = 0
        try:
            while done < size:
                first = soon.argpartition(k - 1)[:k]
                instant = soon[first[-1]]
                if instant > limit:
                    finish[near] = soon
                    limit = np.partition(finish, few - 1)[few - 1]
                    near = np.flatnonzero(finish <= limit)
                    soon = finish[near]
                    continue
                if np.count_nonzero(soon == instant) > 1:
                    first = np.lexsort((services.tie_break(soon.shape), soon))[:k]
                times[done], workers[done] = instant, near[first]
                done += 1
                soon[first] = instant + services.take(workers[done - 1])
        except Exhausted:
            wanted = done
        wanted -= done
        yield times[:done], workers[:done]
