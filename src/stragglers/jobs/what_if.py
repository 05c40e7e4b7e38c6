"""What if: another protocol or other workers, predicted from a table of times, with error bars."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from ..checks import check_count
from ..laws.named import trace
from ..order_statistics.equal_workers import order_statistic
from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.local_sgd import LocalSGD
from ..protocols.protocol import Protocol
from ..protocols.synchronous import KBatchSync, KSync, Sync
from ..simulation.engines import kth_smallest
from .blocks import CELLS, ROWS, Resamples, find_spells
from .ladder import SortedTimes
from .shares import variance_shares
from .table import Table

KNOWN = (Sync, KSync, KBatchSync, LocalSGD, Async, KAsync, KBatchAsync)
GRID = 64  # values of k tried for a large m
ATOMS = 20_000  # of the law of one worker, where it is only drawn from or searched


@dataclass(frozen=True)
class WhatIf:
    """A prediction: how a job would run, beside how it runs now (all workers, all waited for).

    Times in seconds; rates are gradients used per second; gain is their ratio less 1. Each comes
    with the standard error that the table's own chance leaves (nan under three steps), made of
    resamples of blocks of steps; interval is that of the rate at 95 %.
    """

    protocol: object
    without: tuple
    replace: dict
    time_per_update: float
    time_error: float
    rate: float
    rate_error: float
    rate_now: float
    gain: float
    gain_error: float
    interval: tuple

    def __str__(self):
        left = f" without worker {', '.join(self.without)}" if self.without else ""
        return (
            f"{self.protocol}{left}: {self.time_per_update:.4g} ± {self.time_error:.1g} s an "
            f"update, {self.rate:.4g} ± {self.rate_error:.1g} gradients a second, "
            f"{self.gain:+.1%} ± {self.gain_error:.1%} against now"
        )


def what_if(
    table: Table,
    protocol: Protocol,
    *,
    without=(),
    replace=None,
    seed: int = 0,
    replicates: int = 200,
):
    """Return the `WhatIf` of a protocol on the workers of a table.

    - protocol: of those in KNOWN, for as many workers as are left. Its `communication` (or
      `delay`) is seconds, and is added to what is done now as well.
    - without: names of workers to leave out.
    - replace: a dictionary from a worker's name to what it shall be like: another worker's name
      (its times in other, random steps), or a law in seconds.
    - seed, replicates: of the resampling; the same seed, the same answer.

    Steps are replayed whole: what workers have in common stays. The protocols that nobody waits in
    need only each worker's mean. ValueError for unknown workers or another number of them.

    >>> from stragglers import KSync
    >>> from stragglers.jobs import recorded
    >>> answer = what_if(recorded("SE"), KSync(32, 30, communication=0.146))
    >>> print(f"{answer.rate:.2f} +- {answer.rate_error:.2f}, now {answer.rate_now:.2f}")
    3.68 +- 0.03, now 3.51
    """
    if not isinstance(protocol, KNOWN):
        names = ", ".join(kind.__name__ for kind in KNOWN)
        raise NotImplementedError(
            f"what_if knows {names}: one measured gradient a worker, not {protocol!r}"
        )
    without = (without,) if isinstance(without, str) else tuple(str(name) for name in without)
    rng = np.random.default_rng(seed)
    changed = _changed(table, without, replace or {}, rng)
    if protocol.m != len(changed.workers):
        raise ValueError(
            f"protocol must be for the {len(changed.workers)} workers left, got {protocol!r}"
        )
    constant = getattr(protocol, "communication", getattr(protocol, "delay", 0.0))
    now = table.times.max(axis=1) + constant
    n, m = table.times.shape
    time = _time_per_update(protocol, changed.times, rng)
    length = max(_block_length(table), getattr(protocol, "steps", 1))
    resamples = Resamples(table.times.shape, length, rng)
    drawn = np.full((check_count("replicates", replicates, 2), 2), math.nan)
    for i in range(len(drawn) if n > 2 else 0):
        index = resamples.draw()
        drawn[i] = _time_per_update(protocol, changed.times[index], rng), now[index].mean()
    shrink = resamples.shrink
    return _answer(protocol, without, replace or {}, time, now.mean(), m, drawn, shrink)


def _answer(protocol, without, replace, time, now, m, drawn, shrink):
    """Return the `WhatIf` from the resamples (time, time now), whose errors `shrink` scales."""
    gradients = protocol.gradients_per_update
    with np.errstate(divide="ignore", invalid="ignore"):  # times of 0: a rate of inf
        rates, rates_now = gradients / drawn[:, 0], m / drawn[:, 1]
        rate, rate_now = np.array([gradients, m]) / [time, now]
        samples = (drawn[:, 0], rates, rates / rates_now)
        spread = [float(np.std(values, ddof=1)) * shrink for values in samples]
    half = 1.96 * spread[1]
    return WhatIf(
        protocol, without, replace, float(time), spread[0], float(rate), spread[1],
        float(rate_now), float(rate / rate_now - 1), spread[2],
        (float(rate - half), float(rate + half)),
    )  # fmt: skip


def _changed(table, without, replace, rng):
    """Return the table with the workers replaced and left out."""
    times = table.times.copy()
    for worker, other in replace.items():
        column = table.column(worker)
        if hasattr(other, "rvs"):
            times[:, column] = other.rvs(size=len(times), random_state=rng)
        else:
            times[:, column] = rng.permutation(table.times[:, table.column(other)])
    return Table(times, table.steps, table.workers).without(without)


def _block_length(table):
    """Return the length of the blocks to resample: as long as slow spells ask for."""
    common = find_spells(table.times.max(axis=1)[:, None], table.steps).length
    return max(common, variance_shares(table).spells.length if len(table.workers) > 1 else 1)


def _time_per_update(protocol, times, rng):
    """Return the mean time of an update on these rows."""
    if isinstance(protocol, (Async, KBatchAsync)):  # only the means count
        with np.errstate(divide="ignore"):
            rates = 1 / (times.mean(axis=0) + protocol.communication)
        return float(protocol.k / rates.sum())
    if isinstance(protocol, (Sync, KSync)):
        return float(kth_smallest(times, protocol.k).mean()) + protocol.communication
    if isinstance(protocol, KBatchSync):
        return _replay_further(protocol, times, rng)
    if isinstance(protocol, KAsync):
        rows = max(ROWS, len(times))
        times = np.concatenate([times, times[rng.integers(len(times), size=rows - len(times))]])
        return protocol.replay(times).time_per_update
    run = protocol.replay(times)
    return run.elapsed / run.updates


def _replay_further(protocol, times, rng):
    """Return the time of K-batch-sync; a worker's further gradients take its other steps' times."""
    depth = protocol.k
    rows = max(1, min(len(times), 20 * CELLS // (protocol.m * depth)))
    further = [times[:rows]]
    further += [times[rng.integers(len(times), size=rows)] for _ in range(depth - 1)]
    run = protocol.replay(np.stack(further, axis=2))
    return run.elapsed / run.updates


@dataclass(frozen=True)
class BestK:
    """How many of m workers to wait for: the k of most gradients a second, found in two ways.

    measured: from the measured order of each step; law: from independent draws of all times.
    rate, rate_all: gradients a second by measurement, waiting for `measured` and for all.
    """

    measured: int
    law: int
    rate: float
    rate_all: float


def best_k(table: Table, communication: float = 0.0):
    """Return the `BestK` of a table; communication: seconds that every update adds.

    >>> from stragglers.jobs import recorded
    >>> found = best_k(recorded("SE"), communication=0.146)
    >>> found.measured, found.law
    (30, 30)
    """
    m = len(table.workers)
    k = np.arange(1, m + 1)
    means = np.sort(table.times, axis=1).mean(axis=0) + communication
    rates = k / np.maximum(means, np.finfo(float).tiny)
    tried = np.unique(m + 1 - np.geomspace(1, m, min(m, GRID)).round().astype(int))
    tried = k if m <= GRID else tried
    law = thinned(table.times)
    waits = np.array([float(order_statistic(law, j, m).mean()) for j in tried.tolist()])
    by_law = tried / np.maximum(waits + communication, np.finfo(float).tiny)
    best = int(np.argmax(rates))
    return BestK(best + 1, int(tried[np.argmax(by_law)]), float(rates[best]), float(rates[-1]))


def thinned(times):
    """Return the law of one worker's time: of very many times, as many quantiles."""
    times = np.sort(times, axis=None)
    if len(times) > ATOMS:
        times = times[((np.arange(ATOMS) + 0.5) * len(times) / ATOMS).astype(int)]
    return trace(times)


