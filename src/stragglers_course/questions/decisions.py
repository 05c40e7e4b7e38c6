"""Questions whose answer is a decision: a few numbers, a choice, and the reason in words."""

from dataclasses import dataclass

from .numbers import Number
from .question import Question, separate
from .verdicts import UNANSWERED, right, wrong


@dataclass(frozen=True)
class Choice:
    """A field of a decision that is one word out of a few, with hyphens if with anything."""

    options: tuple
    mistakes: tuple = ()

    form = "one word"

    def judge(self, answer, key):
        """Return the Verdict on a word; case, and how its parts are joined, do not matter."""
        if answer is None:
            return UNANSWERED
        word = "-".join(str(answer).casefold().replace("_", " ").replace("-", " ").split())
        if word not in self.options:
            return wrong(f"write one of: {', '.join(self.options)}.", "form")
        return right() if word == key else wrong("the numbers say otherwise.", "choice")


@dataclass(frozen=True)
class Decision(Question):
    """An open question: a dict with numbers, a choice and the reason in words.

    `fields` maps a field's name to its mistakes (a tuple: the field is a number) or to a Choice;
    `key(p)` is a dict of these fields. The text in "why" is read by a person, by the rubric; only
    that it is there, and long enough, is checked.
    """

    fields: dict = None
    words: int = 25

    form = "a dict"

    def judge(self, answer, p):
        """Return the Verdict: each field, and the presence of the text, earns an equal share."""
        if answer is None:
            return UNANSWERED
        wanted = [*self.fields, "why"]
        if not isinstance(answer, dict) or not any(name in answer for name in wanted):
            return wrong(f"a dict with the fields {', '.join(wanted)} is asked for.", "form")
        verdicts = {name: self._field(name, answer.get(name), p) for name in self.fields}
        verdicts["why"] = self._why(answer.get("why"))
        if all(v.status == "unanswered" for v in verdicts.values()):
            return UNANSWERED
        share = sum(v.share for v in verdicts.values()) / len(verdicts)
        if share == 1:
            return right("the fields are right; the text is read by a person.")
        said = [f"{name}: {v.message}" for name, v in verdicts.items() if v.status != "right"]
        if unknown := [name for name in answer if name not in wanted]:
            said.append(f"There is no field {', '.join(unknown)}.")
        first = next((v.mistake for v in verdicts.values() if v.mistake), "")
        return wrong(" ".join(said), first, share)

    def with_rubric(self, share, text, marks):
        """Return the share of the points once a person has read the text.

        `marks` are the three of the rubric, 0 or 1 each; they replace what the machine gave for a
        text that is there and long enough.
        """
        judged = sum(marks) / len(marks) - self._why(text).share
        return min(1.0, max(0.0, share + judged / (len(self.fields) + 1)))

    def _field(self, name, answer, p):
        field, key = self.fields[name], self.key(p)[name]
        if isinstance(field, Choice):
            return field.judge(answer, key)
        return Number(name, 1, (), lambda p: key, field, self.rtol).judge(answer, p)

    def _why(self, text):
        words = len(str(text or "").split())
        if not words:
            return UNANSWERED
        if words < self.words:
            return wrong(f"{words} words; write at least {self.words}, with the trade-off.", "why")
        return right()

    def well_posed(self, p):
        """Whether this holds for each field that is a number."""
        key = self.key(p)
        numbers = {name: f for name, f in self.fields.items() if not isinstance(f, Choice)}
        return all(separate(key[name], f, p, self.rtol) for name, f in numbers.items())

    def wrong_answers(self, p):
        """Yield each known mistake as the right answer with one field wrong."""
        good = dict(self.key(p), why="because " * self.words)
        for name, field in self.fields.items():
            if isinstance(field, Choice):
                for word in field.options:
                    if word != good[name]:
                        yield "choice", dict(good, **{name: word})
                continue
            for mistake in field:
                yield mistake.name, dict(good, **{name: mistake.value(p)})
        yield "why", dict(good, why="It is faster.")
