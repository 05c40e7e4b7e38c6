"""Tables from files: every bad one has its right outcome, and nothing is filled in."""

import sys
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from stragglers import jobs

HEAD = "worker,step,seconds\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="steps.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def lines(times, workers=None, steps=None):
    """Return the rows of a table as a list of lines."""
    times = np.asarray(times)
    workers = workers or range(times.shape[1])
    steps = range(len(times)) if steps is None else steps
    return [
        f"{worker},{step},{times[s, w]!r}\n".replace("np.float64(", "").replace(")", "")
        for s, step in enumerate(steps)
        for w, worker in enumerate(workers)
    ]


def draws(steps=12, workers=3, seed=1):
    return np.random.default_rng(seed).gamma(4, 1, size=(steps, workers))


def test_a_table_is_read_in_seconds_whatever_the_order_of_its_rows(write):
    times = draws()
    rows = lines(times)
    table = jobs.read(write(HEAD + "".join(rows)), unit="s")
    np.testing.assert_array_equal(table.times, times)
    assert table.workers == ("0", "1", "2")
    assert table.steps.tolist() == list(range(12))
    assert table.notes == ()
    shuffled = np.random.default_rng(0).permutation(rows)
    again = jobs.read(write(HEAD + "".join(shuffled)), unit="s")
    np.testing.assert_array_equal(again.times, times)
    assert again.workers == table.workers


