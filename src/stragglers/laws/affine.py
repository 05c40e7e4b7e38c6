"""The law of c + b X from the law of X."""

from dataclasses import dataclass, replace

from .methods import Law


def affine(law, factor, shift):
    """Return the law of shift + factor * X, of the same family where that is possible."""
    if factor == 1 and shift == 0:
        return law
    return law.rescaled(factor, shift) or Affine(law, factor, shift)


@dataclass(frozen=True)
class Affine(Law):
    """The law of shift + factor * X for an X whose family does not have it."""

    work: Law
    factor: float
    shift: float

    @property
    def has_atoms(self):
        return self.work.has_atoms

    @property
    def searched(self):
        return self.work.searched

    @property
    def deep(self):
        return self.work.deep

    def _up(self, time):
        return self.shift + self.factor * time

    def _down(self, time):
        return (time - self.shift) / self.factor

    def mean(self):
        return self._up(self.work.mean())

    def var(self):
        return self.factor * self.factor * self.work.var()

    def cdf(self, x):
        return self.work.cdf(self._down(x))

    def sf(self, x):
        return self.work.sf(self._down(x))

    def sides(self, x):
        return self.work.sides(self._down(x))

    def pdf(self, x):
        return self.work.density(self._down(x)) / self.factor

    def ppf(self, q):
        return self._up(self.work.ppf(q))

    def isf(self, q):
        return self._up(self.work.isf(q))

    def quantiles(self, u, s):
        return self._up(self.work.quantiles(u, s))

    def check_quantiles(self, u, s):
        self.work.check_quantiles(u, s)

    def support(self):
        return tuple(map(self._up, self.work.support()))

    def rvs(self, size=None, random_state=None):
        return self._up(self.work.rvs(size=size, random_state=random_state))

    def tail(self):
        """The tail of X, whose slope the shift lowers a little as far out as it can be trusted."""
        tail = self.work.tail()
        if not (tail.slope and self.shift):
            return tail
        deepest = self.factor * float(self.work.upper_quantile(tail.reach))
        slope = tail.slope * deepest / (self.shift + deepest) if deepest < 1e300 else tail.slope
        return replace(tail, slope=slope, doubt=tail.doubt + (tail.slope - slope))

    def finite(self, k, m):
        law = self.work.finite(k, m)
        return law and affine(law, self.factor, self.shift)
