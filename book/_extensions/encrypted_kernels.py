"""Encrypt what passes between the build and the kernels that run its notebooks.

Without it each kernel warns that others on the machine could listen.
"""

import jupyter_client
import zmq
from jupyter_client import AsyncKernelManager
from traitlets import default


class Encrypted(AsyncKernelManager):
    """A manager that gives its kernels keys, where the kernel and the library can use them."""

    @default("transport_encryption")
    def _encrypt(self):
        return "auto" if zmq.has("curve") else "disabled"


def setup(app):
    jupyter_client.AsyncKernelManager = Encrypted  # nbclient starts kernels by this name
    return {"parallel_read_safe": True, "parallel_write_safe": True}
