"""Print the built book into one PDF: a title page, the contents, and every page in its order.

python -m tools.pdf [folder of the html] [file to write]
"""

import re
import sys
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from tools import browser

PAPER = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="_static/book-all.css">
<link rel="stylesheet" href="_static/katex/katex.min.css">
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
STYLE = """
  @page { margin: 20mm 18mm 22mm; }
  html { font-size: 10.5pt; }
  article, .front { break-after: page; }
  .title { margin: 60mm 0 10mm; font-size: 28pt; line-height: 1.2; }
  .headerlink, .copybtn, .sg-controls, .sg-tools, script { display: none !important; }
  pre { white-space: pre-wrap; }
  table { width: auto; font-size: 9pt; }
"""
BODY = """<div class="front"><p class="title">{title}</p><p>{note}</p></div>
<div class="front"><h1>Contents</h1><ol>{contents}</ol></div>
{articles}"""
FOOT = """<div style="font-size: 8pt; width: 100%; text-align: center">
<span class="pageNumber"></span></div>"""


def pages_in_order(folder):
    """Yield each page's path and its parsed html, from the first along the links to the next."""
    path = PurePosixPath("book/index.html")
    while path:
        page = BeautifulSoup((folder / path).read_text("utf-8"), "html.parser")
        yield str(path), page
        follow = page.find("link", rel="next")
        path = follow and PurePosixPath(urljoin(str(path), follow["href"]))


def anchor(path, place=""):
    """Return the id that a place on a page has in the whole."""
    return re.sub(r"\W+", "-", path.removesuffix(".html")) + (f"--{place}" if place else "")


def article(path, page, paths):
    """Return a page's article with its ids, links and files as they are in the whole."""
    part = page.find("article")
    for script in part.find_all("script"):
        script.decompose()
    for details in part.find_all("details"):
        details["open"] = ""
    for tag in part.find_all(True):
        for name in ("id", "for", "aria-labelledby", "aria-describedby"):
            if tag.get(name):
                tag[name] = " ".join(anchor(path, place) for place in tag[name].split())
        for name, value in list(tag.attrs.items()):
            if isinstance(value, str):
                tag[name] = re.sub(
                    r"url\(#([^)]+)\)", lambda m: f"url(#{anchor(path, m[1])})", value
                )
        for name in ("href", "xlink:href", "src"):
            if tag.get(name) and not re.match(r"\w+:", tag[name]):
                to, _, place = urljoin(path, tag[name]).partition("#")
                tag[name] = f"#{anchor(to or path, place)}" if (to or path) in paths else to
    part["id"] = anchor(path)
    return part


def whole(folder):
    """Return the html of the whole book."""
    pages = dict(pages_in_order(folder))
    first = next(iter(pages.values()))
    title = first.find("meta", property="og:site_name")["content"]
    note = first.select_one("p.copyright").get_text(" ", strip=True)
    contents = "".join(
        f'<li><a href="#{anchor(path)}">{page.title.text.partition(" — ")[0]}</a></li>'
        for path, page in pages.items()
    )
    articles = "\n".join(str(article(path, page, pages)) for path, page in pages.items())
    body = BODY.format(title=title, note=note, contents=contents, articles=articles)
    return PAPER.format(title=title, style=STYLE, body=body)


def built(folder):
    """Return the path of a folder that holds a built book, or leave with what to do."""
    folder = Path(folder).resolve()
    if not (folder / "book" / "index.html").is_file():
        sys.exit(f"{folder} holds no built book: run `make book` first.")
    return folder


@contextmanager
def shown(html, folder):
    """Give a page of Chromium that shows an html text among the files of a built book."""
    with sync_playwright() as playwright:
        options = {"executable_path": browser.find(), "args": ["--no-sandbox"]}
        chromium = playwright.chromium.launch(**options)
        page = chromium.new_page()
        put(page, html, folder)
        yield page
        chromium.close()


def put(page, html, folder):
    """Show an html text in a page as if it were a file of a built book; none is written."""
    page.goto((folder / "404.html").as_uri())
    page.set_content(html, wait_until="networkidle")


def main(folder="_build/html", target="_build/book.pdf"):
    folder = built(folder)
    with shown(whole(folder), folder) as page:
        page.pdf(
            path=target,
            format="A4",
            tagged=True,
            outline=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOT,
            prefer_css_page_size=False,
        )
    print(f"The book is in {target}")


if __name__ == "__main__":
    main(*sys.argv[1:])
