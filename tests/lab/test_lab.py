"""The laboratory: what must hold of a run whatever the machine does, and the faults it survives."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from distributed import Client

import stragglers as sg
from stragglers import lab

pytestmark = pytest.mark.slow  # they start processes
M, UNIT = 4, 0.01
PROTOCOLS = [
    sg.Sync(M),
    sg.KSync(M, 2),
    sg.Async(M),
    sg.KBatchAsync(M, 3),
    sg.KAsync(M, 2),
    sg.LocalSGD(M, 3),
]


class Bowl:
    """|x|^2 / 2 with noisy gradients."""

    start = np.array([3.0, -2.0])

    def gradient(self, x, rng):
        return x + rng.normal(size=x.shape)

    def loss(self, x):
        return float(x @ x / 2)


class Faulty(Bowl):
    def __init__(self, value):
        self.value = value

    def gradient(self, x, rng):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Strikes(Bowl):
    """The processes in the list send themselves a signal when they are asked for the third time."""

    def __init__(self, processes, number):
        self.processes, self.number, self.asked = processes, number, 0

    def gradient(self, x, rng):
        self.asked += 1
        if self.asked == 3 and os.getpid() in self.processes:
            os.kill(os.getpid(), self.number)
        return super().gradient(x, rng)


class Leaves(Bowl):
    """Each gradient leaves a file that says that the run is under way."""

    def __init__(self, path):
        self.path = path

    def gradient(self, x, rng):
        self.path.touch()
        return super().gradient(x, rng)


def dice(rows=12, seed=0):
    return np.random.default_rng(seed).exponential(size=(rows, M))


class Cluster:
    """A cluster that is whole again before every test."""

    def __init__(self):
        self.stack = None

    def whole(self):
        """Return its client; start it anew where the nannies do not bring a killed worker back."""
        deadline = time.time() + 20
        while self.stack and len(self.client.ncores()) < M and time.time() < deadline:
            time.sleep(0.1)
        if self.stack is None or len(self.client.ncores()) < M:
            self.close()
            self.stack = contextlib.ExitStack()
            self.client = self.stack.enter_context(lab.local(M))
        return self.client

    def close(self):
        if self.stack:
            self.stack.close()
            self.stack = None


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def client(cluster):
    return cluster.whole()


def pids(client):
    """Return the processes of the workers in the order of the laboratory's numbers."""
    found = client.run(os.getpid)
    return [found[address] for address in sorted(found)]


def when(path, act):
    """Act once the file is there; return the thread that waits for it."""

    def wait():
        deadline = time.time() + 60
        while not path.exists() and time.time() < deadline:
            time.sleep(0.05)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: type(p).__name__)
def test_a_run_is_what_its_record_says(client, protocol):
    times = dice()
    found = lab.Lab(client, Bowl(), M).run(protocol, times, unit=UNIT, seed=5)
    expected, run = protocol.replay(times), found.run
    assert run.updates == expected.updates
    assert np.all(run.update_times >= expected.update_times - 0.05)  # no clock runs ahead
    assert np.all(np.diff(run.update_times) >= 0)
    assert len(found.losses) == len(found.models) == run.updates + 1
    assert found.lost == ()
    assert {gradient.state for gradient in found.record} <= {"used", "late", "cancelled"}
    for update in range(run.updates):
        own = sorted(
            (g for g in found.record if g.update == update), key=lambda gradient: gradient.worker
        )
        assert sorted(run.workers[update]) == [gradient.worker for gradient in own]
        assert len(own) == protocol.gradients_per_update
        stale = np.mean([update - gradient.version for gradient in own])
        assert run.staleness[update] == pytest.approx(stale, abs=1e-12)
    rows = sorted((gradient.worker, gradient.row) for gradient in found.record)
    assert len(set(rows)) == len(rows)  # nobody was asked twice for the same


@pytest.mark.parametrize("k", [1, 2, 3])
def test_k_sync_waits_for_k_different_workers_and_nothing_is_stale(client, k):
    found = lab.Lab(client, Bowl(), M).run(sg.KSync(M, k), dice(), unit=UNIT)
    assert all(len(set(row)) == k for row in found.run.workers.tolist())
    assert found.run.mean_staleness == 0
    assert len(found.record) == 12 * M
    assert sum(gradient.state == "used" for gradient in found.record) == 12 * k


