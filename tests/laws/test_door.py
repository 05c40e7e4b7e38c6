"""The law of a worker's time passes one door, once, whatever is asked."""

import ast
import inspect
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import stragglers as sg
from stragglers.laws import check

LAW = sg.gamma(2, 1)
UNEQUAL = [sg.exponential(1), sg.gamma(2, 1), LAW, sg.exponential(2)]
PROTOCOLS = [
    sg.Sync(4),
    sg.KSync(4, 2, communication=0.1),
    sg.KBatchSync(4, 6),
    sg.Async(4, communication=0.1),
    sg.KBatchAsync(4, 3),
    sg.KAsync(4, 1),
    sg.KAsync(4, 2),
    sg.KAsync(4, 4),
    sg.LocalSGD(4, 3),
    sg.Replication(2, 2),
    sg.SingleFork(4, 1, 1),
    sg.MDSCoded(4, 2, "adds"),
    sg.GradientCoded(4, 1, "scales"),
]


def seeded():
    return np.random.default_rng(0)


def passages(act):
    """Return how often `act` passes the door from outside, and how many laws are checked."""
    doors = [check.check_work.__code__, check.check_law.__code__]
    entered, checked = 0, 0

    def watch(frame, event, _):
        nonlocal entered, checked
        if event == "call" and frame.f_code in doors:
            entered += frame.f_back.f_globals["__name__"] != check.__name__
            checked += frame.f_code is doors[1]

    sys.setprofile(watch)
    try:
        act()
    except NotImplementedError:
        pass  # asked and not known: it has passed the door all the same
    finally:
        sys.setprofile(None)
    return entered, checked


def methods(protocol):
    public = [name for name in dir(protocol) if not name.startswith("_")]
    found = [getattr(type(protocol), name, None) for name in public]
    return [
        name
        for name, what in zip(public, found, strict=True)
        if callable(what) and "work" in inspect.signature(what).parameters
    ]


def test_there_are_methods_to_watch():
    assert {"time_per_update", "utilisation", "staleness", "simulate"} <= set(methods(sg.Sync(2)))
    assert "time_per_round" in methods(sg.LocalSGD(4, 3))


@pytest.mark.parametrize(
    ("protocol", "name"), [(p, name) for p in PROTOCOLS for name in methods(p)], ids=str
)
@pytest.mark.parametrize("work", [LAW, stats.expon, UNEQUAL], ids=["one", "unfrozen", "list"])
def test_every_method_of_every_protocol_passes_the_door_once(protocol, name, work):
    arguments = {"simulate": {"updates": 5, "rng": seeded()}, "expected_updates": {"by": 2.0}}
    arguments = arguments.get(name, {})
    different = len(set(map(id, work))) if isinstance(work, list) else 1
    assert passages(lambda: getattr(protocol, name)(work, **arguments)) == (1, different)


@pytest.mark.parametrize(
    "act",
    [
        lambda: sg.order_statistic(LAW, 2, 3),
        lambda: sg.optimal_k(LAW, 5, communication=1),
        lambda: sg.optimal_k(sg.exponential(1), 5),
        lambda: sg.optimal_tolerance(LAW, 4, "adds"),
        lambda: sg.race(LAW, 3, 10, seeded()),
        lambda: sg.sweep(lambda p, rng: p.simulate(LAW, 9, rng), [sg.KSync(4, 2)], seed=1),
        lambda: sg.ageing(LAW),
        lambda: sg.tail_index(LAW),
        lambda: sg.extreme_value_limit(LAW, 9),
        lambda: sg.scaled(LAW, 2),
        lambda: sg.shifted([LAW, LAW], 2),
    ],
)
def test_every_function_of_a_law_passes_the_door_once(act):
    assert passages(act) == (1, 1)


def test_what_an_order_statistic_answers_needs_no_door():
    slowest = sg.order_statistic(UNEQUAL, 4)
    q = [0.1, 0.9]
    asked = [slowest.mean, slowest.var, lambda: slowest.ppf(q), lambda: slowest.cdf(q)]
    assert [passages(act) for act in asked] == [(0, 0)] * 4


def test_workers_come_back_from_the_door_at_once():
    workers = check.check_work(UNEQUAL)
    assert check.check_work(workers) is workers
    assert sg.Sync(4).time_per_update(workers) == sg.Sync(4).time_per_update(UNEQUAL)


def test_equal_laws_stand_together_behind_the_door_with_the_exponential_ones_first():
    workers = check.check_work([sg.gamma(2, 1), sg.exponential(1), sg.gamma(2, 1), stats.expon()])
    assert [law.family[0] for law in workers.laws] == ["exponential", "gamma"]
    assert workers.counts == (2, 2)
    assert workers.which.tolist() == [1, 0, 1, 0]
    assert workers.means.tolist() == [2, 1, 2, 1]


class Five:
    """A worker time that offers the five methods and no more."""

    def __init__(self, law):
        self.mean, self.var, self.cdf, self.ppf = law.mean, law.var, law.cdf, law.ppf
        self.rvs = law.rvs


@pytest.mark.parametrize(
    "given",
    [
        *(stats.expon(), stats.invgauss(1.0), stats.fisk(3), stats.halfnorm(), stats.poisson(3)),
        *(Five(stats.pareto(3)), sg.trace([1, 2]), sg.hyperexponential([0.5, 0.5], [1, 9])),
        *(sg.order_statistic(LAW, 1, 2), sg.shifted(Five(stats.gamma(2)), 1)),
    ],
    ids=lambda law: type(getattr(law, "dist", law)).__name__,
)
def test_behind_the_door_every_law_answers_the_same_questions(given):
    law = check.check_law(given)
    u = np.array([0.01, 0.4, 0.6, 1 - 1e-6])
    t = law.quantiles(u, 1 - u)
    below, above = law.sides(t)
    assert below + above == pytest.approx(1, abs=1e-12)
    assert np.all(below >= u - 1e-9)
    assert law.isf(1 - u) == pytest.approx(t, rel=1e-9)
    assert law.tail().index > 0
    assert (law.finite(1, 1) is None) != law.has_atoms
    assert law.std() == pytest.approx(law.var() ** 0.5)
    assert law.support()[0] >= 0
    assert check.check_law(law) is law


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_the_tail_of_a_scaled_or_shifted_law_is_known(shift):
    heavy = sg.order_statistic(sg.pareto(0.7, 1), 1, 2)
    assert sg.tail_index(sg.shifted(sg.scaled(heavy, 2), shift)) == pytest.approx(1.4, rel=1e-14)
    assert sg.tail_index(sg.extreme_value_limit(sg.pareto(1.7, 1), 9).law) == 1.7


@pytest.mark.parametrize("work", [stats.norm(), 7])
def test_a_race_is_run_by_times_only(work):
    with pytest.raises((ValueError, TypeError), match="work must"):
        sg.race(work, 2, 10, seeded())


def test_a_race_takes_laws_of_the_new_kind_of_scipy():
    make = pytest.importorskip("scipy", minversion="1.16").stats.make_distribution
    result = sg.race(make(stats.gamma)(a=2), 2, 10_000, seeded())
    assert abs(result.slowest[1] - 11 / 4) < 5 * result.slowest_error[1]


def test_what_scipy_gets_wrong_is_known_to_the_door_only():
    shelf = Path(check.__file__).parents[1]
    for path in shelf.rglob("*.py"):
        imports = [node for node in ast.walk(ast.parse(path.read_text())) if hasattr(node, "names")]
        if any(getattr(node, "module", None) == "scipy_gaps" for node in imports):
            assert path.name == "check.py"
