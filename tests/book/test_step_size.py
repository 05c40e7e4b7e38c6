"""The chapter "How large a step": each answer and number that the text writes out."""

import contextlib
import io
import math

import numpy as np
import pytest

import stragglers as sg
from stragglers import training
from stragglers.figures import step_size
from stragglers.theorems.step_size import harmonic

from ..conftest import FACTS
from . import page

UNIT = training.Quadratic()
CLOCKWORK, RANDOM = step_size.DELAYS


def known(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def numbers_of_the_opening():
    clockwork, erratic = (
        UNIT.largest_step(training.ConstantDelay(9)),
        UNIT.largest_step(sg.Async(10)),
    )
    assert clockwork == known("stab.const.tau9")
    assert erratic == known("stab.ms.exp.m10")
    return [
        f"It explodes at {clockwork:.3f}.",
        f"It goes well up to {erratic:.1f}.",
        f"For $\\tau = 9$ the limit is {clockwork:.4f}.",
        f"Too small: {clockwork:.3f} where {erratic:.1f} is the limit.",
        f"$\\frac{{1 + \\sqrt{{81}}}}{{20}} = {erratic:.1f}$",
        f"above clockwork's {clockwork:.3f} and below the {erratic:.1f} of exponential workers.",
        f"{erratic / clockwork:.0f} times the step".replace("3 times", "Three times"),
    ]


def last(delay, theta):
    """Return the sizes of the mean and of the root mean square after all updates of the figure."""
    both = [
        page.series(step_size.paths, 1, name, delay=delay, theta=theta)[step_size.UPDATES]
        for name in ("|mean|", "root mean square")
    ]
    return dict(zip(("mean", "root"), both, strict=True))


def answers_of_the_paths():
    settles = {
        (delay, theta): tuple(abs(part[-1]) < 1 for part in step_size.exact_means(delay, theta))
        for delay in step_size.DELAYS
        for theta in step_size.STEPS
    }
    clockwork = [theta for theta in step_size.STEPS if settles[CLOCKWORK, theta] == (True, True)]
    assert clockwork == [theta for theta in step_size.STEPS if settles[CLOCKWORK, theta][0]]
    following = step_size.STEPS[len(clockwork)]
    torn = [t for t in step_size.STEPS if settles[RANDOM, t] == (True, False)]
    assert torn == [t for t in step_size.STEPS if t >= UNIT.largest_step(sg.Async(10))]
    assert len(torn) == 8
    assert "the mean settles, the mean square does not" in page.sentence(
        step_size.paths, delay=RANDOM, theta=torn[0]
    )
    mean, root = (part[-1] for part in step_size.exact_means(RANDOM, 4))
    assert math.floor(math.log10(root)) + 1 == 24
    growth = np.diff(step_size.exact_means(RANDOM, 0.5)[1][-10:])
    assert (growth > 0).all()
    still = [last(delay, 0.02)["root"] for delay in step_size.DELAYS]
    return [
        f"Between {clockwork[-1]} and {following}, and the mean explodes with them.",
        "**find a step at which the bold mean settles, and the root mean square does not.**",
        f"All from {torn[0]} to {torn[-1]}, the end of the slider: eight of them. At 0.5, the",
        f"At 4 the mean after 120 updates is {mean:.4f}, and the root of the mean square has 24",
        f"the mean is at {last(CLOCKWORK, 0.3)['mean']:.0f} after 120 updates. Random: all is "
        f"quiet, with a root mean square of {last(RANDOM, 0.3)['root']:.2f}.",
        f"the root mean square is {still[0]:.3f} and {still[1]:.3f}.",
    ]


def sizes_of_runs(theta, replicas=4000):
    """Return |x| of independent runs after all updates of the figure."""
    rng, rows = np.random.default_rng(1), np.arange(replicas)
    held, x = np.ones((replicas, 10)), np.ones(replicas)
    for _ in range(step_size.UPDATES):
        worker = rng.integers(10, size=replicas)
        x = x - theta * (held[rows, worker] + step_size.NOISE * rng.standard_normal(replicas))
        held[rows, worker] = x
    return np.sort(abs(x))


def runs_beyond_the_limit():
    few, all_of_them = sizes_of_runs(0.6), sizes_of_runs(4)
    assert (few[-200:] ** 2).sum() > 0.75 * (few**2).sum()
    assert np.median(few) < 1.5
    assert all_of_them[0] > 1e6
    told = " ".join(step_size.step_of_the_mean()[1].split())
    assert "Beyond it the mean square explodes, and at somewhat larger steps every run" in told
    assert "the runs explode" not in told  # not all beyond 0.5: see numbers_of_one_run
    return [
        "At 0.6 a few rare runs carry it, and most runs stay small.",
        "There all runs explode, in both directions,",
    ]


def words_of_the_fresh():
    def squares(theta, updates=20_000, m=4):
        found = [1.0]
        for _ in range(updates):
            found.append((1 - theta) ** 2 * found[-1] + theta**2 / m)
        return found

    bounded = {theta: squares(theta)[-1] < 1000 for theta in (0, 0.01, 1.99, 2)}
    assert bounded == {0: True, 0.01: True, 1.99: True, 2: False}
    return [
        "$\\sigma_g > 0$ and $\\theta > 0$. Then $E[x^2]$ stays bounded if and only if "
        "$\\theta < 2$, and then in the long run"
    ]


def answers_of_the_roots():
    for delay in (0, 1, 2, 4, 9):
        theta = training.ConstantDelay(delay).limit
        found = step_size.roots_of(delay, theta)
        assert (abs(abs(found) - 1) < 1e-9).sum() == (1 if delay == 0 else 2)
        calm = [
            share
            for share in step_size.SHARES
            if (step_size.path_of(delay, share * theta) > 0).all()
        ]
        assert calm == ([0.1, 0.2, 0.35] if delay == 0 else [0.1, 0.2])
    angle = min(
        abs(np.angle(z))
        for z in step_size.roots_of(9, training.ConstantDelay(9).limit)
        if abs(abs(z) - 1) < 1e-9
    )
    swing = 2 * math.pi / angle
    assert swing == pytest.approx(2 * 19, rel=1e-9)
    assert step_size.path_of(0, 1.0)[1] == 0
    return [
        f"About {swing:.0f}, which is $2(2\\tau + 1)$",
        "For 0.1 and 0.2, if there is a delay. For $\\tau = 0$ also for 0.35, and at 0.5 the path",
    ]


def answers_of_the_middle_k():
    limits = step_size.limits_by_k(10)
    assert [k for k in range(1, 11) if limits[k - 1] > 2 * (1 + 1e-9)] == [5, 6, 7, 8, 9]
    assert limits[3] == pytest.approx(2, rel=1e-12)
    assert limits.argmax() + 1 == 7
    stale, fresh = step_size.floors_by_k(10, 0.1)
    assert 1.8 < stale[0] / fresh[0] < 2
    far = step_size.floors_by_k(10, 1.5)
    assert [k for k in range(1, 10) if far[0][k - 1] < far[1][k - 1]] == [7, 8, 9]
    many = step_size.limits_by_k(50)
    for k in (2, 5, 9):
        assert limits[k - 1] == known(f"stab.ms.kasync.m10K{k}")
    return [
        f"The largest is {limits.max():.1f}, at $K = 7$; at $K = 4$ it is 2, exactly",
        f"the floor is {stale[0]:.4f} instead of {fresh[0]:.4f}, nearly twice. At $K = 5$ it is "
        f"{stale[4]:.4f} instead of {fresh[4]:.4f}.",
        f"At $K = 8$ it is {far[0][7]:.3f}, for fresh ones {far[1][7]:.3f}.",
        f"4. {many.max():.3f}, at $K = {many.argmax() + 1}$.",
        f"K-async with $K = 7$: {limits.max():.1f}, against 2 for sync and {limits[0]:.1f} for",
        f"bears a step of {limits[4]:.2f}, async only {limits[0]:.1f}.",
    ]


def answers_of_the_speeds():
    found = step_size.speed_limits(10)
    names = {
        "sync": "sync.m10",
        "half-sync": "ksync.half.m10",
        "half-async": "kasync.half.m10",
        "async": "async.m10",
        "clockwork async": "async.constant.m10",
    }
    for name, fact in names.items():
        assert found[name] == known(f"speedlimit.{fact}")
    order = sorted(found, key=found.get, reverse=True)
    assert 2 / sg.KSync(10, 1).time_per_update(sg.exponential(rate=1)) == pytest.approx(20)
    for few, many in ((10, 20), (50, 100)):
        a, b = step_size.speed_limits(few), step_size.speed_limits(many)
        grow = {name for name in a if b[name] > a[name] * (1 + 1e-9)}
        assert grow == {"async", "half-async"}
        assert b["async"] / a["async"] == pytest.approx(math.sqrt(2), rel=0.04)
        assert a["half-sync"] > b["half-sync"] > 2 / math.log(2)
    for m, half in ((1, 1), (5, 2), (10, 5)):
        time = sg.KSync(m, half).time_per_update(sg.exponential(rate=1))
        assert step_size.speed_limits(m)["half-sync"] == pytest.approx(2 / time, rel=1e-12)
    rate = 1 / sg.KAsync(10, 5).time_per_update(sg.exponential(rate=1))
    return [
        ", ".join(f"{name} {found[name]:.3f}" for name in order)
        + f". The clockwork ratio is {found['clockwork async'] / 2:.3f}, and it tends to "
        f"$\\frac\\pi4 = {math.pi / 4:.3f}$.",
        '"half" means $K = \\frac m2$, rounded down, but at least 1.',
        f"towards $2/\\ln 2 = {2 / math.log(2):.3f}$ as",
        f"waits for its five, and makes {rate:.2f}.",
        f"takes $H_{{10}} = {harmonic(10):.2f}$ mean times, in which async makes "
        f"{10 * harmonic(10):.0f}.",
    ]


def numbers_of_problems():
    assert UNIT.largest_step(sg.Async(3)) == known("stab.ms.exp.m3")
    assert UNIT.largest_step(training.ConstantDelay(1)) == pytest.approx(1, rel=1e-12)
    assert UNIT.largest_step(sg.Async(10), moment=1) == known("stab.mean.exp.m10")
    floor = UNIT.floor(training.ConstantDelay(1), step=0.3)
    assert floor == known("floor.const.tau1.al0.3")
    costs = UNIT.floor(sg.Async(10), 1 / 90) / UNIT.floor(sg.Sync(1), 1 / 90)
    assert costs == pytest.approx(1.1, abs=0.002)
    return [
        f"at about $\\theta = \\frac1{{90}}$, {1 / 90:.3f}.",
        f"At $\\theta = 0.3$ and $\\eta = 0.3$, $\\sigma_g = 1$ this is {floor:.4f};",
    ]


def numbers_of_the_best_k():
    space = {"np": np, "sg": sg, "training": training}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.solution("step_size", "ex-step-best-k"), space)
    best = space["best"]
    assert best[1000][1] / best[100][1] == pytest.approx(10**0.25, rel=0.02)
    said = ", ".join(f"{step:.2f} at $K = {k}$" for k, step in best.values())
    ratio = best[1000][1] / best[100][1]
    return [f"{said}. From 100 to 1000 the step grows by {ratio:.2f}, close to"]