def test_sync_is_serial_sgd_bit_for_bit(client):
    found = lab.Lab(client, Bowl(), M).run(sg.Sync(M), dice(), unit=0, step=0.2, seed=7)
    problem, x = Bowl(), Bowl.start
    for row in range(12):
        draws = [problem.gradient(x, np.random.default_rng([7, i, row])) for i in range(M)]
        total = np.zeros(2)
        for gradient in draws:
            total = total + gradient
        x = x - 0.2 * (total / M)
        assert x.tolist() == found.models[row + 1].tolist()
    assert found.losses[-1] == problem.loss(x)


def test_local_sgd_averages_the_copies(client):
    protocol = sg.LocalSGD(M, 3, delay=1)
    found = lab.Lab(client, Bowl(), M).run(protocol, dice(), unit=UNIT, step=0.2, seed=7)
    problem, x = Bowl(), Bowl.start
    for row in range(0, 12, 3):
        copies = np.tile(x, (M, 1))
        for s in range(3):
            for i in range(M):
                rng = np.random.default_rng([7, i, row + s])
                copies[i] = copies[i] - 0.2 * problem.gradient(copies[i], rng)
        x = copies.mean(axis=0)
        np.testing.assert_allclose(found.models[row + 3], x, rtol=1e-13)


@pytest.mark.parametrize("protocol", [sg.Sync(M), sg.Async(M)], ids=["Sync", "Async"])
def test_replaying_the_measured_trips_gives_the_run_back(client, protocol):
    """The trips, and how long the client took to ask anew: not nothing on a busy machine."""
    found = lab.Lab(client, Bowl(), M).run(protocol, dice(30), unit=0.02)
    trips = found.trips(M)
    np.testing.assert_allclose(found.table(M).times / 0.02, trips)
    assert protocol.replay(trips).elapsed <= found.run.elapsed * 1.001
    sent, received = (np.full((len(trips) + 1, M), np.nan) for _ in range(2))
    for gradient in found.record:
        if gradient.row <= len(trips):
            sent[gradient.row, gradient.worker] = gradient.sent
            received[gradient.row, gradient.worker] = gradient.received
    done = received[:-1]
    if isinstance(protocol, sg.Sync):  # all are asked when the last has answered
        done = np.tile(done.max(axis=1, keepdims=True), M)
    gaps = np.nan_to_num(sent[1:] - done) / 0.02
    assert gaps.min() >= 0
    again = protocol.replay(trips + gaps)
    updates = min(again.updates, found.run.updates)
    assert again.update_times[updates - 1] == pytest.approx(
        found.run.update_times[updates - 1], rel=0.05
    )


LOOPS = [sg.Sync(M), sg.Async(M), sg.KAsync(M, 2), sg.LocalSGD(M, 3)]  # one of each loop


@pytest.mark.parametrize("protocol", LOOPS, ids=lambda p: type(p).__name__)
def test_a_killed_worker_s_gradient_is_in_the_record_and_the_others_go_on(client, protocol):
    problem = Strikes([pids(client)[1]], signal.SIGKILL)
    found = lab.Lab(client, problem, M).run(protocol, dice(24), unit=UNIT, timeout=30)
    assert found.lost == (1,)
    lost = [gradient.worker for gradient in found.record if gradient.state == "lost"]
    assert set(lost) == {1}  # under K-sync it may owe several answers
    assert found.run.updates > 9
    assert 1 not in found.run.workers[-1]
    assert {0, 2, 3} <= set(found.run.workers.ravel().tolist())


