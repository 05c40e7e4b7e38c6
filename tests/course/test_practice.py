"""What everybody may have: the outline of a set, a notebook to practise with, and no solution."""

import re

import pytest

from stragglers_course.masters import practice, release
from stragglers_course.notebooks import reading
from stragglers_course.sets import NAMES, problem_set
from tests.conftest import ROOT
from tools.house import chapters_of

from .works import master, own_lines

TEXTS = (".html", ".js", ".json", ".ipynb", ".md", ".txt", ".css", ".xml", ".svg")


@pytest.mark.parametrize("name", NAMES)
def test_a_master_says_the_points_and_the_minutes_that_its_questions_have(name):
    found = practice.outline(name, master(name))
    title, how, *cells = master(name)["cells"]
    text = reading.source(title)
    assert text.startswith(f"# {found.title}\n\nAbout {found.minutes} minutes. Afterwards you can")
    assert len(found.goals) >= 3
    assert how["id"] == "how"
    headings = [practice.HEADING.match(reading.source(cell)) for cell in cells]
    said = [(h[1], h[2], int(h[3]), int(h[4])) for h in headings if h]
    assert said == list(found.questions)
    assert found.points == sum(q.points for q in problem_set(name).QUESTIONS.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_master_names_the_chapters_that_its_set_rests_on(name):
    titles = chapters_of(ROOT)
    (said,) = re.findall(
        "It rests on the chapters? (.+) of the book", reading.source(master(name)["cells"][0])
    )
    chapters = [titles[f"book/{chapter}"] for chapter in problem_set(name).CHAPTERS]
    assert re.findall(r"\*(.+?)\*", said) == chapters


@pytest.mark.parametrize("name", NAMES)
def test_a_practice_notebook_checks_answers_and_asks_for_nothing(name, capsys):
    notebook = practice.practice_notebook(name, master(name), "raise SystemExit")
    answers = {cell["id"]: reading.source(cell) for cell in master(name)["cells"]}
    space = {}
    for cell in notebook["cells"][1:]:
        if cell["cell_type"] == "code":
            source = cell["source"]
            exec(answers[cell["id"]] if cell["id"].endswith("-answer") else source, space)
    said = capsys.readouterr().out
    assert re.findall(r"^(q\d) ✓ .* of \d right\)$", said, flags=re.M) == list(
        problem_set(name).QUESTIONS
    )
    text = " ".join(reading.source(cell) for cell in notebook["cells"])
    assert not re.search(r"hand in|submit\(|your id", text, flags=re.I)


def test_a_practice_notebook_with_a_solution_is_not_made(monkeypatch):
    monkeypatch.setattr(practice, "HOW", "q1 = 1 - (1 - p.slow) ** p.n")
    with pytest.raises(release.ReleaseError, match=r"would show the line 'q1 = 1 - "):
        practice.practice_notebook("race", master("race"), "")


def test_no_solution_is_in_the_built_book(built_book):
    secret = {line: name for name in NAMES for line in own_lines(master(name))}
    assert len(secret) > 100
    secret |= dict.fromkeys([release.BEGIN, '"hidden-test"', '"instructor-only"'], "any")
    files = [path for path in built_book.rglob("*") if path.suffix in TEXTS]
    assert built_book / "_sources" / "practice" / "race.ipynb" in files
    for path in files:
        text = path.read_text("utf-8")
        plain = text.replace('\\"', '"').replace("&gt;", ">").replace("&lt;", "<")
        found = [line for line in secret if line in text or line in plain]
        assert not found, f"{path.relative_to(built_book)}: {found}"
