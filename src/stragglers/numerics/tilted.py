"""Many unequal coin tosses counted by one Fourier transform, with the digits of both tails.

The tosses are tilted: each chance p becomes p e^s / (1 - p + p e^s), with an s that makes about k
successes the mean. Near k the tilted count is as likely as it gets, so that what the transform
loses, some 1e-16 of the greatest probability, is little beside what is asked for; then the tilt is
taken back. The cost is that of sqrt(m) complex numbers for each group of equal tosses.
"""

import numpy as np
from scipy import special

STEPS = 200  # halvings and Newton steps that find the tilt; some ten are used
NEAR = 0.2  # successes by which the tilted mean may miss k - 1/2
DEEP = 42.0  # -log of the probability of the counts that are left out
CHUNK = 1 << 20  # complex numbers at once


def tails(k, successes, failures, counts):
    """Return P(at least k successes) and P(fewer than k), one for each column; 0 < k <= m.

    Row g of `successes` and `failures` holds the two probabilities for each of the counts[g]
    members of group g.
    """
    counts = np.asarray(counts)[:, None]
    done = np.where((counts * (failures == 0)).sum(axis=0) >= k, 1.0, 0.0)
    late = 1 - done
    open_ = (done == 0) & ((counts * (successes > 0)).sum(axis=0) >= k)
    for at, tilt, size, likely in _tilted(k, successes, failures, counts, open_):
        far = len(likely) // 2
        weight = np.exp(-np.abs(tilt) * np.arange(far + 1)[:, None])
        after = (likely[:far] * weight[:-1]).sum(axis=0)  # of k, k + 1, ...
        before = (likely[: far - 1 : -1] * weight[1:]).sum(axis=0)  # of k - 1, k - 2, ...
        less = np.clip(size * np.where(tilt > 0, after, before), 0, 1)
        done[at] = np.where(tilt > 0, less, 1 - less)
        late[at] = np.where(tilt > 0, 1 - less, less)
    return done, late


def exactly(k, successes, failures, counts):
    """Return P(k successes), one for each column of the same arrays; 0 < k < m."""
    counts = np.asarray(counts)[:, None]
    with np.errstate(divide="ignore"):
        p, q = np.log(successes), np.log(failures)
    sure, possible = (counts * (q == -np.inf)).sum(axis=0), (counts * (p > -np.inf)).sum(axis=0)
    found = np.zeros(successes.shape[1])
    for log, edge in ((q, sure == k), (p, possible == k)):  # all the others fail, or all succeed
        found[edge] = np.exp(np.sum(counts * log, axis=0, where=log > -np.inf)[edge])
    for at, _, size, likely in _tilted(k, successes, failures, counts, (sure < k) & (k < possible)):
        found[at] = np.clip(size * likely[0], 0, 1)
    return found


def reach(variance):
    """Return how far from its mean a count of such a variance is at most, by Bernstein's bound."""
    return int(np.ceil(DEEP / 3 + np.sqrt(DEEP**2 / 9 + 2 * DEEP * variance))) + 2


def _tilted(k, successes, failures, counts, wanted):
    """Yield for some of the wanted columns: where they are, tilts, factors, and tilted chances.

    Row j of the chances is that of k + j successes; rows from the last one back, of k - 1, k - 2,
    ... . The chance of n successes is the factor times e^(-tilt (n - k)) times the tilted one.
    """
    wanted = np.flatnonzero(wanted)
    step = max(1, CHUNK // reach(counts.sum() / 4))
    for place in range(0, len(wanted), step):
        at = wanted[place : place + step]
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(successes[:, at]), np.log(failures[:, at])
        tilt = _tilt(k - 0.5, log_p - log_q, counts)
        p, q = special.expit(log_p - log_q + tilt), special.expit(log_q - log_p - tilt)
        far = reach((counts * p * q).sum(axis=0).max())
        likely = np.fft.irfft(np.conj(_characteristic(k, p, q, counts, far)), 2 * far, axis=0)
        log_size = (counts * np.logaddexp(log_q, log_p + tilt)).sum(axis=0) - tilt * k
        yield at, tilt, np.exp(log_size), likely


def _tilt(mean, logits, counts):
    """Return the s of each column that makes the mean number of successes nearly `mean`."""
    usual = np.isfinite(logits)
    room = np.log(2 * counts.sum())
    low = -np.max(logits, axis=0, where=usual, initial=-np.inf) - room
    high = -np.min(logits, axis=0, where=usual, initial=np.inf) + room
    s = np.clip(0.0, low, high)
    for _ in range(STEPS):
        p = special.expit(logits + s)
        miss = (counts * p).sum(axis=0) - mean
        if np.all(np.abs(miss) < NEAR):
            break
        low, high = np.where(miss < 0, s, low), np.where(miss > 0, s, high)
        with np.errstate(all="ignore"):
            newton = s - miss / (counts * p * (1 - p)).sum(axis=0)
        inside = (newton > low) & (newton < high)
        s = np.where(inside, newton, (low + high) / 2)
    return s


def _characteristic(k, p, q, counts, far):
    """Return E e^(i w (N - k)) at w = 2 pi l / (2 far), l = 0 .. far: a row each."""
    turns = np.arange(far + 1)[:, None]
    w = np.pi * turns / far
    value = np.ones((far + 1, p.shape[1]), dtype=complex)
    whole = -k  # the counts' means, up to less than one each: multiples of w, reduced exactly
    for one_p, one_q, count in zip(p, q, counts[:, 0], strict=True):
        if count == 1:
            value *= one_q + one_p * np.exp(1j * w)
            continue
        mean = np.floor(count * one_p)
        sine = one_p * np.sin(one_q * w) - one_q * np.sin(one_p * w)
        cosine = one_q * np.cos(one_p * w) + one_p * np.cos(one_q * w)
        size = 0.5 * np.log1p(-4 * one_p * one_q * np.sin(w / 2) ** 2)
        phase = np.arctan2(sine, cosine) + (count * one_p - mean) / count * w
        with np.errstate(all="ignore"):
            value *= np.exp(count * (size + 1j * phase))
        whole = whole + mean
    return value * np.exp(1j * np.pi * np.mod(turns * whole, 2 * far) / far)
