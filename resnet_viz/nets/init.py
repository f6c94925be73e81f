"""Initial weights: He et al. 2015 (arXiv 1502.01852) for convolutions, as torchvision's ResNets and VGGs have it.

A run may also ask for torch's own, or for those of d2l.ai.
"""

import math
from typing import Final, assert_never

import torch
from torch import Tensor, nn

from resnet_viz.nets.modules import ExclusiveGatedBlock, Net, ResidualBlock, ShortcutGatedBlock
from resnet_viz.spec.enums import Init
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

VGG_FC_STD: Final = 0.01  # of the weights of a VGG net's fc: torchvision 0.29.2


@torch.no_grad()
def initialise(net: Net, spec: AnySpec, *, generator: torch.Generator, init: Init = Init.HE) -> None:
    """Sets every weight and running statistic of `net` anew, in the order of its modules.

    Convolutions: normal with standard deviation sqrt(2 / fan_out), or by `init`; biases zero. Norms: scale one,
    shift zero. The fc: uniform within 1 / sqrt(in_features), weight and bias, as torch.nn.Linear; d2l.ai draws its
    weight like those of the convolutions; those of a VGG net normal, biases zero. With `zero_init_residual` the last
    norm of every branch gets scale zero, so that each block without projection starts as the identity (Goyal et al.
    2017, 1706.02677).
    The biases of gates are all `gate_bias` (He et al. 2016, section 3.1).
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            _draw(module.weight, init, generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear) and isinstance(spec, VggSpec):
            nn.init.normal_(module.weight, 0.0, VGG_FC_STD, generator=generator)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            bound = 1.0 / math.sqrt(module.in_features)
            if init is Init.XAVIER_UNIFORM:
                nn.init.xavier_uniform_(module.weight, generator=generator)
            else:
                nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            nn.init.uniform_(module.bias, -bound, bound, generator=generator)
    if isinstance(spec, NetSpec) and spec.shortcut.is_gated:
        _set_gate_biases(net, spec.gate_bias)
    if isinstance(spec, NetSpec) and spec.zero_init_residual:
        _zero_last_norms(net)


def _draw(weight: Tensor, init: Init, generator: torch.Generator) -> None:
    """Draws the weight of a convolution."""
    match init:
        case Init.HE:
            nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu", generator=generator)
        case Init.TORCH_DEFAULT:  # torch 2.13, _ConvNd.reset_parameters: uniform within 1 / sqrt(fan_in)
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
        case Init.XAVIER_UNIFORM:
            nn.init.xavier_uniform_(weight, generator=generator)
        case _:
            assert_never(init)


def _set_gate_biases(net: Net, gate_bias: float) -> None:
    for block in net.blocks.values():
        assert isinstance(block, ExclusiveGatedBlock | ShortcutGatedBlock)  # a net has gates in all blocks or in none
        (conv,) = (layer for layer in block.gate if isinstance(layer, nn.Conv2d))
        assert conv.bias is not None
        nn.init.constant_(conv.bias, gate_bias)


def _zero_last_norms(net: Net) -> None:
    for block in net.blocks.values():
        assert isinstance(block, ResidualBlock | ExclusiveGatedBlock | ShortcutGatedBlock)  # NetSpec refuses plain nets
        last = [layer for layer in block.branch if isinstance(layer, nn.BatchNorm2d)][-1]  # a factor may stand behind
        nn.init.zeros_(last.weight)
