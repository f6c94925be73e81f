"""Optimisers of torch for a recipe, their state by name, and the update that each makes of a weight.

The fused updates are used: one kernel over all tensors, element by element, so that equal steps give equal bits.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

import torch
from torch import Tensor

from resnet_viz.nets.modules import Net
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe

STATE_OF: Final[Mapping[type[torch.optim.Optimizer], tuple[str, ...]]] = {
    torch.optim.SGD: ("momentum_buffer",),
    torch.optim.Adam: ("step", "exp_avg", "exp_avg_sq"),
    torch.optim.AdamW: ("step", "exp_avg", "exp_avg_sq"),
}
"""Tensors that an optimiser keeps for each parameter; SGD without momentum keeps none."""


def make_optimizer(net: Net, recipe: Recipe) -> torch.optim.Optimizer:
    """Returns the recipe's optimiser for a net."""
    common: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": True}
    match recipe.optimizer:
        case OptimizerName.SGD:
            return torch.optim.SGD(net.parameters(), momentum=recipe.momentum, nesterov=recipe.nesterov, **common)
        case OptimizerName.ADAM:
            return torch.optim.Adam(net.parameters(), betas=recipe.betas, eps=recipe.eps, **common)
        case OptimizerName.ADAMW:
            return torch.optim.AdamW(net.parameters(), betas=recipe.betas, eps=recipe.eps, **common)
        case _:
            assert_never(recipe.optimizer)


def state_of(net: Net, optimizer: torch.optim.Optimizer) -> dict[str, dict[str, Tensor]]:
    """Returns the optimiser's tensors: kind -> parameter's name -> tensor; no kinds before the first step."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, parameter in net.named_parameters():
        for kind, tensor in optimizer.state.get(parameter, {}).items():
            if tensor is not None:
                found.setdefault(kind, {})[name] = tensor
    return found


def set_state(net: Net, optimizer: torch.optim.Optimizer, state: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Sets the optimiser's tensors from those that `state_of` gave; those of another kind of optimiser are not set.

    A parameter that the state lacks begins anew: SGD with a momentum of zero, since its fused update takes all buffers
    or none, Adam with its own count of steps.
    """
    kinds = STATE_OF[type(optimizer)]
    if not set(kinds) <= state.keys():
        return
    for name, parameter in net.named_parameters():
        is_known = all(name in state[kind] and _fits(kind, state[kind][name], parameter) for kind in kinds)
        if is_known or isinstance(optimizer, torch.optim.SGD):
            own = optimizer.state[parameter]
            for kind in kinds:
                # In the parameter's own memory format: the fused update goes through both side by side.
                own[kind] = torch.zeros((), device=parameter.device) if kind == "step" else torch.zeros_like(parameter)
                if is_known:
                    own[kind].copy_(state[kind][name])


def _fits(kind: str, kept: Tensor, parameter: Tensor) -> bool:
    return kept.shape == (() if kind == "step" else parameter.shape)


class Updates:
    """Updates that a step makes of weights, divided by the negative learning rate and computed from its formula.

    The difference of the weights themselves would be rounded to the weights' last digit, of which a small update has
    few. Call `before` between backward pass and step, `after` once the step is taken.
    """

    def __init__(self, weights: Sequence[Tensor], optimizer: torch.optim.Optimizer) -> None:
        self._weights = [weight.detach() for weight in weights]
        self._parameters = weights
        self._optimizer = optimizer
        (self._group,) = optimizer.param_groups
        self._kept: list[Tensor] = []

    def before(self) -> None:
        """Keeps what the step overwrites."""
        decay = self._group["weight_decay"]
        if isinstance(self._optimizer, torch.optim.SGD):
            if self._group["nesterov"] or not self._group["momentum"]:
                gradients = [gradient_of(weight) for weight in self._parameters]
                self._kept = list(torch._foreach_add(gradients, self._weights, alpha=decay))
        elif isinstance(self._optimizer, torch.optim.AdamW) and decay:
            self._kept = list(torch._foreach_mul(self._weights, decay))

    def after(self) -> list[Tensor]:
        """Returns the update of each weight."""
        if not isinstance(self._optimizer, torch.optim.SGD):
            return self._of_adam()
        momentum = self._group["momentum"]
        if not momentum:
            return self._kept
        buffers = self._states("momentum_buffer")
        if not self._group["nesterov"]:
            return buffers
        return list(torch._foreach_add(self._kept, buffers, alpha=momentum))

    def _of_adam(self) -> list[Tensor]:
        """Returns mean / (root of the mean square + eps), both means corrected for their start at zero, and decay."""
        first, second = self._group["betas"]
        steps = self._states("step")
        updates = torch._foreach_div(self._states("exp_avg"), _corrections(first, steps))
        roots = torch._foreach_sqrt(torch._foreach_div(self._states("exp_avg_sq"), _corrections(second, steps)))
        torch._foreach_add_(roots, self._group["eps"])
        torch._foreach_div_(updates, roots)
        if self._kept:
            torch._foreach_add_(updates, self._kept)
        return list(updates)

    def _states(self, kind: str) -> list[Tensor]:
        return [self._optimizer.state[weight][kind] for weight in self._parameters]


def gradient_of(weight: Tensor) -> Tensor:
    """Returns the gradient of a weight, between backward pass and the next `zero_grad`."""
    assert weight.grad is not None
    return weight.grad


def _corrections(beta: float, steps: Sequence[Tensor]) -> list[Tensor]:
    """Returns 1 - beta^step of each weight, exact in float32 where beta is near 1; nothing is read back."""
    exponents = torch.stack(list(steps)) * (math.log(beta) if beta else -math.inf)
    return list((-torch.expm1(exponents)).unbind())
