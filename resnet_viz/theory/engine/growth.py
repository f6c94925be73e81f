"""Grows trained nets by blocks that do nothing, or by random ones, and measures what that changes.

A residual block does nothing where its branch is zero. A plain block does nothing where its kernels hand on their
channel (Dirac kernels) and its norms change nothing; its input is not negative, so that ReLU lets it pass.

Shape suffixes: N images, C channels, H and W pixels, K classes.
"""

from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.load_net import LoadedNet
from resnet_viz.attribution.engine.progress import Tick, no_tick, subtick
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net, PlainBlock, ResidualBlock
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.engine.trained_nets import net_with_images
from resnet_viz.theory.trained.growth import Filling, GrownNet, GrowthQuestion, grown_spec

_AT_ONCE: Final = 100  # images


def grown_nets(question: GrowthQuestion, tick: Tick = no_tick) -> Iterator[GrownNet]:
    """Yields the grown nets: by number of blocks, then by net, with blocks that do nothing before random ones."""
    tested = [net_with_images(ref, question.images) for ref in question.nets]
    before = [_logits(one.loaded.net, one.x_NCHW, no_tick) for one in tested]
    number, total = 0, len(question.counts) * len(tested) * len(Filling)
    for count in question.counts:
        for place, (one, old_NK) in enumerate(zip(tested, before, strict=True)):
            for filling in Filling:
                new = grow(one.loaded.net, count, filling, seed=question.seed)
                new_NK = _logits(new, one.x_NCHW, subtick(tick, number, total))
                number += 1
                yield _record(place, one.loaded, filling, count, old_NK=old_NK, new_NK=new_NK, y_N=one.y_N)


def grow(net: Net, count: int, filling: Filling, *, seed: int) -> Net:
    """Returns a copy of a net with `count` blocks in each stage, in evaluation mode; new ones are the last of a stage.

    Raises:
        SpecError: as `grown_spec`.
    """
    new = build(grown_spec(net.spec, count), seed=seed)
    new.load_state_dict(net.state_dict(), strict=False)
    if filling is Filling.IDENTITY:
        for name, block in new.blocks.items():
            if name not in net.blocks:
                make_identity(block)
    return new.eval()


@torch.no_grad()
def make_identity(block: nn.Module) -> None:
    """Sets the weights of a block so that, in evaluation mode, it returns its input, which is not negative."""
    match block:
        case ResidualBlock():
            last = [layer for layer in block.branch if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)][-1]
            nn.init.zeros_(last.weight)
            if last.bias is not None:
                nn.init.zeros_(last.bias)
        case PlainBlock():
            for layer in block.modules():
                _let_pass(layer)
        case _:
            raise AssertionError(f"{type(block).__name__} has gates: the question refuses them")


def _let_pass(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d):
        nn.init.dirac_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    elif isinstance(layer, nn.BatchNorm2d):
        layer.reset_running_stats()
        assert layer.running_var is not None
        layer.running_var.fill_(1 - layer.eps)  # the norm divides by sqrt(var + eps)
        nn.init.ones_(layer.weight)
        nn.init.zeros_(layer.bias)


def _record(
    place: int, net: LoadedNet, filling: Filling, count: int, *, old_NK: Tensor, new_NK: Tensor, y_N: Tensor
) -> GrownNet:
    old, spec = net.spec, grown_spec(net.spec, count)
    assert isinstance(old, NetSpec)
    return GrownNet(
        place=place,
        title=net.title,
        is_plain=spec.is_plain,
        filling=filling,
        old=old.blocks,
        count=count,
        depth=spec.depth,
        accuracy=float((new_NK.argmax(1) == y_N).double().mean()),
        difference=float((new_NK - old_NK).abs().max()),
    )


@torch.no_grad()
def _logits(net: Net, x_NCHW: Tensor, tick: Tick) -> Tensor:
    parts = []
    for start in range(0, len(x_NCHW), _AT_ONCE):
        parts.append(net(x_NCHW[start : start + _AT_ONCE]))
        tick(min(1.0, (start + _AT_ONCE) / len(x_NCHW)))
    return torch.cat(parts)