@pytest.mark.parametrize(
    ("unit", "scale"), [("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("min", 60)]
)
def test_times_come_in_the_unit_that_is_named(write, unit, scale):
    table = jobs.read(write(HEAD + "a,0,250\na,1,125\n"), unit=unit)
    np.testing.assert_allclose(table.times, np.array([[250.0], [125.0]]) * scale, rtol=1e-15)


def test_a_unit_is_never_guessed(write):
    path = write(HEAD + "a,0,1\n")
    with pytest.raises(TypeError, match="unit must be one of s, ms, us, ns, min, got None"):
        jobs.read(path)
    with pytest.raises(ValueError, match=r"unit must be one of .* got 'seconds'"):
        jobs.read(path, unit="seconds")


def test_names_are_put_in_the_order_of_people(write):
    text = HEAD + "".join(f"{w},{s},{1 + w}\n" for w in (10, 9, 2) for s in (0, 1))
    table = jobs.read(write(text), unit="s")
    assert table.workers == ("2", "9", "10")
    np.testing.assert_array_equal(table.times[0], [3, 10, 11])
    text = HEAD + "".join(f"gpu{w},s{s},{1 + w}\n" for w in (10, 9) for s in (11, 2))
    table = jobs.read(write(text), unit="s")
    assert table.workers == ("gpu9", "gpu10")
    assert table.steps.tolist() == ["s2", "s11"]


def test_columns_may_be_named_and_stand_anywhere(write):
    path = write("time;x;rank;iteration\n5;0;1;7\n6;0;0;7\n")
    names = {"worker": "rank", "step": "iteration", "seconds": "time"}
    table = jobs.read(path, unit="ms", **names)
    np.testing.assert_allclose(table.times, [[0.006, 0.005]])
    assert table.steps.tolist() == [7]


def test_an_unknown_column_is_refused_with_the_columns_that_there_are(write):
    with pytest.raises(
        ValueError,
        match=r"a column of steps\.csv, got 'worker'; it has 'rank', 'step'",
    ):
        jobs.read(write("rank,step,seconds\n0,0,1\n"), unit="s")
    with pytest.raises(ValueError, match="it has none: the file is empty"):
        jobs.read(write(""), unit="s")
    with pytest.raises(ValueError, match="the file has no row with a time"):
        jobs.read(write(HEAD), unit="s")


def test_a_missing_pair_leaves_its_step_out_and_says_so(write):
    rows = lines(draws())
    del rows[3 * 5 + 1]
    table = jobs.read(write(HEAD + "".join(rows)), unit="s")
    assert table.times.shape == (11, 3)
    assert 5 not in table.steps
    assert table.notes == (
        "1 of 12 steps (8.3%) are left out: a time is missing. Step 5 lacks worker 1.",
    )


def test_a_pair_twice_is_an_error_unless_told_what_to_do(write):
    path = write(HEAD + "a,0,1\nb,0,3\na,0,2\nb,1,7\na,1,8\n")
    with pytest.raises(ValueError, match="worker a has 2 times of step 0, and 1 pairs have more"):
        jobs.read(path, unit="s")
    for repeats, value in (("sum", 3), ("max", 2), ("last", 2)):
        table = jobs.read(path, unit="s", repeats=repeats)
        np.testing.assert_array_equal(table.times, [[value, 3], [8, 7]])
    with pytest.raises(
        ValueError, match="repeats must be one of raise, sum, max, last, got 'mean'"
    ):
        jobs.read(path, unit="s", repeats="mean")


@pytest.mark.parametrize("bad", ["nan", "-1", "inf", "n/a", ""])
def test_what_is_no_time_is_left_out_with_its_line_and_never_0(write, bad):
    rows = lines(draws())
    rows[4] = f"1,1,{bad}\n"
    table = jobs.read(write(HEAD + "".join(rows)), unit="s")
    assert table.times.shape == (11, 3)
    assert 1 not in table.steps
    assert table.times.min() > 0
    assert table.notes[0] == f"1 row is left out: line 6 ({bad!r} is not a time)."


@pytest.mark.parametrize("repeats", ["sum", "max", "last"])
def test_a_bad_time_among_repeats_spoils_its_pair(write, repeats):
    path = write(HEAD + "a,0,2\na,0,nan\na,1,3\n")
    table = jobs.read(path, unit="s", repeats=repeats)
    assert table.steps.tolist() == [1]


def test_short_and_nameless_rows_are_left_out_and_counted(write):
    rows = [*lines(draws()), "0,77\n", "\n", ",3,4\n"]
    table = jobs.read(write(HEAD + "".join(rows)), unit="s")
    assert table.times.shape == (12, 3)
    assert table.notes == (
        "2 rows are left out: line 38 (2 fields), line 40 (no worker or no step).",
    )


def test_one_worker_in_milliseconds_is_said_and_never_rescaled(write):
    times = draws(200)
    times[:, 2] = times[:, 2] * 1000
    table = jobs.read(write(HEAD + "".join(lines(times))), unit="s")
    ratio = np.median(times[:, 2]) / np.median(times[:, :2], axis=0).max()
    assert table.notes == (
        f"Worker 2's times are {ratio:.4g} times the others': another unit? They are kept as is.",
    )
    np.testing.assert_array_equal(table.times, times)


def test_who_joins_late_or_dies_is_named_with_the_step(write):
    rows = lines(draws(20))
    late = [row for row in rows if not (row.startswith("0,") and int(row.split(",")[1]) < 5)]
    table = jobs.read(write(HEAD + "".join(late)), unit="s")
    assert table.notes[0] == "Worker 0 joins at step 5."
    assert table.notes[1].startswith("5 of 20 steps (25.0%) are left out")
    dead = [row for row in rows if not (row.startswith("2,") and int(row.split(",")[1]) > 9)]
    table = jobs.read(write(HEAD + "".join(dead)), unit="s")
    assert table.notes[0] == "Worker 2 has no time after step 9."
    assert table.notes[1].startswith("10 of 20 steps (50.0%) are left out")
    never = [row for row in late if not (row.startswith("2,") and int(row.split(",")[1]) > 4)]
    with pytest.raises(ValueError, match=r"no step has a time of every worker.* joins at step 5"):
        jobs.read(write(HEAD + "".join(never)), unit="s")


def test_moments_on_a_clock_are_refused(write):
    durations = draws(20)
    stamps = np.cumsum(durations.max(axis=1, keepdims=True), axis=0) + durations
    one, two = stamps + 1e4, stamps + np.array([1e4, 5e6, 9e7])
    with pytest.raises(ValueError, match="moments on a clock: they grow"):
        jobs.read(write(HEAD + "".join(lines(np.sort(one, axis=0)))), unit="s")
    with pytest.raises(ValueError, match="and of more than one clock"):
        jobs.read(write(HEAD + "".join(lines(np.sort(two, axis=0)))), unit="s")
    with pytest.raises(ValueError, match="moments on a clock"):
        jobs.read(write(HEAD + "a,0,1764100000\nb,0,1764100001\n"), unit="s")


def test_swapped_columns_do_not_fill_the_memory(write):
    rows = "".join(f"{i},{i},1.0\n" for i in range(3000))
    with pytest.raises(ValueError, match="3000 steps and 3000 workers in 3000 rows"):
        jobs.read(write(HEAD + rows), unit="s")


def test_other_files_are_refused_by_name(write):
    with pytest.raises(ValueError, match=r"must end in \.parquet"):
        jobs.read(write("PAR1\x00\n", "steps.csv"), unit="s")
    with pytest.raises(ValueError, match="range is for a Chrome trace"):
        jobs.read(write(HEAD), unit="s", range="forward")
    path = write(HEAD)
    with pytest.raises(ValueError, match="path must be one file, or a list of Chrome traces"):
        jobs.read([path, path], unit="s")
    with pytest.raises(ValueError, match="path must name a file"):
        jobs.read([], unit="s")


class ParquetFile:
    """What pyarrow gives of a Parquet file, as far as it is used."""

    columns: ClassVar = {
        "worker": [0, 1, 0, None, 1],
        "step": [0, 0, 1, 1, 1],
        "seconds": [1.5, 2, 3, 9, None],
    }

    def __init__(self, path):
        self.schema_arrow = SimpleNamespace(names=list(self.columns))
        self.metadata = SimpleNamespace(num_rows=5)

    def iter_batches(self, size, columns):
        for part in (slice(0, 3), slice(3, 5)):
            cells = {name: self.columns[name][part] for name in columns}
            yield SimpleNamespace(
                column=lambda name, cells=cells: SimpleNamespace(to_pylist=lambda: cells[name])
            )


def test_a_parquet_file_is_read_in_batches(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace())
    module = SimpleNamespace(ParquetFile=ParquetFile)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)
    table = jobs.read(tmp_path / "steps.parquet", unit="s")
    np.testing.assert_array_equal(table.times, [[1.5, 2]])
    assert table.notes[0] == (
        "2 rows are left out: row 4 (no worker or no step), row 5 (None is not a time)."
    )
    with pytest.raises(ValueError, match="it has 'worker', 'step', 'seconds'"):
        jobs.read(tmp_path / "steps.parquet", unit="s", seconds="time")


def test_without_pyarrow_a_parquet_file_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="needs the package pyarrow"):
        jobs.read(tmp_path / "steps.parquet", unit="s")


