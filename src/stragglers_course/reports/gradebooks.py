"""Canvas's and Moodle's own tables, as the instructor has downloaded them, with points filled in.

Their importers know people, assignments and times by columns that only they can write. So nothing
is made from nothing: the file that was downloaded is filled in and written anew.
"""

import csv

from ..questions.personal_numbers import normal
from .tables import comment, read_rows

KEYS = {  # the columns by which a person is known, and what of ours stands there
    "canvas": (("ID", "canvas_id"), ("SIS Login ID", "id"), ("SIS User ID", "id")),
    "moodle": (("Identifier", "moodle_id"), ("ID number", "id"), ("Email address", "id")),
}
KEYS["canvas"] += (("SIS Login ID", "email"), ("Student", "name"))
KEYS["moodle"] += (("Email address", "email"), ("Full name", "name"), ("Full name", "id"))
NEEDED = {
    "canvas": ("Student", "ID", "Section"),
    "moodle": ("Identifier", "Grade", "Last modified (grade)"),
}
WHERE = {
    "canvas": "Grades, Export, Export Entire Gradebook",
    "moodle": "the assignment, View all submissions, Download grading worksheet",
}
KEPT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")


def fill(students, lms, path, out, assignment="", of=0):
    """Fill the points of all students into the table `path` of an LMS, written to `out`.

    Returns (ids of those who have no row, names in rows without a student, sentences).
    Raises ValueError for a table that is not the LMS's, and for a column that is not there.
    """
    (header, *rows), delimiter = read_rows(path)
    header = [name.strip() for name in header]
    if lacking := [name for name in NEEDED[lms] if name not in header]:
        raise ValueError(
            f"{path} has no column {', '.join(lacking)}: it is not what {lms.capitalize()} gives"
            f" under {WHERE[lms]}"
        )
    rows = [row + [""] * (len(header) - len(row)) for row in rows]
    is_canvas = lms == "canvas"
    place = _assignment(header, assignment, path) if is_canvas else header.index("Grade")
    people = [row for row in rows if _is_person(row, header, lms)]
    found = {name: _row(person, people, header, lms) for name, person in students.items()}
    for name, person in students.items():
        if (row := found[name]) is not None:
            row[place] = f"{person['points']:g}"
            if "Feedback comments" in header and not is_canvas:
                row[header.index("Feedback comments")] = comment(person)
    columns = range(len(header))
    if is_canvas:
        columns = [n for n in columns if header[n] in KEPT or n == place]
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([row[n] for n in columns] for row in [header, *rows])
    graded = [id(row) for row in found.values() if row is not None]
    who = header.index("Student" if is_canvas else "Full name")
    idle = [row[who].strip() for row in people if id(row) not in graded]
    twice = len(graded) - len(set(graded))
    said = ["two of those graded have one row: look at their ids"] * bool(twice)
    said += _maximum(rows, header, place, lms, of)
    return [name for name, row in found.items() if row is None], idle, said


def _assignment(header, asked, path):
    """Return the place of an assignment's column; Canvas writes "its name (its number)"."""
    fixed = next(n for n, name in enumerate(header) if name == "Section")
    rest = {n: name for n, name in enumerate(header) if n > fixed}
    wanted = normal(asked)
    for same in (normal, lambda name: normal(name.rpartition(" (")[0])):
        if found := [n for n, name in rest.items() if same(name) == wanted]:
            return found[0]
    names = ", ".join(repr(name) for name in rest.values())
    raise ValueError(f"{path} has no assignment {asked!r}: name one with --assignment; {names}")


def _is_person(row, header, lms):
    if lms == "moodle":
        return any(row)
    return row[header.index("ID")].strip() != "" and "Points Possible" not in row[0]


def _row(person, rows, header, lms):
    """Return the only row that is a person's, by the first column that tells; None if none is."""
    for column, key in KEYS[lms]:
        value = normal(person.get(key) or "")
        if value and column in header:
            place = header.index(column)
            found = [row for row in rows if normal(row[place]) == value]
            if len(found) == 1:
                return found[0]
    return None


def _maximum(rows, header, place, lms, of):
    """Return a sentence if the LMS counts out of another number of points."""
    if lms == "moodle":
        column = header.index("Maximum Grade") if "Maximum Grade" in header else None
        told = [row[column] for row in rows if any(row)][:1] if column is not None else []
    else:
        told = [row[place] for row in rows if "Points Possible" in row[0]]
    try:
        differs = bool(told) and float(told[0].replace(",", ".")) != of
    except ValueError:
        return []
    return [f"the assignment counts out of {told[0]} there, the set out of {of}"] * differs
