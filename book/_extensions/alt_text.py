"""Warn of every picture that does not say in words what it shows, by page and cell.

A markdown picture says it as `![words](file)`, the picture that a cell makes by the cell's metadata
{"mystnb": {"image": {"alt": "words"}}}; the figures of stragglers.explore say it by themselves.
"""

import re

from docutils import nodes
from sphinx.util import logging

FEWEST_WORDS = 3  # "Figure 1" or the name of a file says nothing
log = logging.getLogger(__name__)


def words_of(node):
    """Yield what each picture in a node says: an image, or html that a cell has made."""
    if isinstance(node, nodes.image):
        yield node.get("alt", "")
    elif "html" in node["format"]:
        for tag in re.findall(r"<img\b[^>]*>", node.astext()):
            alt = re.search(r'\balt="([^"]*)"', tag)
            yield alt[1] if alt else ""


def check(app, doctree, docname):
    cells = [part for part in doctree.findall(nodes.container) if "cell" in part["classes"]]
    for picture in doctree.findall(lambda node: isinstance(node, nodes.image | nodes.raw)):
        if any(len(words.split()) < FEWEST_WORDS for words in words_of(picture)):
            inside = [i for i, cell in enumerate(cells, 1) if picture in cell.findall()]
            where = f"code cell {inside[0]}" if inside else picture.get("uri", "")
            log.warning("no alternative text: %s", where, location=docname, type="alt")


def setup(app):
    app.connect("doctree-resolved", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
