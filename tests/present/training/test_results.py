"""Sentences about a run say what its numbers say."""

import math

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.results import degradation, gradient_ratio
from resnet_viz.runs import shipped
from resnet_viz.runs.run import Curve
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import title
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
        "Weight-gradient norm of its first over its last block convolution: 2,800 at step 0, 0.1 at step 250."
    )


def test_a_net_that_was_measured_once_has_one_number_and_an_unmeasured_one_none() -> None:
    first = probe("plain-56", 0, 6.3e7, 1.0)
    assert told(1.0, 1.0, [first], [first]).endswith(
        "Weight-gradient norm of its first over its last block convolution: 6.3e+07 at step 0."
    )
    assert told(1.0, 1.0, [], []).endswith(": no degradation.")


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
    assert ": no degradation." in residual


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
