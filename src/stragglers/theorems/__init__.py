"""What the book proves: each theorem with an exact value and a simulation, a module a chapter.

A theorem of a chapter is registered under its label; the chapter shows `verify(label)` after the
proof, and the page "Verified" shows them all. An entry states one instance of the theorem, which is
computed and simulated independently of each other.
"""

from dataclasses import dataclass

import numpy as np

from . import any_distribution, exponential, fan_out, race, simulation

LIMIT = 5  # standard errors between a simulation and the truth that chance does not explain
SEED = 20
CHAPTERS = [race, fan_out, exponential, any_distribution, simulation]
THEOREMS = {label: theorem for chapter in CHAPTERS for label, theorem in chapter.THEOREMS.items()}


@dataclass(frozen=True)
class Verification:
    """An exact value beside its simulation."""

    instance: str
    exact: float
    simulated: float
    standard_error: float

    @property
    def distance(self):
        """The distance of the simulation from the exact value, in standard errors."""
        return (self.simulated - self.exact) / self.standard_error

    def _repr_markdown_(self):
        instance = self.instance[0].upper() + self.instance[1:]
        return (
            f"**Check.** {instance}: exact {self.exact:.6g}, simulated {self.simulated:.6g} ± "
            f"{self.standard_error:.2g}, which is {self.distance:+.1f} standard errors away."
        )


def verify(label, rng=None):
    """Return the `Verification` of a theorem by its label, from fresh draws.

    `rng` is a numpy Generator; without one the draws are the same each time. Raises KeyError for
    a label that the register does not hold, and AssertionError where simulation and exact value
    are more than 5 standard errors apart.

    >>> verify("thm-slowest").exact
    1.798869828571841
    """
    if label not in THEOREMS:
        raise KeyError(f"no theorem is registered as {label!r}; there are {sorted(THEOREMS)}")
    theorem = THEOREMS[label]
    draws = theorem.simulate(np.random.default_rng(SEED) if rng is None else rng)
    error = np.std(draws, ddof=1) / np.sqrt(len(draws))
    found = Verification(theorem.instance, float(theorem.exact()), np.mean(draws), error)
    assert abs(found.distance) < LIMIT, f"{label}: {found._repr_markdown_()}"
    return found
