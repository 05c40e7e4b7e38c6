"""The command `stragglers job`."""

import json
import subprocess
import sys

import pytest

from stragglers.jobs.command import main


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "steps.csv"
    rows = "".join(f"{w},{s},{1 + (s * (w + 1)) % 7}\n" for w in range(3) for s in range(30))
    path.write_text("worker,step,seconds\n" + rows, "utf-8")
    return path


def test_a_table_gives_a_report(path, capsys):
    assert main(["job", str(path), "--unit", "s"]) == 0
    assert capsys.readouterr().out.startswith("A step takes ")


def test_a_page_and_json_are_written(path, tmp_path, capsys):
    page = tmp_path / "report.html"
    assert main(["job", str(path), "--unit", "ms", "--html", str(page), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["steps"] == 30
    assert found["workers"] == ["0", "1", "2"]
    assert found["ladder"]["rungs"]["measured"] < 0.007
    assert {answer["protocol"][:4] for answer in found["helps"]} >= {"Sync", "Asyn"}
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_recorded_job_needs_no_file(capsys):
    assert main(["job", "--recorded", "AR"]) == 0
    assert "Worker 0: the last in 100% of the steps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "path must be given, or --recorded SE, AR or ST"),
        (["PATH"], "unit must be one of s, ms"),
        (["PATH", "--unit", "s", "--worker", "rank"], "worker must be a column of steps.csv"),
        (["nowhere.csv", "--unit", "s"], "No such file"),
        (["PATH", "--recorded", "AR"], "path must not be given beside --recorded"),
        (["PATH", "--unit", "s", "--communication", "-1"], "communication must be a finite number"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(path, capsys, arguments, message):
    assert main(["job", *(str(path) if word == "PATH" else word for word in arguments)]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.slow
def test_it_loads_no_drawing_unless_it_draws(path):
    code = (
        "import sys; from stragglers.jobs.command import main; "
        f"main(['job', {str(path)!r}, '--unit', 's']); "
        "print([m for m in ('matplotlib', 'tqdm', 'ipywidgets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
