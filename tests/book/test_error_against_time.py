"""The chapter "Error against the clock": what it says is what its figures and formulas show."""

import math

import numpy as np
import pytest
from scipy import optimize

import stragglers as sg
from stragglers import training
from stragglers.figures import error_against_time as chapter

from ..conftest import FACTS
from ..training import events
from . import page

EXP, SHIFT = chapter.LAWS["exponential"], chapter.LAWS["1 + exponential"]
PROBLEM = chapter.PROBLEM
H10 = sum(1 / j for j in range(1, 11))


def known(name):
    return FACTS[name]


def order(law, step):
    """Return the protocols by their loss, after 100 updates and at time 10."""
    said = page.sentence(chapter.two_plots, law=law, step=step)
    after, moment = said.split("greatest: ")[1].rstrip(".").split(". At time 10: ")
    return after, moment


def answers_on_the_two_plots():
    assert order("exponential", 0.1) == ("sync, 5-sync, async", "async, 5-sync, sync")
    assert order("exponential", 0.2)[1].startswith("5-sync, async")
    limit, floor = PROBLEM.largest_step(sg.Async(10)), PROBLEM.floor(sg.Async(10), 0.2)
    ratio = 10 * sg.Sync(10).time_per_update(EXP)
    assert ratio == pytest.approx(10 * H10, rel=1e-12)
    return [
        f"there are $10 H_{{10}} = {ratio:.1f}$ of them",
        f"the largest step it bears, {limit:g}, and its loss settles at {floor:.2f}.",
    ]


def test_no_law_saves_a_plot_against_updates():
    assert order("1 + exponential", 0.1) == ("sync, 5-sync, async", "async, 5-sync, sync")


def meeting(opponent, step, other=0.1):
    return chapter.crossings(opponent, step, other)


LONG = (*np.geomspace(0.01, 5, 25), *np.arange(6.0, 121, 2), *np.arange(125.0, 401, 25))


def loss_ratio(opponent, step, moments=LONG):
    """Return the loss of async over that of the opponent, its step 0.1: at moments, at the floors.

    The ratio of the floors stands last.
    """
    names = {"async": step, opponent: 0.1}
    mine, theirs = (
        [*chapter.exact(n, "exponential", s, moments), PROBLEM.floor(chapter.protocol(n), s)]
        for n, s in names.items()
    )
    return np.divide(mine, theirs)


def changes(opponent, step):
    """Return the moments of the grid before which async and the opponent change places."""
    ahead = loss_ratio(opponent, step)[:-1] < 1
    return [LONG[i + 1] for i in np.flatnonzero(ahead[1:] != ahead[:-1])]


def ahead_for_ever(opponent, step):
    """Return whether async is ahead from just after the start to time 400, and at the floors."""
    return bool(np.all(loss_ratio(opponent, step) < 1))


def answers_on_the_crossings():
    at_once, slow = meeting("5-sync", 0.1), meeting("sync", 0.1)
    assert slow == pytest.approx([float(known("cross.sync.async.m10")["value"])], abs=1e-2)
    assert at_once == pytest.approx([22.244631], abs=1e-2)
    steps = (0.005, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.025, 0.05, 0.1)
    met = {step: meeting("5-sync", step) for step in steps}
    assert [step for step in steps if not met[step]] == [0.015, 0.0175]
    assert [step for step in steps if len(met[step]) == 2] == [0.005, 0.01, 0.0125]
    assert all(len(met[step]) == 1 for step in (0.02, 0.025, 0.05, 0.1))
    for step in steps:
        assert loss_ratio("5-sync", step)[0] < 1
        assert changes("5-sync", step) == pytest.approx(met[step], abs=2)
        said = page.sentence(chapter.two_steps, opponent="5-sync", other=0.1, step=step)
        assert ("async is ahead at first" if met[step] else "async is ahead from the start") in said
    assert [step for step in steps if ahead_for_ever("5-sync", step)] == [0.015, 0.0175]
    assert [step for step in steps if not meeting("sync", step)] == list(steps[:7])
    assert [step for step in steps if ahead_for_ever("sync", step)] == [0.005]
    floors = [PROBLEM.floor(sg.Sync(10), 0.1), PROBLEM.floor(sg.Async(10), 0.01)]
    late = optimize.brentq(lambda t: loss_ratio("sync", 0.01, (t,))[0] - 1, 100, 300)
    moments = [met[step][0] for step in (0.0125, 0.01, 0.005)]
    return [
        f"async and 5-sync meet at {at_once[0]:.1f}.",
        "1. At 0.015 and 0.0175. Async is ahead throughout.",
        "2. At 0.0125 and below async is ahead only for a moment, until "
        f"{moments[0]:.1f}, {moments[1]:.1f} and {moments[2]:.1f}. Then 5-sync is ahead, and async "
        "again later:",
        "At 0.02 and above async is ahead at first, 5-sync later.",
        f"3. At {slow[0]:.1f}. Without a crossing: at 0.005, where async is ahead throughout. From "
        "0.01 to 0.025 the figure shows none either, but it ends too soon. At 0.01 they meet at "
        f"{late:.0f}: sync has the lower floor, {floors[0]:.5f} against {floors[1]:.5f}.",
    ]


