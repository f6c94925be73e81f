"""The one map from the keys of a file to ours, for all who read weights: by the tables of `weights.namings`.

A norm in front of a convolution has in most namings the name that a norm behind it has in others ("bn1"). Here it is
`branch.norm1`; `placed` gives it the name that it has in a net.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Final, NamedTuple

from resnet_viz.plan.ops import Shape
from resnet_viz.weights.by_structure import BY_STRUCTURE, layers_by_structure
from resnet_viz.weights.caffe2_keys import blob_of, is_group_norm, with_dots
from resnet_viz.weights.heads import features_of, find_heads
from resnet_viz.weights.namings import (
    CAFFE2,
    COUNTERS,
    FIRST_CONV,
    HEAD,
    HEAD_NORM,
    HEADS,
    NAMINGS,
    OURS,
    STEM,
    STEM_NORM,
    Naming,
    fill_numbers,
    read_numbers,
)
from resnet_viz.weights.outside import recognise_parts
from resnet_viz.weights.prefixes import LONGEST_KEY, main_first, prefixes_of, without_wrappers
from resnet_viz.weights.vgg_keys import NUMBERED, vgg_layers, vgg_prefix

Shapes = Mapping[str, Shape]
RUNNING: Final = (".running_mean", ".running_var")
TENSORS: Final = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_CONV_SIDES: Final = 4
_BODY: Final = re.compile(r"(?:conv|bn|norm|stem|maxpool|layer|stage|transition|attnpool)[0-9_]*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyMap:
    """Keys of one net in a file, and ours.

    Attributes:
        naming: the table by which they were read.
        prefix: what its keys begin with, without the names of wrappers.
        keys: our key by the file's, in the file's order.
        rest: further keys of the file, those of other nets left out.
        inside: those of `rest` that belong to a block or to the stem.
        heads: the file's names of the layers that can be its head; the first one is taken for it.
        others: prefixes of further nets.
    """

    naming: Naming
    prefix: str
    keys: Mapping[str, str]
    rest: tuple[str, ...]
    inside: tuple[str, ...]
    heads: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def has_head_without_bias(self) -> bool:
        """Whether the net has a head and that has no bias, as in some namings; ours always has one."""
        ours = set(self.keys.values())
        return self.naming is not OURS and f"{HEAD}.weight" in ours and f"{HEAD}.bias" not in ours

    @property
    def has_affine_norms(self) -> bool:
        """Whether its norms are scales and shifts alone, as Detectron's affine channels."""
        is_affine = not any(ours.endswith(RUNNING) for ours in self.keys.values())
        return self.naming is CAFFE2 and is_affine and not any(map(is_group_norm, self.keys))

    def own_shapes(self, shapes: Shapes) -> dict[str, Shape]:
        """Returns the shapes of the mapped tensors by our keys."""
        return {ours: as_matrix(ours, shapes[theirs]) for theirs, ours in self.keys.items()}

    def their_key(self, ours: str) -> str:
        """Returns the file's key for one of ours, as it is or would be there."""
        given = next((theirs for theirs, our in self.keys.items() if our == ours), None)
        if given is not None:
            return given
        layer, _dot, tensor = ours.rpartition(".")
        rows = ((theirs, read_numbers(our, layer)) for theirs, our in self.naming.rows)
        fitting = {theirs: fill_numbers(theirs, numbers) for theirs, numbers in rows if numbers is not None}
        names = [name for row in sorted(fitting, key=self._is_idle) if (name := fitting[row]) is not None]
        if names:
            name = f"{self.prefix}{names[0]}"
            return blob_of(name, tensor) if self.naming is CAFFE2 else f"{name}.{tensor}"
        return f"{HEADS[0]}.{tensor}" if layer == HEAD else ours

    def _is_idle(self, row: str) -> bool:
        """Whether no layer of the file was read by a row of the naming."""
        return all(
            read_numbers(row, theirs.rpartition(".")[0].removeprefix(self.prefix)) is None for theirs in self.keys
        )


class _Net(NamedTuple):
    """Net in a file: our names by the file's of the layers that one naming finds behind one prefix."""

    naming: Naming
    prefix: str
    layers: dict[str, str]

    @property
    def has_stem(self) -> bool:
        return STEM in self.layers.values()

    @property
    def has_words(self) -> bool:
        """Whether its stages are named, not numbered alone: without a stem numbers show nothing."""
        return not any(layer[0].isdigit() for layer in self.layers)


def read_keys(shapes: Shapes, prefix: str | None = None) -> KeyMap | None:
    """Returns the map of the net in a file; None where its keys are in no table.

    Args:
        shapes: of all tensors, by the file's keys.
        prefix: of the net to read, where the file has several; None for the main one.
    """
    plain = {key: given for key, given in with_dots(without_wrappers(shapes)).items() if len(key) <= LONGEST_KEY}
    best: dict[str, _Net] = {}
    for net in _nets(plain):
        known = best.get(net.prefix)
        if known is None or (net.has_stem, len(net.layers)) > (known.has_stem, len(known.layers)):
            best[net.prefix] = net
    complete = {at: net for at, net in best.items() if net.has_stem}
    complete = complete or {at: net for at, net in best.items() if net.has_words} or _without_table(plain, shapes)
    if not complete:
        return None
    in_order = main_first(complete, {at: len(net.layers) for at, net in complete.items()})
    chosen = complete[prefix if prefix in complete else in_order[0]]
    others = tuple(at for at in in_order if not (at.startswith(chosen.prefix) or chosen.prefix.startswith(at)))
    found = _key_map(chosen, others, plain, shapes)
    if found.naming in (OURS, NUMBERED) or (chosen.has_stem and not found.inside):
        return found
    return _by_structure(plain, shapes) or found


