"""The laboratory: the protocols on real workers, processes that compute, sleep, and may die.

- cluster: `local(m)`, a cluster of m processes on this machine, for a `with` block
- lab: `Lab(client, problem, m).run(protocol, times)`, on that cluster or on one of your own
- loops: the protocols, a coroutine each; worker: what runs on a worker, a dask actor
- record: `LabRun` and `Gradient`, what happened

Needs the package distributed: `pip install "stragglers[dask]"`.
"""

from .cluster import local
from .lab import Lab
from .record import Gradient, LabRun

__all__ = ["Gradient", "Lab", "LabRun", "local"]
