"""How many pictures go through a net at once, so that a map takes a bounded amount of memory."""

from typing import Final

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.checks import check_finite
from resnet_viz.nets.modules import Net

MOST: Final = 64  # more are not faster on one core
KEPT_BYTES: Final = 192 * 2**20  # of what the layers hold for the backward pass; not less than one picture's, though


def at_once(net: Net, x_1CHW: Tensor) -> int:
    """Returns how many pictures like this one go through the net at once.

    Raises:
        SpecError: the scores of this one are no numbers. A rectifier makes them zero again, in a gradient.
    """
    return max(1, min(MOST, KEPT_BYTES // kept_bytes(net, x_1CHW)))


def kept_bytes(net: Net, x_1CHW: Tensor) -> int:
    """Returns the bytes of all layers' outputs for one picture, found by one pass."""
    total = 0

    def count(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        total += output.nbytes

    leaves = [module for module in net.modules() if next(module.children(), None) is None]
    hooks = [leaf.register_forward_hook(count) for leaf in leaves]
    try:
        with torch.no_grad():
            check_finite([net(x_1CHW)])
    finally:
        for hook in hooks:
            hook.remove()
    return total
