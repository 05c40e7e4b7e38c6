"""How exact a simulated mean is: standard errors that hold, or none.

Independent updates have the usual error of a mean. Where updates depend on each other, those before
the system has settled are left out, and the error comes from the means of long batches. Where a run
is too short for a 95 % interval to cover the truth about 95 times in 100, the error is nan.
"""

import math

import numpy as np

STORED = 64  # batches of which the means are kept; when there are as many, pairs of them are joined
BATCHES = 20  # of dependent updates: few, so that each is long against the memory of the process
FEWEST = 10  # batches: fewer are not normal enough, nor their spread known
TAKEN = 3  # gradients of the rarest worker that a batch must hold, for its memory to be short
SETTLED = 2  # gradients of every worker after which a common start is taken to be forgotten
SKEWED = 7  # independent updates needed for each unit of their squared skewness
PILOT = 2000  # updates drawn to find that skewness


class Mean:
    """Mean and spread of a sequence of independent values that comes in blocks."""

    def __init__(self):
        self.count, self.origin, self.sum, self.squares = 0, None, 0.0, 0.0

    def add(self, values):
        """Take the next values, an array; sums are about the first of them: they do not cancel."""
        if len(values) == 0:
            return
        if self.origin is None:
            self.origin = values[0]
        values = values - self.origin
        self.count += len(values)
        self.sum += values.sum()
        self.squares += values @ values

    def mean(self):
        return float(self.origin + self.sum / self.count) if self.count else math.nan

    def standard_error(self):
        if self.count < 2:
            return math.nan
        variance = max(self.squares - self.sum**2 / self.count, 0.0) / (self.count - 1)
        return math.sqrt(variance / self.count)


class BatchMeans:
    """Mean of a dependent sequence that comes in blocks, and its error from means of batches.

    `means` are those of equal batches of `length` values, between 32 and 63 of them once the
    sequence is long: when there are 64, pairs are joined.
    """

    def __init__(self):
        self.count, self.sum, self.length, self.means = 0, 0.0, 1, np.empty(0)
        self.partial, self.filled = 0.0, 0

    def add(self, values):
        """Take the next values, an array."""
        self.count += len(values)
        self.sum += values.sum()
        while self.count // self.length >= STORED:
            self._join()
        missing = min(self.length - self.filled, len(values)) if self.filled else 0
        self.partial += values[:missing].sum()
        self.filled += missing
        if self.filled == self.length:
            self.means = np.append(self.means, self.partial / self.length)
            self.partial, self.filled = 0.0, 0
        values = values[missing:]
        whole = len(values) // self.length * self.length
        fresh = values[:whole].reshape(-1, self.length).mean(axis=1)
        self.means = np.append(self.means, fresh)
        self.partial += values[whole:].sum()
        self.filled += len(values) - whole

    def mean(self):
        return float(self.sum / self.count) if self.count else math.nan

    def _join(self):
        pairs = len(self.means) // 2
        if len(self.means) % 2:
            self.partial += self.means[-1] * self.length
            self.filled += self.length
        self.means = self.means[: 2 * pairs].reshape(pairs, 2).mean(axis=1)
        self.length *= 2

    def standard_error(self, most):
        """Return the standard error from `most` batches or fewer, and their number; nan, 0 if few.

        What correlation is left between neighbours is added.
        """
        most = min(most, len(self.means))
        if most < FEWEST:
            return math.nan, 0
        size = math.ceil(len(self.means) / most)
        number = len(self.means) // size
        if number < FEWEST:
            return math.nan, 0
        means = self.means[len(self.means) - size * number :].reshape(number, size).mean(axis=1)
        apart = means - means.mean()
        variance = apart @ apart / (number - 1) / number
        left = apart[1:] @ apart[:-1] / (apart @ apart) if variance > 0 else 0.0
        return math.sqrt(variance * (1 + 2 * max(left, 0.0))), number


