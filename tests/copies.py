"""Copies of a process that has loaded packages, in the place of new processes.

To start Python and load what a notebook or a submission needs takes longer than most of them do.
"""

import contextlib
import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ONE_AT_A_TIME = threading.Lock()


def start(become, asked, pipes, backend, loaded):
    """Have a process that has loaded modules copied, and return the `Copy`.

    become: "module:function", which is called in the copy with `asked`, a dictionary, and with its
    own numbers of `pipes`. backend: of matplotlib. loaded: names of modules. The copy leads a
    session of its own.
    """
    with ONE_AT_A_TIME:
        line = original(backend, *loaded)
        socket.send_fds(line, [json.dumps({"become": become, "asked": asked}).encode()], pipes)
        return Copy(int(line.recv(100)))


class Copy:
    """What those who start a process need of a subprocess.Popen."""

    stdin = stdout = stderr = None

    def __init__(self, pid):
        self.pid = pid
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
def original(backend, *loaded):
    """Return the line to the process that is copied; it ends when nobody holds the line."""
    here, there = socket.socketpair()
    command = [sys.executable, "-m", __name__, str(there.fileno()), *loaded]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment |= {"MPLBACKEND": backend, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.Popen(command, env=environment, pass_fds=[there.fileno()])
    there.close()
    return here


def installed():
    """Return the places of sys.path where packages are: not those that pytest has put there."""
    ours, pythons = str(ROOT / "src"), sys.base_prefix
    return [p for p in sys.path if "site-packages" in p or p.startswith(pythons) or p == ours]


def serve(line):
    """Make a copy for each wish that comes through the line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    while True:
        wish, pipes, *_ = socket.recv_fds(line, 1 << 20, 8)
        if not wish:
            return
        pid = os.fork()
        if pid == 0:
            os.setsid()
            line.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            wish = json.loads(wish)
            module, _, function = wish["become"].partition(":")
            getattr(importlib.import_module(module), function)(wish["asked"], pipes)
            os._exit(0)
        for pipe in pipes:
            os.close(pipe)
        with contextlib.suppress(ProcessLookupError):  # it may have ended already
            while os.getpgid(pid) != pid:  # until then it would be killed with this group
                time.sleep(0.0002)
        line.sendall(str(pid).encode())


if __name__ == "__main__":
    for name in sys.argv[2:]:
        importlib.import_module(name)
    serve(socket.socket(fileno=int(sys.argv[1])))
