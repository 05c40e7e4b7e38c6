"""Print how often a 95 % interval of a run covers the truth: `python benchmarks/coverage.py`.

Short and long runs, 300 of each. A run that is too short says nan, and is not counted. Exits with 1
where less than 92 % of the others cover (less 2.3 standard errors of that share, for chance).
"""

import sys

import numpy as np

import stragglers as sg

RUNS = 300
LENGTHS = (10, 20, 40, 100, 400, 1000, 3000)
EXP, HYPER = sg.exponential(1), sg.hyperexponential([0.9, 0.1], [2, 0.2])
HEAVY, RARE = sg.lognormal(0, 1), sg.two_point(1, 10, 0.01)
UNEQUAL = [EXP] * 8 + [sg.exponential(0.1)] * 2
CASES = [
    *((sg.Sync(10), law) for law in (EXP, HYPER, HEAVY, RARE, UNEQUAL)),
    *((sg.KSync(10, 6), law) for law in (EXP, HYPER, UNEQUAL)),
    *((sg.KBatchSync(10, 12), law) for law in (EXP, HYPER)),
    *((sg.Replication(5, 2), law) for law in (EXP, HEAVY)),
    *((sg.LocalSGD(10, 10), law) for law in (EXP, HYPER)),
    *((sg.Async(10), law) for law in (EXP, HYPER, HEAVY, sg.uniform(1, 3), UNEQUAL)),
    (sg.Async(1000), EXP),
    *((sg.KBatchAsync(10, 4), law) for law in (EXP, HYPER)),
    *((sg.KAsync(10, 4), law) for law in (EXP, HYPER)),
]


def truths(protocol, work):
    """Return the exact time and staleness, the time from a long run where it is not known."""
    try:
        time = protocol.time_per_update(work)
    except NotImplementedError:
        run = protocol.simulate(work, 300_000, np.random.default_rng(9), keep="estimates")
        time = run.time_per_update
    return {"time_per_update": time, "mean_staleness": protocol.mean_staleness(work)}


def shares(protocol, work, updates, truth):
    """Return the share of runs that cover each truth, and how many of them say anything."""
    rng, inside = np.random.default_rng(updates), {of: [] for of in truth}
    for _ in range(RUNS):
        run = protocol.simulate(work, updates, rng, keep="estimates")
        for of, value in truth.items():
            low, high = run.confidence_interval(0.95, of)
            if not np.isnan(low):
                inside[of].append(low - 1e-9 <= value <= high + 1e-9)
    return {of: (np.mean(seen) if seen else np.nan, len(seen)) for of, seen in inside.items()}


def main():
    print(f"{'':40}" + "".join(f"{n:>12}" for n in LENGTHS))
    missed = 0
    for protocol, work in CASES:
        truth = truths(protocol, work)
        cells = {of: [] for of in truth}
        for updates in LENGTHS:
            for of, (share, seen) in shares(protocol, work, updates, truth).items():
                low = seen and share < 0.92 - 2.3 * np.sqrt(0.92 * 0.08 / seen)
                missed += bool(low)
                text = f"{100 * share:.0f}% of {seen}" if seen else "nan"
                cells[of].append(f"{text + ('!' if low else ''):>12}")
        name = f"{type(protocol).__name__}({protocol.m}, {protocol.k}) {str(work)[:18]}"
        for of, row in cells.items():
            if of == "time_per_update" or truth[of]:
                print(f"{name + ' ' + of[:4]:40}" + "".join(row), flush=True)
    print(f"{missed} cells below 92 %")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
