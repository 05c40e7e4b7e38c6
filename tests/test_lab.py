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
    home = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
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


def test_the_slider_of_the_race_changes_the_picture_in_a_kernel(browser, lab_url):
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    page.goto(f"{lab_url}/lab/tree/race.ipynb")
    page.locator(".jp-NotebookPanel").wait_for(timeout=60_000)
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    slider = page.locator(".jp-OutputArea .widget-slider [role=slider]").first
    slider.wait_for(timeout=60_000)
    sentence = page.locator(".jp-OutputArea .sg-sentence").first
    assert sentence.inner_text().startswith("20 workers at rate 2")
    before = page.locator(".jp-OutputArea .sg-picture").first.inner_html()
    slider.focus()
    slider.press("ArrowRight")
    page.locator(".sg-sentence").get_by_text("21 workers at rate 2").first.wait_for(timeout=30_000)
    assert page.locator(".jp-OutputArea .sg-picture").first.inner_html() != before
    page.close()
