"""The report in words: the same sentences for the terminal and for the page."""

import math
from textwrap import wrap as fill

from .ladder import FAILS, RUNGS
from .table import shorten

MEANINGS = {
    "no waiting": "the mean time of one worker",
    "exponential": "the mean, times 1 + 1/2 + ... + 1/m",
    "iid": "independent draws from all times",
    "unequal": "independent draws, each worker its own times",
    "measured": "the slowest worker of each step",
}
LADDER = "The ladder, one assumption less on every rung, drawn from these same steps"
WIDTH, INDENT = 100, 17


def number(value, error=math.nan):
    """Return a number as text, to two digits of its error, else to four digits of its own."""
    if math.isfinite(error) and 1e-12 < error < 1e6 and error > 1e-6 * abs(value):
        decimals = max(0, 1 - math.floor(math.log10(error)))
        return f"{value:.{decimals}f} ± {error:.{decimals}f}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def duration(value, error=math.nan):
    """Return seconds as text, in the unit that reads best."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(value) >= 0.1 * scale or unit == "us" or value == 0:
            return f"{number(value / scale, error / scale)} {unit}"


def percent(share, error=math.nan):
    """Return a share as a percentage with a sign."""
    sign = "+" if share >= 0 else ""
    return f"{sign}{number(100 * share, 100 * error)}%"


def headline(report):
    """Return the sentence with the one number."""
    times = report.table.times
    if report.kind == "none":
        return f"One worker waits for nobody: a step takes {duration(float(times.mean()))}."
    rungs, ladder = report.ladder.rungs, report.ladder
    mean, measured = rungs["no waiting"], rungs["measured"]
    return (
        f"A step takes {report.slowdown:.3f} times as long as with nobody to wait for: "
        f"{duration(measured, ladder.errors['measured'])} instead of "
        f"{duration(mean)}, the mean time of one worker."
    )


def sections(report):
    """Return the pairs (heading, list of sentences) that follow the one number, in order."""
    if report.kind == "none":
        return [("How sure", [_sure_of_one(report)])]
    found = [
        ("Who", [_who(report)] if report.kind != "hardly" else []),
        ("Since when", [_since(report)] if report.kind in ("machine", "spells") else []),
        ("Why", _why(report)),
        ("What would help", _helps(report)),
        ("How sure", _sure(report)),
    ]
    return [(heading, sentences) for heading, sentences in found if sentences]


def rungs(report):
    """Return the rows of the ladder: (name, seconds, what it is, what its assumption costs)."""
    ladder, rows = report.ladder, []
    for name in RUNGS:
        cost = ""
        if name in FAILS:
            assumption = FAILS[name]
            seconds = duration(ladder.costs[assumption], ladder.cost_errors[assumption])
            fails = "fails" if assumption in ladder.fails else "holds"
            fails = "cannot be told" if len(report.table.times) < 3 else fails
            sign = "+" if ladder.costs[assumption] > 0 else ""
            cost = f"{assumption}: {fails}, {sign}{seconds}"
        time = duration(ladder.rungs[name], ladder.errors[name])
        rows.append((name, time, MEANINGS[name], cost))
    return rows


def as_text(report):
    """Return the report as text."""
    lines = [*fill(headline(report), WIDTH), ""]
    for heading, sentences in sections(report):
        for i, text in enumerate(sentences):
            head = "" if i else f"{heading}:"
            lines += fill(f"{head:<{INDENT}}{text}", WIDTH, subsequent_indent=" " * INDENT)
    if report.table.notes:
        lines += ["", "Notes:"]
        for note in report.table.notes:
            lines += fill(f"  - {note}", WIDTH, subsequent_indent="    ")
    if report.ladder:
        lines += ["", f"{LADDER}:"]
        lines += [f"  {name:<12}{time:>18}  {what:<44}  {cost}".rstrip()
                  for name, time, what, cost in rungs(report)]  # fmt: skip
    return "\n".join(lines)


def _who(report):
    slowest, m = report.slowest, len(report.table.workers)
    steps = f"{slowest.last:.0%} of the steps"
    if report.kind == "machine":
        costs = duration(slowest.saves)
        return f"Worker {slowest.name}: the last in {steps}; it costs {costs} a step."
    if report.kind == "after the barrier":
        return "Cannot be told from these times."
    return (
        f"Nobody in particular. Worker {slowest.name} costs most, {duration(slowest.saves)} a "
        f"step; it is the last in {steps}, where chance alone gives each {1 / m:.0%}."
    )


def _since(report):
    (first, last), throughout = report.slowest.since, report.slowest.throughout
    if throughout:
        return f"All the time, from step {first} to step {last}."
    end = report.table.steps[-1]
    until = "to the end" if str(last) == str(end) else f"to about step {last}"
    return f"Worker {report.slowest.name} is slow from about step {first} {until}."


def _why(report):
    shares = report.shares
    everybody = [
        "Everybody: there is hardly any waiting, fast and slow steps are so for all.",
        "Were the times taken before the collective? After it, all tables look like this.",
    ]
    why = {
        "machine": ["A machine (or its share of the data): the same worker, step after step."],
        "chance": ["Data or chance: now one worker, now another."],
        "spells": ["Slow spells: a worker is slow for a while, then another."],
        "hardly": everybody if shares.step > 0.5 else ["There is hardly any waiting."],
        "after the barrier": [
            f"These times look taken after the barrier (the workers' correlation is "
            f"{shares.correlation:.3f}): every time holds the wait for the slowest, and the "
            "straggler is hidden."
        ],
    }[report.kind]
    return [
        *why,
        f"Of the variance, {shares.worker:.1%} is between workers, {shares.step:.1%} is common to "
        f"all workers of a step, {shares.rest:.1%} is the rest.",
    ]


def _helps(report):
    if report.kind == "after the barrier":
        return [
            "Record the time until a worker's last gradient is ready, before the collective begins."
        ]
    answers = []
    for answer in report.helps:
        if not math.isfinite(answer.rate):
            continue
        name = type(answer.protocol).__name__
        how = {
            "Sync": f"Without worker {', '.join(answer.without)}",
            "KSync": f"Waiting for {answer.protocol.k} of {answer.protocol.m}",
            "Async": "Nobody waiting (asynchronous, stale gradients)",
        }[name]
        text = f"{how}: {percent(answer.gain, answer.gain_error)} gradients a second"
        if name != "Async":  # whose updates are of one gradient: their time is no step's
            text += f", {duration(answer.time_per_update, answer.time_error)} a step"
        answers.append(f"{text}.")
    if report.best.law != report.best.measured:
        answers.append(
            f"By independent draws from all times, the best is to wait for {report.best.law}."
        )
    return answers


def _sure(report):
    n, m = report.table.times.shape
    if n < 3:
        return [f"{n} step{'s' * (n > 1)} of {m} workers: too few for errors and tests."]
    shares, blocks = report.shares, report.ladder.blocks
    text = f"{n} steps of {m} workers; ± is one standard error, from resampled "
    text += "steps" if blocks.length == 1 else f"blocks of {blocks.length} steps"
    text += f" ({report.slowdown_error:.1g} for the first number)."
    told = [text]
    if not shares.spells.regular:
        told.append("The steps are a sample: slow spells cannot be told from slow workers.")
    elif shares.spells.cut:
        told.append("The slow spells are too long for this table: no worker can be called slow.")
    elif shares.spells.found:
        told.append(f"Neighbouring steps are alike (correlation {shares.spells.correlation:.2f}).")
    if math.isfinite(shares.worker_p):
        told.append(
            f"Workers alike: p = {shares.worker_p:.2g}; steps alike: p = {shares.step_p:.2g}."
        )
    return told + ([_held(report.held)] if report.held else [])


def _held(held):
    iid, seen = held.iid[-1], held.measured[-1]
    return (
        f"The first {held.fit_steps} steps predict {duration(iid)} (iid) or "
        f"{duration(held.unequal)} (unequal) for the last {held.test_steps}, "
        f"which took {duration(seen, held.errors[-1])}; the mean of all times moved by "
        f"{held.drift:+.1%}."
    )


def _sure_of_one(report):
    times = report.table.times
    spread = f"from {duration(float(times.min()))} to {duration(float(times.max()))}"
    return (
        f"{len(times)} steps of worker {shorten(report.table.workers)}, {spread}. There is no "
        "slowest of one worker: only its own law is known, `table.law()`."
    )
