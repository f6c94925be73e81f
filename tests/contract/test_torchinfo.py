"""torchinfo as the second opinion: it finds our parameters, and our MACs but for what it counts besides."""

import pytest
import torchinfo

from resnet_viz.analysis.report import analyse
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv, Linear
from resnet_viz.spec.presets import names, preset

pytestmark = pytest.mark.torch

TOO_DEEP = ("cifar_resnet1202", "cifar_preact_bottleneck1001")  # seconds each, and nothing new in them


@pytest.mark.parametrize("name", [name for name in names() if name not in TOO_DEEP])
def test_torchinfo_agrees_but_for_norms_and_biases_which_it_counts_as_work(name: str) -> None:
    plan = lower(preset(name))
    ours = analyse(plan).totals
    theirs = torchinfo.summary(
        build(plan.spec, device="meta"), input_size=(1, *plan.input_shape), device="meta", verbose=0, col_names=()
    )
    assert theirs.total_params == ours.params
    besides = 0
    for node in plan.nodes:
        match node.op:
            case BatchNorm(channels):
                besides += 2 * channels  # a scale and a shift, counted once each and not per pixel
            case Linear(_, out_features):
                besides += out_features
            case Conv(_, out_channels, has_bias=True):
                besides += out_channels * node.shape[1] * node.shape[2]
            case _:
                pass
    assert theirs.total_mult_adds - ours.macs == besides
