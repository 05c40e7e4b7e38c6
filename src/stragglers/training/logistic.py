"""Logistic regression, and a small real data set for it."""

from dataclasses import dataclass, field
from importlib import resources

import numpy as np
from scipy import special

from ..checks import check_count, check_time
from .arguments import check_array


def iris() -> tuple[np.ndarray, np.ndarray]:
    """Return Fisher's two irises that overlap: features, shape (100, 5), and labels, 1 or -1.

    The four measurements, each with mean 0 and standard deviation 1, and a constant 1; label 1 is
    Iris virginica, -1 Iris versicolor. Fisher (1936); the file iris.csv says where it is from.
    """
    text = resources.files(__package__).joinpath("iris.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")][1:]
    measured = np.array([row[:4] for row in rows], dtype=float)
    measured = (measured - measured.mean(axis=0)) / measured.std(axis=0)
    labels = np.array([1.0 if row[4] == "virginica" else -1.0 for row in rows])
    return np.column_stack([measured, np.ones(len(rows))]), labels


@dataclass(frozen=True, eq=False)
class LogisticRegression:
    """The mean of log(1 + exp(-label features . x)) over the examples, + ridge * x . x / 2.

    A gradient is that of `batch` examples drawn with replacement. features: shape (examples,
    coordinates); labels: 1 or -1. SGD begins at `start`, 0 if it is not given; `minimum` is the
    least loss, at `minimiser`, found by Newton's method.

    >>> problem = LogisticRegression(*iris(), ridge=0.01)
    >>> round(problem.loss(problem.start), 4), round(problem.minimum, 4)
    (0.6931, 0.1703)
    """

    features: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    ridge: float = 0.01
    batch: int = 1
    start: np.ndarray | None = None

    def __post_init__(self):
        features = np.asarray(self.features, dtype=float)
        if features.ndim != 2 or 0 in features.shape or not np.all(np.isfinite(features)):
            raise ValueError(
                "features must be finite numbers of shape (examples, coordinates), got shape "
                f"{features.shape}"
            )
        labels = np.asarray(self.labels, dtype=float)
        if labels.shape != features.shape[:1] or not np.all(np.abs(labels) == 1):
            raise ValueError(f"labels must be {len(features)} numbers 1 or -1, got {self.labels!r}")
        start = 0.0 if self.start is None else self.start
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "ridge", check_time("ridge", self.ridge))
        object.__setattr__(self, "batch", check_count("batch", self.batch))
        object.__setattr__(self, "start", check_array("start", start, "number", features.shape[1]))
        object.__setattr__(self, "_signed", features * labels[:, None])

    def loss(self, x):
        """Return the loss at x."""
        return float(self.losses(np.asarray(x, dtype=float)[None])[0])

    def losses(self, points):
        """Return the loss at each row of points."""
        margins = points @ self._signed.T
        return np.logaddexp(0, -margins).mean(axis=1) + self.ridge * (points**2).sum(axis=1) / 2

    def full_gradient(self, x):
        """Return the gradient of the loss at x, that of all examples."""
        weights = special.expit(-self._signed @ x)
        return -weights @ self._signed / len(weights) + self.ridge * x

    def gradient(self, x, rng):
        """Return the gradient of `batch` examples drawn at random, at x."""
        return self.gradients(x[None], self.draw(rng, 1))[0]

    def draw(self, rng, count):
        """Return the examples of `count` gradients, shape (count, batch)."""
        return rng.integers(len(self.features), size=(count, self.batch))

    def gradients(self, points, drawn):
        """Return the gradients at the rows of points of the examples drawn, a new array."""
        examples = self._signed[drawn]  # (points, batch, coordinates)
        weights = special.expit(-np.einsum("pbd,pd->pb", examples, points))
        return self.ridge * points - np.einsum("pb,pbd->pd", weights, examples) / self.batch

    @property
    def minimiser(self):
        """The x of the least loss, shape (coordinates,); ValueError where there is none."""
        x = np.zeros(self.features.shape[1])
        for _ in range(100):
            weights = special.expit(-self._signed @ x)
            curvature = (self._signed.T * (weights * (1 - weights))) @ self._signed / len(weights)
            curvature += self.ridge * np.eye(len(x))
            try:
                move = np.linalg.solve(curvature, self.full_gradient(x))
            except np.linalg.LinAlgError:
                break
            while self.loss(x - move) > self.loss(x) and np.abs(move).max() > 1e-12:
                move = move / 2
            x = x - move
            if np.abs(move).max() <= 1e-12 * (1 + np.abs(x).max()):
                return x
        raise ValueError(f"ridge must be positive for these examples, got {self.ridge!r}")

    @property
    def minimum(self):
        """The least loss."""
        return self.loss(self.minimiser)
