"""The chapter "The bill for talking": each answer and number that the text writes out."""

import heapq
import math

import numpy as np
import pytest

import stragglers as sg
from stragglers.figures import communication
from stragglers.jobs.recorded import collective_spread, collective_time, recorded
from stragglers.theorems.communication import run_ring, run_tree

from ..conftest import FACTS
from . import page

LINK = {"latency": 50e-6, "bandwidth": 1.25e9}
EXP = sg.exponential(rate=1)


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def said(draw, panels=2, **values):
    return page.sentence(draw, panels, **values)


def test_the_facts_come_out():
    assert sg.ring_all_reduce(64, 102.4e6, **LINK) == fact("comm.ring.p64")
    assert sg.overlapped(8, 3, 2) == fact("overlap.L8.b3c2")
    assert sg.overlapped(8, 2, 3) == fact("overlap.L8.b2c3")
    for known in (communication.slowest_mean(8, 4), sg.LocalSGD(8, 4).time_per_update(EXP)):
        assert known == fact("local.exp.m8.tau4")
    assert math.sqrt(2 / (0.08**3 * 1000)) == fact("adacomm.taustar")


def numbers_of_the_opening():
    server, ring = sg.parameter_server(64, 102.4e6, **LINK), sg.ring_all_reduce(64, 102.4e6, **LINK)
    return [f"the step waits {server:.1f} seconds", f"and it waits {ring:.3f} seconds"]


def answers_on_the_four_ways():
    small, large, sixteen, more = (
        said(communication.four_ways, m=m, size=size, latency=50)
        for m, size in ((16, 0.1), (16, 1), (16, 100), (32, 100))
    )
    for text, parts in (
        (small, ("tree 1.04 ms", "ring 1.65 ms")),
        (large, ("tree 6.8 ms", "ring 3 ms")),
        (sixteen, ("server 2.56 s", "ring 152 ms")),
        (more, ("server 5.12 s", "ring 158 ms")),
    ):
        assert all(part in text for part in parts), text
    with_latency, bytes_only = (
        communication.times(16, 10e6, latency)["ring"] * 1e3 for latency in (50e-6, 0)
    )
    border = round(sg.ring_beats_tree_above(16, **LINK))
    return [
        f"near 0.2 MB; the exact size is {border:,} bytes".replace(",", " "),
        "At 0.1 MB the tree takes 1.04 ms and the ring 1.65 ms; at 1 MB it is 6.8 ms against 3 ms",
        "doubles, from 2.56 s to 5.12 s. The ring's hardly moves: 152 ms become 158 ms",
        f"the ring takes {with_latency:.1f} ms, of which {bytes_only:.0f} ms are for the bytes",
    ]


def test_the_lines_of_the_four_ways_cross_where_the_formula_says():
    values = {"m": 16, "size": 1, "latency": 50}
    ring, tree = (
        page.series(communication.four_ways, 0, name, **values) for name in ("ring", "tree")
    )
    faster = [size for size in ring if ring[size] < tree[size]]
    slower = [size for size in ring if ring[size] > tree[size]]
    assert max(slower) < sg.ring_beats_tree_above(16, **LINK) < min(faster)


def test_the_table_of_rounds_and_bytes():
    steps, sent, right = run_ring(16)
    assert (steps, set(sent), right) == (30, {30}, True)
    sends = run_tree(16)
    assert (sends.sum(), sends.max(), sends.argmax()) == (2 * 15 * 16, 64, 0)


def numbers_of_the_real_job():
    table = recorded("SE").times
    slowest, one, after = table.max(axis=1).mean(), table.mean(), collective_time("SE")
    step = slowest + after
    spread, steady = table.max(axis=1).std(ddof=1), collective_spread("SE")
    assert f"{spread:.3f}" == "0.656"
    assert steady**2 < 1e-3 * spread**2  # the slowest has all but a thousandth of the variance
    assert f"{slowest:.3f} {step:.3f}" == "8.967 9.113"
    return [
        f'"A gradient takes {one:.1f} s on average, the all-reduce {after:.2f} s, so a step takes',
        f"the {after} s and the {steady} s are quoted from it.",
        f"talking is {after / step:.1%}".replace("%", " %"),
        f"of the step, and waiting {(slowest - one) / step:.0%}".replace("%", " %"),
    ]


def answers_on_overlapping():
    ends = [said(communication.overlap, layers=8, backward=b, message=c) for b, c in PAIRS]
    assert all("the step ends at 26, " in text for text in ends)
    assert "of which 2 come after" in ends[0]
    one = said(communication.overlap, layers=1, backward=3, message=2)
    assert "ends at 5, " in one
    assert "One after the other they take 5." in one
    for c in (0.5, 1, 2, 3):
        text = said(communication.overlap, layers=8, backward=3, message=c)
        assert f"of which {c:g} come after" in text
    assert "of which 11 come" in said(communication.overlap, layers=8, backward=3, message=4)
    saved = sg.overlapped(8, 4, 3) - sg.overlapped(8, 4, 1.5)
    return [
        "Neither: both end at 26.",
        page.right(f"{saved} ms"),
        page.wrong("12 ms"),
    ]


