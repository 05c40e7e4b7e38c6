"""Measure the explorer of the race: time to build, bytes in the page, time from input to picture.

python -m benchmarks.explorer
"""

import os
import re
import tempfile
import time
from pathlib import Path

import numpy as np

import stragglers as sg
from tools import browser as browser_tool

INPUTS = 200
# An input that arrives as a frame begins is drawn in that frame; the message comes after it.
MEASURE = """async (inputs) => {
    const slider = document.querySelector("sg-explorer input");
    const channel = new MessageChannel(), times = [];
    for (let i = 0; i < inputs; i++) {
        slider.value = (i * 17) % (Number(slider.max) + 1);
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((done) => {
            channel.port1.onmessage = done;
            channel.port2.postMessage(0);
        });
        times.push(performance.now() - start);
    }
    return times;
}"""


def explorer():
    return sg.explore(
        sg.figures.race.slowest_and_fastest, panels=2, m=range(1, 41), rate=[1, 2, 3, 4]
    )


def build():
    """Return the html, and the seconds that it took to draw everything anew."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["STRAGGLERS_CACHE"] = cache
        start = time.perf_counter()
        html = explorer().html()
        return html, time.perf_counter() - start


def input_to_picture(html, slowdown):
    """Return the milliseconds from each input to the frame that shows its picture."""
    from playwright.sync_api import sync_playwright

    path = browser_tool.find()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(f"<!doctype html><meta charset=utf-8>{html}")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(file.as_uri())
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        page.evaluate(MEASURE, 20)
        times = page.evaluate(MEASURE, INPUTS)
        browser.close()
    return np.array(times)


def main():
    html, seconds = build()
    packed = re.search(r'data-pictures="([^"]*)', html)[1]
    print(
        f"160 pictures of two panels: {seconds / 160 * 1000:.1f} ms a picture to build (bound 30)"
    )
    print(
        f"{len(html) / 1000:.1f} kB in the page, {len(packed) / 1000:.1f} kB of it pictures (100)"
    )
    for slowdown in (1, 4):
        times = input_to_picture(html, slowdown)
        print(
            f"input to picture, processor {slowdown} x slower: median {np.median(times):.1f} ms, "
            f"p95 {np.quantile(times, 0.95):.1f} ms (16 at full speed)"
        )


if __name__ == "__main__":
    main()
