"""The command `stragglers`: a report on a job, for whoever never opens a notebook."""

import argparse
import json
import sys
from pathlib import Path

from .assemble import REPEATS, UNITS
from .read import read
from .recorded import JOBS, recorded
from .report import report

TOP = """Why are the steps of a training job slow, and what would help?

  stragglers job table.csv --unit s
  stragglers job table.csv --unit ms --html report.html
  stragglers job rank0.json rank1.json --unit us --range forward_backward
  stragglers job --recorded AR

The table has a row for each worker and step, with the columns worker, step and seconds (or name
yours): the time until the worker's last gradient is ready, before the collective begins.
"""


def parser():
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        "stragglers", description=TOP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    job = commands.add_parser("job", help="report on a table of measured times")
    job.add_argument("path", nargs="*", help="CSV or Parquet file, or Chrome traces")
    job.add_argument("--recorded", choices=tuple(JOBS), help="report on a job that the book ships")
    job.add_argument("--unit", choices=tuple(UNITS), help="of the times in the file")
    for name in ("worker", "step", "seconds"):
        job.add_argument(f"--{name}", default=name, metavar="COLUMN", help=f"its column ({name})")
    job.add_argument("--range", metavar="NAME", help="the range to time in a Chrome trace")
    job.add_argument("--repeats", choices=REPEATS, default="raise", help="several times of a pair")
    job.add_argument(
        "--communication", type=float, default=0.0, metavar="S",
        help="seconds that every step adds to its slowest worker (0)",
    )  # fmt: skip
    job.add_argument("--seed", type=int, default=0, help="of the resampling (0)")
    job.add_argument("--html", metavar="FILE", help="write a page that stands alone")
    job.add_argument("--json", action="store_true", help="print JSON instead of text")
    job.set_defaults(run=run_job)
    return top


def run_job(arguments):
    """Print or write the report; return the exit code."""
    progress = sys.stderr.isatty()
    table = _table(arguments, progress)
    found = report(table, arguments.seed, communication=arguments.communication, progress=progress)
    if arguments.html:
        Path(arguments.html).write_text(found.html(), "utf-8")
    print(json.dumps(found.to_dict(), indent=1, allow_nan=False) if arguments.json else found)
    return 0


def _table(arguments, progress):
    if arguments.recorded:
        if arguments.path:
            raise ValueError("path must not be given beside --recorded")
        return recorded(arguments.recorded)
    if not arguments.path:
        raise ValueError("path must be given, or --recorded SE, AR or ST")
    paths = arguments.path if len(arguments.path) > 1 else arguments.path[0]
    names = ("unit", "worker", "step", "seconds", "repeats", "range")
    return read(paths, progress=progress, **{name: getattr(arguments, name) for name in names})


def main(argv=None):
    """Run the command line; bad input is one line on stderr and exit code 2."""
    arguments = parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except BrokenPipeError:  # whoever reads has read enough
        sys.stderr.close()
        return 0
    except (ValueError, TypeError, ImportError, OSError) as error:
        print(f"stragglers {arguments.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