@pytest.mark.parametrize("protocol", [sg.Sync(3), sg.Async(3)], ids=["Sync", "Async"])
def test_a_spare_process_takes_the_place_of_a_killed_one(client, protocol):
    problem, times = Strikes([pids(client)[1]], signal.SIGKILL), dice(100)[:, :3]
    found = lab.Lab(client, problem, 3).run(protocol, times, unit=0.03, lost="replace")
    assert (found.lost, found.replaced) == ((1,), (1,))
    own = [gradient for gradient in found.record if gradient.worker == 1]
    lost = [gradient.row for gradient in own if gradient.state == "lost"]
    assert lost == [2]
    assert any(gradient.state == "used" and gradient.row > 2 for gradient in own)
    rows = [gradient.row for gradient in own]
    assert rows == list(range(len(rows)))  # the newcomer goes on where the dead one was
    if isinstance(protocol, sg.Sync):
        assert sorted(found.run.workers[-1]) == [0, 1, 2]


def test_who_does_not_want_to_go_on_is_told(client):
    problem = Strikes([pids(client)[2]], signal.SIGKILL)
    with pytest.raises(RuntimeError, match="worker 2 is gone"):
        lab.Lab(client, problem, M).run(sg.Async(M), dice(99), unit=0.02, lost="raise")


def test_a_worker_that_hangs_stops_sync(client):
    stopped = pids(client)[3]
    problem = Strikes([stopped], signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError, match=r"no answer for 2 s from worker \[3\]"):
            lab.Lab(client, problem, M).run(sg.Sync(M), dice(), unit=UNIT, timeout=2)
    finally:
        os.kill(stopped, signal.SIGCONT)


@pytest.mark.parametrize("protocol", [sg.KSync(M, 2), sg.Async(M)], ids=["KSync", "Async"])
def test_a_worker_that_hangs_does_not_stop_the_others(client, protocol):
    stopped = pids(client)[3]
    problem = Strikes([stopped], signal.SIGSTOP)
    try:
        found = lab.Lab(client, problem, M).run(protocol, dice(), unit=UNIT, timeout=3)
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert found.run.updates > 9
    assert 3 not in found.run.workers[-3:]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (ZeroDivisionError("no such luck"), ZeroDivisionError, "no such luck"),
        (np.array([1.0, np.nan]), ValueError, "gradient must return finite numbers"),
        (np.ones(3), ValueError, r"gradient must return shape \(2,\), got \(3,\)"),
        ("three", ValueError, "could not convert"),
    ],
    ids=["raises", "nan", "shape", "text"],
)
@pytest.mark.parametrize("protocol", [sg.KSync(M, 2), sg.LocalSGD(M, 3)], ids=["KSync", "LocalSGD"])
def test_a_wrong_gradient_is_an_error_and_the_next_run_is_well(
    client, value, error, message, protocol
):
    with pytest.raises(error, match=message):
        lab.Lab(client, Faulty(value), M).run(protocol, dice(), unit=UNIT)
    assert lab.Lab(client, Bowl(), M).run(sg.Sync(M), dice(3), unit=0).run.updates == 3


def test_an_interrupt_ends_the_run(client, tmp_path):
    under_way = tmp_path / "under_way"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        strike = when(under_way, lambda: os.kill(os.getpid(), signal.SIGINT))
        lab.Lab(client, Leaves(under_way), M).run(sg.Async(M), dice(500), unit=0.1)
    strike.join()
    signal.signal(signal.SIGINT, before)
    assert lab.Lab(client, Bowl(), M).run(sg.Sync(M), dice(3), unit=0).run.updates == 3


def test_two_labs_at_once_do_not_disturb_each_other(client):
    results = {}

    def run(seed):
        results[seed] = lab.Lab(client, Bowl(), M).run(sg.Sync(M), dice(), unit=UNIT, seed=seed)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, found in results.items():
        alone = lab.Lab(client, Bowl(), M).run(sg.Sync(M), dice(), unit=0, seed=seed)
        assert found.models.tolist() == alone.models.tolist()


@pytest.mark.parametrize(
    ("arguments", "named", "error", "message"),
    [
        ((sg.Sync(3), dice()), {}, ValueError, "protocol must be for the 4 workers, got Sync"),
        ((sg.Sync(M), dice()[:, :3]), {}, ValueError, r"times must have shape \(rows, m=4\)"),
        ((sg.KBatchSync(M, 2), dice()), {}, NotImplementedError, "the laboratory runs Sync"),
        ((sg.Sync(M), dice()), {"unit": -1}, ValueError, "unit must be a positive"),
        ((sg.Sync(M), dice()), {"step": 0}, ValueError, "step must be a positive"),
        (
            (sg.Sync(M), dice()),
            {"lost": "cry"},
            ValueError,
            "lost must be one of 'go on', 'replace', 'raise'",
        ),
    ],
)
def test_bad_arguments_are_refused(client, arguments, named, error, message):
    with pytest.raises(error, match=message):
        lab.Lab(client, Bowl(), M).run(*arguments, **named)


