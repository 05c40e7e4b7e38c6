"""The explorer: its controls, its pictures, its page in a real browser, its widget in a kernel."""

import base64
import json
import os
import re
import subprocess
import sys
import zlib
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType

import matplotlib
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

import stragglers as sg
from stragglers import figures
from stragglers.explorer import store
from stragglers.explorer.pictures import copied_axes, new_axes, svg_text, transforms_of
from stragglers.explorer.style import STYLE

from .explorer_page import drive


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("STRAGGLERS_CACHE", str(tmp_path / "cache"))


def line(ax, m, rate):
    ax.plot([0, m], [0, m / rate], label="growth")
    return f"m is {m} and m/rate is {m / rate:g}"


def words(ax, law, zero):
    ax.plot([0, 1], [0 if zero else 1, 2], "o", label=law)
    ax.set(title=law)
    return f"{law} from {'zero' if zero else 'one'}"


def pictures_in(html):
    """Return the (sentence, panels and tables) of every picture that a page carries."""
    packed = re.search(r'data-pictures="([^"]*)"', html)[1]
    pictures, *lines = zlib.decompress(base64.b64decode(packed)).decode().split("\n")

    def text(runs):
        pairs = zip(runs[::2], runs[1::2], strict=True)
        return "\n".join(lines[i] for first, length in pairs for i in range(first, first + length))

    return [[text(runs) for runs in picture] for picture in json.loads(pictures)]


def test_a_page_carries_every_picture_as_draw_made_it():
    explorer = sg.explore(line, m=[1, 2, 3], rate=[1, 2])
    carried = pictures_in(explorer.html())
    assert len(carried) == 6
    for place, (m, rate) in enumerate((m, rate) for m in (1, 2, 3) for rate in (1, 2)):
        made = explorer.picture(m=m, rate=rate)
        assert carried[place] == [made.sentence, *made.panels, *made.tables]


def test_the_default_picture_and_its_sentence_need_no_script():
    explorer = sg.explore(line, m=[1, 2, 3], rate=[1, 2], start={"m": 3, "rate": 1})
    plain = re.sub(r"<script.*?</script>", "", explorer.html(), flags=re.S)
    made = explorer.picture(m=3, rate=1)
    assert made.panels[0] in plain
    assert f'role="img" aria-label="{made.sentence}"' in plain
    assert '<form class="sg-controls" autocomplete="off" hidden>' in plain


def test_an_explorer_starts_in_the_middle_of_numbers_and_at_the_first_word():
    numbers = sg.explore(line, m=range(1, 10), rate=[1, 2, 4]).controls
    assert [control.values[control.start] for control in numbers] == [5, 2]
    words_first = sg.explore(words, law=["fast", "slow"], zero=[False, True]).controls
    assert [control.values[control.start] for control in words_first] == ["fast", False]


