"""Trains plain and residual blocks to return their input: images behind a fixed random convolution and a ReLU.

Shape suffixes: B images of a batch, C channels, H and W pixels.
"""

from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.gradients import DATA
from resnet_viz.theory.identity_task import CHUNK, STEPS, IdentityLosses, IdentityQuestion
from resnet_viz.training.engine.images import batches, load_images
from resnet_viz.training.lab_nets import NetType

CHANNELS: Final = 8
_SIDE: Final = 14
_BATCH: Final = 32
_LR: Final = 0.05
_MOMENTUM: Final = 0.9
_FAN_IN: Final = 9  # of a 3x3 kernel on one channel


def identity_losses(question: IdentityQuestion, tick: Tick = no_tick) -> Iterator[IdentityLosses]:
    """Yields losses as they come; both stacks of a seed train in step."""
    total, number = 2 * len(question.seeds) * (STEPS // CHUNK), 0
    for seed in question.seeds:
        runs = {kind: _train(kind, question.blocks, seed) for kind in NetType}
        for step in range(0, STEPS, CHUNK):
            for kind, run in runs.items():
                losses = []
                for part in range(CHUNK):
                    losses.append(next(run))
                    tick((number + part / CHUNK) / total)
                number += 1
                yield IdentityLosses(kind=kind, seed=seed, step=step, losses=tuple(losses))


def _train(kind: NetType, num_blocks: int, seed: int) -> Iterator[float]:
    """Yields the loss before each update."""
    blocks = _blocks(kind, num_blocks, seed)
    optimizer = torch.optim.SGD(blocks.parameters(), lr=_LR, momentum=_MOMENTUM)
    for x_BCHW in _inputs(seed):
        loss = (blocks(x_BCHW) - x_BCHW).square().mean() / x_BCHW.var()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield float(loss.detach())


def _blocks(kind: NetType, num_blocks: int, seed: int) -> nn.Sequential:
    spec = NetSpec(
        stem=Stem.CIFAR,
        blocks=(num_blocks,),
        widths=(CHANNELS,),
        shortcut=Shortcut.NONE if kind is NetType.PLAIN else Shortcut.IDENTITY,
        in_channels=1,
        image_size=_SIDE,
    )
    return nn.Sequential(*build(spec, seed=seed).train().blocks.values())


def _inputs(seed: int) -> Iterator[Tensor]:
    """Yields batches of x = ReLU(conv(images)) / std, without end; the convolution is drawn once."""
    data = load_images(DATA, image_size=_SIDE)
    generator = torch.Generator().manual_seed(seed)
    kernel = torch.randn(CHANNELS, 1, 3, 3, generator=generator) * (2 / _FAN_IN) ** 0.5
    for images_B in batches(len(data.train_y_N), batch_size=_BATCH, seed=seed):
        x_BCHW = F.relu(F.conv2d(data.train_x_NCHW[images_B], kernel, padding=1))
        yield x_BCHW / x_BCHW.std()
