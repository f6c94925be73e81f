"""Measures how much of x the gates of an untrained net let through its shortcuts."""

import math
from collections.abc import Iterator
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import ExclusiveGatedBlock, ShortcutGatedBlock
from resnet_viz.spec.enums import Shortcut
from resnet_viz.theory.engine.bench_batch import bench_batch
from resnet_viz.theory.gate_product import KINDS, GateProduct, GateQuestion
from resnet_viz.theory.gradients import bench_net


def gate_products(question: GateQuestion, tick: Tick = no_tick) -> Iterator[GateProduct]:
    """Yields the products: for each bias that with exclusive, then that with shortcut-only gating."""
    total, number = len(question.biases) * len(KINDS), 0
    for bias in question.biases:
        for kind in KINDS:
            yield GateProduct(kind=kind, bias=bias, product=_product(kind, bias, question))
            number += 1
            tick(number / total)


def _product(kind: Shortcut, bias: float, question: GateQuestion) -> float:
    spec = bench_net({"shortcut": kind, "gate_bias": bias}, depth=question.depth)
    net = build(spec, seed=question.seed).double().train()
    x_NCHW, _labels = bench_batch(spec, question.seed)
    means: list[float] = []

    def keep(_module: nn.Module, _inputs: object, gate_NCHW: Tensor) -> None:
        means.append(1 - float(gate_NCHW.mean()))

    with ExitStack() as hooks, torch.no_grad():
        for block in net.blocks.values():
            assert isinstance(block, ExclusiveGatedBlock | ShortcutGatedBlock)
            hooks.callback(block.gate.register_forward_hook(keep).remove)
        net(x_NCHW.double())
    return math.prod(means)
