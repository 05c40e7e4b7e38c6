"""What the book proves: each theorem with checks of its claim, a module a chapter.

A module here that has a dict `THEOREMS` is a chapter of the book, and its name is the file name of
the page: nothing else is registered. The chapter shows `verify(label)` after the proof, and the
page "Verified" shows all.
"""

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from .theorem import Comparison, Finding

SEED = 20
_MODULES = {each.name: import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)}
CHAPTERS = {
    name: list(module.THEOREMS) for name, module in _MODULES.items() if hasattr(module, "THEOREMS")
}
THEOREMS = {label: _MODULES[name].THEOREMS[label] for name in CHAPTERS for label in CHAPTERS[name]}


@dataclass(frozen=True)
class Verification:
    """What the checks of one theorem found.

    Where exactly one of them compares two equal numbers, its `exact`, `simulated`,
    `standard_error` and `distance` are those of this object too.
    """

    label: str
    findings: tuple[Finding, ...]

    def __getattr__(self, name):
        equal = [each for each in self.findings if isinstance(each, Comparison)]
        if name.startswith("_") or len(equal) != 1:
            raise AttributeError(f"{name}: {self.label} has {len(equal)} checks of equality")
        return getattr(equal[0], name)

    def _repr_markdown_(self):
        return "\n\n".join(f"**Check.** {found}" for found in self.findings)


def verify(label: str, rng: np.random.Generator | None = None) -> Verification:
    """Return the `Verification` of a theorem by its label, from fresh draws.

    `rng` is a numpy Generator; without one the draws are the same each time. Raises KeyError for
    a label that the register does not hold, and AssertionError where a check fails: a simulation
    5 standard errors from the exact value or beyond a bound, or a sequence that stays away from
    its limit.

    >>> verify("thm-slowest").exact
    1.798869828571841
    """
    if label not in THEOREMS:
        raise KeyError(f"no theorem is registered as {label!r}; there are {sorted(THEOREMS)}")
    rng = np.random.default_rng(SEED) if rng is None else rng
    findings = tuple(check.test(rng) for check in THEOREMS[label].checks)
    for found in findings:
        assert found.holds, f"{label}: {found}"
    return Verification(label, findings)