def test_labels_and_words_are_escaped():
    explorer = sg.explore(
        words, law=["<b>", "a&b"], zero=[True], labels={"law": "<script>alert(1)"}
    )
    html = explorer.html()
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("values", "options", "error", "says"),
    [
        ({"m": [1, 2]}, {}, TypeError, "rate"),
        ({"m": [1, 2], "rate": [1], "k": [1]}, {}, TypeError, "'k'"),
        ({"m": [], "rate": [1]}, {}, ValueError, "m has no values"),
        ({"m": 3, "rate": [1]}, {}, TypeError, "m must be a range or a list"),
        ({"m": "abc", "rate": [1]}, {}, TypeError, "m must be a range or a list"),
        ({"m": [1, "a"], "rate": [1]}, {}, TypeError, "m mixes"),
        ({"m": [1, 1], "rate": [1]}, {}, ValueError, "twice"),
        ({"m": [2, 1], "rate": [1]}, {}, ValueError, "rise"),
        ({"m": [1, float("nan")], "rate": [1]}, {}, TypeError, "nan"),
        ({"m": [None], "rate": [1]}, {}, TypeError, "None"),
        ({"m": [1, 2], "rate": [1]}, {"start": {"m": 3}}, ValueError, "start of m is 3"),
        ({"m": [1, 2], "rate": [1]}, {"labels": {"n": "x"}}, TypeError, "'n'"),
        ({"m": range(100), "rate": range(1, 30)}, {}, ValueError, "thin m, which has 100"),
        ({"m": [1, 2], "rate": [1]}, {"height": 0}, ValueError, "height must be from 1 to 20"),
        ({"m": [1, 2], "rate": [1]}, {"height": [2, 3]}, TypeError, "height must be a number"),
        ({"m": [1, 2], "rate": [1]}, {"panels": 0}, ValueError, "panels must be from 1 to 6"),
        ({"m": [1, 2], "rate": [1]}, {"panels": 1.5}, TypeError, "panels must be a whole number"),
        (
            {"m": [1, 2], "rate": [1]},
            {"labels": {"m": 3}},
            TypeError,
            "the label of m must be words",
        ),
        ({"m": [1, 2], "rate": [1]}, {"labels": "m"}, TypeError, "labels must be a dictionary"),
        ({"m": [1, 2], "rate": [1]}, {"start": 2}, TypeError, "start must be a dictionary"),
        ({"m": [1, 2], "rate": [1]}, {"between": "m"}, TypeError, "between must be a list"),
        ({"m": [1, 2], "rate": [1]}, {"between": ["k"]}, TypeError, "between ['k']"),
        ({"m": ["a", "b"], "rate": [1]}, {"between": ["m"]}, TypeError, "m has nothing between"),
    ],
)
def test_bad_controls_are_refused_by_name(values, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        sg.explore(line, **options, **values)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="draw must be a function"):
        sg.explore("line", m=[1])


def test_a_draw_whose_argument_is_an_option_of_explore_is_told_so():
    def tower(ax, height):
        return f"{height} high"

    for height in ([1, 2], 2.0):
        with pytest.raises(TypeError, match=r"height.*another name"):
            sg.explore(tower, height=height)


@pytest.mark.parametrize("draw", [lambda: "no axes", lambda **values: "no axes", max])
def test_a_draw_that_cannot_take_axes_is_refused(draw):
    with pytest.raises(TypeError, match="draw"):
        sg.explore(draw, m=[1, 2])


class Growth:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, ax, m):
        ax.plot([0, m * self.factor], label="growth")
        return f"to {m * self.factor}"


def test_a_partial_function_and_an_object_draw_as_functions_do():
    halved = sg.explore(partial(line, rate=2), m=[1, 2])
    assert halved.picture(m=1).sentence == "m is 1 and m/rate is 0.5"
    assert 'data-name="line"' in halved.html()
    doubled = sg.explore(Growth(2), m=[1, 2])
    assert repr(doubled) == "explore(Growth, m=[1, 2])"
    assert doubled.picture(m=2).sentence == "to 4"
    files = [sg.explore(draw, m=[1]).store.file for draw in (Growth(2), Growth(3), Growth(2))]
    assert files[0] == files[2] != files[1]


def test_a_draw_on_a_figure_of_its_own_is_told_to_use_its_axes():
    from matplotlib import pyplot

    pyplot.close("all")  # of other tests

    def on_no_axes(ax, m):
        pyplot.plot([0, m])
        return f"to {m}"

    def on_other_axes(ax, m):
        pyplot.subplots()[1].plot([0, m])
        return f"to {m}"

    def on_an_open_figure(ax, m):
        pyplot.title(f"to {m}")
        return f"to {m}"

    for draw in (on_no_axes, on_other_axes, on_an_open_figure):
        opened = [pyplot.figure()] if draw is on_an_open_figure else []
        with pytest.raises(RuntimeError, match=rf"{draw.__name__}\(m=1\) failed.*ax.plot"):
            sg.explore(draw, m=[1, 2]).picture(m=1)
        assert pyplot.get_fignums() == [figure.number for figure in opened]
    assert sg.explore(Growth(1), m=[1]).picture(m=1).sentence == "to 1"  # pyplot is left alone
    pyplot.close("all")


def test_a_draw_that_fails_stops_the_build_and_names_the_values():
    def fails_at_two(ax, m):
        return f"one over {1 / (m - 2)}"

    explorer = sg.explore(fails_at_two, m=[1, 2, 3], start={"m": 1})
    with pytest.raises(RuntimeError, match=r"fails_at_two\(m=2\) failed: ZeroDivisionError"):
        explorer._repr_mimebundle_()


