"""What a class found hard: for every question who got how far, and which mistakes were made."""

from collections import Counter

import numpy as np

from ..questions.verdicts import STATUSES


def statistics(students):
    """Return one row a question: (question, statuses, mean share, discrimination, mistakes).

    `students` is what `by_student` gives; statuses counts each of STATUSES, and mistakes is a list
    of (name, how many), most first.
    """
    people = list(students.values())
    rows = []
    for name in people[0]["questions"] if people else ():
        marks = [p["questions"][name] for p in people]
        counts = Counter(mark["status"] for mark in marks)
        mistakes = Counter(mark["mistake"] for mark in marks if mark["mistake"]).most_common()
        mean = sum(mark["share"] for mark in marks) / len(marks)
        rows.append((name, [counts[s] for s in STATUSES], mean, _tells(people, name), mistakes))
    return rows


def _tells(people, name):
    """Return the discrimination of a question: its correlation with the points of the others.

    Only people who have answered something count; None where fewer than ten have, or all did the
    same. Below about 0.2 a question tells little about who has understood the rest.
    """
    told = [p["questions"] for p in people if any(m["share"] for m in p["questions"].values())]
    if len(told) < 10:
        return None
    own = np.array([marks[name]["points"] for marks in told])
    rest = np.array([sum(mark["points"] for mark in marks.values()) for marks in told]) - own
    if np.ptp(own) == 0 or np.ptp(rest) == 0:
        return None
    return float(np.corrcoef(own, rest)[0, 1])


def missed_by(students):
    """Return {question: ids of those who have not got all its points}."""
    missed = {}
    for student, person in students.items():
        for name, mark in person["questions"].items():
            missed.setdefault(name, []).extend([student] * (mark["share"] < 1))
    return missed


def report(students):
    """Return the statistics as lines of text."""
    head = "".join(f"{status:>12}" for status in STATUSES)
    yield f"{'':<6}{head}   points  tells  mistakes"
    for name, counts, mean, tells, mistakes in statistics(students):
        named = ", ".join(f"{mistake} ({count})" for mistake, count in mistakes[:4])
        told = "    –" if tells is None else f"{tells:5.2f}"
        yield (
            f"{name:<6}" + "".join(f"{c:>12}" for c in counts) + f"   {mean:6.0%}  {told}  {named}"
        )
    yield "tells: the correlation of a question with the others' points, from ten people on."


def table(students):
    """Return (header, rows) for statistics.csv."""
    header = ["question", *STATUSES, "mean share", "discrimination", "mistakes", "missed by"]
    missed = missed_by(students)
    rows = []
    for name, counts, mean, tells, mistakes in statistics(students):
        named = " ".join(f"{mistake}:{count}" for mistake, count in mistakes)
        tells = "" if tells is None else round(tells, 3)
        rows.append([name, *counts, round(mean, 3), tells, named, " ".join(missed[name])])
    return header, rows
