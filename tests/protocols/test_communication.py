"""The cost of communication: against the facts, and against executing the algorithms."""

import numpy as np
import pytest

import stragglers as sg

from ..conftest import FACTS

LINK = {"latency": 50e-6, "bandwidth": 1.25e9}


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def test_the_costs_agree_with_the_facts():
    assert sg.parameter_server(16, 102.4e6, **LINK) == fact("comm.ps.p16")
    assert sg.ring_beats_tree_above(16, **LINK) == fact("comm.ring_vs_tree.bytes.p16")
    assert sg.ring_all_reduce(16, 0, latency=1, bandwidth=1) == fact("comm.ring.steps.p16")
    assert sg.ring_all_reduce(16, 102.4e6, **LINK) == pytest.approx(0.15510, abs=5e-6)


def ring(chunks):
    """Execute a ring all-reduce, chunks[i][j] piece j on worker i; return steps, pieces a link."""
    m, steps, sent = len(chunks), 0, 0
    for shift, combine in ((0, np.add), (1, lambda mine, theirs: theirs)):
        for step in range(m - 1):
            moved = {}
            for i in range(m):
                j = (i + shift - step) % m
                moved[(i + 1) % m, j] = chunks[i][j]
            for (i, j), piece in moved.items():
                chunks[i][j] = combine(chunks[i][j], piece)
            steps, sent = steps + 1, sent + 1  # all links at once: one piece on each
    return steps, sent


@pytest.mark.parametrize("m", [2, 3, 4, 7])
def test_the_ring_costs_what_executing_it_counts(m):
    start = np.random.default_rng(0).integers(100, size=(m, m)).astype(float)
    chunks = [list(row) for row in start]
    steps, sent = ring(chunks)
    assert np.allclose(chunks, start.sum(axis=0))
    counted = steps * 3.0 + sent * (600 / m) / 10.0
    assert sg.ring_all_reduce(m, 600, latency=3, bandwidth=10) == pytest.approx(counted)


def halving_and_doubling(values):
    """Execute a recursive halving and doubling on m = 2^q workers; return steps, pieces a link."""
    m, pieces = len(values), values.shape[1]
    have = [slice(0, pieces)] * m
    steps, sent, distance = 0, 0, m // 2
    while distance:
        before = values.copy()
        for i in range(m):
            middle = (have[i].start + have[i].stop) // 2
            low = slice(have[i].start, middle)
            have[i] = low if i & distance == 0 else slice(middle, have[i].stop)
            values[i, have[i]] += before[i ^ distance, have[i]]
        steps, sent = steps + 1, sent + (have[0].stop - have[0].start)
        distance //= 2
    distance = 1
    while distance < m:
        before, old = values.copy(), list(have)
        for i in range(m):
            values[i, old[i ^ distance]] = before[i ^ distance, old[i ^ distance]]
            both = old[i], old[i ^ distance]
            have[i] = slice(min(s.start for s in both), max(s.stop for s in both))
        steps, sent = steps + 1, sent + (old[0].stop - old[0].start)
        distance *= 2
    return steps, sent


@pytest.mark.parametrize("m", [2, 4, 16])
def test_halving_and_doubling_costs_what_executing_it_counts(m):
    start = np.random.default_rng(0).integers(100, size=(m, 4 * m)).astype(float)
    values = start.copy()
    steps, sent = halving_and_doubling(values)
    assert np.allclose(values, start.sum(axis=0))
    counted = steps * 3.0 + sent * 8 / 10.0
    size = 8 * start.shape[1]
    assert sg.halving_doubling(m, size, latency=3, bandwidth=10) == pytest.approx(counted)


def test_a_binomial_tree_reaches_all_in_the_steps_it_is_charged_for():
    for m in range(1, 40):
        reached, steps = 1, 0
        while reached < m:
            reached, steps = 2 * reached, steps + 1
        assert sg.tree_all_reduce(m, 0, latency=1, bandwidth=1) == 2 * steps
    assert sg.tree_all_reduce(8, 100, latency=1, bandwidth=10) == pytest.approx(2 * 3 * 11)


def test_ring_and_tree_cost_the_same_where_they_are_said_to():
    for m in (4, 5, 16, 100):
        size = sg.ring_beats_tree_above(m, **LINK)
        ring_time, tree_time = (
            cost(m, size, **LINK) for cost in (sg.ring_all_reduce, sg.tree_all_reduce)
        )
        assert ring_time == pytest.approx(tree_time, rel=1e-9)
    assert sg.ring_beats_tree_above(1, **LINK) == np.inf
    assert sg.ring_beats_tree_above(2, **LINK) == 0


def test_one_worker_alone_sends_nothing_to_others():
    for cost in (sg.ring_all_reduce, sg.halving_doubling, sg.tree_all_reduce):
        assert cost(1, 1e6, **LINK) == 0


def test_the_collective_starts_when_the_last_one_awaited_arrives():
    work, cost = sg.exponential(rate=1), sg.ring_all_reduce(16, 102.4e6, **LINK)
    alone, both = sg.Sync(16), sg.Sync(16, communication=cost)
    assert both.time_per_update(work) == alone.time_per_update(work) + cost
    runs = [
        protocol.simulate(work, 100, np.random.default_rng(0)).update_times
        for protocol in (alone, both)
    ]
    assert runs[1] == pytest.approx(runs[0] + cost * np.arange(1, 101), rel=1e-12)


def test_an_asynchronous_worker_pays_for_its_own_link():
    work = sg.gamma(2, 1)
    paid = sg.Async(10, communication=0.5)
    assert paid.time_per_update(work) == pytest.approx(2.5 / 10)
    assert paid.first_update(work) == pytest.approx(sg.Async(10).first_update(work) + 0.5)
    assert paid.mean_staleness(work) == 9
    assert sg.KBatchAsync(10, 4, communication=0.5).time_per_update(work) == pytest.approx(1.0)
    assert sg.KAsync(10, 10, communication=0.5).time_per_update(work) == pytest.approx(
        sg.Sync(10, communication=0.5).time_per_update(work)
    )


def test_the_latencies_of_a_parameter_server_overlap_its_bytes_do_not():
    assert sg.parameter_server(16, 0, latency=3, bandwidth=1) == 2 * 3
    assert sg.parameter_server(16, 5, latency=0, bandwidth=1) == 2 * 16 * 5


def test_the_workers_of_a_node_do_not_share_its_links():
    free = (0, 1e300)
    alone, eight = (sg.hierarchical_all_reduce(2, n, 8, free, (0, 1)) for n in (1, 8))
    assert eight == pytest.approx(alone / 8)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"m": 0}, ValueError, "m must be an integer of at least 1, got 0"),
        ({"m": 10**400}, ValueError, "m must be an integer of at least 1 and at most"),
        ({"size": 10**400}, ValueError, r"size must be .* at most 1\.8e\+308 in size, got 10"),
        ({"size": -1}, ValueError, "size must be a finite number of at least 0, got -1"),
        ({"latency": "slow"}, TypeError, "latency must be"),
        ({"bandwidth": 0}, ValueError, "bandwidth must be a positive finite number, got 0"),
    ],
)
@pytest.mark.parametrize(
    "cost", [sg.ring_all_reduce, sg.halving_doubling, sg.tree_all_reduce, sg.parameter_server]
)
def test_a_bad_argument_is_named(cost, change, error, message):
    with pytest.raises(error, match=message):
        cost(**({"m": 4, "size": 10, "latency": 0, "bandwidth": 1} | change))
