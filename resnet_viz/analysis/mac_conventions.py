"""Who counts what: sums that other programs call FLOPs or MACs, computed from the plan by their rules.

Each rule was read in the program's source at the version named and checked by running it on torchvision's resnet18,
resnet50, resnext50_32x4d, vgg16 and vgg11_bn in evaluation mode (`tests/analysis/test_mac_conventions.py` holds the
sums). Beyond a net's layers of these kinds no rule is known to us: gates and constants on shortcuts are left out.
"""

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Final, NamedTuple

from resnet_viz.analysis.cost import macs
from resnet_viz.i18n import N_
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import AdaptiveAvgPool, BatchNorm, Conv, GlobalAvgPool, Linear, MaxPool, Op, ReLU, Shape
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.vgg import AnySpec

_OwnCount = Callable[[Op, Shape, Shape], int]


class Convention(NamedTuple):
    """One way to count the work of a forward pass of one image.

    Attributes:
        name: the program and its version, or the convention's own name.
        rule: what it counts, to be translated.
        work_of: work of an operation with the shapes of its input and its output.
    """

    name: str
    rule: str
    work_of: _OwnCount


class WorkCount(NamedTuple):
    """One sum of a net's work, and the convention by which it is counted."""

    convention: Convention
    work: int


def _multiply_adds(op: Op, _shape_in: Shape, shape: Shape) -> int:
    return macs(op, shape)


def _bias(op: Op, shape: Shape, *, of_fc: bool) -> int:
    match op:
        case Conv(has_bias=True):
            return prod(shape)
        case Linear(_, out_features) if of_fc:
            return out_features
        case _:
            return 0


def _pooled(op: Op, shape_in: Shape, shape: Shape, *, has_whole_windows: bool) -> int:
    """Returns what thop counts for an average pool: the window's pixels and one division, for each output."""
    if not isinstance(op, GlobalAvgPool | AdaptiveAvgPool):
        return 0
    if has_whole_windows:
        return prod(shape) * ((shape_in[1] // shape[1]) * (shape_in[2] // shape[2]) + 1)
    return prod(shape) + prod(shape_in)


def _fvcore(op: Op, shape_in: Shape, shape: Shape) -> int:
    match op:
        case BatchNorm():
            return 2 * prod(shape)
        case GlobalAvgPool() | AdaptiveAvgPool():
            return prod(shape_in)
        case _:
            return macs(op, shape)


def _ptflops(op: Op, shape_in: Shape, shape: Shape) -> int:
    match op:
        case BatchNorm():
            return 2 * prod(shape)
        case ReLU():
            return prod(shape)
        case MaxPool() | GlobalAvgPool() | AdaptiveAvgPool():
            return prod(shape_in)
        case _:
            return macs(op, shape) + _bias(op, shape, of_fc=True)


def _ptflops_twice(op: Op, shape_in: Shape, shape: Shape) -> int:
    is_seen_twice = isinstance(op, ReLU | MaxPool | GlobalAvgPool | AdaptiveAvgPool)
    return _ptflops(op, shape_in, shape) * (2 if is_seen_twice else 1)


def _thop_old(op: Op, shape_in: Shape, shape: Shape) -> int:
    if isinstance(op, BatchNorm):
        return 2 * prod(shape)
    return macs(op, shape) + _bias(op, shape, of_fc=False) + _pooled(op, shape_in, shape, has_whole_windows=True)


def _thop(op: Op, shape_in: Shape, shape: Shape) -> int:
    if isinstance(op, BatchNorm):
        return 4 * prod(shape)
    return macs(op, shape) + _pooled(op, shape_in, shape, has_whole_windows=False)


def _convs_alone(op: Op, _shape_in: Shape, shape: Shape) -> int:
    return macs(op, shape) if isinstance(op, Conv) else 0


def _twice(op: Op, _shape_in: Shape, shape: Shape) -> int:
    return 2 * macs(op, shape)


def _torchinfo(op: Op, _shape_in: Shape, shape: Shape) -> int:
    match op:
        case BatchNorm(channels):
            return 2 * channels
        case _:
            return macs(op, shape) + _bias(op, shape, of_fc=True)


MACS: Final = Convention(
    "MACs", N_("multiply-adds of convolutions and fc, one each, which the papers call FLOPs"), _multiply_adds
)
CONVENTIONS: Final = (
    MACS,
    Convention("2 × MACs", N_("multiplications and additions, as torch.utils.flop_counter counts FLOPs"), _twice),
    Convention(
        "fvcore 0.1.5",
        N_("multiply-adds, 2 for each output of a batch norm, 1 for each input of an average pool"),
        _fvcore,
    ),
    Convention(
        "ptflops 0.6.9",
        N_("multiply-adds, biases, 2 for each output of a batch norm, 1 of a ReLU, 1 for each input of a pool"),
        _ptflops,
    ),
    Convention(
        "ptflops 0.7.5", N_("the same, with ReLUs and pools counted twice: as modules and as functions"), _ptflops_twice
    ),
    Convention(
        "thop 0.0.31",
        N_("multiply-adds, biases of convolutions, 2 for each output of a batch norm, window + 1 of an average pool"),
        _thop_old,
    ),
    Convention(
        "thop 0.1.1", N_("multiply-adds, 4 for each output of a batch norm, window + 1 of an average pool"), _thop
    ),
    Convention(
        "convolutions alone", N_("multiply-adds of convolutions, as He et al. 2015 print VGG-16's"), _convs_alone
    ),
    Convention("torchinfo 1.8.0", N_("multiply-adds, biases, 2 for each channel of a batch norm"), _torchinfo),
)


def work_counts(spec: AnySpec) -> tuple[WorkCount, ...]:
    """Returns a net's work by each convention, our own first."""
    sums = _sums(spec.replace(blocks=tuple(min(num, 2) for num in spec.blocks)), spec.blocks)
    return tuple(WorkCount(convention, work) for convention, work in zip(CONVENTIONS, sums, strict=True))


@lru_cache(maxsize=512)
def _sums(short: AnySpec, blocks: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the sums of a net with these blocks, of which two of each stage are written out in `short`."""
    plan = lower(short)
    own = _work_of_nodes(plan)
    sums = [sum(works) for works in zip(*own, strict=True)]
    for num, stage in zip(blocks, plan.stages, strict=True):
        last = stage.blocks[-1]
        for place, works in enumerate(zip(*own[last.start : last.stop], strict=True)):
            sums[place] += max(0, num - 2) * sum(works)
    return tuple(sums)


def _work_of_nodes(plan: Plan) -> list[tuple[int, ...]]:
    shapes = {INPUT: plan.input_shape} | {node.name: node.shape for node in plan.nodes}
    return [
        tuple(convention.work_of(node.op, shapes[node.inputs[0]], node.shape) for convention in CONVENTIONS)
        for node in plan.nodes
    ]