def numbers_of_one_run():
    space = {"np": np}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.solution("step_size", "ex-step-one-run"), space)
    found = {theta: space["growth"](theta) for theta in (0.55, 0.6, 0.61, 0.62, 0.7)}
    (low, error), (high, _) = found[0.55], found[0.7]
    assert low < -5 * error
    assert high > 5 * error
    assert found[0.6][0] - 2 * found[0.6][1] < 0 < found[0.62][0] + 2 * found[0.62][1]
    shrinking, error = space["growth"](0.6, updates=20_000)  # beyond the limit 0.5
    assert shrinking < -5 * error
    return [
        f"The growth is −{-low:.3f} at 0.55 and {high:.3f} at 0.7; it crosses 0 at about 0.61.",
        "measures where it turns: at about 0.61, a little above 0.5.",
        "negative at $\\theta = 0.55$ and positive at 0.7.",
    ]


def noisy_squares(theta, looks, seed, m=10, replicas=2000):
    """Return x^2 of runs with noise of variance 1, a row a look."""
    rng, rows = np.random.default_rng(seed), np.arange(replicas)
    held, x, seen = np.ones((replicas, m)), np.ones(replicas), []
    for update in range(1, max(looks) + 1):
        worker = rng.integers(m, size=replicas)
        x = x - theta * (held[rows, worker] + rng.standard_normal(replicas))
        held[rows, worker] = x
        if update in looks:
            seen.append(x**2)
    return np.array(seen)


