"""The process above a student's code, which lets nothing that the code started outlive it.

Linux only: what loses its parent falls to the nearest ancestor that has asked to adopt. The keeper
has asked; so whatever session, name or environment a process takes, it stays below the keeper.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

DIE_WITH_PARENT, READABLE, ADOPT = 1, 4, 36  # options of prctl, see <linux/prctl.h>
SIGNALS = {signal.SIGTERM, signal.SIGCHLD}


def keep(user=None):
    """Go on as a child of this process, which stays behind as the keeper of all that is started.

    The child becomes `user` (a number; needs root), which then cannot harm the keeper. The keeper
    ends on SIGTERM, which it also gets when its own parent dies: it kills all that is below it
    until the kernel says that there is nothing left.
    """
    if not sys.platform.startswith("linux"):
        become(user)
        return
    prctl = ctypes.CDLL(None).prctl
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    prctl(DIE_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
    prctl(ADOPT, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.setpgid(0, 0)
        become(user)
        prctl(READABLE, 1, 0, 0, 0)  # a change of user hides a process from itself
        return
    os.closerange(0, 3)  # the pipes end when the child's do
    while signal.sigwait(SIGNALS) != signal.SIGTERM:
        reap()
    end({child: child})  # most of it at one blow: reading the list takes long beside many
    while reap():
        end(below({os.getpid()}))
        time.sleep(0.002)
    os._exit(0)


def become(user):
    """Give up root for `user`; do nothing if it is None."""
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def reap():
    """Take the children that have ended; return whether there are others.

    The kernel answers for all of them at once, so no process can hide by having its parent die
    while a list is read.
    """
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def below(roots, mark=None):
    """Return {id: process group} of what runs below `roots`, or bears `mark` in its environment.

    It is read process by process, so it can miss one whose parent ends meanwhile.
    """
    parents, groups, found = {}, {}, set(roots)
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                if stat[0] == "Z":
                    continue
                parents[int(entry)], groups[int(entry)] = int(stat[1]), int(stat[2])
                if mark and mark.encode() in Path(f"/proc/{entry}/environ").read_bytes():
                    found.add(int(entry))
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: groups[pid] for pid in found - set(roots) if pid in groups}


def threads(user):
    """Return how many threads `user` has on this machine, which the kernel's limit counts too."""
    found = 0
    for entry in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{entry}").st_uid == user:
                found += len(os.listdir(f"/proc/{entry}/task"))
    return found


def end(members):
    """Kill processes, given as {id: process group}, and their groups, but not our own group."""
    for member, group in members.items():
        for kill, target in ((os.killpg, group), (os.kill, member)):
            if target != os.getpgrp():
                with contextlib.suppress(OSError):
                    kill(target, signal.SIGKILL)
