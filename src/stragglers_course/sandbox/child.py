"""The process that runs a student's code: cells in, plain data out. It holds no key.

The parent writes one line, the job; the child answers in lines of JSON. At the first `start` in
the notebook (or at the end, if there is none) the child asks for the parameters of this student,
and before it reads an answer, for the argument lists on which a function is to be called; the
judging is done by the parent. Answers leave after every cell, so that what was right stays right
when a later cell dies.
"""

import contextlib
import io
import json
import os
import resource
import site
import sys
import time
from signal import ITIMER_REAL, SIGALRM, setitimer
from signal import signal as handle

from ..notebooks.failed_cells import after_elsewhere
from ..questions.personal_numbers import Parameters
from ..questions.plain_data import TooLong, call, name_in, plain, told
from .keeper import keep, threads


def limit(limits, others=None):
    """Bound this process and its children: memory, size of files, open files, processes.

    `others` is how many threads the user has elsewhere, if this process cannot see them.
    """
    for name in ("AS", "FSIZE", "NOFILE", "CPU"):
        _bound(getattr(resource, f"RLIMIT_{name}"), limits[name])
    _bound(resource.RLIMIT_CORE, 0)
    mine = others or (threads(os.getuid()) if os.path.isdir("/proc") else 200)
    _bound(resource.RLIMIT_NPROC, mine + limits["NPROC"])


def _bound(what, value):
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS knows some of these in name only
        resource.setrlimit(what, (value, value))


@contextlib.contextmanager
def at_most(seconds, limit=None):
    """Raise TooLong in the block when the time is over; `limit` is what its message says."""

    def ring(*_):
        raise TooLong(f"longer than {limit or seconds:g} s")

    handle(SIGALRM, ring)
    setitimer(ITIMER_REAL, seconds)
    try:
        yield
    finally:
        setitimer(ITIMER_REAL, 0)


class Output(io.TextIOBase):
    """A stream that drops what is written: nobody reads what a cell prints."""

    encoding, errors, closed = "utf-8", "replace", False

    def write(self, text):
        return len(text)

    def close(self):
        """Stay open: the next cell writes as well."""

    def writable(self):
        return True

    def reconfigure(self, **_):
        """Stay as it is."""


class Channel:
    """The way to the parent and back, on descriptors of its own."""

    def __init__(self):
        self.out, self.back = os.dup(1), os.fdopen(os.dup(0))
        self.pid = os.getpid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)

    def send(self, **event):
        if os.getpid() != self.pid:
            os._exit(0)  # a fork by the student's code: it has nothing to say here
        data = (json.dumps(event) + "\n").encode()
        while data:
            data = data[os.write(self.out, data) :]

    def ask(self, **event):
        """Return the parent's answer; the cell's time stands still until it comes."""
        left, _ = setitimer(ITIMER_REAL, 0)
        try:
            self.send(**event)
            return json.loads(self.back.readline())
        finally:
            setitimer(ITIMER_REAL, left)


class Desk:
    """What `start` gives in a notebook that is graded: it records, and knows no key."""

    def __init__(self, channel, limits):
        self.channel, self.limits = channel, limits
        self.given, self.checked, self.sent = None, {}, {}
        self.space = {}  # the names of the notebook

    def start(self, name="", student="", handout="", *_, **__):
        event = {"set": str(name)[:100], "student": str(student)[:200]}
        event["handout"] = str(handout)[:100]
        self.given = self.channel.ask(start=event)
        return self.check, self.parameters, self.nothing, self.nothing

    def parameters(self, question):
        return Parameters(self.given["parameters"][name_in(question)])

    def check(self, question=None, answer=None, *_):
        name = name_in(question)
        self.checked[name] = (answer, self.space.get(name))

    def answer(self, name):
        """Return what was checked, or what the name holds if that is new since."""
        checked, before = self.checked.get(name, (None, None))
        now = self.space.get(name)
        return checked if now is None or now is before else now

    def nothing(self, *_, **__):
        """Stand for progress and submit: there is nobody to tell."""

    def collect(self, last=False):
        """Send the answers that are new; at the end, all of them once more."""
        for name in (self.given or {}).get("questions", ()):
            answer = self.answer(name)
            if answer is not None and (last or self.sent.get(name) is not answer):
                self.sent[name] = answer
                calls = self.channel.ask(calling=name)
                self.channel.send(answer=name, value=self.read(answer, calls))

    def read(self, answer, calls):
        """Return one answer as plain data, and what it gives for the calls if it is a function."""
        data, outcomes = {"unsupported": "answer that cannot be read"}, []
        try:
            with at_most(self.limits["calls"]):
                data = plain(answer)
                if calls and isinstance(data, dict) and "function" in data:
                    data["outcomes"] = outcomes
                    outcomes.extend(call(answer, arguments) for arguments in calls)
        except BaseException as error:
            outcomes.append({"error": told(error)})
        return data


def make_shell():
    """Return an IPython session without history, shell commands or windows."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """Do nothing: there is no window."""

        def system(self, command):
            print(f"not run when graded: {command}")

        system_raw = system_piped = system

    quiet = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    return Shell.instance(config=quiet)


def run_cell(shell, source, seconds):
    """Run one cell and return its first error as one line, "" if there is none.

    What stands after an import of a package that is not here, or after a command of IPython that
    fails, is run as well.
    """
    sys.stdout = sys.stderr = Output()
    first, end = None, time.monotonic() + seconds
    while source.strip() and time.monotonic() < end:
        error = None
        try:
            with at_most(max(0.1, end - time.monotonic()), seconds):
                result = shell.run_cell(source, store_history=False, silent=False)
            error = result.error_before_exec or result.error_in_exec
            rest = result.error_in_exec and after_elsewhere(
                source, shell.transform_cell(source), result.error_in_exec, first
            )
        except BaseException as raised:
            error, rest = raised, ""
        first, source = first or error, rest or ""
    return told(first) if first is not None else ""


def run_cells(desk, shell, channel, cells, seconds):
    """Run the cells in order; those that missed a name once more, as long as that helps.

    A notebook whose cells stand in another order than that in which they were run is right too.
    """
    missed = cells
    while missed:
        todo, missed = missed, []
        for number, source in todo:
            channel.send(cell=number)
            error = run_cell(shell, source, seconds)
            channel.send(ran=number, error=error)
            missed += [(number, source)] if error.startswith("NameError") else []
            desk.collect()
        if len(missed) == len(todo):
            return


def main(how):
    """Run the job that stands on the first line of the input.

    `how` is "walled" if all ends with this process, "kept" if a keeper must see to that, or the
    number of the user as whom the code is to run, below a keeper.
    """
    if how != "walled":
        keep(int(how) if how.isdigit() else None)
    site.setquit()  # what Python does by itself where it looks for packages
    site.sethelper()
    channel = Channel()
    job = json.loads(channel.back.readline())
    limit(job["limits"], job["others"])
    desk = Desk(channel, job["limits"])
    shell = make_shell()
    desk.space = shell.user_ns
    sys.modules["stragglers_course"].start = desk.start  # what a notebook imports
    sys.path.insert(0, "")  # a notebook finds modules beside it
    run_cells(desk, shell, channel, job["cells"], job["limits"]["cell"])
    if desk.given is None:
        desk.start()
    desk.collect(last=True)
    channel.send(done=True)
    os._exit(0)  # threads of the student's code may still run


if __name__ == "__main__":
    main(*sys.argv[1:])
