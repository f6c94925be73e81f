"""Records of the gradient bench without a measurement."""

from dataclasses import replace
from typing import Any

from resnet_viz.theory.gradients import GradientCurves

CURVES = GradientCurves(
    place=0,
    seed=0,
    loss=2.5,
    convs=("stage1.block1.branch.conv1", "stage1.block1.branch.conv2"),
    grad=(4.0, 1.0),
    blocks=("stage1.block1", "stage1.block2"),
    block_grad=(3.0, 0.5),
    activation_std=(1.0, 1.5),
    branch_share=(float("nan"), 0.25),
)


def curves(**changes: Any) -> GradientCurves:
    return replace(CURVES, **changes)
