"""The book is built, and its pages are read as files.

Other tests wait for the build, so these begin first.
"""

import re
from urllib.parse import unquote, urljoin, urlsplit

import katex_math

from ..conftest import ROOT


def test_the_book_builds_with_warnings_as_errors(built_book):
    chapters = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
    assert chapters <= {path.stem for path in (built_book / "book").glob("*.html")}


def test_every_page_has_a_language_a_title_a_description_and_one_heading(pages):
    for name, page in pages.items():
        assert page.html["lang"] == "en", name
        assert page.title.text.strip(), name
        assert "\\" not in page.title.text, f"{name}: TeX in the title of the window"
        assert len(page.find("meta", {"name": "description"})["content"]) > 20, name
        assert len(page.select("main h1")) == 1, name


def test_every_internal_link_leads_to_a_page_and_a_place_on_it(pages, built_book):
    places = {name: {part["id"] for part in page.select("[id]")} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        base = page.base["href"].lstrip("/") if page.base else name
        for part in page.select("[href], [src]"):
            link = part.get("href") or part.get("src")
            if part.name == "base" or urlsplit(link).scheme:
                continue
            path, _, place = unquote(urljoin(base, link)).partition("#")
            path = path.partition("?")[0] or name
            exists = (built_book / path).is_file()
            if not exists or (place and place not in places.get(path, {place})):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_no_id_stands_twice_on_a_page(pages):
    for name, page in pages.items():
        ids = [part["id"] for part in page.select("[id]") if not part.find_parent("svg")]
        assert sorted(set(ids)) == sorted(ids), name


VERBATIM = re.compile(r"<(code|pre|annotation|script|style)\b.*?</\1>", re.S)


def test_no_formula_is_left_as_it_was_typed(pages, built_book):
    for name in pages:
        html = VERBATIM.sub("", (built_book / name).read_text("utf-8"))
        assert "</main>" in html, name
        for sign in ("\\begin{", "\\frac", "$$", "katex-error"):
            assert sign not in html, name


def test_a_formula_comes_whole_from_the_engine_however_it_was_put_together():
    for terms in (1, 300):
        html = katex_math.typeset(r"\frac{1}{m}" + terms * r"+ \sqrt{x}", True, "htmlAndMathml")
        assert html.startswith('<span class="katex-display">')
        assert html.endswith("</span>")
        assert html.count("<msqrt>") == terms


def test_what_others_made_stands_beside_its_licence(built_book):
    for folder in (ROOT / "book" / "_vendor").iterdir():
        assert list(folder.glob("LICENSE*")), folder
    assert (built_book / "_static" / "katex" / "LICENSE").is_file()