def numbers_of_the_small_steps():
    rate = chapter.throughput("5-sync", "exponential")
    assert rate == pytest.approx(5 / (H10 - sum(1 / j for j in range(1, 6))), rel=1e-12)
    return [
        "with a step of 0.0175?",
        "5-sync at 0.1 has $h = 0.02$, and async (ten gradients a second, against "
        f"{rate:.1f}) wins throughout",
    ]


def least(name, time):
    return chapter.least_loss(name, time)[0]


def answers_on_the_own_steps():
    names = chapter.ENTRANTS
    foreseen = [chapter.predicted(name, chapter.SHIFTED, 100)[1] for name in names]
    found = [least(name, 100) for name in names]
    said = page.sentence(chapter.own_step, time=100)
    assert said.endswith("Least: async.")
    rates = [chapter.throughput(name, chapter.SHIFTED) for name in names]
    wanted = {name: chapter.predicted(name, chapter.SHIFTED, 10)[0] for name in names}
    steps, losses, _ = chapter.tried("async", 10)
    lowest, _, best = chapter.least_loss("async", 10)
    later = int(np.argmin(abs(steps - 1.6 * best)))
    coarse = min(losses[::2])
    ten, five = ({name: least(name, time) for name in names} for time in (10, 5))
    small = {name: chapter.predicted(name, chapter.SHIFTED, 10)[1] for name in names}
    assert ten["sync"] > 2 * small["sync"]
    assert 1 < ten["7-sync"] / small["7-sync"] < 1.1
    assert five["async"] > 4 * chapter.predicted("async", chapter.SHIFTED, 5)[1]
    assert five["7-sync"] < five["async"]
    for time in (10, 20, 30, 50, 100):
        assert least("async", time) < least("7-sync", time) < least("sync", time)
    assert steps[2] / steps[0] == pytest.approx(1.25, abs=0.02)
    assert losses[later] / lowest == pytest.approx(5, abs=0.5)
    own = chapter.best_step(7, "1 + exponential", 10)
    seven = PROBLEM.error(sg.KSync(10, 7), SHIFT, 1.6 * own, 10)
    assert seven / ten["7-sync"] < losses[later] / lowest
    a, b, c = foreseen
    return [
        f"Predicted {a:.4f}, {b:.4f} and {c:.4f} for sync, 7-sync and async; found "
        f"{found[0]:.4f}, {found[1]:.4f} and {found[2]:.4f}. Async wins, by a factor of "
        f"{found[1] / found[2]:.1f}; the throughputs differ by {rates[2] / rates[1]:.1f}.",
        f"wants a step that is not small: {wanted['sync']:.1f}, where sync is stable below 2 only. "
        f"7-sync, which wants {wanted['7-sync']:.1f}, is a little above its own.",
        f"Async is near its own, {ten['async']:.3f} against {small['async']:.3f}.",
        f"it has {five['async']:.2f}, 7-sync {five['7-sync']:.3f}.",
        f"if its step is {steps[later] / best:.1f} times its best one?",
        f"Async goes from {lowest:.3f} at {best:.3f} to {losses[later]:.3f} at "
        f"{steps[later]:.3f}, five times as much",
        f"its least loss would be {coarse:.3f}.",
        f"1.6 times its best step, {own:.2f}, takes it from {ten['7-sync']:.3f} to {seven:.3f}.",
    ]


