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
def test_the_record_is_of_these_dice_and_no_update_comes_before_its_replay(name):
    found, protocol = RECORD["runs"][name], PROTOCOLS[name]
    assert found["protocol"] == repr(protocol)
    replay = protocol.replay(TIMES).update_times
    assert found["replay"] == pytest.approx(replay, abs=2e-4)
    shared = min(len(replay), len(found["updates"]))
    assert np.all(np.array(found["updates"])[:shared] >= replay[:shared])
    assert len(found["losses"]) == len(found["updates"]) + 1
    used = [update for _, fate, update, *_ in found["gradients"] if fate == "used"]
    assert sorted(set(used)) == list(range(len(found["updates"])))
    assert len(used) == len(found["updates"]) * protocol.gradients_per_update


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
    (sent,) = [gradient[3] for gradient in killed["gradients"] if gradient[1] == "lost"]
    assert 3 <= np.searchsorted(killed["updates"], sent + 0.01) <= 7
    mean = 20 * 6 / sg.harmonic(4) * 0.95
    assert 50 < mean < 60
    return [
        f"$0.1\\,H_4 = {update:.0f}$ ms by theory, so the machinery is "
        f"{100 * behind / (update + behind):.1f} % of what is measured. It is a half when "
        f"$H_4/\\lambda = {behind:.1f}$ ms, at a mean of {behind / sg.harmonic(4):.1f} ms.",
        f"$E[X_{{2:4}}] = \\frac14 + \\frac13 = {two_of_four:.3f}$ before, $E[X_{{2:3}}] = "
        f"\\frac13 + \\frac12 = {two_of_three:.3f}$ after: "
        f"{two_of_three / two_of_four:.2f} times as long.",
        f"take {ends[0]:.2f} units instead of {ends[1]:.2f}, {ends[0] / ends[1]:.2f} times as long",
        f"loses {behind:.1f} ms to the machinery",
        f"A real run takes {RECORD['runs']['sync']['updates'][-1]:.1f} units, and its replay "
        f"{RECORD['runs']['sync']['replay'][-1]:.1f}.",
    ]


def test_every_number_of_the_text_is_in_the_record():
    phrases = [
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
