"""How many of m unequal workers have finished by a time: a sum of unequal coin tosses.

The count (a Poisson-binomial) is built up one group of equal workers at a time, by adding positive
terms only, so that both of its tails keep their digits. Where that would take too long, tilting and
one Fourier transform keep them too.
"""

import numpy as np
from scipy import special

from ..laws.families import exponential_parameters
from ..numerics import tilted

ONE, SOME = 5, 60  # what a complex number costs, of one worker or a group, beside one of the tally


class FinishedCount:
    """The number of workers who have finished, as a function of time.

    Exponential laws, which come first, are evaluated together: five hundred calls into scipy.stats
    would cost more than the count itself.
    """

    def __init__(self, workers):
        parameters = [exponential_parameters(law) for law in workers.laws]
        exponentials = [found for found in parameters if found is not None]
        self._shifts, self._rates = np.array(exponentials).reshape(-1, 2).T[:, :, None]
        self._others, self._counts = workers.laws[len(exponentials) :], workers.counts

    def finished(self, k, x):
        """Return P(at least k have finished) and P(fewer than k have) at each time of x."""
        x = np.asarray(x, float)
        below, above = self._sides(x.ravel())
        n = sum(self._counts) - k + 1  # fewer than k finished = at least n unfinished
        if self._are_many(min(k, n)):
            done, late = tilted.tails(k, below, above, self._counts)
            return done.reshape(x.shape)[()], late.reshape(x.shape)[()]
        if k <= n:
            few, done = tally(k, below, above, self._counts)
            late = few.sum(axis=0)
        else:
            few, late = tally(n, above, below, self._counts)
            done = few.sum(axis=0)
        return done.reshape(x.shape)[()], late.reshape(x.shape)[()]

    def late(self, x):
        """Return P(fewer than k have finished) at each time of the vector x, in row k - 1."""
        few, _ = tally(sum(self._counts), *self._sides(x), self._counts)
        return np.cumsum(few, axis=0)

    def exactly(self, j, x):
        """Return P(j have finished) at each time of the vector x."""
        below, above = self._sides(x)
        n = sum(self._counts) - j
        if self._are_many(min(j, n) + 1):
            return tilted.exactly(j, below, above, self._counts)
        if n < j:
            below, above, j = above, below, n
        few, _ = tally(j + 1, below, above, self._counts)
        return few[j]

    def _are_many(self, r):
        """Return whether a tally of r numbers would cost more than a Fourier transform."""
        added = r * sum(min(r, count) for count in self._counts)
        turned = tilted.reach(sum(self._counts) / 4) * sum(
            ONE if count == 1 else SOME for count in self._counts
        )
        return added > turned

    def _sides(self, x):
        passed = -self._rates * np.maximum(x - self._shifts, 0)
        others = [law.sides(x) for law in self._others]
        below, above = zip((-np.expm1(passed), np.exp(passed)), *others, strict=True)
        return np.vstack(below), np.vstack(above)


def tally(r, successes, failures, counts):
    """Return P(i successes) in row i = 0 .. r-1, and P(at least r successes).

    Row g of `successes` and `failures` holds the two probabilities for each of the counts[g]
    members of group g, one column a point in time.
    """
    have = np.zeros((r, successes.shape[1]))
    have[0] = 1.0
    enough = np.zeros(successes.shape[1])
    for p, q, count in zip(successes, failures, counts, strict=True):
        more = _binomial(count, p, q)
        at_least = np.cumsum(more[::-1], axis=0)[::-1]
        reach = min(r, count)
        enough += np.einsum("ij,ij->j", have[r - reach :], at_least[reach:0:-1])
        before, have = have, have * more[0]
        for i in range(1, min(r, count + 1)):
            have[i:] += before[:-i] * more[i]
    return have, enough


def _binomial(count, p, q):
    """Return P(i of count succeed) in row i = 0 .. count, where q = 1 - p."""
    if count == 1:
        return np.array([q, p])
    i = np.arange(count + 1)[:, None]
    choices = special.gammaln(count + 1) - special.gammaln(i + 1) - special.gammaln(count - i + 1)
    return np.exp(choices + special.xlogy(i, p) + special.xlogy(count - i, q))
