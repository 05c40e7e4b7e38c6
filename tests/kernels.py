"""Kernels as copies of a process that has loaded what notebooks load, in the place of new ones.

The build of the book, JupyterLab and the exports start each kernel anew, as readers do.
"""

import contextlib
import os
import sys

import pytest
from jupyter_client.provisioning import local_provisioner

from . import copies

BACKEND = "module://matplotlib_inline.backend_inline"
LOADED = "ipykernel.kernelapp", "ipywidgets", "stragglers.explorer", "stragglers.figures"


@contextlib.contextmanager
def instead_of_new_ones():
    """Have kernels begin as copies within the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_provisioner, "launch_kernel", start)
        yield


def start(command, stderr=None, env=None, cwd=None, **_):
    """Do what `jupyter_client.launcher.launch_kernel` does, with a copy."""
    asked = {"command": command, "env": dict(env or os.environ), "cwd": cwd or os.getcwd()}
    with open(os.devnull, "r+b") as nothing:
        pipes = [nothing.fileno()] * 2 + [(stderr or nothing).fileno()]
        return copies.start(f"{__name__}:become", asked, pipes, BACKEND, LOADED)


def become(asked, pipes):
    """Be the kernel of a command `python -m ipykernel_launcher ...`."""
    from ipykernel import kernelapp

    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ |= asked["env"] | {"JPY_PARENT_PID": str(os.getppid())}
    sys.path[:] = copies.installed()
    os.chdir(asked["cwd"])
    sys.argv = asked["command"][2:]
    kernelapp.launch_new_instance()
