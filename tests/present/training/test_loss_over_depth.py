"""The chart of loss against depth: what is drawn of which nets."""

import math

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.training.loss_over_depth import depth_alt, depth_axes, depth_chart, depth_curves
from resnet_viz.runs.run import Curve
from resnet_viz.spec.enums import Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import recipe_files
from tests.present.training.test_results import curve

NETS = recipe_files.make("deeper_is_better", {}).nets
LABELS = recipe_files.make("deeper_is_better", {}).labels
PLAIN, RESIDUAL = (0.34, 0.33, 1.07), (0.45, 0.38, 0.32)


def seed(shift: float = 0.0) -> list[Curve]:
    return [curve(label, loss + shift) for label, loss in zip(LABELS, (*PLAIN, *RESIDUAL), strict=True)]


def test_each_architecture_has_a_curve_named_without_its_depth() -> None:
    plain, residual = depth_curves(NETS, {0: seed(), 1: seed(0.02)}, Mode.LIGHT)
    assert (plain.name, residual.name) == ("plain", "ResNet, zero init")
    assert list(residual.losses) == [8, 20, 56]
    assert residual.losses[56] == [0.32, 0.34]
    assert plain.color != residual.color


def test_two_depths_are_no_picture() -> None:
    nets = [residual_preset(f"cifar_resnet{depth}") for depth in (20, 56)]
    assert depth_curves(nets, {0: [curve("ResNet-20", 0.4), curve("ResNet-56", 0.4)]}, Mode.LIGHT) == []


def test_orders_are_architectures_of_their_own() -> None:
    nets = [
        residual_preset(f"cifar_resnet{depth}", order=order)
        for order in (Order.ORIGINAL, Order.FULL_PREACT)
        for depth in (8, 20, 56)
    ]
    labels = [f"ResNet-{d}{name}" for name in ("", ", full pre-activation") for d in (8, 20, 56)]
    curves = depth_curves(nets, {0: [curve(label, 0.5) for label in labels]}, Mode.DARK)
    assert [each.name for each in curves] == ["ResNet", "ResNet, full pre-activation"]


def test_nothing_is_drawn_before_the_first_step() -> None:
    assert depth_curves(NETS, {0: []}, Mode.LIGHT) == []


def test_means_are_a_line_and_seeds_a_band() -> None:
    options = depth_chart(depth_curves(NETS, {0: seed(), 1: seed(0.1)}, Mode.LIGHT))
    low, height, line = [one for one in options["series"] if one["name"] == "ResNet, zero init"]
    assert [round(y, 3) for _x, y, *_text in line["data"]] == [0.5, 0.43, 0.37]
    assert low["data"][2] == [56, 0.32]
    assert math.isclose(height["data"][2][1], 0.1)
    assert options["yAxis"]["type"] == "log"
    assert (options["yAxis"]["min"], options["yAxis"]["max"]) == (0.25, 2.0)


@pytest.mark.parametrize(("plain", "shifts"), [(0.33, [-8, 8]), (0.31, [8, -8]), (1.0, [0, 0])])
def test_texts_at_the_ends_of_lines_stay_apart(plain: float, shifts: list[int]) -> None:
    losses = dict.fromkeys(LABELS, 0.32) | {LABELS[2]: plain}
    curves = depth_curves(NETS, {0: [curve(label, loss) for label, loss in losses.items()]}, Mode.LIGHT)
    assert [one["endLabel"]["offset"] for one in depth_chart(curves)["series"]] == [[0, shift] for shift in shifts]


def test_one_seed_has_no_band() -> None:
    assert len(depth_chart(depth_curves(NETS, {0: seed()}, Mode.LIGHT))["series"]) == 2


def test_a_loss_that_is_no_number_leaves_a_gap() -> None:
    diverged = [*seed()[:2], curve(LABELS[2], math.nan), *seed()[3:]]
    curves = depth_curves(NETS, {0: diverged, 1: seed()}, Mode.LIGHT)
    low, _height, line = [one for one in depth_chart(curves)["series"] if one["name"] == "plain"]
    assert line["data"][2][1] is None
    assert len(low["data"]) == 2
    assert line["endLabel"]["formatter"] == ""
    assert depth_axes(curves).y_ends == (0.25, 2.0)


def test_axes_without_a_loss_have_a_length() -> None:
    low, high = depth_axes([]).y_ends or (0, 0)
    assert 0 < low < high


def test_the_picture_in_words_has_each_mean() -> None:
    text = depth_alt(depth_curves(NETS, {0: seed()}, Mode.LIGHT))
    assert "plain: 0.34 at 8 layers, 0.33 at 20 layers, 1.07 at 56 layers; ResNet, zero init: 0.45 at 8" in text
