"""The chapters as slides: whole, and moved through by keyboard."""

import re

import pytest

from tools import slides
from tools.sheet import sides

from ..conftest import served, settle, watched
from .visits import axe

HERE = ".slide.here"
FITS = """() => [document.documentElement, document.querySelector(".slide.here")]
    .map((box) => box.scrollWidth - box.clientWidth)"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory, built_book, pages):
    """The address of a folder with the book and the slides of one chapter."""
    folder = tmp_path_factory.mktemp("slides")
    (folder / "html").symlink_to(built_book)
    slides.write({"book/race.html": pages["book/race.html"]}, folder / "slides", "../html")
    yield from served(folder)


def test_each_chapter_has_a_slide_for_each_of_its_parts(pages, built_book):
    chapters = slides.chapters(pages)
    assert len(chapters) == 18
    for path, page in chapters.items():
        text = (built_book / path).read_text("utf-8")
        kinds = [kind.split()[0] for kind, *_ in slides.slides_of(page.find("article"))]
        figures = len(re.findall(r'class="sg-explorer"|<figure>', text))
        assert kinds.count("figure") == figures, path
        assert kinds.count("theorem") == len(re.findall(r'class="proof theorem', text)), path
        assert kinds.count("question") == text.count("<sg-quiz"), path
        assert [kinds[0], kinds[-1]] == ["title", "text"], path


def test_links_lead_to_other_slides_or_to_the_book():
    assert slides.led("#thm-a", "book/race.html", "../html", {"thm-a"}) == "#thm-a"
    assert slides.led("#eq", "book/race.html", "../html") == "../html/book/race.html#eq"
    assert slides.led("../_static/a.js", "book/race.html", "../html") == "../html/_static/a.js"
    assert slides.led("https://a.org/b", "book/race.html", "../html") == "https://a.org/b"


def test_slides_are_moved_through_by_keyboard_and_a_figure_moves(browser, decks):
    page, faults = watched(browser, 1280, "light")
    page.set_viewport_size({"width": 1280, "height": 720})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{decks}/slides/race.html")
    settle(page, faults)
    said, count = page.get_by_role("status").last, page.locator(".slide").count()
    assert said.inner_text() == f"1 of {count}"
    page.keyboard.press("ArrowRight")
    assert page.url.endswith("#2")
    assert page.evaluate("document.activeElement.id") == "2"
    page.get_by_role("button", name="Show me").press("Enter")
    slider, sentence = page.locator(f"{HERE} input[type=range]").first, f"{HERE} .sg-sentence"
    before = page.locator(sentence).inner_text()
    slider.press("ArrowLeft")
    page.wait_for_function(
        "([where, text]) => document.querySelector(where).innerText !== text",
        arg=[sentence, before],
    )
    page.locator(HERE).evaluate("slide => { slide.scrollTop = slide.scrollHeight; }")
    page.keyboard.press("PageDown")  # from a slider too, as a presenter's button does
    assert page.url.endswith("#3")
    page.keyboard.press("End")
    assert said.inner_text() == f"{count} of {count}"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert said.inner_text() == f"1 of {count}"
    for kind in ("figure", "theorem", "question"):
        place = page.locator(f".slide.{kind}").first.get_attribute("id")
        page.evaluate("place => { location.hash = place; }", place)
        page.locator(f".slide.{kind}.here").wait_for()
        assert page.evaluate(FITS) == [0, 0]
        assert axe(page, []) == [], kind
    page.emulate_media(media="print")
    assert sides(page.pdf(prefer_css_page_size=True)) == count
    assert faults == []
    assert [url for url in asked if not url.startswith((decks, "blob:"))] == []
    page.context.close()


def test_without_scripts_all_slides_stand_below_each_other(browser, decks):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{decks}/slides/race.html#3")
    assert page.locator(".slide:visible").count() == page.locator(".slide").count() > 10
    assert not page.locator(".slides-bar").is_visible()
    assert page.locator("style, [style], script:not([src])").count() == 0  # a host may forbid them
    context.close()
