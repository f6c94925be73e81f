"""Layers of residual nets whose names are in no table, read from their order and their shapes.

A net is a convolution with a norm, blocks, and a head. Layers of a block have a common beginning of their names. Its
branch is a row of convolutions that read each other, 3x3 and 3x3 or 1x1, 3x3 and 1x1; a further 1x1 convolution that
reads what the branch reads is its projection. Norms are in the order of the convolutions. A stage begins where the
number of channels changes. Whatever does not fit is not read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from resnet_viz.plan.ops import Shape
from resnet_viz.spec.fields import MAX_BLOCKS
from resnet_viz.weights.namings import HEAD_NORM, STEM, STEM_NORM, Naming

BY_STRUCTURE: Final = Naming("order and shapes", "no table: names that are in no repository known here", ())
_DEPTHS: Final = range(1, 9)  # parts of a name that the layers of a block share
_SHORTCUT: Final = re.compile(r"down|short|skip|proj|residual|identity|match", re.IGNORECASE)
_LETTERS: Final = re.compile(r"[0-9]+")
_MOST_LAYERS: Final = 8 * MAX_BLOCKS
_CONV_SIDES: Final = 4
_KERNELS: Final = ((3, 3), (1, 3, 1))  # of the branch of a basic block and of a bottleneck


class _Layer(NamedTuple):
    """Layer of a file: its name, and the shape of its weight."""

    name: str
    weight: Shape

    @property
    def is_conv(self) -> bool:
        return len(self.weight) == _CONV_SIDES

    @property
    def kernel(self) -> int:
        return self.weight[-1]


class _Block(NamedTuple):
    """Layers of a block: convolutions of its branch with their norms, and of its shortcut."""

    convs: tuple[_Layer, ...]
    norms: tuple[_Layer, ...]
    shortcut: tuple[_Layer, ...]

    @property
    def out_channels(self) -> int:
        return self.convs[-1].weight[0]


def layers_by_structure(plain: Mapping[str, Shape]) -> dict[str, str] | None:
    """Returns our name of each layer by the file's; None where the tensors are in no such order."""
    layers = list(_layers(plain))
    orders = (layers, _sorted_by_name(layers)) if 0 < len(layers) <= _MOST_LAYERS else ()
    for number, in_order in enumerate(orders):
        for depth in _DEPTHS:
            groups = _groups(in_order, depth)
            found = _net(groups) if number == 0 or _are_numbered(groups) else None
            if found is not None:
                return found
    return None


def _sorted_by_name(layers: Sequence[_Layer]) -> list[_Layer]:
    """Returns layers by their names and numbers, the first one in front: files of safetensors are in no other order.

    The first convolution is in no block, so that its name has the fewest parts.
    """
    convs = [layer for layer in layers if layer.is_conv]
    first = min(convs, key=lambda conv: (conv.name.count("."), conv.weight[1]), default=layers[0])
    parent = first.name.rpartition(".")[0]
    norms = [
        layer
        for layer in layers
        if not layer.is_conv and layer.name.rpartition(".")[0] == parent and layer.weight == first.weight[:1]
    ]
    rest = [layer for layer in layers if layer not in (first, *norms[:1])]
    return [first, *norms[:1], *sorted(rest, key=lambda layer: _natural(layer.name))]


def _natural(name: str) -> list[tuple[str, int]]:
    """Returns a key by which "block10" comes after "block2"."""
    return [(text, int(number or 0)) for text, number in re.findall(r"([^0-9]*)([0-9]{0,9})", name)]


def _are_numbered(groups: Sequence[Sequence[_Layer]]) -> bool:
    """Whether numbers alone order the blocks and the convolutions of a branch, so that names show their order."""
    names = [[_LETTERS.sub("", conv.name) for conv in group if conv.is_conv] for group in groups]
    blocks = [group for group in names if len(group) > 1]
    heads = {group[0] for group in blocks}
    return len(heads) == 1 and all(group[0] == group[1] for group in blocks)


def _groups(layers: Sequence[_Layer], depth: int) -> list[list[_Layer]]:
    """Returns runs of layers that share so many parts of their names."""
    return [list(group) for _shared, group in groupby(layers, lambda layer: layer.name.split(".")[:depth])]


