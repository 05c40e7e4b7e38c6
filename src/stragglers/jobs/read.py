"""Read a table of measured times from a file: CSV, Parquet, or a Chrome (Kineto) trace."""

import csv
import io
from itertools import islice
from operator import itemgetter
from pathlib import Path

from ..simulation.progress import progress_bar
from .assemble import Rows
from .chrome_trace import read_traces

CHUNK = 50_000  # rows at a time


def read(
    path,
    *,
    unit=None,
    worker="worker",
    step="step",
    seconds="seconds",
    repeats="raise",
    range=None,
    progress=False,
):
    """Return the `Table` of a file with a row for each (worker, step), in any order.

    - path: a .csv file with a header (or .tsv, or with semicolons), a .parquet file (needs the
      package pyarrow), or a Chrome trace as PyTorch's profiler writes it (.json, .json.gz), or a
      list of such traces, one a worker.
    - unit: of the times: s, ms, us, ns or min. The table is in seconds.
    - worker, step, seconds: the names of the three columns; durations, not moments on a clock.
    - repeats: what to do with several times of one pair, as when a step has micro-batches: "raise"
      ValueError, or take their "sum", their "max" or the "last".
    - range: for a trace, the name of the range to time, such as "forward_backward".
    - progress: show a bar. A file of 10^6 rows takes seconds and 100 MB.

    What is not a time is left out with the number of its line, a step without the time of some
    worker is left out, and the table's notes say so. TypeError without a unit; ValueError for an
    unknown column, for repeats, for moments instead of durations, or if no whole step is left.
    """
    rows = Rows(unit)
    paths = path if isinstance(path, (list, tuple)) else [path]
    if not paths:
        raise ValueError(f"path must name a file, got {path!r}")
    kinds = {"".join(Path(name).suffixes[-2:]).lower() for name in paths}
    traces = all(kind.endswith((".json", ".json.gz")) for kind in kinds)
    if traces:
        read_traces(rows, paths, unit, range, progress)
    elif range is not None:
        raise ValueError(f"range is for a Chrome trace (.json, .json.gz), got {path!r}")
    elif len(paths) > 1:
        raise ValueError(f"path must be one file, or a list of Chrome traces, got {path!r}")
    else:
        names = {"worker": worker, "step": step, "seconds": seconds}
        parquet = Path(paths[0]).suffix.lower() in (".parquet", ".pq")
        (_read_parquet if parquet else _read_csv)(rows, Path(paths[0]), names, progress)
    return rows.table(repeats)


def _places(columns, names, path):
    """Return where the three columns are, or raise ValueError with the columns that there are."""
    for argument, name in names.items():
        if name not in columns:
            there = ", ".join(map(repr, columns)) or "none: the file is empty"
            raise ValueError(
                f"{argument} must be a column of {path.name}, got {name!r}; it has {there}"
            )
    return [columns.index(name) for name in names.values()]


def _read_csv(rows, path, names, progress):
    size = path.stat().st_size
    with path.open("rb") as raw, progress_bar(size, "B", progress) as bar:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        head = text.readline()
        if head.startswith("PAR1"):
            raise ValueError(f"path must end in .parquet for a Parquet file, got {path.name!r}")
        delimiter = max(",;\t", key=head.count)
        columns = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
        pick = itemgetter(*_places(columns, names, path))
        reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
        line, seen = 1, 0
        while chunk := list(islice(reader, CHUNK)):
            _add_chunk(rows, chunk, pick, line)
            line = 1 + reader.line_num
            bar.update(raw.tell() - seen)
            seen = raw.tell()


def _add_chunk(rows, chunk, pick, before):
    """Add the rows of a CSV file that follow line `before`; say which are too short or unnamed."""
    lines = range(before + 1, before + 1 + len(chunk))
    try:
        columns = list(zip(*map(pick, chunk), strict=True))
        whole = "" not in columns[0] and "" not in columns[1]
    except IndexError:
        whole = False
    if not whole:
        kept = []
        for line, row in zip(lines, chunk, strict=True):
            try:
                worker, step, _ = found = pick(row)
            except IndexError:
                if row:
                    rows.leave_out(f"line {line}", f"{len(row)} fields")
                continue
            if worker and step:
                kept.append((line, *found))
            else:
                rows.leave_out(f"line {line}", "no worker or no step")
        if not kept:
            return
        lines, *columns = zip(*kept, strict=True)
    rows.add(*columns, lambda i: f"line {lines[i]}")


def _read_parquet(rows, path, names, progress):
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ImportError(
            f"reading {path.name} needs the package pyarrow; a .csv file needs nothing"
        ) from error
    file = ParquetFile(path)
    _places(list(file.schema_arrow.names), names, path)
    before = 0
    with progress_bar(file.metadata.num_rows, " rows", progress) as bar:
        for batch in file.iter_batches(CHUNK, columns=list(dict.fromkeys(names.values()))):
            columns = [batch.column(name).to_pylist() for name in names.values()]
            _add_values(rows, columns, before)
            before += len(columns[0])
            bar.update(len(columns[0]))


def _add_values(rows, columns, before):
    kept = []
    for number, found in enumerate(zip(*columns, strict=True), before + 1):
        if found[0] is None or found[1] is None:
            rows.leave_out(f"row {number}", "no worker or no step")
        else:
            kept.append((number, str(found[0]), str(found[1]), found[2]))
    if kept:
        numbers, *named = zip(*kept, strict=True)
        rows.add(*named, lambda i: f"row {numbers[i]}")
