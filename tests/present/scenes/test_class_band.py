"""Numbers of a class: parts of a run, band over seeds, counts of seeds, and how little is sent."""

import json
from math import inf, isnan, nan
from statistics import fmean, stdev

import pytest

from resnet_viz.jobs.training.class_seats import ClassSeat, SeatState
from resnet_viz.present.scenes import class_band, class_text
from resnet_viz.present.scenes.class_band import BINS, SeedCurves
from resnet_viz.present.theme import Mode
from resnet_viz.runs.run import Curve
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import Recipe

RECIPE = recipe_files.make("degradation", {"nets": "plain", "steps": "400"})
SHALLOW, DEEP = RECIPE.labels
MOST_BYTES = 60_000  # of the chart of thirty seeds of four nets


def curve(net: str, losses: list[float]) -> Curve:
    steps = tuple(range(len(losses)))
    return Curve(
        net=net,
        attempt=1,
        steps=steps,
        loss=tuple(losses),
        accuracy=(0.5,) * len(losses),
        seconds=tuple(map(float, steps)),
        test_steps=(),
        test_loss=(),
        test_accuracy=(),
        images_per_s=1.0,
    )


def seed(number: int, shallow: float, deep: float, *, is_done: bool = True) -> SeedCurves:
    """Returns a seed whose losses are the same at all steps."""
    lines = {SHALLOW: (shallow,) * BINS, DEEP: (deep,) * BINS}
    return SeedCurves(seed=number, is_done=is_done, lines=lines, losses={SHALLOW: shallow, DEEP: deep})


def test_a_part_is_the_mean_of_its_steps_and_comes_once_it_has_passed() -> None:
    losses = [float(step) for step in range(400)]
    whole = class_band.binned(curve(SHALLOW, losses), 400)
    assert whole == tuple(fmean(range(8 * part, 8 * part + 8)) for part in range(BINS))
    assert class_band.binned(curve(SHALLOW, losses[:23]), 400) == whole[:2]
    assert class_band.binned(curve(SHALLOW, losses[:24]), 400) == whole[:3]
    assert class_band.binned(curve(SHALLOW, []), 400) == ()
    assert class_band.binned(curve(SHALLOW, losses[:7]), 7) == tuple(range(7))
    odd = class_band.binned(curve(SHALLOW, losses[:101]), 101)
    assert len(odd) == BINS
    assert odd[-1] == fmean((99, 100))


def test_the_band_is_over_seeds_that_are_done() -> None:
    seeds = [seed(0, 0.5, 1.0), seed(1, 0.7, 1.4), seed(2, 9.0, 9.0, is_done=False)]
    assert class_band.band(seeds, DEEP) == [(fmean((1.0, 1.4)), stdev((1.0, 1.4)))] * BINS
    assert class_band.band(seeds[:1], DEEP) == []
    assert class_band.band([seed(0, 1.0, nan), seed(1, 1.0, 2.0), seed(2, 1.0, 4.0)], DEEP)[0] == (3.0, stdev((2, 4)))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (
            [(0.6, 1.5)] * 23 + [(0.9, 0.8)],
            "In 23 of 24 seeds plain-56 has the higher training loss than plain-20.",
        ),
        ([(0.6, 0.5)] * 2 + [(0.6, 0.7)], "In 2 of 3 seeds plain-56 has the lower training loss than plain-20."),
        ([(0.6, 1.5)], "In 1 of 1 seed plain-56 has the higher training loss than plain-20."),
        (
            [(0.6, 1.5)] * 3 + [(2.31, 2.32)] * 2 + [(0.6, nan), (inf, 0.5)],
            "In 3 of 3 seeds plain-56 has the higher training loss than plain-20. In 2 seeds both guess."
            " In 2 seeds a net diverged.",
        ),
        ([(2.31, 2.3)], "plain-56, plain-20: In 1 seed both guess."),
        ([(0.6, nan)], "plain-56, plain-20: In 1 seed a net diverged."),
    ],
)
def test_seeds_are_counted_and_what_cannot_be_compared_apart(pairs: list[tuple[float, float]], expected: str) -> None:
    seeds = [seed(number, *pair) for number, pair in enumerate(pairs)]
    assert class_band.counts_of(RECIPE, seeds) == [expected]


def test_a_seed_that_trains_is_not_counted_yet() -> None:
    assert class_band.counts_of(RECIPE, [seed(0, 0.5, 1.0, is_done=False)]) == []
    assert class_band.means_text(RECIPE, [seed(0, 0.5, 1.0, is_done=False)]) == ""