def test_a_draw_without_a_sentence_is_refused():
    with pytest.raises(TypeError, match=r"<lambda>\(m=1\) must return the sentence"):
        sg.explore(lambda ax, m: None, m=[1]).html()


def test_too_many_bytes_are_refused_with_the_control_to_thin():
    def noise(ax, seed):
        ax.plot(np.random.default_rng(seed).random(4000), label="noise")
        return f"noise {seed}"

    with pytest.raises(ValueError, match="thin seed, which has 12 values"):
        sg.explore(noise, seed=range(12)).html()


def test_a_picture_follows_the_theme_and_keeps_its_text():
    def coloured(ax):
        ax.plot([0, 1], color=sg.figures.COLOURS["slowest"])
        ax.set(xlabel="workers m")
        return "a line"

    svg = sg.picture(coloured).picture().panels[0]
    assert "var(--sg-slowest, #b84a00)" in svg
    assert ">workers m</text>" in svg
    assert "currentColor" in svg
    assert "<style" not in svg
    assert not re.search(r'fill: #000000|"#1b1b1b"', svg)


def test_every_theme_colour_is_defined_for_light_and_for_dark():
    css = (store.Path(sg.explorer.__file__).parent / "explorer.css").read_text()
    for name in [*sg.figures.COLOURS, "grid"]:
        assert css.count(f"--sg-{name}:") == 2, name
    for name, colour in sg.figures.COLOURS.items():
        assert f"--sg-{name}: {colour}" in css


def test_the_numbers_of_lines_and_bars_are_in_the_table():
    def both(ax):
        ax.plot([1, 2], [3, 4], label="line")
        ax.bar([1, 2], [5, 6], label="bars")
        ax.plot([9, 9], [9, 9])
        ax.set(xlabel="place")
        return "both"

    assert sg.picture(both).picture().tables == ("place,line,bars\n1,3,5\n2,4,6",)


def test_copied_axes_are_drawn_as_new_ones_are():
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": "same"}):
        texts = []
        for ax in (new_axes(3.0), copied_axes(3.0), copied_axes(3.0)):
            ax.plot([1, 2, 30], [1, 10, 1000], label="line")
            ax.set(yscale="log", xlabel="place", title="two scales")
            texts.append(svg_text(ax.figure))
    assert texts[0] == texts[1] == texts[2]


def test_copied_axes_hold_no_address_of_those_that_were_copied():
    """Else a transform made later may stand there, and texts miss that their axis has changed."""
    nodes = transforms_of(copied_axes(3.0))
    known = [(key, ref()) for node in nodes for key, ref in node._parents.items()]
    assert len(known) > 100
    assert [key for key, dependent in known if key != id(dependent)] == []


def test_a_readers_own_settings_do_not_reach_the_figure(monkeypatch, tmp_path):
    first = sg.explore(line, m=[1, 2], rate=[1]).html()
    monkeypatch.setenv("STRAGGLERS_CACHE", str(tmp_path / "another"))
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert sg.explore(line, m=[1, 2], rate=[1]).html() == first


COUNTING = """
import stragglers as sg
calls = []
def growth(ax, m):
    calls.append(m)
    ax.plot([0, m * factor])
    return f"to {m * factor}"
for factor, values in RUNS:
    calls.clear()
    sg.explore(growth, m=values).html()
    print(len(calls))
"""


def drawn(*runs):
    """Return how many pictures a new process draws in each of these runs."""
    code = COUNTING.replace("RUNS", repr(runs))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [int(number) for number in done.stdout.split()]


def test_pictures_are_kept_until_what_they_depend_on_changes():
    assert drawn((1, [1, 2, 3])) == [3]
    only_the_new, a_global_of_draw = (1, [1, 2, 3, 4]), (2, [1, 2, 3])
    assert drawn((1, [1, 2, 3]), only_the_new, a_global_of_draw) == [0, 1, 3]


def functions_of(module):
    own = {name: each for name, each in vars(module).items() if isinstance(each, FunctionType)}
    return [each for each in own.values() if each.__module__ == module.__name__]


