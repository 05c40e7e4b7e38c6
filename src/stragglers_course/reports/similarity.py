"""How alike submissions are: a reason to look at two of them, never a proof.

Code is compared as sets of runs of tokens, with the names of variables and the numbers taken out,
and without what was handed out. Answers are compared with what the other student's numbers ask
for: an answer that is right for somebody else was hardly computed.
"""

import io
import itertools
import keyword
import tokenize

from ..questions.verdicts import judge

RUN = 12  # tokens: long enough that two people seldom write the same by chance
LEAST = 20  # runs of a student's own: below, there is too little to compare


def tokens(source):
    """Return the tokens of a cell, with every name but keywords as N, every number as 0."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                found.append(token.string if keyword.iskeyword(token.string) else "N")
            elif token.type == tokenize.NUMBER:
                found.append("0")
            elif token.type == tokenize.STRING:
                found.append(" ".join(token.string.split()))
            elif token.type == tokenize.OP:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass  # a broken cell counts as far as it can be read
    return found


def runs(cells):
    """Return the set of runs of tokens in the cells, and the texts of long strings."""
    found = set()
    for cell in cells:
        parts = tokens(cell)
        found.update(tuple(parts[i : i + RUN]) for i in range(len(parts) - RUN + 1))
        found.update(part for part in parts if len(part) > 60)
    return found


def pairs(students, handed_out=(), least=0.5):
    """Return (alike, id, id) for pairs whose own code is alike by `least` or more, most first.

    Alike is the number of common runs over the smaller number of runs: 1 if one contains the
    other. `handed_out` are the cells that everybody got.
    """
    common = runs(handed_out)
    own = {student: runs(person["code"]) - common for student, person in students.items()}
    found = []
    for (a, one), (b, two) in itertools.combinations(sorted(own.items()), 2):
        smaller = min(len(one), len(two))
        if smaller >= LEAST and (alike := len(one & two) / smaller) >= least:
            found.append((round(alike, 3), a, b))
    return sorted(found, key=lambda row: (-row[0], row[1:]))


def borrowed(students, course):
    """Return (id, question, id) where a wrong answer of the first is right for the second."""
    found = []
    for name, question in course.questions.items():
        wrong = {
            student: person["answers"].get(name)
            for student, person in students.items()
            if person["questions"][name]["status"] == "wrong" and not question.calls_functions
        }
        given = {s: a for s, a in wrong.items() if a is not None}
        for other, person in students.items():
            p = course.parameters(name, person["student"])
            found += [
                (student, name, other)
                for student, answer in given.items()
                if student != other and judge(question, answer, p).status == "right"
            ]
    return sorted(found)
