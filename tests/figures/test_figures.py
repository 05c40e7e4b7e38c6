"""The figures: each draw function at the ends of every control."""

from itertools import combinations, product
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg

from stragglers import figures
from stragglers.explorer.pictures import drawn
from stragglers.explorer.style import STYLE
from tools import readme_picture

from .sentences import check_said

SVG = "{http://www.w3.org/2000/svg}"

FIGURES = [  # draw, panels, and of every control the two ends
    (figures.race.slowest_and_fastest, 2, {"m": [1, 40], "rate": [1, 4]}),
    (figures.race.legs, 2, {"m": [1, 8]}),
    (figures.race.race_as_it_runs, 1, {"way": list(figures.race.WAYS), "time": [0, 3]}),
    (figures.fan_out.one_slow_server, 2, {"m": [1, 200], "p": [0.001, 0.05]}),
    (
        figures.fan_out.slowest_quantile,
        2,
        {"m": [1, 200], "law": ["exponential", "Pareto"]},
    ),
    (figures.fan_out.hedged_requests, 2, {"m": [1, 200], "common": [0, 100]}),
    (figures.exponential.race_restarts, 2, {"finished": [0, 8], "seed": [1, 6]}),
    (figures.exponential.wait_for_k, 2, {"m": [10, 200], "dropped": [0, 9]}),
    (figures.exponential.chord_and_tangent, 2, {}),
    (figures.exponential.logarithms, 1, {}),
    (figures.exponential.gumbel_limit, 2, {"m": [1, 1000]}),
    (
        figures.any_distribution.one_in_so_many,
        2,
        {
            "law": list(figures.any_distribution.LAWS),
            "m": [2, 1000],
            "rank": ["slowest", "median"],
        },
    ),
    (figures.any_distribution.done_by, 2, {"k": [1, 10], "u": [0.1, 0.9]}),
    (figures.any_distribution.prediction, 2, {}),
    (figures.heavy_tails.steps_of_a_light_tail, 2, {}),
    (
        figures.heavy_tails.leave_out,
        2,
        {"alpha": [0.25, 3], "m": [10, 40], "out": [0, 4]},
    ),
    (
        figures.limit_laws.attraction,
        1,
        {"law": list(figures.limit_laws.ATTRACTED), "m": [2, 1000]},
    ),
    (figures.limit_laws.overtaking, 1, {}),
    (
        figures.simulation.forty_intervals,
        2,
        {
            "law": list(figures.simulation.LAWS),
            "iterations": [50, 5000],
            "seed": [1, 6],
        },
    ),
    (
        figures.simulation.same_or_own_dice,
        2,
        {"same": [False, True], "iterations": [500, 5000], "seed": [1, 8]},
    ),
    (figures.simulation.gains, 1, {}),
    (
        figures.real_jobs.three_jobs,
        2,
        {"job": ["SE", "ST"], "drawn": list(figures.real_jobs.FROM)},
    ),
    (
        figures.real_jobs.whose_data,
        2,
        {
            "rule": list(figures.real_jobs.RULES),
            "fast": [1, 8],
            "step": [0.02, 0.4],
        },
    ),
    (
        figures.real_jobs.prediction,
        2,
        {"law": list(figures.real_jobs.FITTED), "steps": [5, 21]},
    ),
    (
        figures.real_jobs.best_k,
        2,
        {"job": ["SE", "ST"], "constant": [0, 20]},
    ),
    (figures.real_jobs.barrier_trap, 2, {"where": list(figures.real_jobs.TAKEN)}),
    (
        figures.laboratory.timeline,
        2,
        {"run": list(figures.laboratory.RUNS), "until": [4, 16]},
    ),
    (figures.laboratory.losses, 2, {"against": list(figures.laboratory.AGAINST)}),
    (figures.laboratory.overhead, 1, {}),
    (
        figures.communication.four_ways,
        2,
        {"m": [2, 64], "size": [0.01, 1000], "latency": [5, 500]},
    ),
    (
        figures.communication.overlap,
        2,
        {"layers": [1, 8], "backward": [1, 4], "message": [0.5, 4]},
    ),
    (
        figures.communication.local_steps,
        2,
        {"steps": [1, 64], "delay": [0, 5], "m": [2, 32]},
    ),
    (figures.communication.shared_link, 1, {"link": [0.02, 0.5]}),
    (
        figures.leave_some_out.three_bills,
        2,
        {"k": [1, 20], "law": list(figures.leave_some_out.MEAN_ONE)},
    ),
    (
        figures.leave_some_out.touching_ray,
        2,
        {"law": list(figures.leave_some_out.RAYS), "m": [5, 200]},
    ),
    (
        figures.leave_some_out.give_up,
        2,
        {"law": list(figures.leave_some_out.RESTARTS), "age": [0.25, 5]},
    ),
    (figures.leave_some_out.not_fresh, 1, {}),
    (
        figures.leave_some_out.wait_for_half,
        1,
        {"law": list(figures.leave_some_out.HALVES), "m": [3, 201]},
    ),
    (
        figures.nobody_waits.two_clocks,
        2,
        {
            "law": list(figures.nobody_waits.CLOCKS),
            "m": [2, 20],
            "begin": list(figures.nobody_waits.STARTS),
        },
    ),
    (
        figures.nobody_waits.met_at_random,
        2,
        {"law": list(figures.nobody_waits.MET), "seed": [1, 4]},
    ),
    (
        figures.nobody_waits.two_integrals,
        2,
        {"law": list(figures.nobody_waits.GAPS), "m": [1, 20]},
    ),
    (figures.nobody_waits.start_forgotten, 1, {}),
    (figures.nobody_waits.no_long_run, 1, {}),
    (
        figures.family.same_dice,
        2,
        {
            "protocol": list(figures.family.NAMES),
            "time": [0, 12],
            "law": ["exponential", "1 + exponential"],
        },
    ),
    (figures.family.six_bars, 2, {"law": list(figures.family.LAWS), "k": [1, 10]}),
    (
        figures.family.k_async_against_k_sync,
        2,
        {"law": ["Pareto 2", "hyperexponential"]},
    ),
    (
        figures.copies_and_codes.copies_and_tails,
        2,
        {"law": list(figures.copies_and_codes.LAWS), "r": [1, 6]},
    ),
    (
        figures.copies_and_codes.late_copies,
        2,
        {"law": list(figures.copies_and_codes.HEDGED), "delay": [0, 8]},
    ),
    (
        figures.copies_and_codes.attack,
        2,
        {"tolerates": [0, 3]}
        | {f"late{i}": [False, True] for i in (1, 2, 5)}
        | {"late3": [True], "late4": [True]},
    ),
    (
        figures.copies_and_codes.who_grows,
        2,
        {
            "straggle": list(figures.copies_and_codes.GROWS),
            "shift": [0.1, 20],
            "s": [0, 9],
        },
    ),
    (figures.staleness.ledger, 2, {"law": list(figures.staleness.KEPT), "n": [0, 24]}),
    (figures.staleness.own_slowness, 2, {"law": list(figures.staleness.LAWS), "m": [2, 20]}),
    (figures.staleness.kin, 2, {"protocol": list(figures.staleness.KIN), "k": [1, 10]}),
    (figures.staleness.fresh_share, 1, {}),
    (figures.staleness.mean_so_far_of, 1, {}),
    (
        figures.step_size.paths,
        2,
        {"delay": list(figures.step_size.DELAYS), "theta": [0.02, 4]},
    ),
    (figures.step_size.roots, 2, {"delay": [0, 9], "share": [0.1, 1.3]}),
    (figures.step_size.middle_k, 2, {"m": [5, 50], "theta": [0.1, 1.5]}),
    (figures.step_size.speeds, 2, {"m": [1, 100]}),
    (figures.step_size.bent, 1, {}),
    (
        figures.error_against_time.two_plots,
        2,
        {"law": list(figures.error_against_time.LAWS), "step": [0.02, 0.2]},
    ),
    (
        figures.error_against_time.two_steps,
        2,
        {"opponent": ["5-sync", "sync"], "other": [0.1, 0.4], "step": [0.005, 0.1]},
    ),
    (figures.error_against_time.own_step, 2, {"time": [5, 100]}),
    (
        figures.error_against_time.best_k,
        2,
        {"law": list(figures.error_against_time.LAWS), "time": [2, 200]},
    ),
    (figures.error_against_time.growing_k, 2, {"law": list(figures.error_against_time.LAWS)}),
    (
        figures.error_against_time.crowd,
        2,
        {"law": list(figures.error_against_time.LAWS), "scale": [1, 300]},
    ),
    (figures.error_against_time.irises, 2, {"time": [10, 100]}),
    (figures.error_against_time.two_curvatures, 2, {"noise": [0.01, 2]}),
    (figures.limits.staircase, 2, {"park": list(figures.limits.PARKS), "count": [1, 500]}),
    (figures.limits.who_works, 2, {"park": list(figures.limits.PARKS), "ratio": [1, 1000]}),
    (
        figures.limits.four_methods,
        2,
        {
            "park": list(figures.limits.PARKS),
            "noise": ["low", "high"],
            "reached": ["at first", "for good"],
        },
    ),
    (
        figures.limits.thresholds,
        2,
        {"park": ["squares", "all alike"], "bound": [1, 64], "step": [0.2, 1.4]},
    ),
    (figures.limits.half, 2, {"law": list(figures.limits.CROWDS)}),
]