@pytest.mark.parametrize("chapter", [name for _, name, _ in iter_modules(figures.__path__)])
def test_a_figure_of_the_book_has_a_name_under_which_its_pictures_are_kept(chapter):
    module = import_module(f"stragglers.figures.{chapter}")
    names = [store.fingerprint(draw, 2, 3.0) for draw in functions_of(module)]
    assert None not in names
    assert len(set(names)) == len(names) > 0


DIGESTS = """
from pathlib import Path
import sys, shutil
sys.dont_write_bytecode = True
folder = {folder!r}
shutil.copytree({package!r}, folder + "/stragglers")
sys.path.insert(0, folder)
import stragglers.explorer.store as store
assert store.__file__.startswith(folder)
for changed in {changed!r}:
    file = Path(folder, "stragglers", changed)
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as code:
        code.write("# a comment\\n")
    store.package_fingerprint.cache_clear()
    print(store.package_fingerprint())
"""


def test_what_draws_nothing_changes_no_picture(tmp_path):
    changed = ["a_comment.txt", "theorems/race.py", "coursework/anything.py"]
    changed += ["explorer/style.py", "figures/race.py", "figures/runs.json", "jobs/data/ST.csv"]
    package = str(store.Path(sg.__file__).parent)
    code = DIGESTS.format(package=package, folder=str(tmp_path), changed=changed)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    nothing, theorems, coursework, *drawn_with = done.stdout.split()
    assert theorems == coursework == nothing
    assert len({nothing, *drawn_with}) == 5


LOADED = """
import sys, stragglers as sg
explorer = sg.explore(lambda ax, m: f"to {m}", m=[1, 2])
print([name for name in sys.modules if name == "matplotlib.pyplot" or ".figures" in name
       or "course" in name or name == "ipywidgets"])
explorer.html()
print("matplotlib.pyplot" in sys.modules)
"""


def test_an_explorer_loads_no_chapter_and_no_pyplot():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]", "False"]


TERMINAL = """
import time
import stragglers as sg
def slow(ax, m):
    time.sleep(0.2)
    print("drawn")
    return f"to {m}"
sg.explore(slow, m=range(100))
"""


def test_a_terminal_shows_a_line_and_draws_nothing(tmp_path):
    command = [
        sys.executable,
        "-m",
        "IPython",
        "--no-banner",
        "--no-confirm-exit",
        "--simple-prompt",
    ]
    environment = os.environ | {"IPYTHONDIR": str(tmp_path)}
    code = TERMINAL.replace("\nsg.explore", "\n\nsg.explore")
    done = subprocess.run(command, input=code, env=environment, capture_output=True, text=True)
    assert "explore(slow, m=[0, 1, 2" in done.stdout
    assert "drawn" not in done.stdout


def test_processes_and_one_process_draw_the_same():
    take = store.Store(line, 1, 3.0).take
    values = [{"m": m, "rate": 1} for m in range(1, store.WORTH_PROCESSES + 2)]
    assert store.take_all(take, values) == [take(value) for value in values]


def test_a_spoilt_store_is_drawn_anew(tmp_path):
    explorer = sg.explore(line, m=[1, 2], rate=[1])
    html = explorer.html()
    explorer.store.file.write_bytes(b"spoilt")
    assert sg.explore(line, m=[1, 2], rate=[1]).html() == html


def in_kernel(explorer):
    """Return the fields of an explorer's widget by name, its Reset and its picture."""
    from stragglers.explorer.widget import kernel_widget

    *fields, reset, picture = kernel_widget(explorer).children
    shown = [control.name for control in explorer.controls if len(control.values) > 1]
    return dict(zip(shown, fields, strict=True)), reset, picture


