"""The chapter "The laboratory": what it says of the recorded runs is what they hold."""

import re

import numpy as np
import pytest

import stragglers as sg
from stragglers.figures import laboratory

from . import figure_numbers, page

CHAPTER = "laboratory"
RECORD = laboratory.recorded_runs()
TIMES = np.array(RECORD["times"])
MS = 1000 * RECORD["unit"]  # of a unit
PROTOCOLS = {
    "sync": sg.Sync(4),
    "2-sync": sg.KSync(4, 2),
    "async": sg.Async(4),
    "2-async": sg.KAsync(4, 2),
    "2-sync, one killed": sg.KSync(4, 2),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_record_is_of_these_dice_and_no_update_comes_before_a_replay_that_bounds_it(name):
    found, protocol = RECORD["runs"][name], PROTOCOLS[name]
    assert found["protocol"] == repr(protocol)
    replay = protocol.replay(TIMES).update_times
    assert found["replay"] == pytest.approx(replay, abs=2e-4)
    shared = min(len(replay), len(found["updates"]))
    if name != "2-async":  # where a replay is no bound: see below
        assert np.all(np.array(found["updates"])[:shared] >= replay[:shared])
    assert len(found["losses"]) == len(found["updates"]) + 1
    used = [update for _, fate, update, *_ in found["gradients"] if fate == "used"]
    assert sorted(set(used)) == list(range(len(found["updates"])))
    assert len(used) == len(found["updates"]) * protocol.gradients_per_update


def soonest(protocol, later):
    """Return how much sooner an update of the replay comes at most where times are longer."""
    rng, gained = np.random.default_rng(5), -np.inf
    for _ in range(200):
        times = rng.exponential(size=(6, 4))
        longer = times + later * rng.exponential(size=(6, 4)) * (rng.random((6, 4)) < 0.3)
        moments = [protocol.replay(rows).update_times for rows in (times, longer)]
        shared = min(map(len, moments))
        gained = max(gained, np.max(moments[0][:shared] - moments[1][:shared]))
    return gained


BOUNDED = [sg.Sync(4), sg.KSync(4, 2), sg.LocalSGD(4, 3), sg.Async(4)]


@pytest.mark.parametrize("protocol", BOUNDED, ids=repr)
def test_longer_times_never_make_an_update_of_a_replay_come_sooner(protocol):
    assert soonest(protocol, 1) <= 1e-12


def test_in_k_async_one_longer_time_can_make_a_later_update_come_sooner():
    times = np.array([[1, 2, 2.1], [100, 100, 0.1], [100, 100, 100]])
    longer = times.copy()
    longer[0, 0] = 2.2
    first, second = (sg.KAsync(3, 2).replay(rows).update_times[:3] for rows in (times, longer))
    assert first == pytest.approx([2, 102, 102.1])
    assert second == pytest.approx([2.1, 2.2, 102.2])
    assert soonest(sg.KAsync(4, 2), 1) > 0.1


def test_after_a_death_sync_may_be_ahead_of_its_replay_and_k_sync_may_not():
    ranked = np.sort(TIMES, axis=1)
    for dead in range(4):
        left = np.sort(np.delete(TIMES, dead, axis=1), axis=1)
        assert np.any(left[:, 2] < ranked[:, 3])
        assert np.all(left[:, 1] >= ranked[:, 1])


def conditions():
    return [
        "In sync, K-sync, local SGD and async no update can come before its replay while all "
        "workers live.",
        "K-async is the exception: who comes first decides who starts anew.",
        "In sync, K-sync, local SGD and async $T_n' \\ge T_n$ while all workers live",
    ]


def replay_with_the_dead():
    """Return the last moment of 2-sync by these dice where worker 1 is gone after its death."""
    killed = RECORD["runs"]["2-sync, one killed"]
    ((dead, sent),) = [(g[0], g[3]) for g in killed["gradients"] if g[1] == "lost"]
    alive = int(np.searchsorted(killed["updates"], sent))
    times = TIMES.copy()
    times[alive:, dead] = np.inf
    moments = np.sort(times, axis=1)[:, 1].cumsum()
    assert (dead, alive) == (1, 5)
    assert np.all(np.array(killed["updates"]) >= moments)
    return moments[-1]


def test_the_figure_of_the_killed_run_takes_no_machinery_from_a_replay_of_the_living():
    said = {
        run: page.sentence(laboratory.timeline, run=run, until=8)
        for run in ("2-sync", "2-sync, one killed")
    }
    assert f"{MS * laboratory.behind('2-sync'):.1f} ms an update more" in said["2-sync"]
    assert "ms an update" not in said["2-sync, one killed"]
    assert "in which nobody dies" in said["2-sync, one killed"]


def fates(name):
    found = [gradient[1] for gradient in RECORD["runs"][name]["gradients"]]
    return {fate: found.count(fate) for fate in set(found)}


def answers_on_the_timeline():
    two = fates("2-sync")
    late, killed = RECORD["runs"]["2-sync, one killed"], RECORD["runs"]["2-sync"]
    assert fates("2-sync, one killed")["lost"] == two["late"] == 1
    assert [g[0] for g in late["gradients"] if g[1] == "lost"] == [1]
    return [
        f"Of {sum(two.values())} requests {two['used']} were used and {two['cancelled']} "
        "cancelled;",
        f"Sync: {MS * laboratory.behind('sync'):.1f} ms an update, async "
        f"{MS * laboratory.behind('async'):.1f} ms.",
        f"40 updates take {late['updates'][-1]:.2f} units instead of {killed['updates'][-1]:.2f}.",
    ]


def answers_on_the_losses():
    first = {
        against: {name: laboratory.first_below(name, 1.0, against) for name in laboratory.TRAINED}
        for against in laboratory.AGAINST
    }
    phrases = []
    for against, words in (("seconds", "In seconds: {}"), ("updates", "{}"), ("gradients", "{}")):
        order = sorted(first[against], key=first[against].get)
        if against == "seconds":
            listed = ", ".join(f"{name} {first[against][name]:.3g}" for name in order)
        else:
            assert first[against]["async"] < first[against]["2-async"]
            least = [f"{first[against][name]:g}" for name in order]
            listed = ", ".join(least[:-1]) + f" and {least[-1]}"
        phrases.append(words.format(listed))
    assert sorted(first["seconds"], key=first["seconds"].get) == [
        "async", "2-async", "2-sync", "sync",
    ]  # fmt: skip
    return phrases


def numbers_of_local_sgd():
    local = RECORD["local"]
    return [
        f"lose {local['1']:.1f} ms an update with one step, and {local['20']:.2f} ms with 20 steps"
    ]


def solutions():
    behind = MS * laboratory.behind("sync")
    update = MS * sg.harmonic(4)
    two_of_four = sg.order_statistic(sg.exponential(rate=1), 2, 4).mean()
    two_of_three = sg.order_statistic(sg.exponential(rate=1), 2, 3).mean()
    ends = [RECORD["runs"][name]["updates"][-1] for name in ("2-sync, one killed", "2-sync")]
    killed = RECORD["runs"]["2-sync, one killed"]
    dead, alive = replay_with_the_dead(), killed["replay"][-1]
    expected = (5 * two_of_four + 35 * two_of_three) / (40 * two_of_four)
    assert f"{dead / alive:.2f}" == f"{ends[0] / ends[1]:.2f}"
    said = float(f"{behind:.1f}")  # whoever solves it has only this
    factor = round((1 - 0.05) / 0.05)
    mean = factor * 6 / sg.harmonic(4)
    assert 1 / (1 + factor) == pytest.approx(0.05)
    at_1_ms = behind / (behind + sg.harmonic(4))
    assert abs(at_1_ms - 0.75) < 0.02
    return [
        f"$0.1\\,H_4 = {update:.0f}$ ms by theory, so the machinery is "
        f"{100 * behind / (update + behind):.1f} % of what is measured. It is a half when "
        f"$H_4/\\lambda = {said:.1f}$ ms, at a mean of {said / sg.harmonic(4):.1f} ms.",
        f"$E[X_{{2:4}}] = \\frac14 + \\frac13 = {two_of_four:.3f}$ before, $E[X_{{2:3}}] = "
        f"\\frac13 + \\frac12 = {two_of_three:.3f}$ after: "
        f"{two_of_three / two_of_four:.2f} times as long.",
        f"dies after five updates, and 40 updates take {ends[0]:.2f} units instead of "
        f"{ends[1]:.2f}, {ends[0] / ends[1]:.2f} times as long. By the means it would be "
        f"{expected:.3f} times,",
        f"with three workers from update 6 on say {dead / alive:.2f} too, {dead:.2f} units instead "
        f"of {alive:.2f}:",
        f"Under 5 % needs $H_m/\\lambda$ above {factor} times that: at $m = 4$ a mean of about "
        f"{mean:.0f} ms.",
        f"about three quarters of what one measures, with the {behind:.1f} ms above:",
        f"loses {behind:.1f} ms to the machinery",
        f"A real run of sync takes {RECORD['runs']['sync']['updates'][-1]:.1f} units, and its "
        f"replay {RECORD['runs']['sync']['replay'][-1]:.1f}.",
    ]


def test_every_number_of_the_text_is_in_the_record():
    phrases = [
        *conditions(),
        *answers_on_the_timeline(),
        *answers_on_the_losses(),
        *numbers_of_local_sgd(),
        *solutions(),
    ]
    assert page.missing(CHAPTER, phrases) == []
    given = {"0.05", "0.1", "127.0", "0.001", "5 %", "5"}
    assert page.unheld(CHAPTER, phrases, given) == []


def test_the_cluster_of_one_s_own_is_started_so_that_nobody_else_can_reach_it():
    (block,) = re.findall(r"```bash\n(.*?)```", figure_numbers.prose(CHAPTER), re.S)
    commands = block.splitlines()
    assert len(commands) == 3
    here = " --host 127.0.0.1 --dashboard-address 127.0.0.1:0 "  # as in tests/lab/test_clusters.py
    assert all(here in command for command in commands)
