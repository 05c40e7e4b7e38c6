"""Write the chapters of the built book as slides: one figure, one theorem, one question a slide.

python -m tools.slides [folder of the html] [folder to write]     `make slides` does it

Nothing is written twice: a slide holds a part of a chapter's page (a figure and the prediction
before it, a theorem without its proof, a quick check, where it fails, the summary), and loads the
book's own styles and scripts from where they lie.
"""

import copy
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from posixpath import dirname, join, normpath

from tools.pdf import built, pages_in_order

KINDS = {  # what of a chapter is on a slide
    "figure": ".sg-explorer, figure",
    "theorem": ".proof.admonition:has(> .admonition-title)",
    "question": "sg-quiz",
    "text fails": "section[id^=where-it-fails]:not(:has(.sg-explorer))",  # else a figure shows it
    "text summary": "section#in-one-page",
}
PROSE = ":scope > :is(p, ul, ol, .equation, .admonition), :scope > .cell > .cell_output"
LOADED = "head > script[src], head > link[rel=stylesheet], head > link[rel=icon]"
LINKS = ("href", "xlink:href", "src")
OWN_FILES = ("slides.css", "slides.js")  # beside this file

PAGE = """<!DOCTYPE html>
<html lang="en" data-content_root="{book}/">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
{loaded}
<link rel="stylesheet" href="slides.css">
</head>
<body>
{body}
</body>
</html>
"""
DECK = """<main class="bd-article">
{slides}
</main>
<nav class="slides-bar" aria-label="Slides" hidden>
<button type="button" data-step="-1">Back</button>
<p role="status"></p>
<button type="button" data-step="1">Next</button>
<a href="index.html">All chapters</a>
{colours}
</nav>
<script defer src="slides.js"></script>"""
INDEX = """<main class="bd-article slides-index">
<h1>{title} The slides</h1>
<ul>
{items}
</ul>
</main>"""
SLIDE = """<section class="slide {kind}" id="{number}" role="group" aria-roledescription="slide" \
aria-label="{number} of {count}" data-panels="{panels}">
<header><h1>{heading}</h1><a href="{source}">In the chapter</a></header>
<div class="slide-body">{body}</div>
</section>"""
KEYS = """<p class="slides-keys" hidden>Page Down, space or → goes on, Page Up or ← goes back, \
Home and End go to the ends; or swipe.</p>"""


def chapters(pages):
    """Return the pages, {path: parsed html}, that are chapters: those that end "In one page"."""
    return {path: page for path, page in pages.items() if page.select_one(KINDS["text summary"])}


def copied(tag):
    """Return a copy of a part of a page, without the signs that lead to its headings."""
    part = copy.copy(tag)
    for sign in part.select(".headerlink"):
        sign.decompose()
    return part


def heading_above(tag):
    """Return what the heading above a part says, as html, and the id of its section."""
    section = (
        tag if tag.name == "section" and tag.get("id") else tag.find_parent("section", id=True)
    )
    return copied(section.find(re.compile("^h[1-6]$"))).decode_contents(), section["id"]


def slides_of(article):
    """Yield (kind, heading, id of the place, parts) of each slide, in the order of the page."""
    question = article.find("strong", string=re.compile("^The question of this chapter"))
    yield "title", *heading_above(article.h1), [copied(question.find_parent("p"))]
    asked = {
        id(one.find_next(class_="sg-explorer")): one for one in article.select("sg-prediction")
    }
    names = Counter()
    for tag in article.select(", ".join(KINDS.values())):
        kind = next(kind for kind, selector in KINDS.items() if tag.css.match(selector))
        heading, place = heading_above(tag)
        if kind.startswith("text"):
            yield kind, heading, place, [copied(part) for part in tag.select(PROSE)]
            continue
        part, before = copied(tag), asked.get(id(tag))
        if name := tag.get("data-name"):
            names[name] += 1  # as explorer.js calls the second of two that have one name
            part["id"] = name if names[name] == 1 else f"{name}-{names[name]}"
        place = part.get("id", place) if before is None else place  # a covered figure stays covered
        yield kind, heading, place, [part] if before is None else [copied(before), part]


def led(address, path, book, own=()):
    """Return where an address on the page `path` leads to from the slides; `own` are their ids."""
    if re.match(r"\w+:|//", address) or address.removeprefix("#") in own:
        return address
    target = f"{path}{address}" if address.startswith("#") else join(dirname(path), address)
    return f"{book}/{normpath(target)}"


def loaded(page, path, book):
    """Return the tags that load the styles and scripts of a page."""
    tags = [copied(tag) for tag in page.select(LOADED)]
    for tag in tags:
        for name in {*LINKS} & {*tag.attrs}:
            tag[name] = led(tag[name], path, book)
    return "\n".join(map(str, tags))


def deck(path, page, book):
    """Return the html of a chapter's slides; `book` leads from them to the folder of the book."""
    slides = list(slides_of(page.find("article")))
    every = [part for *_, parts in slides for part in parts]
    ids = {tag["id"] for part in every for tag in [part, *part.find_all(id=True)] if tag.get("id")}
    for tag in (tag for part in every for tag in [part, *part.find_all(True)]):
        for name in {*LINKS} & {*tag.attrs}:
            tag[name] = led(tag[name], path, book, ids)
    written = [
        SLIDE.format(
            kind=kind,
            number=number,
            count=len(slides),
            panels=len(parts[-1].select(".sg-picture > svg")),
            heading=heading,
            source=f"{book}/{path}#{place}",
            body="\n".join(map(str, parts)) + KEYS * (number == 1),
        )
        for number, (kind, heading, place, parts) in enumerate(slides, 1)
    ]
    body = DECK.format(slides="\n".join(written), colours=page.select_one(".theme-switch-button"))
    return whole(page, path, book, title_of(page), body)


def whole(page, path, book, title, body):
    """Return a whole html text that loads what a page of the book loads."""
    return PAGE.format(book=book, title=title, loaded=loaded(page, path, book), body=body)


def title_of(page, name="title"):
    return page.find("meta", property=f"og:{name}")["content"]


def write(pages, target, book):
    """Write the slides of chapters, and a list of them, into a folder that is made."""
    target.mkdir(parents=True, exist_ok=True)
    items = []
    for path, page in pages.items():
        name = Path(path).name
        (target / name).write_text(deck(path, page, book), "utf-8")
        items.append(f'<li><a href="{name}">{title_of(page)}</a></li>')
    title = title_of(page, "site_name")
    index = whole(page, path, book, title, INDEX.format(title=title, items="\n".join(items)))
    (target / "index.html").write_text(index, "utf-8")
    for name in OWN_FILES:
        shutil.copy(Path(__file__).with_name(name), target / name)


def main(folder="_build/html", target="_build/slides"):
    folder, target = built(folder), Path(target).resolve()
    pages = chapters(dict(pages_in_order(folder)))
    write(pages, target, Path(os.path.relpath(folder, target)).as_posix())
    print(f"The slides of {len(pages)} chapters are listed in {target / 'index.html'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
