"""The last layer of a net in a file of weights, found by its name or else by its shape."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from resnet_viz.plan.ops import Shape
from resnet_viz.spec.fields import MAX_CLASSES
from resnet_viz.weights.namings import COUNTERS, HEADS
from resnet_viz.weights.prefixes import relative_names

FEWEST_CLASSES: Final = 2
_CONV: Final = re.compile(r"stage([0-9]+)\.block([0-9]+)\.branch\.conv([0-9]+)\.weight", re.ASCII)
_OWN: Final = (".weight", ".bias", *COUNTERS)
_SIDES: Final = 2  # of the weight of a fully connected layer


def find_heads(rest: Mapping[str, Shape], prefix: str, features: int) -> tuple[str, ...]:
    """Returns the names of the layers that can be the head, the likeliest first.

    A head reads all channels of the last stage, and nothing reads it. The first layer of several, as of a projection
    head for self-supervised learning, is none, nor is a layer behind a norm or one with a scale of its own.

    Args:
        rest: shapes by key of the tensors that belong to no other layer.
        prefix: of the net.
        features: channels of the last stage.
    """
    if any(key.endswith(".running_mean") and shape == (features,) for key, shape in rest.items()):
        return ()  # a norm between the mean and what reads it
    linear = {key.removesuffix(".weight"): shape for key, shape in rest.items() if key.endswith(".weight")}
    reading = {
        layer: shape
        for layer, shape in linear.items()
        if shape[1:] == (features,) or (shape[1:] == (features, 1, 1) and _rank(layer, prefix) < len(HEADS))
    }
    heads = [
        layer
        for layer, shape in reading.items()
        if FEWEST_CLASSES <= shape[0] <= MAX_CLASSES and not _is_one_of_several(layer, shape[0], rest, prefix)
    ]
    return tuple(sorted(heads, key=lambda layer: _rank(layer, prefix)))


def linear_layers(keys: Iterable[str], shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """Returns the names of the fully connected layers among some tensors of a file."""
    weights = (key for key in keys if key.endswith(".weight") and len(shapes[key]) == _SIDES)
    return tuple(key.removesuffix(".weight") for key in weights)


def _is_one_of_several(layer: str, num_outputs: int, rest: Mapping[str, Shape], prefix: str) -> bool:
    """Whether a layer belongs to a head of several: it has further tensors, or another reads it or is beside it."""
    parent, _dot, number = layer.rpartition(".")
    is_in_sequence = number.isdigit() and bool(parent) and f"{parent}." != prefix
    return any(
        (len(shape) == _SIDES and shape[1] == num_outputs) or (is_in_sequence and key.startswith(f"{parent}."))
        for key, shape in rest.items()
        if key.rpartition(".")[0] != layer
    ) or any(key.startswith(f"{layer}.") and not key.endswith(_OWN) for key in rest)


def _rank(layer: str, prefix: str) -> int:
    ranks = [HEADS.index(name) for name in relative_names(layer, prefix) if name in HEADS]
    return min(ranks, default=len(HEADS))


def features_of(own: Mapping[str, Shape]) -> int:
    """Returns the channels of the last stage, by the shapes of its tensors under our keys; 0 where there is none."""
    convs = {tuple(map(int, match.groups())): shape for key, shape in own.items() if (match := _CONV.fullmatch(key))}
    last = convs[max(convs)] if convs else ()
    return last[0] if last else 0
