"""What happened in the laboratory: every gradient asked for, and the run that they made."""

from dataclasses import dataclass, field

import numpy as np

from ..jobs.table import Table
from ..simulation.run import Block, Run, collect


@dataclass
class Gradient:
    """One gradient that a worker was asked for. Times in seconds since the run began.

    worker; row: the place of its time in the worker's column; version: the update that made the
    model it is of; update: the update that used it, -1 if none did. state: "used", "cancelled"
    (a newer request came first, or the run ended), "late" (finished, but its update was over), or
    "lost" (its worker died or fell silent). sent, received: on the client's clock; busy: how long
    it took, on the worker's. A local step of local SGD is sent when the one before was done.
    """

    worker: int
    row: int
    version: int
    sent: float
    update: int = -1
    state: str = "asked"
    received: float = np.nan
    busy: float = np.nan


@dataclass(frozen=True, eq=False)
class LabRun:
    """A run on real workers.

    - run: the `Run`, times in the unit of the table of times: it compares with `protocol.replay`.
    - record: a `Gradient` for every one that was asked for, in the order of asking.
    - losses: shape (updates + 1,), at the start and after every update.
    - models: shape (updates + 1, coordinates).
    - lost: the workers that died or fell silent; replaced: those whose place was taken again.
    - unit: seconds; m: the workers of the laboratory.
    """

    run: Run
    record: tuple = field(repr=False)
    losses: np.ndarray = field(repr=False)
    models: np.ndarray = field(repr=False)
    lost: tuple
    replaced: tuple
    unit: float
    m: int

    def trips(self):
        """Return the measured round trips, in units: row r has the r-th of each worker.

        Rows end where some worker has no further finished trip: early where requests are
        cancelled. Shape (rows, m).
        """
        rows = 1 + max((gradient.row for gradient in self.record), default=-1)
        trips = np.full((rows, self.m), np.nan)
        for gradient in self.record:
            if gradient.state in ("used", "late"):
                trips[gradient.row, gradient.worker] = gradient.received - gradient.sent
        whole = ~np.isnan(trips).any(axis=1)
        return trips[: len(whole) if whole.all() else int(np.argmin(whole))] / self.unit

    def table(self):
        """Return the measured round trips as a `jobs.Table`, in seconds; ValueError for no row."""
        return Table(self.trips() * self.unit)


def as_run(protocol, moments, used, unit):
    """Return the `Run` of updates at these moments (seconds), made of these lists of gradients.

    An update of fewer gradients than usual, after a worker was lost, has workers -1 in their place
    and its own mean staleness.
    """
    times = np.array(moments) / unit
    most = max(map(len, used))
    workers = np.full((len(used), most), -1)
    staleness = np.zeros((len(used), most))
    for i, gradients in enumerate(used):
        own = [gradient.update - gradient.version for gradient in gradients]
        workers[i, : len(own)] = [gradient.worker for gradient in gradients]
        staleness[i] = np.mean(own)
        staleness[i, : len(own)] = own
    if np.all(staleness == np.rint(staleness)):
        staleness = staleness.astype(int)
    block = Block(times, np.diff(times, prepend=0.0), workers, staleness)
    return collect([block], len(used), protocol._estimates(len(used), "common"), "gradients")
