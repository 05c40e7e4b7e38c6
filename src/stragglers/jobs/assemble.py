"""From the rows of a file to a `Table`: nothing is filled in, and all that is left out is said."""

import re
from array import array
from itertools import pairwise

import numpy as np

from .table import Table, shorten

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0}
REPEATS = ("raise", "sum", "max", "last")
SPARSE = 20  # cells a row of the file: above it worker and step cannot be the right columns
SHOWN = 5  # examples of what is left out


class Codes(dict):
    """The numbers 0, 1, ... of names, in the order in which they first come."""

    def __missing__(self, name):
        self[name] = len(self)
        return self[name]


class Rows:
    """Rows (worker, step, seconds) as they come from a file: 16 bytes each.

    A time that is not one stays as nan, so that its step is left out, and is noted.
    """

    def __init__(self, unit):
        if not isinstance(unit, str):
            raise TypeError(f"unit must be one of {', '.join(UNITS)}, got {unit!r}")
        if unit not in UNITS:
            raise ValueError(f"unit must be one of {', '.join(UNITS)}, got {unit!r}")
        self.scale = UNITS[unit]
        self.workers, self.steps = Codes(), Codes()
        self.worker_codes, self.step_codes, self.times = array("i"), array("i"), array("d")
        self.bad, self.examples = 0, []

    def add(self, workers, steps, times, place):
        """Take rows: names, names, texts or numbers, and the function from a row to its place."""
        try:
            values = np.array(times, dtype=float)
        except (TypeError, ValueError):
            values = np.array([_number(time) for time in times])
        for i in np.flatnonzero(~(np.isfinite(values) & (values >= 0))).tolist():
            self.leave_out(place(i), f"{times[i]!r} is not a time")
            values[i] = np.nan
        self.worker_codes.extend([self.workers[name] for name in workers])
        self.step_codes.extend([self.steps[name] for name in steps])
        self.times.frombytes((values * self.scale).tobytes())

    def leave_out(self, place, why):
        """Note a row that is left out, and its place in the file, such as "line 6"."""
        self.bad += 1
        if len(self.examples) < SHOWN:
            self.examples.append(f"{place} ({why})")

    def table(self, repeats="raise"):
        """Return the `Table`; ValueError for repeated pairs (see `read`) or without a whole step.

        The order of the rows does not matter, except to repeats="last".
        """
        if repeats not in REPEATS:
            raise ValueError(f"repeats must be one of {', '.join(REPEATS)}, got {repeats!r}")
        notes = []
        if self.bad:
            more = " and others" if self.bad > len(self.examples) else ""
            notes.append(f"{_rows(self.bad)} left out: {', '.join(self.examples)}{more}.")
        if not len(self.times):
            raise ValueError(" ".join(["the file has no row with a time.", *notes]))
        workers, worker = _sorted(self.workers, self.worker_codes)
        steps, step = _sorted(self.steps, self.step_codes)
        shape = len(steps), len(workers)
        if shape[0] * shape[1] > max(SPARSE * len(self.times), 1000):
            raise ValueError(
                f"worker and step must be the columns whose pairs have a time each, got "
                f"{shape[0]} steps and {shape[1]} workers in {len(self.times)} rows"
            )
        seconds = np.frombuffer(self.times)
        names = workers, steps
        times = _fill(step * shape[1] + worker, seconds, shape, repeats, *names)
        whole = ~np.isnan(times).any(axis=1)
        notes += _missing(times, whole, workers, steps)
        if not whole.any():
            raise ValueError(" ".join(["no step has a time of every worker.", *notes]))
        table = Table(times[whole], _numbers(steps)[whole], workers)
        _refuse_stamps(table)
        return Table(table.times, table.steps, workers, (*notes, *_odd_units(table)))


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return np.nan


def _rows(number):
    return "1 row is" if number == 1 else f"{number} rows are"