def numbers_of_the_bursts():
    jumps = {}
    for seed in (1, 13, 24):  # the experiment of the text, and two others
        squares = noisy_squares(0.55, range(500, 3001, 500), seed)
        assert (np.sqrt(np.median(squares, axis=1)) < 3).all()
        means = squares.mean(axis=1)
        steps = means[1:] / means[:-1]
        jumps[seed] = max(steps), 1 / min(steps)
    assert min(jumps[1]) > 10
    assert max(jumps[13]) < 3
    assert max(jumps[24]) > 3 * max(jumps[1])
    return [
        "At 0.55, with noise 1, we looked at 2000 runs after 500, 1000, …, 3000 updates.",
        "In this experiment the mean square over all jumped up and down by factors of ten and "
        "more. With other dice the jumps are smaller, or much larger.",
    ]


@pytest.mark.parametrize(("m", "kappa"), [(1_000_000, 0.5), (1_000_000, 0.25)])
def test_with_very_many_workers_the_limit_is_that_of_the_mean(m, kappa):
    protocol = sg.KAsync(m, int(kappa * m))
    limits = [UNIT.largest_step(protocol, moment=moment) for moment in (1, 2)]
    assert limits[0] == pytest.approx(4 / kappa - 2, rel=1e-12)
    assert limits[1] == pytest.approx(limits[0], rel=0.03)


