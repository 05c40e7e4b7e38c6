"""A question before a figure: what it says to a guess, in a page, a kernel, and a terminal."""

import json
import re

import pytest

import stragglers as sg
from stragglers.explorer import prediction


def wait():
    return 1.798869828571841, "Most people say <0.5>."


ASKED = sg.predict(wait, "How long & why?", unit="s")
GUESSES = {  # and what a reader is told
    "3.6": "You said 3.6 s. It is 1.8 s: you are 2 times too high.",
    "0,5": "You said 0.5 s. It is 1.8 s: you are 3.6 times too low.",
    "1.75": "You said 1.75 s. It is 1.8 s: you are right, within 5 %.",
    "100": "You said 100 s. It is 1.8 s: you are 56 times too high.",
    "0": "You said 0 s. It is 1.8 s: no factor leads from your number to it.",
    "-2": "You said -2 s. It is 1.8 s: no factor leads from your number to it.",
}


@pytest.mark.parametrize("guess", GUESSES)
def test_a_guess_is_told_both_numbers_and_the_factor(guess):
    assert ASKED.verdict(prediction.read(guess)) == GUESSES[guess]


@pytest.mark.parametrize("typed", ["", "many", "1.2.3", "nan", "inf"])
def test_what_is_no_number_is_none(typed):
    assert prediction.read(typed) is None


def test_a_page_says_the_same_as_a_kernel(browser):
    page = browser.new_page()
    page.set_content(f"{ASKED.html()}<div class='sg-explorer'>figure</div>")
    for guess, told in GUESSES.items():
        page.fill("sg-prediction input", guess)
        page.press("sg-prediction input", "Enter")
        assert page.locator(".sg-told p").first.inner_text() == told
        assert page.locator(".sg-told p").last.inner_text() == "Most people say <0.5>."
        assert page.get_by_text("figure", exact=True).is_visible()
        page.get_by_role("button", name="Ask me again").click()
        assert not page.get_by_text("figure", exact=True).is_visible()
    page.get_by_role("button", name="Show me").click()
    assert page.locator(".sg-told p").first.inner_text() == "It is 1.8 s."
    page.close()


def test_without_scripts_the_answer_is_folded_and_words_are_escaped():
    plain = re.sub(r"<(script|style).*?</\1>", "", ASKED.html(), flags=re.S)
    assert "How long &amp; why?" in plain
    assert '<form class="sg-guess" autocomplete="off" hidden>' in plain
    assert "<details " in plain
    assert "Most people say &lt;0.5&gt;." in plain
    assert json.loads(re.search(r'data-answer="([^"]*)"', plain)[1]) == wait()[0]


def test_in_a_kernel_it_is_a_widget(monkeypatch):
    monkeypatch.setattr(prediction, "is_live_kernel", lambda: True)
    assert "application/vnd.jupyter.widget-view+json" in ASKED._repr_mimebundle_()
    _, row, told = prediction.question_widget(ASKED).children
    field, _, look, show = row.children
    look.click()
    assert prediction.NO_NUMBER in told.value
    field.value = "3.6"
    look.click()
    assert GUESSES["3.6"] in told.value
    show.click()
    assert told.value == "<p>It is 1.8 s.</p><p>Most people say &lt;0.5&gt;.</p>"


def test_a_program_that_runs_notebooks_gets_no_widget(monkeypatch):
    monkeypatch.setattr(prediction, "is_live_kernel", lambda: False)
    assert set(ASKED._repr_mimebundle_()) == {"text/plain", "text/html"}


@pytest.mark.parametrize(
    ("found", "error", "says"),
    [
        (3, TypeError, "must return (answer, sentence), not 3"),
        ((True, "x"), TypeError, "must be a number, not True"),
        (("3", "x"), TypeError, "must be a number, not '3'"),
        ((0, "x"), ValueError, "finite and above 0, not 0"),
        ((float("inf"), "x"), ValueError, "finite and above 0, not inf"),
        ((3, " "), TypeError, "what most people miss, not ' '"),
    ],
)
def test_an_answer_that_cannot_be_one_is_named(found, error, says):
    def broken():
        return found

    with pytest.raises(error) as raised:
        sg.predict(broken, "How long?")
    assert says in str(raised.value)
    assert "broken" in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((3, "x"), TypeError, "ask must be a function"),
        ((wait, 3), TypeError, "question must be words, not 3"),
        ((wait, ""), ValueError, "question must say"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(arguments, error, says):
    with pytest.raises(error, match=says):
        sg.predict(*arguments)


def test_a_unit_must_be_words():
    with pytest.raises(TypeError, match="unit must be words, not 1"):
        sg.predict(wait, "How long?", unit=1)
