"""Keys of VGG nets whose layers are numbered: "features.0.weight" to "features.28.bias", "classifier.0", ...

The places of layers follow from the numbers, since every convolution brings its norm and its activation, and every
stage its pool: the number after that of a convolution has weights where it is a norm. After these comes the activation,
and where one number more is left out, the pool that ends a stage.
"""

import re
from collections.abc import Iterable, Mapping
from math import prod
from typing import Final

from resnet_viz.plan.ops import Shape
from resnet_viz.spec.enums import StrideOn
from resnet_viz.spec.vgg import POOLED_SIDE
from resnet_viz.weights.namings import HEAD, Naming

NUMBERED: Final = Naming(
    "numbered features",
    "pytorch/vision torchvision/models/vgg.py; timm vgg.py; kuangliu/pytorch-cifar models/vgg.py",
    (),
    StrideOn.CONV_3X3,
)
_FIRST: Final = "features.0.weight"
_FEATURE: Final = re.compile(r"features\.([0-9]{1,3})", re.ASCII)
_KERNEL: Final = (3, 3)
_CONV_SIDES: Final = 4
_HIDDEN: Final = ("head.fc1", "head.fc2", HEAD)


def vgg_prefix(plain: Mapping[str, Shape]) -> str | None:
    """Returns what stands in front of "features.0.weight", where that is a 3x3 convolution; None elsewhere."""
    for key, shape in plain.items():
        is_whole = key == _FIRST or key.endswith(f".{_FIRST}")
        if is_whole and len(shape) == _CONV_SIDES and shape[2:] == _KERNEL:
            return key.removesuffix(_FIRST)
    return None


def vgg_layers(plain: Mapping[str, Shape], prefix: str) -> dict[str, str]:
    """Returns our name of each layer by the file's without `prefix`: the numbered ones, and a head of three layers."""
    below = {key.removeprefix(prefix): shape for key, shape in plain.items() if key.startswith(prefix)}
    layers = features_by_number(key.rpartition(".")[0] for key in below)
    widths = [shape[0] for key, shape in below.items() if key.rpartition(".")[0] in layers and shape]
    weights = {
        key.removesuffix(".weight"): shape
        for key, shape in below.items()
        if key.endswith(".weight") and key.removesuffix(".weight") not in layers and len(shape) in (2, _CONV_SIDES)
    }
    num_read = widths[-1] * POOLED_SIDE**2 if widths else 0
    in_order = sorted(weights, key=lambda name: (prod(weights[name][1:]) != num_read, name.startswith("head"), name))
    if len(weights) == len(_HIDDEN) and prod(weights[in_order[0]][1:]) == num_read:
        layers |= dict(zip(in_order, _HIDDEN, strict=True))
    return layers


def features_by_number(theirs: Iterable[str]) -> dict[str, str]:
    """Returns our name of each numbered layer, read from the numbers of the layers that have weights."""
    numbers = sorted({int(match[1]) for match in map(_FEATURE.fullmatch, theirs) if match})
    layers: dict[str, str] = {}
    stage, block, expected = 1, 0, 0
    for number in numbers:
        if block and number == expected - 1:  # where the activation would be
            layers[f"features.{number}"] = f"stage{stage}.block{block}.branch.norm1"
            expected += 1
            continue
        stage, block = (stage + 1, 1) if number > expected else (stage, block + 1)
        layers[f"features.{number}"] = f"stage{stage}.block{block}.branch.conv1"
        expected = number + 2
    return layers
