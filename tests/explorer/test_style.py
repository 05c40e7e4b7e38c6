"""The colours of the pictures: axe gives no verdict on the texts of an SVG."""

import re

import pytest

from stragglers.explorer.page import HERE
from stragglers.explorer.style import COLOURS

LIGHT, DARK = "#ffffff", "#14181e"  # the paper of the book's pages
FILLS = {"waiting", "grid"}  # no text has these


def themes():
    """Return the colours of explorer.css by name, those of light pages and those of dark ones."""
    style = HERE.joinpath("explorer.css").read_text("utf-8")
    rules = re.findall(r"\{([^}]*--sg-slowest[^}]*)\}", style)
    return [dict(re.findall(r"--sg-(\w+): (#\w{6});", rule)) for rule in rules]


def luminance(colour):
    """Return the relative luminance of a colour as WCAG 2 has it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", LIGHT) == pytest.approx(21)
    assert contrast("#777777", LIGHT) == pytest.approx(4.48, abs=0.005)


def test_the_page_has_the_colours_of_the_pictures_in_both_themes():
    light, dark = themes()
    assert {name: light[name] for name in COLOURS} == COLOURS
    assert light.keys() == dark.keys()


@pytest.mark.parametrize(("theme", "paper"), [(0, LIGHT), (1, DARK)])
def test_every_text_of_a_picture_can_be_read_on_its_paper(theme, paper):
    for name, colour in themes()[theme].items():
        if name not in FILLS:
            assert contrast(colour, paper) >= 4.5, name
