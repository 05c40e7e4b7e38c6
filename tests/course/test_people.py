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


def counted(*results, roster=(), lms="none"):
    """The file that counts, by id."""
    return {name: p["file"] for name, p in people.by_student(results, roster, lms).items()}


def test_the_later_of_two_files_by_one_id_counts_and_the_page_says_so():
    found = people.by_student([result("b.ipynb", "Ada", 1.0), result("a.ipynb", " ada ", 2.0)])
    assert list(found) == ["ada"]
    assert found["ada"]["file"] == "a.ipynb"
    assert found["ada"]["notes"] == ["the file b.ipynb does not count: a later one does"]


@pytest.mark.parametrize(
    ("lms", "notebook", "other"),
    [
        ("canvas", "zoe_12_34_race.ipynb", "zoe_12_35_figure.png"),
        ("canvas", "müllerzoë2_LATE_12_34_race.ipynb", "müllerzoë2_12_35_figure.png"),
        ("moodle", "Z_7_assignsubmission_file_/r.ipynb", "Z_7_assignsubmission_onlinetext_/o.html"),
        ("none", "zoe/race.ipynb", "zoe/report.pdf"),
    ],
)
def test_a_later_file_that_is_no_notebook_takes_nothing_away(lms, notebook, other):
    later = result(other, time=9.0, usable=False, notes=["no notebook."])
    found = people.by_student([result(notebook, "zoe@x"), later], (), lms)
    assert {name: p["file"] for name, p in found.items()} == {"zoe@x": notebook}
    assert f"the file {other} does not count: no notebook." in found["zoe@x"]["notes"]


def test_one_person_of_the_lms_with_two_ids_is_one_person():
    files = [result("zoe_12_34_a.ipynb", "zo", 1.0), result("zoe_12_35_b.ipynb", "zoe", 2.0)]
    assert counted(*files, lms="canvas") == {"zoe": "zoe_12_35_b.ipynb"}


def test_two_people_of_the_lms_with_one_id_are_both_graded_and_both_are_told():
    files = [result("zoe_12_34_a.ipynb", "zoe", 1.0), result("adam_99_35_a.ipynb", "zoe", 2.0)]
    found = people.by_student(files, (), "canvas")
    assert list(found) == ["zoe (12)", "zoe (99)"]
    assert all("stands in files of several people" in p["notes"][0] for p in found.values())
    assert [line.split(":")[0] for line in people.doubts(found)] == ["zoe (12)", "zoe (99)"]


def test_whoever_stands_in_the_roster_keeps_the_id_and_their_own_number():
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("bob_18_2_a.ipynb", "ada", 2.0)]
    found = people.by_student(files, ROSTER, "canvas")
    assert (found["ada"]["name"], found["ada"]["canvas_id"]) == ("Ada L.", "17")
    assert found["bob"]["canvas_id"] == "18"
    assert "by the roster it is 'bob'" in " ".join(found["bob"]["notes"])
    assert people.missing(found, ROSTER) == []


def test_a_roster_without_numbers_of_the_lms_takes_nobody_away():
    roster = [{"id": "ada", "name": "Ada L."}]
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("bob_18_2_a.ipynb", "ada", 2.0)]
    assert people.by_student(files[:1], roster, "canvas")["ada"]["name"] == "Ada L."
    assert set(counted(*files, roster=roster, lms="canvas")) == {"ada (17)", "ada (18)"}
    assert set(counted(*files, lms="canvas")) == {"ada (17)", "ada (18)"}


def test_a_file_without_the_lms_joins_the_only_person_with_its_id():
    files = [result("ada_17_1_a.ipynb", "ada", 1.0), result("by mail/ada.ipynb", "ada", 2.0)]
    assert counted(*files, lms="canvas") == {"ada": "by mail/ada.ipynb"}
    found = people.by_student(files, (), "canvas")["ada"]
    assert found["name"] == "by mail"
    assert "not one that Canvas writes" in " ".join(found["doubts"])


