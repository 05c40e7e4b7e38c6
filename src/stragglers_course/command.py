"""The instructor's command line: release, grade, export, similarity, statistics."""

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from .grading import files, folder, overrides, people, rubric
from .grading.submission import Course
from .masters import other_graders
from .masters.release import read_master, read_salt, student_notebook
from .masters.release import release as write_release
from .notebooks.reading import code_cells
from .questions.personal_numbers import handout_key
from .reports import feedback, gradebooks, gradescope, tables
from .reports import similarity as likeness
from .reports import statistics as hard
from .sandbox import wall
from .sets import NAMES, problem_set

TOP = """Hand out problem sets, and grade what comes back.

A first round, from a checkout of the book:

  stragglers-course release protocols --to out
        writes out/protocols/for-students/: put the notebook or the zip into your LMS
  stragglers-course grade protocols submissions --to graded
        reads a folder of submissions (notebooks, folders, zips) and writes grades.csv and a page
        of feedback a student; --lms canvas --sheet FILE, or --lms moodle --sheet FILE, fills in
        the table that you have downloaded from your LMS
  stragglers-course statistics graded
  stragglers-course similarity graded

The numbers in the questions are personal. They follow from a salt, a secret of your course that
the first release makes and keeps in coursework/private/salt.txt: keep that file, and do not
publish it. The chapter "For instructors" of the book tells the whole way.
"""


def parser():
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        "stragglers-course", description=TOP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_release, _grade, _export, _similarity, _statistics):
        add(commands)
    return top


def _checked(convert, allowed, what):
    """Return a type for argparse: `convert`, where `allowed` holds; the message says `what`."""

    def read(text):
        try:
            value = convert(text)
        except ValueError:
            value = None
        if value is None or not allowed(value):
            raise argparse.ArgumentTypeError(f"must be {what}, got {text!r}")
        return value

    return read


_whole = _checked(int, lambda n: n >= 1, "a whole number, 1 or more")
_seconds = _checked(float, lambda s: 0 < s < 86_400, "a number of seconds, above 0")
_share = _checked(float, lambda s: 0 <= s <= 1, "a share from 0 to 1")


def _common(command):
    command.add_argument("set", choices=NAMES, help="the problem set")
    command.add_argument(
        "--masters",
        default="coursework",
        metavar="FOLDER",
        help="folder of the masters (coursework)",
    )
    command.add_argument(
        "--salt",
        default="coursework/private/salt.txt",
        metavar="FILE",
        help="file with the course's secret (coursework/private/salt.txt)",
    )
    command.add_argument(
        "--same-for-all", action="store_true", help="give every student the same numbers"
    )


def _release(commands):
    command = commands.add_parser(
        "release", help="write what students get, and the solutions apart"
    )
    _common(command)
    command.add_argument("--to", required=True, metavar="FOLDER", help="where to write")
    command.add_argument(
        "--roster", metavar="CSV", help="ids of the students (column id): one notebook each as well"
    )
    command.add_argument(
        "--install", default="", metavar="PACKAGE", help="what pip installs first, for Colab"
    )
    command.set_defaults(run=release)


def _grade(commands):
    command = commands.add_parser("grade", help="grade a folder of submissions")
    _common(command)
    command.add_argument("submissions", help="folder of notebooks, folders and zips")
    command.add_argument("--to", required=True, metavar="FOLDER", help="where to write")
    command.add_argument(
        "--lms",
        choices=people.LMS,
        default="none",
        help="which LMS has named the files; without, ids in the notebooks tell whose they are",
    )
    command.add_argument("--roster", metavar="CSV", help="who is who: id, name, email, canvas_id")
    command.add_argument(
        "--sheet", metavar="CSV", help="the table that you have downloaded from the LMS, to fill in"
    )
    command.add_argument(
        "--assignment", metavar="NAME", help="its name in Canvas (the title of the set)"
    )
    command.add_argument(
        "--only", metavar="ID", help="grade this student alone, and leave all tables as they are"
    )
    command.add_argument(
        "--workers", type=_whole, default=2, metavar="N", help="how many to grade at once (2)"
    )
    command.add_argument(
        "--total", type=_seconds, metavar="S", help="seconds for one submission (90)"
    )
    command.add_argument("--cell", type=_seconds, metavar="S", help="seconds for one cell (20)")
    command.set_defaults(run=grade)


