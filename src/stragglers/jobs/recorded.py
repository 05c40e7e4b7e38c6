"""The three recorded jobs that the book ships: who measured them, and what they cannot tell."""

from functools import cache
from importlib.resources import as_file, files

import numpy as np

from .read import read
from .table import Table

SOURCE = (
    "Figures computed for this book from the records of ByteDance-Seed/StragglerAnalysis (public "
    "repository, commit 8efcd7f): seconds per step and data-parallel replica, from the start of "
    "the first forward pass to the end of the last backward pass."
)
LICENCE = "Apache-2.0, as the records they are computed from"
CAVEATS = (
    "The recorded steps are a sample, not consecutive: nothing can be said on slow spells.",
    "A worker is one data-parallel rank within one pipeline stage.",
)
JOBS = {  # what is known of the job, and of the constant that its steps add to the slowest worker
    "SE": ("Sequences of unequal length: the slowest worker changes from step to step.", 0.146),
    "AR": ("One worker of four was slowed on purpose by those who recorded it.", 1.05),
    "ST": (
        "Two ranks of one pipeline stage. The job's real fault, a last stage that takes 1.37 s "
        "where others take 0.84 s, cannot be seen in this table.",
        None,
    ),
}


@cache
def recorded(name):
    """Return the `Table` of a recorded job: "SE", "AR" or "ST"; its notes say where it is from.

    >>> recorded("SE")
    Table(43 steps x 32 workers, 5.321 s to 11.13 s)
    """
    if name not in JOBS:
        raise ValueError(f"name must be one of {', '.join(JOBS)}, got {name!r}")
    text = files(__package__).joinpath("data", f"{name}.csv").read_text("utf-8")
    head, *lines = text.splitlines()
    rows = np.loadtxt(lines, delimiter=",", ndmin=2)
    notes = (JOBS[name][0], *CAVEATS, SOURCE, f"Licence: {LICENCE}.")
    return Table(rows[:, 1:], rows[:, 0].astype(np.int64), head.split(",")[1:], notes)


def collective_spread(name):
    """Return the standard deviation in s, from step to step, of what SE adds to its slowest worker.

    Quoted: the whole times of the steps are in the record, not in the tables of the book.
    ValueError for the other jobs, of which it was not taken down.
    """
    if name != "SE":
        raise ValueError(f"name must be SE, got {name!r}")
    return 0.011


@cache
def own_trial(after_barrier=False):
    """Return the `Table` of a trial of ours, recorded by the chapter's recipe for PyTorch.

    Four processes on two cores, DistributedDataParallel over gloo, 60 steps; each sleeps a random
    time before its gradient, worker 2 twice as long as the others on average. The same steps in
    two ways: until a worker's last gradient is ready, or until `backward` is over, after_barrier.
    """
    name = "own_after.csv" if after_barrier else "own_before.csv"
    with as_file(files(__package__).joinpath("data", name)) as path:
        return read(path, unit="s")


def collective_time(name):
    """Return the seconds that a step of SE or AR takes beyond its slowest worker, nearly constant.

    The mean over the recorded steps; ValueError for ST, of which it is not known.
    """
    if name not in JOBS or JOBS[name][1] is None:
        raise ValueError(f"name must be SE or AR, got {name!r}")
    return JOBS[name][1]
