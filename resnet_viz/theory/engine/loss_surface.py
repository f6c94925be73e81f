"""Measures the loss of trained nets on a plane through their weights, coarse points first.

Batch norm normalises by the statistics of the batch, so that a filter in front of it may be multiplied by any number:
the net and its filter-normalised directions stay the same.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.modules import Net
from resnet_viz.theory.engine.trained_nets import net_with_images, training_images
from resnet_viz.theory.trained.loss_surface import SurfacePoints, SurfaceQuestion, coarse_places, steps

Place = tuple[int, int]  # column, row


def loss_surface(question: SurfaceQuestion, tick: Tick = no_tick) -> Iterator[SurfacePoints]:
    """Yields a coarse grid of each net, then the missing points row by row, nets taking turns.

    Raises:
        Refusal: a net is not there, or was not trained on a data set of this machine.
    """
    slices = [_slice_of(question, number) for number in range(len(question.nets))]
    batches, done, total = _batches(question.points), 0, len(slices) * question.points**2
    for places in batches:
        for number, one in enumerate(slices):
            losses = []
            for column, row in places:
                losses.append(one.loss(column, row))
                done += 1
                tick(done / total)
            columns, rows = zip(*places, strict=True)
            yield SurfacePoints(net=number, columns=columns, rows=rows, losses=tuple(losses))


def _slice_of(question: SurfaceQuestion, number: int) -> "Slice":
    tested = net_with_images(question.nets[number], question.images)
    x_NCHW, y_N = training_images(tested, question.images)
    return Slice(tested.loaded.net, x_NCHW, y_N, seed=question.seed, points=question.points)


def _batches(points: int) -> list[list[Place]]:
    coarse, every = coarse_places(points), range(points)
    first = [(column, row) for row in coarse for column in coarse]
    rest = [[(column, row) for column in every if (column, row) not in first] for row in every]
    return [first, *(row for row in rest if row)]


class Slice:
    """Losses of a net on a plane through its weights.

    Args:
        net: the net; a copy of it moves.
        x_NCHW: images.
        y_N: their classes.
        seed: of the directions.
        points: on a side of the grid.
    """

    def __init__(self, net: Net, x_NCHW: Tensor, y_N: Tensor, *, seed: int, points: int) -> None:
        layout = torch.channels_last  # a quarter faster where batch norm takes the statistics of the batch
        self._net = copy.deepcopy(net).to(memory_format=layout)  # type: ignore[call-overload]
        self._x_NCHW, self._y_N, self._steps = x_NCHW.contiguous(memory_format=layout), y_N, steps(points)
        for module in self._net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.train()
        self._weights = moving_weights(self._net)
        generator = torch.Generator().manual_seed(seed)
        self._directions = [filter_normalised(self._weights, generator) for _direction in range(2)]

    def loss(self, column: int, row: int) -> float:
        """Returns the mean cross entropy at a point of the grid."""
        with torch.no_grad(), _moved(self._weights, self._directions, self._steps[[column, row]].tolist()):
            return float(F.cross_entropy(self._net(self._x_NCHW), self._y_N))


def moving_weights(net: Net) -> dict[str, Tensor]:
    """Returns the weights of convolutions and linear layers: biases and those of batch norm do not move."""
    moving = (nn.Conv2d, nn.Linear)
    return {name: module.weight for name, module in net.named_modules() if isinstance(module, moving)}


def filter_normalised(weights: Mapping[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
    """Returns a random direction; each filter (row of a linear layer) has the norm of the net's own."""
    found = {}
    for name, weight in weights.items():
        drawn = torch.randn(weight.shape, generator=generator).to(weight.dtype)
        rows, own = drawn.flatten(1), weight.detach().flatten(1)
        scale = own.norm(dim=1, keepdim=True) / rows.norm(dim=1, keepdim=True)
        found[name] = (rows * scale).reshape(weight.shape)
    return found


@contextmanager
def _moved(
    weights: Mapping[str, Tensor], directions: Sequence[Mapping[str, Tensor]], sizes: Sequence[float]
) -> Iterator[None]:
    kept = {name: weight.clone() for name, weight in weights.items()}
    try:
        for direction, size in zip(directions, sizes, strict=True):
            for name, weight in weights.items():
                weight.add_(direction[name], alpha=size)
        yield
    finally:
        for name, weight in weights.items():
            weight.copy_(kept[name])
