"""The families of laws that formulas are known for, by which name, with which parameters.

exponential(start, scale), uniform(low, width), pareto(alpha, earliest, pole, scale) for
P(X > t) = ((t - pole) / scale)^(-alpha), weibull(shape, start, scale), gamma(shape, start, scale),
lognormal(sigma, start, scale); of the laws that scipy lacks deterministic(c), two_point(usual,
slow, probability) and hyperexponential(probabilities, rates). A gamma or Weibull law of shape 1 and
a hyperexponential law of one rate are exponential.
"""

import numpy as np
from scipy import stats

from .methods import DEEPEST, LIGHT, Law, Tail, known
from .named import gamma


def _shaped(name):
    def named(shape, loc, scale):
        return ("exponential", (loc, scale)) if shape == 1 else (name, (shape, loc, scale))

    return named


FAMILIES = {
    type(stats.expon): lambda loc, scale: ("exponential", (loc, scale)),
    type(stats.uniform): lambda loc, scale: ("uniform", (loc, scale)),
    type(stats.pareto): lambda a, loc, scale: ("pareto", (a, loc + scale, loc, scale)),
    type(stats.lomax): lambda a, loc, scale: ("pareto", (a, loc, loc - scale, scale)),
    type(stats.weibull_min): _shaped("weibull"),
    type(stats.gamma): _shaped("gamma"),
    type(stats.erlang): _shaped("gamma"),
    type(stats.lognorm): lambda sigma, loc, scale: ("lognormal", (sigma, loc, scale)),
}
TAILS = {"pareto": lambda alpha, *_: Tail(DEEPEST, 1 / alpha, alpha)}


class Family(Law):
    """A frozen law of one of scipy's families above: its quantiles are good as far out as asked."""

    def __init__(self, given, shapes, loc, scale):
        self._given, self._shapes = given, tuple(map(float, shapes))
        self._loc, self._scale = float(loc), float(scale)
        self.family = FAMILIES[type(given.dist)](*self._shapes, self._loc, self._scale)

    def __repr__(self):
        return repr(self._given)

    def __eq__(self, other):
        return isinstance(other, Family) and self.family == other.family

    def __hash__(self):
        return hash(self.family)

    @property
    def given(self):
        return self._given

    def mean(self):
        return self._given.mean()

    def var(self):
        return self._given.var()

    def std(self):
        return self._given.std()

    def cdf(self, x):
        return self._given.cdf(x)

    def sf(self, x):
        return self._given.sf(x)

    def pdf(self, x):
        return self._given.pdf(x)

    def ppf(self, q):
        return self._given.ppf(q)

    def isf(self, q):
        return self._given.isf(q)

    def quantiles(self, u, s):
        """As any law's, straight from scipy's formulas, whose checks would cost as much again."""
        u, s = np.asarray(u, float), np.asarray(s, float)
        if not (u.size and u.min() > 0 and s.min() > 0):  # nan and the ends are scipy's business
            return super().quantiles(u, s)
        dist, shapes = self._given.dist, self._shapes
        low = u <= 0.5
        t = np.empty(u.shape)
        with np.errstate(all="ignore"):
            t[low] = dist._ppf(u[low], *shapes)
            t[~low] = dist._isf(s[~low], *shapes)
        return (t * self._scale + self._loc)[()]

    def support(self):
        low, high = self._given.support()
        return float(low), float(high)

    def rvs(self, size=None, random_state=None):
        return self._given.rvs(size=size, random_state=random_state)

    def tail(self):
        return known(TAILS, self) or LIGHT

    def rescaled(self, factor, shift):
        loc, scale = shift + factor * self._loc, factor * self._scale
        given = self._given.dist(*self._shapes, loc=loc, scale=scale)
        return Family(given, self._shapes, loc, scale)


def erlang(k, rate):
    """Return the law of a sum of k independent exponential times, behind the door."""
    return Family(gamma(shape=k, rate=rate), (k,), 0.0, 1 / rate)


def exponential_parameters(law):
    """Return (shift, rate) of a law behind the door that is an exponential time after a fixed one.

    None for the others.
    """
    name, parameters = law.family
    return (parameters[0], 1 / parameters[1]) if name == "exponential" else None
