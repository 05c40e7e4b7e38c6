"""Figures as students draw them: what is right is right, and what is not is named."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from stragglers_course.questions import personal_numbers
from stragglers_course.questions.plain_data import plain
from stragglers_course.sets import problem_set

QUESTION = problem_set("race").QUESTIONS["q6"]
P = personal_numbers.parameters(QUESTION, "key", "race", "ada")
M = np.arange(1, P.m + 1)
SLOWEST, FASTEST = np.cumsum(1 / M) / P.rate, 1 / (M * P.rate)


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def finish(ax, slowest="slowest", fastest="fastest", legend=True):
    """Name the axes and the two curves that were drawn last."""
    ax.set(xlabel="workers", ylabel="seconds")
    for line, label in zip(ax.lines[-2:], (slowest, fastest), strict=True):
        line.set_label(label)
    if legend:
        ax.legend()


def plot(ax, x, slowest=SLOWEST, fastest=FASTEST):
    ax.plot(x, slowest)
    ax.plot(x, fastest)


def judged(answer):
    return QUESTION.judge(plain(answer), P)


def with_points_between(ax):
    x = np.linspace(0.5, P.m + 3, 2000)
    plot(ax, x, np.interp(x, M, SLOWEST), np.interp(x, M, FASTEST))
    finish(ax)


def in_any_order(ax):
    order = np.random.default_rng(0).permutation(P.m)
    plot(ax, M[order], SLOWEST[order], FASTEST[order])
    finish(ax)


def with_many_other_lines(ax):
    for height in range(20):
        ax.axhline(height)
    plot(ax, M)
    finish(ax)


def with_a_legend_of_the_figure(ax):
    plot(ax, M)
    finish(ax, legend=False)
    ax.figure.legend()
    ax.set(xlabel="", ylabel="")
    ax.figure.supxlabel("workers")
    ax.figure.supylabel("seconds")


def with_names_at_the_curves(ax):
    plot(ax, M)
    finish(ax, "_", "_", legend=False)
    ax.text(3, 1, "slowest")
    ax.annotate("fastest", (3, 0))


def with_other_names(ax):
    plot(ax, M)
    finish(ax, "E max", "E min (not the slowest)")


@pytest.mark.parametrize(
    "draw",
    [
        with_points_between,
        in_any_order,
        with_many_other_lines,
        with_a_legend_of_the_figure,
        with_names_at_the_curves,
        with_other_names,
    ],
    ids=lambda draw: draw.__name__,
)
def test_a_figure_that_a_reader_would_call_right_is_right(ax, draw):
    draw(ax)
    assert judged(ax).status == "right", judged(ax).message
    assert judged([ax]).status == judged(ax.figure).status == "right"


@pytest.mark.parametrize(
    ("slowest", "fastest", "given"),
    [
        ("fastest", "slowest", None),
        ("the fastest of m", "the slowest of m", None),
        ("slowest", "fastest", ["fastest", "slowest"]),
    ],
)
def test_swapped_names_are_seen(ax, slowest, fastest, given):
    plot(ax, M)
    finish(ax, slowest, fastest)
    if given:
        ax.legend(given)
    assert (judged(ax).share, judged(ax).mistake) == (0.5, "swapped")


def test_a_legend_without_names_is_none(ax):
    plot(ax, M)
    finish(ax)
    ax.legend([])
    assert judged(ax).mistake == "legend"


def test_right_curves_among_many_others_are_half_right(ax):
    for factor in range(2, 6):
        ax.plot(M, factor * SLOWEST, label=f"guess {factor}")
    plot(ax, M)
    finish(ax)
    assert (judged(ax).share, judged(ax).mistake) == (0.5, "crowd")


def test_curves_that_end_too_early_are_told_how_far_to_reach(ax):
    plot(ax, M[:-1], SLOWEST[:-1], FASTEST[:-1])
    finish(ax)
    assert judged(ax).message == f"the curves must reach from 1 to {P.m}."


def test_points_and_bars_are_no_curves_and_an_empty_figure_is_no_answer(ax):
    assert judged(ax).status == "unanswered"
    ax.scatter(M, SLOWEST)
    ax.bar(M, FASTEST)
    assert (judged(ax).mistake, judged(ax).message) == ("empty", "draw the curves with ax.plot.")


def test_plain_axes_are_bounded(ax):
    for _ in range(60):
        ax.plot(np.arange(50_000.0))
    lines = plain(ax)["axes"]["lines"]
    assert len(lines) == 40
    assert {len(line["x"]) for line in lines} == {500}
    assert (lines[0]["x"][0], lines[0]["x"][-1]) == (0, 49_999)
