"""Chrome traces, as PyTorch's profiler writes them: durations of a named range."""

import gzip
import json

import numpy as np
import pytest

from stragglers import jobs


def event(name, start, duration, **more):
    return {"ph": "X", "name": name, "ts": start, "dur": duration, "pid": 7, "tid": 1, **more}


def profile(rank, durations, clock=0.0, first=0):
    """Return a trace of one rank: a range in every profiled step, and its twin on the GPU."""
    events = [{"ph": "M", "name": "process_name", "pid": 7}]
    for i, duration in enumerate(durations):
        start = clock + 1000 * i
        events.append(event(f"ProfilerStep#{first + i}", start, 900))
        events.append(event("backward", start + 10, duration, cat="user_annotation"))
        events.append(event("backward", start + 20, 1, cat="gpu_user_annotation"))
    return {"schemaVersion": 1, "distributedInfo": {"rank": rank}, "traceEvents": events}


@pytest.fixture
def traces(tmp_path):
    """Two ranks whose clocks differ by an hour and whose profiles begin at other steps."""
    paths = [tmp_path / "rank0.json", tmp_path / "rank1.json.gz"]
    paths[0].write_text(json.dumps(profile(0, [300, 310, 320], first=4)), "utf-8")
    with gzip.open(paths[1], "wt", encoding="utf-8") as file:
        json.dump(profile(1, [500, 510, 520], clock=3.6e9, first=5), file)
    return paths


def test_the_ranks_of_a_job_are_put_side_by_side_by_the_number_of_the_step(traces):
    table = jobs.read(traces, unit="us", range="backward")
    assert table.workers == ("0", "1")
    assert table.steps.tolist() == [5, 6]
    np.testing.assert_allclose(table.times, [[310e-6, 500e-6], [320e-6, 510e-6]], rtol=1e-12)
    assert table.notes[0].startswith("2 of 4 steps (50.0%) are left out")


def test_without_marks_of_steps_ranges_are_counted_and_processes_are_workers(tmp_path):
    events = [event("step", 10 * i, 5 + i, pid=pid) for pid in (3, 12) for i in range(2)]
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(events), "utf-8")
    table = jobs.read(path, unit="us", range="step")
    assert table.workers == ("3", "12")
    np.testing.assert_allclose(table.times, [[5e-6, 5e-6], [6e-6, 6e-6]])


def test_the_range_is_named_and_the_unit_is_the_trace_s_own(traces):
    with pytest.raises(TypeError, match="range must name the range to time"):
        jobs.read(traces, unit="us")
    with pytest.raises(ValueError, match="got 'forward'; it has 'backward', 'ProfilerStep#"):
        jobs.read(traces, unit="us", range="forward")
    with pytest.raises(ValueError, match="unit must be 'us' for a Chrome trace"):
        jobs.read(traces, unit="ms", range="backward")
    with pytest.raises(TypeError, match="unit must be one of"):
        jobs.read(traces, range="backward")


def test_a_file_that_is_no_trace_is_refused(tmp_path):
    path = tmp_path / "trace.json"
    path.write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"must be a Chrome trace in JSON, trace\.json"):
        jobs.read(path, unit="us", range="step")
    path.write_text('{"traceEvents": 3}', "utf-8")
    with pytest.raises(ValueError, match="it has none"):
        jobs.read(path, unit="us", range="step")
