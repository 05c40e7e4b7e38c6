"""The exact figures of SGD on a quadratic: against the facts, and worked out in other ways."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg, optimize

import stragglers as sg
from stragglers import training
from stragglers.training import ConstantDelay, Quadratic

FACTS = json.loads((Path(__file__).parents[1] / "facts2.json").read_text())
EXP = sg.exponential(rate=1)
UNIT = Quadratic(curvature=1, noise=1)


def fact(name, rel=1e-9):
    return pytest.approx(float(FACTS[name]["value"]), rel=rel)


def facts(*prefixes):
    names = [name for name in FACTS if name.startswith(prefixes)]
    assert names
    return pytest.mark.parametrize("name", names)


def params(name):
    found = FACTS[name]["params"]
    return found, found.get("m"), found.get("K", 1)


# -------------------------------------------------------------------------------------------------
# The facts


@facts("floor.")
def test_floors(name):
    found, m, k = params(name)
    assert UNIT.floor(sg.KAsync(m, k), found["eta"]) == fact(name)


@facts("stab.")
def test_largest_steps(name):
    found, m, k = params(name)
    protocol = ConstantDelay(found["tau"]) if "tau" in found else sg.KAsync(m, k)
    assert UNIT.largest_step(protocol) == fact(name)


@facts("curve.kasync", "clock.kasync")
def test_errors_of_k_async_against_the_clock(name):
    found, m, k = params(name)
    problem = Quadratic(noise=found["sigma"])
    start = found.get("x0", 1.0)
    error = problem.error(sg.KAsync(m, k), EXP, found["eta"], found["t"], start)
    assert 2 * error == fact(name)


@facts("clock.ksync")
def test_errors_of_k_sync_against_the_clock(name):
    found, m, k = params(name)
    problem = Quadratic(noise=found["sigma"])
    assert 2 * problem.error(sg.KSync(m, k), EXP, found["eta"], found["t"], found["x0"]) == fact(
        name
    )


@facts("ms.noiseless")
def test_growth_without_noise(name):
    found, m, k = params(name)
    quiet = Quadratic(noise=0)
    assert 2 * quiet.error_after(sg.KAsync(m, k), found["alpha"], found["n"]) == fact(name)


def test_the_path_of_the_mean():
    found = FACTS["meanpath.exp.m10.n20"]["params"]
    (mean,) = UNIT.mean_after(sg.Async(found["m"]), found["alpha"], found["n"])
    assert mean == fact("meanpath.exp.m10.n20")


PAIRS = {
    "cross.sync.async.m10": (sg.Sync(10), sg.Async(10), (50, 150)),
    "cross.ksync5.ksync1.m10": (sg.KSync(10, 5), sg.KSync(10, 1), (10, 40)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_crossings_at_a_fixed_step(name):
    one, other, bracket = PAIRS[name]

    def apart(t):
        return UNIT.error(one, EXP, 0.1, t, 10) - UNIT.error(other, EXP, 0.1, t, 10)

    assert optimize.brentq(apart, *bracket, xtol=1e-12) == fact(name)


BY_NAME = {"sync": sg.Sync(10), "5-sync": sg.KSync(10, 5), "async": sg.Async(10)}


@facts("beststep.")
def test_best_steps(name):
    found, _, _ = params(name)
    protocol, t = BY_NAME[found["protocol"]], found["t"]
    step = UNIT.best_step(protocol, EXP, t, start=10)
    assert step == pytest.approx(found["eta_star"], rel=1e-5)
    assert UNIT.error(protocol, EXP, step, t, 10) == fact(name)


SPEEDS = {
    "speedlimit.sync.m10": sg.Sync(10),
    "speedlimit.ksync.half.m10": sg.KSync(10, 5),
    "speedlimit.async.m10": sg.Async(10),
    "speedlimit.kasync.half.m10": sg.KAsync(10, 5),
}


@pytest.mark.parametrize("name", SPEEDS)
def test_speed_limits(name):
    protocol = SPEEDS[name]
    assert UNIT.largest_step(protocol) / protocol.time_per_update(EXP) == fact(name)


def test_the_speed_limit_of_clockwork():
    assert UNIT.largest_step(ConstantDelay(9)) * 10 == fact("speedlimit.async.constant.m10")


@facts("rennala.")
def test_time_complexities(name):
    found = FACTS[name]["params"]
    n, ratio = found["n"], found["s"]
    shapes = {
        "equal": np.ones(n),
        "linear": np.arange(1, n + 1),
        "one_slow": np.append(np.ones(n - 1), 1000),
        "sqrt": np.sqrt(np.arange(1, n + 1)),
        "square": np.arange(1, n + 1) ** 2,
    }
    times = list(shapes[found["tau"]])
    bound, fastest = training.fixed_time_bound(times, ratio)
    assert (bound, fastest) == (fact(name), found["argmin"])
    assert training.minibatch_time(times, ratio) == pytest.approx(found["minibatch"], rel=1e-12)
    exact = pytest.approx(found["asynchronous"], rel=1e-12)
    assert training.asynchronous_time(times, ratio) == exact
    exact = pytest.approx(found["exact_time_of_s_gradients"], rel=1e-12)
    assert training.time_of_gradients(times, ratio) == exact