def test_the_kernel_offers_the_listed_values_and_the_start_can_be_found_again():
    def only_these(ax, m, alpha):
        return f"m {m} alpha {({0.4: 'light', 0.51: 'middle', 2: 'heavy'})[alpha]}"

    values = {"m": [10, 20, 200], "alpha": [0.4, 0.51, 2]}
    fields, reset, picture = in_kernel(sg.explore(only_these, start={"alpha": 0.51}, **values))
    for name, field in fields.items():
        assert [value for _, value in field.options] == values[name]
        for index in range(3):
            field.index = index
            assert 'role="alert"' not in picture.value
            assert f"{name} " in picture.value
    assert "m 200 alpha heavy" in picture.value
    reset.click()
    assert "m 20 alpha middle" in picture.value
    assert fields["alpha"].value == 0.51


def test_a_reset_draws_one_picture():
    drawn = []

    def noted(ax, m, k):
        drawn.append((m, k))
        return f"{m} {k}"

    fields, reset, _ = in_kernel(sg.explore(noted, m=[1, 2, 3], k=[1, 2, 3]))
    fields["m"].index = fields["k"].index = 0
    explorer_start = drawn.copy()
    reset.click()
    assert drawn == explorer_start  # the start was kept, and nothing between was drawn


def test_the_kernel_reaches_values_between_the_listed_ones_where_the_author_says_so():
    fields, _, picture = in_kernel(sg.explore(line, m=[1, 5], rate=[0.5, 2], between=["m", "rate"]))
    fields["m"].value = 3
    assert "m is 3" in picture.value
    fields["rate"].value = 1.25
    assert "m/rate is 2.4" in picture.value


def test_the_kernel_widget_shows_the_error_of_a_draw():
    def fails(ax, m):
        if m > 1:
            raise ValueError("no <more> than one")
        return "one"

    fields, _, picture = in_kernel(sg.explore(fails, m=[1, 2], start={"m": 1}))
    fields["m"].value = 2
    assert "fails(m=2) failed: ValueError: no &lt;more&gt; than one" in picture.value


def test_a_notebook_gets_widget_html_and_text():
    bundle = sg.explore(line, m=[1, 2], rate=[1])._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "text/plain",
    }


# In a real browser


in_one_browser = pytest.mark.parametrize("every_browser", ["browser"], indirect=True)


@pytest.fixture
def page(every_browser):
    """A fresh page that collects what goes wrong in `page.faults`."""
    page = every_browser.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.faults.append(said.text))
    page.on("request", lambda asked: asked.url.startswith("http") and page.faults.append(asked.url))
    yield page
    page.close()


def put(page, tmp_path, *explorers):
    """Open a file:// page that holds the explorers."""
    body = "\n<p>between</p>\n".join(explorer.html() for explorer in explorers)
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>t</title>{body}")
    page.goto(file.as_uri())


def test_every_control_moves_by_keyboard_and_by_pointer(page, tmp_path):
    explorer = sg.explore(line, m=range(1, 12), rate=[1, 2])
    put(page, tmp_path, explorer)
    seen = drive(page, page.locator("sg-explorer"))
    assert {"m is 1 and m/rate is 0.5", "m is 11 and m/rate is 5.5"} <= seen
    assert page.faults == []


@in_one_browser
def test_words_and_switches_move_too(page, tmp_path):
    put(page, tmp_path, sg.explore(words, law=["fast", "slow", "odd"], zero=[False, True]))
    seen = drive(page, page.locator("sg-explorer"))
    assert {"slow from one", "odd from one", "fast from zero"} <= seen


def without_decompression(page):
    page.add_init_script("delete window.DecompressionStream")


def test_pictures_are_unpacked_where_the_browser_cannot(page, tmp_path):
    def many(ax, m, seed):
        ax.plot(np.random.default_rng(seed).random(40 * m), label="noise")
        return f"{m} times {seed} – in words: größer"

    without_decompression(page)
    explorer = sg.explore(many, m=range(1, 5), seed=range(6))
    put(page, tmp_path, explorer)
    assert page.evaluate("'DecompressionStream' in window") is False
    assert len(drive(page, page.locator("sg-explorer"), few=True)) > 2
    texts = page.evaluate("""() => {
        const { lines, pictures } = document.querySelector("sg-explorer").data;
        return [lines, pictures];
    }""")
    packed = re.search(r'data-pictures="([^"]*)"', explorer.html())[1]
    pictures, *lines = zlib.decompress(base64.b64decode(packed)).decode().split("\n")
    assert texts == [lines, json.loads(pictures)]
    assert page.faults == []


