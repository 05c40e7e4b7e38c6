"""How many updates a synchronous clock has made by time t, exactly.

A clock's updates come at S_1 < S_2 < ..., sums of independent waits with one law. `tails(t)`
returns P(S_n > t) and P(S_n <= t) for n = 1, 2, ..., as far as the second is not negligible.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft, special

from ..laws.families import exponential_parameters
from ..order_statistics.equal_workers import kth_of

NEGLIGIBLE = -90.0  # natural logarithm of a probability that is left out
SPACING, REACH, BEND = 0.1, 65, 0.5  # of the contour: its step, number of steps, and lean
MANY = 5000  # events: beyond, tails are long, and are not remembered
TOGETHER = 8  # legs whose factors are multiplied before a logarithm is taken
CELLS = 4096  # of the first grid on which a general law is convolved
AGREED = 2e-6  # two grids, relatively
FINEST, CONVOLVED = 1 << 18, 2e7  # at most so many cells, and cells times waits: seconds
ROUNDED = 1e-15  # a probability's error by rounding
HALVINGS, AGAIN = 30, 4  # of a cell in which a law has a kink; cells looked at again, for each cell
MOST = 1_000_000  # updates
ADDED = 2e7  # sums of atoms
ATOMS = 200_000  # different sums of a finite law's atoms


class Clock:
    """What all clocks have beside `tails`."""

    def expect(self, value, t, least=NEGLIGIBLE):
        """Return value(tails), a number, for the tails at time t."""
        return value(self.tails(t, least))


def _refuse_many(count, t):
    if count > MOST:
        raise ValueError(
            f"by time {t:.6g} more than {MOST} updates can be made: their error is long at its "
            "floor, see Quadratic.floor"
        )


@dataclass(frozen=True)
class Legs(Clock):
    """Waits of `shift` plus one exponential leg for each of the rates."""

    rates: tuple
    shift: float = 0.0

    def tails(self, t, least=NEGLIGIBLE):
        """Return P(S_n > t) and P(S_n <= t), n = 1, 2, ..., each to its own relative 1e-10.

        The probabilities P(S_n <= t) whose logarithm is below `least` are left out. They do not
        depend on the step of SGD, and are remembered.
        """
        few = t * self.rates[0] < MANY
        return remembered_tails(self, t, least) if few else self._tails(t, least)

    def _tails(self, t, least):
        count = self._count(t, least)
        _refuse_many(count, t)
        n = np.arange(1, count + 1)
        left, rates = t - self.shift * n, np.array(self.rates)
        if np.all(rates == rates[0]):
            z, stages = rates[0] * left, len(rates) * n
            return special.gammaincc(stages, z), special.gammainc(stages, z)
        early, late = _sides(n, left, rates)
        above = np.zeros(count)
        above[late] = _contour(n[late], left[late], rates, early=False)
        below = 1 - above
        below[early] = _contour(n[early], left[early], rates, early=True)
        above[early] = 1 - below[early]
        return above, below

    def _count(self, t, least):
        """Return the largest n for which S_n <= t is not negligible."""
        most = math.ceil(t / self.shift) - 1 if self.shift else math.inf
        low, high = 0, 1
        while high <= most and self._chernoff(high, t) >= least:
            low, high = high, 2 * high
        high = min(high, most + 1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._chernoff(middle, t) >= least else (low, middle)
        return int(low)

    def _chernoff(self, n, t):
        """Return a bound of log P(S_n <= t): min over z of z left - n sum log(1 + z / rate)."""
        left = t - n * self.shift
        rates = np.array(self.rates)
        low, high = 0.0, n * len(rates) / left
        for _ in range(40):
            z = (low + high) / 2
            low, high = (z, high) if left < n * (1 / (rates + z)).sum() else (low, z)
        return left * low - n * np.sum(np.log1p(low / rates))


@lru_cache(maxsize=1024)
def remembered_tails(legs, t, least):
    """Return legs._tails(t, least), from memory if they were asked for before."""
    tails = legs._tails(t, least)
    for values in tails:
        values.flags.writeable = False
    return tails


def _sides(n, left, rates):
    """Return for which n P(S_n <= t) is below about 1/2, and for which it is not but P(S_n > t) is
    at least exp(-200), by Chernoff's bound at a point close to its best.
    """
    mean, variance = np.sum(1 / rates), np.sum(rates**-2.0)
    early = left < n * mean
    z = np.maximum((n * mean - left) / (n * variance), -0.999 * rates.min())
    z[early] = 0.0
    bound = z * left
    for rate in rates:
        bound -= n * np.log1p(z / rate)
    return early, ~early & (bound > -200)


def _contour(n, t, rates, early):
    """Return P(S_n <= t) if early, else P(S_n > t), for sums of n of each leg, shape (n,).

    The inversion integral of exp(z t) / (z prod (1 + z / rate)^n) along a hyperbola through the
    saddle point to the right of 0 (early) or between 0 and the first pole (late), by the
    trapezoidal rule: all digits are those of the probability itself, however small it is.
    """
    if len(n) == 0:
        return np.empty(0)
    n, t = n[:, None].astype(float), t[:, None]
    least = rates.min()
    low, high = np.full(n.shape, -40.0), np.full(n.shape, 40.0)
    for _ in range(32):
        middle = (low + high) / 2
        if early:
            z = (1 + n * len(rates) * special.expit(middle)) / t
        else:
            z = -least * special.expit(-middle)
        slope = t - n * np.sum(1 / (rates + z), axis=1, keepdims=True) - 1 / z
        low, high = np.where(slope < 0, middle, low), np.where(slope < 0, high, middle)
    bend = n * np.sum((rates + z) ** -2.0, axis=1, keepdims=True) + z**-2.0
    width = 1 / np.sqrt(bend)
    u = SPACING * np.arange(REACH + 1)
    path = z - BEND * width * (np.cosh(u) - 1) + 1j * width * np.sinh(u)
    along = -BEND * width * np.sinh(u) + 1j * width * np.cosh(u)
    exponent = path * t
    for first in range(0, len(rates), TOGETHER):  # n is whole: any branch of a logarithm will do
        factors = np.ones_like(path)
        for rate in rates[first : first + TOGETHER]:
            factors *= 1 + path / rate
        exponent -= n * np.log(factors)
    values = np.imag(np.exp(exponent) / path * along)
    values[:, 0] /= 2
    total = SPACING * values.sum(axis=1) / np.pi
    return total if early else -total


@dataclass(frozen=True)
class Atoms(Clock):
    """Waits with finitely many values."""

    values: np.ndarray
    chances: np.ndarray

    def tails(self, t, least=NEGLIGIBLE):
        """Return P(S_n > t) and P(S_n <= t), n = 1, 2, ...; NotImplementedError for many sums."""
        if len(self.values) == 1:
            count = t * (1 + 1e-12) // self.values[0]
            _refuse_many(count, t)
            return np.zeros(int(count)), np.ones(int(count))
        sums, chances, below, added = np.zeros(1), np.ones(1), [], 0
        digits = 12 - math.floor(math.log10(self.values.max()))
        while True:
            sums = np.round(sums[:, None] + self.values, digits).ravel()
            chances = (chances[:, None] * self.chances).ravel()
            kept = sums <= t * (1 + 1e-12)
            sums, where = np.unique(sums[kept], return_inverse=True)
            chances = np.bincount(where, chances[kept], len(sums))
            if chances.sum() <= math.exp(least):
                below = np.array(below)
                return 1 - below, below
            added += len(sums)
            if len(sums) * len(self.values) > ATOMS or added > ADDED:
                raise NotImplementedError(
                    f"the error at time {t:.6g} is not known for a law with so many values: "
                    "use training.train"
                )
            below.append(min(chances.sum(), 1.0))


@dataclass(frozen=True)
class Grid(Clock):
    """Waits with a continuous law, convolved on finer and finer grids until two of them agree."""

    law: object

    def expect(self, value, t, least=NEGLIGIBLE):
        if least < NEGLIGIBLE:
            raise NotImplementedError(
                "the error in time beyond the largest step is known for exponential times, shifted "
                "or not, and for a few values only: use training.train"
            )
        tails = self.tails(t, value=value)
        found = value(tails)
        other = [np.append(part[:1], part[1:] + ROUNDED) for part in tails]  # the first is exact
        if abs(value(other) - found) > AGREED * abs(found):
            raise NotImplementedError(
                f"the error at time {t:.6g} hangs on chances below {ROUNDED}, which are not known "
                "for this law: use training.train"
            )
        return found

    def tails(self, t, least=NEGLIGIBLE, value=lambda tails: tails[1].sum()):
        """Return P(S_n > t) and P(S_n <= t), n = 1, 2, ..., as far as the second exceeds 1e-12.

        The number `value(tails)`, by default the mean number of updates, is good to about 1e-6.
        NotImplementedError where that would take too long: waits that hardly vary, or many updates.
        """
        coarse, middle = self._sums(t, CELLS // 4), self._sums(t, CELLS // 2)
        cells, before = CELLS, value(self._corrected(t, middle, coarse))
        while True:
            coarse, middle = middle, self._sums(t, cells)
            tails = self._corrected(t, middle, coarse)
            now = value(tails)
            if now == before or abs(now - before) <= AGREED * abs(now):
                return tails
            if cells * len(middle) > CONVOLVED or cells == FINEST:
                raise NotImplementedError(
                    f"the error at time {t:.6g} is not known for waits that vary so little, or are "
                    "so many: use training.train"
                )
            cells, before = 2 * cells, now

    def _corrected(self, t, fine, coarse):
        """Return the tails without the part of the grid's error that goes with its square."""
        count = min(len(fine), len(coarse))
        below = np.clip((4 * fine[:count] - coarse[:count]) / 3, 0, 1)
        first = np.array([t])
        below = np.append(self.law.cdf(first), below[1:])
        return np.append(self.law.sf(first), 1 - below[1:]), below

    def _sums(self, t, cells):
        """Return P(S_n <= t), the law's mass divided among the grid points so that means stay."""
        averages = averages_of(self.law.cdf, t / cells, cells + 1)
        mass = np.diff(averages, prepend=0.0)  # at the points 0, step, ..., t
        size = fft.next_fast_len(2 * cells + 1, real=True)
        transform = fft.rfft(mass, size)
        power, below = mass, []
        while True:
            below.append(power.sum() - power[-1] / 2)
            if below[-1] < 1e-12:
                return np.array(below[:-1])
            if cells * len(below) > 2 * CONVOLVED:
                return np.array(below)
            power = fft.irfft(fft.rfft(power, size) * transform, size)[: cells + 1]


NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)


def averages_of(cdf, width, count):
    """Return the mean of a distribution function over each of `count` cells of a width, from 0.

    A cell is halved until its halves say the same: the function may have kinks. Where too many
    never do, it is rounded, and not smooth to the last digit.
    """
    found, looked = np.zeros(count), 0
    where, left, share = np.arange(count), width * np.arange(count), 1.0
    for _ in range(HALVINGS):
        looked += len(where)
        half = width / 2
        whole = _gauss(cdf, left, width)
        halves = (_gauss(cdf, left, half) + _gauss(cdf, left + half, half)) / 2
        odd = (np.abs(whole - halves) > 1e-13) & (looked < (1 + AGAIN) * count)
        np.add.at(found, where[~odd], share * halves[~odd])
        where, left = np.repeat(where[odd], 2), np.column_stack([left, left + half])[odd].ravel()
        width, share = half, share / 2
        if not len(where):
            return found
    np.add.at(found, where, share * cdf(left + width / 2))
    return found


def _gauss(cdf, left, width):
    """Return the means of cdf over the cells that begin at left."""
    return cdf(left[:, None] + width * (NODES + 1) / 2) @ WEIGHTS / 2


def sync_clock(workers, k, extra=0.0):
    """Return the clock whose waits are X_{k:m} + extra, for checked `Workers`."""
    wait, m = kth_of(workers, k), workers.m
    exponential = exponential_parameters(workers.laws[0]) if workers.equal else None
    if exponential is not None:
        shift, rate = exponential
        return Legs(tuple(rate * np.arange(m, m - k, -1.0)), shift + extra)
    finite = [law.finite(k, m) for law in workers.laws]
    if all(law is not None for law in finite):
        values = np.unique(np.concatenate([law.atoms for law in finite]))
        return Atoms(values + extra, np.diff(wait.cdf(values), prepend=0.0))
    if any(law.has_atoms for law in workers.laws):
        raise NotImplementedError(
            "the error in time is not known where some workers have finitely many times, and "
            "others do not: use training.train"
        )
    return Grid(_Later(wait, extra) if extra else wait)


@dataclass(frozen=True)
class _Later:
    law: object
    extra: float

    def cdf(self, t):
        return self.law.cdf(t - self.extra)

    def sf(self, t):
        return self.law.sf(t - self.extra)
