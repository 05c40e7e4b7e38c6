"""Print what simulations and formulas cost beside their rivals: `python benchmarks/run.py`.

Every row compares the best of several turns, taken alternately, so that a busy machine slows both
sides alike. Exits with 1 if a bound that the design sets is missed. Needs simpy.
"""

import heapq
import sys
import time
from functools import partial

import numpy as np
import simpy
from scipy import stats

import stragglers as sg
from stragglers.simulation.worker_times import BLOCK

RATE = 2.0
WORK = sg.exponential(rate=RATE)
SIZES = (4, 20, 1000)
DRAWS = {4: "<= 1.6", 20: "<= 1.4", 1000: "<= 1.2"}  # Sync against numpy, by workers
TURNS = 7


def seconds(*acts, turns=TURNS):
    """Return the least time of each act, the acts taking turns."""
    best = [np.inf] * len(acts)
    for _ in range(turns):
        for i, act in enumerate(acts):
            start = time.perf_counter()
            act()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


# -------------------------------------------------------------------------------------------------
# The rivals


def seed_experiment(rng):
    """The experiment as it is first written: a loop over workers, a loop over iterations."""
    for m in range(1, 21):
        slowest, fastest = [], []
        for _ in range(5000):
            times = rng.exponential(1 / RATE, size=m)
            slowest.append(times.max())
            fastest.append(times.min())


def plain_sync(m, updates, rng):
    now, instants = 0.0, []
    for _ in range(updates):
        now += rng.exponential(1 / RATE, size=m).max()
        instants.append(now)
    return instants


def heap_async(m, updates, rng):
    pending = [(rng.exponential(1 / RATE), i) for i in range(m)]
    heapq.heapify(pending)
    read, instants, stale = [0] * m, [], []
    for version in range(updates):
        now, i = pending[0]
        instants.append(now)
        stale.append(version - read[i])
        read[i] = version + 1
        heapq.heapreplace(pending, (now + rng.exponential(1 / RATE), i))
    return instants, stale


def heap_k_async(m, k, draw, updates):
    pending = [(draw(), i) for i in range(m)]
    heapq.heapify(pending)
    read, instants, stale = [0] * m, [], []
    for version in range(updates):
        first = [heapq.heappop(pending) for _ in range(k)]
        now = first[-1][0]
        instants.append(now)
        for _, i in first:
            stale.append(version - read[i])
            read[i] = version + 1
            heapq.heappush(pending, (now + draw(), i))
    return instants, stale


def simpy_async(m, updates, rng):
    environment, instants, stale = simpy.Environment(), [], []
    enough = environment.event()

    def worker():
        while True:
            read = len(instants)
            yield environment.timeout(rng.exponential(1 / RATE))
            stale.append(len(instants) - read)
            instants.append(environment.now)
            if len(instants) == updates:
                enough.succeed()

    for _ in range(m):
        environment.process(worker())
    environment.run(enough)
    return instants, stale


# -------------------------------------------------------------------------------------------------
# The rows: what, m, the rival's time, ours, the ratio, and the bound that it must keep


def race():
    rng = np.random.default_rng(0)
    loop, ours = seconds(
        lambda: seed_experiment(rng), lambda: [sg.race(WORK, 20, 5000, rng) for _ in range(50)]
    )
    ours /= 50
    return [("race of 1..20, 5000 rounds / the loop", 20, loop, ours, loop / ours, ">= 250")]


