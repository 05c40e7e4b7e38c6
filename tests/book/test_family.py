"""The chapter "The family": each answer and number that the text writes out."""

import math
from itertools import pairwise

import numpy as np
import pytest

import stragglers as sg
from stragglers.figures import family

from ..conftest import FACTS
from . import figure_numbers, page

WORKS = {"1+Exp(1)": family.LAWS["1 + exponential"], "Pareto(2,1)": family.LAWS["Pareto 2"]}


def percent(share, digits=0):
    return f"{share:.{digits}%}".replace("%", " %")


@pytest.mark.parametrize("law", ["exponential", "1 + exponential"])
@pytest.mark.parametrize("name", family.NAMES)
def test_the_bars_end_where_the_updates_of_the_module_are(name, law):
    """Each gradient used ends in an update or before it, and all workers are always in a bar."""
    updates = family.played(name, law).update_times
    bars = family.bars(name, law)
    used = np.array([end for _, _, end, kind in bars if kind == "used"])
    k = family.family(family.PLAYERS, family.WAITED)[name].gradients_per_update
    for n, update in enumerate(updates[updates <= family.LAST], 1):
        assert (used <= update + 1e-9).sum() >= n * k
        if name in ("sync", "K-sync", "K-batch-sync"):
            assert (used <= update + 1e-9).sum() == n * k
    for worker in range(family.PLAYERS):
        mine = sorted((begin, end) for w, begin, end, _ in bars if w == worker)
        assert mine[0][0] == 0
        for (_, end), (begin, _) in pairwise(mine):
            assert begin == pytest.approx(end, abs=1e-9)
        assert mine[-1][1] > family.LAST


def test_no_table_ends_before_the_figure_does():
    for law in ("exponential", "1 + exponential"):
        for name in family.NAMES:
            assert family.played(name, law).update_times[-1] > family.LAST


def counts(law):
    values = {"protocol": "sync", "time": 12, "law": law}
    sentence = page.sentence(family.same_dice, **values)
    return {name: family.gradients_by(name, law, 12) for name in family.NAMES}, sentence


def answers_on_the_same_dice():
    plain, sentence = counts("exponential")
    shifted, _ = counts("1 + exponential")
    assert ", ".join(f"{name} {count}" for name, count in plain.items()) in sentence
    most, fewest = max(plain, key=plain.get), min(plain, key=plain.get)
    assert (most, fewest) == ("K-batch-sync", "sync")
    assert plain["async"] == plain["K-batch-async"]
    assert shifted["K-sync"] == shifted["K-batch-sync"]
    assert shifted["async"] == shifted["K-batch-async"]
    kinds = {
        name: {kind for _, _, _, kind in family.bars(name, "exponential")} for name in family.NAMES
    }
    assert [name for name in kinds if "idle" in kinds[name]] == ["sync", "K-sync", "K-async"]
    assert [name for name in kinds if "cancelled" in kinds[name]] == ["K-sync", "K-batch-sync"]
    return [
        f"{most} has {plain[most]}, {fewest} has {plain[fewest]}. The two that never wait, async "
        f"and K-batch-async, have {plain['async']} each.",
        f"K-sync and K-batch-sync have {shifted['K-sync']} each, async and K-batch-async "
        f"{shifted['async']}.",
    ]


def per_gradient(name, law, k):
    return family.per_gradient(name, law, 10, k)[0]


def answers_on_the_six_bars():
    winners = [
        law
        for law in family.LAWS
        if per_gradient("K-batch-sync", law, 4) < per_gradient("async", law, 4) * (1 - 1e-9)
    ]
    assert winners == ["hyperexponential"]
    same = per_gradient("K-batch-sync", "exponential", 4)
    assert same == pytest.approx(per_gradient("async", "exponential", 4))
    ideal = pytest.approx(per_gradient("async", "constant", 1))
    divisors = [k for k in range(1, 11) if per_gradient("K-async", "constant", k) == ideal]
    assert divisors == [1, 2, 5, 10]
    flat = {round(per_gradient("K-sync", "uniform", k), 9) for k in range(1, 11)}
    assert len(flat) == 1
    ours, other, never = (
        per_gradient(name, "hyperexponential", 4) for name in ("K-batch-sync", "K-sync", "async")
    )
    return [
        f"At $K = 4$ K-batch-sync takes {ours:.3f} a gradient and K-sync {other:.3f}, where never "
        f"waiting takes {never:.3f}.",
        "1, 2, 5 and 10: those that divide 10.",
        f"Nothing: {flat.pop():.3f} for every $K$.",
    ]


def test_the_second_panel_does_not_move():
    tables = [figure_numbers.seen(family.six_bars, 2, law=law, k=4)[0][1] for law in family.LAWS]
    assert all(table == tables[0] for table in tables)


def ratios(law):
    return page.series(family.k_async_against_k_sync, 1, "ratio", law=law)


