"""The site: its menus and search in a browser, its links from elsewhere."""

import re
import subprocess
import sys

import nbformat
import pytest
import repository_links
from axe_playwright_python.sync_playwright import Axe
from IPython.core.inputtransformer2 import TransformerManager
from nbconvert.exporters import ScriptExporter

from ..conftest import ROOT, watched

# The pages in a browser


def test_the_theme_follows_the_switch_and_stays(browser, book_url):
    page, _ = watched(browser, 1280, "light")
    page.goto(f"{book_url}/book/notation.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        page.click(".theme-switch-button")
    assert page.evaluate(ground) != light
    page.goto(f"{book_url}/book/index.html")
    assert page.evaluate(ground) != light
    page.context.close()


def test_on_a_telephone_the_lists_open_and_close(browser, book_url):
    page, faults = watched(browser, 360, "light")
    page.goto(f"{book_url}/book/notation.html")
    page.click(".primary-toggle")
    chapters = page.locator(".bd-sidebar-primary a[href*='references.html']")
    chapters.wait_for()
    page.keyboard.press("Escape")
    chapters.wait_for(state="hidden")
    page.click(".secondary-toggle")
    page.click("#pst-page-toc-nav a[href='#glossary']")
    assert not page.locator("dialog[open]").count()
    page.wait_for_function("document.querySelector('#glossary').getBoundingClientRect().y < 100")
    assert faults == []
    page.context.close()


def test_a_link_into_a_long_page_leads_to_its_place_and_the_list_marks_it(browser, book_url, pages):
    long = max(pages, key=lambda name: (pages.folder / name).stat().st_size)
    section = pages[long].select("#pst-page-toc-nav a")[-2]["href"]
    page, _ = watched(browser, 1280, "light")
    page.goto(f"{book_url}/{long}{section}", wait_until="networkidle")
    assert 0 <= page.locator(f"section{section}").bounding_box()["y"] < 100
    page.locator(f"#pst-page-toc-nav a.active[href='{section}']").wait_for()
    page.context.close()


def test_a_menu_opens_by_keyboard_and_closes_on_escape(browser, book_url):
    page, _ = watched(browser, 1280, "light")
    page.goto(f"{book_url}/book/race.html")
    page.focus(".page-menu summary")
    page.keyboard.press("Enter")
    page.get_by_text("download it").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("download it").wait_for(state="hidden")
    page.context.close()


def test_what_a_link_leads_to_is_shown_beside_it(browser, book_url):
    page, faults = watched(browser, 1280, "dark")
    page.goto(f"{book_url}/book/exponential.html", wait_until="networkidle")
    preview = page.locator(".preview")
    page.hover(".bd-article a[href='notation.html#term-leg']")
    preview.wait_for()
    assert "between one finish and the next" in preview.inner_text()
    box = preview.bounding_box()
    assert 0 <= box["x"] <= 1280 - box["width"]
    assert 0 <= box["y"] <= 800 - box["height"]
    page.hover(".preview")  # one can read on in it
    page.wait_for_timeout(300)
    assert Axe().run(page, context=".preview").generate_snapshot() == ""
    page.keyboard.press("Escape")
    assert not preview.count()
    theorem = page.locator(".bd-article a[href='#thm-restart']").first
    theorem.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    preview.locator(".katex").first.wait_for()
    assert page.locator("[id='thm-restart']").count() == 1
    page.keyboard.press("Tab")
    assert not preview.count()
    assert faults == []
    page.context.close()


def search(page, word):
    page.keyboard.press("Control+k")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()


def test_the_search_finds_a_word(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    page.goto(f"{book_url}/book/index.html")
    search(page, "straggler")
    page.locator("#search-results a[href*='notation.html']").first.wait_for()
    assert faults == []
    page.context.close()


def test_a_wrong_address_at_any_depth_leads_back(browser, book_url):
    page = browser.new_page()
    assert page.goto(f"{book_url}/no/such/page.html").status == 404
    page.click("main li a")
    assert page.locator("main h1").inner_text() != "Page not found"
    page.close()


def test_the_built_folder_works_without_a_server(browser, built_book):
    page, faults = watched(browser, 1280, "light")
    page.goto(f"file://{built_book}/index.html")
    page.wait_for_url("**/book/index.html")
    page.click(".bd-sidebar-primary a[href*='notation.html']")
    page.wait_for_url("**/book/notation.html")
    assert page.evaluate("document.fonts.load('1em KaTeX_Main').then((fonts) => fonts.length)")
    assert page.locator(".bd-sidebar-primary").bounding_box()["x"] == 0  # styled: at the side
    search(page, "straggler")
    assert faults == []
    page.context.close()


# The first cell of a notebook, where the package is not installed


class Shell:
    """An IPython that only notes what it is told to do."""

    def __init__(self, name):
        self.name, self.told = name, []

    def __str__(self):
        return self.name

    def run_line_magic(self, *told):
        self.told.append(told)


def run_without_the_package(monkeypatch, url, shell):
    """Run the first cell of a chapter's published copy where the package is not."""
    chapter = nbformat.read(ROOT / "book" / "race.ipynb", 4)
    first = next(cell.source for cell in chapter.cells if cell.cell_type == "code")
    monkeypatch.setitem(sys.modules, "stragglers", None)
    code = TransformerManager().transform_cell(repository_links.filled(first, url))
    exec(code, {"get_ipython": lambda: shell})


def test_a_downloaded_notebook_says_how_to_install_what_it_needs(monkeypatch):
    for url, says in [
        ("https://github.com/owner/name", "%pip install git+https://github.com/owner/name"),
        ("", "pip install . "),
    ]:
        with pytest.raises(ModuleNotFoundError, match=re.escape(says)):
            run_without_the_package(monkeypatch, url, Shell("ipykernel.zmqshell"))


def test_a_notebook_installs_what_it_needs_in_colab(monkeypatch):
    colab = Shell("google.colab._shell.Shell")
    run_without_the_package(monkeypatch, "https://github.com/owner/name", colab)
    assert colab.told == [("pip", "install -q git+{REPOSITORY}")]


def test_a_downloaded_notebook_becomes_a_script_of_python(built_book):
    for notebook in (built_book / "_sources").rglob("*.ipynb"):
        _, found = ScriptExporter().from_notebook_node(nbformat.read(notebook, 4))
        assert found["output_extension"] == ".py", notebook.name


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/owner/name",
        "https://github.com/owner/name.git",
        "https://www.github.com/owner/name/",
        "https://user:secret@github.com/owner/name.git\n",
        "git@github.com:owner/name.git",
        "ssh://git@github.com:22/owner/name.git",
        "git://GitHub.com/owner/name",
        "https://github.com/owner/name/tree/main",
        "https://github.com/owner/name/blob/main/book/race.ipynb?plain=1#L3",
        "github.com/owner/name?tab=readme-ov-file",
        "https://github.com/owner/name#readme",
    ],
)
def test_every_form_of_an_address_gives_the_same_web_address(address):
    assert repository_links.parse(address).url == "https://github.com/owner/name"


