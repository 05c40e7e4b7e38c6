"""Send readers one stylesheet with the rules that some page can use, and no file that none uses.

The theme's styles are half a megabyte in ten files, of which a page uses a twentieth; a telephone
on a slow line waits for all of them before it shows a word. A rule stays if each class and id that
it names occurs anywhere in the built pages or in a script that they load, so that what a script
adds later keeps its look. What is not ours goes into a cascade layer: a rule of book.css then wins
by being there, without outdoing the theme's selectors.

A site may forbid styles that stand in its pages, of which KaTeX needs hundreds. Each becomes a
class of the stylesheet; a file beside Sphinx's own keeps them for pages that are not written anew.
"""

import hashlib
import html
import json
import re
from pathlib import Path

import tinycss2

BUNDLE = "book-all.css"
NOTICE = (
    "/* Sphinx's basic theme (BSD-2-Clause), sphinx-book-theme, pydata-sphinx-theme (BSD-3-Clause)"
    " with Bootstrap (MIT), and this book's own book.css, joined and cut by one_stylesheet.py */\n"
)
# The theme links these itself (static/webpack-macros.html), the rest comes through Sphinx.
FIRST = ["basic.css", "styles/pydata-sphinx-theme.css"]
OURS = ["explorer.css", "prediction.css", "book.css"]
UNWANTED = ["proof.css", "exercise.css"]  # book.css says how these look
STYLED = re.compile(r'<[a-zA-Z][^<>]* style="[^"]*"[^<>]*>')


def link_bundle(app, pagename, templatename, context, doctree):
    """Leave a page only its link to the bundle, and to what it alone has asked for."""
    joined = {css.filename for css in app.builder._orig_css_files}
    context["css_files"] = [css for css in context["css_files"] if css.filename not in joined]


def is_used(selector, words):
    """Tell whether a selector can match, judged by the names outside its brackets."""
    plain = re.sub(r"\[[^\]]*\]", "", selector)
    while plain != (plain := re.sub(r"\([^()]*\)", "", plain)):
        pass
    return words.issuperset(re.findall(r"[.#]([\w-]+)", plain))


def selectors(prelude):
    """Return the selectors of a rule, which commas part, though not those within brackets."""
    groups = [[]]
    for token in prelude:
        groups.append([]) if token == "," else groups[-1].append(token)
    return [tinycss2.serialize(group).strip() for group in groups]


def trim(rules, words):
    """Return the CSS of the rules that may be used; icon fonts are not."""
    css = ""
    for rule in rules:
        if rule.type == "qualified-rule":
            used = [each for each in selectors(rule.prelude) if is_used(each, words)]
            if used:
                css += f"{','.join(used)}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.at_keyword in ("media", "supports"):
            if inner := trim(tinycss2.parse_rule_list(rule.content, True, True), words):
                css += f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.at_keyword not in ("font-face", "charset"):
            css += rule.serialize()
    return css


def bundle(app, static, words):
    """Return the css of all stylesheets that Sphinx would have linked on every page."""
    registered = sorted(app.builder._css_files, key=lambda css: css.priority)
    names = [*FIRST, *(css.filename.removeprefix("_static/") for css in registered)]
    theirs = ""
    for name in [name for name in names if name not in [*OURS, *UNWANTED]]:
        rules = tinycss2.parse_stylesheet((static / name).read_text("utf-8"), True, True)
        theirs += trim(rules, words)
    ours = "".join((static / name).read_text("utf-8") for name in OURS)
    return f"{NOTICE}@layer theme{{{theirs}}}\n{ours}"


def with_classes(page, styles):
    """Return a page whose styles have become classes, and note in `styles` what each stands for."""

    def replaced(match):
        tag = match[0]
        style = re.search(r' style="([^"]*)"', tag)
        name = "s" + hashlib.sha256(style[1].encode()).hexdigest()[:6]
        styles[name] = html.unescape(style[1])
        tag = tag.replace(style[0], "", 1)
        if ' class="' in tag:
            return tag.replace(' class="', f' class="{name} ', 1)
        return re.sub(r"^<[\w:-]+", lambda start: f'{start[0]} class="{name}"', tag)

    return STYLED.sub(replaced, page)


def rules(styles):
    """Return the CSS of these classes; they win over others, as a style in the page would."""
    return "".join(f".{name}:not(#_){{{style}}}\n" for name, style in sorted(styles.items()))


def finish(app, exception):
    static = Path(app.outdir, "_static")
    if exception or app.builder.format != "html" or not (static / FIRST[0]).exists():
        return  # the last: no page was out of date, so nothing was copied anew
    kept = Path(app.doctreedir, "styles.json")
    styles = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    pages = {
        page: with_classes(page.read_text("utf-8"), styles)
        for page in Path(app.outdir).rglob("*.html")
    }
    kept.write_text(json.dumps(styles), "utf-8")
    text = "".join(pages.values())
    used = {static / name for name in re.findall(r'_static/([^"?#]+)', text)}
    text += "".join(file.read_text("utf-8") for file in used if file.suffix == ".js")
    css = bundle(app, static, set(re.findall(r"[\w-]+", text))) + rules(styles)
    (static / BUNDLE).write_text(css, "utf-8")
    version = hashlib.sha256(css.encode()).hexdigest()[:8]  # a browser keeps no old one
    for page, old in pages.items():
        page.write_text(re.sub(rf"{BUNDLE}(\?v=\w+)?", f"{BUNDLE}?v={version}", old), "utf-8")
    for path in sorted(static.rglob("*"), reverse=True):  # what is in a folder before the folder
        if path.is_file() and path not in used and static / "katex" not in path.parents:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def setup(app):
    app.connect("html-page-context", link_bundle, priority=990)  # when all have added theirs
    app.connect("build-finished", finish, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
