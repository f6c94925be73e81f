"""The keys of VGG's state dict: ours and torchvision's (0.29).

torchvision numbers the layers, those without weights too: "features.0.weight" to "features.28.bias" are the
convolutions of VGG-16, "classifier.0", "classifier.3" and "classifier.6" its fc. Where layers stand follows from the
numbers, since every convolution brings its norm and its activation, and every stage its pool.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from resnet_viz.i18n import _
from resnet_viz.plan.ops import AdaptiveAvgPool, Conv, Flatten, Layers, Linear, Shape

_TORCHVISION_LAST_WIDTH: Final = 512  # times 7 times 7 is what its classifier reads
_TORCHVISION_HIDDEN: Final = 4096
_CLASSIFIER: Final = {"classifier.0": "head.fc1", "classifier.3": "head.fc2", "classifier.6": "head.fc"}
_FEATURE: Final = re.compile(r"features\.([0-9]{1,5})", flags=re.ASCII)


def is_vgg(layers: Layers) -> bool:
    """Whether these are the layers of a VGG net."""
    return "head.fc1" in layers


def their_vgg_layers(layers: Layers) -> dict[str, str]:
    """Returns torchvision's name of each layer, by ours."""
    features = [name for name in layers if not name.startswith("head.")]
    head = {name: op for name, op in layers.items() if name.startswith("head.")}
    classifier = [name for name, op in head.items() if not isinstance(op, AdaptiveAvgPool | Flatten)]
    return {name: f"features.{number}" for number, name in enumerate(features)} | {
        name: f"classifier.{number}" for number, name in enumerate(classifier)
    }


def own_vgg_keys(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Returns tensors under our keys, which they may have or torchvision's; any other key stays as it is."""
    ours = _our_layers(key.rpartition(".")[0] for key in shapes)
    split = ((*key.rpartition("."), shape) for key, shape in shapes.items())
    return {f"{ours.get(layer, layer)}{dot}{tensor}": shape for layer, dot, tensor, shape in split}


def _our_layers(theirs: Iterable[str]) -> dict[str, str]:
    """Returns our name of each layer by torchvision's, read from the numbers of the layers that have weights.

    The number behind that of a convolution has weights where it is a norm. Behind these comes the activation, and
    where one number more is left out, the pool that ends a stage.
    """
    numbers = sorted({int(match[1]) for match in map(_FEATURE.fullmatch, theirs) if match})
    layers = dict(_CLASSIFIER)
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


def vgg_differences(layers: Layers) -> Iterator[str]:
    """Yields why torchvision's VGG class cannot make these layers, as parts of a sentence."""
    ops = tuple(layers.values())
    convs = [op for op in ops if isinstance(op, Conv)]
    if not all(op.has_bias for op in convs):
        yield _("its convolutions have no biases")
    if convs[-1].out_channels != _TORCHVISION_LAST_WIDTH:
        yield _("torchvision's last stage is {theirs} wide, its is {ours}").format(
            theirs=_TORCHVISION_LAST_WIDTH, ours=convs[-1].out_channels
        )
    hidden = next(op.out_features for op in ops if isinstance(op, Linear))
    if hidden != _TORCHVISION_HIDDEN:
        yield _("torchvision's hidden layers have {theirs} outputs, its have {ours}").format(
            theirs=_TORCHVISION_HIDDEN, ours=hidden
        )
