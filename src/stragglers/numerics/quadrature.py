"""Integrals of smooth functions with long tails: Gauss-Legendre panels, halved where needed."""

import numpy as np
from numpy.polynomial import legendre

NODES, WEIGHTS = legendre.leggauss(20)
ENDS = np.array([1e-6 - 1, 1 - 1e-6])  # a jump between the last node and the end shows only here
BLIND = 1 - NODES[-1]
# Columns give the Legendre coefficients of the polynomial through the values at the nodes.
FIT = legendre.legvander(NODES, 19) * WEIGHTS[:, None] * (np.arange(20) + 0.5)
AT_ENDS = FIT @ legendre.legvander(ENDS, 19).T
GOOD = 1e-10  # on a smooth panel the integral is then good to rounding
NOISE = 1e-9  # errors below this that halving does not mend are the function's own rounding
WORST = 1e-7  # greater errors are refused
MOST = 2**13


def integrate(f, edges, least=0.0):
    """Return the integrals of the rows of f over [edges[0], edges[-1]].

    f maps n points to d rows of n values. A panel is halved until it is close to a polynomial in
    every row, beside the row's integral or `least`; a kink or jump inside costs some fifty
    halvings. ArithmeticError if f is not finite, or too rough for an answer good to 1e-7.
    """
    left, right = np.asarray(edges[:-1], float), np.asarray(edges[1:], float)
    narrow = 1e-13 * np.abs(edges).max()
    total, size, before = 0.0, 0.0, np.full(len(left), np.inf)
    while len(left):
        half, middle = (right - left) / 2, (left + right) / 2
        whole, sizes, error = panels(f, middle, half)
        if not np.isfinite(whole).all():
            raise ArithmeticError("work has quantiles or probabilities that are not finite")
        scale = np.maximum(size + sizes.sum(axis=1), least)[:, None]
        error = np.max(error / np.where(scale > 0, scale, 1), axis=0)
        both_halves = error + np.roll(error, len(error) // 2)
        done = (
            (error <= GOOD) | ((error <= NOISE) & (both_halves > 0.8 * before)) | (half <= narrow)
        )
        if len(left) > MOST:
            if not error.sum() < WORST:
                raise ArithmeticError(
                    f"work is too rough: its moments would be good to {error.sum():.0e} only"
                )
            done[:] = True
        total = total + whole[:, done].sum(axis=1)
        size = size + sizes[:, done].sum(axis=1)
        left, middle, right = left[~done], middle[~done], right[~done]
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        before = np.tile(error[~done], 2)
    return total


def panels(f, middle, half):
    """Return the integrals of f and of |f| on each panel, and how far f is from a polynomial."""
    points = middle[:, None] + half[:, None] * np.append(NODES, ENDS)
    values = f(points.ravel()).reshape(-1, *points.shape)
    y, ends = values[..., :20], values[..., 20:]
    last = np.abs(y @ FIT[:, 18:]).sum(axis=-1)
    surprise = np.abs(y @ AT_ENDS - ends).sum(axis=-1) * BLIND
    return y @ WEIGHTS * half, np.abs(y) @ WEIGHTS * half, (last + surprise) * half
