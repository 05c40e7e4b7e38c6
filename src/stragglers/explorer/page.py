"""An explorer on a static page: every picture travels in the page, and a script shows one."""

import base64
import json
import zlib
from html import escape
from importlib.resources import files
from itertools import product

HERE = files(__package__)
NO_SCRIPT = "This figure moves where scripts are allowed. Without them it shows where it starts."


def default_values(controls):
    """Return the values that the controls start with, by name."""
    return {control.name: control.values[control.start] for control in controls}


def combinations(controls):
    """Yield every combination of control values by name, the last control moving fastest."""
    for values in product(*(control.values for control in controls)):
        yield dict(zip((control.name for control in controls), values, strict=True))


def packed(pictures):
    """Return the pictures as base64 text of deflated text.

    Pictures share nearly all their lines. Each different line is kept once, and a picture is a list
    of runs [first, length, first, length, ...] through those lines. These lists are the first line.
    """
    lines, numbers = [], {}

    def runs(text):
        found = []
        for line in text.split("\n"):
            number = numbers.setdefault(line, len(lines))
            if number == len(lines):
                lines.append(line)
            if found and number == found[-2] + found[-1]:
                found[-1] += 1
            else:
                found += [number, 1]
        return found

    shown = [
        [runs(picture.sentence), *map(runs, picture.panels), *map(runs, picture.tables)]
        for picture in pictures
    ]
    text = "\n".join([json.dumps(shown, separators=(",", ":")), *lines])
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def picture_html(picture):
    """Return one picture with its sentence, which is its accessible name too."""
    panels = "".join(picture.panels)
    sentence = escape(picture.sentence)
    return (
        f'<div class="sg-picture" role="img" aria-label="{sentence}">{panels}</div>\n'
        f'<p class="sg-sentence" aria-live="polite">{sentence}</p>'
    )


def style_html():
    """Return the style; a book takes it out of its pages and serves it as the file it names."""
    style = HERE.joinpath("explorer.css").read_text("utf-8")
    return f'<style data-file="explorer.css">{style}</style>'


def script_html():
    """Return the script; a book takes it out of its pages and serves it as the file it names."""
    script = HERE.joinpath("explorer.js").read_text("utf-8")
    return f'<script data-file="explorer.js">{script}</script>'


def still_html(picture):
    """Return the html of a picture without controls."""
    return f'{style_html()}<div class="sg-explorer">{picture_html(picture)}</div>'


def page_html(name, controls, first, pictures):
    """Return the html of an explorer that starts with the picture `first`.

    The pictures stand in an attribute, where nothing looks for words to mark or to translate.
    """
    inputs = "\n".join(map(control_html, controls))
    return (
        f'{style_html()}<sg-explorer class="sg-explorer" data-name="{escape(name)}" '
        f'data-pictures="{packed(pictures)}">\n'
        f'<form class="sg-controls" autocomplete="off" hidden>\n{inputs}\n</form>\n'
        f"{picture_html(first)}\n<noscript><p>{NO_SCRIPT}</p></noscript>\n"
        f"<sg-end></sg-end></sg-explorer>{script_html()}"
    )


def control_html(control):
    """Return the input of one control; the script finds its values in `data-values`.

    A control with one value has nothing to move, so no reader sees it.
    """
    label, name = escape(control.label), escape(control.name)
    texts = [control.text(value) for value in control.values]
    values = escape(json.dumps(texts, ensure_ascii=False))
    common = f'name="{name}" data-values="{values}"'
    if control.kind == "words":
        options = "".join(
            f"<option{' selected' * (i == control.start)}>{escape(text)}</option>"
            for i, text in enumerate(texts)
        )
        field = f"<select {common}>{options}</select>"
    elif control.kind == "switch":
        checked = " checked" * bool(control.values[control.start])
        field = f'<input type="checkbox" {common}{checked}>'
    else:
        field = (
            f'<input type="range" {common} min="0" max="{len(texts) - 1}" value="{control.start}" '
            f'aria-valuetext="{texts[control.start]}"><output aria-hidden="true">'
            f"{texts[control.start]}</output>"
        )
    hidden = " hidden" * (len(texts) == 1)
    return f'<label class="sg-control"{hidden}><span>{label}</span>{field}</label>'
