"""Running a submission apart: a process group and folder of its own, with limits, killed whole.

This protects from loops, memory, output, files and processes without end, exit and crashes. What
the code can see beyond its folder is the affair of the wall, in `wall`.
"""

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from ..notebooks.reading import sound
from . import keeper, wall

MEGA = 2**20
LIMITS = {
    "cell": 20,  # seconds for one cell
    "calls": 20,  # seconds for the calls of one function
    "total": 90,  # seconds in all, for one attempt
    "AS": 3 * 1024 * MEGA,  # bytes of address space for one process
    "memory": 2 * 1024 * MEGA,  # bytes in use by all its processes
    "FSIZE": 32 * MEGA,  # bytes of one file
    "NOFILE": 128,  # open files
    "NPROC": 48,  # processes and threads more than the user has already
    "CPU": 180,  # seconds of one process
    "disk": 500 * MEGA,  # bytes of all files in its folder
    "files": 10_000,  # files and folders there
    "answers": 8 * MEGA,  # bytes that may come back
}
ATTEMPTS, PATIENCE = 12, 3  # a new attempt only before so many times the time in all
REPLIES = 2000  # to one process: more than any notebook asks for
START = 60  # seconds until the first cell begins
KEEPER = 10  # seconds that a keeper has to end what it keeps


@dataclass
class Run:
    """What came of running a submission: the answers as plain data, and the notes on its cells."""

    answers: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)  # number of the cell: what went wrong there
    student: str = ""
    set: str = ""
    handout: str = ""


class Stopped(Exception):
    """The grader was told to stop while a submission ran."""


def run(cells, brief, limits=LIMITS, stop=None):
    """Run the sources `cells` and return a Run; raise Stopped once the Event `stop` is set.

    `brief(student)` gives {"parameters": ..., "calls": ...} for the student whom the notebook
    names. A cell that ends the process, or that does not end, is left out of the next attempt, so
    that the others still count; so are the slowest ones, if all together take too long.
    """
    result, skip, silent, spent = Run(), set(), set(), 0.0
    for _ in range(ATTEMPTS):
        todo = [(n, source) for n, source in enumerate(cells) if n not in skip]
        attempt = Attempt(todo, brief, limits, silent, stop)
        attempt.run()
        result.answers.update(attempt.answers)
        for number in attempt.seconds:
            result.errors.pop(number, None)  # what went wrong there went wrong in the last attempt
        result.errors.update({n: e for n, e in attempt.errors.items() if n not in skip})
        for name in ("student", "set", "handout"):
            setattr(result, name, getattr(attempt, name) or getattr(result, name))
        if attempt.done:
            break
        if slow := attempt.slowest():
            skip.update(slow)
            several = "left out: all cells together take " if len(slow) > 1 else ""
            result.errors.update(dict.fromkeys(slow, several + attempt.reason))
        elif attempt.calling:
            silent.add(attempt.calling)
            result.answers.setdefault(attempt.calling, {"unsupported": "function that ends Python"})
        elif (cell := attempt.cell if attempt.cell is not None else attempt.last) is not None:
            skip.add(cell)
            result.errors[cell] = attempt.reason
        else:
            result.errors.setdefault(len(cells), attempt.reason)
            break
        spent += attempt.spent()
        if spent > PATIENCE * limits["total"]:
            break
    return result


