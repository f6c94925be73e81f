"""Gradients, weights, updates and signals, measured where they lie and read back in one piece."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredLayers:
    """The parts of a net that are measured.

    Attributes:
        convs: weight of each convolution by its node name, in running order.
        blocks: the blocks by name, in running order.
    """

    convs: Mapping[str, Tensor]
    blocks: Mapping[str, nn.Module]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepNorms:
    """What was measured at one step, as Python floats in the order of `MeasuredLayers`; fields as in `records.Step`."""

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
def measure_block_gradients(watched: MeasuredLayers) -> Iterator[dict[str, Tensor]]:
    """Measures the gradient of every block's output: forward inside, backward inside or after.

    Yields:
        A dict that the backward pass fills: block name -> the norm, shape (1,). The gradients themselves are not
        kept: that would cost a tenth of the step.

    The hooks on the modules are gone when the block is left, in whatever way; those on tensors go with the graph.
    """
    found: dict[str, Tensor] = {}
    handles = []
    try:
        for name, block in watched.blocks.items():
            handles.append(block.register_forward_hook(_gradient_hook(name, found)))
        yield found
    finally:
        for handle in handles:
            handle.remove()


def raw_updates(watched: MeasuredLayers, optimizer: torch.optim.SGD) -> list[Tensor]:
    """Returns what a step subtracts from each convolution's weight, divided by the learning rate.

    With momentum this is the buffer, exact for SGD without Nesterov and dampening: ask after the step. Without
    momentum it is the gradient plus weight decay: ask before the step.
    """
    weights = list(watched.convs.values())
    (group,) = optimizer.param_groups
    if group["momentum"]:
        return [optimizer.state[weight]["momentum_buffer"] for weight in weights]
    gradients = [_gradient(weight) for weight in weights]
    return list(torch._foreach_add(gradients, [w.detach() for w in weights], alpha=group["weight_decay"]))


class Measurement:
    """The norms of one step, collected on the device while the step goes on.

    Call `before_update` between backward and update, then `after_update`; `packed()` is what is to be read back.
    """

    def __init__(
        self,
        watched: MeasuredLayers,
        optimizer: torch.optim.SGD,
        blocks: Mapping[str, Tensor],
        signals: ActivationStats,
    ) -> None:
        self._watched = watched
        self._optimizer = optimizer
        self._blocks = blocks
        self._signals = signals
        self._parts: list[Tensor] = []

    def before_update(self) -> None:
        """Measures gradients and weights."""
        weights = list(self._watched.convs.values())
        measured = [_gradient(weight) for weight in weights] + [weight.detach() for weight in weights]
        if not self._has_momentum:
            measured += raw_updates(self._watched, self._optimizer)
        self._parts = [*self._blocks.values(), norms(measured)]

    def after_update(self) -> None:
        """Measures the updates where they lie in the optimiser's buffers."""
        if self._has_momentum:
            self._parts.append(norms(raw_updates(self._watched, self._optimizer)))

    def packed(self) -> Tensor:
        """Returns all that was measured in one row, float64 where the device has it."""
        return torch.cat([*self._parts, *self._signals.packed()])

    def unpack(self, values: Sequence[float], *, lr: float) -> StepNorms:
        """Returns the norms from the values of `packed`."""
        convs, num_blocks = tuple(self._watched.convs), len(self._blocks)
        rows = [values[num_blocks + i * len(convs) :][: len(convs)] for i in range(3)]
        gradient, weight, update = rows
        deviations, shares = self._signals.unpack(values[num_blocks + 3 * len(convs) :])
        # The backward pass fills the blocks from last to first.
        blocks = dict(zip(self._blocks, values[:num_blocks], strict=True))
        return StepNorms(
            grad=dict(zip(convs, gradient, strict=True)),
            block_grad={name: blocks[name] for name in self._watched.blocks if name in blocks},
            update_ratio={
                name: _ratio(lr * change, size) for name, change, size in zip(convs, update, weight, strict=True)
            },
            activation_std=deviations,
            branch_share=shares,
        )

    @property
    def _has_momentum(self) -> bool:
        return bool(self._optimizer.param_groups[0]["momentum"])


def _gradient_hook(name: str, found: dict[str, Tensor]) -> Any:
    def keep_norm(gradient: Tensor) -> None:
        found[name] = norms([gradient])

    def watch_output(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        output.register_hook(keep_norm)

    return watch_output


def _gradient(weight: Tensor) -> Tensor:
    assert weight.grad is not None  # asked for between backward and the next zero_grad
    return weight.grad


def _ratio(update: float, weight: float) -> float:
    if weight:
        return update / weight
    return math.inf if update else 0.0