def _export(commands):
    command = commands.add_parser("export", help="write a master for otter-grader or nbgrader")
    _common(command)
    command.add_argument("format", choices=("otter", "nbgrader"))
    command.add_argument("--to", required=True, metavar="FOLDER", help="where to write")
    command.set_defaults(run=export)


def _similarity(commands):
    command = commands.add_parser("similarity", help="list pairs of submissions that are alike")
    command.add_argument("graded", help="folder that `grade` wrote")
    command.add_argument(
        "--least", type=_share, default=0.5, metavar="SHARE", help="from which share on (0.5)"
    )
    command.set_defaults(run=similarity)


def _statistics(commands):
    command = commands.add_parser("statistics", help="who missed what, and by which mistakes")
    command.add_argument("graded", help="folder that `grade` wrote")
    command.set_defaults(run=statistics)


def release(options):
    """Write what students get."""
    roster = people.read_roster(options.roster) if options.roster else []
    read_master(Path(options.masters) / f"{options.set}.ipynb")  # before a salt is made
    is_new = not Path(options.salt).exists()
    salt = read_salt(options.salt)
    ids = [row["id"] for row in roster]
    for path in write_release(
        options.set, options.masters, options.to, salt, options.same_for_all, options.install, ids
    ):
        print(path)
    if is_new:
        print(f"{options.salt} is new: the secret of your course. Grading needs it: keep it.")


def _course(options):
    master = read_master(Path(options.masters) / f"{options.set}.ipynb")
    if not Path(options.salt).exists():
        raise ValueError(f"no salt in {options.salt}: grading needs the one of the release")
    course = Course(options.set, read_salt(options.salt), master, options.same_for_all)
    course.hidden  # noqa: B018 - what is wrong in a hidden cell is said now, not for every file
    return course


def grade(options):
    """Grade a folder of submissions, or one student's."""
    course, out = _course(options), Path(options.to)
    course.limits.update({k: v for k in ("total", "cell") if (v := getattr(options, k))})
    if not Path(options.submissions).is_dir():
        raise ValueError(f"{options.submissions} is not a folder")
    if out.resolve().is_relative_to(Path(options.submissions).resolve()):
        raise ValueError(f"--to {out} is in the folder of submissions; name one outside of it")
    if options.sheet and options.lms == "none":
        raise ValueError("--sheet needs --lms canvas or --lms moodle: whose table is it?")
    roster = people.read_roster(options.roster) if options.roster else []
    print(wall.SAID[wall.kind()])
    results = _results(options, course, out)
    students = people.by_student(results, roster, options.lms)
    unused, said = rubric.apply(students, out / "reading.csv", course)
    said = [f"reading.csv: {line}." for line in said]
    said += [f"overrides.csv: {o}." for o in overrides.apply(students, out / "overrides.csv")]
    if options.only:
        _show(options, students, out)
        return
    rubric.write(students, out / "reading.csv", unused)
    absent = people.missing(students, roster)
    said += _write(options, course, students, absent, out)
    for line in [*said, *_reminders(options, results, students, absent)]:
        print(line)
    idle = len(results) - len(students)
    rest = f", {idle} of the files do not count (named above)" if idle else ""
    print(f"{len(results)} files, {len(students)} students{rest}: see {out / 'grades.csv'}")


def _results(options, course, out):
    """Return the results of all files, or of those that may be by the one student asked for."""
    chosen = people.may_be(options.only) if options.only else lambda submission: True
    total = None if options.only else files.count(options.submissions)
    return folder.grade_folder(
        options.submissions,
        course,
        out,
        options.workers,
        lambda r: tqdm(r, "graded", total),
        chosen,
    )


