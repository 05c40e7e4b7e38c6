"""Submissions in copies of a process that has loaded everything, in the place of new ones.

Where the wall is not, `instead_of_new_ones` has them run so: the rest of the sandbox, its keeper
and its limits are the same.
"""

import contextlib
import os

import pytest

from stragglers_course.sandbox import child
from stragglers_course.sandbox import run as sandbox

from .. import copies

LOADED = "IPython.core.interactiveshell", "matplotlib.pyplot", "numpy", "scipy.stats", "stragglers"


@contextlib.contextmanager
def instead_of_new_ones():
    """Have submissions begin as copies within the block."""
    copies.original("Agg", *LOADED, __name__)  # here, and not in each process that grades a folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "start", start)
        yield


def start(folder, box, mark):
    """Do what `sandbox.start` does, with a copy in the place of a new Python."""
    there, job = os.pipe()
    answers, here = os.pipe()
    asked = {"folder": folder, "mark": mark}
    copy = copies.start(f"{__name__}:become", asked, [there, here], "Agg", (*LOADED, __name__))
    os.close(there)
    os.close(here)
    copy.stdin, copy.stdout = os.fdopen(job, "wb", 0), os.fdopen(answers, "rb", 0)
    return copy


def become(asked, pipes):
    """Run the job that comes through the first pipe, as a new process would."""
    os.chdir(asked["folder"])
    for number, pipe in enumerate([*pipes, os.open(os.devnull, os.O_WRONLY)]):
        os.dup2(pipe, number)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ |= {"PATH": os.defpath, "HOME": asked["folder"], "TMPDIR": asked["folder"]}
    os.environ |= {"STRAGGLERS_RUN": asked["mark"], "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}
    child.main("kept")
