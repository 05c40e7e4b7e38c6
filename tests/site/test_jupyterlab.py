"""A chapter in a real JupyterLab with a kernel: the ipywidgets slider changes the picture."""

import shutil

import pytest

from ..conftest import ROOT
from ..jupyterlab import jupyterlab, run_all


@pytest.fixture
def lab_url(tmp_path):
    """The address of a JupyterLab on a copy of the race."""
    shutil.copy(ROOT / "book" / "race.ipynb", tmp_path)
    with jupyterlab(tmp_path) as url:
        yield url


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