def draws(count, rng):
    """Numpy's own exponential draw, in blocks that stay in the cache."""
    for _ in range(count // BLOCK):
        rng.exponential(1 / RATE, size=BLOCK)


def worker_times(m):
    rng, updates = np.random.default_rng(0), 2_000_000 // m
    few = min(updates, 2000)
    floor, sync, ksync, loop, vectorised = seconds(
        lambda: draws(updates * m, rng),
        lambda: sg.Sync(m).simulate(WORK, updates, rng),
        lambda: sg.KSync(m, m // 2).simulate(WORK, updates, rng),
        lambda: plain_sync(m, few, rng),
        lambda: sg.Sync(m).simulate(WORK, few, rng),
    )
    each = updates * m
    return [
        ("Sync worker-time / numpy's draw", m, floor / each, sync / each, sync / floor, DRAWS[m]),
        ("KSync worker-time / numpy's draw", m, floor / each, ksync / each, ksync / floor, ""),
        ("Sync update / the plain loop", m, loop / few, vectorised / few, loop / vectorised, ""),
    ]


def asynchronous(m):
    rng, updates, protocol = np.random.default_rng(0), 20_000, sg.Async(m)
    in_simpy, in_heap, ours = seconds(
        lambda: simpy_async(m, updates, rng),
        lambda: heap_async(m, updates, rng),
        lambda: protocol.simulate(WORK, 20 * updates, rng),
        turns=3,
    )
    ours, in_simpy, in_heap = ours / (20 * updates), in_simpy / updates, in_heap / updates
    return [
        ("Async update / SimPy", m, in_simpy, ours, in_simpy / ours, ">= 20"),
        ("Async update / heapq", m, in_heap, ours, in_heap / ours, ">= 10"),
        same_statistics(m, protocol, updates, rng),
    ]


def same_statistics(m, protocol, updates, rng):
    """Compare the time per update with SimPy's, in standard errors of their difference."""
    instants, _ = simpy_async(m, updates, rng)
    run = protocol.simulate(WORK, updates, rng)
    error = np.sqrt(2 / updates) / (m * RATE)  # both are Poisson processes of rate m RATE
    apart = abs(instants[-1] / updates - run.update_times[-1] / updates) / error
    return ("Async and SimPy apart, standard errors", m, np.nan, np.nan, apart, "<= 5")


def k_async():
    rng, rows = np.random.default_rng(0), []
    draws = {
        "exponential": (lambda: rng.exponential(1 / RATE), WORK),
        "uniform": (lambda: rng.uniform(1, 3), sg.uniform(1, 3)),
    }
    for m, k in ((20, 1), (20, 2), (20, 5), (20, 10), (20, 15), (20, 19), (1000, 2), (1000, 500)):
        updates, protocol = 40_000 // k, sg.KAsync(m, k)
        for name, (draw, work) in draws.items():
            in_heap, ours = seconds(
                partial(heap_k_async, m, k, draw, updates),
                partial(protocol.simulate, work, updates, rng),
                turns=3,
            )
            title, bound = f"K-async update / heapq, K = {k}, {name}", ">= 2" * (m == 20)
            rows.append((title, m, in_heap / updates, ours / updates, in_heap / ours, bound))
    return rows


def crew():
    """Two kinds of workers, 50 000 of each: the mean of the middle rank."""
    work = [sg.exponential(rate=1)] * 50_000 + [sg.exponential(rate=2)] * 50_000
    (spent,) = seconds(lambda: sg.order_statistic(work, 50_000, 10**5).mean(), turns=3)
    return [("middle of 50 000 + 50 000, s", 10**5, np.nan, spent, spent, "<= 1")]


def order_statistics():
    rng, rows = np.random.default_rng(0), []
    closed = sg.order_statistic(WORK, 10**6 - 3, 10**6)
    (spent,) = seconds(lambda: [closed.mean() for _ in range(100)])
    rows.append(("mean of X_k:m, closed form, us", 10**6, np.nan, spent / 100, spent * 1e4, "<= 5"))
    general = sg.order_statistic(sg.lognormal(mu=0, sigma=1), 15, 20)
    (spent,) = seconds(general.mean)
    rows.append(("mean of X_k:m, any law, ms", 20, np.nan, spent, spent * 1e3, "<= 0.3"))
    if hasattr(stats, "order_statistic"):
        law = stats.make_distribution(stats.lognorm)(s=1.0)
        theirs, ours = seconds(
            lambda: stats.order_statistic(law, r=15, n=20).mean(),
            lambda: sg.order_statistic(sg.lognormal(mu=0, sigma=1), 15, 20).mean(),
        )
        rows.append(("mean of X_k:m / scipy's", 20, theirs, ours, theirs / ours, ""))
    few, many = (sg.order_statistic(WORK, m - 1, m) for m in (10, 10**6))
    small, large = seconds(
        lambda: few.rvs(size=100_000, random_state=rng),
        lambda: many.rvs(size=100_000, random_state=rng),
    )
    rows.append(("draw of X_k:m, m = 10^6 / m = 10", 10**6, small, large, large / small, "<= 2"))
    return rows


def kept(value, bound):
    if not bound:
        return True
    sign, limit = bound.split()
    return value >= float(limit) if sign == ">=" else value <= float(limit)


def main():
    print(f"{'':44}{'m':>9}{'theirs':>12}{'ours':>12}{'figure':>10}  bound")
    missed = 0
    groups = [race, *[partial(worker_times, m) for m in SIZES]]
    groups += [*[partial(asynchronous, m) for m in SIZES], k_async, order_statistics, crew]
    for group in groups:
        for name, m, theirs, ours, value, bound in group():
            verdict = "" if kept(value, bound) else "  MISSED"
            missed += bool(verdict)
            costs = "".join(f"{'':>12}" if np.isnan(t) else f"{t:12.3g}" for t in (theirs, ours))
            print(f"{name:44}{m:9}{costs}{value:10.3g}  {bound}{verdict}", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
