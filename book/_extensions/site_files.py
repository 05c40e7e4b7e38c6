"""The files of a website that belong to no page: its entrance, "page not found", sitemap, card."""

from pathlib import Path
from urllib.parse import urlsplit

from katex_math import plain

ENTRANCE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={first}">
<meta name="description" content="{title}">
<title>{title}</title>
<h1><a href="{first}">{title}</a></h1>
</html>
"""


OF_AN_ADDRESS = ("sitemap.xml", "robots.txt", "_static/card.png")


def pages_in_order(app):
    """Return the names of all pages as a reader meets them."""
    found = [app.config.root_doc]
    for page in found:  # grows while it is walked
        found += app.env.toctree_includes.get(page, [])
    return found


def not_found(app):
    link = app.builder.get_target_uri
    pages = [(link(page), plain(app.env.titles[page])) for page in pages_in_order(app)]
    folder = urlsplit(app.config.html_baseurl).path or "/"
    yield "404", {"pages": pages, "folder": folder}, "404.html"


def write(app, exception):
    if exception or app.builder.name != "html":
        return
    site, title, out = app.config.html_baseurl, app.config.html_title, Path(app.outdir)
    pages = [app.builder.get_target_uri(page) for page in pages_in_order(app)]
    (out / "index.html").write_text(ENTRANCE.format(first=pages[0], title=title), "utf-8")
    for name in OF_AN_ADDRESS:  # another address may have had them
        (out / name).unlink(missing_ok=True)
    if site:
        urls = "".join(f"<url><loc>{site}{page}</loc></url>\n" for page in pages)
        schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
        (out / "sitemap.xml").write_text(f'<urlset xmlns="{schema}">\n{urls}</urlset>\n', "utf-8")
        (out / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {site}sitemap.xml\n")
        draw_card(title, out / "_static" / "card.png")


def draw_card(title, path):
    """Draw what is shown beside a link to the book: four workers, the last one slow."""
    from matplotlib.figure import Figure  # here, because only a published book needs it

    card = Figure(figsize=(12, 6.3), facecolor="white")
    card.text(0.08, 0.8, title, fontsize=46, weight="bold", wrap=True, va="top")
    axes = card.add_axes((0.08, 0.12, 0.84, 0.36))
    axes.barh(range(4), [9, 12, 16, 28], color=["#0072b2"] * 3 + ["#d55e00"])
    axes.invert_yaxis()
    axes.axis("off")
    card.savefig(path, dpi=100)


def setup(app):
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
