"""Read the durations of a named range from Chrome traces, as PyTorch's profiler (Kineto) writes."""

import bisect
import gzip
import json
import re
from collections import Counter
from pathlib import Path

from ..simulation.progress import progress_bar

STEP = re.compile(r"ProfilerStep#(\d+)$")  # Kineto's mark of a step


def read_traces(rows, paths, unit, name, progress):
    """Add to `rows` the durations of the range of that name in every trace.

    A worker is a rank (Kineto writes it into the file), else a process of the trace, else the
    file. The step is the number of the `ProfilerStep` around the range, else the range's count.
    Durations of one process only: no two clocks are compared. A file is read into memory whole.
    """
    if not isinstance(name, str):
        raise TypeError(f"range must name the range to time in a Chrome trace, got {name!r}")
    if unit != "us":
        raise ValueError(f"unit must be 'us' for a Chrome trace: its durations are, got {unit!r}")
    seen = Counter()
    with progress_bar(len(paths), " files", progress) as bar:
        for path in map(Path, paths):
            events, rank = _load(path)
            _add(rows, events, name, rank, path.name, len(paths) > 1)
            seen.update(event["name"] for event in events)
            bar.update(1)
    if not len(rows.times):
        there = ", ".join(repr(known) for known, _ in seen.most_common(12)) or "none"
        raise ValueError(f"range must name a range of the trace, got {name!r}; it has {there}")


def _load(path):
    """Return the complete events of a trace, and the rank written into it or None."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        try:
            content = json.load(file)
        except json.JSONDecodeError as error:
            raise ValueError(f"path must be a Chrome trace in JSON, {path.name}: {error}") from None
    known = isinstance(content, dict)
    events = content.get("traceEvents", []) if known else content
    info = content.get("distributedInfo") if known else None
    wanted = [
        event
        for event in (events if isinstance(events, list) else [])
        if isinstance(event, dict)
        and event.get("ph") == "X"
        and {"name", "ts", "dur"} <= set(event)
    ]
    return wanted, info.get("rank") if isinstance(info, dict) else None


def _add(rows, events, name, rank, file, many):
    found = [event for event in events if event["name"] == name]
    if not found:
        return
    # the same range is written again for the GPU, with another category: keep the host's
    host = [event for event in found if not str(event.get("cat", "")).startswith("gpu")]
    found = sorted(host or found, key=lambda event: event["ts"])
    marks = sorted(
        (event["ts"], event["ts"] + event["dur"], STEP.match(event["name"]).group(1))
        for event in events
        if STEP.match(str(event["name"])) and not str(event.get("cat", "")).startswith("gpu")
    )
    counts, columns = Counter(), ([], [], [])
    for event in found:
        worker = rank if rank is not None else (file if many else event.get("pid", 0))
        step = _around(marks, event["ts"]) if marks else counts[worker]
        counts[worker] += 1
        if step is None:
            continue
        for column, value in zip(columns, (str(worker), str(step), event["dur"]), strict=True):
            column.append(value)
    rows.add(*columns, lambda i: f"range {i + 1} of {file}")


def _around(marks, moment):
    """Return the number of the step that a moment lies in, None outside all."""
    place = bisect.bisect_right(marks, (moment, float("inf"), "")) - 1
    return marks[place][2] if place >= 0 and moment < marks[place][1] else None
