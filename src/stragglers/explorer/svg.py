"""Matplotlib's SVG made small and fit for a page.

A page may forbid styles that stand in its text, so every property is an attribute of its own. Two
pictures on a page may not share an id, so none is left: a marker is drawn where it is seen, and
what is clipped to a box stands in an `<svg>` of that box. Groups that say nothing go: the fewer
elements, the sooner a browser shows a picture. Line breaks stand inside tags only (between them
each would be an element of text), and part what pictures share from what is each one's own.
"""

import re
from functools import lru_cache
from itertools import groupby

from .style import COLOURS, GRID, INK, STYLE

THEME = {INK: "currentColor", GRID: f"var(--sg-grid, {GRID})"} | {
    colour: f"var(--sg-{name}, {colour})" for name, colour in COLOURS.items()
}
HEX = re.compile("|".join(THEME))
ROOT = {  # what the parts of a picture inherit
    "fill": "currentColor",
    "font-family": "sans-serif",
    "font-size": f"{STYLE['font.size']}px",
    "stroke-linejoin": "round",
}
OWN = {"d", "x", "y", "width", "height", "transform"}  # what pictures seldom share
NEEDLESS = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", re.S)
CLIP = re.compile(r'<clipPath id="([^"]+)">\s*<rect ([^>]*)/>\s*</clipPath>')
PART = re.compile(r"<[^>]+>|[^<]+")
ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')


def slim(svg):
    """Return the SVG that matplotlib has written as attributes, theme colours and text."""
    svg = NEEDLESS.sub("", svg)
    boxes = {name: dict(ATTRIBUTE.findall(rect)) for name, rect in CLIP.findall(svg)}
    svg = CLIP.sub("", svg)
    used = set(re.findall(r"url\(#([\w-]+)\)", svg)) - set(boxes)
    pieces = list(drawn(svg, boxes, used))
    text = ""
    for clip, run in groupby(pieces, key=lambda piece: piece[0]):
        inside = "".join(piece for _, piece in run)
        text += f"{opened(boxes[clip])}{inside}</svg>" if clip else inside
    return re.sub(r"<defs\n?></defs>", "", text).strip()


def drawn(svg, boxes, used):
    """Yield each part of the SVG that is seen, with the name of the box that it is clipped to."""
    shapes, groups, clip = {}, [], None
    for part in PART.findall(svg):
        if part[0] != "<":
            if part.strip():
                yield clip, part
            continue
        name, known, end = read_tag(part)
        attributes = dict(known)
        if name == "/g":
            seen, outer = groups.pop()
            if seen:
                yield clip, "</g>"
            clip = outer
            continue
        if name == "path" and "id" in attributes and attributes["id"] not in used:
            shapes[attributes.pop("id")] = attributes
            continue
        if name == "use":
            name, attributes = "path", placed(attributes, shapes)
        attributes = {k: v for k, v in attributes.items() if k != "id" or v in used}
        own = attributes.get("clip-path", "")[5:-1]
        if own in boxes:
            del attributes["clip-path"]
        own = own if own in boxes else clip
        if name == "g":
            groups.append((bool(attributes), clip))
            clip = own
        if is_seen(name, attributes):
            yield own, written(name, tuple(attributes.items()), end)


def is_seen(name, attributes):
    """Tell whether an element does anything: a group without attributes, a path without ink."""
    if name == "path":
        return attributes.get("fill") != "none" or "stroke" in attributes
    return name != "g" or bool(attributes)


@lru_cache(10_000)  # pictures share most of their tags
def read_tag(tag):
    """Return the name of a tag, its attributes with styles among them, and how it ends."""
    tag = " ".join(tag.split())
    name = re.match(r"<(/?[\w:]+)", tag)[1]
    attributes = {}
    for key, value in ATTRIBUTE.findall(tag):
        if key == "style":
            declarations = (each.partition(":") for each in value.split(";") if each.strip())
            attributes |= {key.strip(): value.strip() for key, _, value in declarations}
        else:
            attributes[key] = value.strip()
    if name == "svg":
        attributes = {"xmlns": attributes["xmlns"], "viewBox": attributes["viewBox"]} | ROOT
    return name, attributes, "/>" if tag.endswith("/>") else ">"


def placed(use, shapes):
    """Return the attributes of a path in the place of a reference to it; its own go first."""
    shape = shapes[use.pop("xlink:href")[1:]]
    x, y = use.pop("x", "0"), use.pop("y", "0")
    moved = {} if float(x) == float(y) == 0 else {"transform": f"translate({x} {y})"}
    return use | shape | moved


@lru_cache(10_000)
def written(name, attributes, end):
    """Return a tag: two decimals, theme colours, the reader's own sans-serif font."""
    inherited = ROOT if name in ("text", "tspan") else {}
    keys = {key for key, _ in attributes}
    seldom_shared = OWN - {"d"} if {"d", "transform"} <= keys else OWN  # markers are many and alike
    shared, own = f"<{name}", ""
    for key, value in attributes:
        value = re.sub(r"-?\d+\.\d{3,}", lambda match: f"{float(match[0]):.2f}", value)
        value = re.sub(r"'DejaVu Sans'.*", "sans-serif", value)
        value = re.sub(r"rotate\(-?0( [^)]*)?\)", "", value).strip()
        value = HEX.sub(lambda match: THEME[match[0]], value)
        if not value or (name != "svg" and inherited.get(key) == value):
            continue
        if key in seldom_shared:
            own += f' {key}="{value}"'
        else:
            shared += f' {key}="{value}"'
    return f"{shared}\n{own.strip()}{end}" if own else shared + end


def opened(box):
    """Return the tag that opens an `<svg>` of this box: what is beyond it is not seen."""
    x, y, width, height = (f"{float(box[key]):g}" for key in ("x", "y", "width", "height"))
    place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<svg {place} viewBox="{x} {y} {width} {height}">'