class Attempt:
    """One process that runs cells."""

    def __init__(self, cells, brief, limits, silent=(), stop=None):
        self.cells, self.brief, self.limits, self.silent = cells, brief, limits, silent
        self.stop, self.numbers = stop or threading.Event(), {number for number, _ in cells}
        self.answers, self.errors, self.calls = {}, {}, {}
        self.student = self.set = self.handout = self.calling = ""
        self.cell, self.last, self.done, self.reason = None, None, False, "the process ended"
        self.seconds, self.began = {}, 0.0  # how long each cell took, and since when this one runs
        self.outgoing, self.replies, self.running = b"", 0, False
        self.received, self.rest = 0, b""
        self.is_slow, self.mark = False, uuid.uuid4().hex

    def run(self):
        """Start the process, follow it to its end, and leave nothing of it behind."""
        self.folder, box = (tempfile.mkdtemp(prefix="stragglers-") for _ in range(2))
        try:
            self.process = start(self.folder, box, self.mark)
            try:
                os.set_blocking(self.process.stdin.fileno(), False)
                others = keeper.threads(os.geteuid()) if wall.kind() == wall.BUBBLEWRAP else None
                self._send({"cells": self.cells, "limits": self.limits, "others": others})
                self._follow()
            finally:
                kill(self.process, self.mark)
                for stream in (self.process.stdin, self.process.stdout):
                    with contextlib.suppress(OSError):
                        stream.close()
        finally:
            remove(self.folder)
            remove(box)

    def _send(self, data):
        self.outgoing += (json.dumps(data) + "\n").encode()

    def _follow(self):
        self.end, look, look_at_files = time.monotonic() + START, 0, 0
        while not self.done:
            now = time.monotonic()
            if self.stop.is_set():
                raise Stopped
            if now > self.end:
                self.reason = f"longer than {self.limits['total']:g} s"
                self.is_slow = True
                return
            if now > look:
                look = now + 0.1
                if self._is_too_big():
                    return self._hear_out()
            if now > look_at_files:
                look_at_files = now + 1
                if self._has_too_many_files():
                    return self._hear_out()
            if self._is_heard(0.1) and not self._read():
                return

    def _hear_out(self):
        """Read what the child has written already: it tells which cell it has come to."""
        reason, end = self.reason, time.monotonic() + 1
        while time.monotonic() < end and self._is_heard(0) and self._read():
            pass
        self.reason, self.done = reason, False

    def _read(self):
        """Take what the child has written; return whether there can be more."""
        data = os.read(self.process.stdout.fileno(), 65536)
        self.received += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if self.replies <= REPLIES:
                self._event(line)
        if not data or self.received > self.limits["answers"] or self.replies > REPLIES:
            self.reason = "too much output" if data else "the cell ends the process"
            return False
        return True

    def _is_heard(self, seconds):
        """Wait so long for the child, write what waits for it, and say whether it has written."""
        back = [self.process.stdin] if self.outgoing else []
        heard, ready, _ = select.select([self.process.stdout], back, [], seconds)
        if ready:
            try:
                written = os.write(self.process.stdin.fileno(), self.outgoing[:65536])
                self.outgoing = self.outgoing[written:]
            except BlockingIOError:
                pass
            except OSError:
                self.outgoing = b""  # it has ended
        return bool(heard)

    def _is_too_big(self):
        members = keeper.below({self.process.pid}, self.mark)
        if len(members) > self.limits["NPROC"]:  # root is exempt from the kernel's own limit
            self.reason = f"more than {self.limits['NPROC']} processes"
        elif memory(members) > self.limits["memory"]:
            self.reason = f"more than {self.limits['memory'] // MEGA} MB of memory"
        else:
            return False
        return True

    def _has_too_many_files(self):
        number, size = contents(self.folder, self.limits["files"])
        if number > self.limits["files"]:
            self.reason = f"more than {self.limits['files']} files"
        elif size > self.limits["disk"]:
            self.reason = f"more than {self.limits['disk'] // MEGA} MB of files"
        else:
            return False
        return True

    def _event(self, line):
        try:
            self._take(sound(json.loads(line)))
        except Exception:
            return  # not a line of ours: the student's code found the channel

    def _take(self, event):
        if "start" in event:
            self.replies += REPLIES // 50  # this one takes time: parameters are drawn
            told = event["start"]
            self.set, self.student = str(told["set"]), str(told["student"])
            self.handout = str(told["handout"])
            began = time.monotonic()
            given = self.brief(self.student)
            self.end += time.monotonic() - began  # the grader's time, not the student's
            self.calls = {q: c for q, c in given["calls"].items() if q not in self.silent}
            self._reply({"parameters": given["parameters"], "questions": list(self.calls)})
        elif "answer" in event:
            self.answers[str(event["answer"])] = event["value"]
            self.calling = ""
        elif "calling" in event:
            self.calling = str(event["calling"])
            self._reply(self.calls.get(self.calling, []))
        elif "cell" in event:
            if not self.running:  # the time of a busy machine to start Python is not the student's
                self.running, self.end = True, time.monotonic() + self.limits["total"]
            self.cell, self.began = self._number(event["cell"]), time.monotonic()
        elif "ran" in event:
            number = self._number(event["ran"])
            self.seconds[number] = time.monotonic() - self.began
            self.cell, self.last = None, self.cell  # what ends the process now was begun there
            self.errors.pop(number, None)  # it may have run again, after the others
            if event["error"]:
                self.errors[number] = str(event["error"])[:400]
        elif event.get("done"):
            self.done = True

    def _reply(self, data):
        self.replies += 1
        if self.replies <= REPLIES:
            self._send(data)

    def _number(self, told):
        """Return the number of a cell that this process was given; raise ValueError for others."""
        if isinstance(told, bool) or told not in self.numbers:
            raise ValueError(f"no cell {told!r}")
        return told

    def spent(self):
        """Return the seconds since the first cell began, 0 if none did."""
        return time.monotonic() - self.end + self.limits["total"] if self.running else 0.0

    def slowest(self):
        """Return the slowest cells, without which half the time is enough, if it was too short."""
        if not self.is_slow:
            return []
        seconds = dict(self.seconds)
        if self.cell is not None:
            seconds[self.cell] = time.monotonic() - self.began
        order = sorted(seconds, key=seconds.get)
        slow = []
        while sum(seconds[n] for n in order) > self.limits["total"] / 2:
            slow.append(order.pop())
        return slow


