"""Several order statistics at once: k, m or both are arrays, as scipy.stats' own takes them."""

import numpy as np


class OrderStatistics:
    """An array of laws, each an order statistic; what it is asked, it answers entry by entry.

    `laws` has the shape to which k and m broadcast. mean, var, std and median give arrays of that
    shape. The arguments of cdf, sf, pdf, ppf and isf, and the size of rvs, broadcast with it.
    """

    def __init__(self, laws):
        self.laws, self.shape = laws, laws.shape

    def __repr__(self):
        return f"<{self.laws.size} order statistics of shape {self.shape}>"

    def __getitem__(self, place):
        """Return one of the laws, or the laws of a slice."""
        found = self.laws[place]
        return OrderStatistics(found) if isinstance(found, np.ndarray) else found

    def mean(self):
        return self._each("mean")

    def var(self):
        return self._each("var")

    def std(self):
        return self._each("std")

    def median(self):
        return self._each("median")

    def cdf(self, x):
        return self._at("cdf", x)

    def sf(self, x):
        return self._at("sf", x)

    def pdf(self, x):
        return self._at("pdf", x)

    def ppf(self, q):
        return self._at("ppf", q)

    def isf(self, q):
        return self._at("isf", q)

    def support(self):
        low, high = np.array([law.support() for law in self.laws.flat]).T
        return low.reshape(self.shape), high.reshape(self.shape)

    def rvs(self, size=None, random_state=None):
        """Draw from every law, independently, an array of `size`, which ends in their shape."""
        rng = np.random.default_rng(random_state)
        size = self.shape if size is None else tuple(np.atleast_1d(size).tolist())
        if size[len(size) - len(self.shape) :] != self.shape:
            raise ValueError(f"size must end in the shape of k and m, {self.shape}, got {size}")
        draws = np.empty(size)
        for place in np.ndindex(self.shape):
            same = (..., *place)
            draws[same] = self.laws[place].rvs(draws[same].shape, rng)
        return draws

    def _each(self, name):
        values = [getattr(law, name)() for law in self.laws.flat]
        return np.array(values, float).reshape(self.shape)

    def _at(self, name, points):
        points = np.asarray(points, float)
        shape = np.broadcast_shapes(points.shape, self.shape)
        points = np.broadcast_to(points, shape)
        answer = np.empty(shape)
        places = np.broadcast_to(np.arange(self.laws.size).reshape(self.shape), shape)
        for place, law in enumerate(self.laws.flat):
            here = places == place
            answer[here] = getattr(law, name)(points[here])
        return answer
