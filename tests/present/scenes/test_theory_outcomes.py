"""Outcomes of instruments: verdicts from constructed records."""

from dataclasses import replace
from math import nan

import pytest

from resnet_viz.attribution.net_result import MapAgreement, MapName
from resnet_viz.present.gradients.nets import BenchNet
from resnet_viz.present.scenes import count_outcomes, theory_outcomes
from resnet_viz.spec.enums import Order
from resnet_viz.theory.gradients import GradientCurves, bench_net
from resnet_viz.theory.order_signals import OrderSignals
from resnet_viz.theory.shortcut_factor import FactorGradients
from resnet_viz.theory.trained.growth import Filling, GrownNet
from resnet_viz.theory.trained.lesions import DeletedBlock
from resnet_viz.theory.trained.paths import PathGradient
from tests.fakes.record_curves import curves

NET = BenchNet(id="plain", title="plain-56", spec=bench_net("plain"))
TRAINED = GrownNet(
    place=0,
    title="ResNet-20",
    is_plain=False,
    filling=Filling.IDENTITY,
    old=(3, 3, 3),
    count=3,
    depth=20,
    accuracy=0.9,
    difference=0.0,
)


@pytest.mark.parametrize(
    ("accuracies", "difference", "verdict"),
    [((0.9, 0.9), 0.0, "same"), ((0.91, 0.92), 1.0, "better"), ((0.5, 0.2), 1.0, "worse"), ((0.95, 0.5), 1.0, "")],
)
def test_construction_compares_with_the_trained_net(
    accuracies: tuple[float, float], difference: float, verdict: str
) -> None:
    grown = [
        replace(TRAINED, count=count, accuracy=accuracy, difference=difference)
        for count, accuracy in zip((4, 9), accuracies, strict=True)
    ]
    random = replace(TRAINED, filling=Filling.RANDOM, count=9, accuracy=0.1, difference=9.0)
    outcome = theory_outcomes.construction([TRAINED, *grown, random], 1_000)
    assert outcome.verdict == verdict
    (message,) = outcome.messages
    assert message.startswith("ResNet-20 with 18 blocks")


def test_nothing_is_constructed_without_a_grown_net() -> None:
    assert theory_outcomes.construction([TRAINED], 1_000).verdict == ""


def signals(order: Order, seed: int, last: float) -> OrderSignals:
    return OrderSignals(order=order, seed=seed, mean=(0.4, last), least=(0, 0), std=(1, 1), cut=())


def test_the_largest_mean_is_that_of_every_seed() -> None:
    records = [signals(order, seed, float(order is Order.FULL_PREACT)) for order in Order for seed in (0, 1)]
    assert theory_outcomes.largest_mean(records).verdict == Order.FULL_PREACT
    other = [*records[:-1], signals(Order.FULL_PREACT, 1, -1.0)]
    assert theory_outcomes.largest_mean(other).verdict == ""
    assert theory_outcomes.largest_mean([]).verdict == ""


def factor(first: float, seed: int = 0) -> FactorGradients:
    return FactorGradients(
        seed=seed, blocks=("a", "b"), whole=(first, 1.0), last_stage=("a", "b"), through_shortcuts=(0.9, 1.0)
    )


@pytest.mark.parametrize(
    ("firsts", "verdict"),
    [((9.0, 2.0), "grows"), ((0.1, 0.9), "vanishes"), ((9.0, 0.5), ""), ((0.0, 0.5), ""), ((nan, 2.0), "")],
)
def test_a_factor_decides_where_all_seeds_agree(firsts: tuple[float, ...], verdict: str) -> None:
    records = [factor(first, seed) for seed, first in enumerate(firsts)]
    assert theory_outcomes.shortcut_factor(0.9, records).verdict == verdict


@pytest.mark.parametrize(
    ("firsts", "verdict"),
    [
        ((100.0, 30.0), "grows"),
        ((0.01, 0.02), "falls"),
        ((3.0, 0.5), "stays"),
        ((100.0, 0.01), ""),
        ((0.0, 1.0), ""),
    ],
)
def test_a_gradient_at_birth_has_the_trend_of_the_page(firsts: tuple[float, ...], verdict: str) -> None:
    records = [curves(place=0, seed=seed, block_grad=(first, 1.0)) for seed, first in enumerate(firsts)]
    others = [curves(place=1, block_grad=(1e9, 1.0)), curves(place=0, step=20, block_grad=(1e-9, 1.0))]
    assert theory_outcomes.gradient_at_birth(NET, 0, [*records, *others]).verdict == verdict