def test_a_bar_is_shown_when_asked_for(write, capsys):
    path = write(HEAD + "".join(lines(draws())))
    jobs.read(path, unit="s")
    assert capsys.readouterr().err == ""
    jobs.read(path, unit="s", progress=True)
    assert "100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("times", "named", "message"),
    [
        ([1, 2], {}, r"times must have shape \(steps, workers\), got \(2,\)"),
        (np.ones((0, 2)), {}, r"got \(0, 2\)"),
        ([[1, -2]], {}, "times must be finite numbers of at least 0, got -2"),
        ([[1, np.nan]], {}, "got nan"),
        ([[0, 0]], {}, "times must not all be 0"),
        ([[1, 2]], {"workers": ["a", "a"]}, r"workers must be 2 different names, got \['a', 'a'\]"),
        ([[1, 2]], {"steps": [1, 2]}, r"steps must have shape \(1,\), got \(2,\)"),
    ],
)
def test_a_table_of_nonsense_is_refused(times, named, message):
    with pytest.raises(ValueError, match=message):
        jobs.Table(times, **named)


def test_workers_are_left_out_by_name():
    table = jobs.Table([[1, 2, 3]], workers=["a", "b", "c"])
    np.testing.assert_array_equal(table.without(["b"]).times, [[1, 3]])
    with pytest.raises(ValueError, match="worker must be one of a, b, c, got 'd'"):
        table.without(["d"])
    with pytest.raises(ValueError, match="without must leave a worker"):
        table.without(["a", "b", "c"])
