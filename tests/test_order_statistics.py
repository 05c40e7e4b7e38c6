import pytest
from scipy import stats

import stragglers as sg


@pytest.mark.parametrize(
    ("work", "k", "m", "mean"),
    [
        (stats.expon(scale=0.5), 20, 20, 1.798869828571840955742),
        (sg.uniform(1, 3), 7, 10, 25 / 11),
        (sg.weibull(1.5, 1), 20, 20, 2.318154137435429497743),
        (sg.pareto(1.5, 1), 10, 10, 12.57418633997581366002),
        (sg.gamma(2, 1), 10, 10, 4.622957063944816390707),
        (sg.hyperexponential([0.9, 0.1], [2, 0.2]), 10, 10, 4.651937335078763576020),
        (sg.two_point(1, 10, 0.01), 20, 20, 2.638837561624922161997),
        (sg.gamma(2, 1), 1000, 1000, 9.862969899283847959153),
    ],
)
def test_means_agree_with_the_facts(work, k, m, mean):
    assert sg.order_statistic(work, k, m).mean() == pytest.approx(mean, rel=1e-12)
