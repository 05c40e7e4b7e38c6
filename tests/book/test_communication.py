"""The chapter "The bill for talking": each answer and number that the text writes out."""

import heapq
import math

import numpy as np
import pytest

import stragglers as sg
from stragglers.figures import communication
from stragglers.jobs.recorded import collective_spread, collective_time, recorded
from stragglers.theorems.communication import run_ring, run_tree, trade

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
    latency = {
        (m, size): 1 - np.divide(*(communication.times(m, size, at)["ring"] for at in (0, 50e-6)))
        for m, size in ((16, 10e6), (64, 10e6), (64, 100e6))
    }
    assert latency[16, 10e6] < 0.1 < 0.25 < latency[64, 10e6]
    empty = communication.times(64, 1, 50e-6)  # the rounds decide: two, and yet 2 * 64 messages
    assert min(empty, key=empty.get) == "server"
    with_latency, bytes_only = (
        communication.times(16, 10e6, latency)["ring"] * 1e3 for latency in (50e-6, 0)
    )
    border = round(sg.ring_beats_tree_above(16, **LINK))
    return [
        f"near 0.2 MB; the exact size is {border:,} bytes".replace(",", " "),
        "At 0.1 MB the tree takes 1.04 ms and the ring 1.65 ms; at 1 MB it is 6.8 ms against 3 ms",
        "doubles, from 2.56 s to 5.12 s. The ring's hardly moves: 152 ms become 158 ms",
        f"the ring takes {with_latency:.1f} ms, of which {bytes_only:.0f} ms are for the bytes",
        "and the number of rounds decides. At 50 µs and 16 workers it hardly matters from about",
        f"latency is {latency[64, 10e6]:.0%} of its time at 10 MB, and {latency[64, 100e6]:.0%} "
        "at 100 MB.".replace("%", " %"),
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
    m, size = 16, 16  # the last column is the time for the bytes, times B
    rows = {
        sg.parameter_server: ("| server | 2 | $2mN$ |", 2, 2 * m * size),
        sg.tree_all_reduce: ("| tree | $2\\log_2 m$ | $2N\\log_2 m$ |", 8, 8 * size),
        sg.ring_all_reduce: ("| ring | $2(m-1)$ | $2\\frac{m-1}mN$ |", 30, 30),
        sg.halving_doubling: (
            "| halving and doubling | $2\\log_2 m$ | $2\\frac{m-1}mN$ |",
            8,
            30,
        ),
    }
    for way, (row, rounds, found) in rows.items():
        assert way(m, size, latency=0, bandwidth=1) == pytest.approx(found)
        assert way(m, 0, latency=1, bandwidth=1) == rounds
        assert row in page.prose("communication")
    assert 2 * sends.max() == sg.tree_all_reduce(m, size, latency=0, bandwidth=1) == 128
    solution = "is 64 received and then 64 sent, together the $2N\\log_2 m = 128$ of the table."
    assert solution in page.prose("communication")
    assert "| way | rounds | bytes one after another |" in page.prose("communication")


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


def numbers_of_two_levels():
    flat = sg.ring_all_reduce(64, 102.4e6, **LINK)
    two = sg.hierarchical_all_reduce(8, 8, 102.4e6, (5e-6, 100e9), (50e-6, 1.25e9))
    assert 8 < flat / two < 8.5
    assert 100e9 / 1.25e9 == 80
    shared = sg.hierarchical_all_reduce(8, 8, 102.4e6, (5e-6, 100e9), (50e-6, 1.25e9 / 8))
    return [
        "If a box has only one link out, its eight workers share it. Then two levels take "
        f"{1e3 * shared:.1f} ms, and the gain is {flat / shared:.2f}.",
    ]


def computing(steps, delay):
    at = communication.STEPS.index(steps)
    values = {"steps": steps, "delay": delay, "m": 8}
    return page.series(communication.local_steps, 1, "computing", **values)[at]


def answers_on_local_steps():
    share = {(s, d): f"{computing(s, d):.1%}".replace("%", " %") for s in (1, 64) for d in (0, 1)}
    wait = {s: communication.slowest_mean(8, s) - 1 for s in communication.STEPS}
    assert next(s for s in wait if wait[s] > 5 / s) == 16
    waits = {s: communication.slowest_mean(8, s) - 1 for s in range(1, 65)}
    assert [s for s in waits if waits[s] > 5 / s] == list(range(11, 65))
    return [
        "3. Of the values shown, from $s = 16$ on. There a step waits",
        f"(Of all whole numbers, from 11 on: {waits[11]:.3f} against {5 / 11:.3f}.)",
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


def numbers_of_the_averaging_period():
    """The bound of `trade`, with the time of a local step as it is and as the formula has it."""

    def best(delay, true):
        steps = range(1, 65)
        time = {s: sg.LocalSGD(8, s).time_per_update(EXP) if true else 1 for s in steps}
        return min(steps, key=lambda s: trade(s, delay=delay, work=time[s], m=8))

    found = {(delay, true): best(delay, true) for delay in (0, 1) for true in (False, True)}
    assert found == {(1, False): 2, (1, True): 3, (0, False): 1, (0, True): 2}
    formula = math.sqrt(2 * 1 / (0.08**3 * 1000))
    return [
        "As a function of $s > 0$, with $Y$ held fixed, the bound is least at",
        f"The formula gives {formula:.2f}. With the true $Y$ the bound is least at $s = 3$. "
        "Without a delay the formula gives 0, and the bound is least at $s = 2$.",
        "With $Y$ fixed, the best $s$ falls like",
        "$\\eta = 0.08$, $t = 1000$ and all other constants 1",
    ]


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
    assert all(abs(shared[m] - 10) < 0.05 for m in (16, 24, 32, 40))
    assert shared[12] < 9.5  # beyond 11 the link is not yet always busy
    assert max(shared.values()) <= 10
    return [
        f"At 8 workers the formula says {own[8]:.2f} gradients per unit of time, and the queue "
        f"gives {shared[8]:.2f}; at 12 it says {own[12]:.1f}, more than",
        "2. Soon nothing. The link never hands on more than 10 gradients per unit of time: the "
        f"queue gives {shared[12]:.2f} at 12 workers and {shared[16]:.2f} at 16.",
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
    space = {"rng": np.random.default_rng(3), "print": lambda *_: None}
    exec(page.solution("communication", "ex-mistaken"), space)
    seen = space["notes"].mean(axis=1)
    assert len(seen) == 1000
    assert abs(seen.mean() - notes) < 5 * seen.std() / math.sqrt(1000)
    assert space["notes"].min(axis=1) == pytest.approx(np.full(1000, 0.2))
    assert sg.ring_all_reduce(64, 0, 1, 1) == 126
    assert sg.halving_doubling(64, 0, 1, 1) == 12
    return [
        "It grows by about 2 %",
        page.right("it grows by about 2 %"),
        f"from $m = 11$ on ($H_{{11}} = {sg.harmonic(11):.2f}$)",
        f"All messages together take {total:.1f} ms for the bytes and $1.5q$ ms for the latencies",
        f"$\\frac{{80}}{{q}} + {total:.1f} + 1.5q$ ms. It is least near $q = \\sqrt{{80/1.5}} = "
        f"{math.sqrt(80 / 1.5):.1f}$; among whole numbers at $q = 7$, with {ends[7]:.1f} ms. One "
        f"bucket takes {ends[1]:.1f} ms. Five hundred take {ends[500]:.1f} ms, of which "
        f"{500 * 2 * 15 * 50e-3:.0f} ms are latency.",
        "$2mN/(kB)$, for $k \\le m$.",
        f"The mean is $H_8 - 1 + 0.2 = {notes:.3f}$. Only 0.2 of it is talking: "
        f"{1 - 0.2 / notes:.0%} of what".replace("%", " %"),
    ]


def last_passage(m, rng, runs):
    """Return times of a ring whose messages take exponential times and wait for nothing else."""
    free = np.zeros((m, runs))
    for _ in range(2 * (m - 1)):
        free = np.maximum(free, np.roll(free, 1, axis=0))
        free += rng.standard_exponential((m, runs))
    return free.max(axis=0) / (2 * (m - 1))


def numbers_of_random_latencies():
    rng = np.random.default_rng(4)
    rounds = rng.standard_exponential((2000, 14, 8)).max(axis=2).mean(axis=1)
    assert abs(rounds.mean() - sg.harmonic(8)) < 5 * rounds.std() / math.sqrt(2000)
    barrier, free = (f"{sg.harmonic(m):.2f}" for m in (4, 16, 64)), {4: 1.81, 16: 2.01, 64: 2.03}
    for (m, found), runs in zip(free.items(), (200_000, 40_000, 10_000), strict=True):
        seen = last_passage(m, rng, runs)
        assert seen.std() < 0.001 * math.sqrt(runs)  # 1.99 for 16 workers was 30 such errors off
        assert f"{seen.mean():.2f}" == f"{found:.2f}"
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
    numbers_of_two_levels,
    answers_on_local_steps,
    numbers_of_the_averaging_period,
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