def test_the_least_loss_of_async_at_time_10_is_that_of_a_plain_heap():
    rng, step, ends = np.random.default_rng(31), chapter.least_loss("async", 10)[2], []
    for _ in range(600):
        x, _ = events.k_async(
            10, 1, lambda r: 1 + r.standard_exponential(), step, 1.0, 10.0, 10.0, rng
        )
        ends.append(x * x / 2)
    error = np.hypot(np.std(ends) / np.sqrt(600), chapter.least_loss("async", 10)[1])
    assert abs(np.mean(ends) - least("async", 10)) < 5 * error


@pytest.mark.parametrize("time", [10, 30, 100])
def test_the_best_k_of_the_shifted_law_is_the_known_one(time):
    fact = known(f"shift.beststep.t{time}")
    losses = chapter.losses_of_k("1 + exponential", time, True)
    assert losses.argmin() + 1 == fact["params"]["K"] == chapter.throughput_k("1 + exponential")
    assert abs(losses.min() - float(fact["value"])) < 5 * fact["standard_error"]


def best(law, time, tuned):
    return int(chapter.losses_of_k(law, time, tuned).argmin()) + 1


def answers_on_the_best_k():
    times = (2, 5, 10, 20, 30, 50, 100, 200)
    fixed = {t: best("1 + exponential", t, False) for t in times}
    assert {fixed[t] for t in times[:5]} == {1}
    tuned = {t: best("1 + exponential", t, True) for t in times}
    assert {tuned[t] for t in times[1:]} == {7}
    assert tuned[2] == 2
    assert (
        {best("exponential", t, True) for t in times}
        == {1}
        == {chapter.throughput_k("exponential")}
    )
    rate = chapter.throughput("1-sync", "1 + exponential")
    both = [PROBLEM.best_step(p, EXP, 30) for p in (sg.Async(10), sg.KSync(10, 1))]
    losses = [
        PROBLEM.error(p, EXP, step, 30)
        for p, step in zip((sg.Async(10), sg.KSync(10, 1)), both, strict=True)
    ]
    assert losses[0] == pytest.approx(float(known("beststep.async.t30")["value"]), rel=1e-6)
    return [
        f"1 until time 30, then {fixed[50]} at 50, {fixed[100]} at 100, {fixed[200]} at 200.",
        "each further gradient waits for a longer leg, so that $K = 1$ makes most gradients per",
        "**In long and noisy runs the best $K$ grows with the time one has only if the step is",
        f"the tuned best $K$ may grow too: here from {tuned[2]} to {tuned[5]}.)",
        f"and 1-sync makes {rate:.1f} gradients a second instead of ten.",
        f"{losses[0]:.4f} against {losses[1]:.4f} at time 30.",
    ]


def test_async_beats_1_sync_from_time_10_on():
    for time, ahead in ((5, False), (10, True), (30, True), (100, True)):
        losses = [
            PROBLEM.error(p, EXP, PROBLEM.best_step(p, EXP, time), time)
            for p in (sg.Async(10), sg.KSync(10, 1))
        ]
        assert (losses[0] < losses[1]) == ahead


def at(run, time):
    place = int(np.searchsorted(run.times, time - 1e-9))
    assert run.times[place] == pytest.approx(time)
    return run.loss_in_time[place], run.loss_in_time_error[place]


def numbers_of_a_little_momentum():
    stale, fresh = (PROBLEM.best_step(p, EXP, 10) for p in (sg.Async(10), sg.KSync(10, 1)))
    assert (2 - (1 + stale) / 10) ** 2 < 4 * 0.9  # the roots of the mean are a complex pair
    return [
        f"At time 10 the best step of async is {stale:.4f}, that of 1-sync {fresh:.4f}.",
        f"by $\\sqrt{{1 - \\frac1{{10}}}} = {0.9**0.5:.3f}$ at each update, against "
        f"$1 - {fresh:.4f} = {1 - fresh:.3f}$.",
    ]


