"""Print what a table of 10^6 measured times costs to read and report: `python benchmarks/jobs.py`.

The rival reads the same file with csv.reader into a dictionary. Exits with 1 if a bound is missed.
"""

import csv
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from stragglers import jobs

STEPS, WORKERS = 15_625, 64
MOST_MEMORY = 250  # MB above what the imports take


def write(path):
    times = np.random.default_rng(0).gamma(4, 1, size=(STEPS, WORKERS)).tolist()
    with path.open("w") as file:
        file.write("worker,step,seconds\n")
        for step, row in enumerate(times):
            file.write("".join(f"rank{i},{step},{t:.6f}\n" for i, t in enumerate(row)))


def plain(path):
    with path.open() as file:
        return {(row[0], row[1]): float(row[2]) for row in list(csv.reader(file))[1:]}


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steps.csv"
        write(path)
        before, start = memory(), time.process_time()
        table = jobs.read(path, unit="s")
        read = time.process_time() - start
        start = time.process_time()
        jobs.report(table)
        report, peak = time.process_time() - start, memory() - before
        start = time.process_time()
        plain(path)
        rival = time.process_time() - start
    print(f"{STEPS * WORKERS} rows: read {read:.2f} s, report {report:.2f} s, {peak:.0f} MB more")
    print(f"csv.reader into a dictionary: {rival:.2f} s; ours takes {read / rival:.2f} of it")
    return int(peak > MOST_MEMORY or read > 3 * rival)


if __name__ == "__main__":
    sys.exit(main())
