"""What a class found hard: for every question who got how far, and which mistakes were made."""

from collections import Counter

from ..questions.verdicts import STATUSES


def statistics(students):
    """Return one row a question: (question, count of each status, mean share, mistakes).

    `students` is what `by_student` gives; mistakes is a list of (name, how many), most first.
    """
    people = list(students.values())
    rows = []
    for name in people[0]["questions"] if people else ():
        marks = [p["questions"][name] for p in people]
        counts = Counter(mark["status"] for mark in marks)
        mistakes = Counter(mark["mistake"] for mark in marks if mark["mistake"]).most_common()
        mean = sum(mark["share"] for mark in marks) / len(marks)
        rows.append((name, [counts[s] for s in STATUSES], mean, mistakes))
    return rows


def missed_by(students):
    """Return {question: ids of those who have not got all its points}."""
    missed = {}
    for student, person in students.items():
        for name, mark in person["questions"].items():
            missed.setdefault(name, []).extend([student] * (mark["share"] < 1))
    return missed


def report(students):
    """Return the statistics as lines of text."""
    yield f"{'':<6}" + "".join(f"{status:>12}" for status in STATUSES) + "   points  mistakes"
    for name, counts, mean, mistakes in statistics(students):
        named = ", ".join(f"{mistake} ({count})" for mistake, count in mistakes[:4])
        yield f"{name:<6}" + "".join(f"{c:>12}" for c in counts) + f"   {mean:6.0%}  {named}"


def table(students):
    """Return (header, rows) for statistics.csv."""
    header = ["question", *STATUSES, "mean share", "mistakes", "missed by"]
    missed = missed_by(students)
    rows = []
    for name, counts, mean, mistakes in statistics(students):
        named = " ".join(f"{mistake}:{count}" for mistake, count in mistakes)
        rows.append([name, *counts, round(mean, 3), named, " ".join(missed[name])])
    return header, rows
