"""What the workers of the laboratory's tests are given to do, and how they are looked at."""

import os
import time

import numpy as np
import psutil

PATIENCE = 90  # seconds, on a machine that is busy with something else


class Bowl:
    """|x|^2 / 2 with noisy gradients."""

    start = np.array([3.0, -2.0])

    def gradient(self, x, rng):
        return x + rng.normal(size=x.shape)

    def loss(self, x):
        return float(x @ x / 2)


class Faulty(Bowl):
    """Each gradient is the value given, or raises it."""

    def __init__(self, value):
        self.value = value

    def gradient(self, x, rng):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Leaves(Bowl):
    """Each gradient leaves a file that says that the run is under way."""

    def __init__(self, path):
        self.path = path

    def gradient(self, x, rng):
        self.path.touch()
        return super().gradient(x, rng)


class Struck(Bowl):
    """A process is struck by a signal while it computes its third gradient.

    processes, victim: of the lab's workers, and which of them is struck; place: a folder of the
    lab; number: the signal, for the lab that strikes. The other labs of the same processes say
    "ready" when theirs has come to its third gradient. Nobody else goes on with a third one until
    the process is down: so it is the same that is lost, however busy the machine is.
    """

    def __init__(self, processes, victim, place, number=None):
        self.processes, self.victim = processes, processes[victim]
        self.place, self.number, self.asked = place, number, 0

    def gradient(self, x, rng):
        self.asked += 1
        here = os.getpid()
        if here == self.victim and self.asked == 3:
            self.third()
        elif here not in self.processes:
            (self.place / "replaced").touch()
        elif here != self.victim and self.asked >= 3:
            until(lambda: not runs(self.victim))
            self.after()
        return super().gradient(x, rng)

    def third(self):
        if self.number is None:
            (self.place / "ready").touch()
            until((self.place.parent / "struck").exists)
        else:
            (self.place.parent / "struck").touch()
            os.kill(os.getpid(), self.number)

    def after(self):
        """Do nothing more."""


class Awaits(Struck):
    """The others are slow until somebody has taken the place of the process that was killed."""

    def after(self):
        if not (self.place / "replaced").exists():
            time.sleep(0.4)


def until(holds):
    """Wait until something holds; AssertionError if it never does."""
    deadline = time.time() + PATIENCE
    while not holds():
        assert time.time() < deadline, holds
        time.sleep(0.02)


def runs(pid):
    """Return whether a process runs: it is there, not stopped, and not waiting to be buried."""
    try:
        status = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return False
    return status not in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED)


def pids(client):
    """Return the processes of the workers in the order of the laboratory's numbers."""
    found = client.run(os.getpid)
    return [found[address] for address in sorted(found)]
