"""The same experiment at many points, on as many processes or machines as there are."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..checks import check_count
from .progress import progress_bar


def sweep(experiment: Callable, points: Sequence, seed: Any, executor=None, progress: bool = False):
    """Return [experiment(point, rng) for each point], in order, each with an rng of its own.

    The rng is the child of `seed`, an integer of at least 0, that belongs to the point's place in
    the list: the results are the same whatever the executor. `executor` is any
    concurrent.futures.Executor; for processes, or machines (`client.get_executor()` of
    dask.distributed), `experiment`, points and results must be picklable. None runs here, one after
    the other. progress=True shows a bar. The first error of an experiment is raised.

    >>> from scipy import stats
    >>> from stragglers import KSync
    >>> def time(protocol, rng):
    ...     return protocol.simulate(stats.expon(), 10_000, rng).time_per_update
    >>> [f"{t:.1f}" for t in sweep(time, [KSync(20, k) for k in (5, 10, 20)], seed=0)]
    ['0.3', '0.7', '3.6']
    """
    seed = check_count("seed", seed, minimum=0)
    points = list(points)
    if executor is None:
        results = (_run(experiment, *one, seed) for one in enumerate(points))
    else:
        tasks = [executor.submit(_run, experiment, *one, seed) for one in enumerate(points)]
        results = (task.result() for task in tasks)
    done = []
    with progress_bar(len(points), " points", progress) as bar:
        for result in results:
            done.append(result)
            bar.update(1)
    return done


def _run(experiment, place, point, seed):
    child = np.random.SeedSequence(seed, spawn_key=(place,))
    return experiment(point, np.random.default_rng(child))
