"""GradCAM and conductance of all blocks from one pass through the net, equal to Captum's block by block.

Shape suffixes: N images (steps of a path), C channels, H and W pixels of a block's output.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.hooks import instrumented
from resnet_viz.attribution.engine.limits import batch_size, check_finite, check_target
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.modules import Net

_FEWEST: Final = 2  # steps at once: a difference takes two


def gradcam_of_blocks(net: Net, x_1CHW: Tensor, target: int, *, tick: Tick = no_tick) -> dict[str, Tensor]:
    """Returns GradCAM at the output of every block, (H', W') each, from one forward and backward pass.

    Selvaraju et al. 2017, equations 1 and 2 without the rectifier, as `captum.attr.LayerGradCam` has it.
    """
    check_target(net, target)
    with instrumented(net, tick=tick, forwards=1):
        outputs, grads = _outputs_and_grads(net, tuple(net.blocks), x_1CHW, target)
    maps = {
        name: (grads[name].mean((2, 3), keepdim=True) * output_1CHW).sum(1)[0] for name, output_1CHW in outputs.items()
    }
    check_finite(maps.values())
    return maps


def conductance_of_blocks(
    net: Net, x_1CHW: Tensor, target: int, steps: int, baseline_1CHW: Tensor | None, *, tick: Tick = no_tick
) -> dict[str, float]:
    """Returns the conductance of every block's output, summed over it, from one pass along the path.

    All paths of a net go through a block's output. Each sum is therefore the same number, the logit's change from
    baseline to image, except for the error of finite steps: see `conductance_of` for places that differ.
    """
    return conductance_of(tuple(net.blocks), net, x_1CHW, target, steps, baseline_1CHW, tick=tick)


def conductance_of(
    names: Sequence[str],
    net: Net,
    x_1CHW: Tensor,
    target: int,
    steps: int,
    baseline_1CHW: Tensor | None,
    *,
    tick: Tick = no_tick,
) -> dict[str, float]:
    """Returns the conductance of modules, each summed over its output, from one pass along the path.

    Dhamdhere, Sundararajan and Yan 2019, as `captum.attr.LayerConductance` computes it: at `steps` + 1 Gauss-Legendre
    points of the straight path from the baseline to the image, the change of the output to the next point times the
    gradient at this one.
    """
    check_target(net, target)
    start_1CHW = torch.zeros_like(x_1CHW) if baseline_1CHW is None else baseline_1CHW
    alphas = 0.5 * (1 + np.polynomial.legendre.leggauss(steps + 1)[0])
    totals = dict.fromkeys(names, 0.0)
    size = max(_FEWEST, batch_size(net, x_1CHW))
    with instrumented(net, tick=tick, forwards=steps + 1):
        for first in range(0, steps, size - 1):  # the last point of a batch is the first of the next
            alphas_N111 = torch.tensor(alphas[first : first + size]).to(x_1CHW).view(-1, 1, 1, 1)
            x_NCHW = start_1CHW + alphas_N111 * (x_1CHW - start_1CHW)
            outputs, grads = _outputs_and_grads(net, names, x_NCHW, target)
            for name, output_NCHW in outputs.items():
                totals[name] += ((output_NCHW[1:] - output_NCHW[:-1]) * grads[name][:-1]).sum().item()
    check_finite(torch.tensor(value) for value in totals.values())
    return totals


def _outputs_and_grads(
    net: Net, names: Sequence[str], x_NCHW: Tensor, target: int
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    outputs: dict[str, Tensor] = {}

    def keep(name: str, _module: nn.Module, _inputs: tuple[Tensor, ...], output_NCHW: Tensor) -> Tensor:
        # A copy, since an empty shortcut hands on the tensor that came in, whose gradient is the branch's too.
        outputs[name] = output_NCHW.clone()
        return outputs[name]

    hooks = [net.get_submodule(name).register_forward_hook(partial(keep, name)) for name in names]
    try:
        with torch.enable_grad():
            logits_NK = net(x_NCHW.detach().requires_grad_())
            grads = torch.autograd.grad(logits_NK[:, target].sum(), list(outputs.values()))
    finally:
        for hook in hooks:
            hook.remove()
    return {name: output.detach() for name, output in outputs.items()}, dict(zip(outputs, grads, strict=True))
