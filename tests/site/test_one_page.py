"""The summaries at the ends of the chapters, and the sheet that they make together."""

import re

import pytest

from tools import sheet
from tools.pdf import put

from ..book.page import cells
from ..conftest import ROOT

CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_ends_with_formulas_a_picture_and_a_mistake(chapter):
    text = "\n\n".join(source for kind, _, source in cells(chapter) if kind == "markdown")
    found = re.search(r"^## In one page\n\n(.*?)\n\n## Problems\n", text, re.M | re.S)
    formulas, picture, mistake = re.split(r"^\*\*To (?:remember|avoid):\*\* ", found[1], flags=re.M)
    assert len(re.findall(r"^- \*\*", formulas, re.M)) >= 3
    assert formulas.count("$") >= 6
    for line in (picture, mistake):
        assert 5 < len(line.split()) < 60
    assert "\n:label:" not in found[1]  # it stands on the sheet too


def test_the_sheet_has_every_chapter_in_the_order_of_the_book(pages):
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    names = [name for name in re.findall(r"file: book/(\w+)", toc) if name in CHAPTERS]
    page = pages["book/formulas.html"]
    links = [link["href"] for link in page.select("article section section h2 a.reference")]
    assert links == [f"{name}.html" for name in names]
    for name in names:
        own = pages[f"book/{name}.html"].select_one("section#in-one-page")
        assert len(own.select(".katex")) > 3
        assert len(page.select_one(f"#sheet-{name}").select(".katex")) == len(own.select(".katex"))


def test_the_sheet_prints_on_two_sides(built_book, browser):
    page = browser.new_page()
    put(page, sheet.sheet(built_book), built_book)
    pdf, size = sheet.fitted(page)
    page.close()
    assert sheet.sides(pdf) == 2
    assert size >= 6
