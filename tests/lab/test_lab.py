"""The laboratory: what must hold of a run whatever the machine does, and the faults it survives.

One cluster serves all these tests. The faults come last, and the last test closes it.
"""

import contextlib
import os
import signal
import threading

import numpy as np
import psutil
import pytest

import stragglers as sg
from stragglers import lab

from .problems import Awaits, Bowl, Faulty, Leaves, Struck, pids, runs, until

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


def dice(rows=12, m=M, seed=0):
    return np.random.default_rng(seed).exponential(size=(rows, m))


@pytest.fixture(scope="module")
def stack():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def client(stack):
    """A cluster with a worker to spare, started once."""
    return stack.enter_context(lab.local(M + 1))


@pytest.fixture
def place(client):
    return lab.Lab(client, Bowl(), M)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: type(p).__name__)
def test_a_run_is_what_its_record_says(place, protocol):
    times = dice()
    found = place.run(protocol, times, unit=UNIT, seed=5)
    expected, run = protocol.replay(times), found.run
    assert run.updates == expected.updates
    if not isinstance(protocol, sg.KAsync):  # there a later finish changes who starts anew
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
def test_k_sync_waits_for_k_different_workers_and_nothing_is_stale(place, k):
    found = place.run(sg.KSync(M, k), dice(), unit=UNIT)
    assert all(len(set(row)) == k for row in found.run.workers.tolist())
    assert found.run.mean_staleness == 0
    assert len(found.record) == 12 * M
    assert sum(gradient.state == "used" for gradient in found.record) == 12 * k


def test_sync_is_serial_sgd_bit_for_bit(place):
    found = place.run(sg.Sync(M), dice(), unit=0, step=0.2, seed=7)
    problem, x = Bowl(), Bowl.start
    for row in range(12):
        draws = [problem.gradient(x, np.random.default_rng([7, i, row])) for i in range(M)]
        total = np.zeros(2)
        for gradient in draws:
            total = total + gradient
        x = x - 0.2 * (total / M)
        assert x.tolist() == found.models[row + 1].tolist()
    assert found.losses[-1] == problem.loss(x)


def test_local_sgd_averages_the_copies(place):
    protocol = sg.LocalSGD(M, 3, delay=1)
    found = place.run(protocol, dice(), unit=UNIT, step=0.2, seed=7)
    problem, x = Bowl(), Bowl.start
    for row in range(0, 12, 3):
        copies = np.tile(x, (M, 1))
        for s in range(3):
            for i in range(M):
                rng = np.random.default_rng([7, i, row + s])
                copies[i] = copies[i] - 0.2 * problem.gradient(copies[i], rng)
        x = copies.mean(axis=0)
        np.testing.assert_allclose(found.models[row + 3], x, rtol=1e-13)


@pytest.mark.parametrize(
    ("protocol", "together"),
    [(sg.Sync(M), 1), (sg.Async(M), 0), (sg.LocalSGD(M, 3), 3)],
    ids=["Sync", "Async", "LocalSGD"],
)
def test_replaying_the_measured_trips_gives_the_run_back(place, protocol, together):
    """The trips, and how long the client took to ask anew: not nothing on a busy machine.

    together: after how many rows all workers wait for the slowest, 0 for never.
    """
    found = place.run(protocol, dice(30), unit=UNIT)
    trips = found.trips()
    np.testing.assert_allclose(found.table().times / UNIT, trips)
    assert protocol.replay(trips).elapsed <= found.run.elapsed * (1 + 1e-9)
    sent, done = np.full((2, len(trips), M), np.nan)
    for gradient in found.record:
        if gradient.row < len(trips):
            sent[gradient.row, gradient.worker] = gradient.sent / UNIT
            done[gradient.row, gradient.worker] = gradient.received / UNIT
    free = np.vstack([np.zeros(M), done[:-1]])
    if together:
        free[::together] = free[::together].max(axis=1, keepdims=True)
    gaps = sent - free
    assert gaps.min() > -1e-9
    again = protocol.replay(trips + np.maximum(gaps, 0))
    moments = [
        max(g.received for g in found.record if g.update == update) / UNIT
        for update in range(again.updates)
    ]
    np.testing.assert_allclose(again.update_times, moments, rtol=1e-9)
    assert np.all(found.run.update_times[: again.updates] >= again.update_times * (1 - 1e-9))


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
    client, place, value, error, message, protocol
):
    with pytest.raises(error, match=message) as caught:
        lab.Lab(client, Faulty(value), M).run(protocol, dice(), unit=UNIT)
    assert caught.value.so_far is None
    assert place.run(sg.Sync(M), dice(3), unit=0).run.updates == 3


