"""The cost of a question is known before it is asked."""

import pytest

from resnet_viz.errors import BudgetError
from resnet_viz.spec.enums import Norm
from resnet_viz.theory.gradient_cost import check_memory, cost_s
from resnet_viz.theory.gradients import GradientQuestion, StepsQuestion, bench_net
from resnet_viz.training.machine_speed import REFERENCE, REFERENCE_SPEED, Machine, Speed

MEASURED = [  # seconds of one core of an AMD EPYC, torch 2.13
    ("plain", 56, 4, Norm.BATCH, 0.136),
    ("plain", 56, 16, Norm.NONE, 0.53),
    ("plain", 110, 16, Norm.BATCH, 1.175),
    ("exclusive_gating", 302, 16, Norm.BATCH, 3.015),
    ("plain", 998, 4, Norm.BATCH, 1.809),
    ("a_original", 998, 4, Norm.NONE, 1.276),
]


@pytest.mark.parametrize(("variant", "depth", "width", "norm", "seconds"), MEASURED)
def test_it_is_what_was_measured_within_a_third(
    variant: str, depth: int, width: int, norm: Norm, seconds: float
) -> None:
    question = GradientQuestion(nets=(bench_net(variant, depth=depth, width=width, norm=norm),))
    assert 0.75 < cost_s(question) / seconds < 1.33


def test_a_hundred_steps_of_a_net_take_four_seconds() -> None:
    question = StepsQuestion(nets=(bench_net("plain"),), steps=(0, 100))
    assert 2.5 < cost_s(question) < 6  # measured: 4


def test_it_is_the_sum_over_nets_and_seeds() -> None:
    one, other = bench_net("plain", depth=20), bench_net("e_full_preact", depth=56)
    each = [cost_s(GradientQuestion(nets=(net,))) for net in (one, other)]
    assert cost_s(GradientQuestion(nets=(one, other), seeds=(0, 1, 2))) == pytest.approx(3 * sum(each))
    steps = [cost_s(StepsQuestion(nets=(net,), steps=(9,))) for net in (one, other)]
    assert cost_s(StepsQuestion(nets=(one, other), steps=(9,))) == pytest.approx(sum(steps))


def test_a_slower_machine_takes_longer() -> None:
    fast = REFERENCE_SPEED
    slow = Speed(ms_per_node=2 * fast.ms_per_node, bytes_per_ms=fast.bytes_per_ms / 2, macs_per_ms=fast.macs_per_ms / 2)
    question = GradientQuestion(nets=(bench_net(),))
    assert cost_s(question, Machine(cpu=slow)) == pytest.approx(2 * cost_s(question, REFERENCE))


def test_every_net_of_the_bench_of_usual_width_fits_into_memory() -> None:
    for variant in ("plain", "exclusive_gating"):
        check_memory(bench_net(variant, depth=998))
    with pytest.raises(BudgetError, match="Make the net narrower, shallower or its images smaller"):
        check_memory(bench_net("plain", depth=998, width=64))
