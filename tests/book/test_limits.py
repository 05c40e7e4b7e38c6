"""The chapter "How fast can anyone be": what it says is what its figures and formulas show."""

import math
from itertools import product

import numpy as np
import pytest

import stragglers as sg
from stragglers import training
from stragglers.figures import limits as chapter

from ..conftest import FACTS
from . import page

PARKS = chapter.PARKS
FAST = "one fast, 29 slow"


def answers_on_the_staircase():
    when = {b: training.time_of_gradients(PARKS[FAST], b) for b in chapter.COUNTS}
    assert next(b for b in when if when[b] >= 50) == 50 == when[50]
    quotients = {
        park: {
            b: training.time_of_gradients(PARKS[park], b) / chapter.g(park, b)[0]
            for b in chapter.COUNTS
        }
        for park in PARKS
    }
    lowest = {park: min(found, key=found.get) for park, found in quotients.items()}
    highest = {park: max(found, key=found.get) for park, found in quotients.items()}
    alike, straggler = "all alike", "one straggler"
    assert [park for park in PARKS if quotients[park][1] == 0.5] == [FAST, "1 to 30", "squares"]
    assert {park: b for park, b in lowest.items() if b != 1} == {alike: 20, straggler: 20}
    assert {park: b for park, b in highest.items() if b != 500} == {FAST: 50, alike: 1}
    ends = [training.time_of_gradients(PARKS[p], 500) for p in (alike, straggler)]
    assert ends[1] / ends[0] < 1.07
    assert ends[1] < max(PARKS[straggler]) == 1000
    return [
        "2. In three of the parks the quotient is 0.5 at $B = 1$",
        f"In the two others, all alike and one straggler, it is least at $B = {lowest[alike]}$, "
        f"with {quotients[alike][20]:.2f} and {quotients[straggler][20]:.2f}. It is greatest at "
        f"$B = {highest[FAST]}$ for one fast and 29 slow, with {quotients[FAST][50]:.3f}, at "
        f"$B = {highest[alike]}$ for all alike, with {quotients[alike][1]:.3f}, and at $B = 500$ "
        "in the three others.",
        f"would come at 1000, and 500 of the others are there at {ends[1]:.0f}.",
    ]


def answers_on_who_works():
    assert [chapter.g(FAST, ratio)[1] for ratio in (48, 50)] == [1, 30]
    least, best = chapter.g("squares", 10)
    assert best == 3
    everybody = 40 / sum(1 / t for t in PARKS["squares"])
    return [
        f"2. Three, with $g = {least:.3f}$; all thirty have {everybody:.1f}, "
        f"{everybody / least:.1f} times as much.",
        f"nearly everybody can help: {chapter.g('squares', 1000)[1]} of the thirty.",
    ]


@pytest.mark.parametrize("name", ["equal", "linear", "one_slow"])
@pytest.mark.parametrize("ratio", [10, 1000])
def test_the_bounds_are_the_known_ones(name, ratio):
    fact = FACTS[f"rennala.{name}.n100.s{ratio}"]
    times = {"equal": [1] * 100, "linear": list(range(1, 101)), "one_slow": [1] * 99 + [1000]}[name]
    least, best = training.fixed_time_bound(times, ratio)
    known = fact["params"]
    assert (least, best) == (pytest.approx(float(fact["value"]), rel=1e-12), known["argmin"])
    assert training.minibatch_time(times, ratio) == pytest.approx(known["minibatch"], rel=1e-12)
    seen = training.asynchronous_time(times, ratio)
    assert seen == pytest.approx(known["asynchronous"], rel=1e-12)
    seen = training.time_of_gradients(times, ratio)
    assert seen == pytest.approx(known["exact_time_of_s_gradients"], rel=1e-12)


def numbers_of_the_table():
    squares = [i * i for i in range(1, 101)]
    least = training.fixed_time_bound(squares, 10)[0]
    assert training.asynchronous_time(squares, 10) / least == pytest.approx(7, abs=0.1)
    assert training.minibatch_time(squares, 10) / least > 1000
    lowest = (1 - math.cos(math.pi / 21)) / 2
    assert chapter.bowl(0).loss(chapter.bowl(0).start) == pytest.approx(1 / 4, rel=1e-12)
    return [f"a quadratic in 20 dimensions with curvatures from {lowest:.3f} to 1."]


def reached(park, noise, how):
    return {m: chapter.curve(m, park, noise, how)[2] for m in chapter.METHODS}


