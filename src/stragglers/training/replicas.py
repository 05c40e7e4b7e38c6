"""The models of many replicas, and what one update does to all of them at once."""

import numpy as np

from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.local_sgd import LocalSGD


def replicas_of(protocol, problem, replicas, threshold, switching):
    """Return the replicas that take the protocol's updates."""
    if switching:
        return Switching(problem, replicas)
    if threshold is not None:
        return Bounded(problem, replicas, protocol.m, threshold)
    if isinstance(protocol, KBatchAsync) and protocol.k > 1:
        return Batches(problem, replicas, protocol.m, protocol.k)
    if isinstance(protocol, (Async, KBatchAsync, KAsync)):
        return Stale(problem, replicas, protocol.m, protocol.k)
    if isinstance(protocol, LocalSGD):
        return Copies(problem, replicas, protocol.m, protocol.steps)
    return Fresh(problem, replicas, protocol.k)


def _each(step, count):
    """Return the step of each of `count` gradients of a replica, to multiply rows by."""
    return step if isinstance(step, float) else np.repeat(step, count)[:, None]


class Fresh:
    """All gradients are of the newest model."""

    def __init__(self, problem, replicas, k):
        self.problem, self.replicas, self.k = problem, replicas, k
        self.x = np.tile(problem.start, (replicas, 1))
        self.moves = np.empty_like(self.x)

    def model(self):
        """Return the models of the replicas, shape (replicas, coordinates)."""
        return self.x

    def updates_so_far(self, n):
        """Return the number of updates when the clock has ticked n times, a mean."""
        return n

    def number(self, n):
        """Return the number of the update that is next, of all replicas or of each."""
        return n

    def fewest_updates(self, n):
        """Return the number of updates of the replica that has made fewest."""
        return n

    def gradients_so_far(self, n):
        """Return the number of gradients when the clock has ticked n times, a mean."""
        return n * self.k

    def draw(self, rng, block):
        """Return what the block's gradients need that is random, an entry for each update."""
        return self.problem.draw(rng, (len(block.times), self.replicas * self.k))

    def stalenesses(self, block, n):
        """Return how many gradients of a block that ends at update n were dropped, 0 old, 1 old."""
        return np.array([0, block.times.size * self.k])

    def update(self, block, b, drawn, step, n):
        """Make update n of all replicas, the b-th of a block."""
        points = np.repeat(self.x, self.k, axis=0) if self.k > 1 else self.x.copy()
        self._move(self._mean(self.problem.gradients(points, drawn)), step)

    def _mean(self, gradients):
        if self.k == 1:
            return gradients
        return gradients.reshape(self.replicas, self.k, -1).mean(axis=1)

    def _move(self, gradients, step):
        np.multiply(gradients, _each(step, 1), out=self.moves)
        self.x -= self.moves


class Switching(Fresh):
    """All gradients are of the newest model, but their number changes as the block says."""

    def __init__(self, problem, replicas):
        super().__init__(problem, replicas, 1)
        self.used = 0.0

    def gradients_so_far(self, n):
        return self.used

    def draw(self, rng, block):
        self.k = int(block.taken.max())
        return super().draw(rng, block)

    def stalenesses(self, block, n):
        return np.array([0, block.taken.sum()])

    def update(self, block, b, drawn, step, n):
        taken = block.taken[b]
        gradients = self.problem.gradients(np.repeat(self.x, self.k, axis=0), drawn)
        gradients = gradients.reshape(self.replicas, self.k, -1)
        gradients = np.where((np.arange(self.k) < taken[:, None])[..., None], gradients, 0)
        self._move(gradients.sum(axis=1) / taken[:, None], step)
        self.used += taken.mean()


class Copies(Fresh):
    """Local SGD: every worker steps on a copy of its own; they are averaged after `steps` steps."""

    def __init__(self, problem, replicas, m, steps):
        super().__init__(problem, replicas, m)
        self.steps = steps
        self.copies = np.tile(problem.start, (replicas * m, 1))

    def model(self):
        return self._mean(self.copies)

    def update(self, block, b, drawn, step, n):
        self.copies -= self.problem.gradients(self.copies.copy(), drawn) * _each(step, self.k)
        if (n + 1) % self.steps == 0:
            self.copies = np.repeat(self.model(), self.k, axis=0)


class Stale(Fresh):
    """A gradient is of the model that its worker read right after its gradient before.

    `held` are the models that the workers hold, `read` the numbers of updates that these had seen.
    """

    def __init__(self, problem, replicas, m, k):
        super().__init__(problem, replicas, k)
        self.held = np.tile(problem.start, (replicas * m, 1))
        self.read = np.zeros(replicas * m, dtype=int)
        self.held_rows, self.x_rows = _as_rows(self.held), _as_rows(self.x)
        self.taken = np.empty((replicas, k, self.x.shape[1]))
        self.points = self.taken.reshape(replicas * k, -1)  # the same numbers, a row a gradient

    def draw(self, rng, block):
        self.seen = np.empty(block.places.shape, dtype=int)
        return super().draw(rng, block)

    def stalenesses(self, block, n):
        seen = self.seen[: len(block.times)]
        number = np.arange(n - len(seen), n)[:, None, None]
        return np.bincount((number - seen).ravel() + 1)

    def update(self, block, b, drawn, step, n):
        places = block.places[b]
        self.held.take(places, axis=0, out=self.taken, mode="clip")
        self.read.take(places, out=self.seen[b], mode="clip")
        self._move(self._mean(self.problem.gradients(self.points, drawn)), step)
        self.read.put(places, n + 1)
        self.held_rows.put(places, self.x_rows if self.k == 1 else np.repeat(self.x_rows, self.k))


class Batches(Stale):
    """As `Stale`, but a worker may deliver several of the k, one after the other."""

    def update(self, block, b, drawn, step, n):
        places = block.places[b]
        for j in range(self.k):
            who = places[:, j]
            self.taken[:, j] = self.held[who]
            self.seen[b, :, j] = self.read[who]
            self.held_rows.put(who, self.x_rows)
            self.read.put(who, n)
        self._move(self._mean(self.problem.gradients(self.points, drawn)), step)
        self.held_rows.put(who, self.x_rows)
        self.read.put(who, n + 1)


class Bounded(Stale):
    """As `Stale`, but gradients of a staleness of at least `threshold` are dropped."""

    def __init__(self, problem, replicas, m, threshold):
        super().__init__(problem, replicas, m, 1)
        self.threshold = threshold
        self.version = np.zeros(replicas, dtype=int)

    def updates_so_far(self, n):
        return self.version.mean()

    def number(self, n):
        return self.version

    def fewest_updates(self, n):
        return self.version.min()

    def stalenesses(self, block, n):
        ages = self.seen[: len(block.times)]  # here the ages, -1 for a dropped gradient
        return np.bincount(ages.ravel() + 1)

    def update(self, block, b, drawn, step, n):
        who = block.places[b, :, 0]
        self.held.take(who, axis=0, out=self.points, mode="clip")
        age = self.version - self.read[who]
        used = age < self.threshold
        self.seen[b, :, 0] = np.where(used, age, -1)
        gradients = self.problem.gradients(self.points, drawn)
        self._move(np.where(used[:, None], gradients, 0), step)
        self.version += used
        self.read.put(who, self.version)
        self.held_rows.put(who, self.x_rows)


def _as_rows(array):
    """Return a view of a 2-D array in which a row is one item: numpy copies items fastest."""
    return array.view(np.dtype((np.void, array.shape[1] * array.itemsize)))[:, 0]
