"""SGD on a protocol's clock: exactly on a quadratic, by simulation on any problem.

| module | holds |
| --- | --- |
| `quadratic` | `Quadratic`: floors, largest steps, the error against updates and the clock, exactly |
| `delay` | `ConstantDelay`: every gradient equally stale |
| `moments` | the second moments of the quadratic's model, update by update |
| `update_counts` | how many updates a clock has made by time t |
| `time_bounds` | how fast anyone can be with fixed times |
"""

from .delay import ConstantDelay
from .quadratic import Quadratic
from .time_bounds import (
    asynchronous_time,
    fixed_time_bound,
    minibatch_time,
    time_of_gradients,
)

__all__ = [
    "ConstantDelay",
    "Quadratic",
    "asynchronous_time",
    "fixed_time_bound",
    "minibatch_time",
    "time_of_gradients",
]
