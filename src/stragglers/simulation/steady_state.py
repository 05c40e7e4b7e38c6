"""Workers that never stop, met after they have run forever: where each is in its work."""

import math

import numpy as np

from .engines import arrivals

FURTHEST = 1e9  # arrivals before the start that may have to be drawn


def stationary_start(services):
    """Return the next finish of each worker, and the position of its last, at an arrival at 0.

    One worker, chosen by its share of the arrivals, has just finished; the others are met at a
    uniform place in a length-biased service time. That is the law of the system seen at an
    arrival in the long run. The position of a worker's last finish, -1 for the one at 0, counts
    the arrivals since then: the past is drawn as far back as the oldest service reaches.
    """
    m, rng = services.m, services.rng
    rate, whole = np.empty(m), np.empty(m)
    for law, members, _ in services.laws:
        rate[members] = 1 / law.mean()
        if not rate[members[0]]:
            raise ValueError("work must have a finite mean for start='stationary', got mean inf")
        whole[members] = length_biased(law, len(members), rng)
    chosen = rng.choice(m, p=rate / rate.sum(), size=1)
    age = rng.random(m) * whole
    next_finish, before = whole - age, age.copy()
    next_finish[chosen], before[chosen] = services.take(chosen), services.take(chosen)
    oldest = age.max()
    if oldest * rate.sum() > FURTHEST:
        raise ValueError(
            f"start='stationary' needs about {oldest * rate.sum():.1e} past arrivals here, more "
            f"than {FURTHEST:.0e}: the law's tail is too heavy for so many workers; use 'common'"
        )
    since = np.zeros(m, dtype=np.int64)
    for times, _ in arrivals(services, before, math.ceil(oldest * rate.sum())):
        since += np.searchsorted(times, age)
        if times[-1] >= oldest:
            break
    last = -2 - since
    last[chosen] = -1
    return next_finish, last


def length_biased(law, size, rng):
    """Return `size` draws of the service time found in progress: long ones are met more often.

    Its density is t f(t) / E X. Drawn exactly, by rejection, from the quantile function: P(X > t)
    is cut at 1/2, 1/4, ..., a slice is chosen by its width times the largest time in it, and a time
    in the slice is kept with probability time / largest. Derived in the chapter "Nobody
    waits".
    """
    edges = np.append(0.5 ** np.arange(1001 if law.deep else 51), 0.0)
    largest = law.upper_quantile(edges[1:])
    finite = np.isfinite(largest)  # where the law has no largest time, 2^-1000 of it is left out
    top, width, largest = edges[:-1][finite], -np.diff(edges)[finite], largest[finite]
    weight = width * largest / (width @ largest)
    drawn = np.empty(0)
    while len(drawn) < size:
        piece = rng.choice(len(weight), p=weight, size=size - len(drawn))
        time = law.upper_quantile(top[piece] - width[piece] * rng.random(len(piece)))
        drawn = np.append(drawn, time[rng.random(len(piece)) * largest[piece] < time])
    return drawn
