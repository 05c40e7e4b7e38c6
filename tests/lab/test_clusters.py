"""The laboratory on processes that are not its own, and after a kernel that was killed."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import psutil
import pytest
from distributed import Client

import stragglers as sg
from stragglers import lab

from .problems import PATIENCE, Bowl, Leaves, Struck, pids, runs, until

pytestmark = pytest.mark.slow  # they start processes
DASK = [sys.executable, "-m", "dask"]
HERE = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")  # as the chapter says
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def listening(pid):
    """Return the addresses at which a process listens."""
    found = psutil.Process(pid).net_connections("inet")
    return {entry.laddr.ip for entry in found if entry.status == psutil.CONN_LISTEN}


def start(*command):
    return subprocess.Popen([*DASK, *command], **QUIET)


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory):
    """Two workers started by hand, one at the lowest priority; return the scheduler, its file."""
    place = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    scheduler = start("scheduler", *HERE, "--port", "0", "--scheduler-file", str(place))
    options = ("--scheduler-file", str(place), "--no-nanny", "--nthreads", "1")
    workers = [start("worker", *options, *HERE, "--memory-limit", "0") for _ in range(2)]
    psutil.Process(workers[1].pid).nice(19)
    try:
        until(place.exists)
        yield scheduler, place
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()


def test_a_cluster_of_one_s_own_runs_the_same_code_and_its_workers_may_die(own_cluster, tmp_path):
    with Client(scheduler_file=str(own_cluster[1]), timeout=PATIENCE) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        levels = client.run(lambda: os.getpriority(os.PRIO_PROCESS, 0))
        assert sorted(levels.values()) == [0, 19]
        started = [own_cluster[0].pid, *client.run(os.getpid).values()]
        assert {ip for pid in started for ip in listening(pid)} == {"127.0.0.1"}
        times = np.ones((20, 2))
        found = lab.Lab(client, Bowl(), 2).run(sg.Async(2), times, unit=0)
        assert found.run.updates == sg.Async(2).replay(times).updates
        assert set(found.run.workers.ravel().tolist()) == {0, 1}
        problem = Struck(pids(client), 1, tmp_path / "own", signal.SIGKILL)
        found = lab.Lab(client, problem, 2).run(sg.Sync(2), times, unit=0)
        assert (found.lost, found.run.updates) == ((1,), 20)
        assert [(g.worker, g.row) for g in found.record if g.state == "lost"] == [(1, 2)]


def test_a_scheduler_that_dies_ends_the_run(own_cluster, tmp_path):
    scheduler, place = own_cluster
    under_way = tmp_path / "under_way"

    def kill():
        until(under_way.exists)
        scheduler.kill()

    killer = threading.Thread(target=kill)
    with Client(scheduler_file=str(place), timeout=PATIENCE, direct_to_workers=True) as client:
        killer.start()
        with pytest.raises(RuntimeError, match="the scheduler"):
            lab.Lab(client, Leaves(under_way), 1).run(sg.Sync(1), np.ones((900, 1)), unit=0.05)
        killer.join()


ABANDONED = """
import os, sys, time
from stragglers import lab

if __name__ == "__main__":
    with lab.local(1) as client:
        print(*client.run(os.getpid).values(), flush=True)
        time.sleep(600)
"""


def test_no_worker_outlives_a_kernel_that_is_killed(tmp_path):
    script = tmp_path / "abandoned.py"
    script.write_text(ABANDONED)
    kernel = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    worker = int(kernel.stdout.readline())
    assert runs(worker)
    kernel.kill()
    kernel.wait()
    kernel.stdout.close()
    until(lambda: not runs(worker))


@pytest.mark.parametrize("here", [True, False])
def test_workers_are_copies_of_a_loaded_process_where_the_system_has_that(here, monkeypatch):
    methods = ["spawn", "forkserver"] if here else ["spawn"]
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: methods)
    with lab.local(2) as client:
        parents = {psutil.Process(pid).ppid() for pid in pids(client)}
    assert len(parents) == 1
    assert (os.getpid() in parents) == (not here)