def steps(**ratios: float) -> list[GradientCurves]:
    return [curves(step=int(step[1:]), grad=(ratio, 1.0)) for step, ratio in ratios.items()]


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ({"_0": 3000.0, "_1": 1000.0, "_5": 50.0, "_20": 0.4, "_100": 0.8}, "turned"),
        ({"_0": 3000.0, "_1": 1000.0, "_5": 0.4, "_20": 0.4, "_100": 0.8}, "turned"),
        ({"_0": 3000.0, "_1": 1000.0, "_5": 50.0, "_20": 0.4, "_100": 1.8}, "even"),
        ({"_0": 3000.0, "_1": 1000.0, "_5": 50.0, "_20": 5.0, "_100": 0.8}, "even"),
        ({"_0": 3000.0, "_1": 1000.0, "_5": 50.0, "_20": 40.0, "_100": 0.8}, "keeps"),
        ({"_0": 3000.0, "_1": 1000.0, "_5": 50.0, "_20": nan, "_100": 0.8}, ""),
        ({"_0": 2.0, "_1": 1.0, "_5": 1.0, "_20": 1.0, "_100": 0.8}, ""),  # no explosion that could turn
        ({"_0": 3000.0, "_1": 1000.0}, ""),
    ],
)
def test_a_gradient_after_steps_has_the_course_of_the_page(ratios: dict[str, float], verdict: str) -> None:
    assert theory_outcomes.gradient_after_steps(NET, steps(**ratios)).verdict == verdict


@pytest.mark.parametrize(
    ("without", "verdict"),
    [((0.1, 0.1), "none"), ((0.89, 0.1), "few"), ((0.89, 0.88, 0.1), "most"), ((0.88, 0.95), "all"), ((), "")],
)
def test_blocks_that_can_go_are_counted(without: tuple[float, ...], verdict: str) -> None:
    records = [DeletedBlock(net=0, block=f"b{n}", accuracy=accuracy) for n, accuracy in enumerate(without)]
    fixed = DeletedBlock(net=0, block="fixed", accuracy=nan, refusal="changes the shape")
    whole = DeletedBlock(net=0, block="", accuracy=0.9)
    assert theory_outcomes.deleted_block("ResNet-8", [whole, *records, fixed]).verdict == verdict


@pytest.mark.parametrize(("decay", "verdict"), [(0.2, "short"), (1.0, "middle"), (9.0, "long")])
def test_the_length_of_the_paths_that_carry_most(decay: float, verdict: str) -> None:
    records = [PathGradient(blocks=27, length=length, norm=decay**length, spread=0.0) for length in range(28)]
    assert theory_outcomes.path_length(records).verdict == verdict


def test_paths_without_a_gradient_decide_nothing() -> None:
    records = [PathGradient(blocks=27, length=length, norm=0.0, spread=0.0) for length in range(28)]
    assert theory_outcomes.path_length(records).verdict == ""


@pytest.mark.parametrize(
    ("signed", "verdict"), [(0.7, "agree"), (0.69, "partly"), (0.29, "hardly"), (-0.9, "hardly"), (nan, "")]
)
def test_maps_agree_by_their_rank_correlation(signed: float, verdict: str) -> None:
    pair = MapAgreement(a=MapName(net=0, method="m"), b=MapName(net=1, method="m"), signed=signed, absolute=0.5)
    assert theory_outcomes.same_pixels([pair]).verdict == verdict


def test_counts_decide() -> None:
    blocks = count_outcomes.wider_block()
    assert blocks.verdict == "bottleneck"
    assert "73,728" in blocks.messages[0]  # He et al. 2015, figure 5
    assert "69,632" in blocks.messages[0]
    options = count_outcomes.projection_params()
    assert options.verdict == "1_to_10"
    assert all(count in options.messages[0] for count in ("21,623,848", "21,797,672", "22,716,840", "+5.05 %"))
    assert count_outcomes.block_at_zero().verdict == "input"
