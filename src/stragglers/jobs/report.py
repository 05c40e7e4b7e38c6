"""The report on a job: one number first, then who, since when, why, what would help, how sure."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from ..checks import check_time
from ..protocols.asynchronous import Async
from ..protocols.synchronous import KSync, Sync
from .ladder import Ladder, climb
from .shares import Shares, variance_shares
from .table import Table
from .what_if import best_k, held_out, what_if

PARTS = 8  # of the record, to say since when
LITTLE = 0.02  # of a step: waiting below this is hardly worth a change
AFTER_BARRIER = 0.98, 1.1  # workers correlated above, slowed down below: their times end together
KINDS = ("none", "after the barrier", "hardly", "machine", "spells", "chance")


@dataclass(frozen=True)
class Slowest:
    """The worker that costs most: leaving it out saves most of the mean step.

    name; last: the share of steps it is the last of; saves, in seconds a step; since: (first,
    last) recorded step of the stretch in which it is slow, and whether that is the whole record.
    """

    name: str
    last: float
    saves: float
    since: tuple
    throughout: bool


@dataclass(frozen=True, repr=False)
class Report:
    """What a table says: `str()` is the text; in a notebook it shows as a page with a picture.

    - table: the `Table`; seed: of the resampling; communication: seconds that every step adds.
    - slowdown, slowdown_error: the mean step over the mean time of one worker, and its error.
    - kind: "machine", "chance", "spells", "hardly" (hardly any waiting), "after the barrier" (the
      times were taken where everybody had waited) or "none" (one worker).
    - slowest: the `Slowest`; shares: the `Shares`; ladder: the `Ladder`; held: the `HeldOut` or
      None; best: the `BestK`; helps: a `WhatIf` for each of what might help. None for one worker.
    """

    table: Table
    seed: int
    communication: float
    slowdown: float
    slowdown_error: float
    kind: str
    slowest: Slowest | None = None
    shares: Shares | None = None
    ladder: Ladder | None = None
    held: object = None
    best: object = None
    helps: tuple = ()

    def __str__(self):
        from .words import as_text

        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self):
        from .page import as_fragment

        return as_fragment(self)

    def html(self):
        """Return a page of its own as text: the report and its picture, nothing from elsewhere."""
        from .page import as_page

        return as_page(self)

    def draw(self, ax):
        """Draw the ladder on matplotlib axes and return the sentence that says what it shows."""
        from .picture import draw_ladder

        return draw_ladder(ax, self)

    def to_dict(self):
        """Return the numbers as a dictionary that `json` takes; what is not known is None."""
        table = self.table
        known = {
            "steps": len(table.times),
            "workers": list(table.workers),
            "notes": list(table.notes),
            "unit": "s",
            **{name: getattr(self, name) for name in ("seed", "communication", "kind")},
            "slowdown": self.slowdown,
            "slowdown_error": self.slowdown_error,
        }
        for name in ("slowest", "shares", "ladder", "held", "best"):
            part = getattr(self, name)
            known[name] = None if part is None else asdict(part)
        known["helps"] = [
            asdict(answer) | {"protocol": repr(answer.protocol)} for answer in self.helps
        ]
        return _plain(known)


def _plain(value):
    """Return the value in JSON's own types, None for what is not a finite number."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (str, int, bool, type(None))) else repr(value)


def report(table: Table, seed: int = 0, *, communication: float = 0.0, progress: bool = False):
    """Return the `Report` on a `Table`.

    seed: of the resampling that gives the errors; communication: seconds that every step adds to
    its slowest worker, for what would help; progress: show a bar.

    >>> from stragglers.jobs import recorded
    >>> found = report(recorded("AR"))
    >>> found.kind, found.slowest.name, f"{found.slowest.saves:.2f} s"
    ('machine', '0', '23.60 s')
    """
    if not isinstance(table, Table):
        raise TypeError(f"table must be a Table, as jobs.read returns, got {type(table).__name__}")
    communication = check_time("communication", communication)
    if len(table.workers) == 1:
        return Report(table, seed, communication, 1.0, math.nan, "none")
    rng = np.random.default_rng(seed)
    shares = variance_shares(table)
    ladder = climb(table, rng, shares, progress)
    mean, measured = ladder.rungs["no waiting"], ladder.rungs["measured"]
    slowdown = measured / mean
    error = ladder.waiting_error / mean
    slowest = _slowest(table)
    best = best_k(table, communication)
    return Report(
        table,
        seed,
        communication,
        slowdown,
        error,
        _kind(table, shares, ladder, slowdown),
        slowest,
        shares,
        ladder,
        held_out(table) if len(table.times) > 3 else None,
        best,
        tuple(_helps(table, slowest, best, communication, seed)),
    )


def _kind(table, shares, ladder, slowdown):
    """Return which of KINDS it is."""
    correlated, slowed = AFTER_BARRIER
    if shares.correlation > correlated and slowdown < slowed:
        return "after the barrier"
    if slowdown - 1 < LITTLE:
        return "hardly"
    means = table.times.mean(axis=0)
    waiting = ladder.rungs["measured"] - ladder.rungs["no waiting"]
    tax = means.max() - means.mean()
    if shares.worker_p < 0.05 and tax > 0.25 * waiting:
        return "machine"
    return "spells" if shares.spells.found else "chance"


def _slowest(table):
    """Return the `Slowest`: who is worth most to leave out."""
    times = table.times
    m = len(table.workers)
    second, last = np.partition(times, [m - 2, m - 1], axis=1)[:, -2:].T
    who = times.argmax(axis=1)
    saves = np.bincount(who, weights=last - second, minlength=m) / len(times)
    counts = np.bincount(who, minlength=m)
    worst = int(np.lexsort((counts, saves))[-1])
    others = np.median(np.delete(times, worst, axis=1), axis=1)
    since, throughout = _stretch(times[:, worst] - others, table.steps)
    last, saves = float(counts[worst] / len(times)), float(saves[worst])
    return Slowest(table.workers[worst], last, saves, since, throughout)


def _stretch(excess, steps):
    """Return the first and last step of the parts in which the excess is half its largest."""
    cuts = np.linspace(0, len(excess), min(PARTS, len(excess)), endpoint=False).astype(int)
    ends = np.append(cuts[1:], len(excess))
    parts = np.add.reduceat(excess, cuts) / (ends - cuts)
    slow = np.flatnonzero(parts > 0.5 * max(parts.max(), 0.0))
    if not len(slow):
        slow = np.arange(len(parts))
    first, last = steps[cuts[slow[0]]], steps[ends[slow[-1]] - 1]
    return (_plain(first), _plain(last)), len(slow) == len(parts)


def _helps(table, slowest, best, communication, seed):
    """Yield the answers to: without the slowest, with the best k, and with nobody waiting."""
    m = len(table.workers)
    if m > 2:
        protocol = Sync(m - 1, communication)
        yield what_if(table, protocol, without=(slowest.name,), seed=seed)
    if best.measured < m:
        yield what_if(table, KSync(m, best.measured, communication), seed=seed)
    yield what_if(table, Async(m, communication), seed=seed)
