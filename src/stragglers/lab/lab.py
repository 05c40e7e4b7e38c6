"""`Lab`: a protocol on the workers of a dask cluster, and the session that one run is."""

import asyncio
import contextlib
import threading
import time

import numpy as np
from distributed import CancelledError

from ..checks import check_count, check_number, check_positive
from .loops import loop_of
from .record import Gradient, LabRun, as_run
from .worker import GradientWorker, _checked

PLACING = 60  # seconds in which every worker must take its actor
ENDING = 5  # seconds in which an interrupted run must have ended, or a scheduler answer
LOOK = 0.1  # seconds between two looks at who is still there
LOST = ("go on", "replace", "raise")


class Lab:
    """m workers of a dask cluster, ready to train a problem under any of the protocols.

    client: a `distributed.Client`, from `local(m)` or of a cluster of your own, which has this
    package. problem: an object with `start`, `gradient(x, rng)` and `loss(x)`, as for
    `training.train`. Worker 0 is the one whose address comes first in the order of text, and so
    on. ValueError if the cluster has fewer than m workers.
    """

    def __init__(self, client, problem, m):
        self.m = check_count("m", m)
        missing = [name for name in ("start", "gradient", "loss") if not hasattr(problem, name)]
        if missing:
            raise TypeError(f"problem must have start, gradient and loss, it lacks {missing}")
        self.client, self.problem = client, problem
        there = len(client.ncores())
        if there < m:
            raise ValueError(f"m must be at most the {there} workers of the cluster, got {m}")

    def run(self, protocol, times, *, unit=0.05, step=0.1, seed=0, timeout=60, lost="go on"):
        """Return the `LabRun` of a protocol whose workers take the times of a table.

        - times: shape (rows, m), as `protocol.replay` takes it: the same dice. The run makes as
          many updates as the replay does, fewer if workers are lost.
        - unit: the seconds of one unit of time; a worker computes, then sleeps until its time is
          over. 0 for no sleep: real work only.
        - step, seed: of SGD. The r-th gradient of worker i draws from default_rng([seed, i, r]).
        - timeout: seconds without any answer after which workers count as silent.
        - lost: what to do when a worker dies: "go on" with the others; "replace" it as well, once
          the cluster has a process to spare; or "raise" RuntimeError.

        TimeoutError if all that is left to wait for are silent workers and the protocol needs
        them; RuntimeError if every worker or the scheduler is gone; ValueError for gradients that
        are not finite or of another shape; an error of the problem itself is raised as it is. Each
        error has, as `so_far`, the `LabRun` of the updates made before it, None if there are none.
        """
        session = Session(self, protocol, times, unit, step, seed, timeout, lost)
        loop = self.client.loop.asyncio_loop
        running = asyncio.run_coroutine_threadsafe(session.run(), loop)
        try:
            running.result()
        except BaseException as error:  # an interrupt too must end the coroutine
            running.cancel()
            session.ended.wait(ENDING)
            error.so_far = session.result() if session.used else None
            raise
        return session.result()


