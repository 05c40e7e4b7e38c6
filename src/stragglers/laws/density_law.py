"""Laws of which scipy has the density only: both of their tails, integrated once and for all.

scipy integrates such a density anew at every time, good to eight digits and none far out.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from scipy import stats

from ..numerics.quadrature import FIT, MOST, NODES, panels

LENGTHS = np.arange(-700.0, 700.0)  # logs of times, in the law's own scale
EXACT = 1e-11
NOISE = 1e-6  # errors below this that halving does not mend are the density's own rounding
NOTHING = 1e-290


def is_known_by_density(work):
    """Tell whether scipy integrates the law's density for its cdf."""
    kind = type(work.dist)
    if kind is type(stats.geninvgauss):
        return True
    plain = stats.rv_continuous
    numeric = kind._cdf is plain._cdf and kind._logcdf is plain._logcdf
    return isinstance(work.dist, plain) and numeric and kind._pdf is not plain._pdf


@dataclass(frozen=True, eq=False, repr=False)
class DensityLaw:
    """A frozen scipy.stats law with a cdf, sf, ppf and isf that come from its density.

    In y = log(t - start) the density is a polynomial on each of many panels. `_table` holds their
    edges, the probabilities before and after each edge, and the Legendre coefficients of the
    probability that has passed since the panel's left edge.
    """

    work: Any

    def __post_init__(self):
        for name in ("mean", "var", "std", "pdf", "support"):
            object.__setattr__(self, name, getattr(self.work, name))

    def __repr__(self):
        return repr(self.work)

    @cached_property
    def _start(self):
        return float(self.support()[0])

    def _per_log(self, y):
        """Return the density of the log of the time since the earliest."""
        with np.errstate(all="ignore"):
            past = np.exp(y)
            return np.nan_to_num(self.pdf(self._start + past) * past, posinf=0.0)[None]

    @cached_property
    def _table(self):
        left, half, fit = self._panels()
        total = 2 * half * fit[:, 0]
        whole = total.sum()
        if not abs(whole - 1) < 1e-6:
            raise ArithmeticError(f"work must have a density that adds up to 1, got {whole} for it")
        passed = legendre.legint(fit.T, lbnd=-1).T * (half / whole)[:, None]
        before = np.append(0.0, np.cumsum(total)) / whole
        after = np.append(np.cumsum(total[::-1])[::-1], 0.0) / whole
        return np.append(left, left[-1] + 2 * half[-1]), before, after, passed

    def _panels(self):
        """Return the left ends, half lengths and Legendre coefficients of panels, in order."""
        scale = self.work.dist._parse_args(*self.work.args, **self.work.kwds)[2]
        last = min(np.log(float(self.support()[1]) - self._start), LENGTHS[-1])
        edges = np.append((y := LENGTHS + np.log(scale))[y < last], last)
        left, right, done = edges[:-1], edges[1:], []
        before = np.full(len(left), np.inf)
        while len(left):
            half, middle = (right - left) / 2, (left + right) / 2
            _, (size,), (error,) = panels(self._per_log, middle, half)
            both_halves = error + np.roll(error, len(error) // 2)
            noise = (error <= NOISE * size) & (both_halves > 0.5 * before)
            good = noise | (error <= EXACT * size) | (size < NOTHING) | (half < 1e-13)
            done.append(np.array([left, half, size])[:, good])
            if len(left) - good.sum() > MOST:
                raise ArithmeticError(f"work must have a smoother density, got {self!r}")
            left, middle, right = left[~good], middle[~good], right[~good]
            left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
            before = np.tile(error[~good], 2)
        left, half, sizes = np.hstack(done)[:, np.argsort(np.hstack(done)[0])]
        alive = np.flatnonzero(sizes)
        left, half = left[alive[0] : alive[-1] + 1], half[alive[0] : alive[-1] + 1]
        values = self._per_log((left + half)[:, None] + half[:, None] * NODES)[0]
        return left, half, values @ FIT

    def _sides(self, x):
        """Return P(X <= x) and P(X > x)."""
        edges, before, after, passed = self._table
        with np.errstate(all="ignore"):
            y = np.log(np.asarray(x, float) - self._start)
        y = np.clip(np.where(np.isnan(y), -np.inf, y), edges[0], edges[-1])
        i = np.clip(np.searchsorted(edges, y, side="right") - 1, 0, len(passed) - 1)
        z = 2 * (y - edges[i]) / (edges[i + 1] - edges[i]) - 1
        new = np.where(z > -1, np.maximum(_value(passed[i], z), 0.0), 0.0)
        return before[i] + new, after[i + 1] + np.maximum(_value(passed[i], 1.0) - new, 0.0)

    def cdf(self, x):
        return np.where(np.isnan(x), np.nan, self._sides(x)[0])[()]

    def sf(self, x):
        return np.where(np.isnan(x), np.nan, self._sides(x)[1])[()]

    def ppf(self, q):
        q = np.asarray(q, float)
        i = np.searchsorted(self._table[1], q) - 1
        return self._find(i, q, lambda i, new, _: self._table[1][i] + new >= q)

    def isf(self, q):
        q = np.asarray(q, float)
        i = np.searchsorted(-self._table[2], -q) - 1
        return self._find(i, q, lambda i, new, all_: self._table[2][i + 1] + all_ - new <= q)

    def _find(self, i, q, is_reached):
        """Return the time, in panel i, at which is_reached, by bisection."""
        edges, _, _, passed = self._table
        i = np.clip(i, 0, len(passed) - 1)
        fit = passed[i]
        low, high, everything = np.full(q.shape, -1.0), np.ones(q.shape), _value(fit, 1.0)
        for _ in range(55):
            middle = (low + high) / 2
            reached = is_reached(i, _value(fit, middle), everything)
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        t = self._start + np.exp(edges[i] + (high + 1) / 2 * (edges[i + 1] - edges[i]))
        return np.where((q >= 0) & (q <= 1), t, np.nan)[()]

    def median(self):
        return float(self.ppf(0.5))

    def rvs(self, size=None, random_state=None):
        return self.ppf(np.random.default_rng(random_state).random(size))


def _value(fit, z):
    """Return the values at z of the polynomials with the Legendre coefficients fit[..., :]."""
    powers = legendre.legvander(z, fit.shape[-1] - 1).reshape(*np.shape(z), fit.shape[-1])
    return np.einsum("...j,...j->...", fit, powers)
