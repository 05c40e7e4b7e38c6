"""A protocol of a reader's own is one small file: the page "A protocol of your own"."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import stragglers as sg
from stragglers.explorer.pictures import take_picture
from stragglers.protocols import fields

FILE = Path(__file__).parents[2] / "book" / "share_or_deadline.py"
SPEC = importlib.util.spec_from_file_location("share_or_deadline", FILE)
own = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(own)
ShareOrDeadline = own.ShareOrDeadline

EXP = sg.exponential(rate=1)
UNEQUAL = [EXP] * 3 + [sg.pareto(alpha=2.5, minimum=0.3)] * 2


def seeded():
    return np.random.default_rng(4)


def test_without_a_deadline_in_reach_it_is_k_sync():
    protocol, twin = ShareOrDeadline(20, 0.75, 1e3), sg.KSync(20, 15)
    for name in ("time_per_update", "throughput", "useful_time", "utilisation"):
        assert getattr(protocol, name)(EXP) == pytest.approx(getattr(twin, name)(EXP), rel=1e-9)


def test_one_exponential_worker_is_done_by_the_deadline_or_not():
    protocol = ShareOrDeadline(1, 1, 2.0)
    done = -np.expm1(-2.0)
    assert protocol.time_per_update(EXP) == pytest.approx(done, rel=1e-12)
    assert protocol.throughput(EXP) == pytest.approx(1, rel=1e-12)
    assert protocol.useful_time(EXP) == pytest.approx(done - 2 * np.exp(-2.0), rel=1e-12)


@pytest.mark.parametrize("work", [EXP, own.WORK, UNEQUAL], ids=["exponential", "two", "unequal"])
@pytest.mark.parametrize("deadline", [0.7, 1.0, 1.6])
def test_exact_and_simulated_agree(work, deadline):
    protocol = ShareOrDeadline(5, 0.8, deadline)
    run = protocol.simulate(work, 20_000, seeded(), keep="gradients")
    exact = protocol.time_per_update(work)
    assert abs(run.time_per_update - exact) <= 5 * run.standard_error + 1e-12
    taken = (run.workers >= 0).sum(axis=1)
    gradients = protocol.throughput(work) * exact
    assert abs(taken.mean() - gradients) <= 5 * taken.std() / np.sqrt(len(taken)) + 1e-9


def test_a_given_table_is_replayed():
    run = ShareOrDeadline(3, 0.5, 2.0).replay([[1, 4, 1.5], [1, 4, 5]])
    assert run.update_times.tolist() == [1.5, 3.5]
    assert run.workers.tolist() == [[0, 2], [0, -1]]


def test_what_it_does_not_know_names_the_simulation():
    with pytest.raises(NotImplementedError, match=r"cancelled time is not known.*use simulate"):
        ShareOrDeadline(4, 0.5, 1.0).wasted_time(EXP)


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("deadline", [0.5, 10.0])
def test_its_figure_says_what_it_shows(share, deadline):
    picture = take_picture(own.throughput, {"share": share, "deadline": deadline}, 1, 3.0)
    rate = ShareOrDeadline(20, share, deadline).throughput(own.WORK)
    assert f"{rate:.3g} gradients" in picture.sentence


def test_what_the_page_says_about_the_figure():
    def rate(share, deadline):
        return ShareOrDeadline(20, share, deadline).throughput(own.WORK)

    assert rate(1.0, 1.0) > 5 * rate(1.0, 10.0)
    assert rate(0.5, 1.0) == pytest.approx(rate(0.5, 10.0), rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 0.5, 1), ValueError, "m must be an integer of at least 1, got 0"),
        ((4, 0, 1), ValueError, "share must be a finite number above 0 and of at most 1, got 0"),
        ((4, 1.5, 1), ValueError, "share must be a finite number above 0 and of at most 1, got"),
        ((4, "a", 1), TypeError, "share must be .* got 'a'"),
        ((4, 0.5, -1), ValueError, "deadline must be a finite number of at least 0, got -1"),
    ],
)
def test_its_fields_refuse_what_is_outside_their_domain(arguments, error, message):
    with pytest.raises(error, match=message):
        ShareOrDeadline(*arguments)


def test_a_number_with_no_bounds_and_a_plain_field_and_a_choice():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Noisy(sg.Sync):
        sigma: float = fields.number(0.5)
        word: str = fields.choice("a", "b", default="a")
        plain: object = None

    assert (Noisy(3).sigma, Noisy(3, plain=7).plain) == (0.5, 7)
    with pytest.raises(ValueError, match="sigma must be a finite number, got inf"):
        Noisy(3, sigma=float("inf"))
    with pytest.raises(ValueError, match="word must be 'a' or 'b', got 'c'"):
        Noisy(3, word="c")