def _show(options, students, out):
    """Print the marks of the one student asked for, and write their page of feedback."""
    name = people.normal(options.only)
    found = {
        n: p for n, p in students.items() if name in (n, people.normal(p["student"]), p.get("row"))
    }
    if not found:
        raise ValueError(f"no file of {options.only!r} in {options.submissions}")
    for path in feedback.write_pages(found, problem_set(options.set).TITLE, out):
        print(path)
    for student, person in found.items():
        print(f"{student}: {person['points']:g} of {person['of']} points, {person['file']}")
        print(tables.comment(person))
        print(*person["notes"], sep="\n")
    print("The tables are as they were; grade without --only to write them.")


def _write(options, course, students, absent, out):
    """Write all tables and pages; return sentences on what needs a hand."""
    title = problem_set(options.set).TITLE
    said = tables.keep_edited(out)
    tables.write_grades(students, out, absent)
    if options.sheet:
        of = next(iter(students.values()))["of"] if students else 0
        name, path = options.assignment or title, out / f"{options.lms}.csv"
        lost, idle, more = gradebooks.fill(students, options.lms, options.sheet, path, name, of)
        said += [f"{options.sheet}: no row for {', '.join(lost)}."] * bool(lost)
        said += [f"{options.sheet}: nothing from {', '.join(idle)}."] * bool(idle)
        said += [f"{options.sheet}: {line}." for line in more]
    gradescope.write(students, out / "gradescope.zip")
    feedback.write_pages(students, title, out)
    tables.write_table(out / "statistics.csv", *hard.table(students))
    kept = {
        "set": options.set,
        "handed_out": code_cells(student_notebook(course.master, "")),
        "solution": code_cells(course.master),
        "borrowed": likeness.borrowed(students, course),
        "students": students,
        "written": tables.digests(out),
    }
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "results.json").write_text(text, encoding="utf-8")
    return said


def _reminders(options, results, students, absent):
    """Yield what an instructor should know, a line each: doubts first, then what is left to do."""
    yield from people.doubts(students)
    looks = people.looks_like([result["file"] for result in results])
    if looks and looks != options.lms:
        yield f"The files have names as {looks.capitalize()} writes them: is it --lms {looks}?"
    if absent:
        yield f"Nothing was handed in by {', '.join(row['id'] for row in absent)}."
    if late := [name for name, person in students.items() if person["late"]]:
        yield f"Late: {', '.join(late)}."
    if number := rubric.unread(students):
        yield (
            f"{number} texts in reading.csv are not read yet: they count as if all was there."
            " Mark them, and grade again, before the points go to the students."
        )


def export(options):
    """Write a master for another grader."""
    master = read_master(Path(options.masters) / f"{options.set}.ipynb")
    handout = handout_key(read_salt(options.salt), options.set, options.same_for_all)
    for path in other_graders.WRITERS[options.format](
        master, options.set, handout, Path(options.to)
    ):
        print(path)


def _graded(folder):
    path = Path(folder) / "results.json"
    if not path.exists():
        raise ValueError(f"no results.json in {folder}: name the folder that `grade` wrote")
    return json.loads(path.read_text(encoding="utf-8"))


def similarity(options):
    """List pairs of submissions that are alike, and answers that are right for somebody else."""
    graded = _graded(options.graded)
    everybody = graded["students"] | {"(the published solution)": {"code": graded["solution"]}}
    for alike, one, two in likeness.pairs(everybody, graded["handed_out"], options.least):
        print(f"{alike:4.0%}  {one}  {two}")
    for one, question, two in graded["borrowed"]:
        print(f"{question}: the wrong answer of {one} is right for {two}")
    print("Look before you judge: short programs are alike by themselves.")


def statistics(options):
    """Print the statistics of a graded set."""
    print("\n".join(hard.report(_graded(options.graded)["students"])))


def main(arguments=None):
    """Run the command line; return 0, or after a line that says why 2, or 130 if stopped."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        print(f"stragglers-course: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stragglers-course: stopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0
