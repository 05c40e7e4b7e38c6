"""The instructor's command line: release, grade, export, similarity, statistics."""

import argparse
import json
import sys
from pathlib import Path

from .sets import NAMES, problem_set

TOP = """Hand out problem sets, and grade what comes back.

A first round, from a checkout of the book:

  stragglers-course release protocols --to out
        writes out/protocols/for-students/: put the notebook or the zip into your LMS
  stragglers-course grade protocols submissions --to graded
        reads a folder of submissions as the LMS gives it (notebooks, folders, zips) and writes
        tables for Canvas and Moodle, results for Gradescope and a page of feedback a student
  stragglers-course statistics graded
  stragglers-course similarity graded

The numbers in the questions are personal. They follow from a salt, a secret of your course that
the first release makes and keeps in coursework/private/salt.txt: keep that file, and do not
publish it. The chapter "For instructors" of the book tells the whole way.
"""


ROOT = """Submissions will run as root: you are root, and the user nobody cannot read this Python.
Grade as another user, or in the container of the chapter "For instructors"."""


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
    command.add_argument("--roster", metavar="CSV", help="who is who: id, name, email, canvas_id")
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
    from .grading.people import read_roster
    from .masters.release import read_salt
    from .masters.release import release as write

    roster = read_roster(options.roster) if options.roster else []
    is_new = not Path(options.salt).exists()
    salt = read_salt(options.salt)
    ids = [row["id"] for row in roster]
    for path in write(
        options.set, options.masters, options.to, salt, options.same_for_all, options.install, ids
    ):
        print(path)
    if is_new:
        print(f"{options.salt} is new: the secret of your course. Grading needs it: keep it.")


def _course(options):
    from .grading.submission import Course
    from .masters.release import read_master, read_salt

    if not Path(options.salt).exists():
        raise ValueError(f"no salt in {options.salt}: grading needs the one of the release")
    master = read_master(Path(options.masters) / f"{options.set}.ipynb")
    course = Course(options.set, read_salt(options.salt), master, options.same_for_all)
    course.hidden  # noqa: B018 - what is wrong in a hidden cell is said now, not for every file
    return course


def grade(options):
    """Grade a folder of submissions."""
    from tqdm import tqdm

    from .grading import files, folder, people, rubric
    from .masters.release import student_notebook
    from .notebooks.reading import code_cells
    from .reports import feedback, similarity, statistics, tables
    from .sandbox.run import runs_as_root

    course, out = _course(options), Path(options.to)
    course.limits.update({k: v for k in ("total", "cell") if (v := getattr(options, k))})
    if not Path(options.submissions).is_dir():
        raise ValueError(f"{options.submissions} is not a folder")
    if out.resolve().is_relative_to(Path(options.submissions).resolve()):
        raise ValueError(f"--to {out} is in the folder of submissions; name one outside of it")
    roster = people.read_roster(options.roster) if options.roster else []
    if runs_as_root():
        print(ROOT, file=sys.stderr)
    total = files.count(options.submissions)
    results = folder.grade_folder(
        options.submissions, course, out, options.workers, lambda r: tqdm(r, "graded", total)
    )
    students = people.by_student(results, roster)
    unused, said = rubric.apply(students, out / "reading.csv", course)
    rubric.write(students, out / "reading.csv", unused)
    title = problem_set(options.set).TITLE
    tables.write_all(students, title, out)
    feedback.write_pages(students, title, out)
    tables.write_table(out / "statistics.csv", *statistics.table(students))
    borrowed = similarity.borrowed(students, course)
    kept = {
        "set": options.set,
        "handed_out": code_cells(student_notebook(course.master, "")),
        "solution": code_cells(course.master),
        "borrowed": borrowed,
        "students": students,
    }
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "results.json").write_text(text, encoding="utf-8")
    for line in [*(f"reading.csv: {line}." for line in said), *people.doubts(students)]:
        print(line)
    print(f"{len(results)} files, {len(students)} students: see {out / 'grades.csv'}")


def export(options):
    """Write a master for another grader."""
    from .masters import other_graders
    from .masters.release import read_master, read_salt
    from .questions.personal_numbers import handout_key

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
    from .reports.similarity import pairs

    graded = _graded(options.graded)
    everybody = graded["students"] | {"(the published solution)": {"code": graded["solution"]}}
    for alike, one, two in pairs(everybody, graded["handed_out"], options.least):
        print(f"{alike:4.0%}  {one}  {two}")
    for one, question, two in graded["borrowed"]:
        print(f"{question}: the wrong answer of {one} is right for {two}")
    print("Look before you judge: short programs are alike by themselves.")


def statistics(options):
    """Print the statistics of a graded set."""
    from .reports.statistics import report

    print("\n".join(report(_graded(options.graded)["students"])))


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