def at_the_ends(controls):
    """Return the ends of all controls as a set of tuples of values."""
    return {*product(*((places[0], places[-1]) for places in controls.values()))}


SIMULATED = {  # more than a second of simulation each: `make check` leaves them out
    figures.limits.thresholds,
    figures.limits.four_methods,
    figures.error_against_time.growing_k,
    figures.error_against_time.two_steps,
    figures.error_against_time.two_plots,
    figures.error_against_time.own_step,
    figures.error_against_time.crowd,
    figures.family.k_async_against_k_sync,
    figures.staleness.fresh_share,
    figures.copies_and_codes.late_copies,
}


def each(chosen):
    slow = {True: pytest.mark.slow, False: ()}
    params = [
        pytest.param(*figure, marks=slow[figure[0] in SIMULATED], id=figure[0].__name__)
        for figure in chosen
    ]
    return pytest.mark.parametrize(("draw", "panels", "controls"), params)


SEEN = {}  # figures at the ends of their controls, drawn once for both tests that look at them


def seen(draw, panels, controls):
    """Draw a figure at the ends of its controls, and return (values, what it showed) of each."""
    if draw not in SEEN:
        SEEN[draw] = [
            (values, look(draw, panels, dict(zip(controls, values, strict=True))))
            for values in at_the_ends(controls)
        ]
    return SEEN[draw]


