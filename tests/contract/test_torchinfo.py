"""torchinfo as the second opinion: it finds our parameters, and the rest but for what it counts by rules of its own."""

import json
from dataclasses import replace

import pytest

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.analysis.second_opinion import Cause, compare, differing_layers, from_json
from resnet_viz.jobs.inquiries import Inquiries, Stage
from resnet_viz.nets.second_opinion import MOST_NODES, answer, ask
from resnet_viz.plan.lower import lower
from resnet_viz.spec import codec
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import names, preset
from resnet_viz.spec.terms import Order
from tests.jobs.waiting import until

pytestmark = pytest.mark.torch

TOO_DEEP = ("cifar_resnet1202", "cifar_preact_bottleneck1001")  # seconds each, and nothing new in them
UNUSUAL = (
    *(preset("cifar_resnet8", order=order) for order in Order),
    preset("resnet18", norm="none"),
    preset("resnet18", conv_bias=True, projection_norm=False),
    preset("cifar_resnet14", dim_match="projection_everywhere", in_channels=1, image_size=28),
    preset("resnet50", dilated_stages=(3, 4), image_size=65),
)


def analysis_of(spec: NetSpec) -> Analysis:
    return analyse(lower(spec))


@pytest.mark.parametrize(
    "spec", [*(preset(name) for name in names() if name not in TOO_DEEP), *UNUSUAL], ids=lambda spec: str(spec)[:60]
)
def test_the_reasons_account_for_every_difference_in_total_and_by_layer(spec: NetSpec) -> None:
    analysis, opinion = analysis_of(spec), ask(spec)
    params, macs, activations = compare(analysis, opinion)
    assert (params.difference, macs.unexplained, activations.unexplained) == (0, 0, 0)
    assert opinion.trainable == opinion.params
    assert differing_layers(analysis.plan, opinion) == ()
