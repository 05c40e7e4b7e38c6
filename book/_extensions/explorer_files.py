"""Serve the styles and scripts of explorers and predictions as files, not again with each of them.

A notebook's figure carries both, since it must work wherever the notebook is shown. A site may
forbid what stands in its pages, and a reader should not load it a second time.
"""

import re
from pathlib import Path

from sphinx.util.fileutil import copy_asset

from stragglers import explorer

FOLDER = Path(explorer.__file__).parent
NAMES = ("explorer", "prediction")
INLINE = re.compile(rf'<(style|script) data-file="({"|".join(NAMES)})\.(?:css|js)">.*?</\1>', re.S)


def copy_files(app):
    if app.builder.format == "html":
        for name in NAMES:
            for kind in ("css", "js"):
                copy_asset(FOLDER / f"{name}.{kind}", Path(app.outdir, "_static"))


def link_files(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    found = {match[2] for match in INLINE.finditer(body)}
    if found:
        context["body"] = INLINE.sub("", body)
    for name in sorted(found):  # a figure is covered before the page is first seen
        app.add_js_file(f"{name}.js", loading_method="async" if name == "explorer" else "defer")


def setup(app):
    for name in NAMES:
        app.add_css_file(f"{name}.css")
    app.connect("builder-inited", copy_files)
    app.connect("html-page-context", link_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
