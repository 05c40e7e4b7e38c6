"""What who teaches is told: the syllabi add up, and each misconception has its item."""

import json
import re

import pytest

from stragglers_course.sets import NAMES, problem_set
from tests.conftest import ROOT

GUIDE = (ROOT / "book" / "instructors.md").read_text("utf-8")
TOC = (ROOT / "_toc.yml").read_text("utf-8")
CHAPTERS = [  # what is a notebook: to be taught, and not only read
    page
    for page in re.findall(r"file: book/(\w+)", TOC)
    if (ROOT / "book" / f"{page}.ipynb").exists()
]
IN_CLASS = {
    chapter: int(minutes)
    for chapter, minutes in re.findall(
        r"^\| \{doc\}`(\w+)` \| \d+ min \| (\d+) min \|", GUIDE, re.M
    )
}
SYLLABI = {
    title: (how, re.findall(r"^\| (\d+) \| (.*?) \| (\d+) \| (\d+) \| (.*?) ?\|$", table, re.M))
    for title, how, table in re.findall(
        r"^\*\*([\w ]+) \(([^)]*\d+ minutes[^)]*)\)\.\*\*(.*?)(?=^\*\*|^## )", GUIDE, re.M | re.S
    )
}
MEETINGS = {"One lecture": 1, "Two weeks": 4, "Half a semester": 7, "A semester": 14}


def test_every_chapter_has_its_time_in_class():
    assert list(IN_CLASS) == CHAPTERS
    assert len(CHAPTERS) >= 18


@pytest.mark.parametrize("title", MEETINGS)
def test_a_syllabus_adds_up(title):
    how, rows = SYLLABI[title]
    (length,) = map(int, re.findall(r"(\d+) minutes", how))
    assert [int(row[0]) for row in rows] == list(range(1, MEETINGS[title] + 1))
    taught = []
    for _, chapters, minutes, left, _ in rows:
        named = re.findall(r"\{doc\}`(\w+)`", chapters)
        taught += named
        assert sum(IN_CLASS[chapter] for chapter in named) == int(minutes)
        assert int(minutes) + int(left) == length
    assert taught == [chapter for chapter in CHAPTERS if chapter in taught]  # once, in order


@pytest.mark.parametrize("title", MEETINGS)
def test_a_set_comes_when_its_chapters_have_been_taught(title):
    taught, given = [], []
    for _, chapters, _, _, name in SYLLABI[title][1]:
        taught += re.findall(r"\{doc\}`(\w+)`", chapters)
        if name:
            given.append(name.strip("`"))
            begun = problem_set(given[-1]).CHAPTERS
            assert set(begun) & set(taught), name
    assert set(given) <= set(NAMES)
    assert len(given) == len(set(given))


def test_a_semester_has_every_chapter_and_every_set():
    rows = SYLLABI["A semester"][1]
    assert re.findall(r"\{doc\}`(\w+)`", str(rows)) == CHAPTERS
    assert {row[4].strip("`") for row in rows if row[4]} == set(NAMES)


PAGE = (ROOT / "book" / "misconceptions.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?!what|-)(.+?) \| (.+?) \| (.+?) \|$", PAGE, re.M)


@pytest.mark.parametrize("row", ROWS, ids=[row[2] for row in ROWS])
def test_the_item_of_a_misconception_is_there(row):
    _, _, item = row
    if check := re.fullmatch(r"\{doc\}`(\w+)`, wrong answer “(.+)”", item):
        chapter = json.loads((ROOT / "book" / f"{check[1]}.ipynb").read_text("utf-8"))
        text = "\n".join("".join(cell["source"]) for cell in chapter["cells"])
        assert f'<details class="wrong"><summary>{check[2]}</summary>' in text
        return
    name, asked, mistake = re.fullmatch(r"`(\w+)` (q\d), `([\w-]+)`", item).groups()
    question = problem_set(name).QUESTIONS[asked]
    fields = getattr(question, "fields", None) or {}
    known = [question.mistakes, *(field for field in fields.values() if isinstance(field, tuple))]
    assert mistake in {m.name for mistakes in known for m in mistakes}


ASKED = {  # a beginning of each of the ten questions: a beginning of its row
    "Twenty workers take a random time each, independently,": "The slowest of $m$ takes $m$",
    "Each of a hundred servers": "$n$ servers, each slow",
    "Times are exponential.": "Who has been busy for long",
    "Two clusters": "Same mean and spread",
    "A simulated mean": "An error bar is an error bar.",
    "An update takes the first gradients": "Cancelled work is lost time.",
    "Ten asynchronous workers never wait": "Asynchronous SGD makes an update",
    "Every worker reports": None,
    "Ten asynchronous workers have gradients": "Faster machines, fresher",
    "A plot shows two protocols": "Curves at one step",
}


def test_nine_of_the_ten_questions_have_a_row():
    text = (ROOT / "book" / "_ten_questions.md").read_text("utf-8")
    asked = re.findall(r"^:::\{admonition\} (.*)$", text, re.M)
    for question, (begins, _) in zip(asked, ASKED.items(), strict=True):
        assert question.startswith(begins)
    rows = [row for row in ASKED.values() if row]
    for row in rows:
        assert sum(believed.startswith(row) for believed, *_ in ROWS) == 1, row
    assert len(rows) == 9
    assert "ask nine of these" in PAGE


def test_there_are_misconceptions_of_every_set_and_of_most_chapters():
    items = " ".join(item for *_, item in ROWS)
    assert set(NAMES) - {"project"} <= set(re.findall(r"`(\w+)` q\d", items))
    assert len(set(re.findall(r"\{doc\}`(\w+)`", items))) >= 12
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(lines) - 4  # all but the heads of four tables
