"""What it costs to combine the workers' gradients: the alpha-beta model of messages.

A message of `size` bytes takes latency + size / bandwidth: seconds, and bytes per second. The
results go into a protocol as its `communication`, or as the `delay` of `LocalSGD`. Derived in a
chapter to come, "The bill for talking" (Thakur, Rabenseifner and Gropp 2005; Patarasuk and Yuan
2009).
"""

import math

from ..checks import check_count, check_positive, check_time


def ring_all_reduce(m, size, latency, bandwidth):
    """Return the time of a ring all-reduce: 2(m-1) steps, each with 1/m of the bytes.

    ValueError unless m >= 1, size and latency are at least 0, and bandwidth is positive.

    >>> round(ring_all_reduce(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.1551
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * (m - 1) * message(1 / m)


def halving_doubling(m, size, latency, bandwidth):
    """Return the time of a recursive halving and doubling: the ring's bytes in 2 log2 m steps.

    Exact for m a power of 2; else log2 m is rounded up. Errors as in `ring_all_reduce`.

    >>> round(halving_doubling(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.154
    """
    m, _ = _checked(m, size, latency, bandwidth)
    return 2 * (_levels(m) * latency + (m - 1) / m * size / bandwidth)


def tree_all_reduce(m, size, latency, bandwidth):
    """Return the time of a binomial tree's reduce and broadcast: 2 log2 m steps of all the bytes.

    log2 m is rounded up. Errors as in `ring_all_reduce`.

    >>> round(tree_all_reduce(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.65576
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * _levels(m) * message(1)


def parameter_server(m, size, latency, bandwidth):
    """Return the time of one server's link: m gradients in, then m models out, one by one.

    Errors as in `ring_all_reduce`.

    >>> round(parameter_server(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    2.62154
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * message(m)


def ring_beats_tree_above(m, latency, bandwidth):
    """Return the size in bytes above which the ring is faster than the tree, inf if none is.

    Errors as in `ring_all_reduce`.

    >>> round(ring_beats_tree_above(16, latency=50e-6, bandwidth=1.25e9))
    224490
    """
    m, _ = _checked(m, 0, latency, bandwidth)
    fewer_bytes = _levels(m) - (m - 1) / m
    more_steps = m - 1 - _levels(m)
    return latency * bandwidth * more_steps / fewer_bytes if m > 1 else math.inf


def _levels(m):
    return (m - 1).bit_length()


def _checked(m, size, latency, bandwidth):
    m = check_count("m", m)
    size, latency = check_time("size", size), check_time("latency", latency)
    bandwidth = check_positive("bandwidth", bandwidth)
    return m, lambda share: latency + share * size / bandwidth
