"""Counts of unequal tosses by a tilted Fourier transform, against sums of positive terms."""

import numpy as np
import pytest
from scipy import stats

from stragglers.numerics import tilted
from stragglers.order_statistics.finished_count import tally


def chances(m, far, rng):
    """Return chances of m tosses in 30 columns, some near 0 and 1, some of them exactly."""
    success = rng.random((m, 30)) ** np.where(np.arange(30) % 2, far, 1 / far)
    success[:2], success[2:4] = 0, 1
    return success, 1 - success


@pytest.mark.parametrize("far", [1, 20, 400])
@pytest.mark.parametrize(("m", "k"), [(60, 30), (200, 100), (200, 190), (200, 5)])
def test_both_tails_keep_their_digits(m, k, far):
    success, failure = chances(m, far, np.random.default_rng(3))
    counts = [1] * m
    few, done = tally(k, success, failure, counts)
    late = few.sum(axis=0)
    unfinished, late_again = tally(m - k + 1, failure, success, counts)
    done_again = unfinished.sum(axis=0)
    seen_done, seen_late = tilted.tails(k, success, failure, counts)
    assert seen_late == pytest.approx(np.where(late < 0.5, late, late_again), rel=1e-11, abs=1e-290)
    assert seen_done == pytest.approx(np.where(done < 0.5, done, done_again), rel=1e-11, abs=1e-290)
    exactly = tally(k + 1, success, failure, counts)[0][k]
    seen = tilted.exactly(k, success, failure, counts)
    assert seen == pytest.approx(exactly, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize("k", [50_000, 80_000])
def test_two_groups_with_one_chance_are_one_binomial(k):
    p = np.linspace(0.99, 1.01, 41) * k / 1e5
    counts = [40_000, 60_000]
    done, late = tilted.tails(k, np.array([p, p]), np.array([1 - p, 1 - p]), counts)
    assert done == pytest.approx(stats.binom.sf(k - 1, 100_000, p), rel=1e-9)
    assert late == pytest.approx(stats.binom.cdf(k - 1, 100_000, p), rel=1e-9)
    exactly = tilted.exactly(k, np.array([p, p]), np.array([1 - p, 1 - p]), counts)
    assert exactly == pytest.approx(stats.binom.pmf(k, 100_000, p), rel=1e-9)


def test_what_is_sure_needs_no_transform():
    success = np.array([[1.0, 0.0, 1.0], [0.5, 0.5, 0.0]])
    done, late = tilted.tails(2, success, 1 - success, [2, 1])
    assert (done.tolist(), late.tolist()) == ([1, 0, 1], [0, 1, 0])
    assert tilted.exactly(2, success, 1 - success, [2, 1]).tolist() == [0.5, 0, 1]
