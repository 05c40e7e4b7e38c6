"""Print what training costs beside a plain loop, and exact curves beside simulated ones.

python -m benchmarks.training [updates]

Every ratio compares the best of several turns, taken alternately, in time of the processor: what
else the machine does hardly counts. Exits with 1 if a bound that the design sets is missed.
"""

import heapq
import sys
import time

import numpy as np

import stragglers as sg
from stragglers import training
from stragglers.training.update_counts import remembered_tails

from .run import kept

M, REPLICAS, COORDINATES, STEP = 10, 100, 20, 0.01
PROBLEM = training.Quadratic(curvature=np.linspace(0.5, 1, COORDINATES), start=1)
LAWS = {
    "exponential": (sg.exponential(rate=1), lambda rng: rng.standard_exponential()),
    "shifted": (sg.shifted_exponential(1, 1), lambda rng: 1 + rng.standard_exponential()),
}


def seconds(*acts, turns=3):
    """Return the least processor time of each act, the acts taking turns."""
    best = [np.inf] * len(acts)
    for _ in range(turns):
        for i, act in enumerate(acts):
            start = time.process_time()
            act()
            best[i] = min(best[i], time.process_time() - start)
    return best


def vectors_loop(draw, updates, rng):
    """One replica, one gradient at a time: a heap, and vectors in numpy."""
    x, instants, stale = np.array(PROBLEM.start), [], []
    held, read = [x] * M, [0] * M
    pending = [(draw(rng), worker) for worker in range(M)]
    heapq.heapify(pending)
    for version in range(updates):
        now, worker = pending[0]
        x = x - STEP * PROBLEM.gradient(held[worker], rng)
        instants.append(now)
        stale.append(version - read[worker])
        held[worker], read[worker] = x, version + 1
        heapq.heapreplace(pending, (now + draw(rng), worker))
    return x


def plain_loop(draw, updates, rng):
    """The same in plain Python: a vector is a list of numbers."""
    gauss, curvature = rng.standard_normal, PROBLEM.curvature
    x = list(PROBLEM.start)
    held = [x] * M
    pending = [(draw(rng), worker) for worker in range(M)]
    heapq.heapify(pending)
    for _ in range(updates):
        now, worker = pending[0]
        rows = zip(x, curvature, held[worker], strict=True)
        x = [a - STEP * (c * b + gauss()) for a, c, b in rows]
        held[worker] = x
        heapq.heapreplace(pending, (now + draw(rng), worker))
    return x


def ours(work, updates, replicas, rng):
    return training.train(
        sg.Async(M), PROBLEM, work, updates=updates, step=STEP, rng=rng, replicas=replicas
    )


def against_loops(name, updates):
    """Return rows of the time of one update of one replica: the rivals' run fewer of them."""
    work, draw = LAWS[name]
    rng, few = np.random.default_rng(0), max(1000, updates // 50)
    loop, lists, together, alone = seconds(
        lambda: vectors_loop(draw, few, rng),
        lambda: plain_loop(draw, few // 4, rng),
        lambda: ours(work, updates, REPLICAS, rng),
        lambda: ours(work, few, 1, rng),
    )
    loop, lists, alone = loop / few, lists / (few // 4), alone / few
    together /= updates * REPLICAS
    return [
        (f"{name}: 100 replicas / a plain loop", lists, together, lists / together, ">= 30"),
        (f"{name}: 100 replicas / vectors in numpy", loop, together, loop / together, ">= 10"),
        (f"{name}: 100 replicas / one at a time", alone, together, alone / together, ""),
    ]


def exact_curves():
    """Return rows of an exact error in time against 1000 simulated replicas, and how far apart."""
    protocols = (sg.Sync(10), sg.KSync(10, 5), sg.Async(10), sg.KAsync(10, 5))
    rows = [row for protocol in protocols for row in exact_and_simulated(protocol)]
    for protocol in (sg.Async(1000), sg.KAsync(1000, 500), sg.Sync(1000)):
        rows.append(exact_error_of_many(protocol))
    return rows


def exact_and_simulated(protocol):
    problem, work, rng = (
        training.Quadratic(start=10),
        LAWS["exponential"][0],
        np.random.default_rng(0),
    )

    def simulate():
        return training.train(
            protocol, problem, work, until=10, at=[10], step=0.1, rng=rng, replicas=1000
        )

    def exact_error():
        remembered_tails.cache_clear()
        return problem.error(protocol, work, 0.1, 10)

    simulated, exact = seconds(simulate, exact_error)
    run, error = simulate(), problem.error(protocol, work, 0.1, 10)
    apart = abs(run.loss_in_time[0] - error) / run.loss_in_time_error[0]
    name = f"{type(protocol).__name__}({protocol.m}, {protocol.k})"
    return [
        (f"{name}: exact / simulated", simulated, exact, simulated / exact, ""),
        (f"{name}: standard errors apart", np.nan, np.nan, apart, "<= 5"),
    ]


def exact_error_of_many(protocol):
    problem, work = training.Quadratic(start=10), LAWS["exponential"][0]
    (spent,) = seconds(lambda: problem.error(protocol, work, 0.01, 10))
    name = f"{type(protocol).__name__}({protocol.m}, {protocol.k})"
    return (f"{name}: exact error, ms", np.nan, spent, spent * 1e3, "")


def main():
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{'':44}{'theirs':>12}{'ours':>12}{'figure':>10}  bound")
    missed = 0
    for rows in (*(against_loops(name, updates) for name in LAWS), exact_curves()):
        for name, theirs, mine, value, bound in rows:
            verdict = "" if kept(value, bound) else "  MISSED"
            missed += bool(verdict)
            costs = "".join(f"{'':>12}" if np.isnan(t) else f"{t:12.3g}" for t in (theirs, mine))
            print(f"{name:44}{costs}{value:10.3g}  {bound}{verdict}", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
