"""The questions before the first figures: their answers, found in another way than the figures'."""

import ast
import json
import re
from math import comb, log, log1p

import numpy as np
import pytest
from scipy import integrate, stats

from stragglers import Sync, figures
from stragglers.explorer.prediction import predict

from ..conftest import ROOT

CHAPTERS = [
    path.stem for path in sorted((ROOT / "book").glob("*.ipynb")) if path.stem in figures.CHAPTERS
]
H = np.concatenate([[0], np.cumsum(1 / np.arange(1, 101))])


def cells(chapter):
    kept = json.loads((ROOT / "book" / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in kept if cell["cell_type"] == "code"]


def asked(chapter):
    """Return the `Prediction` of a chapter, as its cell makes it."""
    (source,) = [source for source in cells(chapter) if source.startswith("sg.predict(")]
    call = ast.parse(source).body[0].value
    name, question = ast.unparse(call.args[0]), ast.literal_eval(call.args[1])
    assert name.startswith(f"sg.figures.{chapter}.")
    draw = getattr(getattr(figures, chapter), name.rsplit(".", 1)[1])
    return predict(draw, question, **{k.arg: ast.literal_eval(k.value) for k in call.keywords})


def two_speeds_cost():
    """Return the least cost of a gradient that takes 0.5, or 3 with probability 1/5, 20 workers."""
    slow = [sum(comb(20, j) * 0.8**j * 0.2 ** (20 - j) for j in range(k)) for k in range(1, 21)]
    return min(20 * (0.5 + 2.5 * p) / k for k, p in enumerate(slow, 1))


def renewals(start, end):
    """Return the mean number of 1 + Exp(1) times that end by a time: sums of gamma laws."""
    return sum(stats.gamma(n).cdf(end - n * start) for n in range(1, int(end / start) + 1))


def largest_gap_of_gamma(m):
    t = np.linspace(1, 40, 400_001)
    limit = np.exp(-np.exp(-(t - log(m) - log(log(m)))))
    return abs(stats.gamma(2).cdf(t) ** m - limit).max()


def stairs(power):
    """Return the mean slowest of 10^power for the stairs, from P(X_{m:m} > t) on each of them."""
    m = 10.0**power
    sizes = 2.0 ** np.arange(-50, 10)
    return sum(-np.expm1(m * log1p(-np.exp(-2 * low))) * low for low in sizes)


def worst_wait():
    """Return the mean slowest of 1000 Weibull times of shape 1/2 and mean 1: X = Y² / 2."""
    n = 1000
    second_moment = 2 * sum(1 / j * (sum(1 / i for i in range(j, n + 1))) for j in range(1, n + 1))
    return second_moment / 2


ANSWERS = {
    "race": H[20] / 2,
    "fan_out": 100 * (1 - 0.99**100),
    "exponential": 100 * (H[8] - H[4]) / H[8],
    "any_distribution": worst_wait(),
    "heavy_tails": max(stairs(power + 1) - stairs(power) for power in range(30)),
    "limit_laws": 100 * largest_gap_of_gamma(1000),
    "leave_some_out": two_speeds_cost(),
    "nobody_waits": 10 * renewals(1, 8),
    "copies_and_codes": 2
    * integrate.quad(lambda t: (0.9 * np.exp(-2 * t) + 0.1 * np.exp(-0.2 * t)) ** 2, 0, np.inf)[0]
    / 0.95,
    "communication": 2 * 63 * (0.05 + 1e4 / 64 / 1.25e6),
    "staleness": 4 * 20,
    "step_size": 4 * 10 - 2,
    "error_against_time": 10 * H[10],
    "limits": next(t for t in range(501) if t + 29 * (t // 50) >= 500),
}


@pytest.mark.parametrize("chapter", ANSWERS)
def test_an_answer_is_right(chapter):
    assert asked(chapter).answer == pytest.approx(ANSWERS[chapter], rel=1e-4)


def test_answers_that_measure_or_play_are_those_of_the_first_figures():
    se = np.loadtxt(ROOT / "src/stragglers/jobs/data/SE.csv", delimiter=",", skiprows=1)[:, 1:]
    assert se.shape[1] == 32
    assert asked("real_jobs").answer == pytest.approx(se.max(axis=1).mean(), rel=1e-9)
    assert f"takes {se.mean():.1f} seconds" in asked("real_jobs").question
    counts = {
        name: figures.family.gradients_by(name, "exponential", 12) for name in figures.family.NAMES
    }
    assert asked("family").answer == max(counts.values())
    assert f"sync has put {counts['sync']} gradients" in asked("family").question
    law = "Pareto, α = 1.5"
    seen = [figures.simulation.experiments(law, 5000, seed) for seed in range(1, 7)]
    held = np.mean([abs(estimate - 1) <= 2 * error for estimate, error in seen])
    assert asked("simulation").answer == pytest.approx(100 * held, rel=1e-9)


def test_the_machinery_is_what_a_run_takes_beyond_the_replay_of_its_dice():
    kept = json.loads((ROOT / "src/stragglers/figures/runs.json").read_text("utf-8"))
    run, units = kept["runs"]["sync"], 1000 * kept["unit"] / 40
    dice = Sync(4).replay(kept["times"]).elapsed
    assert len(run["updates"]) == 40
    assert asked("laboratory").answer == pytest.approx(units * (run["updates"][-1] - dice), 1e-4)
    assert f"an update takes {units * dice:.0f} ms" in asked("laboratory").question


def test_every_chapter_asks_before_its_first_figure():
    assert len(CHAPTERS) >= 17
    for chapter in CHAPTERS:
        asks = [i for i, cell in enumerate(cells(chapter)) if cell.startswith("sg.predict(")]
        shows = [
            i
            for i, cell in enumerate(cells(chapter))
            if re.search(r"sg\.(explore|picture)\(", cell)
        ]
        assert len(asks) == 1, chapter
        assert asks[0] == shows[0] - 1, chapter


@pytest.mark.parametrize(
    ("chapter", "number"),
    [
        ("heavy_tails", f"adds {log(10):.1f} mean times"),
        (
            "limit_laws",
            f"{100 * max(np.exp(-y) - (1 - y / 5) ** 5 for y in np.linspace(0, 5, 5001)):.1f} %",
        ),
        ("communication", f"take {1000 * 2 * 63 * (5e-5 + 1e8 / 64 / 1.25e9):.0f} ms"),
        ("step_size", f"step {figures.step_size.BOWL.largest_step(figures.step_size.Async(10)):g}"),
        ("race", "At rate 2 a gradient takes half a unit"),
    ],
)
def test_a_number_that_a_question_gives_is_computed(chapter, number):
    assert number in asked(chapter).question


def test_the_mildest_of_nine_laws():
    waits = [
        figures.any_distribution.exact_means(law, "slowest")[-1]
        for law in figures.any_distribution.LAWS
    ]
    assert f"takes {min(waits):.1f} on average" in asked("any_distribution").question


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_most_people_say_is_wrong(chapter):
    """No guess that the sentence names comes within the factor that counts as right."""
    asking = asked(chapter)
    for number in re.findall(r"(?:say|says) (\d+(?:\.\d+)?)", asking.missed):
        assert "times too" in asking.verdict(float(number)), number
