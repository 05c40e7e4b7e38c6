"""Copies of a process that has loaded everything, in the place of new ones behind the wall.

To start Python and load its packages takes longer than what most tests of the grader are about.
Where the wall is not, `instead_of_new_ones` has submissions run in copies of one process: the rest
of the sandbox, its keeper and its limits are the same.
"""

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading

import pytest

from stragglers_course.sandbox import child
from stragglers_course.sandbox import run as sandbox

LOADED = "IPython.core.interactiveshell", "matplotlib.pyplot", "numpy", "scipy.stats", "stragglers"
ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def instead_of_new_ones():
    """Have submissions begin as copies within the block."""
    original()  # here, and not in each process that grades a folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "start", start)
        yield


def start(folder, box, mark):
    """Do what `sandbox.start` does, with a copy in the place of a new Python."""
    there, job = os.pipe()
    answers, here = os.pipe()
    with ONE_AT_A_TIME:
        line = original()
        asked = json.dumps({"folder": folder, "mark": mark}).encode()
        socket.send_fds(line, [asked], [there, here])
        pid = int(line.recv(100))
    os.close(there)
    os.close(here)
    return Copy(pid, open(job, "wb", 0), open(answers, "rb", 0))


class Copy:
    """What `sandbox` needs of a subprocess.Popen."""

    def __init__(self, pid, stdin, stdout):
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        try:
            self.handle = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            self.handle = None

    def send_signal(self, number):
        with contextlib.suppress(ProcessLookupError, TypeError):
            signal.pidfd_send_signal(self.handle, number)

    def poll(self):
        return None if self.handle is not None and not self._ends_within(0) else 0

    def wait(self, timeout=None):
        if self.handle is not None and not self._ends_within(timeout):
            raise subprocess.TimeoutExpired("copy", timeout)
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    def _ends_within(self, seconds):
        ended = select.poll()
        ended.register(self.handle, select.POLLIN)
        return bool(ended.poll(None if seconds is None else seconds * 1000))


@functools.cache
def original():
    """Return the line to the process that is copied; it ends when nobody holds the line."""
    here, there = socket.socketpair()
    command = [sys.executable, "-m", __name__, str(there.fileno())]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.Popen(command, env=environment, pass_fds=[there.fileno()])
    there.close()
    return here


def serve(line):
    """Become a copy for each pair of pipes that comes through the line."""
    for name in LOADED:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    while True:
        asked, pipes, *_ = socket.recv_fds(line, 65536, 2)
        if not asked:
            return
        pid = os.fork()
        if pid == 0:
            line.close()
            become(json.loads(asked), pipes)
        for pipe in pipes:
            os.close(pipe)
        line.sendall(str(pid).encode())


def become(asked, pipes):
    """Run the job that comes through the first pipe, as a new process would."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(asked["folder"])
    for number, pipe in enumerate([*pipes, os.open(os.devnull, os.O_WRONLY)]):
        os.dup2(pipe, number)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ |= {"PATH": os.defpath, "HOME": asked["folder"], "TMPDIR": asked["folder"]}
    os.environ |= {"STRAGGLERS_RUN": asked["mark"], "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}
    child.main("kept")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