def test_half_the_step_halves_the_floor_and_half_the_gradients_double_it():
    settings = ((sg.Sync(10), 0.1), (sg.Sync(10), 0.05), (sg.KSync(10, 5), 0.1))
    floor, half, fewer = (PROBLEM.floor(protocol, step) for protocol, step in settings)
    assert half / floor == pytest.approx(0.5, abs=0.02)
    assert fewer / floor == pytest.approx(2)


def answers_on_a_k_that_grows():
    grow = at(chapter.grown("exponential", False), 60)[0]
    fixed = [chapter.exact(f"{k}-sync", "exponential", 0.1, (60.0,))[0] for k in (1, 5, 10)]
    assert fixed[1] == min(fixed)
    early = [at(chapter.grown("1 + exponential", falling), 24)[0] for falling in (False, True)]
    late = [at(chapter.grown("1 + exponential", falling), 120) for falling in (False, True)]
    assert abs(late[0][0] - late[1][0]) < 2 * math.hypot(late[0][1], late[1][1])
    return [
        f"1. {grow:.4f} against {fixed[1]:.4f} for $K = 5$.",
        f"At time 24 the loss is {early[0]:.2f} with a growing $K$ and {early[1]:.3f} with a "
        "falling step",
    ]


def test_the_schedule_and_its_loss_are_the_known_ones():
    fact = known("adaptive.m10.t20")
    schedule = chapter.schedule("exponential")
    assert [k for _, k in schedule] == [k for _, k in fact["params"]["schedule"]]
    loss, error = at(chapter.grown("exponential", False), 20)
    apart = 2 * loss - float(fact["value"])
    assert abs(apart) < 5 * math.hypot(2 * error, fact["standard_error"])


def fastest(law, scale):
    said = page.sentence(chapter.crowd, law=law, scale=scale)
    return int(said.split(": ")[1].split()[0]), said


