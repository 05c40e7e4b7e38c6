"""SGD on the quadratic x^2 / 2, one event at a time with a heap: written to share nothing."""

import heapq

import numpy as np


def k_async(m, k, draw, step, noise, start, until, rng):
    """Return x at time `until` and the staleness of the gradients used: K-async, k = 1 async."""
    x, version, waiting = start, 0, []
    heap = [(draw(rng), i) for i in range(m)]
    heapq.heapify(heap)
    held, read, stale = [start] * m, [0] * m, []
    while heap[0][0] <= until:
        now, worker = heapq.heappop(heap)
        waiting.append(worker)
        if len(waiting) < k:
            continue
        total = 0.0
        for i in waiting:
            total += held[i] + noise * rng.standard_normal()
            stale.append(version - read[i])
        x -= step * total / k
        version += 1
        for i in waiting:
            held[i], read[i] = x, version
            heapq.heappush(heap, (now + draw(rng), i))
        waiting = []
    return x, stale


def k_batch_async(m, k, draw, step, noise, start, until, rng):
    """Return x at time `until`: the model changes at every k-th gradient."""
    x, total, count = start, 0.0, 0
    heap = [(draw(rng), i) for i in range(m)]
    heapq.heapify(heap)
    held = [start] * m
    while heap[0][0] <= until:
        now, worker = heapq.heappop(heap)
        total += held[worker] + noise * rng.standard_normal()
        count += 1
        if count == k:
            x -= step * total / k
            total, count = 0.0, 0
        held[worker] = x
        heapq.heappush(heap, (now + draw(rng), worker))
    return x, []


def k_sync(m, k, draw, step, noise, start, until, rng):
    """Return x at time `until`: K-sync."""
    x, now = start, 0.0
    while True:
        now += sorted(draw(rng) for _ in range(m))[k - 1]
        if now > until:
            return x, []
        x -= step * (x + noise * np.mean([rng.standard_normal() for _ in range(k)]))


def k_batch_sync(m, k, draw, step, noise, start, until, rng):
    """Return x at time `until`: K-batch-sync."""
    x, now = start, 0.0
    while True:
        heap = [(draw(rng), i) for i in range(m)]
        heapq.heapify(heap)
        for _ in range(k):
            last, worker = heapq.heappop(heap)
            heapq.heappush(heap, (last + draw(rng), worker))
        now += last
        if now > until:
            return x, []
        x -= step * (x + noise * np.mean([rng.standard_normal() for _ in range(k)]))