def _by_structure(plain: Mapping[str, str], shapes: Shapes) -> KeyMap | None:
    """Returns the map of a net only some of whose layers have the names of a table; None if layers are left."""
    layers = layers_by_structure({key: shapes[original] for key, original in plain.items()})
    if layers is None or recognise_parts(shapes):
        return None
    found = _key_map(_Net(BY_STRUCTURE, "", layers), (), plain, shapes)
    return None if found.inside else found


def placed(layer: str, names: Collection[str]) -> str:
    """Returns the name that a layer of `KeyMap.keys` has in a net with these names of layers."""
    if layer not in names and layer.endswith(".branch.norm1"):
        before_split = f"{layer.removesuffix('branch.norm1')}pre.norm1"
        return before_split if before_split in names else layer
    return HEAD_NORM if layer == STEM_NORM and STEM_NORM not in names and HEAD_NORM in names else layer


def as_matrix(key: str, shape: Shape) -> Shape:
    """Returns the shape of a tensor; of a layer of the head written as a convolution, that of its matrix."""
    is_conv = key.startswith("head.fc") and key.endswith(".weight") and len(shape) == _CONV_SIDES
    return (shape[0], prod(shape[1:])) if is_conv else shape


def _without_table(plain: Mapping[str, str], shapes: Shapes) -> dict[str, _Net]:
    """Returns a net whose layers are numbered as a VGG net's, or in a residual net's order, by its prefix."""
    of_plain = {key: shapes[original] for key, original in plain.items()}
    prefix = vgg_prefix(of_plain)
    if prefix is not None:
        return {prefix: _Net(NUMBERED, prefix, vgg_layers(of_plain, prefix))}
    layers = layers_by_structure(of_plain)
    return {} if layers is None else {"": _Net(BY_STRUCTURE, "", layers)}


@lru_cache(maxsize=64)
def _first_convs(naming: Naming) -> tuple[str, ...]:
    """Returns the ends of the keys of a net's first convolution of the first block."""
    numbers = ((theirs, read_numbers(ours, FIRST_CONV)) for theirs, ours in naming.rows)
    layers = (fill_numbers(theirs, found) for theirs, found in numbers if found is not None)
    return tuple(f"{layer}.weight" for layer in layers if layer is not None)


def _nets(plain: Mapping[str, str]) -> Iterator[_Net]:
    for naming in NAMINGS:
        for prefix in prefixes_of(plain, _first_convs(naming)):
            yield _Net(naming, prefix, dict(_layers(naming, prefix, plain)))


def _layers(naming: Naming, prefix: str, plain: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yields the file's name of each layer that the naming knows, without prefix, and ours; of two equals the first."""
    below = (key[len(prefix) :].rpartition(".") for key in plain if key.startswith(prefix))
    seen: set[str] = set()
    for layer in dict.fromkeys(layer for layer, _dot, tensor in below if tensor in TENSORS):
        ours = _our_layer(naming, layer)
        if ours is not None and ours not in seen:
            seen.add(ours)
            yield layer, ours


def _our_layer(naming: Naming, layer: str) -> str | None:
    for theirs, ours in naming.rows:
        numbers = read_numbers(theirs, layer)
        if numbers is not None:
            return fill_numbers(ours, numbers)
    return None


def _key_map(net: _Net, others: tuple[str, ...], plain: Mapping[str, str], shapes: Shapes) -> KeyMap:
    of_plain = {key: shapes[original] for key, original in plain.items()}
    keys = {key: ours for key in plain if (ours := _our_key(net, key)) is not None}
    rest = {key: shape for key, shape in of_plain.items() if key not in keys and not key.startswith(others)}
    own = {ours: of_plain[key] for key, ours in keys.items()}
    if net.naming is not OURS and _ends_in_norm(own):
        keys = {key: ours.replace(f"{STEM_NORM}.", f"{HEAD_NORM}.") for key, ours in keys.items()}
    has_own = net.naming is NUMBERED or f"{HEAD}.weight" in own
    heads = () if has_own else find_heads(rest, net.prefix, features_of(own))
    for key in [key for key in rest if heads and key in (f"{heads[0]}.weight", f"{heads[0]}.bias")]:
        keys[key] = f"{HEAD}.{key.rpartition('.')[2]}"
        del rest[key]
    parts = {layer.partition(".")[0] for layer, ours in net.layers.items() if not ours.startswith("head.")}
    inside = (key for key in rest if key.startswith(net.prefix) and _is_inside(key[len(net.prefix) :], parts))
    return KeyMap(
        naming=net.naming,
        prefix=net.prefix,
        keys={plain[key]: ours for key, ours in keys.items()},
        rest=tuple(plain[key] for key in rest),
        inside=tuple(plain[key] for key in inside),
        heads=heads,
        others=others,
    )


def _our_key(net: _Net, key: str) -> str | None:
    if not key.startswith(net.prefix):
        return None
    layer, _dot, tensor = key[len(net.prefix) :].rpartition(".")
    return f"{net.layers[layer]}.{tensor}" if tensor in TENSORS and layer in net.layers else None


def _ends_in_norm(own: Shapes) -> bool:
    """Whether the norm beside the first convolution does not fit it, so that it is the one in front of the head."""
    stem, norm = own.get(f"{STEM}.weight", ()), own.get(f"{STEM_NORM}.weight", ())
    return f"{HEAD_NORM}.weight" not in own and len(norm) == 1 and stem[:1] != norm


def _is_inside(key: str, parts: Collection[str]) -> bool:
    """Whether a tensor that belongs to no layer lies among the layers; `parts` are the first names of those."""
    first, _dot, after = key.partition(".")
    return bool(after) and key.rpartition(".")[2] not in COUNTERS and (first in parts or bool(_BODY.fullmatch(first)))