@pytest.mark.parametrize("theta", [0.05, 0.3])
def test_at_small_steps_all_floors_are_one_quarter_over_k(theta):
    step = theta / 1000
    for k in (1, 4, 10):
        floors = [UNIT.floor(protocol, step) for protocol in (sg.KAsync(10, k), sg.KSync(10, k))]
        assert floors == pytest.approx([step / (4 * k)] * 2, rel=10 * step)


def test_the_loss_with_a_rim_ends_above_its_start_and_the_quadratic_explodes():
    run = step_size.bent_run(step_size.BENT_STEP)
    start = math.log(math.cosh(1))
    assert run.loss[0] == pytest.approx(start, rel=1e-12)
    late = run.loss[len(run.loss) // 2 :]
    assert (late > start + 5 * run.loss_error[len(run.loss) // 2 :]).all()
    assert run.diverged == 0
    assert step_size.BOWL.error_after(sg.Async(10), step_size.BENT_STEP, 200) > 1e6


def test_the_gradients_of_log_cosh_are_its_slope():
    problem, rng, small = step_size.LogCosh(), np.random.default_rng(1), 1e-6
    for x in (-2.0, 0.3, 5.0):
        slope = (problem.loss(x + small) - problem.loss(x - small)) / (2 * small)
        assert problem.gradients(np.array([[x]]), 0.0)[0, 0] == pytest.approx(slope, rel=1e-7)
    draws = np.array([problem.gradient(np.array([1.0]), rng) for _ in range(2000)])
    error = step_size.NOISE / math.sqrt(2000)
    assert abs(draws.mean() - math.tanh(1)) < 5 * error


SECTIONS = [
    numbers_of_the_opening,
    answers_of_the_paths,
    runs_beyond_the_limit,
    words_of_the_fresh,
    answers_of_the_roots,
    answers_of_the_middle_k,
    answers_of_the_speeds,
    numbers_of_problems,
    numbers_of_the_best_k,
    numbers_of_one_run,
    numbers_of_the_bursts,
]
GIVEN = {"0.3", "0.2", "0.02", "0.1", "0.5", "1.5", "0.01", "90"}  # steps, losses ... chosen


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("step_size", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("step_size", phrases, GIVEN) == []