def promised(park, noise):
    return chapter.proved("async", park, noise) / chapter.proved("Rennala", park, noise)


def answers_on_the_four_methods():
    first, good = (reached(FAST, "low", how) for how in ("at first", "for good"))
    assert min(first, key=first.get) == "async"
    run = chapter.raced("async", FAST, "low", 1.4)
    target, waves = chapter.NOISES["low"][1], np.arange(50, 300, 50)
    peaks, troughs = [], []
    for wave in waves:  # the 29 slow ones deliver at each of them
        between = run.loss_in_time[(run.times >= wave) & (run.times < wave + 50)]
        peaks.append(between[0])
        troughs.append(between.min())
    assert all(np.diff([chapter.bowl(0).loss(chapter.bowl(0).start), *peaks]) > 0)
    assert [wave for wave, least in zip(waves, troughs, strict=True) if least > target] == [50]
    assert first["async"] == run.times[run.loss_in_time <= target][0]
    assert 100 < first["async"] < 150
    assert chapter.SETTINGS["at first"][FAST, "low"][-1] == (1.4,)
    squares = reached("squares", "low", "for good")
    assert round(promised(FAST, "low")) == round(promised("squares", "low")) == 12
    return [
        f"1. Async, with {first['async']:.0f} against {first['Rennala']:.0f} for Rennala. At 50, "
        "100, 150, ... 29 old gradients arrive, and the loss jumps, each time higher. Between two "
        f"jumps it falls again, and so it is at the target, first at {first['async']:.0f}. Its "
        "best step for this criterion, 1.4, is far too large",
        f"2. {good['async'] / good['Rennala']:.1f} times: {good['async']:.0f} against "
        f"{good['Rennala']:.0f}. For the squares {squares['async'] / squares['Rennala']:.1f} "
        f"times, where the bounds say {promised('squares', 'low'):.0f}.",
        f"with its best constant step, {good['async'] / good['Rennala']:.1f} times as late as",
    ]


def numbers_of_the_noise_ratios():
    ratios = {level: noise**2 / target for level, (noise, target) in chapter.NOISES.items()}
    for (park, times), (level, ratio) in product(PARKS.items(), ratios.items()):
        said = [training.minibatch_time, training.asynchronous_time]
        known = [chapter.proved(method, park, level) for method in ("sync", "async", "Rennala")]
        least = training.fixed_time_bound(times, ratio)[0]
        assert [*(f(times, ratio) for f in said), least] == pytest.approx(known, rel=1e-12)
    return [
        f"At low noise that is $0.05^2/0.004 = {ratios['low']:.4g}$, at high noise $0.5^2/0.02 = "
        f"{ratios['high']:.4g}$.",
    ]


def numbers_of_what_holds():
    lists = {(p, n): reached(p, n, "for good") for p in PARKS for n in chapter.NOISES}
    best = [key for key, met in lists.items() if met["sync"] == min(met.values())]
    assert best == [("all alike", "low"), ("all alike", "high")]
    ahead = [key for key, met in lists.items() if met["async"] == min(met.values())]
    assert ahead == [("1 to 30", "high"), ("squares", "high")]
    unlike = [met for (park, n), met in lists.items() if park != "all alike" and n == "low"]
    ruin = min(met["sync"] / min(met.values()) for met in unlike)
    gain = lists["1 to 30", "low"]
    return [
        f"by a factor of {math.floor(ruin)} and more at low noise.",
        f"with times 1 to 30 they promise Rennala a factor of {promised('1 to 30', 'low'):.1f} "
        f"over async at low noise, and it gains {gain['async'] / gain['Rennala']:.1f}; at high "
        "noise async is ahead.",
    ]


