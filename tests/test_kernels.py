"""Kernels that are copies of a loaded process, as nbval has them here."""

import json

from jupyter_client.manager import start_new_kernel

from . import kernels
from .conftest import ROOT

ABOUT = """import json, os, sys
known = "stragglers" in sys.modules
import matplotlib.pyplot
print(json.dumps([known, sys.path, os.getcwd(), os.environ.get("HERE"), matplotlib.get_backend()]))
"""


def test_a_copy_is_like_a_new_kernel_but_has_loaded_the_package(tmp_path):
    said = []
    with kernels.instead_of_new_ones():
        manager, client = start_new_kernel(cwd=str(tmp_path), env={"HERE": "it is"})
    try:
        client.execute_interactive(
            ABOUT, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    known, path, here, variable, backend = json.loads("".join(said))
    assert known
    assert str(ROOT) not in path
    assert str(ROOT / "tests") not in path
    assert (here, variable) == (str(tmp_path), "it is")
    assert "inline" in backend
    assert not manager.is_alive()
