"""Personal parameters, over ten thousand students."""

import functools
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from stragglers_course.questions import Choice, Decision, personal_numbers
from stragglers_course.questions.functions import Function, answered
from stragglers_course.questions.personal_numbers import Parameters

from .works import IDS, QUESTIONS, SALT

STUDENTS = [f"student{number}@example.edu" for number in range(10_000)]


@functools.cache
def drawn_cases(number):
    """How many of the ten thousand get each case of a question, by the case's place in the list."""
    name, question = QUESTIONS[number]
    cases = [{"place": place} for place in range(len(question.cases))]

    @functools.cache
    def well_posed(place):
        return question.well_posed(Parameters(question.cases[place]))

    stand_in = SimpleNamespace(
        name=question.name, cases=cases, well_posed=lambda p: well_posed(p.place)
    )
    key = personal_numbers.handout_key(SALT, name)
    return Counter(personal_numbers.parameters(stand_in, key, name, s).place for s in STUDENTS)


def numbers(question, p):
    """The answer as a few numbers that differ if the answers differ."""
    key = question.key(p)
    if isinstance(question, Decision):
        return [v for n, v in key.items() if not isinstance(question.fields[n], Choice)]
    if isinstance(key, dict):
        curves = [y for _, y in key.values()]
        return [len(curves[0]), *(y[-1] for y in curves), *(y[1] for y in curves)]
    values = np.atleast_1d(key)
    return [len(values), values[0], values[-1]]


def targets(question, p):
    """Pairs of a key that is one number and its mistakes."""
    if isinstance(question, Decision):
        key = question.key(p)
        fields = {n: f for n, f in question.fields.items() if not isinstance(f, Choice)}
        return [(key[name], field) for name, field in fields.items()]
    key = question.key(p)
    return [(key, question.mistakes)] if np.ndim(key) == 0 and not isinstance(key, dict) else []


@pytest.mark.parametrize("number", range(len(QUESTIONS)), ids=IDS)
def test_every_instance_is_well_posed_and_the_tolerance_is_right(number):
    _, question = QUESTIONS[number]
    if isinstance(question, Function):
        return  # judged on inputs, to rounding
    for place in drawn_cases(number):
        p = Parameters(question.cases[place])
        for key, mistakes in targets(question, p):
            assert np.isfinite(key)
            tolerance = question.rtol * abs(key)
            if question.noise:
                assert tolerance >= 4 * question.noise(p) * key / np.sqrt(question.draws)
            for mistake in mistakes:
                assert abs(key - mistake.value(p)) > tolerance, (mistake.name, p)


@pytest.mark.parametrize("number", range(len(QUESTIONS)), ids=IDS)
def test_at_least_95_percent_of_pairs_of_students_have_different_answers(number):
    _, question = QUESTIONS[number]
    if isinstance(question, Function):
        return  # one function for all; its hidden inputs are personal, see below
    counts = drawn_cases(number)
    share = np.array(list(counts.values())) / len(STUDENTS)
    keys = np.array([numbers(question, Parameters(question.cases[c])) for c in counts], dtype=float)
    same = np.ones((len(share), len(share)), dtype=bool)
    for column in keys.T:
        same &= np.abs(column[:, None] - column) <= question.rtol * np.abs(column)
    assert share @ same @ share <= 0.05


def test_the_hidden_inputs_are_personal_and_need_the_salt():
    seeds = {personal_numbers.hidden_seed(SALT, "race", "q4", student) for student in STUDENTS}
    assert len(seeds) == len(STUDENTS)
    assert personal_numbers.hidden_seed(SALT + "!", "race", "q4", STUDENTS[0]) not in seeds


def test_the_salt_changes_who_gets_what():
    name, question = QUESTIONS[2]
    keys = [personal_numbers.handout_key(salt, name) for salt in (SALT, SALT + "!")]
    drawn = [
        [personal_numbers.parameters(question, key, name, s) for s in STUDENTS[:50]] for key in keys
    ]
    assert sum(one == two for one, two in zip(*drawn, strict=True)) < 5


