"""Feature maps of a layer, filters of the first convolution, and the patches of images that excite a channel most.

Shape suffixes: N images, C channels, H and W pixels, O output channels, h and w pixels of a filter.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import nan
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_viz.analysis.receptive_field import field_starts, receptive_fields
from resnet_viz.attribution.engine.limits import batch_size
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.plan.plan import Plan

_LONGEST: Final = 60  # characters of a wrong name that are repeated to its author
_MAP_DIMS: Final = 4  # dimensions of a batch of maps


class PixelBox(NamedTuple):
    """Rectangle of pixels; `bottom` and `right` are the first ones outside."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Patch:
    """Patch of an image that excites a channel.

    Attributes:
        image: its index.
        top: first row of the patch in the image; negative where it reaches over the edge.
        left: first column, likewise.
        pixels_CHW: as the net sees them, all patches of a node of the same size: the receptive field's, or the whole
            image's where that is smaller. NaN outside the channel pixel's receptive field and outside the image.
        value: of the channel's pixel.
    """

    image: int
    top: int
    left: int
    pixels_CHW: Tensor
    value: float


class _FieldGeometry(NamedTuple):
    """Receptive field: its side, the distance between neighbours, and the start of the first one."""

    size: int
    jump: int
    start: int


class _StopForward(Exception):
    """Ends a forward pass after a node."""


def activation(net: Net, x_1CHW: Tensor, node: str) -> Tensor:
    """Returns the output of a node or block for an image: (C, H, W), or (K,) after the head's pooling.

    Raises:
        SpecError: there is no such node.
    """
    found = _outputs(net, x_1CHW, node)[0]
    return found.flatten() if found.shape[1:] == (1, 1) else found


def filters(net: Net) -> Tensor:
    """Returns the first convolution's filters, (O, C, h, w): the only ones that can be drawn as images."""
    first = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
    return first.weight.detach().clone()


def patches(
    net: Net, plan: Plan, x_NCHW: Tensor, *, node: str, channel: int, num: int = 9, tick: Tick = no_tick
) -> tuple[Patch, ...]:
    """Returns the patches that excite a channel of a node most, at most one for each image, strongest first.

    Batches of images go through the net as far as the node; of each image the strongest pixel is kept.

    Args:
        net: in evaluation mode.
        plan: of the net.
        x_NCHW: the images, as the net sees them.
        node: a node or block, such as "stage1.block2.add".
        channel: of the node.
        num: number of patches.
        tick: receives the share that is done; it may raise, which ends the work.

    Raises:
        SpecError: there is no such node, or it has no such channel.
    """
    size = batch_size(net, x_NCHW[:1])
    best = torch.empty(0), torch.empty(0, dtype=torch.int64), torch.empty(0, dtype=torch.int64)
    columns = 1
    for start in range(0, len(x_NCHW), size):
        out = _outputs(net, x_NCHW[start : start + size], node)
        _check_channel(node, channel, out.shape[1])
        map_NHW = out[:, channel] if out.dim() == _MAP_DIMS else out[:, channel, None, None]
        columns = map_NHW.shape[-1]
        value_N, place_N = map_NHW.flatten(1).max(dim=1)
        found = value_N, place_N, torch.arange(start, start + len(value_N))
        value, place, image = (torch.cat(pair) for pair in zip(best, found, strict=True))
        kept = value.argsort(descending=True, stable=True)[:num]
        best = value[kept], place[kept], image[kept]
        tick(min(1.0, (start + size) / len(x_NCHW)))
    return tuple(
        _patch(plan, x_NCHW, node, place=divmod(place, columns), image=image, value=value)
        for value, place, image in zip(*(part.tolist() for part in best), strict=True)
    )


def pixel_box(plan: Plan, node: str, row: int, column: int) -> PixelBox:
    """Returns the pixels of the image that a pixel of a node or block depends on.

    After a global pooling these are all.

    Raises:
        SpecError: there is no such node.
    """
    field, side = _field(plan, node), plan.spec.square_side

    def clipped(position: int) -> int:
        return max(0, min(side, position))

    top, left = field.start + row * field.jump, field.start + column * field.jump
    return PixelBox(clipped(top), clipped(left), clipped(top + field.size), clipped(left + field.size))


def _patch(plan: Plan, x_NCHW: Tensor, node: str, *, place: tuple[int, int], image: int, value: float) -> Patch:
    seen, field = pixel_box(plan, node, *place), _field(plan, node)
    side = plan.spec.square_side
    is_whole = field.size >= side
    top, left = (0 if is_whole else field.start + position * field.jump for position in place)
    size = min(field.size, side)
    pixels_CHW = x_NCHW.new_full((x_NCHW.shape[1], size, size), nan)
    rows, columns = slice(seen.top - top, seen.bottom - top), slice(seen.left - left, seen.right - left)
    pixels_CHW[:, rows, columns] = x_NCHW[image, :, seen.top : seen.bottom, seen.left : seen.right]
    return Patch(image=image, top=top, left=left, pixels_CHW=pixels_CHW, value=value)


def _field(plan: Plan, node: str) -> _FieldGeometry:
    """Returns the field of a node, or of the last node of a block."""
    last = plan.output_of(node)
    if last is None:
        raise _unknown(node)
    return _FieldGeometry(*receptive_fields(plan)[last.name], start=field_starts(plan)[last.name])


def _outputs(net: Net, x_NCHW: Tensor, node: str) -> Tensor:
    """Returns a node's output; later nodes are not computed."""
    with torch.no_grad(), _listening(net, node) as found, suppress(_StopForward):
        net(x_NCHW)
    return found[0]


@contextmanager
def _listening(net: Net, node: str) -> Iterator[list[Tensor]]:
    modules = dict(net.named_modules())
    if not node or node not in modules:
        raise _unknown(node)
    found: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> Any:
        found.append(output.detach())
        raise _StopForward

    handle = modules[node].register_forward_hook(keep)
    try:
        yield found
    finally:
        handle.remove()


def _check_channel(node: str, channel: int, num_channels: int) -> None:
    if not 0 <= channel < num_channels:
        raise SpecError(
            _("{node} has the channels 0 to {last}; got {channel}.").format(
                node=node, last=num_channels - 1, channel=channel
            )
        )


def _unknown(node: str) -> SpecError:
    return SpecError(_("This net has no layer {node!r}.").format(node=node[:_LONGEST]))
