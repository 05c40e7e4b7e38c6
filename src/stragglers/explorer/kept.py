"""What a notebook keeps of a live explorer: a picture for whoever opens it without its kernel.

JupyterLab shows a widget wherever one is in an output, and "model not found" where its kernel is
gone. So the widget gets an output of its own, below one that holds an image. Where the widget
lives, a style hides the image; where it does not, the error. An image needs neither styles nor
scripts, so it is left alone where a notebook is not trusted.
"""

import base64
import os
import re
import sys
from html import escape

from .svg import THEME

STYLE = """<style>
.jp-OutputArea-child:has(.sg-kept):has(+ .jp-OutputArea-child .sg-live) { display: none; }
.jp-OutputArea-child:has(.sg-kept) + .jp-OutputArea-child:not(:has(.sg-live)) { display: none; }
</style>"""


def keeps_outputs_apart():
    """Return whether the reader sits at JupyterLab or Notebook, which STYLE was written for."""
    return "JPY_SESSION_NAME" in os.environ and "google.colab" not in sys.modules


def kept_html(picture):
    """Return the html of a picture as an image, its panels side by side on white paper."""
    images = "".join(
        f'<img src="data:image/svg+xml;base64,{encoded(panel)}" alt="{alt}" width="384">'
        for panel, alt in zip(picture.panels, [escape(picture.sentence)] + [""] * 99, strict=False)
    )
    return f'{STYLE}<div class="sg-kept">{images}<p>{escape(picture.sentence)}</p></div>'


def encoded(panel):
    """Return a panel as base64 text, in the colours of the light theme."""
    plain = re.sub(r"var\(--sg-\w+, (#\w+)\)", r"\1", panel)
    ink = next(colour for colour, name in THEME.items() if name == "currentColor")
    paper = '><rect width="100%" height="100%" fill="#fff"/>'
    return base64.b64encode(
        plain.replace("currentColor", ink).replace(">", paper, 1).encode()
    ).decode()