def test_case_spaces_and_composed_accents_do_not_change_a_student():
    name, question = QUESTIONS[0]
    spellings = ["Zoë Müller", " zoë  müller ", "ZOE\u0308 MU\u0308LLER"]
    assert len({str(personal_numbers.parameters(question, "k", name, s)) for s in spellings}) == 1


def test_same_for_all_gives_everyone_the_same():
    name, question = QUESTIONS[0]
    key = personal_numbers.handout_key(SALT, name, same=True)
    assert (
        len({str(personal_numbers.parameters(question, key, name, s)) for s in STUDENTS[:99]}) == 1
    )


def test_a_parameter_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(AttributeError, match=r"no parameter 'k'; this question has m, rate"):
        _ = Parameters(m=1, rate=2).k


CHOICES = [pair for pair in QUESTIONS if isinstance(pair[1], Decision)]


@pytest.mark.parametrize(("name", "question"), CHOICES, ids=lambda x: getattr(x, "name", x))
def test_no_single_parameter_tells_a_choice(name, question):
    choices = [n for n, field in question.fields.items() if isinstance(field, Choice)]
    if name == "laws":
        return  # its cases are two recorded jobs, and the choice is about the job
    for field in choices:
        told = {}
        for case in question.cases:
            answer = question.key(Parameters(case))[field]
            for pair in case.items():
                told.setdefault(pair, set()).add(answer)
        assert [pair for pair, answers in told.items() if len(answers) < 2] == []


def test_what_functions_are_called_on_is_exact_in_binary():
    question = next(q for n, q in QUESTIONS if (n, q.name) == ("protocols", "q6"))
    for student in range(200):
        p = numbers_of(question, student)
        rng = np.random.default_rng(student)
        for (table,) in question.requests(p, rng):
            times = np.asarray(table)
            assert np.array_equal(times.sum(axis=1), times.cumsum(axis=1)[:, -1])
            assert np.array_equal(times.sum(axis=1), [sum(row[::-1]) for row in table])


def test_a_right_solution_that_adds_in_another_order_is_right_for_everyone():
    question = next(q for n, q in QUESTIONS if (n, q.name) == ("protocols", "q6"))

    def other(times):
        times = np.asarray(times)
        stop, ends = times.sum(axis=1).min(), times.cumsum(axis=1)
        return sorted(ends[ends <= stop])

    for student in range(200):
        p = numbers_of(question, student)
        calls = question.requests(p, np.random.default_rng(student))
        assert question.judge(answered(other, calls), p).status == "right"


def numbers_of(question, student):
    return personal_numbers.parameters(question, "key", "protocols", f"student {student}")


def test_no_decision_hangs_on_rounding():
    by_name = {(n, q.name): q for n, q in QUESTIONS}
    for case in by_name["exponential", "q3"].cases:
        sums = np.cumsum(1 / np.arange(1, 3000))
        assert np.min(np.abs(sums - case["ratio"])) > 1e-9 * case["ratio"]
    for case in by_name["protocols", "q5"].cases:
        assert abs(case["work"] * case["rate"] % 1 - 0.5) < 0.46
    for case in by_name["protocols", "q4"].cases:
        p = Parameters(case)
        rates = np.arange(1, p.m + 1) / (p.shift + np.cumsum(1 / np.arange(p.m, 0, -1)) / p.rate)
        first, second = np.sort(rates)[:-3:-1]
        assert first > second * (1 + 1e-9)


def test_no_two_gradients_of_a_replayed_table_end_at_one_moment():
    question = next(q for n, q in QUESTIONS if (n, q.name) == ("renewal", "q4"))
    for student in range(100):
        p = personal_numbers.parameters(question, "key", "renewal", f"student {student}")
        for times, K in question.requests(p, np.random.default_rng(student)):
            other_way_round = question.key(times[::-1], K)  # a tie would be broken differently
            assert np.array_equal(question.key(times, K), other_way_round)
