"""Small books: what stops a build, what is made anew, and what is written for each address."""

import shutil

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..conftest import ROOT
from ..small_builds import build

FORMULA = """# A chapter

```{math}
:label: wait
E[X_{m:m}] = %s
```

:::{prf:theorem}
It is so.
:::

:::{prf:proof}
Obvious, by {eq}`wait`.
:::
"""
CODE = """REPOSITORY = ""
from IPython.display import HTML
HTML('<img src="data:,"%s>')
"""
PLANTED = """
import stragglers as sg
def planted(ax, m):
    ax.plot([0, 1 / (m - 2)])
    return f"m is {m}"
sg.explore(planted, m=[1, 2, 3], start={"m": 1})
"""


def small_book(folder, *cells, formula="1"):
    """Write a book of two pages, the second with these cells of code."""
    shutil.copy(ROOT / "_config.yml", folder)
    for part in ("_extensions", "_static", "_templates", "_vendor"):
        shutil.copytree(ROOT / "book" / part, folder / "book" / part)
    (folder / "book" / "references.bib").touch()
    (folder / "book" / "index.md").write_text(FORMULA % formula)
    notebook = new_notebook(cells=[new_markdown_cell("# A notebook"), *map(new_code_cell, cells)])
    nbformat.write(notebook, folder / "book" / "page.ipynb")
    toc = "format: jb-book\nroot: book/index\nchapters:\n- file: book/page\n"
    (folder / "_toc.yml").write_text(toc)


def test_what_cannot_be_read_or_seen_stops_the_build_and_is_named(tmp_path):
    small_book(tmp_path, CODE % "", formula=r"\frac{1")
    done = build(tmp_path, tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "index.md:3: WARNING: ParseError: KaTeX parse error" in said
    assert "page.ipynb: WARNING: no alternative text: code cell 1" in said


def test_an_explorer_whose_draw_fails_stops_the_build_and_names_the_values(tmp_path):
    small_book(tmp_path, PLANTED)
    done = build(tmp_path, tmp_path)
    assert done.returncode != 0
    assert "planted(m=2) failed: ZeroDivisionError" in done.stdout + done.stderr


# One book, built again and again

GITHUB = "git@github.com:owner/name.git"


def built(folder, address):
    """Build the book for an address and return what is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRAGGLERS_REPOSITORY", address)
        patch.delenv("STRAGGLERS_SITE_URL", raising=False)
        done = build(folder, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book on GitHub."""
    folder = tmp_path_factory.mktemp("book")
    small_book(folder, CODE % ' alt="a picture of nothing"')
    assert "without encryption" not in built(folder, GITHUB)  # as kernels say that others listen to
    return folder


def links(html):
    page = BeautifulSoup((html / "book" / "page.html").read_text("utf-8"), "html.parser")
    return {link.text: link["href"] for link in page.select(".page-menu a")}, page


def test_the_links_of_a_page_follow_the_address(book):
    html = book / "_build" / "html"
    found, page = links(html)
    assert found["on Binder"].startswith("https://mybinder.org/v2/gh/owner/name/main?")
    assert found["on Colab"].startswith("https://colab.research.google.com/github/owner/name/")
    assert found["Suggest an edit"].startswith("https://github.com/owner/name/edit/main/")
    site = "https://owner.github.io/name/"
    assert page.find("link", rel="canonical")["href"] == f"{site}book/page.html"
    assert page.find("meta", property="og:image")["content"] == f"{site}_static/card.png"
    assert (html / "_static" / "card.png").is_file()
    assert f"<loc>{site}book/page.html</loc>" in (html / "sitemap.xml").read_text()
    download = (html / "_sources" / "book" / "page.ipynb").read_text()
    assert r"REPOSITORY = \"https://github.com/owner/name\"" in download


def test_pages_are_made_anew_when_the_code_behind_them_has_changed(book):
    page = book / "_build" / "html" / "book" / "page.html"
    first = page.stat().st_mtime_ns
    assert "no targets are out of date" in built(book, GITHUB)
    assert page.stat().st_mtime_ns == first
    with (book / "book" / "_extensions" / "mended_html.py").open("a") as code:
        code.write("# changed\n")
    assert "2 changed" in built(book, GITHUB)
    assert page.stat().st_mtime_ns > first


def test_another_address_gives_other_links_and_none_is_pretended(book):
    html = book / "_build" / "html"
    built(book, "https://gitlab.com/another/name")
    found, page = links(html)
    assert found["on Binder"].startswith("https://mybinder.org/v2/gl/another%2Fname/main?")
    assert "on Colab" not in found
    assert not page.find("link", rel="canonical")
    for name in ("sitemap.xml", "robots.txt", "_static/card.png"):
        assert not (html / name).exists(), name
    built(book, "none")
    found, page = links(html)
    assert found == {"here: download it": "../_sources/book/page.ipynb"}
    download = (html / "_sources" / "book" / "page.ipynb").read_text()
    assert r"REPOSITORY = \"\"" in download
