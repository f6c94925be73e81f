"""Limits of a map: batches that fit a bounded memory, targets that the net has, finite values."""

from collections.abc import Iterable
from typing import Final

import torch
from torch import Tensor, nn

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net


def check_target(net: Net, target: int) -> None:
    """Raises SpecError where the net has no such class."""
    *_others, last = (module for module in net.modules() if isinstance(module, nn.Linear))
    if not 0 <= target < last.out_features:
        raise SpecError(
            _("This net has {count} classes, 0 to {last}; got {target}.").format(
                count=last.out_features, last=last.out_features - 1, target=target
            )
        )


def check_finite(maps: Iterable[Tensor]) -> None:
    """Raises SpecError where a map is not finite: the net's training has diverged."""
    if not all(each.isfinite().all() for each in maps):
        raise SpecError(
            _("The logits or gradients of this net are not finite, so it has no map. Select an earlier step.")
        )


MAX_BATCH: Final = 64  # larger batches are not faster on one core
KEPT_BYTES: Final = 192 * 2**20  # of the layers' outputs for the backward pass; at least one image's


def batch_size(net: Net, x_1CHW: Tensor) -> int:
    """Returns the number of images like this one in a batch.

    Raises:
        SpecError: its logits are not finite, which a rectifier would hide in a gradient.
    """
    return max(1, min(MAX_BATCH, KEPT_BYTES // kept_bytes(net, x_1CHW)))


def kept_bytes(net: Net, x_1CHW: Tensor) -> int:
    """Returns the bytes of all layers' outputs for one image, found by one pass."""
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
