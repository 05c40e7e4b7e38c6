"""What several test files share: the built book, its address, and a real browser."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tools import browser as browser_tool
from tools.serve import server

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser):
    parser.addoption("--book", help="folder of a book that is built already; else one is built")


def name_of(parameter):
    """Name a parameter in a test: not by its place in memory, which no two processes share."""
    text = str(parameter)
    law = getattr(parameter, "dist", None)
    return text if " at 0x" not in text else getattr(law, "name", type(parameter).__name__)


def build(source, output):
    """Build the book in `source` as `make book` does, and return the finished process."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(source)]
    command += ["--path-output", str(output), "-W", "-n", "--keep-going"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def served(folder):
    """Yield the address of a folder that is served, gzipped, until the test ends."""
    httpd = server(folder, 0)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(scope="session")
def built_book(request, tmp_path_factory):
    """The folder of the built html."""
    if given := request.config.getoption("--book"):
        return (ROOT / given).resolve()
    output = tmp_path_factory.mktemp("book")
    done = build(ROOT, output)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def book_url(built_book):
    """The address of the built book."""
    yield from served(built_book)


@pytest.fixture(scope="session")
def browser():
    """A Chromium that asks no other host for anything of its own."""
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    path = browser_tool.find()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()