@pytest.mark.parametrize("level", [0, 1, 9])
def test_every_way_of_packing_is_unpacked(page, tmp_path, level, monkeypatch):
    pack = zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda data, _=9: pack(data, level))
    without_decompression(page)
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1, 2]))
    page.locator("input[name=m]").press("End")
    page.get_by_text("m is 3 and m/rate is 1.5").wait_for()
    assert page.faults == []


def test_no_style_stands_in_a_picture_and_no_id():
    def all_kinds(ax, m):
        ax.plot([0, m], [0, 1], "o-", label="line")
        ax.fill_between([0, m], [0, 1], alpha=0.5)
        ax.scatter([0, m], [1, 0])
        ax.bar([0, m], [1, 2], hatch="/")
        ax.set(title="a < b & c", xlabel="$x^2$")
        return "all kinds"

    svg = sg.explore(all_kinds, m=[1, 2]).picture(m=1).panels[0]
    assert " style=" not in svg
    assert "clip-path" not in svg
    assert "<use" not in svg
    assert "a &lt; b &amp; c</text>" in svg
    hatch = re.findall(r' id="(\w+)"', svg)
    assert len(hatch) == 1  # a pattern is the one thing that needs a name
    assert f"url(#{hatch[0]})" in svg


def test_two_explorers_on_a_page_do_not_disturb_each_other(page, tmp_path):
    put(page, tmp_path, *[sg.explore(line, m=[1, 2, 3], rate=[1])] * 2)
    first, second = page.locator("sg-explorer").all()
    assert [first.get_attribute("id"), second.get_attribute("id")] == ["line", "line-2"]
    second.locator("input[name=m]").press("End")
    second.get_by_text("m is 3").wait_for()
    assert first.locator(".sg-sentence").inner_text() == "m is 2 and m/rate is 2"


def test_a_control_with_one_value_is_not_shown(page, tmp_path):
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1]))
    page.locator("input[name=m]").press("End")
    page.get_by_text("m is 3 and m/rate is 3").wait_for()
    assert not page.locator("input[name=rate]").is_visible()


def test_a_link_carries_the_values_and_reset_takes_them_back(page, tmp_path):
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1, 2]))
    page.locator("input[name=m]").press("End")
    page.get_by_text("m is 3 and m/rate is 1.5").wait_for()
    page.get_by_text("Link to this view").click()
    page.get_by_text("m is 3 and m/rate is 1.5").wait_for()
    assert "line.m=3" in page.url
    assert page.locator("input[name=m]").get_attribute("aria-valuetext") == "3"
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("m is 2 and m/rate is 1").wait_for()


def test_a_link_keeps_what_the_other_explorers_show_and_loads_nothing_anew(page, tmp_path):
    put(page, tmp_path, *[sg.explore(line, m=[1, 2, 3], rate=[1, 2])] * 2)
    page.evaluate("window.mark = 1")
    first, second = page.locator("sg-explorer").all()
    first.locator("input[name=m]").press("End")
    second.locator("input[name=m]").press("Home")
    second.get_by_text("m is 1").wait_for()
    second.get_by_text("Link to this view").click()
    second.get_by_text("now leads to this view").wait_for()
    assert page.evaluate("window.mark") == 1
    assert "line.m=3" in page.url
    assert "line-2.m=1" in page.url
    page.reload()
    first.get_by_text("m is 3").wait_for()
    second.get_by_text("m is 1").wait_for()


def test_the_numbers_of_the_picture_can_be_read(page, tmp_path):
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1]))
    page.get_by_text("Show the numbers").click()
    page.locator("input[name=m]").press("End")
    page.get_by_text("m is 3").wait_for()
    assert page.locator("td").all_inner_texts() == ["0", "0", "3", "3"]


KEEP = """() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { (window.made ??= []).push(blob); return make(blob); };
}"""


