"""Sentences about a run say what its numbers say."""

import math

import pytest

from resnet_viz.data.datasets import DataName
from resnet_viz.present.theme import Mode
from resnet_viz.present.training.gradient_notes import gradient_ratio
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.results import degradation, neighbours, nets_by_architecture, result_table
from resnet_viz.runs import shipped
from resnet_viz.runs.run import Curve
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import run_labels, title
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

NETS = [residual_preset("cifar_plain20"), residual_preset("cifar_plain56")]


def curve(net: str, loss: float) -> Curve:
    return Curve(
        net=net,
        attempt=1,
        steps=(0, 1),
        loss=(loss, loss),
        accuracy=(0.5, 0.5),
        seconds=(0.0, 1.0),
        test_steps=(),
        test_loss=(),
        test_accuracy=(),
        images_per_s=1.0,
    )


def probe(net: str, step: int, first: float, last: float) -> Step:
    norms = {"stem.conv": 5.0, "stage1.block1.branch.conv1": first, "stage3.block9.branch.conv2": last}
    return Step(net=net, step=step, loss=1, accuracy=0, lr=0.1, images_per_s=1, seconds=0, grad_norm=norms)


def told(shallow: float, deep: float, first: list[Step], last: list[Step]) -> str:
    (sentence,) = degradation(NETS, [curve("plain-20", shallow), curve("plain-56", deep)], first=first, last=last)
    return sentence


def test_the_deepest_net_s_gradients_are_told_at_the_first_and_the_newest_probe() -> None:
    first, last = probe("plain-56", 0, 280.0, 0.1), probe("plain-56", 250, 0.01, 0.1)
    other = probe("plain-20", 0, 9.0, 1.0)
    assert told(0.6, 1.56, [other, first], [last]) == (
        "plain-56 has 2.60 times the training loss of plain-20 (1.560 against 0.600): degradation. "
        "Weight-gradient norm of its first over its last block convolution: 2,800 at step 0, 0.1 at step 250. "
        "Norms amplify rounding: in single precision a ratio above 100 is some percent off."
    )


def test_a_net_that_was_measured_once_has_one_number_and_an_unmeasured_one_none() -> None:
    first = probe("plain-56", 0, 6.3e7, 1.0)
    assert "Weight-gradient norm of its first over its last block convolution: 6.3e+07 at step 0. Norms" in told(
        1.0, 1.0, [first], [first]
    )
    assert told(1.0, 1.0, [], []).endswith(": a difference that one seed cannot settle.")


@pytest.mark.parametrize("last", [0.0, math.nan])
def test_a_ratio_that_is_no_number_is_not_told(last: float) -> None:
    found = probe("plain-56", 0, 1.0, last)
    assert not math.isfinite(gradient_ratio(found))
    assert "gradient" not in told(1.0, 1.0, [found], [found])


def test_the_shipped_run_shows_the_explosion_and_its_turn() -> None:
    run = shipped.read("degradation")
    plain, residual = degradation(run.recipe.nets, run.curves, first=run.first, last=run.last)
    assert ": degradation. Weight-gradient norm" in plain
    assert "block convolution: 3," in plain  # TRAINING: 2.8e3, 3 seeds
    assert ": a difference that one seed cannot settle." in residual  # 1.14 times; 1.05 to 1.27 by seed


@pytest.mark.parametrize(
    ("shallow", "deep", "conclusion"),
    [
        (0.47, 0.54, "1.15 times the training loss of plain-20 (0.540 against 0.470): a difference that one seed"),
        (0.5, 0.61, "(0.610 against 0.500): degradation."),
        (0.61, 0.5, "(0.500 against 0.610): lower loss at greater depth."),
        (0.6, 2.27, "(2.270 against 0.600): degradation, down to guessing (2.303)."),
        (2.304, 1.0, "(1.000 against 2.304): lower loss at greater depth."),
        (0.0, 0.0, "plain-56 has a training loss of 0.000, plain-20 of 0.000: a difference that one seed cannot"),
        (0.0, 0.5, "plain-56 has a training loss of 0.500, plain-20 of 0.000: degradation."),
        (math.nan, 0.5, "plain-20: the loss is not finite."),
        (math.nan, math.inf, "plain-20, plain-56: the loss is not finite."),
    ],
)
def test_the_conclusion_is_that_of_the_numbers(shallow: float, deep: float, conclusion: str) -> None:
    assert conclusion in told(shallow, deep, [], [])


@pytest.mark.parametrize(("shallow", "deep"), [(2.304, 2.305), (2.30, 2.27), (2.9, 2.4), (2.302, 3.0)])
def test_two_nets_that_guess_are_not_compared(shallow: float, deep: float) -> None:
    message = told(shallow, deep, [], [])
    assert message.startswith("Neither plain-20 nor plain-56 has learned")
    assert "times" not in message
    assert "degradation" not in message


