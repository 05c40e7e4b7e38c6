"""The chapter "Three limits": its distances, crossings and solutions against what is computed."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

import stragglers as sg
from stragglers.figures import limit_laws
from stragglers.figures.any_distribution import LAWS

from .page import missing, prose, right, seen, unheld, wrong

SAME = ("exponential", "uniform", "Pareto, α = 2")


def slowest(work, m):
    return sg.order_statistic(work, m, m).mean()


@pytest.mark.parametrize(("m", "said"), [(5, "0.058"), (100, "0.0027"), (1000, "0.00027")])
def test_three_laws_are_equally_far_from_their_limits(m, said):
    far = [limit_laws.distance(law, m) for law in SAME]
    assert far == pytest.approx([far[0]] * 3, rel=1e-9)
    for law in SAME:
        assert f"at most {said} away" in seen(limit_laws.attraction, law=law, m=m)[1]
    assert said in prose("limit_laws")


def test_the_figure_shows_no_point_farther_from_the_limit_than_the_sentence_says():
    for law in SAME:
        (curves,), _ = seen(limit_laws.attraction, law=law, m=5)
        limit = next(name for name in curves if name.startswith("limit"))
        gaps = [abs(curves[limit][x] - curves["slowest of 5, exact"][x]) for x in curves[limit]]
        assert 0.9 * limit_laws.distance(law, 5) < max(gaps) <= limit_laws.distance(law, 5) + 1e-4


def test_the_gamma_law_is_far_from_its_limit_at_a_thousand_until_the_shift_is_better():
    assert "at most 0.14 away" in seen(limit_laws.attraction, law="gamma, shape 2", m=1000)[1]
    work, m = stats.gamma(2), 1000
    shift = work.isf(1 / m)
    scale = 1 / (m * work.pdf(shift))
    x = np.linspace(-4, 12, 4001)
    far = [abs(work.cdf(shift + by * x) ** m - stats.gumbel_r.cdf(x)).max() for by in (scale, 1)]
    assert f"{far[0]:.4f} {far[1]:.3f}" == "0.0024 0.026"


def test_the_numbers_of_the_opening_and_of_the_slow_logarithm():
    limit = math.log(1000) + math.log(math.log(1000)) + np.euler_gamma
    assert f"{limit:.2f}" == "9.42"
    assert f"{slowest(sg.gamma(shape=2, rate=1), 1000):.2f}" == "9.86"
    assert limit_laws.distance("exponential", 5) < 0.06
    slow = [math.log(math.log(m)) / math.log(m) for m in (1000, 10**6)]
    assert [f"{value:.2f}" for value in slow] == ["0.28", "0.19"]


def first(alpha):
    """Return the first m at which Pareto times are slower than Weibull times with shape 1/2."""
    law, weibull = sg.pareto(alpha=alpha, minimum=1 - 1 / alpha), LAWS["Weibull, shape ½"]
    high = 2
    while slowest(law, high) <= slowest(weibull, high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        leads = slowest(law, middle) > slowest(weibull, middle)
        low, high = (low, middle) if leads else (middle, high)
    return high


def test_where_pareto_overtakes_weibull():
    assert [first(1.5), first(3)] == [33, 2_077_428]
    assert 1000 < first(2) < 2000
    (lines,), _ = seen(limit_laws.overtaking)
    ahead = [m for m, mean in lines["Pareto, α = 2"].items() if mean > lines["Weibull, shape ½"][m]]
    assert min(m for m in ahead if m > 1) > 1000


def test_the_numbers_of_the_quick_checks_and_solutions_of_limit_laws():
    medians = [sg.order_statistic(sg.pareto(alpha=2, minimum=1), m, m).median() for m in (100, 400)]
    assert [f"{median:.2f}" for median in medians] == ["12.03", "24.03"]
    assert (
        f"{np.exp(np.euler_gamma):.2f} {np.euler_gamma:.4f} {math.log(10):.1f}" == "1.78 0.5772 2.3"
    )
    assert f"{2 * math.exp(-2):.4f}" == "0.2707"
    for m in (100, 1000):
        assert m * limit_laws.distance("uniform", m) == pytest.approx(2 * math.exp(-2), rel=0.01)
    once = 1 / sg.pareto(alpha=2, minimum=1).sf(slowest(sg.pareto(alpha=2, minimum=1), 10**5))
    assert once / 10**5 == pytest.approx(math.pi, rel=1e-4)


def from_gumbel(tail, density, m):
    """Return how far the slowest of m is from Gumbel with the best shift and scale."""
    shift = optimize.brentq(lambda t: math.log(m * tail(t)), 1e-9, 1e9)
    x = np.linspace(-3, 8, 1101)
    busy = np.array([tail(shift + at / (m * density(shift))) for at in x])
    return abs((1 - busy) ** m - stats.gumbel_r.cdf(x)).max()


def test_the_slowest_log_normal_time_has_a_limit_and_a_smooth_tail_is_not_the_reason():
    normal, law = stats.norm(), stats.lognorm(1)
    for far, near in ((10**3, 10**6), (10**6, 10**12)):
        assert from_gumbel(law.sf, law.pdf, near) < from_gumbel(law.sf, law.pdf, far)
        widths = [normal.isf(0.1 / m) - normal.isf(1 / m) for m in (far, near)]
        assert widths[1] < widths[0]

    def smooth(t):
        return math.exp(-t - math.sin(t))

    spreads = []  # moments with m S(t) = 4, 1, 1/4: any limit would have one ratio of their gaps
    for e in np.arange(20, 60):
        at = [
            optimize.brentq(lambda t, y=y, e=e: t + math.sin(t) - e + math.log(y), 0, 99)
            for y in (4, 1, 0.25)
        ]
        assert smooth(at[1]) == pytest.approx(math.exp(-float(e)), rel=1e-6)
        spreads.append((at[2] - at[1]) / (at[1] - at[0]))
    assert max(spreads[-7:]) > 2 * min(spreads[-7:])
    said = [
        f"{wrong('none')} It has one. The slowest of $m$ log-normal times is $e^Y$, with $Y$ the "
        "slowest of $m$ normal ones.",
        right("Gumbel"),
    ]
    assert missing("limit_laws", said) == []


def test_a_law_that_jumps_may_have_no_moment_with_so_many_busy():
    law, m = sg.two_point(usual=1, slow=10, probability=0.01), 100
    busy = {round(float(m * law.sf(t)), 9) for t in np.linspace(0, 12, 1201)}
    assert busy == {100, 1, 0}  # so never 3
    said = "Whatever the law, if it does not jump, the probability to be done at the moment with"
    assert missing("limit_laws", [said, "at least 0, and at least 1 for Pareto times."]) == []


def test_the_exceptions_of_the_other_end_are_those_whose_density_does_not_begin_in_between():
    small = 1e-7
    begins = {name: law.cdf(small) / small for name, law in LAWS.items()}
    assert [name for name, value in begins.items() if 0.1 < value < 10] == [
        "exponential",
        "uniform",
    ]


def test_every_number_of_the_text_is_computed_above_or_given():
    computed = (
        "0.00027 0.0024 0.0027 0.026 0.058 0.06 0.14 0.19 0.2707 0.28 0.5772 1.78 2.3 9.42 9.86 "
        "12.03 24.03"
    )
    given = "0.1 0.01 0.99 1.5 99"  # set by the text
    assert unheld("limit_laws", [], {*computed.split(), *given.split()}) == []
