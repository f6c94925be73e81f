"""Measures the gradient of nets whose shortcuts multiply by λ: whole, and through the shortcuts alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net, ResidualBlock
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.engine.bench_batch import bench_batch
from resnet_viz.theory.engine.gradients import gradient_curves
from resnet_viz.theory.gradients import GradientQuestion
from resnet_viz.theory.shortcut_factor import FactorGradients, FactorQuestion

_KEPT: Final = 256  # answers that stay in memory while a slider moves


def factor_gradients(question: FactorQuestion, tick: Tick = no_tick) -> Iterator[FactorGradients]:
    """Yields the gradients of one seed after the other."""
    for number, seed in enumerate(question.seeds, start=1):
        yield _of_seed(question, seed)
        tick(number / len(question.seeds))


@lru_cache(maxsize=_KEPT)
def _of_seed(question: FactorQuestion, seed: int) -> FactorGradients:
    original = question.spec(Order.ORIGINAL)
    (curves,) = gradient_curves(GradientQuestion(nets=(original,), seeds=(seed,)))
    names, norms = gradients_through_shortcuts(question.spec(Order.FULL_PREACT), seed)
    return FactorGradients(
        seed=seed, blocks=curves.blocks, whole=curves.block_grad, last_stage=names, through_shortcuts=norms
    )


def gradients_through_shortcuts(spec: NetSpec, seed: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Returns the blocks of the last stage, and the gradient at each through shortcuts alone over that at the last."""
    net = build(spec, seed=seed).double().train()
    x_NCHW, y_N = bench_batch(spec, seed)
    names = tuple(name for name in net.blocks if name.startswith(f"stage{len(spec.blocks)}."))
    outputs: dict[str, Tensor] = {}
    with ExitStack() as hooks:
        _watch(net, names, outputs, hooks)
        loss = F.cross_entropy(net(x_NCHW.double()), y_N)
    grads = torch.autograd.grad(loss, [outputs[name] for name in names])
    norms = [float(grad.norm()) for grad in grads]
    return names, tuple(norm / norms[-1] for norm in norms)


def _watch(net: Net, names: tuple[str, ...], outputs: dict[str, Tensor], hooks: ExitStack) -> None:
    """Detaches every branch, and keeps the outputs of some blocks, until `hooks` closes."""

    def keep(name: str, block: nn.Module) -> None:
        def kept(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            outputs[name] = output

        hooks.callback(block.register_forward_hook(kept).remove)

    for name, block in net.blocks.items():
        assert isinstance(block, ResidualBlock)
        detach = block.branch.register_forward_hook(lambda _module, _inputs, output: output.detach())
        hooks.callback(detach.remove)
        if name in names:
            keep(name, block)