def test_guessing_is_measured_by_the_classes_of_the_data_and_not_by_the_outputs() -> None:
    nets = [spec.replace(num_classes=100) for spec in NETS]
    curves = [curve("plain-20", 2.30), curve("plain-56", 2.31)]  # ln 10 = 2.303, ln 100 = 4.605
    (of_outputs,) = degradation(nets, curves)
    (of_data,) = degradation(nets, curves, data=DataName.FASHION_MNIST_SUBSET)
    assert "times" in of_outputs
    assert of_data.startswith("Neither")


def test_only_nets_that_differ_in_depth_alone_are_compared() -> None:
    orders = [
        residual_preset("cifar_resnet56"),
        residual_preset("cifar_preact_resnet56"),
        residual_preset("cifar_resnet20", norm=Norm.NONE),
    ]
    assert degradation(orders, [curve(title(spec), 1.0) for spec in orders]) == []
    nets = [*orders, residual_preset("cifar_preact_resnet20"), *NETS]
    plain, preact = degradation(nets, [curve(title(spec), 1.0) for spec in nets])
    assert plain.startswith("plain-56")
    assert preact.startswith("ResNet-56, full pre-activation")


def test_of_several_depths_each_is_compared_with_the_next_shallower_one() -> None:
    nets = [residual_preset(f"cifar_plain{depth}") for depth in (56, 8, 20)]
    curves = [curve("plain-8", 0.50), curve("plain-20", 0.40), curve("plain-56", 1.00)]
    texts = degradation(nets, curves, first=[probe("plain-20", 0, 9.0, 1.0), probe("plain-56", 0, 9.0, 1.0)])
    assert [text.split(" has ")[0] for text in texts] == ["plain-20", "plain-56"]
    assert "0.80 times the training loss of plain-8 (0.400 against 0.500): lower loss at greater depth" in texts[0]
    assert "2.50 times the training loss of plain-20 (1.000 against 0.400): degradation" in texts[1]
    assert ["gradient norm" in text for text in texts] == [False, True]  # of the deepest one


def test_nets_of_one_depth_are_no_neighbours() -> None:
    nets = [residual_preset("cifar_resnet20", blocks=blocks) for blocks in ((3, 3, 3), (2, 3, 4))]
    deeper = residual_preset("cifar_resnet56")
    own = nets_by_architecture([*nets, deeper], set(run_labels([*nets, deeper])))
    assert [(one[1].depth, other[1].depth) for one, other in neighbours(own[0])] == [(20, 56)]


def test_nets_that_differ_in_width_alone_are_told_apart_by_it() -> None:
    narrow, wide = (
        residual_preset("cifar_plain20", widths=(4, 8, 16)),
        residual_preset("cifar_plain20", widths=(8, 16, 32)),
    )
    recipe = Recipe(nets=(narrow, wide, residual_preset("cifar_plain56", widths=(8, 16, 32))))
    assert recipe.labels == ("plain-20, width 4", "plain-20, width 8", "plain-56")
    (sentence,) = degradation(recipe.nets, [curve(label, 1.0) for label in recipe.labels])
    assert "plain-20, width 8" in sentence
    assert style_nets(recipe.nets, Mode.LIGHT).keys() == set(recipe.labels)


def probe_with_shares(net: str, shares: dict[str, float], norms: dict[str, float]) -> Step:
    return Step(
        net=net, step=400, loss=1, accuracy=0, lr=0.1, images_per_s=1, seconds=0, grad_norm=norms, branch_share=shares
    )


def test_a_table_names_branches_that_put_out_nothing_only_where_there_are_some() -> None:
    shares = {"stage1.block1": 0.4, "stage3.block9": 0.0}
    norms = {"stage1.block1.branch.conv1": 2.0, "stage3.block9.branch.conv1": 0.0, "stage3.block9.branch.conv2": 0.0}
    dead = probe_with_shares("ResNet-56", shares, norms)
    alive = probe_with_shares("plain-56", {}, dict.fromkeys(norms, 1.0))
    titles = {"ResNet-56": "ResNet-56", "plain-56": "plain-56"}
    curves = [curve("ResNet-56", 1.0), curve("plain-56", 1.0)]
    rows = result_table(titles, curves, {}, {"ResNet-56": dead, "plain-56": alive})
    assert [row["branches that put out 0"] for row in rows] == ["1: 3.9", "none"]
    assert [row["weight gradient first/last, newest probe"] for row in rows] == [
        "none: the last branch puts out 0",
        "1",
    ]
    (row,) = result_table(titles, [curve("plain-56", 1.0)], {}, {"plain-56": alive})
    assert "branches that put out 0" not in row
