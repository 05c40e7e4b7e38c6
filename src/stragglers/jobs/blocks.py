"""Do slow steps come in spells? Serial correlation, and the bootstrap over blocks that it asks for.

Times of neighbouring steps are alike where a worker is slow for a while. Then 200 steps hold less
than 200 steps' worth of evidence: errors are made of blocks of steps, and tests of fewer steps.
"""

import math
from dataclasses import dataclass

import numpy as np

FEWEST = 5  # blocks that an error may be made of
ENOUGH = 15  # independent steps' worth of evidence that a test may be made of
LAGS = 200  # looked at, at most
CELLS, ROWS = 100_000, 200  # times in one resample, at most, but so many steps at least


@dataclass(frozen=True)
class Spells:
    """How long slow spells last: `correlation` of neighbouring steps, its error, and block length.

    regular is False where the steps are a sample: then nothing can be said, the rest is nan, and
    the block is one step. `length` is the block length, at most a fifth of the steps; time: how
    many steps are worth one independent step.
    """

    correlation: float
    error: float
    length: int
    regular: bool = True
    cut: bool = False  # the spells are too long for a test
    time: float = 1.0

    @property
    def found(self):
        """Whether neighbouring steps are alike beyond chance."""
        return bool(self.correlation > 2 * self.error)


def find_spells(values, steps):
    """Return the `Spells` of values of shape (steps, series), a column each, pooled.

    The block length is four times the integrated correlation time, summed up to the first lag at
    which the correlation is within two standard errors of 0.
    """
    n, series = values.shape
    if n < FEWEST or not is_regular(steps):
        return Spells(math.nan, math.nan, 1, is_regular(steps))
    centred = values - values.mean(axis=0)
    power = np.sum(centred**2)
    if power <= 1e-20 * np.sum(values**2):
        return Spells(0.0, math.nan, 1)
    degrees = series - 1 if series > 1 else 1  # step means are off as well: one series fewer
    error = 1 / math.sqrt(n * degrees)
    first, time = _correlation_time(centred / math.sqrt(power), 2 * error)
    wanted = 1 if time == 1 else math.ceil(4 * time)
    length = max(1, min(wanted, n // FEWEST))
    return Spells(first, error, length, cut=time > 1 and n < ENOUGH * time, time=time)


def _correlation_time(scaled, least):
    """Return the first correlation and the integrated correlation time of series of power 1.

    What is left around a sample mean is correlated by -time/n: put right by the time itself, which
    grows with it until both agree. Correlations of `least` or below end the sum.
    """
    n = len(scaled)
    raw, time, before = [], 1.0, 0.0
    while time > 1.001 * before and n >= ENOUGH * time:
        before, time = time, 1.0
        for lag in range(1, min(n - 1, LAGS)):
            if len(raw) < lag:
                raw.append(float(np.sum(scaled[lag:] * scaled[:-lag])))
            correlation = raw[lag - 1] + before * (1 - lag / n) / n
            if correlation <= least:
                break
            time += 2 * correlation
    return (raw[0] + time * (1 - 1 / n) / n if raw else 0.0), time


def is_regular(steps):
    """Return whether the steps are recorded one after the other, or every so many of them."""
    if len(steps) < 2 or not np.issubdtype(np.asarray(steps).dtype, np.number):
        return True
    gaps, counts = np.unique(np.diff(steps), return_counts=True)
    return bool(counts.max() >= 0.8 * counts.sum()) and bool(gaps[0] > 0)


class Resamples:
    """Resamples of a table's steps: `draw()` gives indices of steps, in blocks of consecutive ones.

    Of a large table they have fewer steps than it: `shrink` brings their standard deviation back.
    """

    def __init__(self, shape, length, rng):
        self.n, self.length, self.rng = shape[0], length, rng
        self.size = min(self.n, max(ROWS, CELLS // shape[1]))
        self.shrink = math.sqrt(self.size / self.n)

    def draw(self):
        """Return the indices of the steps of one resample, shape (size,)."""
        starts = self.rng.integers(self.n, size=-(-self.size // self.length))
        return ((starts[:, None] + np.arange(self.length)) % self.n).ravel()[: self.size]