def look(draw, panels, values):
    """Return the sentence, and of each panel its texts in their boxes and the paper's box."""
    with rc_context(STYLE):
        axes, sentence = drawn(draw, values, panels, 3.0)
        return sentence, [(texts(ax), ax.figure.bbox.padded(2)) for ax in axes]


@each(FIGURES)
def test_a_figure_draws_at_the_ends_of_its_controls_and_says_a_number(draw, panels, controls):
    for values, (sentence, _) in seen(draw, panels, controls):
        check_said(sentence, values)


def texts(ax):
    """Return the texts of a drawn panel that can be seen, with their boxes in pixels."""
    ax.figure.dpi = rcParams["figure.dpi"]
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    found = [ax.xaxis.label, ax.yaxis.label, ax._left_title, *ax.texts]
    for axis in (ax.xaxis, ax.yaxis):
        found += [tick.label1 for tick in axis._update_ticks()]  # those that a picture shows
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found if t.get_text()]


def inside(box, paper):
    return (box.min >= paper.min).all() and (box.max <= paper.max).all()


@each(FIGURES)
def test_no_text_leaves_its_panel_or_lies_on_another(draw, panels, controls):
    for values, (_, laid_out) in seen(draw, panels, controls):
        for boxes, paper in laid_out:
            assert [text for text, box in boxes if not inside(box, paper)] == [], values
            pairs = combinations([(text, box.shrunk(0.9, 0.7)) for text, box in boxes], 2)
            assert [(s, t) for (s, a), (t, b) in pairs if a.overlaps(b)] == [], values


def test_the_share_of_slow_requests_has_the_common_cause_as_its_floor():
    plain, hedged = figures.fan_out.shares(100, 0)
    assert (round(plain, 6), round(hedged, 8)) == (0.633968, 0.00995066)
    assert figures.fan_out.shares(100, figures.fan_out.CHANCE) == (0.01, 0.01)


@pytest.mark.parametrize("m", [1, 2, 5, 28, 100, 1000])
def test_the_distance_from_the_gumbel_law_keeps_the_bound_that_the_book_proves(m):
    assert 0.25 < m * figures.exponential.gumbel_distance(m) < 4 * np.exp(-2)


def test_the_moving_picture_of_the_readme_is_what_the_package_gives():
    text = readme_picture.PLACE.read_text("utf-8")
    assert text == readme_picture.moving()
    svg = fromstring(text)
    title = svg.find(f"{SVG}title").text
    for name in ("sync", "async"):
        run = figures.family.played(name, "exponential")
        updates = int((run.update_times <= figures.family.LAST).sum())
        gradients = updates * (figures.family.PLAYERS if name == "sync" else 1)
        assert f"{gradients} gradients in {updates} updates" in title
    assert "prefers-reduced-motion" in text
    assert len(text) < 20_000