PAIRS = ((3, 2), (2, 3))


def test_two_levels_gain_a_little_more_than_the_factor_of_a_node():
    flat = sg.ring_all_reduce(64, 102.4e6, **LINK)
    two = sg.hierarchical_all_reduce(8, 8, 102.4e6, (5e-6, 100e9), (50e-6, 1.25e9))
    assert 8 < flat / two < 8.5
    assert 100e9 / 1.25e9 == 80


def computing(steps, delay):
    at = communication.STEPS.index(steps)
    values = {"steps": steps, "delay": delay, "m": 8}
    return page.series(communication.local_steps, 1, "computing", **values)[at]


def answers_on_local_steps():
    share = {(s, d): f"{computing(s, d):.1%}".replace("%", " %") for s in (1, 64) for d in (0, 1)}
    wait = {s: communication.slowest_mean(8, s) - 1 for s in communication.STEPS}
    assert next(s for s in wait if wait[s] > 5 / s) == 16
    return [
        f"At $s = 1$ it is {share[1, 1]}: a step takes $H_8 + 1 = {sg.harmonic(8) + 1:.3f}$",
        f"At $s = 64$ it is {share[64, 1]}.",
        f"At $s = 1$ computing is {share[1, 0]} of the time, at $s = 64$ it is {share[64, 0]}.",
        f"a step waits for {wait[16]:.3f} and averages for $5/16 = {5 / 16}$. At $s = 8$ "
        f"it is {wait[8]:.3f} against {5 / 8}.",
    ]


def test_local_steps_agree_with_the_module():
    for m in (2, 8, 32):
        for steps in communication.STEPS:
            exact = sg.LocalSGD(m, steps).time_per_update(EXP)
            assert communication.slowest_mean(m, steps) == pytest.approx(exact, rel=1e-9)
            distance = math.sqrt(2000) * abs(communication.seen_slowest_mean(m, steps) - exact)
            assert distance < 5 * 1.3  # the slowest of m has a standard deviation below 1.3


def numbers_of_strong_scaling():
    def step(m, latency):
        return 100 / m + sg.harmonic(m) + 2 * (m - 1) * latency

    assert min(range(1, 300), key=lambda m: step(m, 0.01)) == 50
    assert step(100, 0) == pytest.approx(step(101, 0), rel=1e-14)
    assert min(step(m, 0) for m in range(1, 300)) == pytest.approx(step(100, 0), rel=1e-14)
    assert step(50, 0.01) == pytest.approx(7.479205338329, rel=1e-12)
    return []


def answers_on_the_shared_link():
    own, shared = (
        page.series(communication.shared_link, 0, name, panels=1, link=0.1)
        for name in ("a link each, exact", "one link, exact")
    )
    assert own[12] > 10 > shared[12]
    assert abs(shared[4] / own[4] - 1) < 0.03
    assert all(abs(shared[m] - 10) < 0.05 for m in (24, 32, 40))
    return [
        f"At 8 workers the formula says {own[8]:.2f} gradients per unit of time, and the queue "
        f"gives {shared[8]:.2f}; at 12 it says {own[12]:.1f}, more than",
        f"$(1 + 0.1)/0.1 = {1.1 / 0.1:.0f}$",
    ]


@pytest.mark.parametrize("link", [0.02, 0.1, 0.5])
def test_the_queue_on_the_link_never_beats_the_bounds_and_meets_them_at_the_ends(link):
    rates = np.array([communication.link_throughput(m, link) for m in range(1, 41)])
    bound = np.minimum(np.arange(1, 41) / (1 + link), 1 / link)
    assert rates[0] == pytest.approx(1 / (1 + link), rel=1e-14)
    assert np.all(rates <= bound * (1 + 1e-12))
    assert np.all(np.diff(rates) > -1e-12)
    assert communication.link_throughput(200, link) == pytest.approx(1 / link, rel=1e-12)


@pytest.mark.parametrize(("m", "link"), [(2, 0.5), (8, 0.1), (40, 0.02)])
def test_the_queue_on_the_link_is_the_one_that_is_simulated(m, link):
    rng, free, batches = np.random.default_rng(m), 0.0, []
    done = rng.standard_exponential(m).tolist()
    heapq.heapify(done)
    for _ in range(41):  # the first batch forgets the common start
        began = free
        for pause in rng.standard_exponential(1000).tolist():
            free = max(free, heapq.heappop(done)) + link
            heapq.heappush(done, free + pause)
        batches.append((free - began) / 1000)
    each, error = np.mean(batches[1:]), np.std(batches[1:], ddof=1) / 40**0.5
    assert abs(each - 1 / communication.link_throughput(m, link)) < 4 * error


