"""Serve the style and the script of the explorers as files, not once again with each figure.

A notebook's figure carries both, since it must work wherever the notebook is shown. A site may
forbid what stands in its pages, and a reader should not load it a second time.
"""

import re
from pathlib import Path

from sphinx.util.fileutil import copy_asset

from stragglers import explorer

FOLDER = Path(explorer.__file__).parent
INLINE = re.compile(r'<(style|script) data-file="explorer\.(?:css|js)">.*?</\1>', re.S)


def copy_files(app):
    if app.builder.format == "html":
        for name in ("explorer.css", "explorer.js"):
            copy_asset(FOLDER / name, Path(app.outdir, "_static"))


def link_files(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    if INLINE.search(body):
        context["body"] = INLINE.sub("", body)
        app.add_js_file("explorer.js", loading_method="async")


def setup(app):
    app.add_css_file("explorer.css")
    app.connect("builder-inited", copy_files)
    app.connect("html-page-context", link_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
