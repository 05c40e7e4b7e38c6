"""Measure the built pages on a slow telephone: when their figures move, and how long they block.

python -m benchmarks.pages [name=folder ...]     several folders are measured in turn, to compare
"""

import statistics
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools import browser as browser_tool
from tools.serve import server

PAGES = sorted(path.stem for path in Path("book").glob("*.ipynb"))
LINE = {"offline": False, "latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 1e5}
SLOWER, RUNS = 4, 3
# A reader moves the first slider as soon as there is one.
WATCH = """
window.long = [];
new PerformanceObserver((list) => long.push(...list.getEntries().map((task) => task.duration)))
    .observe({ type: "longtask", buffered: true });
(function look() {
    const asks = document.querySelector("sg-prediction");
    if (asks?.form?.hidden === false) asks.open("shown");
    const field = document.querySelector("sg-explorer input[type=range]:not([max='0'])");
    const explorer = field?.closest("sg-explorer");
    if (!explorer?.fields || explorer.form.hidden) return setTimeout(look, 8);
    const sentence = explorer.querySelector(".sg-sentence"), before = sentence.textContent;
    field.value = Number(field.value) ? 0 : 1;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    (function wait() {
        if (sentence.textContent === before) return setTimeout(wait, 4);
        window.moved = performance.now();
    })();
})();
"""
SEEN = """({
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    moved,
    blocked: long.reduce((sum, time) => sum + time - 50, 0),
    kilobytes: ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0) / 1000,
})"""


def visit(playwright, url):
    """Return what one visit with an empty cache gives: milliseconds, and kB."""
    browser = playwright.chromium.launch(executable_path=browser_tool.find(), args=["--no-sandbox"])
    page = browser.new_context(viewport={"width": 412, "height": 800}).new_page()
    page.add_init_script(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url)
    page.wait_for_function("window.moved")
    page.wait_for_timeout(2000)
    seen = page.evaluate(SEEN)
    browser.close()
    return seen


def main(*folders):
    urls = {}
    for given in folders or ["book=_build/html"]:
        name, folder = given.split("=")
        httpd = server(folder, 0)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        urls[name] = f"http://127.0.0.1:{httpd.server_address[1]}"
    print("page               built            first paint   figure moves   blocked   kB")
    with sync_playwright() as playwright:
        for page in PAGES:
            for name, url in urls.items():
                runs = [visit(playwright, f"{url}/book/{page}.html") for _ in range(RUNS)]
                seen = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                print(
                    f"{page:18} {name:16} {seen['paint']:8.0f} ms {seen['moved']:10.0f} ms"
                    f" {seen['blocked']:8.0f} ms {seen['kilobytes']:5.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