def test_an_interrupt_ends_the_run(client, place, tmp_path):
    under_way = tmp_path / "under_way"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it

    def interrupt():
        until(under_way.exists)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        thread.start()
        lab.Lab(client, Leaves(under_way), M).run(sg.Async(M), dice(500), unit=0.1)
    thread.join()
    signal.signal(signal.SIGINT, before)
    assert place.run(sg.Sync(M), dice(3), unit=0).run.updates == 3


def test_a_run_of_one_update_has_its_estimates(place):
    run = place.run(sg.Async(M), dice(1), unit=0).run
    assert (run.updates, run.gradient_staleness.tolist(), run.mean_staleness) == (1, [[0]], 0)
    assert run.time_per_update == run.update_times[0]


def test_two_labs_at_once_do_not_disturb_each_other(place):
    results = {}

    def run(seed):
        results[seed] = place.run(sg.Sync(M), dice(), unit=UNIT, seed=seed)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, found in results.items():
        alone = place.run(sg.Sync(M), dice(), unit=0, seed=seed)
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
def test_bad_arguments_are_refused(place, arguments, named, error, message):
    with pytest.raises(error, match=message):
        place.run(*arguments, **named)


def test_more_workers_than_the_cluster_has_are_refused(client):
    with pytest.raises(ValueError, match="m must be at most the 5 workers of the cluster, got 6"):
        lab.Lab(client, Bowl(), 6)
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


def strike(client, victim, number, labs, place):
    """Run labs at once, strike a worker in the first of them; return their runs or errors.

    Its third gradient would take for ever by the dice, so that the replay ends without it.
    """
    processes, found = pids(client), {}

    def run(name, number=None):
        kind, protocol, options = labs[name]
        own = place / name
        own.mkdir()
        problem = kind(processes[: protocol.m], victim, own, number)
        rows = dice(24 if kind is Struck else 100, protocol.m)
        rows[2:, victim] *= 1000
        try:
            found[name] = lab.Lab(client, problem, protocol.m).run(protocol, rows, **options)
        except Exception as error:
            found[name] = error

    first, *others = labs
    threads = [threading.Thread(target=run, args=(name,)) for name in others]
    for thread in threads:
        thread.start()
    try:
        until(lambda: all((place / name / "ready").exists() for name in others))
        run(first, number)
        for thread in threads:
            thread.join()
    finally:
        if number == signal.SIGSTOP:
            os.kill(processes[victim], signal.SIGCONT)
    return found


@pytest.fixture(scope="module")
def hung(client, tmp_path_factory):
    """What three labs found in which worker 3 stopped: Sync is not patient."""
    labs = {
        "Sync": (Struck, sg.Sync(M), {"unit": UNIT, "timeout": 2}),
        "KSync": (Struck, sg.KSync(M, 2), {"unit": UNIT}),
        "Async": (Struck, sg.Async(M), {"unit": UNIT}),
    }
    return strike(client, 3, signal.SIGSTOP, labs, tmp_path_factory.mktemp("hung"))


def test_a_worker_that_hangs_stops_sync(hung):
    assert isinstance(hung["Sync"], TimeoutError), hung
    assert str(hung["Sync"]) == "no answer for 2 s from worker [3]"
    so_far = hung["Sync"].so_far
    assert so_far.run.updates == 2  # it hung with its third gradient
    last = {gradient.worker: gradient.state for gradient in so_far.record if gradient.row == 2}
    assert last == {0: "late", 1: "late", 2: "late", 3: "cancelled"}