def numbers_of_checks_and_solutions():
    quick = [sg.ring_all_reduce(m, 1e9, **LINK) for m in (32, 64)]
    assert f"{quick[1] / quick[0] - 1:.0%}" == "2%"
    assert sg.harmonic(10) < 3 < sg.harmonic(11)
    ends = {
        n: sg.overlapped(n, 80 / n, 1e3 * sg.ring_all_reduce(16, 102.4e6 / n, **LINK))
        for n in range(1, 501)
    }
    assert min(ends, key=ends.get) == 7
    notes, total = sg.harmonic(8) - 1 + 0.2, 1e3 * 2 * 15 / 16 * 102.4e6 / 1.25e9
    times = np.random.default_rng(3).standard_exponential((1000, 8))
    seen = (times.max(axis=1, keepdims=True) - times + 0.2).mean(axis=1)
    assert abs(seen.mean() - notes) < 5 * seen.std() / math.sqrt(1000)
    assert sg.ring_all_reduce(64, 0, 1, 1) == 126
    assert sg.halving_doubling(64, 0, 1, 1) == 12
    return [
        "It grows by about 2 %",
        page.right("it grows by about 2 %"),
        f"from $m = 11$ on ($H_{{11}} = {sg.harmonic(11):.2f}$)",
        f"All messages together take {total:.1f} ms for the bytes and $1.5q$ ms for the latencies",
        f"$\\frac{{80}}{{q}} + {total:.1f} + 1.5q$ ms. It is least near $q = \\sqrt{{80/1.5}} = "
        f"{math.sqrt(80 / 1.5):.1f}$; among whole numbers at $q = 7$, with {ends[7]:.1f} ms. One "
        f"bucket takes {ends[1]:.1f} ms. Five hundred take {ends[500]:.1f} ms",
        f"The mean is $H_8 - 1 + 0.2 = {notes:.3f}$. Only 0.2 of it is talking: "
        f"{1 - 0.2 / notes:.0%} of what".replace("%", " %"),
    ]


def last_passage(m, rng, runs=400):
    """Return times of a ring whose messages take exponential times and wait for nothing else."""
    free = np.zeros((runs, m))
    for _ in range(2 * (m - 1)):
        free = np.maximum(free, np.roll(free, 1, axis=1)) + rng.standard_exponential((runs, m))
    return free.max(axis=1) / (2 * (m - 1))


def numbers_of_random_latencies():
    rng = np.random.default_rng(4)
    rounds = rng.standard_exponential((2000, 14, 8)).max(axis=2).mean(axis=1)
    assert abs(rounds.mean() - sg.harmonic(8)) < 5 * rounds.std() / math.sqrt(2000)
    barrier, free = (f"{sg.harmonic(m):.2f}" for m in (4, 16, 64)), {4: 1.81, 16: 1.99, 64: 2.03}
    for m, found in free.items():
        seen = last_passage(m, rng)
        assert abs(seen.mean() - found) < 5 * seen.std() / math.sqrt(len(seen)) + 0.005
        assert seen.mean() < sg.harmonic(m)
    first, *others, last = (*barrier, *(f"{found:.2f}" for found in free.values()))
    return [
        f"the barrier costs {first}, {others[0]} and {others[1]} for $m = 4$, 16 and 64; without "
        f"it we find {others[2]}, {others[3]} and {last}.",
    ]


def test_the_ring_of_the_page_is_counted_as_the_formula_says(capsys):
    space = page.run("communication", ["code-04"], {"np": np, "rng": np.random.default_rng(1)})
    assert space["sent"].tolist() == [2 * (4 - 1)] * 4
    assert "[6 6 6 6]" in capsys.readouterr().out


def test_more_workers_help_up_to_one_number_and_never_after_it():
    for work, rate, latency in ((100, 1, 0), (100, 1, 0.01), (7.5, 2, 0.1), (3, 1, 0)):
        f = [work / m + sg.harmonic(m) / rate + 2 * (m - 1) * latency for m in range(1, 400)]
        falls = np.diff(f) < -1e-12
        best = 1 + falls.sum()
        assert falls[: best - 1].all()
        assert best == 1 + int(np.argmin(np.round(f, 10)))
        assert latency or best == math.ceil(work * rate)


SECTIONS = [
    numbers_of_the_opening,
    answers_on_the_four_ways,
    numbers_of_the_real_job,
    answers_on_overlapping,
    answers_on_local_steps,
    numbers_of_strong_scaling,
    answers_on_the_shared_link,
    numbers_of_checks_and_solutions,
    numbers_of_random_latencies,
]
GIVEN = {"102.4", "0.2", "0.1", "1.5", "0.05"}  # set by the text: sizes and times of its examples


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("communication", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("communication", phrases, GIVEN) == []