def answers_on_the_crowd():
    best, said = fastest("exponential", 100)
    shifted = fastest("1 + exponential", 100)[0]
    assert best == int(known("criticalbatch.exp.B100")["params"]["argmin"])
    assert "from about 190 to beyond 3000" in said
    times = [
        chapter.time_to_target("exponential", 100, m) for m in (best, best // 2, 2 * best, 3100)
    ]
    assert times.pop() < 1.1 * times[0]
    assert max(times) < 1.05 * times[0]
    assert times[0] == pytest.approx(float(known("criticalbatch.exp.B100")["value"]), rel=1e-9)
    assert shifted / best == pytest.approx(1.2, abs=0.01)
    return [
        f"1. {best}; but the minimum is shallow: from about 190 to beyond 3000",
        f"3. To {shifted}, a fifth more.",
    ]


def answers_on_the_irises():
    found = {t: {n: chapter.best_flowers(n, t) for n in chapter.ENTRANTS} for t in (20, 100)}
    apart = {}
    for t, entry in found.items():
        assert sorted(entry, key=lambda n: entry[n][1]) == ["async", "7-sync", "sync"]
        (_, one, e1), (_, other, e2) = entry["async"], entry["7-sync"]
        apart[t] = (other - one) / math.hypot(e1, e2)
    early, late = (found[t] for t in (20, 100))
    steps = {name: late[name][0] for name in ("sync", "async")}
    rates = {name: chapter.throughput(name, chapter.SHIFTED) for name in steps}
    assert rates["sync"] / rates["async"] == pytest.approx(0.5, abs=0.02)
    small = {name: chapter.predicted(name, chapter.SHIFTED, 100)[0] for name in steps}
    return [
        f"Async at both: {early['async'][1]:.3f} against {early['7-sync'][1]:.3f} for 7-sync at "
        f"time 20, and {late['async'][1]:.4f} against {late['7-sync'][1]:.4f} at time 100. The "
        f"first difference is {apart[20]:.1f} of its standard errors, the second "
        f"{apart[100]:.1f}:",
        f"Sync likes {steps['sync']:g}, async {steps['async']:g} at time 100: a ratio of "
        f"{steps['sync'] / steps['async']:.0f}.",
        f"For our quadratic at time 100 the formula says {small['sync'] / small['async']:.1f}, and",
    ]


def test_with_little_noise_the_tuned_best_k_grows_with_the_time_one_has():
    problem = training.Quadratic(curvature=(1, chapter.CREEP), start=(10, 10), noise=0.05)
    found = []
    for time in (100, 1000):
        teams = [sg.KSync(10, k) for k in range(1, 11)]
        steps = [problem.best_step(team, SHIFT, time) for team in teams]
        pairs = zip(teams, steps, strict=True)
        found.append(int(np.argmin([problem.error(team, SHIFT, s, time) for team, s in pairs])) + 1)
    assert found == [2, 6]


def answers_on_two_curvatures():
    losses = {noise: chapter.creeping(noise)[1] for noise in (0.05, 1, 2)}
    assert [losses[n].argmin() + 1 for n in losses] == [2, 5, 6]
    worse = {n: losses[n][6] / losses[n].min() for n in losses}
    assert worse[0.05] == pytest.approx(4, abs=0.05)
    few = losses[0.05]
    return [
        "with the curvatures 1 and 0.02.",
        "at $1 - 0.02\\,\\eta$ an update.",
        "1. Noise 0.05: which $K$ is best",
        f"With $K = 7$ the loss is {few[6]:.3f} instead of {few.min():.4f}: four times as much.",
        f"there $K = 5$ is best, and 7 is {100 * worse[1] - 100:.0f} % worse. At noise 2 it is 6, "
        f"and 7 is {100 * worse[2] - 100:.0f} % worse.",
    ]


def numbers_of_the_bound():
    space = {"np": np, "sg": sg, "training": training}
    page.run("error_against_time", [bound_cell()], space)
    bound, truth = space["bound"], space["truth"]
    chosen = int(np.argmin(bound[300]))
    assert chosen + 1 == int(known("adasync.bound.t300")["params"]["K"]) == 5
    assert int(np.argmin(truth[300])) + 1 == 20
    assert truth[300][chosen] / min(truth[300]) == pytest.approx(4, abs=0.01)
    assert all(min(truth[t]) < min(bound[t]) for t in bound)
    return ["At time 300 the bound chooses $K = 5$, and 20 would have been best, with a quarter"]


def bound_cell():
    cells = page.cells("error_against_time")
    return next(name for kind, name, source in cells if kind == "code" and "bound = {" in source)


def numbers_of_the_problems():
    space = {}
    exec(page.solution("error_against_time", "ex-vanish"), space)
    assert space["meeting"] == pytest.approx(float(known("cross.ksync5.ksync1.m10")["value"]), 1e-6)
    assert all(space["ahead"])
    crowds = {}
    exec(page.solution("error_against_time", "ex-crowd-shift"), crowds)
    zero, one, four = crowds["fastest"].values()
    rates = [chapter.throughput(f"{k}-sync", "exponential") for k in (1, 5)]
    return [
        f"They meet at {space['meeting']:.1f}. With step $0.1/5 = 0.02$ 1-sync is ahead",
        f"{rates[0]:.0f} against {rates[1]:.1f}.",
        f"{zero}, {one} and {four}. An update takes",
    ]


SECTIONS = [
    answers_on_the_two_plots,
    answers_on_the_crossings,
    numbers_of_the_small_steps,
    answers_on_the_own_steps,
    answers_on_the_best_k,
    numbers_of_a_little_momentum,
    answers_on_a_k_that_grows,
    answers_on_the_crowd,
    answers_on_the_irises,
    answers_on_two_curvatures,
    numbers_of_the_bound,
    numbers_of_the_problems,
]
GIVEN = {"0.1", "0.2"}  # steps set by the text


@page.each(
    SECTIONS, slow=[answers_on_the_crossings, answers_on_the_two_plots, answers_on_the_best_k]
)
def test_the_text_says_what_is_computed(section):
    assert page.missing("error_against_time", page.said(section)) == []


@pytest.mark.slow
def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("error_against_time", phrases, GIVEN) == []