@pytest.mark.parametrize("name", ["KSync", "Async"])
def test_a_worker_that_hangs_does_not_stop_the_others(hung, name):
    found = hung[name]
    assert isinstance(found, lab.LabRun), found
    assert found.run.updates > 9
    assert 3 not in found.run.workers[-3:]
    assert "asked" not in {gradient.state for gradient in found.record}


@pytest.fixture(scope="module")
def killed(client, tmp_path_factory):
    """What eight labs found in which the process of worker 0 was killed, all at the same time."""
    go_on, quick = {"unit": UNIT}, {"unit": 0, "lost": "replace"}
    labs = {
        "Sync": (Struck, sg.Sync(M), go_on),
        "Async": (Struck, sg.Async(M), go_on),
        "KAsync": (Struck, sg.KAsync(M, 2), go_on),
        "LocalSGD": (Struck, sg.LocalSGD(M, 3), go_on),
        "Sync, replace": (Awaits, sg.Sync(M), quick),
        "Async, replace": (Awaits, sg.Async(M), quick),
        "raise": (Struck, sg.Async(M), {"unit": UNIT, "lost": "raise"}),
        "nobody left": (Struck, sg.Sync(1), go_on),
    }
    return strike(client, 0, signal.SIGKILL, labs, tmp_path_factory.mktemp("killed"))


@pytest.mark.parametrize("name", ["Sync", "Async", "KAsync", "LocalSGD"])  # one of each loop
def test_a_killed_worker_s_gradient_is_in_the_record_and_the_others_go_on(killed, name):
    found = killed[name]
    assert isinstance(found, lab.LabRun), found
    assert (found.lost, found.replaced) == ((0,), ())
    lost = [(g.worker, g.row) for g in found.record if g.state == "lost"]
    assert lost == [(0, 0 if name == "LocalSGD" else 2)]  # a round is asked for as one
    assert found.run.updates > 9
    assert 0 not in found.run.workers[-1]
    assert {1, 2, 3} <= set(found.run.workers.ravel().tolist())


@pytest.mark.parametrize("name", ["Sync, replace", "Async, replace"])
def test_a_spare_process_takes_the_place_of_a_killed_one(killed, name):
    found = killed[name]
    assert isinstance(found, lab.LabRun), found
    assert (found.lost, found.replaced) == ((0,), (0,))
    own = [gradient for gradient in found.record if gradient.worker == 0]
    assert [gradient.row for gradient in own if gradient.state == "lost"] == [2]
    assert any(gradient.state == "used" and gradient.row > 2 for gradient in own)
    rows = [gradient.row for gradient in own]
    assert rows == list(range(len(rows)))  # the newcomer goes on where the dead one was
    if name.startswith("Sync"):
        assert sorted(found.run.workers[-1]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("name", "message"),
    [("raise", "worker 0 is gone"), ("nobody left", "every worker is gone")],
)
def test_who_cannot_or_does_not_want_to_go_on_is_told(killed, name, message):
    assert isinstance(killed[name], RuntimeError), killed
    assert str(killed[name]) == message
    so_far = killed[name].so_far
    assert so_far.lost == (0,)
    assert [g.row for g in so_far.record if g.state == "lost"] == [2]
    assert so_far.run.updates >= 2


def test_nothing_is_left_behind_even_after_an_error_and_a_stopped_process(client, stack, capfd):
    port = int(client.scheduler.address.rsplit(":", 1)[1])
    started = pids(client)
    os.kill(started[0], signal.SIGSTOP)
    with pytest.raises(ZeroDivisionError), stack:
        raise ZeroDivisionError
    until(lambda: not any(psutil.pid_exists(pid) and alive(pid) for pid in started))
    listening = {c.laddr.port for c in psutil.Process().net_connections() if c.status == "LISTEN"}
    assert port not in listening
    assert capfd.readouterr().err == ""


def alive(pid):
    """Return whether a process is there, running or stopped."""
    return runs(pid) or (
        psutil.pid_exists(pid) and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    )
