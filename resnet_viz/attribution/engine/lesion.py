"""Predictions of a net without one of its blocks, after Veit et al. 2016 (1605.06431).

A block with a shortcut is removed by leaving its branch out of the sum: y = f(h(p)) instead of f(F(p) + h(p)). A plain
block is bypassed, which is possible where it keeps the shape.

Shape suffixes: N images, C channels, H and W pixels, K classes.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.branch_split import additions
from resnet_viz.attribution.engine.limits import KEPT_BYTES, batch_size
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net

_LONGEST: Final = 40  # characters of a wrong name that an error repeats


class FixedBlockError(SpecError):
    """Refuses to remove a block without a shortcut that changes the shape.

    Attributes:
        input_shape: (C, H, W) before the block.
        output_shape: after it.
    """

    def __init__(self, block: str, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
        super().__init__(_("{block} has no shortcut and changes the shape: it cannot be removed.").format(block=block))
        self.input_shape, self.output_shape = input_shape, output_shape


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lesion:
    """Prediction for an image without a block.

    Attributes:
        block: removed one; "" for the whole net.
        probabilities_K: of the classes; None where the block cannot be removed.
        input_shape: (C, H, W) before a block that cannot be removed; () for all others.
        output_shape: after it.
    """

    block: str
    probabilities_K: Tensor | None
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LesionAccuracy:
    """Accuracy of a net without a block.

    Attributes:
        block: removed one; "" for the whole net.
        accuracy: 0 to 1; None where the block cannot be removed.
        refusal: why it cannot be removed; empty otherwise.
    """

    block: str
    accuracy: float | None
    refusal: str = ""


@contextmanager
def block_removed(net: Net, block: str) -> Iterator[None]:
    """Removes a block from a net inside, and restores it afterwards, also after a failure.

    A forward pass raises where the block changes the shape and has no shortcut.

    Raises:
        SpecError: there is no such block, or it cannot be removed.
    """
    if block not in net.blocks:
        raise SpecError(
            _("This net has no block {block!r}; its blocks are {first} to {last}.").format(
                block=block[:_LONGEST], first=next(iter(net.blocks)), last=list(net.blocks)[-1]
            )
        )
    module = net.blocks[block]
    sums = additions(module)
    handle = sums[0].register_forward_hook(_shortcut_alone) if sums else module.register_forward_hook(_bypass(block))
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def blocks_removed(net: Net, blocks: Iterable[str]) -> Iterator[None]:
    """Removes several blocks, as `block_removed` does one."""
    with ExitStack() as stack:
        for block in blocks:
            stack.enter_context(block_removed(net, block))
        yield


def probabilities(net: Net, x_NCHW: Tensor, *, removed: str = "") -> Tensor:
    """Returns the classes' probabilities, (N, K), without the block `removed`.

    Raises:
        SpecError: there is no such block, or it cannot be removed.
    """
    if removed:
        with block_removed(net, removed):
            return probabilities(net, x_NCHW)
    with torch.no_grad():
        return net(x_NCHW).softmax(dim=1)  # type: ignore[no-any-return]


def lesions_of_image(net: Net, x_1CHW: Tensor, *, tick: Tick = no_tick) -> Iterator[Lesion]:
    """Yields a net's prediction for an image: whole, then without each of its blocks in running order."""
    names = ("", *net.blocks)
    for number, block in enumerate(names, start=1):
        try:
            yield Lesion(block=block, probabilities_K=probabilities(net, x_1CHW, removed=block)[0])
        except FixedBlockError as fixed:
            yield Lesion(
                block=block, probabilities_K=None, input_shape=fixed.input_shape, output_shape=fixed.output_shape
            )
        tick(number / len(names))


def accuracy_per_lesion(net: Net, x_NCHW: Tensor, y_N: Tensor, *, tick: Tick = no_tick) -> Iterator[LesionAccuracy]:
    """Yields a net's accuracy on images: whole, then without each of its blocks in running order.

    Blocks before the removed one compute what they do in the whole net, so that their output is kept, not computed
    again: half of the work of as many whole passes.
    """
    size, modules = batch_size(net, x_NCHW[:1]), list(net.pieces.values())
    labels, inputs, start = y_N.split(size), list(x_NCHW.split(size)), 0
    places = {"": 0} | {name: place for place, name in enumerate(net.pieces) if name in net.blocks}
    ticks = _shares(tick, len(labels) * len(places))
    for block, place in places.items():
        inputs, start = _advanced(modules, inputs, start, place)
        try:
            right = _num_right(net, modules[start:], inputs, labels, removed=block, tick=ticks)
        except FixedBlockError as refusal:
            yield LesionAccuracy(block=block, accuracy=None, refusal=str(refusal))
        else:
            yield LesionAccuracy(block=block, accuracy=right / len(x_NCHW))
    tick(1.0)


def _shares(tick: Tick, total: int) -> Iterator[None]:
    for number in range(1, total + 1):
        tick(number / total)
        yield


def _advanced(modules: Sequence[nn.Module], inputs: list[Tensor], start: int, place: int) -> tuple[list[Tensor], int]:
    """Returns batches as they come to a module, and its place; where they take too much memory, as they are."""
    with torch.no_grad():
        one_1CHW = run(modules[start:place], inputs[0][:1])
        if one_1CHW.nbytes * sum(map(len, inputs)) > KEPT_BYTES:
            return inputs, start
        return [run(modules[start:place], part_NCHW) for part_NCHW in inputs], place


def _num_right(
    net: Net,
    modules: Sequence[nn.Module],
    inputs: Sequence[Tensor],
    labels: Sequence[Tensor],
    *,
    removed: str,
    tick: Iterator[None],
) -> int:
    num_right = 0
    with torch.no_grad(), blocks_removed(net, [removed] if removed else []):
        for part_NCHW, label_N in zip(inputs, labels, strict=True):
            num_right += int((run(modules, part_NCHW).argmax(dim=1) == label_N).sum())
            next(tick, None)
    return num_right


def run(modules: Iterable[nn.Module], x_NCHW: Tensor) -> Tensor:
    """Returns the output of modules that run one after the other."""
    for module in modules:
        x_NCHW = module(x_NCHW)
    return x_NCHW


def _shortcut_alone(_module: nn.Module, inputs: tuple[Tensor, Tensor], _output: Tensor) -> Tensor:
    return inputs[1]


def _bypass(block: str) -> Any:
    def hand_on(_module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        if inputs[0].shape != output.shape:
            raise FixedBlockError(block, tuple(inputs[0].shape[1:]), tuple(output.shape[1:]))
        return inputs[0]

    return hand_on
