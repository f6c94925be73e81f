"""Norms of gradients, weights and updates, measured on the device and read back in one transfer."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from resnet_viz.nets.modules import Net
from resnet_viz.training.engine.activations import ActivationStats
from resnet_viz.training.engine.norms import norms
from resnet_viz.training.engine.optimizers import Updates, gradient_of


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredLayers:
    """Layers of a net that are measured.

    Attributes:
        convs: weight of each convolution by its node name, in running order.
        blocks: the blocks by name, in running order.
    """

    convs: Mapping[str, Tensor]
    blocks: Mapping[str, nn.Module]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepNorms:
    """Measurements of one step, in the order of `MeasuredLayers`; fields as in `records.Step`."""

    grad: Mapping[str, float]
    block_grad: Mapping[str, float]
    update_ratio: Mapping[str, float]
    activation_std: Mapping[str, float]
    branch_share: Mapping[str, float]


def measured_layers(net: Net) -> MeasuredLayers:
    """Returns the convolutions and blocks of a net."""
    convs = {name: module.weight for name, module in net.named_modules() if isinstance(module, nn.Conv2d)}
    return MeasuredLayers(convs=convs, blocks=net.blocks)


@contextmanager
def measure_block_gradients(layers: MeasuredLayers) -> Iterator[dict[str, Tensor]]:
    """Measures the gradient of every block's output: forward pass inside, backward pass inside or after.

    Yields:
        A dict that the backward pass fills: block name -> norm, shape (1,). Keeping the gradients themselves would
        cost a tenth of the step.

    The hooks on modules are removed on every exit; those on tensors vanish with the autograd graph.
    """
    found: dict[str, Tensor] = {}
    handles = []
    try:
        for name, block in layers.blocks.items():
            handles.append(block.register_forward_hook(_gradient_hook(name, found)))
        yield found
    finally:
        for handle in handles:
            handle.remove()


class Measurement:
    """Norms of one step, collected on the device during the step.

    Call `before_update` between backward pass and update, then `after_update`, and read back `packed()`.
    """

    def __init__(
        self,
        layers: MeasuredLayers,
        optimizer: torch.optim.Optimizer,
        blocks: Mapping[str, Tensor],
        activations: ActivationStats,
    ) -> None:
        self._layers = layers
        self._updates = Updates(list(layers.convs.values()), optimizer)
        self._blocks = blocks
        self._activations = activations
        self._parts: list[Tensor] = []

    def before_update(self) -> None:
        """Measures gradients and weights."""
        weights = list(self._layers.convs.values())
        measured = [gradient_of(weight) for weight in weights] + [weight.detach() for weight in weights]
        self._parts = [*self._blocks.values(), norms(measured)]
        self._updates.before()

    def after_update(self) -> None:
        """Measures the updates."""
        self._parts.append(norms(self._updates.after()))

    def packed(self) -> Tensor:
        """Returns all measurements in one row, float64 where the device has it."""
        return torch.cat([*self._parts, *self._activations.packed()])

    def unpack(self, values: Sequence[float], *, lr: float) -> StepNorms:
        """Returns the norms from the values of `packed`."""
        convs, num_blocks = tuple(self._layers.convs), len(self._blocks)
        rows = [values[num_blocks + i * len(convs) :][: len(convs)] for i in range(3)]
        gradient, weight, update = rows
        deviations, shares = self._activations.unpack(values[num_blocks + 3 * len(convs) :])
        # The backward pass fills the blocks from last to first.
        blocks = dict(zip(self._blocks, values[:num_blocks], strict=True))
        return StepNorms(
            grad=dict(zip(convs, gradient, strict=True)),
            block_grad={name: blocks[name] for name in self._layers.blocks if name in blocks},
            update_ratio={
                name: _ratio(lr * change, size) for name, change, size in zip(convs, update, weight, strict=True)
            },
            activation_std=deviations,
            branch_share=shares,
        )


def _gradient_hook(name: str, found: dict[str, Tensor]) -> Any:
    def keep_norm(gradient: Tensor) -> None:
        found[name] = norms([gradient])

    def watch_output(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        output.register_hook(keep_norm)

    return watch_output


def _ratio(update: float, weight: float) -> float:
    if weight:
        return update / weight
    return math.inf if update else 0.0
