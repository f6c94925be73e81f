"""Measures gradients and signals of untrained nets by depth: forward and backward pass of one batch in float64.

Plain nets with batch norm amplify rounding by depth, so that gradients of single precision are noise from some hundred
layers on. Up to MEASURED_BLOCKS blocks the same gradients are computed in float32, too, and compared.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick, subtick
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Dropout, Net
from resnet_viz.plan.names import locate
from resnet_viz.plan.plan import Section
from resnet_viz.spec.enums import Init
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.engine.bench_batch import bench_batch
from resnet_viz.theory.gradient_cost import MEASURED_BLOCKS, check_memory
from resnet_viz.theory.gradients import NEAR, GradientCurves, GradientQuestion, SinglePrecision
from resnet_viz.training.engine.activations import measure_activations
from resnet_viz.training.engine.gradients import MeasuredLayers, measure_block_gradients, measured_layers
from resnet_viz.training.engine.norms import norms

_KEPT: Final = 512  # curves that stay in memory: a page changes one net at a time
_SINGLE: Final = torch.finfo(torch.float32)
_CHANNELS_LAST_FROM: Final = 8  # channels; measured in float64, one thread: 0.75 of the time of stages 2 and 3


def gradient_curves(question: GradientQuestion, tick: Tick = no_tick) -> Iterator[GradientCurves]:
    """Yields the curves of every net and seed, nets in the order of the question.

    Raises:
        BudgetError: a net that needs too much memory, before any is measured.
    """
    for spec in question.nets:
        check_memory(spec)
    total, number = len(question.nets) * len(question.seeds), 0
    for place, spec in enumerate(question.nets):
        for seed in question.seeds:
            yield replace(_kept(spec, question.init, seed, subtick(tick, number, total)), place=place)
            number += 1
            tick(number / total)


_curves: Final[OrderedDict[tuple[AnySpec, Init, int], GradientCurves]] = OrderedDict()


def _kept(spec: AnySpec, init: Init, seed: int, tick: Tick) -> GradientCurves:
    """Returns the curves of a net as if it were the first of its question, measured once."""
    key = (spec, init, seed)
    if key not in _curves:
        _curves[key] = _measure(spec, init, seed, tick)
        if len(_curves) > _KEPT:
            _curves.popitem(last=False)
    _curves.move_to_end(key)
    return _curves[key]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Batch of the measurement, and the seed of dropout."""

    x_NCHW: Tensor
    y_N: Tensor
    seed: int


def _measure(spec: AnySpec, init: Init, seed: int, tick: Tick) -> GradientCurves:
    net = build(spec, seed=seed, init=init).train()
    batch = _Batch(*bench_batch(spec, seed), seed)
    is_compared = len(net.blocks) <= MEASURED_BLOCKS
    singles = _gradients(net, batch)[1] if is_compared else ()
    _double(net)
    layers = measured_layers(net)
    with (
        measure_block_gradients(layers) as block_grads,
        measure_activations(layers.blocks) as stats,
        _ticking(layers.blocks, tick),
    ):
        loss, grads = _gradients(net, replace(batch, x_NCHW=batch.x_NCHW.double()))
    stds, shares = stats.unpack([value for part in stats.packed() for value in part.tolist()])
    grad = norms(list(grads)).tolist()
    single, error, cosine = _compare(singles, grads, grad) if is_compared else (_by_size(grads, grad, stds), nan, nan)
    return GradientCurves(
        place=0,
        seed=seed,
        loss=loss,
        convs=tuple(_branch_convs(layers)),
        grad=tuple(grad),
        blocks=tuple(layers.blocks),
        block_grad=tuple(float(block_grads[name]) for name in layers.blocks),
        activation_std=tuple(stds[name] for name in layers.blocks),
        branch_share=tuple(shares.get(name, nan) for name in layers.blocks),
        single=single,
        single_error=error,
        single_cosine=cosine,
    )


def _double(net: Net) -> None:
    """Takes a net to double precision, laid out for it; with another layout dropout would draw other values."""
    net.double()
    layers = list(net.modules())
    if any(isinstance(layer, Dropout) for layer in layers):
        return
    for layer in layers:
        if isinstance(layer, nn.Conv2d) and layer.in_channels >= _CHANNELS_LAST_FROM:
            layer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _branch_convs(layers: MeasuredLayers) -> dict[str, Tensor]:
    return {name: weight for name, weight in layers.convs.items() if locate(name).section is Section.BRANCH}


def _gradients(net: Net, batch: _Batch) -> tuple[float, tuple[Tensor, ...]]:
    """Returns the loss and the weight gradients of the branches' convolutions; dropout is the same in both types."""
    generator = torch.Generator().manual_seed(batch.seed)
    net.draw_dropout_from(generator)
    loss = F.cross_entropy(net(batch.x_NCHW), batch.y_N)
    return loss.item(), torch.autograd.grad(loss, list(_branch_convs(measured_layers(net)).values()))


@contextmanager
def _ticking(blocks: Mapping[str, nn.Module], tick: Tick) -> Iterator[None]:
    """Calls `tick` at every block of the forward pass inside and of its backward pass."""
    handles = [
        block.register_forward_hook(_tick_hook((number + 1) / len(blocks), tick))
        for number, block in enumerate(blocks.values())
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _tick_hook(depth: float, tick: Tick) -> Any:
    """Returns the hook of the block that ends at this share of the depth; two thirds of the work are backward."""

    def watch(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        tick(depth / 3)
        output.register_hook(lambda _gradient: tick(1 - depth * 2 / 3))

    return watch


def _compare(
    singles: Sequence[Tensor], grads: Sequence[Tensor], grad: Sequence[float]
) -> tuple[SinglePrecision, float, float]:
    """Returns how gradients in single precision differ from those in double: kind, largest error, cosine."""
    found = norms(list(singles)).tolist()
    if not all(map(isfinite, found)):
        return SinglePrecision.NOT_FINITE, nan, nan
    errors = [abs(single - double) / double for single, double in zip(found, grad, strict=True) if double]
    error = max(errors, default=0.0)  # none where no gradient comes through
    size = found[0] * grad[0]
    cosine = float((singles[0].double() * grads[0]).sum()) / size if size else nan
    return SinglePrecision.NOISE if error > NEAR else SinglePrecision.SAME, error, cosine


def _by_size(grads: Sequence[Tensor], grad: Sequence[float], stds: Mapping[str, float]) -> SinglePrecision:
    """Returns what follows from the sizes alone: numbers that single precision does not hold."""
    means = [norm / each.numel() ** 0.5 for norm, each in zip(grad, grads, strict=True)]  # of the elements
    if not all(size <= _SINGLE.max for size in (*means, *stds.values())):  # NaN neither
        return SinglePrecision.NOT_FINITE
    return SinglePrecision.NOT_MEASURED
