"""Personal parameters: which case of a question a student gets.

The case is chosen by a hash of the handout key, the set, the question and the student. The handout
key stands in the notebook that is handed out; it is itself a hash of the instructor's salt, which
stays with the instructor, and so do the hidden inputs, which are seeded by the salt alone.
"""

import hashlib
import hmac
import itertools
import unicodedata

SAME_FOR_ALL = "same-"
EXAMPLE = "example"
UNSEEN = ("Cc", "Cf", "Cs")  # of Unicode's categories


class Parameters(dict):
    """The parameters of one question: `p.m` and `p["m"]` are the same; it prints as it reads."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            known = ", ".join(self)
            raise AttributeError(f"no parameter {name!r}; this question has {known}") from None

    def __repr__(self):
        return ", ".join(f"{name} = {value}" for name, value in self.items())


def normal(student):
    """Return a student's id in the one form that is hashed: case and spaces do not matter.

    Nor do signs that nobody sees: controls, marks of direction, halves of characters.

    >>> normal("  Zoë  MÜLLER ")
    'zoë müller'
    """
    text = " ".join(unicodedata.normalize("NFKC", str(student)).casefold().split())
    return "".join(sign for sign in text if unicodedata.category(sign) not in UNSEEN).strip()


def handout_key(salt, name, same=False):
    """Return the key that stands in the handed-out notebook of the set `name`.

    With `same`, every student gets the same numbers.
    """
    key = hmac.new(salt.encode(), f"handout {name}".encode(), hashlib.sha256).hexdigest()[:16]
    return SAME_FOR_ALL * same + key


def parameters(question, handout, name, student):
    """Return the Parameters of `question` in the set `name` for this student and handout key.

    A case in which the key is too near to a known mistake is passed over for the next draw.
    """
    who = "everyone" if handout.startswith(SAME_FOR_ALL) else normal(student) or EXAMPLE
    for attempt in itertools.count():
        text = "\0".join([handout, name, question.name, who, str(attempt)])
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        p = Parameters(question.cases[number % len(question.cases)])
        if question.well_posed(p):
            return p


def hidden_seed(salt, name, question, student):
    """Return the seed of the hidden inputs, which only the holder of the salt can compute."""
    text = "\0".join(["hidden", name, question, normal(student)])
    return int.from_bytes(hmac.new(salt.encode(), text.encode(), hashlib.sha256).digest()[:8])
