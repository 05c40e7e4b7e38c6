"""What several test files share: the built book, its address, and a real browser."""

import fcntl
import gc
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import nbval.kernel
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, settings

from tools import browser as browser_tool
from tools.serve import server

from . import kernels

ROOT = Path(__file__).parent.parent
FACTS = {  # numbers known to 15 digits and more, each found in two independent ways
    name: fact
    for file in ("facts.json", "facts2.json")
    for name, fact in json.loads((ROOT / "tests" / file).read_text("utf-8")).items()
}
FIRST = ("test_pages.py",)  # one worker builds the book while the others do what needs none
LONGEST = (
    "test_opened_wide.py",
    "test_opened_narrow.py",
    "test_explorer.py",
    "test_other_graders.py",
    "test_corpus.py",
    "test_book.py",
    "test_site.py",
)

PATIENCE = 120_000  # ms that a browser is given for what takes one second on a quiet machine

pytest.register_assert_rewrite("tests.site.visits")
nbval.kernel.start_new_kernel = kernels.instead_of_new_ones()(nbval.kernel.start_new_kernel)
gc.set_threshold(100_000, 20, 100)  # the tests hold many objects: to look at them often takes long

settings.register_profile(  # a busy machine makes no example wrong
    "busy machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy machine")


def pytest_addoption(parser):
    parser.addoption("--book", help="folder of a built book; without it, `make book` is called")


def pytest_collection_modifyitems(items):
    """Build first, end with what the build serves; of each kind the longest files first.

    Notebooks come between, from the last to the first: the build goes the other way, and each
    finds the pictures that the other has drawn.
    """
    late = {item.path for item in items if "built_book" in getattr(item, "fixturenames", ())}
    notebooks = sorted({item.path for item in items if item.path.suffix == ".ipynb"}, reverse=True)
    order = {name: place for place, name in enumerate(LONGEST)}

    def place(item):
        if item.path in notebooks:
            return 2, notebooks.index(item.path)
        stage = 0 if item.path.name in FIRST else 3 if item.path in late else 1
        return stage, order.get(item.path.name, len(order))

    items.sort(key=place)


def name_of(parameter):
    """Name a parameter in a test: not by its place in memory, which no two processes share."""
    text = str(parameter)
    law = getattr(parameter, "dist", None)
    return text if " at 0x" not in text else getattr(law, "name", type(parameter).__name__)


def served(folder):
    """Yield the address of a folder that is served, gzipped, until the test ends."""
    httpd = server(folder, 0)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(scope="session")
def built_book(request):
    """The folder of the built html: `--book`, or what `make book` makes, once for all processes."""
    if given := request.config.getoption("--book"):
        return (ROOT / given).resolve()
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "book", f"BIN={Path(sys.executable).parent}", "-o", ".venv/installed"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def book_url(built_book):
    """The address of the built book."""
    yield from served(built_book)


class Pages(Mapping):
    """The pages of a built book by their path, each parsed when it is first looked at.

    Without the entrance, which leads on at once.
    """

    def __init__(self, folder):
        found = (file.relative_to(folder).as_posix() for file in folder.rglob("*.html"))
        self.folder, self.names = folder, sorted(set(found) - {"index.html"})
        self.parsed = {}

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter(self.names)

    def __getitem__(self, name):
        if name not in self.parsed:
            gc.disable()  # to look for garbage among millions of objects that stay takes longest
            text = (self.folder / name).read_text("utf-8")
            self.parsed[name] = BeautifulSoup(text, "html.parser")
            gc.freeze()
            gc.enable()
        return self.parsed[name]


@pytest.fixture(scope="session")
def pages(built_book):
    """The `Pages` of the built book."""
    return Pages(built_book)


@pytest.fixture(scope="session")
def launch():
    """A function that starts a browser, "chromium" or "firefox"."""
    from playwright.sync_api import sync_playwright

    paths = {
        "chromium": browser_tool.find(),
        "firefox": browser_tool.installed(browser_tool.FIREFOX),
    }
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    quiet += ["--disable-gpu"]  # where there is none, a program would play it
    with sync_playwright() as playwright:

        def launch(name):
            if paths[name] is None:
                pytest.skip(browser_tool.NO_FIREFOX)
            kind = getattr(playwright, name)
            own = paths[name] == kind.executable_path  # it knows how to start them
            options = {} if own else {"executable_path": paths[name]}
            if name == "chromium":
                options["args"] = quiet
            elif not own:
                options["channel"] = "moz-firefox"
            return patient(kind.launch(**options))

        yield launch


def patient(browser):
    """Return the browser, whose pages from now on wait long enough for a busy machine."""

    def waiting(opens):
        def opened(**options):
            opening = opens(**options)
            opening.set_default_timeout(PATIENCE)
            return opening

        return opened

    browser.new_page, browser.new_context = map(waiting, (browser.new_page, browser.new_context))
    return browser


@pytest.fixture(scope="session")
def browser(launch):
    """A Chromium that asks no other host for anything of its own."""
    return launch("chromium")


@pytest.fixture(scope="module")
def firefox(launch):
    """A Firefox, which is busy with itself as long as it is there."""
    firefox = launch("firefox")
    yield firefox
    firefox.close()


@pytest.fixture(scope="module", params=["browser", "firefox"])
def every_browser(request):
    """Each browser in turn."""
    return request.getfixturevalue(request.param)


SETTLED = """() => document.documentElement.dataset.settled
    || !document.querySelector("script[src*='book.js']")"""
STATE = """() => [document.readyState, document.visibilityState, document.documentElement.dataset,
    [...document.scripts].map((script) => script.src)]"""


def settle(page, faults=()):
    """Wait until a page of the book has come to rest; else say in what state it is."""
    from playwright.sync_api import Error

    try:
        page.wait_for_function(SETTLED, polling=50)
    except Error as error:
        state = page.evaluate(STATE)
        raise AssertionError(f"{page.url} is not at rest: {faults}, {state}") from error


def watched(browser, width, theme):
    """Return a new page of the browser, and the list in which it notes what goes wrong."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, reduced_motion="reduce"
    )
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.on("requestfailed", lambda asked: is_lost(asked) and faults.append(asked.url))
    page.on("response", lambda got: got.status >= 400 and faults.append(f"{got.status} {got.url}"))
    return page, faults


def is_lost(request):
    return "ABORTED" not in request.failure  # that only means that one went on