def test_a_picture_is_made_to_be_saved(page, tmp_path):
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1]))
    page.evaluate(KEEP)
    page.get_by_role("button", name="Save SVG").click()
    page.get_by_role("button", name="Save PNG").click()
    page.wait_for_function("window.made?.length === 2")
    assert page.evaluate("made[0].text()").startswith("<svg xmlns=")
    png = page.evaluate("createImageBitmap(made[1]).then((image) => [image.width, image.height])")
    assert png[0] == pytest.approx(2 * 288 / 0.75, abs=2)  # twice the points, in pixels
    assert png[1] > 100


def test_a_picture_can_be_saved(browser, tmp_path):
    page = browser.new_page()
    put(page, tmp_path, sg.explore(line, m=[1, 2, 3], rate=[1]))
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save SVG").click()
    svg = saved.value.path().read_text()
    assert svg.startswith("<svg xmlns=")
    assert saved.value.suggested_filename == "line.svg"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    page.close()


def test_a_time_can_be_played_and_a_seed_runs_again(page, tmp_path):
    def clock(ax, time, seed):
        return f"time {time} seed {seed}"

    times = range(60)  # a busy machine may be slow to press Pause
    put(page, tmp_path, sg.explore(clock, time=times, seed=[0, 1], start={"time": 1}))
    page.get_by_text("time 1 seed 1").wait_for()
    page.get_by_role("button", name="Run again").click()
    page.get_by_text("time 1 seed 0").wait_for()
    page.get_by_role("button", name="Play").click()
    page.get_by_text("time 2 seed 0").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()


NOTE_WORDS = """() => {
    const sentence = document.querySelector(".sg-sentence");
    window.heard = [];
    new MutationObserver(() => {
        if (sentence.getAttribute("aria-live") === "polite") heard.push(sentence.textContent);
    }).observe(sentence, { childList: true, characterData: true, subtree: true });
}"""


@in_one_browser
def test_play_ends_at_the_end_yields_to_the_reader_and_is_not_read_out(page, tmp_path):
    def clock(ax, time, m):
        return f"time {time} of {m}"

    put(page, tmp_path, sg.explore(clock, time=range(5), m=[1, 2], start={"time": 2}))
    page.evaluate(NOTE_WORDS)
    page.get_by_role("button", name="Play").click()
    page.get_by_text("time 4 of 2").wait_for()
    page.get_by_role("button", name="Play").wait_for()  # it has stopped by itself
    assert page.evaluate("heard") == []
    page.get_by_role("button", name="Play").click()  # from the beginning
    page.get_by_text("time 0 of 2").wait_for()
    page.locator("input[name=time]").press("End")
    page.get_by_role("button", name="Play").wait_for()
    page.get_by_text("time 4 of 2").wait_for()
    page.wait_for_timeout(1000)
    assert page.locator(".sg-sentence").inner_text() == "time 4 of 2"
    assert page.evaluate("heard") == ["time 4 of 2"]


NOTEBOOK = """import stragglers as sg
def line(ax, m):
    ax.plot([0, m])
    return f"to {m}"
sg.explore(line, m=[1, 2, 3])"""


def test_an_explorer_moves_in_the_page_that_nbconvert_makes(browser, tmp_path):
    notebook = new_notebook(cells=[new_code_cell(NOTEBOOK)])
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}).execute()
    file = tmp_path / "page.html"
    file.write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    page = browser.new_page()
    page.route("https://**", lambda route: route.abort())  # nbconvert's own page asks for scripts
    page.goto(file.as_uri())
    assert drive(page, page.locator("sg-explorer")) == {"to 1", "to 2", "to 3"}
    page.close()


@in_one_browser
def test_an_explorer_whose_script_is_cut_off_is_found_out(page, tmp_path):
    class Cut:
        def html(self):
            whole = sg.explore(line, m=[1, 2, 3], rate=[1]).html()
            return whole[: whole.rindex("customElements.define")]

    put(page, tmp_path, Cut())
    with pytest.raises(AssertionError, match="no control"):
        drive(page, page.locator("sg-explorer"))


@in_one_browser
def test_an_explorer_whose_pictures_do_not_change_is_found_out(page, tmp_path):
    put(page, tmp_path, sg.explore(lambda ax, m: f"always the same {0 * m}", m=[1, 2, 3]))
    with pytest.raises(AssertionError, match="sentence did not change"):
        drive(page, page.locator("sg-explorer"), patience=500)
