"""Measures gradients through single paths: in each block the backward pass takes the branch or the shortcut alone.

The rectifiers are those of the whole net's forward pass. Shape suffixes: N images, C channels, H and W pixels.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from resnet_viz.attribution.engine.branch_split import watched_additions
from resnet_viz.attribution.engine.lesion import run
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.theory.engine.bench_batch import bench_batch
from resnet_viz.theory.engine.trained_nets import net_with_images
from resnet_viz.theory.trained.paths import PathGradient, PathQuestion, check_paths, sampled_lengths

BATCH: Final = 16


class _Step(NamedTuple):
    """Block of a forward pass whose graph is kept.

    Attributes:
        into_NCHW: its input, a leaf.
        branch_NCHW: input of the addition from the branch.
        shortcut_NCHW: from the shortcut.
        sum_NCHW: output of the addition.
        out_NCHW: output of the block and of what follows it in its stage.
    """

    into_NCHW: Tensor
    branch_NCHW: Tensor
    shortcut_NCHW: Tensor
    sum_NCHW: Tensor
    out_NCHW: Tensor


def path_gradients(question: PathQuestion, tick: Tick = no_tick) -> Iterator[PathGradient]:
    """Yields the gradients through sampled paths, short ones first.

    Raises:
        Refusal: the net is not there, or has no shortcuts.
    """
    net, x_NCHW, y_N = _net_and_batch(question)
    steps, gradient_NCHW = _forward(net, x_NCHW, y_N)
    lengths, rng = sampled_lengths(len(steps)), np.random.default_rng(question.seed)
    work, done = sum(1 + length for length in lengths), 0
    for length in lengths:
        norms = []
        for number in range(
            question.samples if 0 < length < len(steps) else 1
        ):  # one path is the shortest, one longest
            through = set(rng.choice(len(steps), length, replace=False).tolist())
            norms.append(float(gradient_through(steps, gradient_NCHW, through).norm()))
            tick((done + (1 + length) * (number + 1) / question.samples) / work)
        done += 1 + length
        yield PathGradient(blocks=len(steps), length=length, norm=float(np.mean(norms)), spread=float(np.std(norms)))


def _net_and_batch(question: PathQuestion) -> tuple[Net, Tensor, Tensor]:
    if question.untrained:
        (spec,) = question.untrained
        x_NCHW, y_N = bench_batch(spec, question.seed)
        net = build(spec, seed=question.seed).double().train()
        return net, x_NCHW[:BATCH].double(), y_N[:BATCH]
    tested = net_with_images(question.nets[0], BATCH)
    check_paths(tested.loaded.spec)
    return tested.loaded.net, tested.x_NCHW, tested.y_N


def _forward(net: Net, x_NCHW: Tensor, y_N: Tensor) -> tuple[list[_Step], Tensor]:
    """Returns the blocks of one forward pass, and the loss's gradient behind the last of them."""
    modules, starts = list(net.pieces.items()), [at for at, name in enumerate(net.pieces) if name in net.blocks]
    spans = [
        [module for _name, module in modules[start:stop]]
        for start, stop in zip(starts, [*starts[1:], len(modules) - 1], strict=True)
    ]
    with torch.no_grad():
        x_NCHW = run((module for _name, module in modules[: starts[0]]), x_NCHW)
    steps = []
    for name, span in zip(net.blocks, spans, strict=True):
        steps.append(_step(net, name, span, x_NCHW.detach().requires_grad_()))
        x_NCHW = steps[-1].out_NCHW
    last_NCHW = x_NCHW.detach().requires_grad_()
    (gradient_NCHW,) = torch.autograd.grad(F.cross_entropy(net.head(last_NCHW), y_N), last_NCHW)
    return steps, gradient_NCHW


def _step(net: Net, name: str, span: Sequence[nn.Module], into_NCHW: Tensor) -> _Step:
    with torch.enable_grad(), watched_additions(net) as additions:
        out_NCHW = run(span, into_NCHW)
    found = additions[name]
    return _Step(into_NCHW, found.branch_PCHW, found.shortcut_PCHW, found.sum_PCHW, out_NCHW)


def gradient_through(steps: Sequence[_Step], gradient_NCHW: Tensor, through: set[int]) -> Tensor:
    """Returns the gradient at the first block's input through some blocks' branches and the other shortcuts."""
    for number in range(len(steps) - 1, -1, -1):
        step = steps[number]
        if step.out_NCHW is not step.sum_NCHW:
            (gradient_NCHW,) = torch.autograd.grad(step.out_NCHW, step.sum_NCHW, gradient_NCHW, retain_graph=True)
        side_NCHW = step.branch_NCHW if number in through else step.shortcut_NCHW
        if side_NCHW is not step.into_NCHW:
            (gradient_NCHW,) = torch.autograd.grad(side_NCHW, step.into_NCHW, gradient_NCHW, retain_graph=True)
    return gradient_NCHW
