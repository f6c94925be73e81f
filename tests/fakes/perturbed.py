"""Nets and images that the tests of attribution share: perturbed ones, and one that learned to look at a corner.

A fresh net will not do: with biases of zero it is proportional to its input, so that Integrated Gradients from a zero
baseline is right at any number of steps, and proves nothing.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec

SMALL: dict[str, Any] = {
    "stem": Stem.CIFAR,
    "blocks": (2, 2),
    "widths": (4, 8),
    "in_channels": 2,
    "image_size": 16,
    "num_classes": 5,
}
FIRST, LAST = "stage1.block1", "stage2.block2"
TARGET = 3

CORNER_PX = 4
CORNER_SPEC = NetSpec(stem=Stem.CIFAR, blocks=(1, 1), widths=(8, 16), in_channels=1, image_size=16, num_classes=2)
CORNER_LAYER = "stage1.block1"  # 16 px: further up a place sees most of the image


def small(order: Order = Order.ORIGINAL, shortcut: Shortcut = Shortcut.IDENTITY, **fields: Any) -> NetSpec:
    return NetSpec(**(SMALL | {"order": order, "shortcut": shortcut} | fields))


def perturbed(spec: AnySpec, *, seed: int = 0) -> Net:
    """A net whose normalisations and biases are as far from their first values as after training."""
    net = build(spec, seed=seed).eval()
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight, module.running_var):
                    assert tensor is not None
                    tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
                for tensor in (module.bias, module.running_mean):
                    assert tensor is not None
                    tensor.copy_(0.3 * torch.randn(tensor.shape, generator=generator))
            elif isinstance(module, nn.Linear):
                module.weight.copy_(0.3 * torch.randn(module.weight.shape, generator=generator))
                module.bias.copy_(0.3 * torch.randn(module.bias.shape, generator=generator))
    return net


def image(spec: AnySpec, *, seed: int = 5) -> Tensor:
    shape = (1, spec.in_channels, *spec.image_sides)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def corner_images(count: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Noise; every other image has a bright corner at the top left, and that is its class."""
    generator = torch.Generator().manual_seed(seed)
    x_NCHW = torch.randn(count, 1, *CORNER_SPEC.image_sides, generator=generator)
    y_N = torch.arange(count) % 2
    x_NCHW[y_N == 1, :, :CORNER_PX, :CORNER_PX] += 3.0
    return x_NCHW, y_N


def corner_net() -> Net:
    """A net that was trained until the corner decides."""
    torch.manual_seed(0)
    net = build(CORNER_SPEC, seed=0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for step in range(60):
        x_NCHW, y_N = corner_images(32, seed=step)
        optimizer.zero_grad()
        F.cross_entropy(net(x_NCHW), y_N).backward()
        optimizer.step()
    return net.eval()
