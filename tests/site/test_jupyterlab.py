"""A chapter in a real JupyterLab with a kernel: the ipywidgets slider changes the picture."""

import re
import shutil

import pytest

from ..conftest import ROOT
from ..jupyterlab import jupyterlab, run_all

UNKNOWN = re.compile("unknown (directive|role)", re.I)  # as jupyterlab-myst says


@pytest.fixture(scope="module")
def lab_url(tmp_path_factory):
    """The address of a JupyterLab on two copies of the race."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("race.ipynb", "saved.ipynb"):
        shutil.copy(ROOT / "book" / "race.ipynb", folder / name)
    with jupyterlab(folder) as url:
        yield url


def test_the_slider_of_the_race_changes_the_picture_in_a_kernel(browser, lab_url):
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    page.goto(f"{lab_url}/lab/tree/race.ipynb")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator("details").first.wait_for(state="attached")  # the text has been rendered
    assert page.get_by_text(UNKNOWN).count() == 0
    page.locator(".jp-Notebook").get_by_text("Theorem 2").first.wait_for(state="attached")
    run_all(page)
    live = page.locator(".jp-OutputArea .sg-live").filter(has_text="workers at rate 2")
    slider = live.locator(".widget-slider [role=slider]").first
    slider.wait_for(state="attached")  # the Lab has scrolled on to the last cell
    slider.scroll_into_view_if_needed()
    assert live.locator(".sg-sentence").inner_text().startswith("20 workers at rate 2")
    before = live.locator(".sg-picture").inner_html()
    slider.focus()
    slider.press("ArrowRight")
    live.locator(".sg-sentence").get_by_text("21 workers at rate 2").wait_for()
    assert live.locator(".sg-picture").inner_html() != before
    page.close()


SAVE_AND_STOP = """async () => {
    await jupyterapp.commands.execute("docmanager:save");
    await jupyterapp.shell.currentWidget.sessionContext.shutdown();
}"""


def test_a_notebook_that_was_saved_live_shows_its_picture_without_a_kernel(browser, lab_url):
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    address = f"{lab_url}/lab/tree/saved.ipynb"
    page.goto(f"{address}?reset")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    run_all(page)
    live = page.locator(".jp-OutputArea .sg-live").first
    live.wait_for(state="visible")
    kept = page.locator(".jp-OutputArea .sg-kept").filter(has_text="20 workers at rate 2")
    assert not kept.is_visible()
    page.evaluate(SAVE_AND_STOP)
    page.goto("about:blank")
    page.goto(f"{address}?reset")
    kept.wait_for(state="visible")
    page.wait_for_function("jupyterapp.shell.currentWidget?.context?.isReady")
    page.wait_for_timeout(1000)  # the widgets look for their models
    assert kept.is_visible()
    image = kept.locator("img").first
    assert image.evaluate("image => image.naturalWidth") > 100
    assert not any(one.is_visible() for one in page.get_by_text("model not found").all())
    page.close()