def _natural(name):
    """Return the key that sorts names as people do: "9" before "10", "gpu2" before "gpu10"."""
    try:
        return 0, float(name), ()
    except ValueError:
        parts = re.split(r"(\d+)", str(name))
        return 1, 0.0, tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def _sorted(codes, used):
    """Return the names in order, and for every row the place of its name."""
    names = list(codes)
    order = sorted(range(len(names)), key=lambda i: _natural(names[i]))
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return [names[i] for i in order], place[np.frombuffer(used, dtype=np.intc)]


def _numbers(steps):
    """Return the steps as whole numbers where all of them are, else as they are."""
    try:
        numbers = np.array(steps, dtype=float)
    except ValueError:
        return np.array([str(step) for step in steps])
    whole = np.all(np.isfinite(numbers) & (np.abs(numbers) < 2**53) & (numbers == np.rint(numbers)))
    return numbers.astype(np.int64) if whole else np.array([str(step) for step in steps])


def _fill(cells, times, shape, repeats, workers, steps):
    """Return the times in their cells, nan where there is none."""
    counts = np.bincount(cells, minlength=shape[0] * shape[1])
    if repeats == "raise" and counts.max() > 1:
        step, worker = divmod(int(np.argmax(counts > 1)), shape[1])
        raise ValueError(
            f"worker {workers[worker]} has {counts.max()} times of step {steps[step]}, and "
            f"{np.sum(counts > 1)} pairs have more than one: give repeats='sum', 'max' or 'last'"
        )
    if repeats == "sum":
        filled = np.bincount(cells, weights=times, minlength=len(counts))
    else:
        filled = np.zeros(len(counts))
        with np.errstate(invalid="ignore"):  # a nan among repeats spoils its pair
            np.maximum.at(filled, cells, times) if repeats == "max" else filled.put(cells, times)
    return np.where(counts == 0, np.nan, filled).reshape(shape)


def _missing(times, whole, workers, steps):
    """Return notes on the steps left out, and on the workers that join late or leave early."""
    if whole.all():
        return []
    lacking, notes = np.isnan(times), []
    share = f"{np.sum(~whole)} of {len(steps)} steps ({np.mean(~whole):.1%})"
    for i, worker in enumerate(workers):
        here = np.flatnonzero(~lacking[:, i])
        if not len(here):
            notes.append(f"Worker {worker} has no time at all.")
            continue
        if here[0] > 1:
            notes.append(f"Worker {worker} joins at step {steps[here[0]]}.")
        if len(steps) - 1 - here[-1] > 1:
            notes.append(f"Worker {worker} has no time after step {steps[here[-1]]}.")
    first = int(np.argmin(whole))
    who = shorten([workers[i] for i in np.flatnonzero(lacking[first])], SHOWN)
    notes.append(
        f"{share} are left out: a time is missing. Step {steps[first]} lacks worker {who}."
    )
    return notes


def _odd_units(table):
    """Return a note on every worker whose times are 100 times the others', or a hundredth."""
    usual = np.median(table.times, axis=0)
    middle = np.sort(usual)[(len(usual) - 1) // 2]
    notes = []
    for worker, time in zip(table.workers, usual.tolist(), strict=True):
        if min(middle, time) > 0 and not 0.01 < time / middle < 100:
            times = f"{time / middle:.4g} times the others'"
            notes.append(f"Worker {worker}'s times are {times}: another unit? They are kept as is.")
    return notes


def _refuse_stamps(table):
    """Raise ValueError where the "durations" only ever grow: moments on a clock."""
    first, last = table.times[0], table.times[-1]
    rising = len(table.times) >= 8 and all(np.all(a < b) for a, b in pairwise(table.times))
    if (rising and np.all(last - first < first * 1e3)) or np.all(table.times > 1e8):
        clocks = first.max() - first.min() > (last - first).max()
        many = ", and of more than one clock" if clocks and len(first) > 1 else ""
        raise ValueError(
            f"seconds must be durations, got what looks like moments on a clock{many}: they grow "
            "with every step. Subtract start from end on the machine that took both."
        )
