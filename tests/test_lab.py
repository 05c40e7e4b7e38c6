"""A chapter in a real JupyterLab with a kernel: the ipywidgets slider changes the picture."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from .conftest import ROOT


@pytest.fixture
def lab_url(tmp_path):
    """The address of a JupyterLab on a copy of the race."""
    shutil.copy(ROOT / "book" / "race.ipynb", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    settings += [f"--ServerApp.port={port}", "--IdentityProvider.token=", "--ServerApp.password="]
    settings += [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTERLAB_SETTINGS_DIR": "settings"}
    home = os.environ | {name: str(tmp_path / folder) for name, folder in own.items()}
    tracker = tmp_path / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')  # else the page holds only what is in view
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *settings]
        lab = subprocess.Popen(command, cwd=tmp_path, env=home, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/api", timeout=2)
            break
        except OSError:
            assert lab.poll() is None, (tmp_path / "log").read_text()[-2000:]
            time.sleep(0.5)
    yield url
    lab.terminate()
    lab.wait(20)


def run_all(page):
    """Run all cells; a Lab that has not started the kernel yet asks for it, or forgets the rest."""
    for _ in range(6):
        if page.locator("dialog .jp-mod-accept").count():
            page.locator("dialog .jp-mod-accept").click()
        page.get_by_text("Run", exact=True).first.click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(5000)
        if not page.locator(".jp-InputPrompt").get_by_text("[ ]:").first.is_visible():
            return


def test_the_slider_of_the_race_changes_the_picture_in_a_kernel(browser, lab_url):
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    page.goto(f"{lab_url}/lab/tree/race.ipynb")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    run_all(page)
    slider = page.locator(".jp-OutputArea .widget-slider [role=slider]").first
    slider.wait_for(state="attached", timeout=90_000)  # the Lab has scrolled on to the last cell
    slider.scroll_into_view_if_needed()
    sentence = page.locator(".jp-OutputArea .sg-sentence").first
    assert sentence.inner_text().startswith("20 workers at rate 2")
    before = page.locator(".jp-OutputArea .sg-picture").first.inner_html()
    slider.focus()
    slider.press("ArrowRight")
    page.locator(".sg-sentence").get_by_text("21 workers at rate 2").first.wait_for(timeout=30_000)
    assert page.locator(".jp-OutputArea .sg-picture").first.inner_html() != before
    page.close()
