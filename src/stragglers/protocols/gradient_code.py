"""A gradient code: which parts of the data a worker has, what it sends, how the sum is rebuilt."""

from collections.abc import Sequence

import numpy as np

from ..checks import NUMBERS, check_count, check_rng, check_table

GOOD = 1e-6  # a sum whose parts all count this close to once is decoded


def coding_matrix(m: int, tolerates: int, rng: np.random.Generator) -> np.ndarray:
    """Return a matrix B, shape (m, m), from any m - tolerates rows of which the sum is decoded.

    Worker i has the parts i, ..., i + tolerates of the data, counted round a circle of m parts, and
    sends the sum of their gradients weighted with row i of B, which is 0 elsewhere and 1 at i. The
    rows are orthogonal to `tolerates` random vectors that are orthogonal to (1, ..., 1): that fails
    with probability 0. TypeError unless rng is a numpy Generator. Derived in the chapter "Copies
    and codes" (the construction: Tandon et al. 2017).

    >>> B = coding_matrix(3, tolerates=1, rng=np.random.default_rng(0))
    >>> (B != 0).astype(int)
    array([[1, 1, 0],
           [0, 1, 1],
           [1, 0, 1]])
    """
    m = check_count("m", m)
    tolerates = check_count("tolerates", tolerates, 0, m - 1)
    across = check_rng(rng).standard_normal((tolerates, m))
    across -= across.mean(axis=1, keepdims=True)
    matrix = np.eye(m)
    for worker in range(m):
        others = (worker + 1 + np.arange(tolerates)) % m
        matrix[worker, others] = np.linalg.solve(across[:, others], -across[:, worker])
    return matrix


def decoding_weights(matrix: np.ndarray, finished: Sequence[int]) -> np.ndarray:
    """Return the weights, shape (m,), with which the answers of `finished` workers give the sum.

    `matrix`: what each worker sends, shape (m, parts), a row a worker, such as `coding_matrix`
    gives. `finished`: the numbers of the workers that have answered, from 0; the weights of all
    others are 0. ValueError where their answers do not determine the sum; TypeError or ValueError
    names the argument that is wrong.

    >>> B = coding_matrix(5, tolerates=2, rng=np.random.default_rng(0))
    >>> weights = decoding_weights(B, finished=[0, 1, 3])
    >>> np.round(weights @ B, 9), weights[[2, 4]]
    (array([1., 1., 1., 1., 1.]), array([0., 0.]))
    """
    allowed = "a table of finite numbers, a row a worker"
    matrix = check_table("matrix", matrix, allowed, kinds=NUMBERS + "b")
    if matrix.ndim != 2 or 0 in matrix.shape or not np.isfinite(matrix).all():
        raise ValueError(f"matrix must be {allowed}, got shape {matrix.shape}")
    m = len(matrix)
    try:
        answered = None if isinstance(finished, (str, bytes)) else list(finished)
    except TypeError:
        answered = None
    if answered is None:
        raise TypeError(
            f"finished must be a list of workers' numbers from 0 to {m - 1}, got {finished!r}"
        )
    finished = sorted({check_count("finished", worker, 0, m - 1) for worker in answered})
    rows = matrix[finished]
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.where(size > 0, size, 1)
    found = np.linalg.lstsq(rows.T, np.ones(matrix.shape[1]), rcond=None)[0]
    if not np.abs(found @ rows - 1).max() < GOOD:
        raise ValueError(
            f"finished must be workers whose answers determine the sum: {len(finished)} of {m}, "
            f"{finished}, do not"
        )
    weights = np.zeros(m)
    weights[finished] = found / np.where(size > 0, size, 1)[:, 0]
    return weights