class Session:
    """One run: who is alive, what was asked and answered, the model and its updates."""

    def __init__(self, lab, protocol, times, unit, step, seed, timeout, lost):
        self.loop = loop_of(protocol)
        if protocol.m != lab.m:
            raise ValueError(f"protocol must be for the {lab.m} workers, got {protocol!r}")
        self.updates = protocol.replay(times).updates  # refuses a table of another shape
        if lost not in LOST:
            raise ValueError(f"lost must be one of {', '.join(map(repr, LOST))}, got {lost!r}")
        self.times = np.asarray(times, dtype=float)
        self.unit = check_number("unit", unit) if unit == 0 else check_positive("unit", unit)
        self.step, self.seed = check_positive("step", step), check_count("seed", seed, 0)
        self.timeout, self.lost_means = check_positive("timeout", timeout), lost
        self.client, self.problem, self.protocol, self.m = lab.client, lab.problem, protocol, lab.m
        self.models = [np.atleast_1d(np.array(lab.problem.start, dtype=float))]
        self.version, self.moments, self.used, self.record = 0, [], [], []
        self.next_row = [0] * self.m
        self.alive, self.lost, self.failure = set(range(self.m)), set(), None
        self.newcomers, self.replaced, self.actors = set(), [], {}
        self.asked, self.tasks, self.futures = {}, set(), []
        self.ended = threading.Event()

    def result(self):
        """Return the `LabRun`; RuntimeError if workers were lost before any update."""
        if not self.used:
            raise RuntimeError("no update was made: all that was asked for was lost")
        losses = np.array([float(self.problem.loss(x)) for x in self.models])
        run = as_run(self.protocol, self.moments, self.used, self.unit or 1.0)
        models, lost = np.array(self.models), tuple(sorted(self.lost))
        record, replaced = tuple(self.record), tuple(self.replaced)
        return LabRun(run, record, losses, models, lost, replaced, self.unit or 1.0, self.m)

    async def run(self):
        """Place the actors, run the protocol's loop, and clean up in bounded time."""
        self.answers = asyncio.Queue()
        with self.client.as_current():
            try:
                await self._place()
                self.began = time.perf_counter()
                await self.loop(self)
                if not self.alive and self.version < self.updates:
                    raise await self._nobody_left()
            finally:
                await self._clean()
                self.ended.set()

    async def _place(self):
        """Put an actor on each of the first m workers of the cluster, if they live that long."""
        there = await asyncio.wait_for(self.client.scheduler.ncores(), PLACING)
        self.addresses = sorted(there)[: self.m]
        placed = [asyncio.ensure_future(self._actor(address)) for address in self.addresses]
        self.tasks.update(placed)
        self._start(self._watch())
        deadline = time.perf_counter() + PLACING
        while missing := [i for i in sorted(self.alive) if not placed[i].done()]:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"worker {missing} took no actor in {PLACING} s")
            await asyncio.wait([placed[i] for i in missing], timeout=LOOK)
        if self.failure is not None:
            raise self.failure
        self.actors = {i: placed[i].result() for i in self.alive}

    async def _actor(self, address):
        """Return a new actor on the worker at this address."""
        future = self.client.submit(
            GradientWorker, self.problem, actor=True, pure=False, workers=[address]
        )
        self.futures.append(future)
        return await future

    async def _replace(self, worker, address):
        """Give the place of a lost worker to a new actor; the loop finds it among `newcomers`."""
        try:
            self.actors[worker] = await asyncio.wait_for(self._actor(address), PLACING)
        except Exception:  # it is gone again, or the cluster is: the watch will say which
            return
        self.alive.add(worker)
        self.newcomers.add(worker)
        self.replaced.append(worker)
        self.answers.put_nowait(None)

    def _start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _clean(self):
        """Cancel what still runs, here and on the workers, and let the actors go."""
        for gradient in self.asked.values():
            gradient.state = "cancelled" if gradient.worker in self.alive else "lost"
        cancels = [
            self._cancel(gradient.worker, number)
            for number, gradient in self.asked.items()
            if gradient.worker in self.alive
        ]
        if cancels:
            await asyncio.wait([asyncio.ensure_future(cancel) for cancel in cancels], timeout=1)
        for task in list(self.tasks):
            task.cancel()
        for future in self.futures:
            future.release()

    async def _cancel(self, worker, number):
        with contextlib.suppress(Exception):  # it may be gone, and so may the scheduler
            await asyncio.wait_for(self.actors[worker].cancel(number), 1)

    async def _watch(self):
        """Notice workers that are gone, and a scheduler that does not answer."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                there = await asyncio.wait_for(self.client.scheduler.ncores(), self.timeout)
            except Exception as error:
                self._fail(RuntimeError(f"the scheduler does not answer: {error!r}"))
                return
            for worker in [i for i in self.alive if self.addresses[i] not in there]:
                self._lose(worker)
            if self.lost_means == "replace" and self.actors:
                empty = sorted(i for i in self.lost if self.addresses[i] not in there)
                unused = sorted(set(there) - set(self.addresses))
                for worker, address in zip(empty, unused, strict=False):
                    self.addresses[worker] = address
                    self._start(self._replace(worker, address))

    def _lose(self, worker):
        if worker not in self.alive:
            return
        self.alive.discard(worker)
        self.newcomers.discard(worker)
        self.lost.add(worker)
        for number in [n for n, gradient in self.asked.items() if gradient.worker == worker]:
            self.asked.pop(number).state = "lost"
        if self.client.status != "running":
            self._fail(RuntimeError("the scheduler is gone"))
        elif self.lost_means == "raise":
            self._fail(RuntimeError(f"worker {worker} is gone"))
        self.answers.put_nowait(None)

    async def _nobody_left(self):
        """Return the error to raise: where the scheduler is gone, its workers seem to be, too."""
        try:
            await asyncio.wait_for(self.client.scheduler.ncores(), min(self.timeout, ENDING))
        except Exception as error:
            return RuntimeError(f"the scheduler does not answer: {error!r}")
        return RuntimeError("every worker is gone")

    def _fail(self, error):
        """Let the loop raise this error, unless there is one already."""
        self.failure = self.failure or error
        self.answers.put_nowait(None)

    # What the loops use

    def has_asked(self):
        """Return whether an answer is still to come."""
        return bool(self.asked) or not self.answers.empty()

    def ask_newcomers(self):
        """Ask those who took the place of a lost worker since the last time."""
        for worker in sorted(self.newcomers):
            self.ask(worker)

    def members(self):
        """Return who is alive and has been asked since it came: a newcomer need not be awaited."""
        return self.alive - self.newcomers

    def ask_all(self):
        """Ask every living worker for a gradient of the newest model."""
        for worker in sorted(self.alive):
            self.ask(worker)

    def ask(self, worker):
        """Ask a worker for its next gradient, if it lives and the table has a time for it."""
        row = self.next_row[worker]
        if worker not in self.alive or row == len(self.times):
            return
        seconds = self.times[row, worker] * self.unit
        seed, x = [self.seed, worker, row], self.models[-1]
        self._send(worker, 1, lambda actor, number: actor.gradient(number, x, seed, seconds))

    def ask_all_steps(self):
        """Ask every living worker for the local steps of a round."""
        steps, x = self.protocol.steps, self.models[-1]
        for worker in sorted(self.alive):
            rows = range(self.next_row[worker], self.next_row[worker] + steps)
            seconds = (self.times[rows.start : rows.stop, worker] * self.unit).tolist()
            seeds = [[self.seed, worker, row] for row in rows]

            def ask(actor, number, seeds=seeds, seconds=seconds):
                return actor.local_steps(number, x, seeds, seconds, self.step)

            self._send(worker, steps, ask)

    def _send(self, worker, rows, ask):
        number = len(self.record)
        now = time.perf_counter() - self.began
        gradient = Gradient(worker, self.next_row[worker], self.version, now)
        self.next_row[worker] += rows
        self.newcomers.discard(worker)
        self.record.append(gradient)
        self.asked[number] = gradient
        self._start(self._answer(number, gradient, ask))

    async def _answer(self, number, gradient, ask):
        try:
            answer = ask(self.actors[gradient.worker], number)
        except (RuntimeError, CancelledError):  # the actor is known to be gone
            self._lose(gradient.worker)
            return
        try:
            value, busy = await answer
        except (OSError, CancelledError):
            if number in self.asked:  # else it is known, and its place may be taken again
                self._lose(gradient.worker)
            return
        except Exception as error:
            if number in self.asked:
                self._fail(error)
            return
        if self.asked.pop(number, None) is None:  # given up before it came
            return
        gradient.received = time.perf_counter() - self.began
        gradient.busy = busy if isinstance(busy, float) else (busy[-1] if busy else 0.0)
        gradient.state = "cancelled" if value is None else "late"
        if value is not None:
            self.answers.put_nowait((gradient, value, busy))

    async def arrivals(self, fresh=False):
        """Return the next answers, one or none, as a list of (gradient, value, seconds).

        fresh: only those of the newest model. None where a worker was lost: look again who lives.
        """
        if self.failure is not None:
            raise self.failure
        if not self.alive:
            raise await self._nobody_left()
        try:
            answer = await asyncio.wait_for(self.answers.get(), self.timeout)
        except TimeoutError:
            return self._fall_silent(fresh)
        if self.failure is not None:
            raise self.failure
        if answer is None or (fresh and answer[0].version != self.version):
            return []
        return [answer]

    def _fall_silent(self, fresh):
        silent = sorted({gradient.worker for gradient in self.asked.values()})
        if fresh or not self.moments:
            raise TimeoutError(f"no answer for {self.timeout:g} s from worker {silent}")
        for worker in silent:
            self._lose(worker)
        return []

    async def communicate(self):
        """Wait for the time that combining gradients takes."""
        if self.protocol.communication:
            await asyncio.sleep(self.protocol.communication * self.unit)

    def update(self, found):
        """Change the model by the mean of the gradients, summed in the order of the workers."""
        found = sorted(found, key=lambda answer: answer[0].worker)
        x = self.models[-1]
        total = np.zeros_like(x)
        for gradient, value, _ in found:
            total = total + _checked(value, x)
            gradient.update, gradient.state = self.version, "used"
        self.models.append(x - self.step * (total / len(found)))
        self._done([gradient for gradient, *_ in found], time.perf_counter() - self.began)

    def average(self, found):
        """Take the mean of the workers' copies after each of their local steps."""
        found = sorted(found, key=lambda answer: answer[0].worker)
        ended = time.perf_counter() - self.began
        copies = np.mean([models for _, models, _ in found], axis=0)
        steps = [self._split(gradient, made) for gradient, _, made in found]
        for x, own in zip(copies, zip(*steps, strict=True), strict=True):
            self.models.append(x)
            for gradient in own:
                gradient.version = gradient.update = self.version
                gradient.state = "used"
            last = self.version % len(copies) == len(copies) - 1
            self._done(own, ended if last else min(max(g.received for g in own), ended))

    def _split(self, gradient, made):
        """Return the records of a round's local steps: its own entry becomes the first.

        made: when each was made, since the worker began. The way there is left out of the first
        and the way back is in the last: a step's end is on the client's clock, by durations.
        """
        arrived, ends = gradient.received, [gradient.sent + moment for moment in made]
        ends[-1] = arrived
        own = [gradient]
        for row, sent in enumerate(ends[:-1], gradient.row + 1):
            own.append(Gradient(gradient.worker, row, self.version, sent))
        self.record.extend(own[1:])
        for one, end, busy in zip(own, ends, np.diff(made, prepend=0.0), strict=True):
            one.received, one.busy = end, float(busy)
        return own

    def _done(self, gradients, moment):
        self.moments.append(moment)
        self.used.append(gradients)
        self.version += 1
