"""Print the formula sheet on two sides of paper, in letters as large as fit, with Chromium.

python -m tools.sheet [folder of the html] [file to write]
"""

import re
import sys
from bisect import bisect_left
from pathlib import Path

from bs4 import BeautifulSoup

from tools.pdf import PAPER, built, shown

SIDES, SIZES = 2, [size / 4 for size in range(40, 19, -1)]  # letters in points, the largest first
STYLE = """
  @page { size: A4; margin: 8mm; }
  body { columns: 3; column-gap: 5mm; column-rule: .2mm solid #999; margin: 0; line-height: 1.25; }
  .headerlink { display: none; }
  h1 { column-span: all; font-size: 1.5em; margin: 0 0 .3em; }
  h2 { font-size: 1.1em; font-weight: 700; margin: .6em 0 .1em; break-after: avoid; }
  h2 a { color: inherit; text-decoration: none; }
  .katex { font-size: 1.05em; }
  p, ul { margin: 0 0 .2em; }
  ul { padding-left: 1em; }
  section > :not(section) { content-visibility: visible; }
"""


def sheet(folder):
    """Return the html of the sheet: its title, and a section a chapter."""
    page = BeautifulSoup((folder / "book" / "formulas.html").read_text("utf-8"), "html.parser")
    sections = page.select("article section section")
    for link in page.select("article a[href]"):
        del link["href"]
    title = page.find("meta", property="og:site_name")["content"]
    body = f"<h1>{title} The formula sheet</h1>" + "".join(map(str, sections))
    return PAPER.format(title=title, style=STYLE, body=body)


def sides(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def fitted(page):
    """Return the PDF in the largest letters that fit, and their size; ValueError if none do."""

    def printed(size):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}pt'")
        return page.pdf(format="A4", prefer_css_page_size=True, tagged=True)

    place = bisect_left(SIZES, True, key=lambda size: sides(printed(size)) <= SIDES)
    if place == len(SIZES):
        raise ValueError(f"the sheet takes over {SIDES} sides in {SIZES[-1]} points: shorten it")
    return printed(SIZES[place]), SIZES[place]


def main(folder="_build/html", target="_build/formulas.pdf"):
    folder = built(folder)
    with shown(sheet(folder), folder) as page:
        pdf, size = fitted(page)
    Path(target).write_bytes(pdf)
    print(f"The formula sheet is in {target}, in letters of {size:g} points")


if __name__ == "__main__":
    main(*sys.argv[1:])
