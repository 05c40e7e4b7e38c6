"""The book: its notebooks as they are stored, and every explorer on its pages."""

import base64
import json
import re
import zlib

import pytest

import stragglers as sg

from ..conftest import ROOT, is_lost
from ..explorer.explorer_page import drive, uncover
from ..explorer.test_style import FILLS
from ..figures.sentences import check_said

NOTEBOOKS = sorted((ROOT / "book").rglob("*.ipynb"))
names = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path, kind):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


def test_there_are_notebooks():
    assert NOTEBOOKS


@names
def test_a_notebook_is_stored_without_outputs(path):
    for cell in cells_of(path, "code"):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert "widgets" not in json.loads(path.read_text())["metadata"]


@names
def test_the_first_cells_are_the_same_everywhere(path):
    install, imports = cells_of(path, "code")[:2]
    first_install, _ = cells_of(NOTEBOOKS[0], "code")[:2]
    assert install == {**first_install, "id": install["id"]}
    assert "import stragglers as sg" in "".join(imports["source"])


@names
def test_a_cell_has_ten_lines_at_most_or_is_hidden(path):
    for cell in cells_of(path, "code"):
        hidden = {"hide-input", "remove-input", "remove-cell"} & set(
            cell["metadata"].get("tags", [])
        )
        assert hidden or len("".join(cell["source"]).splitlines()) <= 10, "".join(cell["source"])


EXPLORER = re.compile(r'<sg-explorer [^>]*data-name="([^"]*)" data-pictures="([^"]*)"')


def unpacked(packed):
    """Return the text of all the pictures that travel in an explorer of a page."""
    return zlib.decompress(base64.b64decode(packed)).decode()


def sentences(packed):
    """Return the sentences of all those pictures."""
    first, *lines = unpacked(packed).split("\n")
    for runs, *_ in json.loads(first):
        parts = zip(runs[::2], runs[1::2], strict=True)
        yield "\n".join(line for start, count in parts for line in lines[start : start + count])


def test_every_picture_of_the_book_says_a_number_in_a_sentence(pages, built_book):
    said = [
        (name, sentence)
        for page in pages
        for name, packed in EXPLORER.findall((built_book / page).read_text("utf-8"))
        for sentence in sentences(packed)
    ]
    assert len(said) > 2500
    for name, sentence in said:
        check_said(sentence, name)


def test_no_text_of_a_picture_has_a_colour_that_only_fills(pages, built_book):
    coloured = [
        colour
        for page in pages
        for _, packed in EXPLORER.findall((built_book / page).read_text("utf-8"))
        for colour in re.findall(r"<text[^>]*var\(--sg-(\w+)", unpacked(packed))
    ]
    assert len(coloured) > 1000
    assert not FILLS & set(coloured)


# In a real browser, with every other host blocked


@pytest.fixture
def page(book_url, request):
    """A fresh page that is refused every other host, and collects what goes wrong."""
    page = request.getfixturevalue(getattr(request, "param", "browser")).new_page()
    page.faults = []
    foreign = re.compile(f"^(?!{re.escape(book_url)}|data:|blob:)")
    page.route(foreign, lambda route: page.faults.append(route.request.url) or route.abort())
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.faults.append(said.text))
    page.on("requestfailed", lambda asked: is_lost(asked) and page.faults.append(asked.url))
    yield page
    page.close()


@pytest.mark.parametrize("page", ["firefox"], indirect=True)
@pytest.mark.parametrize("name", ["index", "limit_laws"])  # one script moves those of all pages
def test_every_explorer_moves_in_firefox(page, book_url, name):
    page.goto(f"{book_url}/book/{name}.html")
    explorers = page.locator("sg-explorer").all()
    assert explorers, "a chapter has an explorer at least"
    for explorer in explorers:
        assert len(drive(page, explorer, few=True)) > 1
    assert page.faults == []


def test_the_race_says_the_number_that_the_module_gives(page, book_url):
    page.goto(f"{book_url}/book/race.html")
    uncover(page)
    workers = page.locator("sg-explorer#slowest_and_fastest input[name=m]")
    rate = page.locator("sg-explorer#slowest_and_fastest input[name=rate]")
    for moves, m in (("Home", 1), ("End", 40), ("ArrowLeft", 39)):
        workers.press(moves)
        rate.press("End")
        sentence = page.locator("#slowest_and_fastest .sg-sentence")
        sentence.get_by_text(f"{m} worker").wait_for()
        work = sg.exponential(rate=4)
        exact = [sg.order_statistic(work, k=k, m=m).mean() for k in (m, 1)]
        said = sentence.inner_text()
        assert f"the slowest takes {exact[0]:.4g} on average" in said
        assert f"the fastest {exact[1]:.4g} " in said
