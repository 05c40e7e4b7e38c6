"""A question before a figure: a reader says a number, and only then sees the figure.

In a kernel it is a widget. On a page an element covers the figure that follows it until the reader
commits or asks to be shown; without scripts it is a question with its answer folded, and the
figure is not covered. What a reader says stays in the reader's browser.
"""

import math
from collections.abc import Callable
from html import escape
from importlib.resources import files
from numbers import Real

from .kept import STYLE, keeps_outputs_apart
from .kernel import is_live_kernel, is_terminal
from .pictures import name_of

HERE = files(__package__)
ABOUT_RIGHT = 1.05  # the factor up to which a guess counts as right; prediction.js has it too
NO_NUMBER = "A number, please, such as 12 or 0.5."


class Prediction:
    """What `predict` returns: shown by a notebook or a book, each in its way."""

    def __init__(self, ask, question, unit):
        self.name, self.question, self.unit = name_of(ask), question, unit
        self.answer, self.missed = checked(self.name, ask())

    def __repr__(self):
        return f"predict({self.name}): {self.question}"

    @property
    def shown(self):
        """The answer with three digits and its unit."""
        return with_unit(short(self.answer), self.unit)

    def verdict(self, guess):
        """Return what a reader who said `guess` is told: both numbers, and the factor between."""
        said = f"You said {with_unit(f'{guess:g}', self.unit)}. It is {self.shown}"
        if guess <= 0:
            return f"{said}: no factor leads from your number to it."
        factor = max(guess / self.answer, self.answer / guess)
        if factor <= ABOUT_RIGHT:
            return f"{said}: you are right, within {100 * (ABOUT_RIGHT - 1):.0f} %."
        side = "high" if guess > self.answer else "low"
        return f"{said}: you are {times(factor)} times too {side}."

    def html(self):
        """Return the question for a static page, complete in itself."""
        unit = f" {escape(self.unit)}" if self.unit else ""
        return (
            f'{file_html("style", "prediction.css")}<sg-prediction class="sg-prediction" '
            f'data-name="{escape(self.name)}" data-answer="{self.answer!r}" '
            f'data-shown="{escape(short(self.answer))}" data-unit="{escape(self.unit)}">\n'
            f'<p class="sg-asked"><strong>Before you look.</strong> {escape(self.question)}</p>\n'
            '<form class="sg-guess" autocomplete="off" hidden><label>Your number: '
            f'<input name="guess" inputmode="decimal" size="8">{unit}</label> '
            "<button>Look</button> "
            '<button type="button" name="show">Show me</button></form>\n'
            '<div class="sg-told" role="status"></div>\n'
            f"{self.folded()}</sg-prediction>{file_html('script', 'prediction.js')}"
        )

    def folded(self):
        """Return the answer, folded, as a page has it for readers without scripts."""
        return (
            '<details class="answer"><summary>Answer</summary>'
            f"<p>It is {escape(self.shown)}.</p><p>{escape(self.missed)}</p></details>"
        )

    def _ipython_display_(self):
        """Show a question to keep and the widget, in JupyterLab; elsewhere `_repr_mimebundle_`."""
        if not (is_live_kernel() and keeps_outputs_apart()):
            raise NotImplementedError
        from IPython.display import display

        kept = f"<p>{escape(self.question)}</p>{self.folded()}"
        html = f'{STYLE}<div class="sg-kept">{kept}</div>'
        display({"text/html": html, "text/plain": repr(self)}, raw=True)
        display(question_widget(self))

    def _repr_mimebundle_(self, **_):
        """Return the widget for a kernel and the html for a page; a line of text for a terminal."""
        text, live = {"text/plain": repr(self)}, is_live_kernel()
        if live is None and is_terminal():
            return text
        bundle = text | {"text/html": self.html()}
        return bundle | (question_widget(self)._repr_mimebundle_() if live else {})


def predict(ask: Callable, question: str, *, unit: str = "") -> Prediction:
    """Return a question that a reader answers with a number before the figure that follows.

    `ask()` computes the answer, a number above 0, and returns it with the sentence that says what
    most people miss. The question is text without formulas; `unit` stands behind the numbers.

    Raises TypeError or ValueError that names what is wrong.

    >>> def double_six():
    ...     return 100 / 36, "Most people say 16.7, as for one die."
    >>> predict(double_six, "How often do two dice show two sixes?", unit="%").verdict(16.7)
    'You said 16.7 %. It is 2.78 %: you are 6 times too high.'
    """
    if not callable(ask):
        raise TypeError(f"ask must be a function that computes the answer, not {ask!r}")
    for name, text in (("question", question), ("unit", unit)):
        if not isinstance(text, str):
            raise TypeError(f"{name} must be words, not {text!r}")
    if not question.strip():
        raise ValueError("question must say what the reader is to predict; it is empty")
    return Prediction(ask, question, unit)


def checked(name, found):
    """Return the answer and the sentence that a function has computed, or raise what is wrong."""
    if not isinstance(found, tuple) or len(found) != 2:
        raise TypeError(f"{name} must return (answer, sentence), not {found!r}")
    answer, missed = found
    if isinstance(answer, bool) or not isinstance(answer, Real):
        raise TypeError(f"the answer of {name} must be a number, not {answer!r}")
    if not (math.isfinite(answer) and answer > 0):
        raise ValueError(f"the answer of {name} must be finite and above 0, not {answer}")
    if not isinstance(missed, str) or not missed.strip():
        raise TypeError(f"{name} must say in a sentence what most people miss, not {missed!r}")
    return float(answer), missed


def short(number):
    """Return a number with three digits as text: "1.8", "326", "0.0045"."""
    return f"{float(f'{number:.3g}'):g}"


def times(factor):
    """Return a factor as text, with two digits below 10."""
    return f"{factor:.2g}" if factor < 9.95 else f"{factor:.0f}"


def with_unit(text, unit):
    return f"{text} {unit}" if unit else text


def read(text):
    """Return the number that a reader has typed, or None: a comma and a unit are allowed.

    >>> read("0,5"), read("63 %"), read("many")
    (0.5, 63.0, None)
    """
    try:
        number = float(text.replace(",", ".").replace("%", "").replace(" ", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def file_html(tag, name):
    """Return a style or a script; a book takes it out of its pages and serves the file it names."""
    return f'<{tag} data-file="{name}">{HERE.joinpath(name).read_text("utf-8")}</{tag}>'


def question_widget(prediction):
    """Return the widget of a question: a field, two buttons, and room for what is told."""
    import ipywidgets

    asked = ipywidgets.HTML(f"<p><b>Before you look.</b> {escape(prediction.question)}</p>")
    field = ipywidgets.Text(description="Your number", style={"description_width": "initial"})
    look, show = (ipywidgets.Button(description=word) for word in ("Look", "Show me"))
    told = ipywidgets.HTML()

    def tell(said):
        told.value = f"<p>{escape(said)}</p><p>{escape(prediction.missed)}</p>"

    def commit(_):
        guess = read(field.value)
        if guess is None:
            told.value = f"<p>{NO_NUMBER}</p>"
        else:
            tell(prediction.verdict(guess))

    look.on_click(commit)
    show.on_click(lambda _: tell(f"It is {prediction.shown}."))
    row = ipywidgets.HBox([field, ipywidgets.Label(prediction.unit), look, show])
    return ipywidgets.VBox([asked, row, told]).add_class("sg-live")
