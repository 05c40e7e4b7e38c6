"""Measured times of a large training job's workers, as laws; the file says where they come from."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from ..laws.named import trace


@cache
def measured_job(name):
    """Return the summary of the job "SE", "AR" or "ST", a dictionary; `measured.json` explains it.

    >>> measured_job("SE")["workers"]
    32
    """
    text = files(__package__).joinpath("measured.json").read_text("utf-8")
    return {job["job"]: job for job in json.loads(text)["jobs"]}[name]


@cache
def measured_law(name):
    """Return the law of one worker's time in a job, all workers taken together, as a `trace`.

    The file has 25 quantiles of it, or of each worker; as many times as were measured are read
    off the line through them.

    >>> print(f"{measured_law('SE').mean():.3f}")
    1.000
    """
    job = measured_job(name)
    if "fit_worker_quantiles_over_mean" in job:
        return trace([time for law in measured_laws(name) for time in law.times])
    number = job["workers"] * job["fit_steps"]
    return through_quantiles(job, job["fit_quantiles_over_mean"], number)


@cache
def measured_laws(name):
    """Return the laws of a job's workers, one each: a list that `order_statistic` takes.

    >>> [round(law.mean(), 2) for law in measured_laws("AR")]
    [1.76, 0.75, 0.75, 0.75]
    """
    job = measured_job(name)
    rows = job["fit_worker_quantiles_over_mean"]
    return [through_quantiles(job, row, job["fit_steps"]) for row in rows]


def through_quantiles(job, quantiles, number):
    """Return the trace of so many times, at even levels on the line through the quantiles."""
    levels = (np.arange(number) + 0.5) / number
    return trace(np.interp(levels, job["fit_quantile_levels"], quantiles))
