"""Print what the laboratory adds to the times it is given: `python -m benchmarks.lab`.

For 4 and 8 workers: the milliseconds an update takes beyond the replay of the same dice, at a unit
of 20 ms, and the milliseconds of a synchronous update without any work, beside m submits and a
gather on the same cluster. Exits with 1 if the latter are not twice as slow. Local SGD is given
1, 5 and 10 local steps: what the laboratory adds is then shared by them.
"""

import sys
import time

import numpy as np

import stragglers as sg
from stragglers import lab

UPDATES, UNIT, LEAST = 60, 0.02, 2
PROBLEM_SIZE = 10


class Bowl:
    """|x|^2 / 2 with noisy gradients."""

    start = np.zeros(PROBLEM_SIZE)

    def gradient(self, x, rng):
        return x + rng.normal(size=x.shape)

    def loss(self, x):
        return float(x @ x / 2)


def over_replay(place, protocol, times):
    """Return the milliseconds an update takes more than in the replay of the same dice."""
    found, expected = place.run(protocol, times, unit=UNIT).run, protocol.replay(times)
    return 1000 * UNIT * (found.elapsed - expected.elapsed) / found.updates


def submit_and_gather(client, m):
    """Return the median milliseconds of m submits, one pinned to each worker, and a gather."""
    workers, problem, took = sorted(client.ncores())[:m], Bowl(), []
    x = problem.start
    for update in range(UPDATES):
        begun = time.perf_counter()
        futures = [
            client.submit(gradient, problem, x, [update, i], pure=False, workers=[worker])
            for i, worker in enumerate(workers)
        ]
        x = x - 0.1 * np.mean(client.gather(futures), axis=0)
        took.append(time.perf_counter() - begun)
    return 1000 * float(np.median(took))


def gradient(problem, x, seed):
    return problem.gradient(x, np.random.default_rng(seed))


def main():
    ratios = []
    for m in (4, 8):
        times = np.random.default_rng(m).exponential(size=(UPDATES, m))
        protocols = [sg.Sync(m), sg.KSync(m, m // 2), sg.Async(m), sg.KAsync(m, m // 2)]
        protocols += [sg.LocalSGD(m, steps, 0) for steps in (1, 5, 10)]
        with lab.local(m) as client:
            place = lab.Lab(client, Bowl(), m)
            place.run(sg.Sync(m), np.zeros((10, m)), unit=0)
            for protocol in protocols:
                extra = over_replay(place, protocol, times)
                print(f"m = {m}, {protocol}: {extra:.1f} ms an update over the replay")
            bare = place.run(sg.Sync(m), np.zeros((UPDATES, m)), unit=0).run.update_times
            ours = 1000 * float(np.median(np.diff(bare)))
            rival = submit_and_gather(client, m)
        ratios.append(rival / ours)
        print(f"m = {m}, no work: ours {ours:.1f} ms, submit and gather {rival:.1f} ms an update")
    print(f"ratios {', '.join(f'{ratio:.2f}' for ratio in ratios)}, at least {LEAST} wanted")
    return int(min(ratios) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
