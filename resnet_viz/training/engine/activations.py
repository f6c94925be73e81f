"""Activation statistics of the forward pass: standard deviation per block, and branch share per addition.

Definitions, on the step's own batch and before its update:

- activation standard deviation of a block: the root of the mean squared distance of all elements of the block's
  output (images, channels and pixels together) from their mean; in the units of the activations.
- branch share of a block: |F| / (|F| + |h|) at its addition, with L2 norms over the whole batch of the residual
  branch F and of the shortcut h as they are added; from 0 (the shortcut alone) over 0.5 (equal norms) to 1 (the
  shortcut is zero). A plain block has no addition and no share; 0 / 0 is NaN.

Sums are float64 where the device has it: a mean taken from a sum of squares needs the digits.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import nan
from typing import Any

import torch
from torch import Tensor, nn

from resnet_viz.nets.modules import Add
from resnet_viz.training.engine.norms import has_float64, norms


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivationStats:
    """Statistics of one forward pass by block, filled by hooks: tensors of shape (1,) and (2,) on the device.

    Attributes:
        activation_std: standard deviation of the block's output.
        paths: norms of branch and shortcut at the block's addition.
    """

    activation_std: dict[str, Tensor] = field(default_factory=dict)
    paths: dict[str, Tensor] = field(default_factory=dict)

    def packed(self) -> list[Tensor]:
        """Returns all statistics in the order that `unpack` expects."""
        return [*self.activation_std.values(), *self.paths.values()]

    def unpack(self, values: Sequence[float]) -> tuple[dict[str, float], dict[str, float]]:
        """Returns standard deviation and branch share by block from the values of `packed`."""
        num = len(self.activation_std)
        pairs = zip(values[num::2], values[num + 1 :: 2], strict=True)
        shares = (branch / (branch + shortcut) if branch + shortcut else nan for branch, shortcut in pairs)
        return dict(zip(self.activation_std, values[:num], strict=True)), dict(zip(self.paths, shares, strict=True))


@contextmanager
def measure_activations(blocks: Mapping[str, nn.Module]) -> Iterator[ActivationStats]:
    """Measures the forward pass inside the context; the hooks are removed on every exit."""
    found = ActivationStats()
    handles = []
    try:
        for name, block in blocks.items():
            handles.append(block.register_forward_hook(_output_hook(name, found)))
            handles.extend(
                module.register_forward_pre_hook(_addition_hook(name, found))
                for module in block.modules()
                if isinstance(module, Add)
            )
        yield found
    finally:
        for handle in handles:
            handle.remove()


def standard_deviation(values: Tensor) -> Tensor:
    """Returns the standard deviation of all elements, shape (1,); float64 where the device has it."""
    values = values.detach()
    if not has_float64(values.device):
        return values.float().std(correction=0).reshape(1)
    mean = values.sum(dtype=torch.float64) / values.numel()
    mean_square = norms([values]).square() / values.numel()
    return (mean_square - mean.square()).clamp(min=0).sqrt()


def _output_hook(name: str, found: ActivationStats) -> Any:
    def watch(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        found.activation_std[name] = standard_deviation(output)

    return watch


def _addition_hook(name: str, found: ActivationStats) -> Any:
    def watch(_module: nn.Module, inputs: tuple[Tensor, Tensor]) -> None:
        found.paths[name] = norms([path.detach() for path in inputs])

    return watch