class Independent:
    """Estimates from updates that start anew: every gradient is fresh, or `length` updates a round.

    `least` is the number of rounds below which there is no error; `constant` tells whether updates
    take the same time always.
    """

    def __init__(self, length=1, least=2, constant=True):
        self.length, self.least, self.constant = length, least, constant
        self.time, self.round, self.elapsed = Mean(), np.empty(0), Mean()

    def add(self, durations, staleness, workers):
        if self.length == 1:
            self.time.add(durations)
            return
        self.elapsed.add(durations)
        durations = np.append(self.round, durations)
        whole = len(durations) // self.length * self.length
        self.time.add(durations[:whole].reshape(-1, self.length).mean(axis=1))
        self.round = durations[whole:]

    def results(self):
        """Return mean time, its error, mean staleness, its error, and the number of batches."""
        error = self.time.standard_error()
        if self.time.count < self.least or (error == 0 and not self.constant):
            error = math.nan
        mean = self.time.mean() if self.time.count else self.elapsed.mean()
        return mean, error, 0.0, 0.0, self.time.count


class Dependent:
    """Estimates from updates of m workers that never stop, from a common start or not.

    The start counts as forgotten after a tenth of the run, but not before every worker has finished
    `SETTLED` gradients. A batch is long enough if the rarest worker has `TAKEN` gradients in it.
    """

    def __init__(self, m, updates, transient):
        self.skip = updates // 10 if transient else 0
        self.wanted = np.full(m, SETTLED if transient else 0)
        self.taken = np.zeros(m, dtype=int)
        self.time, self.stale = BatchMeans(), BatchMeans()
        self.early = Mean(), Mean()

    def add(self, durations, staleness, workers):
        late = self.skip
        self.skip = max(self.skip - len(durations), 0)
        if late < len(durations) and self.wanted.any():
            for mean, values in zip(self.early, (durations, staleness), strict=True):
                mean.add(values[late:])
        late = max(min(late, len(durations)), self._settled_at(workers))
        self.taken += self._found(workers[late:])
        self.time.add(durations[late:])
        self.stale.add(staleness[late:])

    def _settled_at(self, workers):
        """Return how many of these updates come before every worker has its gradients."""
        if not self.wanted.any():
            return 0
        m, (rows, k) = len(self.taken), workers.shape
        some = min(rows, 64 + 8 * m * SETTLED // k)  # most often enough, and cheaper to sort
        while np.any(self._found(workers[:some]) < self.wanted):
            if some == rows:
                self.wanted = np.maximum(self.wanted - self._found(workers), 0)
                return rows
            some = min(2 * some, rows)
        flat, found = workers[:some].ravel(), self._found(workers[:some])
        order = np.argsort(flat, kind="stable")
        last = np.cumsum(found) - found + self.wanted - 1
        at = order[last[self.wanted > 0]].max() // k + 1
        self.wanted = np.zeros(m, dtype=int)
        return int(at)

    def _found(self, workers):
        return np.bincount(workers.ravel(), minlength=len(self.taken))

    def results(self):
        """Return mean time, its error, mean staleness, its error, and the number of batches."""
        if self.time.count == 0:
            return self.early[0].mean(), math.nan, self.early[1].mean(), math.nan, 0
        most = min(BATCHES, int(self.taken.min()) // TAKEN)
        error, number = self.time.standard_error(most)
        stale_error, _ = self.stale.standard_error(most)
        return self.time.mean(), error, self.stale.mean(), stale_error, number


def least_number(durations):
    """Return how many independent updates a standard error needs, from a pilot of their durations.

    The more skewed they are, the more easily few of them miss the rare long ones.
    """
    apart = durations - durations.mean()
    spread = np.mean(apart**2)
    if not 0 < spread < math.inf:
        return FEWEST
    skewness = np.mean((apart / math.sqrt(spread)) ** 3)
    return max(FEWEST, math.ceil(SKEWED * skewness**2))
