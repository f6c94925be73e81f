"""Dilation in place of stride in basic blocks, against modules written here and against the net with strides."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.nets.build import build
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch

SMALL: dict[str, Any] = {"widths": (4, 8, 12, 16), "num_classes": 5, "image_size": 64}


class Basic(nn.Module):
    """Two 3x3 convolutions; the first at the stride's place, the second behind it. Names as torchvision's."""

    def __init__(self, ins: int, outs: int, stride: int, first_dilation: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(ins, outs, 3, stride, first_dilation, first_dilation, bias=False)
        self.bn1 = nn.BatchNorm2d(outs)
        self.conv2 = nn.Conv2d(outs, outs, 3, 1, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(outs)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1 or ins != outs:
            self.downsample = nn.Sequential(nn.Conv2d(ins, outs, 1, stride, bias=False), nn.BatchNorm2d(outs))

    def forward(self, x: Tensor) -> Tensor:
        f = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(f + self.downsample(x))


def by_hand(widths: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """ResNet-18 with output stride 8: stages 3 and 4 dilate."""
    w1, w2, w3, w4 = widths
    return nn.Sequential(
        nn.Conv2d(3, w1, 7, 2, 3, bias=False), nn.BatchNorm2d(w1), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        Basic(w1, w1, 1, 1, 1), Basic(w1, w1, 1, 1, 1),
        Basic(w1, w2, 2, 1, 1), Basic(w2, w2, 1, 1, 1),
        Basic(w2, w3, 1, 1, 2), Basic(w3, w3, 1, 2, 2),  # where stride 2 was, then dilation 2
        Basic(w3, w4, 1, 2, 4), Basic(w4, w4, 1, 4, 4),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(w4, num_classes),
    )  # fmt: skip


def fill(net: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            low = 0.5 if "running_var" in name or tensor.ndim == 1 else -0.3
            tensor.copy_(torch.empty_like(tensor).uniform_(low, low + 0.6, generator=generator))


@pytest.mark.parametrize("size", [64, 33, 9])
def test_logits_are_those_of_a_module_written_by_hand(size: int) -> None:
    spec = preset("resnet18", dilated_stages=(3, 4), **SMALL | {"image_size": size})
    net, other = build(spec), by_hand(spec.widths, spec.num_classes)
    fill(other, seed=1)
    net.load_state_dict(dict(zip(net.state_dict(), other.state_dict().values(), strict=True)))  # both in running order
    x_NCHW = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = other.eval()(x_NCHW)
        torch.testing.assert_close(net.eval()(x_NCHW), expected, rtol=1e-5, atol=1e-5)
    assert expected.std() > 0.01


@pytest.mark.parametrize("block", BlockKind)
@pytest.mark.parametrize("order", [Order.ORIGINAL, Order.FULL_PREACT])
@pytest.mark.parametrize("dim_match", [DimMatch.ZERO_PAD, DimMatch.PROJECTION])
@pytest.mark.parametrize("dilated", [(2,), (3,), (2, 3)])
def test_the_strided_net_is_a_sample_of_the_dilated_one(
    block: BlockKind, order: Order, dim_match: DimMatch, dilated: tuple[int, ...]
) -> None:
    strided = NetSpec(
        blocks=(2, 2, 2), widths=(4, 8, 16), stem=Stem.CIFAR, block=block, order=order, dim_match=dim_match,
        image_size=32, num_classes=4,
    )  # fmt: skip
    net, dense = build(strided), build(strided.replace(dilated_stages=dilated))
    fill(net, seed=2)
    dense.load_state_dict(net.state_dict())
    maps: list[Tensor] = []
    for each in (net, dense):
        each.get_submodule("head.pool").register_forward_pre_hook(lambda _m, inputs: maps.append(inputs[0]))
        with torch.no_grad():
            each.eval()(torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    step = 2 ** len(dilated)
    torch.testing.assert_close(maps[1][:, :, ::step, ::step], maps[0], rtol=1e-4, atol=1e-4)
