"""The workers of a system: equal or not, in groups of one law each."""

from functools import cached_property

import numpy as np

from .affine import affine
from .families import exponential_parameters


class Workers:
    """m workers: their `laws` differ from each other, `counts` says how many workers have each.

    `which[i]` is the place of worker i's law among them, None where all came with one. Exponential
    laws come first. `equal` tells whether there is one law only.
    """

    def __init__(self, laws, counts, which=None):
        self.laws, self.counts, self.which = laws, counts, which
        self.equal = len(laws) == 1
        self.m = counts[0] if self.equal else len(which)

    @property
    def groups(self):
        """The different laws and how many workers have each: pairs."""
        return zip(self.laws, self.counts, strict=True)

    @property
    def rate(self):
        """The rate of equal exponential workers, None for all others."""
        if not self.equal:
            return None
        shift, rate = exponential_parameters(self.laws[0]) or (None, None)
        return rate if shift == 0 else None

    @property
    def memoryless(self):
        """Whether all workers, equal or not, are exponential."""
        parameters = [exponential_parameters(law) for law in self.laws]
        return all(found is not None and found[0] == 0 for found in parameters)

    def spread(self, values):
        """Return an array with each worker's entry, shape (m,), from one value for each law."""
        values = np.array(values)
        return np.full(self.m, values[0]) if self.equal else values[self.which]

    @cached_property
    def means(self):
        """Each worker's mean time, shape (m,), inf where it does not exist."""
        means = [float(law.mean()) for law in self.laws]
        if not min(means) > 0:
            raise ValueError(f"work must have a positive mean, got {min(means)}")
        return self.spread(means)

    @cached_property
    def rates(self):
        """Each worker's gradients per unit of time in the long run, shape (m,), if never idle."""
        return 1 / self.means

    def check_long_run(self):
        """Refuse an infinite mean: workers that never pause have no long run then."""
        if not self.rates.all():
            raise ValueError("work must have a finite mean for a long run to exist, got mean inf")

    def some(self, members):
        """Return the crew of these workers, by their numbers, in that order."""
        if self.equal:
            return Workers(self.laws, (len(members),))
        return crew([self.laws[place] for place in self.which[members]])

    def each(self, change):
        """Return as many workers with the laws change(law)."""
        return Workers(tuple(map(change, self.laws)), self.counts, self.which)

    def affine(self, factor, shift):
        """Return the workers whose times are shift + factor * X."""
        if factor == 1 and shift == 0:
            return self
        return self.each(lambda law: affine(law, factor, shift))


def crew(laws):
    """Return the `Workers` of a list of laws that have been checked."""
    places, by_id = {}, {}
    for law in laws:
        if id(law) not in by_id:
            by_id[id(law)] = places.setdefault(law, len(places))
    found = list(places)
    order = sorted(range(len(found)), key=lambda i: exponential_parameters(found[i]) is None)
    which = np.argsort(order)[[by_id[id(law)] for law in laws]]
    counts = tuple(np.bincount(which).tolist())
    return Workers(tuple(found[i] for i in order), counts, which)
