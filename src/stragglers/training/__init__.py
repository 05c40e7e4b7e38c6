"""SGD on a protocol's clock: exactly on a quadratic, by simulation on any problem.

| module | holds |
| --- | --- |
| `quadratic` | `Quadratic`: floors, largest steps, the error in updates and in time, exactly |
| `delay` | `ConstantDelay`: every gradient equally stale |
| `moments` | the second moments of the quadratic's model, update by update |
| `update_counts` | how many updates a clock has made by time t |
| `sgd` | `train`: SGD on a protocol's clock, many replicas at once |
| `replicas` | the models of many replicas, and what an update does to them |
| `schedules` | `adaptive_k`: how many gradients to wait for as the error falls |
| `logistic` | `LogisticRegression`, `iris`: a problem with real data |
| `problem` | what may be trained on |
| `clocks` | when the updates come, and whose gradients they use |
| `dice` | the workers' times: drawn, or one table for all protocols |
| `result` | `Training`: the loss against updates, gradients and the clock |
| `time_bounds` | how fast anyone can be with fixed times |
"""

from .delay import ConstantDelay
from .dice import dice
from .logistic import LogisticRegression, iris
from .quadratic import Quadratic
from .result import Training
from .schedules import adaptive_k
from .sgd import train
from .time_bounds import (
    asynchronous_time,
    fixed_time_bound,
    minibatch_time,
    time_of_gradients,
)

__all__ = [
    "ConstantDelay",
    "LogisticRegression",
    "Quadratic",
    "Training",
    "adaptive_k",
    "asynchronous_time",
    "dice",
    "fixed_time_bound",
    "iris",
    "minibatch_time",
    "time_of_gradients",
    "train",
]