def dropped(park, bound, step):
    """Return the drops per update that the figure shows, and the loss at the end of its run."""
    times, read, made, gone = chapter.PARKS[park], [0] * 30, 0, 0
    ends = [(n * t, i) for i, t in enumerate(times) for n in range(1, 250 // t + 1)]
    for _, i in sorted(ends):  # one after the other, of two at the same moment the faster first
        stale = made - read[i] >= bound
        made, gone = made + (not stale), gone + stale
        read[i] = made
    run = chapter.raced("Ringmaster", park, "low", step, bound, 250)
    drops = chapter.per_update(park, bound)
    assert drops == run.dropped / run.staleness.sum()
    assert drops == pytest.approx(gone / made, rel=0.005)  # the run ends with the next update
    return drops, run.loss_in_time[-1]


def answers_on_the_bounds():
    ends = {bound: dropped("squares", bound, 1.4)[1] for bound in chapter.BOUNDS}
    assert [bound for bound in ends if ends[bound] < 1] == [1, 2, 4]
    assert chapter.raced("async", "squares", "low", 1.4, until=250).diverged > 0
    fast = {bound: dropped(FAST, bound, 1.4)[0] for bound in chapter.BOUNDS}
    assert len({fast[bound] for bound in (1, 2, 4, 8, 16, 32)}) == 1
    alike = {bound: dropped("all alike", bound, 0.2) for bound in chapter.BOUNDS}
    assert [bound for bound in alike if alike[bound][0] > 1] == [1, 2, 4, 8]
    assert 29 > alike[1][0] > alike[2][0] > alike[4][0] > alike[8][0]
    assert fast[1] == pytest.approx(29 / 50, rel=0.005)
    assert alike[32][0] == alike[64][0] == 0
    assert np.isinf(alike[32][1])
    for found in (fast, {bound: drops for bound, (drops, _) in alike.items()}):
        assert all(drops <= 29 / bound for bound, drops in found.items())
    return [
        "1. Squares, step 1.4: what does async do?",
        f"at $R = 1$ only {fast[1]:.2f} gradients are dropped for each update",
        f"$\\frac{{29}}{{50}} = {29 / 50}$ drops for each update at every $R$ up to 32, when "
        f"the bound has come down to {29 / 32:.3f}.",
        f"3. $R = 8$ drops {alike[8][0]:.2f}, where the bound is {29 / 8 + 1e-9:.2f}. Smaller ones "
        f"drop more, and $R = 1$ drops {alike[1][0]:.1f}, nearly its bound of 29.",
    ]


def rate(name, law):
    return chapter.rate(name, law) / chapter.rate("async", law)


def answers_on_half():
    equal = ["1 + exponential", "exponential", "uniform", "constant", "Pareto 1.1"]
    shares = {law: rate("half", law) for law in equal}
    worst = min(shares.values())
    assert shares["constant"] == pytest.approx(worst) == pytest.approx(shares["uniform"])
    straggler, twice = "constant, one 1000 times slower", "constant, each twice the last"
    assert rate("sync", straggler) == pytest.approx(1e-3, rel=0.06)
    assert 1 / rate("half", twice) == pytest.approx(186, abs=1)
    return [
        f"1. Constant and uniform times: {worst:.3f}, twice the quarter.",
        f"2. Half-sync, with {shares['Pareto 1.1']:.2f} times as many",
        f"Half-sync makes {rate('half', straggler):.2f}, as if",
        f"4. No: {rate('half', twice):.4f}, a hundred and eighty times fewer.",
        f"With times 1 to 21 it makes {rate('half', 'constant, 1 to 21'):.3f}.",
        f"$\\frac{{11 \\cdot 11}}{{21^2}} = {121 / 441:.3f}$.",
    ]


@pytest.mark.parametrize("law", list(chapter.CROWDS)[:5])
def test_no_law_with_a_mean_brings_half_below_its_bound(law):
    assert rate("half", law) >= 121 / 441


def numbers_of_the_first_alone():
    work = sg.two_point(usual=0.001, slow=1, probability=0.75)
    first, half = (k / sg.KSync(21, k).time_per_update(work) for k in (1, 11))
    return [
        "if a worker takes 0.001, or 1 with probability $\\frac34$, then of 21 the first alone "
        f"brings {first:.0f} gradients a second, half-sync {half:.0f}, and never waiting "
        f"{21 / work.mean():.0f}.",
    ]


@pytest.mark.parametrize("broken", [1, 3, 5])
def test_half_sync_hardly_notices_a_few_broken_machines(broken):
    crowd = [sg.exponential(rate=1)] * (21 - broken) + [sg.exponential(rate=0.001)] * broken
    half = 11 / sg.KSync(21, 11).time_per_update(crowd)
    assert half > 0.5 * sum(1 / work.mean() for work in crowd)


def test_the_slow_ones_are_not_heard_with_k_up_to_6():
    assert [training.time_of_gradients([1, 1, 4, 4], k) for k in (6, 7)] == [3, 4]


def cells_after(words):
    return [n for kind, n, source in page.cells("limits") if kind == "code" and words in source]


def numbers_of_where_it_fails():
    space = {"np": np, "sg": sg, "training": training, "rng": np.random.default_rng(1)}
    page.run("limits", cells_after("delivered = np.floor") + cells_after("stuck = "), space)
    settles = space["delivered"] @ space["b"] / space["K"]
    x = np.linspace(-1, 2, 301)
    losses = ((x[:, None] - space["b"]) ** 2 / 2).mean(axis=1)
    assert x[losses.argmin()] == pytest.approx(1 / 2) == np.mean(space["b"])
    assert space["delivered"].sum() == space["K"]
    assert space["batch"].time_per_update > 50 * space["given_up"]
    return [
        "1, or, with probability 0.1, 1000.",
        "about $\\frac1{0.9}$ a gradient and worker",
        "and it is least at $x = \\frac12$.",
        f"It settles at {settles:g} instead of {np.mean(space['b']):g}",
    ]


def ages_of_slow_gradients(times, until):
    """Return how old all gradients of the slow workers are after their first, in async."""
    read, first, ages = [0] * len(times), min(times), set()
    ends = sorted((n * t, i) for i, t in enumerate(times) for n in range(1, until // t + 1))
    for made, (when, i) in enumerate(ends):
        if times[i] > first:
            assert (read[i] == 0) == (when == times[i])
            ages |= {made - read[i]} if when > times[i] else set()
        read[i] = made + 1
    return ages.pop() if len(ages) == 1 else ages


def numbers_of_the_problems():
    sandwich, tuned = {}, {}
    exec(page.solution("limits", "ex-sandwich"), sandwich)
    assert 0.5 <= sandwich["quotients"].min() <= sandwich["quotients"].max() <= 1
    exec(page.solution("limits", "ex-tune"), tuned)
    together, alone = tuned["asynchronous"], tuned["alone"]
    best = [step for step in together if together[step] == min(together.values())]
    assert np.isinf(together[0.7])
    single = min(alone, key=alone.get)
    late = {}
    exec(page.solution("limits", "ex-async-slow"), late)
    step = min(late["asynchronous"], key=lambda step: late["asynchronous"][step][1])
    for_good, fast = late["asynchronous"][step][1], late["alone"][1]
    old = ages_of_slow_gradients(late["times"], 1000)
    return [
        f"The bounds say {late['promise']:.0f}, with the target loss in the place of "
        f"$\\varepsilon$. For good async needs {for_good:.0f}, with {step}, and $K = 1$ (the fast "
        f"machine alone) {fast:.0f}: a factor of {for_good / fast:.0f}.",
        "At 200 the 99 slow ones deliver gradients of the first model, one after the other; at "
        f"400, 600, ... each delivers one of a model that is {old} updates old.",
        f"At first async needs {late['bold'][0]:.0f}, with 1.4, as the fast machine alone does",
        f"All lie between 0.5 and 1, with a mean of {sandwich['quotients'].mean():.2f}; those with "
        f"$B \\le 5$ have a mean of {sandwich['few']:.2f}.",
        f"first reaches a mean loss of {chapter.NOISES['low'][1]}, on a grid.",
        f"Async is at the target after {together[best[0]]:.0f}, with {best[0]} or {best[1]}; at "
        f"0.7 never. $K = 1$ is there after {alone[single]:.0f}, with {single}.",
        "look at the whole curve for 0.5.)",
    ]


SECTIONS = [
    answers_on_the_staircase,
    answers_on_who_works,
    numbers_of_the_table,
    answers_on_the_four_methods,
    numbers_of_the_noise_ratios,
    numbers_of_what_holds,
    answers_on_the_bounds,
    answers_on_half,
    numbers_of_the_first_alone,
    numbers_of_where_it_fails,
    numbers_of_the_problems,
]
GIVEN = {"0.2"}  # a step set by the text


@page.each(SECTIONS, slow=[numbers_of_what_holds, answers_on_the_bounds, numbers_of_the_problems])
def test_the_text_says_what_is_computed(section):
    assert page.missing("limits", page.said(section)) == []


@pytest.mark.slow
def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("limits", phrases, GIVEN) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["at first", "for good"])
def test_a_step_beside_the_best_one_is_not_better_for_async(how):
    for (park, noise), (*_, (step,)) in chapter.SETTINGS[how].items():
        target = chapter.NOISES[noise][1]
        best = chapter.curve("async", park, noise, how)[2]
        for other in (step / 1.6, step * 1.6):
            run = chapter.raced("async", park, noise, other)
            when = chapter.reached_at(run.times, run.loss_in_time, target, how)
            assert not when < 0.9 * best
