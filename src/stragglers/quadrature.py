"""Integrals of smooth functions with long tails: Gauss-Legendre panels, halved where needed."""

import warnings

import numpy as np
from numpy.polynomial import legendre

NODES, WEIGHTS = legendre.leggauss(20)
# Rows give the last two Legendre coefficients of a function from its values at the nodes.
LAST = (legendre.legvander(NODES, 19)[:, 18:] * WEIGHTS[:, None] * [18.5, 19.5]).T
GOOD = 1e-10  # on a smooth panel the integral is then good to rounding
NOISE = 1e-9  # errors below this that halving does not mend are the function's own rounding
MOST = 2**13


def integrate(f, edges):
    """Return the integrals of the rows of f over [edges[0], edges[-1]].

    f maps n points to d rows of n values. A panel is halved until the last Legendre coefficients
    of every row are small beside the row's integral; a kink or jump costs some fifty halvings.
    """
    left, right = np.asarray(edges[:-1], float), np.asarray(edges[1:], float)
    narrow = 1e-13 * np.abs(edges).max()
    total, size, before = 0.0, 0.0, np.full(len(left), np.inf)
    while len(left):
        middle, half = (left + right) / 2, (right - left) / 2
        y = f((middle[:, None] + half[:, None] * NODES).ravel()).reshape(-1, len(left), len(NODES))
        sizes = np.abs(y) @ WEIGHTS * half
        scale = (size + sizes.sum(axis=1))[:, None]
        error = np.max(
            np.abs(y @ LAST.T).sum(axis=-1) * half / np.where(scale > 0, scale, 1), axis=0
        )
        both_halves = error + np.roll(error, len(error) // 2)
        done = (
            (error <= GOOD) | ((error <= NOISE) & (both_halves > 0.8 * before)) | (half <= narrow)
        )
        if len(left) > MOST:
            warnings.warn(f"integral good to {error.sum():.1e} only: rough law", stacklevel=2)
            done[:] = True
        total = total + (y @ WEIGHTS * half)[:, done].sum(axis=1)
        size = size + sizes[:, done].sum(axis=1)
        left, middle, right = left[~done], middle[~done], right[~done]
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        before = np.tile(error[~done], 2)
    return total
