import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import stragglers as sg

from ..conftest import name_of


@pytest.mark.parametrize(
    ("law", "kind"),
    [
        (sg.exponential(3), "exponential"),
        (stats.gamma(1, scale=2), "exponential"),
        (sg.shifted_exponential(1, 3), "NBUE"),
        (sg.uniform(0, 1), "NBUE"),
        (sg.uniform(1, 3), "NBUE"),
        (sg.gamma(2, 1), "NBUE"),
        (stats.gamma(2, loc=1, scale=3), "NBUE"),
        (sg.gamma(0.5, 1), "NWUE"),
        (stats.gamma(0.5, loc=0.4), "neither"),
        (stats.gamma(0.5, loc=0.6), "NBUE"),
        (stats.gamma(0.5, loc=0.6, scale=2), "neither"),
        (stats.erlang(3), "NBUE"),
        (sg.weibull(1.5, 1), "NBUE"),
        (sg.weibull(0.5, 1), "NWUE"),
        (stats.weibull_min(0.5, loc=5), "neither"),
        (sg.pareto(2, 1), "neither"),
        (stats.pareto(2, loc=-1), "NWUE"),
        (stats.lomax(2), "NWUE"),
        (stats.lomax(2, loc=1), "neither"),
        (sg.lognormal(0, 1), "neither"),
        (sg.hyperexponential([0.9, 0.1], [2, 0.2]), "NWUE"),
        (sg.deterministic(1), "NBUE"),
        (sg.two_point(1, 2, 0.5), "NBUE"),
        (sg.two_point(1, 10, 0.01), "neither"),
        (sg.two_point(1, 3, 0.5), "NBUE"),  # e(1) = 2 = E[X], the edge
        (sg.two_point(1, 3.001, 0.5), "neither"),
        (sg.trace([10, 11, 13, 90]), "neither"),
        (sg.trace([10, 11, 13, 20]), "NBUE"),
        (stats.halfnorm(), None),
    ],
    ids=name_of,
)
def test_ageing_classes_are_told_apart(law, kind):
    assert sg.ageing(law) == kind


@settings(max_examples=40)
@given(
    st.one_of(
        st.builds(sg.gamma, st.floats(0.2, 5), st.just(1)),
        st.builds(sg.weibull, st.floats(0.3, 5), st.just(1)),
        st.builds(lambda a: stats.lomax(a), st.floats(1.1, 5)),
        st.builds(sg.shifted_exponential, st.floats(0, 3), st.just(1)),
        st.builds(sg.uniform, st.floats(0, 3), st.just(4)),
        st.builds(sg.two_point, st.just(1), st.floats(1, 5), st.floats(0, 1)),
        st.builds(sg.trace, st.lists(st.floats(0.1, 10), min_size=1, max_size=6)),
        st.builds(lambda a, start: stats.gamma(a, loc=start), st.floats(0.2, 2), st.floats(0, 2)),
    ),
    st.integers(2, 50),
)
def test_the_class_says_on_which_side_of_the_first_finisher_the_long_run_rate_lies(law, m):
    first, long_run = sg.order_statistic(law, k=1, m=m).mean(), law.mean() / m
    kind = sg.ageing(law)
    if kind in ("NBUE", "exponential"):
        assert long_run <= first * (1 + 1e-12)
    if kind in ("NWUE", "exponential"):
        assert long_run >= first * (1 - 1e-12)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8))
def test_a_trace_is_classified_by_its_mean_residual_life(times):
    times = np.array([*times, 1.0])  # the mean must not be 0
    residual = [np.mean(times[times > t] - t) for t in times if np.any(times > t)]
    kind = "NBUE" if max(residual, default=0) <= times.mean() + 1e-12 else "neither"
    assert sg.ageing(sg.trace(times)) == kind
