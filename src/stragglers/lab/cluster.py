"""A cluster of processes on this machine that listens to nobody else and leaves nothing behind."""

import contextlib
import logging
import multiprocessing
import os
import signal

import dask
from distributed import Client, LocalCluster
from distributed.utils import get_mp_context

from ..checks import check_count

PATIENCE = 10  # seconds that closing may take before processes are killed
# A process that is long in coming back, on a busy machine, must not be given up for good
PATIENT = {"distributed.deploy.lost-worker-timeout": "1 hour"}
COPIES, LOADED = "forkserver", ["distributed", "stragglers.training", "stragglers.lab.worker"]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@contextlib.contextmanager
def local(m):
    """Yield a client of m worker processes on this machine, for a `with` block.

    All ports are on 127.0.0.1: whoever reaches the port of a scheduler can run code as you. A
    cluster of your own (`dask scheduler`, `dask worker`, then `Client(address)`) wants TLS and a
    closed network. In a script, call it under `if __name__ == "__main__":`, for the processes
    import it. Starting takes some seconds, less the second time. Whatever happens in the block, no
    worker stays.
    """
    m = check_count("m", m)
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL)
    cluster = client = None
    try:
        with dask.config.set(PATIENT | _copied()):
            cluster = LocalCluster(
                n_workers=m,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=logging.CRITICAL,
                env=ONE_THREAD,
            )
            client = Client(cluster, direct_to_workers=True)
            yield client
    finally:
        _close(client, cluster)
        log.setLevel(level)


def _copied():
    """Return the setting with which workers are copies of one process that has loaded everything.

    A worker on its own loads dask and this package anew, which takes seconds. Not on Windows.
    """
    if COPIES not in multiprocessing.get_all_start_methods():
        return {}
    setting = {"distributed.worker.multiprocessing-method": COPIES}
    with dask.config.set(setting):
        get_mp_context().set_forkserver_preload(LOADED)  # after dask has said what it wants
    return setting


def _close(client, cluster):
    """Close both in bounded time; wake stopped processes first, kill what is left."""
    processes = [] if cluster is None else _processes(cluster)
    for process in processes:
        _signal(process, getattr(signal, "SIGCONT", None))
    for closing in (client, cluster):
        with contextlib.suppress(Exception):
            if closing is not None:
                closing.close(timeout=PATIENCE)
    for process in processes:
        _signal(process, getattr(signal, "SIGKILL", None))


def _processes(cluster):
    """Return the processes of the workers that their nannies still watch."""
    nannies = [getattr(nanny, "process", None) for nanny in cluster.workers.values()]
    running = [getattr(nanny, "process", None) for nanny in nannies if nanny is not None]
    return [process for process in running if process is not None]


def _signal(process, number):
    """Send a signal to a process of ours that has not ended: its number is still its own."""
    if number is not None and process.is_alive():
        with contextlib.suppress(OSError):
            os.kill(process.pid, number)
