"""Draw the icons that the theme names into the pages, in the colour of the text beside them.

The theme has them in a font of 1.5 MB. A drawing in the page needs no file, is allowed under every
policy, and a system's own high-contrast colours reach it.
"""

import re
from pathlib import Path

DRAWINGS = {  # by the theme's name, on 16 by 16
    "bars": '<path d="M1 2h14v2H1zM1 7h14v2H1zM1 12h14v2H1z"/>',
    "list": '<path d="M1 2h2v2H1zM5 2h10v2H5zM1 7h2v2H1zM5 7h10v2H5zM1 12h2v2H1zM5 12h10v2H5z"/>',
    "magnifying-glass": '<path class="line" d="M10 10l5 5"/>'
    '<circle class="line" cx="6.5" cy="6.5" r="5"/>',
    "sun": '<circle cx="8" cy="8" r="3.5"/><path class="line" d="M8 0v3M8 13v3M0 8h3M13 8h3"/>'
    '<path class="line" d="M2.3 2.3l2.2 2.2M11.5 11.5l2.2 2.2M2.3 13.7l2.2-2.2M11.5 4.5l2.2-2.2"/>',
    "moon": '<path d="M6 1a7 7 0 1 0 9 9A6 6 0 0 1 6 1z"/>',
    "circle-half-stroke": '<path fill-rule="evenodd"'
    ' d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM8 3v10A5 5 0 0 1 8 3z"/>',
    "angle-left": '<path class="line" d="M10 2L4 8l6 6"/>',
    "angle-right": '<path class="line" d="M6 2l6 6-6 6"/>',
    "chevron-down": '<path class="line" d="M2 5l6 6 6-6"/>',
    "arrow-up": '<path class="line" d="M8 15V2M2 8l6-6 6 6"/>',
}
ICON = re.compile(r'(<(i|span) class="[^"]*\bfa-solid\b[^"]*"[^>]*>)\s*</\2>')
SVG = '<svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{}</svg>'


def drawn(match):
    """Return the element of an icon with its drawing in it, if there is one of that name."""
    found = [DRAWINGS[name] for name in re.findall(r"fa-([\w-]+)", match[1]) if name in DRAWINGS]
    return f"{match[1]}{SVG.format(found[0])}</{match[2]}>" if found else match[0]


def draw(app, exception):
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        if (new := ICON.sub(drawn, text)) != text:
            page.write_text(new, "utf-8")


def setup(app):
    app.connect("build-finished", draw, priority=900)  # before the stylesheet is cut to the pages
    return {"parallel_read_safe": True, "parallel_write_safe": True}
