"""Mutation: the right answers get all points, the known wrong ones lose them and are named."""

import re

import numpy as np
import pytest

from stragglers_course.questions import personal_numbers
from stragglers_course.questions.figures import Figure
from stragglers_course.questions.functions import Function

from .works import IDS, QUESTIONS, SALT, data, reference

STUDENTS = ["ada@example.edu", "Bo Li", "c17"]


def own(name, question, student):
    return personal_numbers.parameters(
        question, personal_numbers.handout_key(SALT, name), name, student
    )


def foreign_answers(name, question, p):
    """Wrong answers that no list names: a neighbour's, slips of the hand, other types."""
    yield "text", "about three"
    yield "type", {1, 2}
    if isinstance(question, Function):
        key = question.key
        yield "doubled", lambda *a: np.multiply(key(*a), 2)
        yield "raises", lambda *a: 1 / 0
        yield "nan", lambda *a: np.multiply(key(*a), np.nan)
        return
    neighbours = (own(name, question, f"neighbour {i}") for i in range(20))
    other = next(q for q in neighbours if q != p)
    yield "neighbour", reference(question, other)
    if isinstance(reference(question, p), dict):
        return
    yield "doubled", np.multiply(question.key(p), 2)
    yield "negative", np.multiply(question.key(p), -1)
    yield "nan", np.multiply(question.key(p), np.nan)


@pytest.mark.parametrize(("name", "question"), QUESTIONS, ids=IDS)
def test_right_answers_get_all_points_and_wrong_ones_are_named(name, question):
    for student in STUDENTS:
        p = own(name, question, student)
        right = question.judge(data(question, reference(question, p), p, seed=1), p)
        assert (right.status, right.share) == ("right", 1), right.message
        known = list(question.wrong_answers(p))
        assert len(known) >= 8
        feedback = {mistake.name: mistake.feedback for mistake in question.mistakes}
        for mistake, answer in known:
            verdict = question.judge(data(question, answer, p, seed=1), p)
            assert verdict.share < 1, mistake
            assert verdict.mistake == mistake, verdict
            assert feedback.get(mistake, verdict.message) == verdict.message


def test_the_table_of_the_kill_rate(capsys):
    rows, caught, made = [], 0, 0
    for name, question in QUESTIONS:
        p = own(name, question, STUDENTS[0])
        mutants = [*question.wrong_answers(p), *foreign_answers(name, question, p)]
        verdicts = [question.judge(data(question, answer, p, 1), p) for _, answer in mutants]
        killed = sum(verdict.share < 1 for verdict in verdicts)
        named = sum(bool(verdict.mistake) for verdict in verdicts)
        rows.append(f"{name:<12}{question.name:<4}{len(mutants):>8}{killed:>8}{named:>8}")
        caught, made = caught + killed, made + len(mutants)
    with capsys.disabled():
        print(f"\n{'set':<12}{'':<4}{'wrong':>8}{'killed':>8}{'named':>8}", *rows, sep="\n")
        print(f"{'all':<16}{made:>8}{caught:>8}  kill rate {caught / made:.1%}")
    assert caught >= 0.95 * made
    assert all(int(row.split()[2]) >= 10 for row in rows)


@pytest.mark.parametrize(("name", "question"), QUESTIONS, ids=IDS)
def test_no_message_holds_the_key(name, question):
    p = own(name, question, STUDENTS[0])
    if isinstance(question, Function):
        return  # the messages quote arguments only, which are open
    key = question.key(p)
    values = list(key.values()) if isinstance(key, dict) else [key]
    numbers = [v for v in values if isinstance(v, float)] or [np.ravel(values[0])[-1]]
    for _, answer in question.wrong_answers(p):
        message = question.judge(data(question, answer, p), p).message
        found = {float(text) for text in re.findall(r"\d+\.\d+", message)}
        assert not any(
            abs(f - n) < 0.01 * abs(n) for f in found for n in numbers if np.ndim(n) == 0
        )


@pytest.mark.parametrize(("name", "question"), QUESTIONS, ids=IDS)
def test_nothing_and_what_was_handed_out_count_as_not_answered(name, question):
    p = own(name, question, STUDENTS[0])
    assert question.judge(None, p).status == "unanswered"
    empty = (lambda *arguments: None) if isinstance(question, Function) else None
    assert question.judge(data(question, empty, p), p).status == "unanswered"


def test_a_function_that_is_right_on_the_open_inputs_only_gets_half():
    name, question = next(pair for pair in QUESTIONS if pair[1].name == "q6" and pair[0] == "laws")
    p = own(name, question, STUDENTS[0])
    opened = {str(arguments): question.key(*arguments) for arguments in question.requests(p)}
    verdict = question.judge(data(question, lambda *a: opened.get(str([*a]), 0), p, seed=1), p)
    assert (verdict.status, verdict.share, verdict.mistake) == ("partly", 0.5, "hidden")


def test_a_rubric_replaces_the_mark_for_the_text():
    decision = next(q for name, q in QUESTIONS if name == "race" and q.name == "q7")
    text = "word " * decision.words
    assert decision.with_rubric(1.0, text, [1, 1, 1]) == 1
    assert decision.with_rubric(1.0, text, [0, 0, 0]) == pytest.approx(0.75)
    assert decision.with_rubric(0.25, text, [1, 1, 0]) == pytest.approx(0.25 * 2 / 3)
    short = "Two words."  # no mark yet for what is too short: nothing is taken away
    assert decision.with_rubric(0.75, short, [1, 1, 1]) == 1
    assert decision.with_rubric(0.75, short, [0, 0, 0]) == pytest.approx(0.75)


@pytest.mark.parametrize(("name", "question"), QUESTIONS, ids=IDS)
def test_no_tolerance_is_smaller_than_the_notebooks_say(name, question):
    if isinstance(question, Figure):
        assert question.rtol == 0.02
    elif not isinstance(question, Function):
        assert question.rtol >= 0.001 or isinstance(question.key(own(name, question, "ada")), int)
