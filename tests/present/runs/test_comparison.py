"""Runs beside each other: who is marked as best, and what the charts are made of."""

import math
from dataclasses import replace

from resnet_viz.present.runs import comparison
from resnet_viz.present.runs.comparison import ComparedRun, ago_text, scores
from resnet_viz.present.theme import Mode
from resnet_viz.present.training.recipe import recipe_summary
from resnet_viz.runs import shipped
from resnet_viz.training.recipe import to_json


def run(name: str, letter: str = "A") -> ComparedRun:
    found = shipped.read(name)
    return ComparedRun(
        found.title, letter, found.recipe.nets, found.recipe.steps, found.curves, found.first, found.last
    )


def best(name: str) -> list[str]:
    found = shipped.read(name)
    return [score.net for score in scores(found.recipe.labels, found.curves) if score.is_best]


def test_the_best_net_is_that_with_the_highest_test_accuracy() -> None:
    assert best("degradation") == ["ResNet-20, full pre-activation"]
    assert best("no_norm_he") == ["ResNet-20, no norm"]


def test_without_a_test_the_lowest_loss_is_best_and_a_net_alone_is_not() -> None:
    found = shipped.read("degradation")
    untested = [replace(curve, test_steps=(), test_loss=(), test_accuracy=()) for curve in found.curves]
    assert [score.net for score in scores(found.recipe.labels, untested) if score.is_best] == [
        "ResNet-20, full pre-activation"
    ]
    assert not any(score.is_best for score in scores(found.recipe.labels[:1], untested[:1]))
    assert scores(["x"], [])[0] == comparison.Score(net="x", loss=None, accuracy=None, is_best=False)


def test_one_run_keeps_its_colours_and_several_are_told_apart_by_dashes() -> None:
    alone = comparison.loss_chart([run("degradation")], Mode.LIGHT)
    assert [line["name"] for line in alone["series"]] == [curve.net for curve in run("degradation").curves]
    both = comparison.loss_chart([run("degradation"), run("very_deep", "B")], Mode.LIGHT)
    names = [line["name"] for line in both["series"]]
    assert (names[0], names[4], len(names)) == ("A: plain-20", "B: plain-20", 8)
    first, second = both["series"][0]["lineStyle"], both["series"][4]["lineStyle"]
    assert first["color"] == second["color"]
    assert first["type"] != second["type"]


def test_a_loss_that_explodes_makes_the_axis_logarithmic_and_is_seen() -> None:
    assert comparison.loss_chart([run("degradation")], Mode.DARK)["yAxis"]["type"] == "value"
    chart = comparison.loss_chart([run("no_norm_he")], Mode.DARK)
    assert chart["yAxis"]["type"] == "log"
    assert [line["showSymbol"] for line in chart["series"]] == [False, False, False, True]


def test_error_is_one_minus_accuracy() -> None:
    chart = comparison.error_chart([run("degradation")], Mode.LIGHT)
    (curve, *_) = shipped.read("degradation").curves
    assert chart["series"][0]["data"] == [
        [s, 1 - a] for s, a in zip(curve.test_steps, curve.test_accuracy, strict=True)
    ]


def test_gradient_norms_are_those_of_the_first_or_the_last_probe() -> None:
    first = comparison.gradient_chart([run("very_deep")], Mode.LIGHT, is_first=True)
    last = comparison.gradient_chart([run("very_deep")], Mode.LIGHT, is_first=False)
    assert "step 0" in first["title"]["text"]
    assert "step 399" in last["title"]["text"]
    assert len(first["series"][1]["data"]) == 109  # plain-110 without its fc


def test_the_table_has_a_row_per_net_of_each_run() -> None:
    rows = comparison.compared_table([run("degradation"), run("no_norm_he", "B")])
    assert len(rows) == 8
    assert rows[4]["run"] == "B: Without batch norm: the residual net explodes"
    assert rows[7]["steps"] == 1


def test_a_bar_per_net_and_a_star_at_the_best() -> None:
    found = shipped.read("no_norm_he")
    options, height_px = comparison.score_chart(scores(found.recipe.labels, found.curves), {})
    (narrow,) = options["media"]
    for layout, has_loss in ((options["baseOption"], True), (narrow["option"], False)):
        told = [item["value"] for item in layout["yAxis"][1]["data"]]
        assert [text.endswith("★") for text in told] == [False, False, True, False]
        assert told[3] == "loss 1,230"
        assert ("loss" in told[2]) is has_loss
    assert height_px > 100


def test_a_narrow_chart_keeps_room_for_its_bars() -> None:
    found = shipped.read("no_norm_he")
    options, _height_px = comparison.score_chart(scores(found.recipe.labels, found.curves), {})
    (narrow,) = options["media"]
    smallest_px = {"base": narrow["query"]["maxWidth"], "narrow": 290}  # 290: a card of a column at 960 px
    for name, layout in (("base", options["baseOption"]), ("narrow", narrow["option"])):
        assert layout["grid"]["left"] + layout["grid"]["right"] + 70 <= smallest_px[name]


def test_times_long_ago_are_told_in_days() -> None:
    assert ago_text(12.3) == "12 s ago"
    assert ago_text(3 * 86_400) == "3 days ago"


def test_a_recipe_in_few_words_whatever_it_holds() -> None:
    fields = to_json(shipped.read("degradation").recipe)
    assert recipe_summary(fields) == "Fashion-MNIST · 14 px · width 4 · batch 64 · lr 0.1 · 400 steps · seed 0"
    assert "width ?" in recipe_summary({"nets": [{"widths": {}}], "data": 5, "lr": math.nan})
    assert "? px" in recipe_summary({})


def test_no_net_is_the_best_of_equals() -> None:
    found = shipped.read("degradation")

    def tested(*accuracies: float) -> list[bool]:
        curves = [replace(curve, test_accuracy=(a,)) for curve, a in zip(found.curves, accuracies, strict=False)]
        return [score.is_best for score in scores([curve.net for curve in curves], curves)]

    assert tested(0.1, 0.1) == [False, False]  # two that guess
    assert tested(0.9, 0.9, 0.1) == [True, True, False]
    assert tested(0.1, 0.2) == [False, True]
