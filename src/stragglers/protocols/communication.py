"""What it costs to combine the workers' gradients: the alpha-beta model of messages.

A message of `size` bytes takes latency + size / bandwidth: seconds, and bytes per second. The
results go into a protocol as its `communication`, or as the `delay` of `LocalSGD`. Derived in the
chapter "The bill for talking" (Thakur, Rabenseifner and Gropp 2005; Patarasuk and Yuan 2009).
"""

import math

from ..checks import check_count, check_positive, check_time


def ring_all_reduce(m: int, size: float, latency: float, bandwidth: float) -> float:
    """Return the time of a ring all-reduce: 2(m-1) steps, each with 1/m of the bytes.

    ValueError unless m >= 1, size and latency are at least 0, and bandwidth is positive.

    >>> round(ring_all_reduce(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.1551
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * (m - 1) * message(1 / m)


def halving_doubling(m: int, size: float, latency: float, bandwidth: float) -> float:
    """Return the time of a recursive halving and doubling: the ring's bytes in 2 log2 m steps.

    Exact for m a power of 2; else log2 m is rounded up. Errors as in `ring_all_reduce`.

    >>> round(halving_doubling(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.154
    """
    m, _ = _checked(m, size, latency, bandwidth)
    return 2 * (_levels(m) * latency + (m - 1) / m * size / bandwidth)


def tree_all_reduce(m: int, size: float, latency: float, bandwidth: float) -> float:
    """Return the time of a binomial tree's reduce and broadcast: 2 log2 m steps of all the bytes.

    log2 m is rounded up. Errors as in `ring_all_reduce`.

    >>> round(tree_all_reduce(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    0.65576
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * _levels(m) * message(1)


def parameter_server(m: int, size: float, latency: float, bandwidth: float) -> float:
    """Return the time of one server's link: m gradients in, then m models out, 2m times the bytes.

    The bytes go through the link one message after the other; the latencies overlap, so that there
    are two in all, one each way. Errors as in `ring_all_reduce`.

    >>> round(parameter_server(16, size=102.4e6, latency=50e-6, bandwidth=1.25e9), 6)
    2.62154
    """
    m, message = _checked(m, size, latency, bandwidth)
    return 2 * message(m)


def ring_beats_tree_above(m: int, latency: float, bandwidth: float) -> float:
    """Return the size in bytes above which the ring is faster than the tree, inf if none is.

    Errors as in `ring_all_reduce`.

    >>> round(ring_beats_tree_above(16, latency=50e-6, bandwidth=1.25e9))
    224490
    """
    m, _ = _checked(m, 0, latency, bandwidth)
    fewer_bytes = _levels(m) - (m - 1) / m
    more_steps = m - 1 - _levels(m)
    return latency * bandwidth * more_steps / fewer_bytes if m > 1 else math.inf


def hierarchical_all_reduce(
    nodes: int,
    per_node: int,
    size: float,
    inside: tuple[float, float],
    between: tuple[float, float],
) -> float:
    """Return the time of an all-reduce on two levels: within nodes, between them, within again.

    Each of `nodes` nodes holds `per_node` workers. Within a node a ring adds up the pieces, so that
    each worker holds 1 / per_node of the node's sum; rings between the nodes add up these pieces,
    all at once; then each node's ring hands the pieces round. Each worker has a link of its own out
    of its node, which it need not share: the bandwidth of `between` is that of one such link.
    `inside` and `between` are pairs (latency, bandwidth). Errors as in `ring_all_reduce`.

    >>> nvlink, network = (5e-6, 100e9), (50e-6, 1.25e9)
    >>> round(hierarchical_all_reduce(8, 8, 102.4e6, nvlink, network), 6)
    0.020482
    """
    nodes, per_node = check_count("nodes", nodes), check_count("per_node", per_node)
    within = ring_all_reduce(per_node, size, *_link("inside", inside))
    return within + ring_all_reduce(nodes, size / per_node, *_link("between", between))


def overlapped(layers: int, backward: float, message: float) -> float:
    """Return when a step ends in which each layer's message leaves as soon as it can.

    The backward pass takes `backward` a layer, a message takes `message`, one after the other:
    max(layers backward + message, backward + layers message), in the unit of both. ValueError
    unless layers is at least 1 and the times are finite and at least 0.

    >>> overlapped(layers=8, backward=3, message=2)
    26.0
    """
    layers = check_count("layers", layers)
    b, c = check_time("backward", backward), check_time("message", message)
    return max(layers * b + c, b + layers * c)


def _link(name, link):
    if not isinstance(link, (tuple, list)) or len(link) != 2:
        raise TypeError(f"{name} must be a pair (latency, bandwidth), got {link!r}")
    return link


def _levels(m):
    return (m - 1).bit_length()


def _checked(m, size, latency, bandwidth):
    m = check_count("m", m)
    size, latency = check_time("size", size), check_time("latency", latency)
    bandwidth = check_positive("bandwidth", bandwidth)
    return m, lambda share: latency + share * size / bandwidth
