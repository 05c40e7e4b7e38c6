"""Sweeps: the same results on every executor."""

import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import stragglers as sg

POINTS = [sg.KSync(8, k) for k in (1, 4, 8)] + [sg.Async(8), sg.KAsync(8, 4)]


def estimate(protocol, rng):
    run = protocol.simulate(sg.exponential(rate=2), 2_000, rng)
    return run.time_per_update, run.standard_error


def fail_at_four(protocol, rng):
    if protocol.k == 4:
        raise ArithmeticError("four")
    return protocol.k


@pytest.fixture(scope="module")
def alone():
    return sg.sweep(estimate, POINTS, seed=7)


def test_results_come_in_order_and_agree_with_the_formulas(alone):
    for protocol, (time, error) in zip(POINTS, alone, strict=True):
        exact = protocol.time_per_update(sg.exponential(rate=2))
        assert abs(time - exact) < 5 * error


@pytest.mark.slow
def test_results_do_not_depend_on_the_executor(alone):
    with ThreadPoolExecutor(2) as executor:
        assert sg.sweep(estimate, POINTS, seed=7, executor=executor) == alone
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert sg.sweep(estimate, POINTS, seed=7, executor=executor) == alone


@pytest.mark.slow
def test_results_on_a_dask_cluster_of_several_workers_are_the_same(alone):
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(**options, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client, client.get_executor() as executor:
        assert len(client.scheduler_info()["workers"]) == 2
        assert sg.sweep(estimate, POINTS, seed=7, executor=executor) == alone


def test_every_point_has_dice_of_its_own_by_its_place(alone):
    def first_draw(point, rng):
        return rng.random()

    draws = sg.sweep(first_draw, range(20), seed=1)
    assert len(set(draws)) == 20
    assert sg.sweep(first_draw, "abc", seed=1) == draws[:3]
    assert sg.sweep(first_draw, range(3), seed=2) != draws[:3]
    child = np.random.SeedSequence(1).spawn(3)[2]
    assert draws[2] == np.random.default_rng(child).random()


def test_an_experiments_error_is_raised():
    with pytest.raises(ArithmeticError, match="four"):
        sg.sweep(fail_at_four, POINTS, seed=0)
    with ThreadPoolExecutor(2) as executor, pytest.raises(ArithmeticError, match="four"):
        sg.sweep(fail_at_four, POINTS, seed=0, executor=executor)


def test_the_bar_is_off_unless_asked_for(capsys):
    sg.sweep(estimate, POINTS[:2], seed=0)
    assert capsys.readouterr().err == ""
    sg.sweep(estimate, POINTS[:2], seed=0, progress=True)
    assert "2.00/2.00" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (None, TypeError), (0.5, ValueError)]
)
def test_a_bad_seed_is_named(seed, error):
    with pytest.raises(error, match="seed must be an integer of at least 0"):
        sg.sweep(estimate, POINTS, seed=seed)
