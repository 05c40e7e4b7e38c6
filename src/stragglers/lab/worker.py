"""What runs on a worker: a dask actor that computes gradients, takes its time, and can be told."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np


class GradientWorker:
    """One worker: it computes a gradient in a thread of its own, and sleeps to the time given.

    Its methods are coroutines, so that it hears a newer request while it works. A newer request
    cancels the older one: the older answers None. Only durations of its own clock leave it.
    """

    def __init__(self, problem):
        self.problem = problem
        self.thread = ThreadPoolExecutor(1)
        self.number, self.newer = -1, None

    async def gradient(self, number, x, seed, seconds):
        """Return (the gradient at x or None if cancelled, seconds it took), after `seconds`."""
        newer = self._begin(number)
        start = time.perf_counter()
        value = await self._compute(x, seed)
        done = await self._sleep(newer, start + seconds)
        return (value if done else None), time.perf_counter() - start

    async def local_steps(self, number, x, seeds, seconds, step):
        """Return (the models after each of some local steps or None, when each was made)."""
        newer = self._begin(number)
        start = time.perf_counter()
        models, moments, due = [], [], start
        for seed, duration in zip(seeds, seconds, strict=True):
            value = await self._compute(x, seed)
            due += duration
            if not await self._sleep(newer, due):
                return None, moments
            x = x - step * _checked(value, x)
            models.append(x)
            moments.append(time.perf_counter() - start)
        return np.array(models), moments

    async def cancel(self, number):
        """Cancel the request of that number, if it is still the newest."""
        if number == self.number and self.newer is not None:
            self.newer.set()

    def _begin(self, number):
        if self.newer is not None:
            self.newer.set()
        self.number, self.newer = number, asyncio.Event()
        return self.newer

    async def _compute(self, x, seed):
        loop = asyncio.get_running_loop()
        rng = np.random.default_rng(seed)
        return await loop.run_in_executor(self.thread, self.problem.gradient, x.copy(), rng)

    async def _sleep(self, newer, due):
        """Sleep until the moment `due` and return True, or False if a newer request comes first."""
        left = due - time.perf_counter()
        if left > 0 and not newer.is_set():
            try:
                await asyncio.wait_for(newer.wait(), left)
            except TimeoutError:
                return True
        return not newer.is_set()


def _checked(gradient, x):
    """Return the gradient as an array like x, or raise ValueError."""
    gradient = np.asarray(gradient, dtype=float)
    if gradient.shape != x.shape:
        raise ValueError(f"gradient must return shape {x.shape}, got {gradient.shape}")
    if not np.all(np.isfinite(gradient)):
        raise ValueError(f"gradient must return finite numbers, got {gradient}")
    return gradient