def answers_on_the_flip():
    pareto = ratios("Pareto 2")
    said = page.sentence(family.k_async_against_k_sync, law="Pareto 2")
    assert "slower than K-sync at K = 13, 14, 15, 16, 17, 18, 19." in said
    assert [k for k in pareto if pareto[k] > 1] == list(range(13, 20))
    assert all(ratio < 1 for k, ratio in ratios("1 + exponential").items() if k < 20)
    assert all(ratio > 1 for k, ratio in ratios("hyperexponential").items() if 1 < k < 20)
    assert all(ratio == 1 for k, ratio in ratios("exponential").items())
    return [
        "From $K = 13$ to $K = 19$.",
        f"K-async being {percent(1 - pareto[12], 1)} faster in this simulation; at $K = 13$ it is "
        f"{percent(pareto[13] - 1, 1)} slower",
    ]


def numbers_of_the_published_comparison():
    exact = sg.Sync(20).time_per_update(sg.exponential(rate=1)) * 20
    assert exact == pytest.approx(float(FACTS["dutta.fig5.exp.P20"]["value"]), rel=1e-12)
    ratio = 2 * (sg.harmonic(20) - sg.harmonic(10))
    return [
        f"Per update async looks {exact:.0f} times as fast at 20 workers; per gradient it is "
        f"{exact / 20:.1f} times as fast.",
        f"gives a ratio of {2 * math.log(2):.3f} for {{prf:ref}}`thm-exponential-ratio`, "
        f"{percent(2 * math.log(2) / ratio - 1, 1)} too much",
    ]


@pytest.mark.parametrize("law", WORKS)
@pytest.mark.parametrize("k", [5, 10, 15])
def test_the_rebuilt_figure_6_is_the_known_one(law, k):
    for kind, protocol in (("kasync", sg.KAsync), ("kbatchsync", sg.KBatchSync)):
        known = FACTS.get(f"dutta.fig6.{kind}.{law}.K{k}")
        if known is None:
            continue
        run = protocol(20, k).simulate(WORKS[law], 20_000, np.random.default_rng(7))
        error = np.hypot(2000 * run.standard_error, known["standard_error"])
        assert abs(2000 * run.time_per_update - float(known["value"])) < 5 * error


def test_a_machine_that_is_always_slow_is_never_used_by_those_who_cancel():
    usual, slow = family.LAWS["1 + exponential"], sg.shifted_exponential(shift=10, rate=0.1)
    assert slow.mean() == 10 * usual.mean()
    work = [usual] * 9 + [slow]
    assert sg.KSync(10, 5).shares(work)[-1] < 1e-12
    assert sg.Async(10).shares(work)[-1] == pytest.approx((1 / 20) / (9 / 2 + 1 / 20))


def numbers_of_checks_and_solutions():
    work = [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]
    sync, asynchronous = sg.KSync(4, 2), sg.KAsync(4, 2)
    shares = sync.shares(work)
    assert shares == pytest.approx(asynchronous.shares(work), rel=1e-9)
    assert sync.time_per_update(work) == pytest.approx(asynchronous.time_per_update(work), rel=1e-9)
    for protocol, time in ((sg.KAsync(7, 3), 1 / 2), (sg.KBatchAsync(7, 3), 3 / 7)):
        run = protocol.simulate(sg.deterministic(1), 6000, np.random.default_rng(1))
        assert run.time_per_update == pytest.approx(time, rel=1e-2)
    second = sg.order_statistic(sg.uniform(0, 2), 2, 4).mean()
    return [
        "give " + ", ".join(f"{share:.3f}" for share in shares) + ".",
        f"$2 \\cdot 12/E[X_{{2:4}}] = 24/{second:g} = {24 / second:.0f}$",
    ]


def test_asynchronous_is_ahead_on_nearly_every_uniform_table():
    rng, ahead = np.random.default_rng(9), 0
    for _ in range(200):
        times = sg.uniform(0, 2).rvs(size=(60, 4), random_state=rng)
        gradients = [
            (protocol.replay(times).update_times <= 12).sum() * protocol.gradients_per_update
            for protocol in (sg.Async(4), sg.KSync(4, 2))
        ]
        ahead += gradients[0] > gradients[1]
    assert ahead >= 190


SECTIONS = [
    answers_on_the_same_dice,
    answers_on_the_six_bars,
    answers_on_the_flip,
    numbers_of_the_published_comparison,
    numbers_of_checks_and_solutions,
]
GIVEN = {"0.2", "1.5"}  # set by the text: the cost of an update, and a tail index


@page.each(SECTIONS, slow=[answers_on_the_flip])
def test_the_text_says_what_is_computed(section):
    assert page.missing("family", page.said(section)) == []


@pytest.mark.slow
def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("family", phrases, GIVEN) == []