def contents(folder, most):
    """Return (number, bytes) of the files below a folder, or what is above `most` files of it."""
    number, size, todo = 0, 0, [folder]
    while todo and number <= most:
        with contextlib.suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                number += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
    return number, size


def remove(folder):
    """Remove a folder that somebody else has filled, however deep; of a link, only the link."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        subprocess.run(["rm", "-rf", "--", folder], capture_output=True, check=False)


def start(folder, box, mark):
    """Start the process that runs cells, in `folder`, with nothing of our environment."""
    environment = {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "IPYTHONDIR": folder,
        "MPLCONFIGDIR": folder,
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONPATH": wall.make_box(box),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "STRAGGLERS_RUN": mark,
    }
    os.chmod(box, 0o755)
    for name, content in font_list().items():
        Path(folder, name).write_bytes(content)
    if wall.kind() == wall.USER:
        os.chown(folder, wall.NOBODY, wall.NOBODY)
    return subprocess.Popen(
        wall.command(box, folder),
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@functools.cache
def font_list():
    """Return {file name: content} of matplotlib's list of fonts, without which it looks for all.

    It is made once, by a process of ours, and copied: no submission writes what another reads.
    """
    command = [sys.executable, "-P", "-c", "import matplotlib.font_manager"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.defpath, "HOME": folder, "MPLCONFIGDIR": folder}
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        return {path.name: path.read_bytes() for path in Path(folder).glob("fontlist*.json")}


def memory(members):
    """Return the bytes that these processes have in use, what they share counted once."""
    total = 0
    for member in members:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def kill(process, mark):
    """End a run: ask its keeper, which ends last; then what is left if the keeper was killed."""
    for request in (signal.SIGTERM, signal.SIGCONT):  # it may have been stopped
        process.send_signal(request)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(KEEPER)
    for _ in range(50):
        members = keeper.below({process.pid} if process.poll() is None else (), mark)
        if not members:
            break
        keeper.end(members)
        time.sleep(0.02)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