def test_files_without_an_id_in_one_folder_are_all_graded():
    files = [result("week 1/a.ipynb"), result("week 1/b.ipynb"), result("c.ipynb")]
    assert set(counted(*files).values()) == {"week 1/a.ipynb", "week 1/b.ipynb", "c.ipynb"}
    assert counted(files[0]) == {"week 1": "week 1/a.ipynb"}
    assert counted(result("zoe.zip/race.ipynb")) == {"zoe": "zoe.zip/race.ipynb"}


def test_a_name_with_digits_is_no_name_of_canvas_unless_one_says_so():
    files = [result(f"{who}/protocols_2026_11_25.ipynb", who) for who in ("ann", "bob", "cy")]
    assert sorted(counted(*files)) == ["ann", "bob", "cy"]
    roster = [{"id": who} for who in ("ann", "bob", "cy", "dan")]
    found = people.by_student(files, roster)
    assert sorted(found) == ["ann", "bob", "cy"]
    assert all(person["doubts"] == [] for person in found.values())
    assert people.missing(found, roster) == [{"id": "dan"}]


def test_two_folders_with_one_id_are_two_people_and_both_are_told():
    files = [result("dora/race.ipynb", "dora", 1.0), result("mallory/race.ipynb", "dora", 2.0)]
    for above in ("", "in/", "all.zip/week 1/"):
        moved = [dict(file, file=above + file["file"]) for file in files]
        found = people.by_student(moved)
        assert list(found) == ["dora", "dora (mallory)"]
        assert all("several people" in " ".join(p["doubts"]) for p in found.values())


def test_a_file_that_bears_somebody_elses_id_of_the_roster_is_theirs():
    files = [result("dora.ipynb", "dora", 1.0), result("mallory.ipynb", "dora", 2.0)]
    roster = [{"id": "dora"}, {"id": "mallory"}]
    assert counted(*files, roster=roster) == {
        "dora": "dora.ipynb",
        "dora (mallory)": "mallory.ipynb",
    }


def test_a_blank_handout_beside_the_answers_does_not_count_whenever_it_came():
    answered = {"q1": {"status": "right"}}
    blank = {"q1": {"status": "unanswered"}}
    for time in (0.0, 1.0, 2.0):
        files = [
            result("ada/handin.ipynb", "ada", 1.0) | {"questions": answered},
            result("ada/race.ipynb", "ada", time) | {"questions": blank, "points": 0.0},
        ]
        found = people.by_student(files)["ada"]
        assert found["file"] == "ada/handin.ipynb"
        assert found["doubts"] == [
            "the file ada/race.ipynb does not count: nothing is answered in it"
        ]


def test_of_two_files_of_one_time_the_hand_in_counts_before_the_notebook():
    files = [
        result("ada/handin.ipynb", "ada") | {"recorded": True},
        result("ada/race.ipynb", "ada") | {"points": 3.0},
    ]
    found = people.by_student(files)["ada"]
    assert found["file"] == "ada/handin.ipynb"
    assert found["doubts"] == [
        "the file ada/race.ipynb does not count: another one does, with fewer points"
    ]


def test_lateness_is_read_from_the_name_that_canvas_writes():
    files = [result("zoe_LATE_12_34_a.ipynb", "zoe"), result("bob_13_35_a.ipynb", "bob")]
    found = people.by_student(files, (), "canvas")
    assert [person["late"] for person in found.values()] == [False, True]


def test_no_two_people_share_a_row_whatever_their_files_are_called():
    files = [result(f"{who}/{n}.ipynb", "x (a)" if n else "x") for who in "abc" for n in range(2)]
    found = people.by_student(files)
    assert sum(len(person["files"]) for person in found.values()) == len(files)
    assert len(found) == 6


def test_the_lms_that_names_files_is_seen():
    assert people.looks_like(["ada_17_1_a.ipynb", "bob_18_2_a.ipynb", "c.ipynb"]) == "canvas"
    assert people.looks_like(["A B_7_assignsubmission_file_/r.ipynb"]) == "moodle"
    assert people.looks_like(["ada.ipynb"]) is None


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
