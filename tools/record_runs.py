"""Record the runs that the chapter "The laboratory" shows: `python -m tools.record_runs`.

Real workers on this machine, one table of dice for all. Writes src/stragglers/figures/runs.json.
"""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import stragglers as sg
from stragglers import lab, training

PLACE = Path(__file__).parent.parent / "src" / "stragglers" / "figures" / "runs.json"
M, ROWS, UNIT, STEP = 4, 40, 0.1, 0.1
RUNS = {
    "sync": sg.Sync(M),
    "2-sync": sg.KSync(M, 2),
    "async": sg.Async(M),
    "2-async": sg.KAsync(M, 2),
}
LOCAL_STEPS = (1, 2, 4, 8, 20)


@dataclass
class Killed:
    """A problem whose gradient kills the process of one worker the sixth time it is asked."""

    problem: object
    process: int
    asked: int = 0
    start: tuple = field(init=False)

    def __post_init__(self):
        self.start = self.problem.start

    def gradient(self, x, rng):
        self.asked += os.getpid() == self.process
        if self.asked == 6:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.problem.gradient(x, rng)

    def loss(self, x):
        return self.problem.loss(x)


def as_record(protocol, times, found):
    """Return a run in JSON's own types; times in units."""
    return {
        "protocol": repr(protocol),
        "updates": np.round(found.run.update_times, 4).tolist(),
        "replay": np.round(protocol.replay(times).update_times, 4).tolist(),
        "losses": np.round(found.losses, 5).tolist(),
        "gradients": [
            [g.worker, g.state, g.update, *(_units(t) for t in (g.sent, g.received))]
            for g in found.record
        ],
    }


def _units(seconds):
    return round(seconds / UNIT, 4) if np.isfinite(seconds) else None


def main():
    times = np.random.default_rng(2018).exponential(size=(ROWS, M))
    problem = training.Quadratic(curvature=1, noise=1, start=10)
    kept = {"unit": UNIT, "step": STEP, "times": np.round(times, 6).tolist(), "runs": {}}
    with lab.local(M) as client:
        place = lab.Lab(client, problem, M)
        place.run(sg.Sync(M), np.zeros((10, M)), unit=0)  # the first requests are the slowest
        for name, protocol in RUNS.items():
            found = place.run(protocol, times, unit=UNIT, step=STEP)
            kept["runs"][name] = as_record(protocol, times, found)
        kept["local"] = {}
        for steps in LOCAL_STEPS:
            protocol = sg.LocalSGD(M, steps)
            found = place.run(protocol, times, unit=UNIT, step=STEP).run
            expected = protocol.replay(times)
            extra = 1000 * UNIT * (found.elapsed - expected.elapsed) / found.updates
            kept["local"][steps] = round(extra, 3)  # ms an update
        processes = client.run(os.getpid)
        problem = Killed(problem, processes[sorted(processes)[1]])
        protocol = sg.KSync(M, 2)
        found = lab.Lab(client, problem, M).run(protocol, times, unit=UNIT, step=STEP)
        kept["runs"]["2-sync, one killed"] = as_record(protocol, times, found)
    PLACE.write_text(json.dumps(kept, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