@pytest.mark.parametrize(
    ("address", "url", "branch"),
    [
        ("https://github.com/o/n/tree/next", "https://github.com/o/n", "next"),
        ("https://github.com/o/n/issues/3", "https://github.com/o/n", "main"),
        ("https://gitlab.com/g/s/n/-/tree/next/book", "https://gitlab.com/g/s/n", "next"),
        ("https://gitlab.com/g/n/-/issues", "https://gitlab.com/g/n", "main"),
        ("git@gitlab.com:g/s/n.git", "https://gitlab.com/g/s/n", "main"),
        ("https://bitbucket.org/o/n/src/next/book/", "https://bitbucket.org/o/n", "next"),
    ],
)
def test_of_a_page_within_a_repository_only_the_branch_is_kept(address, url, branch):
    found = repository_links.parse(address)
    assert (found.url, found.branch) == (url, branch)


@pytest.mark.parametrize(
    "address",
    ["", "none", "/srv/git/name.git", "https://example.org/a/b", "https://github.com/owner"],
)
def test_an_address_on_no_known_public_host_is_none(address):
    assert repository_links.parse(address) is None


def test_the_environment_wins_over_the_checkout(monkeypatch, tmp_path):
    monkeypatch.setenv("STRAGGLERS_REPOSITORY", "git@gitlab.com:group/subgroup/name.git")
    monkeypatch.setenv("STRAGGLERS_BRANCH", "next")
    found = repository_links.find(tmp_path)
    assert found == repository_links.Repository("gitlab.com", "group/subgroup", "name", "next")
    monkeypatch.delenv("STRAGGLERS_REPOSITORY")
    assert repository_links.find(tmp_path) is None  # not a checkout, and no origin


def test_a_folder_within_another_checkout_does_not_take_its_address(monkeypatch, tmp_path):
    monkeypatch.delenv("STRAGGLERS_REPOSITORY", raising=False)
    monkeypatch.delenv("STRAGGLERS_BRANCH", raising=False)
    for command in (["init", "-q"], ["remote", "add", "origin", "git@github.com:other/thing.git"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    assert repository_links.find(tmp_path).url == "https://github.com/other/thing"
    (tmp_path / "book").mkdir()
    assert repository_links.find(tmp_path / "book") is None
    head = ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]
    subprocess.run(["git", "-C", tmp_path, *head], check=True)
    done = subprocess.run(["git", "-C", tmp_path, "rev-parse", "origin/HEAD"], capture_output=True)
    assert done.returncode  # nothing has been fetched yet
    assert repository_links.find(tmp_path).branch == "main"


def test_links_lead_to_the_page_on_each_host():
    github = repository_links.parse("https://github.com/owner/name")
    page = "book/race.ipynb"
    assert github.binder(page) == (
        "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/book/race.ipynb"
    )
    assert github.colab(page) == (
        "https://colab.research.google.com/github/owner/name/blob/gh-pages/_sources/book/race.ipynb"
    )
    assert github.edit(page) == "https://github.com/owner/name/edit/main/book/race.ipynb"
    assert github.report("a b") == "https://github.com/owner/name/issues/new?title=a%20b"
    gitlab = repository_links.parse("https://gitlab.com/owner/name", branch="next")
    assert gitlab.binder(page).startswith("https://mybinder.org/v2/gl/owner%2Fname/next?")
    assert gitlab.colab(page) is None
    assert gitlab.edit(page) == "https://gitlab.com/owner/name/-/edit/next/book/race.ipynb"
    assert gitlab.site is None


@pytest.mark.parametrize(
    ("name", "site"),
    [("name", "https://owner.github.io/name/"), ("owner.github.io", "https://owner.github.io/")],
)
def test_a_repository_on_github_knows_where_its_pages_are(name, site):
    assert repository_links.Repository("github.com", "Owner", name).site == site