def test_a_net_that_ended_long_before_the_others_has_diverged() -> None:
    curves = [curve(SHALLOW, [1.0] * 400), curve(DEEP, [1.0] * 100)]
    found = class_band.seed_curves(RECIPE, 0, curves, is_done=True)
    assert found.losses[SHALLOW] == 1.0
    assert isnan(found.losses[DEEP])
    assert (len(found.lines[SHALLOW]), len(found.lines[DEEP])) == (BINS, 12)


def test_means_are_those_of_finite_losses() -> None:
    text = class_band.means_text(RECIPE, [seed(0, 0.5, 1.0), seed(1, 0.7, nan), seed(2, 0.6, 2.0)])
    assert "plain-20 0.60 ± 0.10 · plain-56 1.50 ± 0.71" in text


def test_a_chart_has_a_thin_line_per_seed_a_mean_and_an_area_per_net() -> None:
    seeds = [seed(0, 0.5, 1.0), seed(1, 0.7, 1.4), seed(2, 0.6, 1.2, is_done=False)]
    options = class_band.chart(RECIPE, seeds, Mode.LIGHT)
    thin = [line for line in options["series"] if "name" not in line and "stack" not in line]
    assert len(thin) == 2 * len(seeds)
    means = {line["name"]: line["data"] for line in options["series"] if "name" in line}
    assert means == {"plain-20": [0.6] * BINS, "plain-56": [1.2] * BINS}
    low, high = (line["data"][0] for line in options["series"] if line.get("stack") == "band plain-56")
    assert (low, high) == pytest.approx((1.2 - stdev((1.0, 1.4)), 2 * stdev((1.0, 1.4))), abs=1e-3)
    own = class_band.with_own(options, RECIPE, seeds[1], Mode.LIGHT)
    marked = [line["data"][0] for line in own["series"][len(options["series"]) :]]
    assert marked == [0.7, 1.4]
    assert own["legend"]["data"][:2] == ["plain-20", "plain-56"]
    assert own["legend"]["data"][2]["name"] == "your seed, 1"
    colors = [line["lineStyle"]["color"] for line in own["series"][len(options["series"]) :]]
    assert len(set(colors)) == 2  # of the nets
    assert options["legend"]["data"] == ["plain-20", "plain-56"]  # which all browsers share


def test_a_seed_that_explodes_flattens_no_other() -> None:
    assert "max" not in class_band.chart(RECIPE, [seed(0, 0.5, 1.0)], Mode.LIGHT)["yAxis"]
    for beyond in (1e9, inf, nan):
        axis = class_band.chart(RECIPE, [seed(0, 0.5, 1.0), seed(1, 0.5, beyond)], Mode.LIGHT)["yAxis"]
        assert axis["max"] == 4.6  # two losses of guessing among ten


def test_thirty_seeds_of_four_nets_are_some_kilobytes() -> None:
    nets = ("cifar_plain20", "cifar_plain56", "cifar_resnet20", "cifar_resnet56")
    recipe = Recipe(nets=tuple(map(residual_preset, nets)), steps=1000)
    lines = {label: tuple(1 + part / 1000 for part in range(BINS)) for label in recipe.labels}
    seeds = [
        SeedCurves(seed=number, is_done=True, lines=lines, losses=dict.fromkeys(lines, 1.0)) for number in range(30)
    ]
    assert len(json.dumps(class_band.chart(recipe, seeds, Mode.LIGHT), separators=(",", ":"))) < MOST_BYTES


def test_seats_are_counted_by_what_becomes_of_them() -> None:
    seats = [ClassSeat(seed=number, state=state) for number, state in enumerate(SeatState)]
    text = class_text.seats_text(seats)
    assert text == "8 joined · 1 training · 1 done · 2 waiting · 1 paused · 1 failed · 2 stopped"
    assert class_text.seats_text(seats[4:5]) == "1 joined · 0 training · 1 done"
    assert class_text.rest_text(seats, 60.0, 1) == "3 runs are left: about 3 min 0 s on this machine."
    assert class_text.rest_text(seats, 60.0, 2) == "3 runs are left: about 2 min 0 s on this machine."
    assert class_text.rest_text(seats[4:], 60.0, 2) == ""


@pytest.mark.parametrize("state", SeatState)
def test_each_state_of_an_own_seat_has_a_message(state: SeatState) -> None:
    text = class_text.own_text(ClassSeat(seed=7, state=state, place=3))
    assert "seed 7" in text
    assert ("3" in text) == (state in (SeatState.OUTSIDE, SeatState.QUEUED))
