"""The built book where hosts forbid, frames keep apart, systems recolour and readers zoom."""

import io
import threading
from collections import Counter
from functools import partial
from http.server import ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from tools.serve import Handler

from ..conftest import served, settle, watched
from ..explorer.explorer_page import UNCOVER, drive, uncover

SETTLED = "html[data-settled]"


class Strict(Handler):
    """A host that allows a page what comes from itself, in files, and nothing else."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()


@pytest.fixture(scope="module")
def strict_url(built_book):
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(built_book)))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


def opened(page, url):
    page.goto(url)
    settle(page)
    uncover(page)


LAID_OUT = """() => {
    const boxes = [...document.querySelectorAll(".katex-html, .sg-picture")];
    return boxes.map((box) => box.getBoundingClientRect()).map((at) => [at.width, at.height]);
}"""


def test_under_a_strict_policy_figures_move_and_formulas_keep_their_shape(
    browser, book_url, strict_url
):
    page, faults = watched(browser, 1280, "light")
    opened(page, f"{book_url}/book/race.html")
    free = page.evaluate(LAID_OUT)
    opened(page, f"{strict_url}/book/race.html")
    assert len(free) > 100
    assert np.abs(np.array(page.evaluate(LAID_OUT)) - free).max() < 1
    explorer = page.locator("sg-explorer").first
    assert len(drive(page, explorer)) > 3
    line = explorer.locator("path[stroke*='--sg-fastest']").first
    assert line.evaluate("path => getComputedStyle(path).stroke") == "rgb(0, 103, 165)"
    page.click(".theme-switch-button")
    page.click(".theme-switch-button")
    assert page.evaluate("document.documentElement.dataset.theme") in ("light", "dark")
    search_for(page, strict_url, "straggler")
    assert faults == []
    page.context.close()


def test_under_a_strict_policy_a_picture_that_cannot_be_saved_is_said_to_be(browser, strict_url):
    page, _ = watched(browser, 1280, "light")
    opened(page, f"{strict_url}/book/race.html")
    page.get_by_role("button", name="Save PNG").first.click()
    page.get_by_text("allows no PNG").wait_for()
    with page.expect_download():
        page.get_by_role("button", name="Save SVG").first.click()
    page.context.close()


def search_for(page, url, words):
    page.goto(f"{url}/search.html?q={words}")
    page.locator("#search-results li a").first.wait_for()


PICTURES = "[...document.querySelectorAll('.sg-picture')].map((one) => one.shadowRoot.innerHTML)"
WHOLE = f"""[
    ...[...document.querySelectorAll("main .katex, .sg-explorer")].map((one) => one.outerHTML),
    ...{PICTURES},
]"""


@pytest.mark.parametrize("word", ["max", "slowest"])
def test_words_that_were_searched_are_marked_and_reach_into_nothing(browser, book_url, word):
    page, faults = watched(browser, 1280, "dark")
    opened(page, f"{book_url}/book/race.html")
    assert not page.evaluate("CSS.highlights.has('searched')")
    before = page.evaluate(WHOLE)
    search_for(page, book_url, word)
    page.click("#search-results a[href*='race.html']")
    settle(page)
    page.wait_for_function("CSS.highlights.get('searched')?.size > 3")
    uncover(page)
    assert page.evaluate(WHOLE) == before
    page.keyboard.press("Escape")
    assert not page.evaluate("CSS.highlights.has('searched')")
    assert faults == []
    page.context.close()


OLD_MARKER = """word => {
    const mark = (node) => {
        if (node.nodeType !== 3) return [...node.childNodes].forEach(mark);
        const at = node.data.toLowerCase().indexOf(word);
        if (at < 0) return;
        const span = document.createElement("span");
        span.append(node.splitText(at).splitText(word.length).previousSibling);
        node.after(span);
    };
    mark(document.body);
}"""


def test_a_script_that_rewrites_every_text_of_a_page_does_not_reach_a_picture(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    opened(page, f"{book_url}/book/race.html")
    before = page.evaluate(PICTURES)
    assert len(before) >= 3
    page.evaluate(OLD_MARKER, "m")
    assert page.evaluate(PICTURES) == before
    assert len(drive(page, page.locator("sg-explorer").first)) > 3
    assert faults == []
    page.context.close()


# No storage


FORBID_STORAGE = """Object.defineProperty(window, "localStorage", {
    configurable: true, get() { throw new DOMException("denied", "SecurityError"); },
})"""


def change_theme(frame):
    before = frame.locator("html").get_attribute("data-theme")
    for _ in range(3):
        frame.locator(".theme-switch-button").first.click()
        if frame.locator("html").get_attribute("data-theme") != before:
            return
    raise AssertionError("the button changes nothing")


def test_without_storage_the_search_and_the_theme_button_work(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    page.add_init_script(FORBID_STORAGE)
    search_for(page, book_url, "straggler")
    page.click("#search-results a[href*='race.html']")
    settle(page)
    change_theme(page)
    assert faults == []
    page.context.close()


def test_in_a_sandboxed_frame_of_another_site_a_page_works(browser, book_url, tmp_path):
    (tmp_path / "index.html").write_text(
        '<link rel="icon" href="data:,">'
        f'<iframe sandbox="allow-scripts allow-forms" width="1200" height="900" name="book" '
        f'src="{book_url}/search.html?q=straggler"></iframe>'
    )
    page, faults = watched(browser, 1280, "light")
    for other in served(tmp_path):
        page.goto(f"{other}/index.html")
        frame = page.frame_locator("iframe")
        frame.locator("#search-results li a[href*='race.html']").first.click()
        frame.locator(SETTLED).wait_for(state="attached")
        change_theme(frame)
        frame.locator("html").evaluate(UNCOVER)
        slider = frame.locator("sg-explorer input[name=m]").first
        slider.press("Home")
        frame.locator(".sg-sentence").first.get_by_text("1 worker").wait_for()
        frame.get_by_text("Link to this view").first.click()
        frame.get_by_text("leads to this view").wait_for()
    assert faults == []
    page.context.close()


# Forced colours, large text, no script


def colours_of(part):
    """Return how many clearly different shades a part of the page shows."""
    pixels = np.asarray(Image.open(io.BytesIO(part.screenshot())).convert("L"), dtype=int)
    return pixels.max() - pixels.min()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_the_icons_and_the_figures_to_be_seen(browser, book_url, scheme):
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, forced_colors="active", color_scheme=scheme
    )
    page = context.new_page()
    opened(page, f"{book_url}/book/race.html")
    icons = [icon for icon in page.locator(".fa-solid").all() if icon.is_visible()]
    assert len(icons) > 4
    assert sum("theme-switch" in icon.get_attribute("class") for icon in icons) == 1
    for icon in icons:
        icon.scroll_into_view_if_needed()
        assert icon.bounding_box()["width"] > 12
        assert colours_of(icon) > 100, icon.get_attribute("class")
    explorer = page.locator("sg-explorer").first
    explorer.scroll_into_view_if_needed()
    assert colours_of(explorer.locator("input[name=m]")) > 80
    assert colours_of(explorer.locator(".sg-picture")) > 100
    assert len(drive(page, explorer)) > 3
    page.context.close()


def test_without_scripts_a_figure_shows_where_it_starts_and_says_so(browser, book_url):
    size = {"width": 1280, "height": 800}
    context = browser.new_context(java_script_enabled=False, viewport=size)
    page = context.new_page()
    page.goto(f"{book_url}/book/race.html")
    explorer = page.locator("sg-explorer").first
    assert "where it starts" in explorer.locator("noscript p").inner_text()
    assert explorer.locator("noscript p").is_visible()
    assert explorer.locator(".sg-picture > svg").first.bounding_box()["width"] > 300
    assert not explorer.locator("input").first.is_visible()
    page.goto(f"{book_url}/search.html")
    assert page.locator("main noscript p").is_visible()
    context.close()


# A telephone


@pytest.fixture
def telephone(browser):
    """A page on a telephone that is touched."""
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def test_a_tap_on_a_term_says_what_it_means_and_stays_on_the_page(telephone, book_url):
    opened(telephone, f"{book_url}/book/race.html")
    term = telephone.locator(".bd-article a[href*='notation.html#term-straggler']").first
    term.tap()
    preview = telephone.locator(".preview")
    preview.get_by_text("takes much longer than the others").wait_for()
    assert telephone.url.endswith("race.html")
    box = preview.bounding_box()
    assert 0 <= box["x"] <= 390 - box["width"]
    telephone.locator("h1").tap()
    preview.wait_for(state="hidden")
    term.tap()
    preview.get_by_role("link", name="Go there").tap()
    telephone.wait_for_url("**/notation.html#term-straggler")


def test_a_second_tap_on_a_term_follows_it(telephone, book_url):
    opened(telephone, f"{book_url}/book/race.html")
    term = telephone.locator(".bd-article a[href*='notation.html#term-straggler']").first
    term.tap()
    telephone.locator(".preview").wait_for()
    term.tap()
    telephone.wait_for_url("**/notation.html#term-straggler")


def test_what_is_cut_at_the_edge_shows_that_it_goes_on(telephone, book_url):
    opened(telephone, f"{book_url}/book/exponential.html")
    cut = telephone.locator(".katex-display[data-more='right']").first
    assert "linear-gradient" in cut.evaluate("box => getComputedStyle(box).maskImage")
    handle = cut.element_handle()
    handle.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    telephone.wait_for_function("box => box.dataset.more === 'left'", arg=handle)
    whole = telephone.locator(".katex-display[data-more='']").first
    assert whole.evaluate("box => getComputedStyle(box).maskImage") == "none"


def test_a_swipe_that_begins_on_a_slider_scrolls_the_page(telephone, book_url):
    opened(telephone, f"{book_url}/book/race.html")
    slider = telephone.locator("sg-explorer input[name=m]").first
    slider.scroll_into_view_if_needed()
    value, place = slider.input_value(), telephone.evaluate("scrollY")
    sentence = telephone.locator("sg-explorer .sg-sentence").first
    box, before = slider.bounding_box(), sentence.inner_text()
    x, y = box["x"] + 0.9 * box["width"], box["y"] + 20
    session = telephone.context.new_cdp_session(telephone)
    for kind, moved in [("Start", 0), *[("Move", step) for step in range(15, 200, 15)], ("End", 0)]:
        points = [] if kind == "End" else [{"x": x, "y": y - moved}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    telephone.wait_for_function(f"scrollY > {place} + 50")
    sentence.get_by_text(before).wait_for()
    assert slider.input_value() == value


# What is copied


COPIED = """selector => {
    getSelection().selectAllChildren(document.querySelector(selector));
    const clipboardData = new DataTransfer();
    document.dispatchEvent(new ClipboardEvent("copy", { clipboardData, cancelable: true }));
    return clipboardData.getData("text/plain");
}"""


def test_a_formula_is_copied_once_as_it_was_written(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    opened(page, f"{book_url}/book/exponential.html")
    page.evaluate("document.querySelector('.equation').id = 'copied'")
    tex = page.locator("#copied annotation").first.text_content()
    copied = page.evaluate(COPIED, "#copied .katex-display")
    assert copied.split() == f"$${tex}$$".split()
    page.evaluate("document.querySelector('main p:has(.katex)').id = 'words'")
    words = page.evaluate(COPIED, "#words")
    parts = page.locator("#words annotation").all_text_contents()
    assert parts
    assert {tex: words.count(f"${tex}$") for tex in parts} == Counter(parts)
    assert "\u200b" not in words
    assert faults == []
    page.context.close()


def test_code_is_copied_by_its_button(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, f"{book_url}/book/race.html")
    box = page.locator("div.highlight").first
    box.hover()
    box.get_by_role("button", name="Copy").click()
    box.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == box.locator("pre").inner_text().strip()
    assert faults == []
    page.context.close()


# Figures out of sight


def test_pictures_are_unpacked_when_their_figure_comes_near(browser, book_url):
    page, _ = watched(browser, 390, "light")
    opened(page, f"{book_url}/book/exponential.html")
    unpacked = "[...document.querySelectorAll('sg-explorer')].map((one) => Boolean(one.data))"
    page.wait_for_timeout(300)
    assert page.evaluate(unpacked)[-1] is False
    page.locator("sg-explorer").last.scroll_into_view_if_needed()
    page.wait_for_function(f"{unpacked}.at(-1)")
    page.context.close()


# Words that readers look for, which the book may say otherwise


@pytest.fixture(scope="module")
def search_page(browser):
    page, _ = watched(browser, 1280, "light")
    yield page
    page.context.close()


@pytest.mark.parametrize(
    "words", ["memoryless", "straggler", "backup worker", "heavy tail", "order statistics"]
)
def test_the_search_finds_the_words_of_the_field(search_page, book_url, words):
    search_for(search_page, book_url, words)
