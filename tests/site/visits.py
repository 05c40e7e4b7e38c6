"""What is seen when a page is visited: wide and narrow, light and dark, before and after."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from ..conftest import ROOT, settle, watched
from ..explorer.explorer_page import drive

WIDE, NARROW = (1280, "light"), (360, "dark")
CHAPTERS = {f"book/{path.stem}.html" for path in (ROOT / "book").glob("*.ipynb")}
OVERFLOW = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
MOVE_ALL = """() => Promise.all([...document.querySelectorAll("sg-explorer")].map(async (one) => {
    one.held = one.querySelector(".sg-sentence").textContent;
    await one.ready;
    one.fields.forEach((_, i) => one.set(i, one.values[i].length - 1));
    one.numbers.open = one === document.querySelector("sg-explorer");
    await one.show();
}))"""
LEAVE_WHAT_MOVED = """() => {
    const kept = [...document.querySelectorAll("h1, sg-explorer, sg-prediction, sg-quiz")];
    for (const one of document.querySelectorAll("body *"))
        if (!kept.some((other) => other.contains(one) || one.contains(other))) one.remove();
}"""
PREDICT_ALL = """() => [...document.querySelectorAll("sg-prediction")].map((one) => {
    const isCovered = () => getComputedStyle(one.figure).display === "none";
    const before = isCovered();
    one.form.elements.guess.value = "1";
    one.form.requestSubmit();
    return { before, after: isCovered(), told: one.told.textContent };
})"""
ANSWER_ALL = """() => [...document.querySelectorAll("sg-quiz:not(sg-test *)")].map((one) =>
    one.options.map(({ field }) => {
        field.checked = true;
        one.form.requestSubmit();
        return one.told.textContent.trim();
    }))"""
# Texts that stand in like elements, seven deep, have the same contrast in the same theme: two of
# each kind are marked. It is told how often each was seen on other pages, and returns that anew.
# Of the texts of a picture, which stand in a shadow, axe cannot say anything.
SAMPLE = """(seen) => {
    document.querySelectorAll("[data-sample]").forEach((one) => delete one.dataset.sample);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const kinds = new Map(seen);
    while (texts.nextNode()) {
        let one = texts.currentNode.parentElement, kind = "";
        if (!texts.currentNode.data.trim() || "sample" in one.dataset) continue;
        for (let up = one, i = 0; up && i < 7; up = up.parentElement, i++)
            kind += `${up.tagName}.${up.className}>`;
        kinds.set(kind, 1 + (kinds.get(kind) ?? 0));
        if (kinds.get(kind) < 3) one.dataset.sample = "";
    }
    return [...kinds];
}"""
# Nine of ten elements of a page are parts of formulas, of which axe has nothing to say.
PLAIN_FORMULAS = """() => document.querySelectorAll(".katex").forEach((one) => {
    one.kept = [...one.childNodes];
    one.replaceChildren("x");
})"""
FORMULAS = """() => document.querySelectorAll(".katex").forEach((one) =>
    one.replaceChildren(...one.kept))"""
VIOLATIONS = """async () => {
    axe.configure({ rules: [{ id: "color-contrast", selector: "[data-sample]" }] });
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html)}`);
}"""
MOST_BYTES = 1_000_000  # of a page with everything it loads, as it travels


def sizes(page):
    """Return the bytes that came for a page, itself included, by address."""
    return page.evaluate(
        """() => Object.fromEntries(["navigation", "resource"]
            .flatMap((kind) => performance.getEntriesByType(kind))
            .map((entry) => [entry.name, entry.encodedBodySize]))"""
    )


def axe(page, kinds):
    """Return the violations that axe finds; the contrast of each kind of text is measured twice.

    kinds: of each kind how often it was seen on the pages before; it is kept up.
    """
    kinds[:] = page.evaluate(SAMPLE, kinds)
    page.evaluate(Axe().axe_script)
    return page.evaluate(VIOLATIONS)


def overflow_of_large_text(page):
    """Return by how many pixels a page is too wide if its text is twice as large."""
    large = page.add_style_tag(content="html { font-size: 200% !important; }")
    page.evaluate("dispatchEvent(new Event('resize'))")
    for _ in range(100):  # formulas are laid out anew in the background
        page.wait_for_timeout(40)
        if not (over := page.evaluate(OVERFLOW)):
            break
    large.evaluate("tag => tag.remove()")
    return over


def visit(page, faults, url, opened, moved, kinds):
    """Open a page with one width and theme, move all on it with the other: return what was seen.

    kinds: for `axe`, of the texts with the one theme and with the other.
    """
    look(page, *opened)
    page.goto(url)
    settle(page, faults)
    found = {"sizes": sizes(page), "overflow": page.evaluate(OVERFLOW)}
    if opened == NARROW:
        found["overflow large"] = overflow_of_large_text(page)
    page.evaluate(PLAIN_FORMULAS)
    found["violations"] = axe(page, kinds[0])
    page.evaluate(FORMULAS)
    look(page, *moved)
    found["predictions"] = page.evaluate(PREDICT_ALL)
    found["answers"] = page.evaluate(ANSWER_ALL)
    page.evaluate(MOVE_ALL)
    found["overflow after"] = page.evaluate(OVERFLOW)
    if moved == NARROW:
        found["overflow large"] = overflow_of_large_text(page)
    page.evaluate(PLAIN_FORMULAS)
    page.evaluate(LEAVE_WHAT_MOVED)  # axe has looked at the rest, and it is slow to lay out
    found["violations after"] = axe(page, kinds[1])
    page.evaluate(FORMULAS)
    found["explorers"] = [moves(page, one) for one in page.locator("sg-explorer").all()]
    found["theme"] = (moved[1], page.evaluate("document.documentElement.dataset.theme"))
    found["faults"] = faults[:]
    faults.clear()
    return found


def moves(page, explorer):
    """Move the controls of an explorer, and return what is wrong with it, or ""."""
    explorer.get_by_role("button", name="Reset").click()
    if not explorer.evaluate("one => one.show().then(() => one.held === one.sentence.textContent)"):
        return "the first picture is not the one that the page holds"
    try:
        return "" if len(drive(page, explorer, few=True)) > 1 else "it shows one picture"
    except (AssertionError, Error) as fault:
        return f"{explorer.get_attribute('data-name')}: {fault}"


def look(page, width, theme):
    """Give the page another width and theme, as a reader may at any time."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)


class Visits:
    """Every second page, opened with one look and moved with the other; see the files of tests."""

    first, opened, moved = 0, WIDE, NARROW

    @pytest.fixture(scope="class")
    @classmethod
    def visits(cls, browser, book_url, pages):
        page, faults = watched(browser, *cls.opened)
        kinds = [], []
        yield {
            name: visit(page, faults, f"{book_url}/{name}", cls.opened, cls.moved, kinds)
            for name in list(pages)[cls.first :: 2]
        }
        page.context.close()

    def test_no_page_complains(self, visits):
        assert {name: seen["faults"] for name, seen in visits.items() if seen["faults"]} == {}

    def test_no_page_asks_another_host_for_anything(self, visits, book_url):
        for name, seen in visits.items():
            assert [url for url in seen["sizes"] if not url.startswith(book_url)] == [], name

    def test_no_page_scrolls_sideways(self, visits):
        for name, seen in visits.items():
            assert seen["overflow"] == 0, name
            assert seen["overflow after"] == 0, name
            assert seen["overflow large"] == 0, name

    def test_every_explorer_moves_on_every_page(self, visits):
        for name, seen in visits.items():
            assert [fault for fault in seen["explorers"] if fault] == [], name
            assert seen["explorers"] or name not in CHAPTERS, name
        assert sum(len(seen["explorers"]) for seen in visits.values()) >= 30

    def test_a_page_follows_the_theme_of_its_reader(self, visits):
        for name, seen in visits.items():  # a page of its own has no switch
            asked, shown = seen["theme"]
            assert shown == asked or (shown is None and name not in CHAPTERS), name

    def test_axe_finds_no_violation(self, visits):
        for name, seen in visits.items():
            assert seen["violations"] == seen["violations after"] == [], name

    def test_every_chapter_covers_its_figure_until_a_number_is_said(self, visits):
        told = {name: seen["predictions"] for name, seen in visits.items() if seen["predictions"]}
        assert CHAPTERS & set(visits) <= set(told)
        for name, ((one),) in told.items():
            assert (one["before"], one["after"]) == (True, False), name
            assert one["told"].startswith("You said 1"), name
            assert len(one["told"].split()) > 25, name

    def test_every_option_of_every_quick_check_is_answered(self, visits):
        asked = [answers for seen in visits.values() for answers in seen["answers"]]
        assert len(asked) >= 40
        for answers in asked:
            assert sorted(answer.split(".")[0] for answer in answers)[-1] == "Right"
            assert sum(answer.startswith("Right. ") for answer in answers) == 1
            assert sum(answer.startswith("Not this. ") for answer in answers) == len(answers) - 1

    def test_a_page_is_light(self, visits):
        for name, seen in visits.items():
            assert sum(seen["sizes"].values()) <= MOST_BYTES, f"{name}: {seen['sizes']}"
