"""Numbers that are judged against the table that a student hands in with them."""

import numpy as np
import pytest

from stragglers import jobs
from stragglers_course.questions import personal_numbers
from stragglers_course.questions.plain_data import plain
from stragglers_course.sets import problem_set

QUESTION = problem_set("project").QUESTIONS["q2"]
P = personal_numbers.parameters(QUESTION, "key", "project", "ada")


def read(name):
    """The right answer for a recorded job, as the tool gives it: rungs of its ladder."""
    table = jobs.recorded(name)
    rungs = jobs.report(table).ladder.rungs
    slow = table.times.mean(axis=0).argmax()
    return {
        "times": table.times,
        "mean": rungs["no waiting"],
        "measured": rungs["measured"],
        "iid": rungs["iid"],
        "without": np.delete(table.times, slow, axis=1).max(axis=1).mean(),
        "why": "word " * 100,
    }


def judged(answer):
    return QUESTION.judge(plain(answer), P)


@pytest.mark.parametrize("name", ["SE", "AR"])
def test_what_the_tool_says_of_a_recorded_job_is_right(name):
    assert judged(read(name)).status == "right", judged(read(name)).message


def test_mistakes_are_named_from_the_table_that_was_handed_in():
    answer = read("AR")
    for field, value, mistake in (
        ("measured", answer["times"].max(), "largest"),
        ("iid", answer["measured"], "measured"),
        ("without", np.delete(answer["times"], 0, axis=1).mean(), "mean"),
    ):
        verdict = judged({**answer, field: value})
        assert (verdict.share, verdict.mistake) == (0.8, mistake)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (None, "not nothing"),
        ("steps.csv", "not text"),
        ([1.0] * 40, "not a list of 40"),
        ([[1.0, 2.0]] * 29, "all of one length"),
        ([[1.0]] * 40, "all of one length"),
        ([[1.0, 2.0]] * 39 + [[1.0]], "all of one length"),
        ([[1.0, -2.0]] * 40, "positive and finite"),
        ([[1.0, 1.0]] * 40, "all times are equal"),
        ([[1.0, "slow"]] * 40, "a time must be one number, not text"),
    ],
)
def test_what_is_no_table_of_times_is_told_what_one_is(times, said):
    verdict = judged({**read("AR"), "times": times})
    assert (verdict.share, verdict.mistake) == (0, "table")
    assert said in verdict.message


def test_an_answer_that_is_not_begun_is_not_answered():
    empty = {**dict.fromkeys(["times", *QUESTION.fields]), "why": ""}
    assert judged(empty).status == judged(None).status == "unanswered"
    assert judged(3).mistake == "form"
