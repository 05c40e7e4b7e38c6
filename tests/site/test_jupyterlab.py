"""A chapter in a real JupyterLab with a kernel: the ipywidgets slider changes the picture."""

import re
import shutil

import pytest

from ..conftest import ROOT
from ..jupyterlab import jupyterlab, run_all

UNKNOWN = re.compile("unknown (directive|role)", re.I)  # as jupyterlab-myst says


@pytest.fixture(scope="module")
def lab_url(tmp_path_factory):
    """The address of a JupyterLab on a copy of the race."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "book" / "race.ipynb", folder)
    with jupyterlab(folder) as url:
        yield url


@pytest.fixture(scope="module")
def race(browser, lab_url):
    """A page with the race, all of whose cells have been run."""
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    page.goto(f"{lab_url}/lab/tree/race.ipynb")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator("details").first.wait_for(state="attached")  # the text has been rendered
    run_all(page)
    yield page
    page.close()


def test_the_text_of_a_chapter_is_rendered(race):
    assert race.get_by_text(UNKNOWN).count() == 0
    race.locator(".jp-Notebook").get_by_text("Theorem 2").first.wait_for(state="attached")


def test_the_slider_of_the_race_changes_the_picture_in_a_kernel(race):
    live = race.locator(".jp-OutputArea .sg-live").filter(has_text="workers at rate 2")
    slider = live.locator(".widget-slider [role=slider]").first
    slider.wait_for(state="attached")  # the Lab has scrolled on to the last cell
    slider.scroll_into_view_if_needed()
    assert live.locator(".sg-sentence").inner_text().startswith("20 workers at rate 2")
    before = live.locator(".sg-picture").inner_html()
    slider.focus()
    slider.press("ArrowRight")
    live.locator(".sg-sentence").get_by_text("21 workers at rate 2").wait_for()
    assert live.locator(".sg-picture").inner_html() != before


SAVE_AND_STOP = """async () => {
    await jupyterapp.commands.execute("docmanager:save");
    await jupyterapp.shell.currentWidget.sessionContext.shutdown();
}"""


def test_a_notebook_that_was_saved_live_shows_its_picture_without_a_kernel(race):
    address = race.url
    race.locator(".jp-OutputArea .sg-live").first.wait_for()
    kept = race.locator(".jp-OutputArea .sg-kept").filter(has_text="20 workers at rate 2")
    assert not kept.is_visible()
    race.evaluate(SAVE_AND_STOP)
    race.goto("about:blank")
    race.goto(f"{address}?reset")
    kept.wait_for(state="visible")
    race.wait_for_function("jupyterapp.shell.currentWidget?.context?.isReady")
    race.wait_for_timeout(1000)  # the widgets look for their models
    assert kept.is_visible()
    image = kept.locator("img").first
    assert image.evaluate("image => image.naturalWidth") > 100
    assert not any(one.is_visible() for one in race.get_by_text("model not found").all())
