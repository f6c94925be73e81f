"""Line charts as ECharts options: places on both kinds of axes, gaps, marks."""

import json
import math

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.line_options import Axes, band, chart, dots, level, line, marked, with_marks
from resnet_viz.present.theory.shattering import gates_chart
from resnet_viz.present.theory.shortcut_factor import factor_chart
from resnet_viz.theory.shattering import independent_gates
from resnet_viz.theory.shortcut_factor import FactorGradients, powers

LINEAR, POWERS = Axes(x="step", y="loss"), Axes(x="step", y="loss", is_power=True)


def test_an_axis_of_powers_draws_logarithms_and_names_the_value() -> None:
    drawn = line("a", [(0, 1e-5), (1, 100.0)], "#000000", axes=POWERS)["data"]
    assert [point[1] for point in drawn] == pytest.approx([-5, 2])
    assert [point[2] for point in drawn] == ["1e-05", "100"]
    assert line("a", [(0, 1e-5)], "#000000", axes=LINEAR)["data"][0][1] == 1e-5


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -1.0])
def test_what_has_no_place_leaves_a_gap(value: float) -> None:
    assert line("a", [(0, value)], "#000000", axes=POWERS)["data"][0][1] is None


def test_options_are_json() -> None:
    series = [
        with_marks(dots(line("a", [(0, 1.0), (1, math.nan)], "#000000", axes=LINEAR)), [(0, 1.0)], axes=LINEAR),
        *band("a", [(0, 0.5, 1.5)], "#000000"),
        level(
            marked(line("b", [(0, 2.0)], "#000000", axes=LINEAR), "x", (0, 2.0), axes=LINEAR), 1.0, "one", axes=LINEAR
        ),
        line("", [(0, 2.0)], "#000000", axes=LINEAR, is_faint=True),
    ]
    options = chart(series, axes=LINEAR)
    json.dumps(options, allow_nan=False)
    assert options["legend"]["data"] == ["a", "b"]


def test_on_a_phone_each_name_has_a_row_below_the_axis() -> None:
    series = [line(name, [(0, 1.0)], "#000000", axes=LINEAR) for name in "abcde"]
    options = chart(series, axes=LINEAR)
    (narrow,) = (rule["option"] for rule in options["media"])
    assert narrow["legend"]["orient"] == "vertical"
    assert narrow["grid"]["bottom"] > options["grid"]["bottom"]


def test_a_band_is_as_high_as_the_difference_of_its_ends() -> None:
    low, height = band("a", [(8, 0.5, 0.75)], "#000000")
    assert (low["data"], height["data"], low["stack"]) == ([[8, 0.5]], [[8, 0.25]], height["stack"])


def test_the_product_and_the_measurements_are_drawn_from_the_last_block() -> None:
    record = FactorGradients(
        seed=0,
        blocks=("stage1.block1", "stage2.block1", "stage2.block2"),
        whole=(40.0, 8.0, 4.0),
        last_stage=("stage2.block1", "stage2.block2"),
        through_shortcuts=(0.7, 1.0),
    )
    options = factor_chart(0.7, 3, [record], Mode.LIGHT)
    drawn = {series["name"]: [(x, y) for x, y, _text in series["data"]] for series in options["series"]}
    product = next(points for name, points in drawn.items() if name.startswith("product"))
    alone = next(points for name, points in drawn.items() if "alone" in name)
    whole = next(points for name, points in drawn.items() if "whole" in name)
    assert [y for _x, y in product] == pytest.approx([math.log10(value) for value in powers(0.7, 2)])
    assert [y for _x, y in alone] == pytest.approx([0.0, math.log10(0.7)])
    assert [y for _x, y in whole] == pytest.approx([0.0, math.log10(2), 1.0])


def test_lines_of_independent_gates_are_marked_at_the_chosen_layers() -> None:
    options = gates_chart(7, 20, Mode.DARK)
    marks = [series["markPoint"]["data"][0]["coord"] for series in options["series"]]
    assert [x for x, _y in marks] == [7, 7, 7]
    assert [10**y for _x, y in marks] == pytest.approx(independent_gates(7))
