"""What is said about one answer: how far it is right, and which mistake it shows."""

from dataclasses import dataclass

STATUSES = ("right", "partly", "wrong", "unanswered", "unreadable")


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer.

    status: one of STATUSES; share: the part of the points earned, 0 to 1; mistake: the short name
    of a known mistake, or "" ; message: one or two sentences for the student, without the key.
    """

    status: str
    share: float = 0.0
    message: str = ""
    mistake: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known: its short name, its value, and what to say about it.

    `value` takes what the key of the question takes: the parameters or, for a function, its
    arguments.
    """

    name: str
    value: object
    feedback: str


def mistakes(*rows):
    """Return rows of (name, value, feedback) as Mistakes."""
    return tuple(Mistake(*row) for row in rows)


def judge(question, answer, p):
    """Return the Verdict on a plain answer; never raises for it."""
    try:
        return question.judge(answer, p)
    except Exception as error:  # an answer of a shape nobody thought of must not stop the others
        return Verdict("unreadable", message=f"could not be read ({type(error).__name__}).")


class Unreadable(ValueError):
    """An answer of the wrong form; the message says what form is wanted."""


NOTED = Verdict("noted", message="noted; this question is judged after you hand in.")
UNANSWERED = Verdict("unanswered", message="not answered yet.")


def right(message="right."):
    """Return the verdict of a right answer."""
    return Verdict("right", 1.0, message)


def wrong(message="not yet right.", mistake="", share=0.0):
    """Return the verdict of a wrong answer, or of one that is partly right."""
    return Verdict("partly" if share else "wrong", share, message, mistake)