def _layers(plain: Mapping[str, Shape]) -> Iterator[_Layer]:
    """Yields convolutions, and norms with running statistics."""
    for key, shape in plain.items():
        name = key.removesuffix(".weight")
        is_norm = len(shape) == 1 and f"{name}.running_mean" in plain
        if name != key and (is_norm or len(shape) == _CONV_SIDES):
            yield _Layer(name, shape)


def _net(groups: Sequence[Sequence[_Layer]]) -> dict[str, str] | None:
    """Returns the names of a net whose blocks are `groups`, but for a convolution and perhaps a norm before them."""
    first = [layer for group in groups for layer in group][:2]
    if not first or not first[0].is_conv:
        return None
    for stem in (first[:1], first) if len(first) > 1 and not first[1].is_conv else (first[:1],):
        blocks, last = _blocks(_after(groups, len(stem)), stem[0].weight[0])
        if blocks:
            return dict(zip((layer.name for layer in stem), (STEM, STEM_NORM), strict=False)) | blocks | last
    return None


def _blocks(groups: Sequence[Sequence[_Layer]], channels: int) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the names in the blocks, and of a norm after them; none where a group is no block."""
    found: dict[str, str] = {}
    stage, number, width = 0, 0, 0
    for place, group in enumerate(groups, start=1):
        block = _block(group, channels)
        if block is None:
            is_last = place == len(groups) and len(group) == 1 and group[0].weight == (channels,)
            return (found, {group[0].name: HEAD_NORM}) if is_last else ({}, {})
        stage, number = (stage, number + 1) if block.out_channels == width else (stage + 1, 1)
        channels = width = block.out_channels
        found |= _named(block, f"stage{stage}.block{number}")
    return found, {}


def _after(groups: Sequence[Sequence[_Layer]], num_layers: int) -> list[Sequence[_Layer]]:
    """Returns the groups after so many layers; none where a group would be cut."""
    rest = list(groups)
    while rest and num_layers > 0:
        num_layers -= len(rest.pop(0))
    return rest if num_layers == 0 else []


def _block(group: Sequence[_Layer], channels: int) -> _Block | None:
    convs, norms = [layer for layer in group if layer.is_conv], [layer for layer in group if not layer.is_conv]
    for kernels in _KERNELS:
        for skipped in _places_of_shortcut(convs):
            branch = tuple(conv for place, conv in enumerate(convs) if place != skipped)
            shortcut = (convs[skipped],) if skipped >= 0 else ()
            if not _is_branch(branch, kernels, channels) or not _is_projection(
                shortcut, channels, branch[-1].weight[0]
            ):
                continue
            if len(norms) == len(convs):
                own = tuple(norm for place, norm in enumerate(norms) if place != skipped)
                return _Block(branch, own, (*shortcut, norms[skipped]) if shortcut else ())
            if len(norms) in (0, len(branch)):
                return _Block(branch, tuple(norms), shortcut)
    return None


def _places_of_shortcut(convs: Sequence[_Layer]) -> tuple[int, ...]:
    """Returns the places where a projection may be, the likeliest first; -1 is none.

    In the first block of a ResNet-50 the last convolution of the branch has the same shape: where no name shows it, a
    projection comes after the branch or before it.
    """
    named = [place for place, conv in enumerate(convs) if _SHORTCUT.search(conv.name)]
    ends = (len(convs) - 1, 0) if convs else ()
    return tuple(dict.fromkeys((-1, *named, *ends)))


def _is_branch(convs: Sequence[_Layer], kernels: tuple[int, ...], channels: int) -> bool:
    """Whether convolutions have these kernels, and each reads the one before; groups read a part of it."""
    if tuple(conv.kernel for conv in convs) != kernels or convs[0].weight[1] != channels:
        return False
    return all(before.weight[0] % max(1, after.weight[1]) == 0 for before, after in pairwise(convs))


def _is_projection(shortcut: Sequence[_Layer], channels: int, out_channels: int) -> bool:
    return all(conv.weight == (out_channels, channels, 1, 1) for conv in shortcut)


def _named(block: _Block, name: str) -> Iterator[tuple[str, str]]:
    for kind, layers in (("conv", block.convs), ("norm", block.norms)):
        yield from ((layer.name, f"{name}.branch.{kind}{number}") for number, layer in enumerate(layers, start=1))
    leaves = ("conv", "norm")[: len(block.shortcut)]
    yield from ((layer.name, f"{name}.shortcut.{leaf}") for layer, leaf in zip(block.shortcut, leaves, strict=True))
