"""The report as HTML: a fragment for a notebook, and a page that stands alone."""

import re
import zlib
from html import escape
from importlib.resources import files

from .picture import as_svgs
from .words import LADDER, headline, rungs, sections


def as_fragment(report):
    """Return the report as HTML with its style inside; names from the table are escaped."""
    style = files(__package__).joinpath("page.css").read_text("utf-8")
    parts = [f"<style>{style}</style>", '<section class="stragglers-job">']
    parts.append(f'<p class="one-number">{escape(headline(report))}</p>')
    parts.append("<dl>")
    for name, sentences in sections(report):
        told = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        parts.append(f"<dt>{escape(name)}</dt><dd>{told}</dd>")
    parts.append("</dl>")
    if report.table.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in report.table.notes)
        parts.append(f"<h2>Notes</h2><ul>{notes}</ul>")
    parts.append('<div class="pictures">')
    for svg, sentence in as_svgs(report):
        named = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(sentence)}" ', 1)
        parts.append(f"<figure>{_own_names(named)}</figure>")
    parts.append("</div>")
    if report.ladder:
        parts.append(_ladder(report))
    return "\n".join([*parts, "</section>"])


def as_page(report):
    """Return a whole page: no script, and nothing that is fetched from elsewhere."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Why are the steps slow?</title>\n</head>\n<body>\n<main>\n"
        f"<h1>Why are the steps slow?</h1>\n{as_fragment(report)}\n</main>\n</body>\n</html>\n"
    )


def _ladder(report):
    heads = ("Rung", "A step", "What it is", "What its assumption costs")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    rows = []
    for name, *cells in rungs(report):
        told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{name}</th>{told}</tr>')
    region = '<div class="wide" tabindex="0" role="region" aria-label="The ladder">'
    return (
        f"{region}<table><caption>{LADDER}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _own_names(svg):
    """Return the picture with names of its own, so that two of them can stand on one page."""
    mark = f"job{zlib.crc32(svg.encode()):08x}-"
    svg = re.sub(r'\bid="', f'id="{mark}', svg)
    svg = re.sub(r'xlink:href="#', f'xlink:href="#{mark}', svg)
    return re.sub(r"url\(#", f"url(#{mark}", svg)
