"""What each page says of itself, to search engines and to those who are sent a link to it."""

import textwrap

from docutils import nodes
from katex_math import plain


def description(doctree):
    """Return the beginning of a page as plain text, escaped for HTML."""
    text = " ".join(plain(paragraph) for paragraph in doctree.findall(nodes.paragraph))
    return textwrap.shorten(text, 160, placeholder=" …")


def describe(app, pagename, templatename, context, doctree):
    """Give the template its <meta> elements as (attribute, name, content)."""
    name = f"{context.get('title', 'Search')} — {app.config.html_title}"
    if not doctree:  # the search: nothing to look for
        context["page_head"] = [("name", "robots", "noindex"), ("name", "description", name)]
        return
    text = description(doctree) or name
    context["page_head"] = [
        ("name", "description", text),
        ("property", "og:type", "article"),
        ("property", "og:site_name", app.config.html_title),
        ("property", "og:title", context["pagetitle"]),
        ("property", "og:description", text),
    ]
    if app.config.html_baseurl:  # both must be absolute
        context["page_head"] += [
            ("property", "og:url", context["pageurl"]),
            ("property", "og:image", f"{app.config.html_baseurl}_static/card.png"),
            ("name", "twitter:card", "summary_large_image"),
        ]


def setup(app):
    app.connect("html-page-context", describe, priority=950)  # after the page has its title
    return {"parallel_read_safe": True, "parallel_write_safe": True}
