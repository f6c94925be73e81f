"""The receptive field is where the gradient of one output pixel is not zero, with nothing that could cancel."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.analysis.receptive_field import field_starts, receptive_fields
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec

pytestmark = pytest.mark.torch

SIDE_PX = {Stem.CIFAR: 97, Stem.IMAGENET: 257}  # so that no field reaches over the edge

NETS: list[dict[str, Any]] = [
    {"stem": Stem.CIFAR, "blocks": (2, 2, 1)},
    {"stem": Stem.CIFAR, "blocks": (2, 2, 1), "shortcut": Shortcut.NONE},
    {"stem": Stem.CIFAR, "blocks": (1, 2, 2), "dim_match": DimMatch.ZERO_PAD},
    {"stem": Stem.CIFAR, "blocks": (2, 1, 1), "dim_match": DimMatch.PROJECTION_EVERYWHERE, "order": Order.FULL_PREACT},
    *(
        {"stem": Stem.CIFAR, "blocks": (1, 2, 1), "shortcut": kind, "dim_match": option}
        for kind in Shortcut
        if kind not in (Shortcut.NONE, Shortcut.IDENTITY)
        for option in (DimMatch.ZERO_PAD, DimMatch.PROJECTION)
    ),
    {"stem": Stem.CIFAR, "blocks": (2, 2, 1), "block": BlockKind.BOTTLENECK},
    {"stem": Stem.CIFAR, "blocks": (2, 2, 1), "block": BlockKind.BOTTLENECK, "stride_on": StrideOn.FIRST_1X1},
    {"stem": Stem.IMAGENET, "blocks": (2, 1, 1)},
    {"stem": Stem.IMAGENET, "blocks": (1, 1, 1), "order": Order.RELU_ONLY_PREACT},
    {"stem": Stem.IMAGENET, "blocks": (1, 2, 2), "block": BlockKind.BOTTLENECK},
    {"stem": Stem.IMAGENET, "blocks": (1, 2, 2), "block": BlockKind.BOTTLENECK, "stride_on": StrideOn.FIRST_1X1},
]


def span(gradient_NCHW: Tensor) -> tuple[int, int]:
    """First and last input column with a gradient."""
    columns = torch.nonzero(gradient_NCHW.abs().sum(dim=(0, 1, 2)))
    return int(columns.min()), int(columns.max())


def outputs(spec: NetSpec) -> tuple[Tensor, dict[str, Tensor]]:
    """The picture and the output of every layer, every weight one."""
    net = build(spec).double()
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    if spec.stem is Stem.IMAGENET:  # a maximum has the gradient of one pixel; a mean over the same window has all
        net.get_submodule("stem").pool = nn.AvgPool2d(3, 2, 1)
    found: dict[str, Tensor] = {}
    for name, module in net.named_modules():
        module.register_forward_hook(lambda _m, _i, out, name=name: found.update({name: out}))
    x_NCHW = torch.ones(1, 1, *spec.image_sides, dtype=torch.float64, requires_grad=True)
    net(x_NCHW)
    return x_NCHW, found


@pytest.mark.parametrize("changes", NETS, ids=lambda changes: "-".join(map(str, changes.values())))
def test_field_and_jump_are_the_support_of_a_gradient(changes: dict[str, Any]) -> None:
    side = SIDE_PX[changes["stem"]]
    spec = NetSpec(widths=(1, 2, 2), norm=Norm.NONE, in_channels=1, image_size=side, num_classes=2, **changes)
    plan = lower(spec)
    seen = receptive_fields(plan)
    x_NCHW, found = outputs(spec)
    for name in [block.name for block in plan.blocks] + [node.name for node in plan.nodes if ".conv" in node.name]:
        last = [node.name for node in plan.nodes if node.name == name or node.name.startswith(f"{name}.")][-1]
        out_NCHW = found[name]
        middle = out_NCHW.shape[-1] // 2
        spans = []
        for column in (middle, middle + 1):
            (gradient,) = torch.autograd.grad(out_NCHW[0, :, middle, column].sum(), x_NCHW, retain_graph=True)
            spans.append(span(gradient))
        (first, final), (next_first, _next_final) = spans
        assert 0 < first <= final < side - 1, "the picture is too small for this test"
        assert final - first + 1 == seen[last].size, name
        assert next_first - first == seen[last].jump, name
        assert first == field_starts(plan)[last] + middle * seen[last].jump, name
