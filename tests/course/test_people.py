"""Whose file is whose: no file by one person hides the work of another, or better work."""

import io
import zipfile
from pathlib import Path

import pytest

from stragglers_course.grading import files, people

ROSTER = [{"id": "ada", "name": "Ada L.", "canvas_id": "17"}, {"id": "bob", "canvas_id": "18"}]


def result(file, student="", time=0.0, usable=True, notes=()):
    return {
        "file": file,
        "student": student,
        "time": time,
        "usable": usable,
        "doubts": [],
        "notes": list(notes),
        "points": 1.0,
    }


def counted(*results, roster=()):
    """The file that counts, by id."""
    return {name: p["file"] for name, p in people.by_student(results, roster).items()}


def test_the_later_of_two_files_by_one_id_counts_and_the_page_says_so():
    found = people.by_student([result("b.ipynb", "Ada", 1.0), result("a.ipynb", " ada ", 2.0)])
    assert list(found) == ["ada"]
    assert found["ada"]["file"] == "a.ipynb"
    assert found["ada"]["notes"] == ["the file b.ipynb does not count: a later one does"]


@pytest.mark.parametrize(
    ("notebook", "other"),
    [
        ("zoe_12_34_race.ipynb", "zoe_12_35_figure.png"),
        ("müllerzoë2_LATE_12_34_race.ipynb", "müllerzoë2_12_35_figure.png"),
        ("Zoe_7_assignsubmission_file_/r.ipynb", "Zoe_7_assignsubmission_onlinetext_/o.html"),
        ("zoe/race.ipynb", "zoe/report.pdf"),
    ],
)
def test_a_later_file_that_is_no_notebook_takes_nothing_away(notebook, other):
    later = result(other, time=9.0, usable=False, notes=["no notebook."])
    found = people.by_student([result(notebook, "zoe@x"), later])
    assert {name: p["file"] for name, p in found.items()} == {"zoe@x": notebook}
    assert f"the file {other} does not count: no notebook." in found["zoe@x"]["notes"]


def test_one_person_of_the_lms_with_two_ids_is_one_person():
    files = [result("zoe_12_34_a.ipynb", "zo", 1.0), result("zoe_12_35_b.ipynb", "zoe", 2.0)]
    assert counted(*files) == {"zoe": "zoe_12_35_b.ipynb"}


def test_two_people_of_the_lms_with_one_id_are_both_graded_and_both_are_told():
    files = [result("zoe_12_34_a.ipynb", "zoe", 1.0), result("adam_99_35_a.ipynb", "zoe", 2.0)]
    found = people.by_student(files)
    assert list(found) == ["zoe (12)", "zoe (99)"]
    assert all("stands in files of several people" in p["notes"][0] for p in found.values())
    assert [line.split(":")[0] for line in people.doubts(found)] == ["zoe (12)", "zoe (99)"]


def test_whoever_stands_in_the_roster_keeps_the_id_and_their_own_number():
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("bob_18_2_a.ipynb", "ada", 2.0)]
    found = people.by_student(files, ROSTER)
    assert (found["ada"]["name"], found["ada"]["canvas_id"]) == ("Ada L.", "17")
    assert found["ada (18)"]["canvas_id"] == "18"
    assert "somebody else's in the roster" in " ".join(found["ada (18)"]["notes"])


def test_a_roster_without_numbers_of_the_lms_takes_nobody_away():
    roster = [{"id": "ada", "name": "Ada L."}]
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("bob_18_2_a.ipynb", "ada", 2.0)]
    assert people.by_student(files[:1], roster)["ada"]["name"] == "Ada L."
    assert set(counted(*files, roster=roster)) == {"ada (17)", "ada (18)"}
    assert set(counted(*files)) == {"ada (17)", "ada (18)"}


def test_a_file_without_the_lms_joins_the_only_person_with_its_id():
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("by mail/ada.ipynb", "ada", 2.0)]
    assert counted(*files) == {"ada": "by mail/ada.ipynb"}
    assert people.by_student(files)["ada"]["name"] == "by mail"


def test_files_without_an_id_in_one_folder_are_all_graded():
    files = [result("week 1/a.ipynb"), result("week 1/b.ipynb"), result("c.ipynb")]
    assert set(counted(*files).values()) == {"week 1/a.ipynb", "week 1/b.ipynb", "c.ipynb"}
    assert counted(files[0]) == {"week 1": "week 1/a.ipynb"}
    assert counted(result("zoe.zip/race.ipynb")) == {"zoe": "zoe.zip/race.ipynb"}


def test_who_is_not_in_the_roster_is_noted():
    assert people.by_student([result("a.ipynb", "cy")], ROSTER)["cy"]["doubts"] == [
        "the id 'cy' is not in the roster."
    ]


def test_nobody_gives_nothing():
    assert people.by_student([]) == {}


@pytest.mark.parametrize("text", ["id;name\nada;A", "\ufeffID\tName\nada\tA", "id,name\n\nada,A\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_roster_is_read_as_spreadsheets_of_any_country_write_it(tmp_path, text, encoding):
    if encoding == "cp1252":
        text = text.replace("\ufeff", "").replace("A", "Zoë")
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    (row,) = people.read_roster(path)
    assert row == {"id": "ada", "name": "Zoë" if encoding == "cp1252" else "A"}


def test_a_roster_without_ids_is_refused(tmp_path):
    for text in ("name\nAda\n", ""):
        (tmp_path / "roster.csv").write_text(text)
        with pytest.raises(ValueError, match="must have a column id; it has"):
            people.read_roster(tmp_path / "roster.csv")


def test_what_computers_leave_in_folders_is_no_submission(tmp_path):
    leave = [".DS_Store", "Thumbs.db", "._a.ipynb", ".ipynb_checkpoints/a.ipynb", "a.ipynb"]
    for name in [*leave, ".ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    assert [s.name for s in files.submissions(tmp_path)] == [".ipynb", "a.ipynb"]
    assert files.count(tmp_path) == 2


def test_a_file_in_an_archive_has_the_time_that_the_archive_tells(tmp_path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, year in [("new.ipynb", 2024), ("old.ipynb", 2020), ("none.ipynb", 1980)]:
            file.writestr(zipfile.ZipInfo(name, (year, 5, 1, 12, 0, 0)), b"{}")
    path = Path(tmp_path, "all.zip")
    path.write_bytes(archive.getvalue())
    times = {s.name: s.time for s in files.submissions(tmp_path)}
    assert times["all.zip/old.ipynb"] < times["all.zip/new.ipynb"] < path.stat().st_mtime
    assert times["all.zip/none.ipynb"] == path.stat().st_mtime
    assert files.count(tmp_path) == 3