@dataclass(frozen=True)
class HeldOut:
    """The second half of a table predicted from the first. Times in seconds.

    - m: numbers of workers, powers of two and all; measured, its error and iid: E max of so many,
      the measured one over all subsets of the workers of a step.
    - unequal: the prediction for all workers, each with its own law.
    - drift: the second half's mean over the first's, less 1: a prediction knows nothing of it.
    """

    fit_steps: int
    test_steps: int
    m: tuple
    iid: tuple
    measured: tuple
    errors: tuple
    unequal: float
    drift: float


def held_out(table: Table):
    """Return the `HeldOut` of a table; ValueError for fewer than two steps or two workers."""
    n, m = table.times.shape
    if n < 2 or m < 2:
        raise ValueError(f"table must have two steps and two workers at least, got {n} x {m}")
    fit, test = table.rows(slice(0, n // 2)), table.rows(slice(n // 2, n))
    found = SortedTimes(fit.times)
    sizes = (*(2**i for i in range(1, m.bit_length()) if 2**i < m), m)
    iid = [found.slowest_iid(size) for size in sizes]
    ordered = np.sort(test.times, axis=1)
    seen = np.array([ordered @ _slowest_of(size, m) for size in sizes])
    length = find_spells(ordered[:, -1:], test.steps).length
    return HeldOut(
        len(fit.times),
        len(test.times),
        sizes,
        tuple(iid),
        tuple(seen.mean(axis=1).tolist()),
        tuple(_block_error(row, length) for row in seen),
        found.slowest_unequal(),
        float(test.times.mean() / fit.times.mean() - 1),
    )


def _slowest_of(size, m):
    """Return the chance that the r-th of m is the slowest of a random subset, shape (m,)."""
    rank = np.arange(1, m + 1)
    return special.comb(rank - 1, size - 1) / special.comb(m, size)


def _block_error(values, length):
    """Return the standard error of a mean from means of blocks, nan for fewer than two values."""
    if len(values) < 3:
        return math.nan
    blocks = values[: len(values) // length * length].reshape(-1, length).mean(axis=1)
    return float(stats.sem(blocks))
