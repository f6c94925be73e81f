"""Outcomes of runs: verdicts from constructed curves of one seed and of several."""

from collections.abc import Mapping, Sequence
from math import inf, log, nan

import pytest

from resnet_viz.present.scenes import run_outcomes
from resnet_viz.runs.run import Curve
from resnet_viz.runs.shipped import read
from resnet_viz.spec.enums import Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import Recipe

RECIPE = recipe_files.make("degradation", {})
PLAIN_20, PLAIN_56, RES_20, RES_56 = RECIPE.labels
STEPS = 400


def curve(net: str, loss: float, accuracy: float | None = None, *, steps: int = STEPS) -> Curve:
    tested = () if accuracy is None else (accuracy,)
    return Curve(
        net=net,
        attempt=1,
        steps=tuple(range(0, steps, 10)),
        loss=(loss,) * (steps // 10),
        accuracy=(0.5,) * (steps // 10),
        seconds=(1.0,) * (steps // 10),
        test_steps=(steps - 10,) * len(tested),
        test_loss=(1.0,) * len(tested),
        test_accuracy=tested,
        images_per_s=100.0,
    )


def curves(plain: Sequence[float], residual: Sequence[float] = (0.5, 0.5)) -> tuple[Curve, ...]:
    return tuple(map(curve, RECIPE.labels, (*plain, *residual)))


@pytest.mark.parametrize(
    ("losses", "verdict", "said"),
    [
        ((0.6, 1.4), "shallower", "plain-56 has 2.33 times the training loss of plain-20 (1.400 against 0.600)"),
        ((1.4, 0.6), "deeper", "lower loss at greater depth"),
        ((0.6, 0.71), "", "a difference that one seed cannot settle"),
        ((0.71, 0.6), "", "a difference that one seed cannot settle"),
        ((log(10), log(10)), "", "Neither plain-20 nor plain-56 has learned"),
        ((log(10), 4.0), "", "Neither plain-20 nor plain-56 has learned"),  # apart, but two guesses
        ((0.6, nan), "", "the loss is not finite"),
        ((0.6, inf), "", "the loss is not finite"),
    ],
)
def test_one_seed_decides_from_a_ratio_on(losses: tuple[float, float], verdict: str, said: str) -> None:
    outcome = run_outcomes.deeper_or_shallower(RECIPE, {0: curves(losses)})
    assert outcome.verdict == verdict
    (message,) = outcome.messages
    assert said in message


@pytest.mark.parametrize(
    ("by_seed", "verdict", "said"),
    [
        ({0: (0.6, 1.4), 1: (0.6, 1.5), 2: (0.7, 1.3)}, "shallower", "in 3 of 3 seeds"),
        ({0: (0.60, 0.66), 1: (0.61, 0.67)}, "shallower", "in 2 of 2 seeds"),  # apart, if by little
        ({0: (0.66, 0.60), 1: (0.67, 0.61)}, "deeper", "lower loss (last 50 steps) than plain-20 in 2 of 2 seeds"),
        ({0: (0.5, 0.9), 1: (0.9, 0.6), 2: (0.7, 0.9)}, "", "overlap within their standard deviations"),
    ],
)
def test_several_seeds_decide_where_their_means_are_apart(
    by_seed: Mapping[int, tuple[float, float]], verdict: str, said: str
) -> None:
    outcome = run_outcomes.deeper_or_shallower(RECIPE, {seed: curves(losses) for seed, losses in by_seed.items()})
    assert outcome.verdict == verdict
    assert said in outcome.messages[0]


@pytest.mark.parametrize(
    ("losses", "verdict"), [((0.5, 0.9), "shallower"), ((0.9, 0.5), "deeper"), ((0.5, 0.55), "close")]
)
def test_with_shortcuts_too_close_is_an_answer(losses: tuple[float, float], verdict: str) -> None:
    outcome = run_outcomes.depth_with_shortcuts(RECIPE, {0: curves((0.6, 1.4), losses)})
    assert outcome.verdict == verdict
    (message,) = outcome.messages
    assert message.startswith("ResNet-56")


def test_a_net_that_ended_early_is_not_compared() -> None:
    early = (curve(PLAIN_20, 0.6), curve(PLAIN_56, 3.0, steps=100))
    assert run_outcomes.deeper_or_shallower(RECIPE, {0: early}).verdict == ""


def test_a_run_of_one_depth_decides_nothing() -> None:
    recipe = Recipe(nets=(residual_preset("cifar_plain20"),))
    for outcome in (run_outcomes.deeper_or_shallower, run_outcomes.depth_with_shortcuts, run_outcomes.overfitting):
        found = outcome(recipe, {0: (curve(recipe.labels[0], 0.5, 0.8),)})
        assert (found.verdict, len(found.messages)) == ("", 1)


@pytest.mark.parametrize(
    ("losses", "accuracies", "verdict"),
    [
        ((0.6, 1.4), (0.8, 0.5), "not_overfitting"),
        ((0.6, 0.3), (0.8, 0.7), "overfitting"),
        ((0.6, 0.3), (0.8, 0.9), ""),  # better in both
        ((0.6, 0.61), (0.8, 0.7), ""),
        ((0.6, 1.4), (None, None), ""),
    ],
)
def test_overfitting_is_a_lower_training_loss_with_a_lower_test_accuracy(
    losses: tuple[float, float], accuracies: tuple[float | None, float | None], verdict: str
) -> None:
    own = tuple(map(curve, (PLAIN_20, PLAIN_56), losses, accuracies))
    assert run_outcomes.overfitting(RECIPE, {0: own}).verdict == verdict


ORDERS = recipe_files.make("activation_orders", {})


def orders(**losses: float) -> tuple[Curve, ...]:
    """A curve per order, 1.0 where no loss is named."""
    return tuple(
        curve(label, losses.get(net.order.value, 1.0)) for label, net in zip(ORDERS.labels, ORDERS.nets, strict=True)
    )


def test_the_best_order_is_ahead_of_every_other() -> None:
    assert run_outcomes.best_order(ORDERS, {0: orders(full_preact=0.5)}).verdict == Order.FULL_PREACT
    tie = run_outcomes.best_order(ORDERS, {0: orders(full_preact=0.5, original=0.55)})
    assert tie.verdict == ""
    assert tie.messages[0].startswith("(e) full pre-activation is the lowest, but too close to (a) original")


def test_the_best_order_over_seeds() -> None:
    apart = {seed: orders(full_preact=0.50 + seed / 100, original=0.6, bn_after_add=0.9) for seed in range(3)}
    assert run_outcomes.best_order(ORDERS, apart).verdict == Order.FULL_PREACT
    overlapping = {0: orders(full_preact=0.4, original=0.6), 1: orders(full_preact=0.6, original=0.5)}
    assert run_outcomes.best_order(ORDERS, overlapping).verdict == ""


def test_nets_that_differ_in_more_than_the_order_are_not_compared() -> None:
    assert run_outcomes.best_order(RECIPE, {0: curves((0.6, 1.4))}).verdict == ""
    assert run_outcomes.best_order(ORDERS, {0: orders(full_preact=nan)}).verdict == ""


def test_the_shipped_run_decides_as_its_curves_do() -> None:
    run = read("degradation")
    by_seed = {run.recipe.seed: run.curves}
    assert run_outcomes.deeper_or_shallower(run.recipe, by_seed).verdict == "shallower"
    assert run_outcomes.depth_with_shortcuts(run.recipe, by_seed).verdict == "close"
    assert run_outcomes.overfitting(run.recipe, by_seed).verdict == "not_overfitting"
