"""The second moments of the quadratic's model from one update to the next, for each protocol.

For curvature a, step eta and gradients with noise of variance v, an update maps the moments below
by an affine map that depends on the scaled step, eta a, and on eta^2 v alone: exponential workers
forget, so that who delivers is a uniformly random set, independent of the past. The last entry of
the vector of moments is the constant 1; D curvatures are D maps, shape (D, size, size).
"""

import numpy as np
from scipy import optimize

# -------------------------------------------------------------------------------------------------
# The maps


def fresh(k):
    """Return the map of (E x^2, 1) when k fresh gradients are averaged."""

    def build(scaled, noise):
        matrix = np.zeros((len(scaled), 2, 2))
        matrix[:, 0, 0] = (1 - scaled) ** 2
        matrix[:, 0, 1] = noise / k
        matrix[:, 1, 1] = 1
        return matrix

    return build


def k_async(m, k):
    """Return the map of (E x^2, E x w, E w^2, E w w', 1), w, w' the models of two workers."""
    q = k / m
    both, one = k * (k - 1) / (m * (m - 1)), 2 * k * (m - k) / (m * (m - 1))

    def build(scaled, noise):
        x, xw, w, ww = np.eye(5)[:4]
        new = np.empty((len(scaled), 5, 5))
        for i, (s, v) in enumerate(zip(scaled, noise, strict=True)):
            moved = xw - s * ww  # E x' w of a worker that does not deliver
            after = x - 2 * s * xw + s**2 * (w / k + (1 - 1 / k) * ww)
            after = after + v / k * np.eye(5)[4]
            new[i, 0] = after
            new[i, 1] = q * after + (1 - q) * moved
            new[i, 2] = q * after + (1 - q) * w
            new[i, 3] = both * after + one * moved + (1 - both - one) * ww
            new[i, 4] = np.eye(5)[4]
        return new

    return build


def k_batch_async(m, k):
    """Return the map of (E x^2, E x w, E w^2, E w w', E p^2, E p x, E p w, 1).

    p is the sum of the batch so far, 0 at the end of every update. A worker that delivers reads
    the model at once, and the k-th of a batch the model that it made.
    """
    stay, pair = 1 - 1 / m, min(2 / m, 1.0)

    def build(scaled, noise):
        return np.array([one(s, v) for s, v in zip(scaled, noise, strict=True)])

    def one(s, v):
        x, xw, w, ww, p, px, pw, unit = np.eye(8)
        # the sum takes one more gradient, of curvature 1: the step comes at the end
        p, px, pw = p + 2 * pw + w + v / s**2 * unit, px + xw, pw + ww  # pw: of another worker
        waits = [x, x / m + stay * xw, x / m + stay * w, pair * xw + (1 - pair) * ww]
        waits += [p, px, px / m + stay * pw, unit]
        h = s / k
        moved, after = xw - h * pw, x - 2 * h * px + h**2 * p
        ends = [after, after / m + stay * moved, after / m + stay * w]
        ends += [pair * moved + (1 - pair) * ww, 0 * x, 0 * x, 0 * x, unit]
        return np.array(ends) @ np.linalg.matrix_power(np.array(waits), k - 1)

    return build


# -------------------------------------------------------------------------------------------------
# What follows from them


def start_moments(build, scaled, noise, start):
    """Return the maps, and the moments when all have read the start, shape (D, size)."""
    matrices = build(scaled, noise)
    size = matrices.shape[1]
    moments = np.repeat(start[:, None] ** 2, size, axis=1)
    moments[:, 4:] = 0.0
    moments[:, -1] = 1.0
    return matrices, moments


def after_updates(matrices, moments, updates):
    """Return E x^2 after 0, 1, ..., updates updates, shape (updates + 1, D), by doubling."""
    block, power = moments[:, :, None], matrices
    with np.errstate(over="ignore", invalid="ignore"):
        while block.shape[2] <= updates:
            block = np.concatenate([block, power @ block], axis=2)
            power = power @ power
    values = block[:, 0, : updates + 1].T
    return np.where(np.isnan(values), np.inf, values)


def fixed_point(build, scaled, noise):
    """Return the stationary E x^2 of stable maps, shape (D,)."""
    matrices = build(scaled, noise)
    linear, constant = matrices[:, :-1, :-1], matrices[:, :-1, -1:]
    return np.linalg.solve(np.eye(linear.shape[1]) - linear, constant)[:, 0, 0]


def radius(build, scaled):
    """Return the largest absolute eigenvalue of the map at the scaled step, a float."""
    matrix = build(np.array([scaled]), np.zeros(1))[0, :-1, :-1]
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def stability_limit(build):
    """Return the least scaled step at which the largest eigenvalue of the map is 1.

    The map keeps covariances covariances, a cone: its largest eigenvalue is real and positive.
    """
    high = 1e-3
    while radius(build, high) < 1:
        high *= 1.1
    return optimize.brentq(lambda s: radius(build, s) - 1, high / 1.1, high, xtol=1e-15, rtol=1e-14)


# -------------------------------------------------------------------------------------------------
# The mean alone


def mean_map(m, k, batch):
    """Return scaled -> matrix of the mean of (x, w), or of (x, w, sum of the batch so far)."""

    def k_async_mean(s):
        q = k / m
        return np.array([[1, -s], [q, 1 - q - q * s]])

    def k_batch_mean(s):
        x, w, p = np.eye(3)
        waits = np.array([x, x / m + (1 - 1 / m) * w, p + w])
        after = x - s / k * (p + w)
        ends = np.array([after, after / m + (1 - 1 / m) * w, 0 * p])
        return ends @ np.linalg.matrix_power(waits, k - 1)

    return k_batch_mean if batch else k_async_mean


def mean_limit(build):
    """Return the least scaled step at which the mean's map has an eigenvalue on the circle."""

    def excess(s):
        return np.abs(np.linalg.eigvals(build(s))).max() - 1

    high = 1e-3
    while excess(high) < 0:
        high *= 1.1
    return optimize.brentq(excess, high / 1.1, high, xtol=1e-15, rtol=1e-14)
