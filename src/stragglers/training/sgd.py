"""SGD on a protocol's clock, for any problem: many replicas at once."""

import numpy as np
from numpy.typing import ArrayLike

from ..checks import check_count, check_positive, check_rng
from ..laws.check import check_work
from ..laws.methods import Work
from ..protocols.asynchronous import Async
from ..protocols.synchronous import KSync
from ..simulation.worker_times import keep_pages
from .arguments import check_array
from .clocks import PROTOCOLS, ticks
from .dice import check_dice
from .problem import as_problem
from .replicas import replicas_of
from .result import Recorder, Training

BLOCK = 1 << 16  # numbers drawn at once for the gradients
POINTS = 100  # of the curves, besides the start
RATES = ("update", "time")


def train(
    protocol,
    problem,
    work: Work,
    *,
    step,
    rng: np.random.Generator,
    updates: int | None = None,
    until=None,
    replicas: int = 1,
    at=None,
    times: ArrayLike | None = None,
    threshold=None,
    switches=None,
    step_by: str = "update",
) -> Training:
    """Run SGD on the protocol's clock and return a `Training`: the loss in updates and in time.

    problem: an object with `start` (a list of numbers), `gradient(x, rng)` and `loss(x)`. With
    `draw(rng, count)` and `gradients(points, drawn)` too, as `Quadratic` and `LogisticRegression`
    have, all replicas take their gradients at once; `losses(points)` does so for the loss.
    work: the law of a worker's time, or a list of m laws. All workers have read the start at 0.

    updates, until: how many updates, or how long; one of the two, or a table of times. A run ends
    when all replicas have come so far, and some may then have gone further.
    step: a number, or a function of the update's number (0, 1, ...); with step_by="time" of the
    moment of the update. at: the moments at which the loss is wanted, by default 101 of them.
    times: a table of worker times in place of draws from `work`, the same for every protocol, see
    `dice`. threshold: an `Async` run drops gradients that are at least so stale (Ringmaster).
    switches: for a `KSync`, pairs (moment, k): from then on an update that starts waits for k.

    Without a table each protocol draws its own times, in the law of an event-by-event simulation.
    A replica whose loss exceeds 1e12, and 1e12 times the loss at the start, or is not a number, is
    counted as diverged, its loss is inf from then on, and numpy stays quiet about it. TypeError or
    ValueError names a bad argument.

    >>> from stragglers import Async, exponential
    >>> from stragglers.training import Quadratic
    >>> problem, work, rng = Quadratic(start=10), exponential(rate=1), np.random.default_rng(0)
    >>> run = train(Async(10), problem, work, until=5, step=0.1, rng=rng, replicas=500)
    >>> print(f"{run.loss_in_time[-1]:.2f} +- {run.loss_in_time_error[-1]:.2f}")
    0.30 +- 0.02
    """
    _check_protocol(protocol, threshold, switches)
    workers = check_work(work, protocol.m)
    _ = workers.means  # refuses times of mean 0
    generators = check_rng(rng).spawn(2)
    replicas = check_count("replicas", replicas)
    problem = as_problem(problem)
    step = _check_step(step, step_by)
    switches = None if switches is None else _check_switches(switches, protocol.m)
    if threshold is not None:
        threshold = check_count("threshold", threshold)
    if times is not None:
        times = check_dice(times, protocol.m, replicas)
    updates, until = _check_length(updates, until, times)
    if at is not None:
        at = np.sort(check_array("at", at, "time").ravel())
    elif until is not None:
        at = np.linspace(0, until, POINTS + 1)
    else:
        at = np.linspace(0, _typical_end(protocol, workers, updates, times), POINTS + 1)
    k = protocol.m if switches is not None else protocol.k
    size = max(1, min(BLOCK // (problem.cost * replicas * k), 1024, updates or 1024))
    stream = ticks(protocol, workers, replicas, generators[0], size, times, switches)
    runner = replicas_of(protocol, problem, replicas, threshold, switches is not None)
    recorder = Recorder(problem, replicas, at, updates)
    keep_pages()
    with np.errstate(all="ignore"):
        done, before = 0, np.zeros(replicas)
        for block in _blocks(stream, updates if threshold is None else None):
            drawn = runner.draw(generators[1], block)  # all of it, so that no seed knows the end
            row, rows = 0, len(block.times)
            while row < rows and not _is_over(runner, done, before, updates, until):
                end = _end(block.times, row, runner, done, updates, until)
                _run(runner, recorder, block, drawn, row, end, before, step, step_by, done)
                done, before, row = done + end - row, block.times[end - 1], end
            recorder.count(runner.stalenesses(block.first(row), done))
            if _is_over(runner, done, before, updates, until):
                break
        if not done:
            raise ValueError(f"times must have rows for one update, got shape {np.shape(times)}")
        return recorder.result(done, runner)


def _blocks(stream, updates):
    """Yield the blocks of the stream, up to so many updates."""
    done = 0
    for block in stream:
        if updates is not None:
            block = block.first(updates - done)
        done += len(block.times)
        yield block
        if done == updates:
            return


def _is_over(runner, done, before, updates, until):
    """Tell whether all replicas have come as far as they were to."""
    if until is not None:
        return before.min() > until
    return updates is not None and runner.fewest_updates(done) >= updates


def _end(times, row, runner, done, updates, until):
    """Return up to which row of a block no replica has come further than all were to."""
    if until is not None:
        return min(len(times), np.count_nonzero(times.min(axis=1) <= until) + 1)
    if updates is not None:
        return min(len(times), row + updates - int(runner.fewest_updates(done)))
    return len(times)


def _run(runner, recorder, block, drawn, row, end, before, step, step_by, done):
    """Make the updates of a block from one row to another."""
    due = recorder.due(block.times[row:end], before, done)
    by_update = step_by == "update"
    for b in range(row, end):
        if done in due:
            recorder.look(done, *due[done], runner)
        size = step(runner.number(done) if by_update else block.times[b])
        runner.update(block, b, drawn[b], size, done)
        done += 1
    recorder.settle()


# -------------------------------------------------------------------------------------------------
# Arguments


def _check_protocol(protocol, threshold, switches):
    if not isinstance(protocol, PROTOCOLS):
        names = ", ".join(one.__name__ for one in PROTOCOLS)
        raise TypeError(f"protocol must be one of {names}, got {protocol!r}")
    if threshold is not None and not isinstance(protocol, Async):
        raise ValueError(f"threshold must be None for all but Async, got {threshold!r}")
    if switches is not None and not isinstance(protocol, KSync):
        raise ValueError(f"switches must be None for all but KSync, got {switches!r}")


def _check_step(step, step_by):
    """Return a function of the updates' numbers or moments, one for all replicas or one each."""
    if step_by not in RATES:
        raise ValueError(f"step_by must be 'update' or 'time', got {step_by!r}")
    if not callable(step):
        size = check_positive("step", step)
        return lambda n: size

    def sizes(numbers):
        if np.ndim(numbers) == 0:
            return check_positive(f"step({numbers})", step(numbers))
        numbers = numbers.tolist()
        if step_by == "time":  # all moments differ
            return np.array([check_positive(f"step({now})", step(now)) for now in numbers])
        known = {n: check_positive(f"step({n})", step(n)) for n in set(numbers)}
        return np.array([known[n] for n in numbers])

    return sizes


def _check_switches(switches, m):
    try:
        pairs = [(moment, k) for moment, k in switches]
    except (TypeError, ValueError):
        raise TypeError(f"switches must be pairs (moment, k), got {switches!r}") from None
    moments = check_array("switches", [moment for moment, _ in pairs], "time")
    if moments[0] != 0 or np.any(np.diff(moments) <= 0):
        raise ValueError(f"switches must begin at moment 0 and grow, got {switches!r}")
    return [(t, check_count("k", k, 1, m)) for t, (_, k) in zip(moments, pairs, strict=True)]


def _check_length(updates, until, times):
    if updates is not None and until is not None:
        raise ValueError(f"updates must be None where until is given, got {updates!r}")
    if updates is not None:
        return check_count("updates", updates), None
    if until is not None:
        return None, check_positive("until", until)
    if times is None:
        raise ValueError("updates must be given, or until, or a table of times")
    return None, None


def _typical_end(protocol, workers, updates, times):
    """Return about when the last update comes: where the curve in time may end."""
    if times is not None:
        return float(np.sum(times, axis=-2).max())
    few = np.random.default_rng(0)
    run = protocol.simulate(workers, min(updates, 2000), few, keep="estimates")
    return run.elapsed / run.updates * updates
