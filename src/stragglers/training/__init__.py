"""SGD on a protocol's clock: exactly on a quadratic, by simulation on any problem.

| module | holds |
| --- | --- |
| `quadratic` | `Quadratic`: floors, largest steps, the error against updates and the clock, exactly |
| `delay` | `ConstantDelay`: every gradient equally stale |
| `moments` | the second moments of the quadratic's model, update by update |
| `update_counts` | how many updates a clock has made by time t |
| `sgd` | `train`: SGD on a protocol's clock, many replicas at once |
| `problem` | what may be trained on |
| `clocks` | when the updates come, and whose gradients they use |
| `dice` | the workers' times: drawn, or one table for all protocols |
| `result` | `Training`: the loss against updates, gradients and the clock |
| `time_bounds` | how fast anyone can be with fixed times |
"""

from .delay import ConstantDelay
from .dice import dice
from .quadratic import Quadratic
from .result import Training
from .sgd import train
from .time_bounds import (
    asynchronous_time,
    fixed_time_bound,
    minibatch_time,
    time_of_gradients,
)

__all__ = [
    "ConstantDelay",
    "Quadratic",
    "Training",
    "asynchronous_time",
    "dice",
    "fixed_time_bound",
    "minibatch_time",
    "time_of_gradients",
    "train",
]
