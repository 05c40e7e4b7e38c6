"""What training returns, and how it is recorded."""

from dataclasses import dataclass, field

import numpy as np

DIVERGED = 1e12  # and as many times the loss at the start, which may be 0
MARKS = 200  # at most so many numbers of updates at which the loss is kept


@dataclass(frozen=True, eq=False)
class Training:
    """The loss of all replicas against updates, gradients and the clock.

    Losses are means over the replicas, with their standard errors (nan for one replica).

    - updates, gradients: shape (J,), how many updates, and how many gradients had come by then
      (means over the replicas where these differ: with a threshold, with switches).
    - loss, loss_error: shape (J,), the loss after so many updates.
    - losses: shape (replicas, J).
    - times: shape (T,), moments of the clock, as far as all replicas came.
    - loss_in_time, loss_in_time_error: shape (T,), the loss at these moments.
    - losses_in_time: shape (replicas, T).
    - staleness: staleness[s] is the number of gradients used that were s updates old.
    - mean_staleness: their mean. dropped: the number of gradients dropped for their staleness.
    - diverged: the number of replicas whose loss left all bounds; their loss is inf.
    - models: shape (replicas, coordinates), the models after the last update.
    """

    updates: np.ndarray
    gradients: np.ndarray
    loss: np.ndarray
    loss_error: np.ndarray = field(repr=False)
    losses: np.ndarray = field(repr=False)
    times: np.ndarray = field(repr=False)
    loss_in_time: np.ndarray = field(repr=False)
    loss_in_time_error: np.ndarray = field(repr=False)
    losses_in_time: np.ndarray = field(repr=False)
    staleness: np.ndarray = field(repr=False)
    dropped: int
    diverged: int
    models: np.ndarray = field(repr=False)

    @property
    def mean_staleness(self):
        """The mean staleness of the gradients used."""
        return float(self.staleness @ np.arange(len(self.staleness)) / self.staleness.sum())


class Recorder:
    """Keeps losses after numbers of updates, and at moments of the clock, as they come."""

    def __init__(self, problem, replicas, at, updates):
        self.problem, self.at = problem, at
        self.bound = DIVERGED * max(abs(float(problem.losses(problem.start[None])[0])), 1.0)
        self.in_time = np.full((replicas, len(at)), np.nan)
        self.spacing = max(1, (updates or 0) * 2 // MARKS)
        self.marks = []  # a mark: number of updates, of gradients, losses
        self.staleness, self.dropped = np.zeros(1, dtype=int), 0

    def due(self, times, before, done):
        """Return {number of updates: (start, stop)} of what to look at within a block.

        times: shape (updates, replicas); before: each replica's last update, done their number. The
        models seen at moments of the clock are kept from start to stop of a table, one a row.
        """
        marked = range(-done % self.spacing, len(times), self.spacing)
        due = {done + n: (0, 0) for n in marked}
        now = np.flatnonzero((self.at >= before.min()) & (self.at < times[-1].max()))
        at = self.at[now, None]
        count = (times <= at[..., None]).sum(axis=1)
        moments, replicas = np.nonzero((count < len(times)) & (before <= at))
        count = count[moments, replicas]
        order = np.argsort(count, kind="stable")
        self.moments, self.rows = now[moments[order]], replicas[order]
        self.seen = np.empty((len(order), len(self.problem.start)))
        versions, starts = np.unique(count[order], return_index=True)
        stops = np.append(starts, len(order))[1:]
        for n, start, stop in zip(versions.tolist(), starts.tolist(), stops.tolist(), strict=True):
            due[done + n] = start, stop
        return due

    def look(self, n, start, stop, runner):
        """Keep what is wanted of the models after n updates."""
        models = runner.model()
        if n % self.spacing == 0:
            self._mark(n, runner, self._losses(models))
        if start < stop:
            self.seen[start:stop] = models[self.rows[start:stop]]

    def settle(self):
        """Work out the losses of the models seen at moments of the clock."""
        if len(self.seen):
            self.in_time[self.rows, self.moments] = self._losses(self.seen)

    def _mark(self, n, runner, losses):
        self.marks.append((runner.updates_so_far(n), runner.gradients_so_far(n), losses))
        if len(self.marks) > MARKS:
            self.spacing *= 2
            self.marks = self.marks[::2]

    def _losses(self, models):
        losses = self.problem.losses(models)
        return np.where(losses <= self.bound, losses, np.inf)

    def count(self, found):
        """Count gradients: dropped, and by their staleness 0, 1, ..."""
        self.dropped += int(found[0])
        size = max(len(self.staleness), len(found) - 1)
        longer = np.zeros(size, dtype=int)
        longer[: len(self.staleness)] = self.staleness
        longer[: len(found) - 1] += found[1:]
        self.staleness = longer

    def result(self, n, runner):
        """Return the `Training` when n updates are done."""
        self._mark(n, runner, self._losses(runner.model()))
        updates, gradients, losses = zip(*self.marks, strict=True)
        losses = _for_good(np.array(losses).T)
        reached = ~np.isnan(self.in_time).any(axis=0)
        in_time = _for_good(self.in_time[:, reached])
        lost = np.isinf(losses).any(axis=1) | np.isinf(in_time).any(axis=1)
        return Training(
            np.array(updates),
            np.array(gradients),
            *_mean(losses),
            losses,
            self.at[reached],
            *_mean(in_time),
            in_time,
            self.staleness,
            self.dropped,
            int(lost.sum()),
            runner.model().copy(),
        )


def _for_good(losses):
    """Return losses that stay inf once they are, along the last axis."""
    return np.where(np.logical_or.accumulate(np.isinf(losses), axis=1), np.inf, losses)


def _mean(losses):
    """Return the mean over the replicas and its standard error."""
    replicas = len(losses)
    mean = losses.mean(axis=0)
    if replicas == 1:
        return mean, np.full(mean.shape, np.nan)
    finite = np.isfinite(mean)
    error = np.full(mean.shape, np.inf)
    error[finite] = losses[:, finite].std(axis=0, ddof=1) / np.sqrt(replicas)
    return mean, error
