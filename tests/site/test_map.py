"""The map of the chapters on the front page, its paths, and the ten questions."""

import json
import re

import chapter_map
import pytest

from ..book.page import cells
from ..conftest import ROOT, settle, watched

INDEX = (ROOT / "book" / "index.md").read_text("utf-8")
LISTED = re.findall(r"^(\w+): ", INDEX[INDEX.index("{chapter-map}") :], re.M)
LINKED = re.compile(r"{doc}`(?:[^`<]* <)?(\w+)>?`")


def path_of(name):
    return ROOT / "book" / f"{name}.ipynb"


def in_order():
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    return [name for name in re.findall(r"file: book/(\w+)", toc) if path_of(name).exists()]


def test_the_map_has_every_chapter_in_the_order_of_the_book():
    assert in_order() == LISTED


def test_a_chapter_needs_only_what_comes_before_it():
    for name in LISTED:
        assert set(chapter_map.needed(path_of(name))) <= set(LISTED[: LISTED.index(name)]), name


def test_the_lecture_course_leaves_out_nothing_that_it_needs():
    line = re.search(r"\*\*The lecture course\.\*\* (.*?), in this order", INDEX)[1]
    course = LINKED.findall(line)
    assert len(course) >= 8
    for place, name in enumerate(course):
        assert set(chapter_map.needed(path_of(name))) <= set(course[:place]), name


def minutes_of(name, titles):
    """Return the minutes of a chapter's beginning and of the sections with these titles."""
    text = "\n\n".join(source for kind, _, source in cells(name) if kind == "markdown")
    text = chapter_map.FOLDED.sub("", text)
    start, *sections = re.split(r"^## ", text, flags=re.M)
    chosen = [section for section in sections if section.partition("\n")[0] in titles]
    assert len(chosen) == len(titles), name
    return len(re.findall(r"\w+", start + "".join(chosen))) / chapter_map.WORDS_A_MINUTE


def test_the_path_of_40_minutes_takes_40_minutes():
    line = re.search(r"\*\*The engineer's 40 minutes\.\*\* (.*)", INDEX)[1]
    first, then = line.split("; then ")
    both = ["The picture first", "In one page"]
    spent = sum(minutes_of(name, both) for name in LINKED.findall(first))
    spent += minutes_of("real_jobs", ["The picture first"])
    spent += 3 * (len(LINKED.findall(first)) + 1)  # a figure each
    assert "real_jobs" in LINKED.findall(then)
    assert spent == pytest.approx(40, abs=8)


def test_a_chapter_says_the_minutes_of_the_map_and_never_counts_its_problems():
    told = {}
    for name in LISTED:
        (need,) = chapter_map.NEEDS.findall("\n\n".join(s for _, _, s in cells(name)))
        assert "with its problems" not in need, name
        if found := re.search(r"About (\d+) minutes, without the answers and the problems", need):
            told[name] = int(found[1])
        else:
            assert not re.search(r"\b(hour|minute)s?\b", need), name
    assert len(told) >= 8
    for name, minutes in told.items():
        assert minutes == pytest.approx(chapter_map.minutes(path_of(name)), abs=5), name
        assert minutes <= 90, name


def test_instructors_are_told_the_minutes_of_the_map():
    guide = (ROOT / "book" / "instructors.md").read_text("utf-8")
    told = re.findall(r"^\| \{doc\}`(\w+)` \| (\d+) min \| \d+ min \|", guide, re.M)
    assert len(told) >= 18
    for name, minutes in told:
        assert int(minutes) == pytest.approx(chapter_map.minutes(path_of(name)), abs=5), name


def test_minutes_grow_with_words_figures_and_displays(tmp_path):

    def told(*sources):
        kept = [{"cell_type": kind, "source": source} for kind, source in sources]
        (tmp_path / "x.ipynb").write_text(json.dumps({"cells": kept}))
        return chapter_map.minutes(tmp_path / "x.ipynb")

    words = ("markdown", "word " * 590)
    assert told(words) == 5
    assert told(words, ("code", "sg.explore(x)")) == 10
    assert told(words, ("markdown", "$$a$$ $$b$$ $$c$$ $$d$$ $$e$$ $$f$$")) == 15
    assert told(words, ("markdown", f"<details>\n{'word ' * 900}</details>")) == 5
    assert told(words, ("markdown", f"x\n## Problems\n{'word ' * 900}")) == 5


def answer(page, url, when, choose):
    page.goto(f"{url}/book/ten_{when}.html")
    settle(page)
    page.get_by_role("button", name="Show my result").click()
    told = page.locator(".test-told")
    assert told.inner_text() == "10 of 10 are without an answer."
    page.evaluate(
        """choose => document.querySelectorAll("sg-quiz").forEach((one, i) => {
            const right = one.options.findIndex((option) => option.right);
            const place = i < choose ? right : (right + 1) % one.options.length;
            one.options[place].field.checked = true;
        })""",
        choose,
    )
    page.get_by_role("button", name="Show my result").click()
    return told


def test_ten_questions_before_and_after_stand_side_by_side(browser, book_url):
    page, faults = watched(browser, 390, "light")
    assert answer(page, book_url, "before", 4).inner_text() == "4 of 10 are right."
    assert page.locator(".quiz-told").all_inner_texts() == [""] * 10
    told = answer(page, book_url, "after", 9)
    assert told.locator("p").inner_text() == "9 of 10 are right."
    rows = [row.split() for row in told.locator("tbody tr").all_inner_texts()]
    right, wrong = ["✓", "right"], ["✗", "wrong"]
    assert rows[0] == ["1", *right, *right]
    assert rows[4] == ["5", *wrong, *right]
    assert rows[9] == ["10", *wrong, *wrong]
    assert all(
        text.startswith(("Right.", "Not this."))
        for text in page.locator(".quiz-told").all_inner_texts()
    )
    page.get_by_role("button", name="Forget both results").click()
    told = answer(page, book_url, "after", 10)
    assert told.locator("tbody tr").first.inner_text().split() == ["1", "–", *right]
    assert faults == []
    page.context.close()
