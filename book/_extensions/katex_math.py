"""Typeset mathematics with KaTeX while the book is built.

A page then needs a stylesheet and fonts, no script: formulas are there at the first paint, without
a network and in print, and their MathML speaks to a screen reader. What KaTeX cannot read is a
Sphinx warning with file and line. There are no macros of the book's own, because the same notebooks
are read in JupyterLab and Colab, which would not know them.
"""

import html
import json
import re
from functools import cache
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset
from sphinx.util.math import get_node_equation_number

KATEX = Path(__file__).parent.parent / "_vendor" / "katex"
log = logging.getLogger(__name__)


@cache
def katex():
    """Return KaTeX's renderToString(tex, options as JSON), in a JavaScript engine of its own."""
    engine = quickjs.Context()
    engine.eval((KATEX / "katex.min.js").read_text("utf-8"))
    whole = 'katex.renderToString(tex, JSON.parse(json))].join("")'  # not in parts, as it comes
    engine.eval(f'function typeset(tex, json) {{ return ["", {whole} }}')
    return engine.get("typeset")


@cache
def typeset(tex, display, output):
    """Return the HTML of a formula; ValueError says what KaTeX cannot read in it."""
    options = {"displayMode": display, "output": output, "strict": "error"}
    try:
        found = katex()(tex.strip(), json.dumps(options))
        return found.replace(' columnspacing=""', "")  # of a table with one column; not allowed
    except quickjs.JSException as error:
        raise ValueError(str(error).splitlines()[0]) from None


def formula(node, tex, display, output="htmlAndMathml"):
    """Return the HTML of a node's formula, or warn and return its source."""
    try:
        return typeset(tex, display, output)
    except ValueError as error:
        log.warning("%s", error, location=node, type="katex")
        return f"<code>{html.escape(tex)}</code>"


def display_source(node):
    """Return the TeX of a display, wrapped as Sphinx does for its other writers.

    Numbers come from Sphinx, which numbers a display once; hence the starred environments.
    """
    if node["nowrap"]:
        return re.sub(
            r"\\(begin|end)\{(equation|align|alignat|gather)\}", r"\\\1{\2*}", node.astext()
        )
    parts = [part.strip() for part in node.astext().split("\n\n") if part.strip()]
    rows = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    return rows[0] if len(rows) == 1 else r"\begin{gathered}" + r"\\".join(rows) + r"\end{gathered}"


def visit_math(translator, node):
    translator.body.append(formula(node, node.astext(), display=False))
    raise nodes.SkipNode


def visit_math_block(translator, node):
    translator.body.append(translator.starttag(node, "div", "", CLASS="equation"))
    translator.body.append(formula(node, display_source(node), display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(
            f'<a class="eqno" href="#{node["ids"][0]}" title="Link to this equation">({number})</a>'
        )
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def copy_katex(app):
    if app.builder.format == "html":
        to = Path(app.outdir, "_static", "katex")
        copy_asset(KATEX / "katex.min.css", to)
        copy_asset(KATEX / "LICENSE", to)
        copy_asset(KATEX / "fonts", to / "fonts")


def plain(title):
    """Return a title as HTML without tags, its formulas as the characters that one sees."""
    text = ""
    for part in title.findall(nodes.Text):
        if isinstance(part.parent, nodes.math):
            mathml = formula(part.parent, part, display=False, output="mathml")
            text += re.sub(r"<annotation.*?</annotation>|<[^>]+>|\u2061", "", mathml)
        else:
            text += html.escape(part)
    return text


def simplify_title(app, pagename, templatename, context, doctree):
    """Give the browser's tab a title that can be read."""
    if pagename in app.env.titles:
        context["title"] = context["pagetitle"] = plain(app.env.titles[pagename])


def add_stylesheet(app, pagename, templatename, context, doctree):
    """Load KaTeX's stylesheet where a formula is: on the page, or in the list of chapters.

    The fonts that nearly every formula needs are asked for at once, not when the stylesheet has
    come: text that moves when they arrive late is hard to read.
    """
    has_formula = app.env.get_domain("math").has_equations(pagename)
    if has_formula or any(title.next_node(nodes.math) for title in app.env.titles.values()):
        app.add_css_file("katex/katex.min.css")
    if has_formula:
        double_struck = ["AMS-Regular"] * ("mathbb" in context["body"])
        context["early_fonts"] = ["Main-Regular", "Math-Italic", *double_struck]


def setup(app):
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("builder-inited", copy_katex)
    app.connect("html-page-context", add_stylesheet)
    app.connect(
        "html-page-context", simplify_title, priority=900
    )  # after the theme, which takes the TeX
    return {"parallel_read_safe": True, "parallel_write_safe": True}
