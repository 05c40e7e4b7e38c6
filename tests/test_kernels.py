"""Kernels that are copies of a loaded process, as nbval has them here, beside new ones."""

import json
from contextlib import nullcontext

from jupyter_client.manager import start_new_kernel

from . import kernels

ABOUT = """import json, os, sys
known = "stragglers" in sys.modules
import matplotlib.pyplot, stragglers
seen = sys.path, os.getcwd(), os.environ.get("HERE"), matplotlib.get_backend(), stragglers.__file__
print(json.dumps([known, seen]))
"""


def asked(start, folder):
    """Return what a kernel in a folder says of itself: whether it knows the package, and more."""
    said = []
    with start:
        manager, client = start_new_kernel(cwd=str(folder), env={"HERE": "it is"})
    try:
        client.execute_interactive(
            ABOUT, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert not manager.is_alive()
    return json.loads("".join(said))


def test_a_copy_is_like_a_new_kernel_but_has_loaded_the_package(tmp_path):
    knows, copy = asked(kernels.instead_of_new_ones(), tmp_path)
    knew, new = asked(nullcontext(), tmp_path)
    assert (knows, knew) == (True, False)
    assert copy == new
