"""Figures of the chapter "Three limits"."""

import numpy as np
from scipy import stats

from ..explorer.style import COLOURS, INK, MARKERS, label
from ..laws.named import exponential, gamma, pareto, uniform
from ..order_statistics.equal_workers import order_statistic
from .any_distribution import DICE, LAWS, ruler

ATTRACTED = {  # law, shift and scale of its slowest of m, the limit
    "uniform": (uniform(0, 1), lambda m: (1, 1 / m), stats.weibull_max(1)),
    "exponential": (exponential(rate=1), lambda m: (np.log(m), 1), stats.gumbel_r()),
    "gamma, shape 2": (
        gamma(shape=2, rate=1),
        lambda m: (np.log(m) + np.log(np.log(m)), 1),
        stats.gumbel_r(),
    ),
    "Pareto, α = 2": (pareto(alpha=2, minimum=1), lambda m: (0, m**0.5), stats.invweibull(2)),
}
LIMITS = {"uniform": "reversed Weibull", "Pareto, α = 2": "Fréchet"}


def distance(law, m):
    """Return the largest distance of the slowest of m from its limit, over all moments.

    The moments are found from c = m S(t), the number of busy workers to expect.
    """
    work, norm, limit = ATTRACTED[law]
    shift, scale = norm(m)
    moments = work.isf(np.linspace(1e-4, min(m - 1e-6, 15), 20_000) / m)
    exact = np.exp(m * np.log(work.cdf(moments)))
    return abs(exact - limit.cdf((moments - shift) / scale)).max()


def attraction(ax, law, m):
    """Draw the distribution of the slowest of m, shifted and scaled, beside its limit."""
    work, norm, limit = ATTRACTED[law]
    shift, scale = norm(m)
    x = np.linspace(-5, 6, 78)
    slowest = order_statistic(work, m, m)
    exact, limiting = slowest.cdf(shift + scale * x), limit.cdf(x)
    ax.plot(x, limiting, color=INK, ls="--", label=f"limit: {LIMITS.get(law, 'Gumbel')}")
    ax.plot(x, exact, color=COLOURS["slowest"], label=f"slowest of {m}, exact")
    levels = np.arange(0.05, 1, 0.1)
    rng = np.random.default_rng(DICE)
    draws = work.rvs(size=(1000, m), random_state=rng).max(axis=1)
    places = (np.quantile(draws, levels) - shift) / scale
    style = {"color": COLOURS["slowest"], "label": "simulated"}
    ax.plot(places, levels, MARKERS["slowest"], **style)
    ax.set(xlim=(-5, 6), ylim=(0, 1.04), xlabel=f"slowest of {m}, shifted and scaled")
    label(ax, (6, 0.05), LIMITS.get(law, "Gumbel"), INK, "left", above=0)
    ax.set(title="probability of being done")
    ax.set_xticks([-4, -2, 0, 2, 4, 6])
    ax.set_yticks([0, 0.5, 1])
    return (
        f"{law[0].upper() + law[1:]}, {m} workers: the distribution of the slowest, shifted by "
        f"{shift:.4g} and scaled by {scale:.4g}, is at most {distance(law, m):.2g} away "
        f"from its limit."
    )


def overtaking(ax):
    """Draw the mean slowest of m for a Weibull and a Pareto law that have the same mean."""
    m = np.unique(np.geomspace(1, 10**6, 60).astype(int))
    laws = {"Weibull, shape ½": "typical", "Pareto, α = 2": "slowest"}
    means = {law: [order_statistic(LAWS[law], i, i).mean() for i in m.tolist()] for law in laws}
    for law, colour in laws.items():
        ax.plot(m, means[law], color=COLOURS[colour], label=law)
    low, high = means.values()
    ax.set(xscale="log", yscale="log", xlim=(1, 1.2e6), ylim=(0.9, 1500))
    label(ax, (m[-1] / 2, high[-1]), "Pareto, α = 2", COLOURS["slowest"], "left", above=-8)
    label(ax, (m[-1], low[-1]), "Weibull, shape ½", COLOURS["typical"], "left", above=-50)
    ax.set(xlabel="workers m", title="mean of the slowest of m (mean of one: 1)")
    ruler(ax.xaxis, [1, 10, 100, 1000, 10**4, 10**5, 10**6])
    ruler(ax.yaxis, [1, 10, 100, 1000])
    return (
        f"For few workers the Weibull law makes the slowest slower; for a million the Pareto law "
        f"does, {high[-1]:.0f} against {low[-1]:.0f} times the mean."
    )


# -------------------------------------------------------------------------------------------------
# Asked before the first figure


def a_thousand_gamma_workers():
    """Return how far 1000 gamma workers are from the limit, in per cent; what most people miss."""
    five = distance("exponential", 5)
    thousand, million = (distance("gamma, shape 2", m) for m in (1000, 10**6))
    return 100 * thousand, (
        f"Most people say much less than the {100 * five:.2g} % of five exponential workers, since "
        f"1000 is large. How large is large depends on the law: with a million gamma workers it is "
        f"still {100 * million:.2g} %."
    )