def test_more_workers_than_the_cluster_has_are_refused(client):
    with pytest.raises(ValueError, match="m must be at most the 4 workers of the cluster, got 5"):
        lab.Lab(client, Bowl(), 5)
    with pytest.raises(TypeError, match="problem must have start, gradient and loss"):
        lab.Lab(client, object(), M)


def test_nobody_else_can_listen_in(client):
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    heard = set()
    for process in processes:
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                heard.add(connection.laddr.ip)
    assert heard == {"127.0.0.1"}


def test_nothing_is_left_behind_even_after_an_error_and_a_stopped_process(capfd):
    with pytest.raises(ZeroDivisionError), lab.local(2) as client:  # noqa: PT012
        port = int(client.scheduler.address.rsplit(":", 1)[1])
        started = pids(client)
        os.kill(started[0], signal.SIGSTOP)
        raise ZeroDivisionError
    gone = time.time() + 10
    while any(psutil.pid_exists(pid) and _runs(pid) for pid in started):
        assert time.time() < gone
        time.sleep(0.1)
    listening = {c.laddr.port for c in psutil.Process().net_connections() if c.status == "LISTEN"}
    assert port not in listening
    assert capfd.readouterr().err == ""


def _runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_dead_only_worker_or_scheduler_ends_the_run(tmp_path):
    with lab.local(1) as client:
        problem, first = Strikes(pids(client), signal.SIGKILL), client.ncores()
        with pytest.raises(RuntimeError, match="every worker is gone"):
            lab.Lab(client, problem, 1).run(sg.Sync(1), np.ones((24, 1)), unit=UNIT)
        until(lambda: client.ncores() and client.ncores().keys() != first.keys())
        under_way = tmp_path / "under_way"
        stop = when(under_way, lambda: _close_scheduler(client))
        with pytest.raises(RuntimeError, match="the scheduler"):
            lab.Lab(client, Leaves(under_way), 1).run(sg.Sync(1), np.ones((900, 1)), unit=0.05)
        stop.join()


def _close_scheduler(client):
    client.cluster.loop.add_callback(client.cluster.scheduler.close)


DASK = [sys.executable, "-m", "dask"]
HERE = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


def test_a_cluster_of_one_s_own_runs_the_same_code(tmp_path):
    """A scheduler and two workers started by hand, one of them at the lowest priority."""
    place = tmp_path / "scheduler.json"
    started = [start("scheduler", *HERE, "--port", "0", "--scheduler-file", str(place))]
    try:
        for niceness in (0, 19):
            options = ("--scheduler-file", str(place), "--no-nanny", "--nthreads", "1")
            worker = start("worker", *options, *HERE, "--memory-limit", "0")
            started.append(worker)
            psutil.Process(worker.pid).nice(niceness)
        until(place.exists)
        with Client(scheduler_file=str(place), timeout=90, direct_to_workers=True) as client:
            client.wait_for_workers(2, timeout=90)
            levels = client.run(lambda: os.getpriority(os.PRIO_PROCESS, 0))
            found = lab.Lab(client, Bowl(), 2).run(sg.Async(2), np.ones((50, 2)), unit=0)
        assert sorted(levels.values()) == [0, 19]
        assert found.run.updates == sg.Async(2).replay(np.ones((50, 2))).updates
        assert set(found.run.workers.ravel().tolist()) == {0, 1}
    finally:
        for process in started:
            process.kill()
            process.wait()


def start(*command):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*DASK, *command], **quiet)


def until(holds, patience=90):
    deadline = time.time() + patience
    while not holds():
        assert time.time() < deadline
        time.sleep(0.05)


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
    assert _runs(worker)
    kernel.kill()
    kernel.wait()
    kernel.stdout.close()
    until(lambda: not _runs(worker))
