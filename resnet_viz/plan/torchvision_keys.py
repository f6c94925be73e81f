"""Tensors of a net's layers under our keys, and torchvision's names (0.29) for them. No torch.

Ours are node names followed by the tensor, "stage1.block1.branch.conv1.weight"; torchvision's are like
"layer1.0.conv1.weight". Both are in running order, the projection after the branch. Of VGG, torchvision numbers the
layers, those without weights too: "features.0.weight" to "features.28.bias" are the convolutions of VGG-16,
"classifier.0", "classifier.3" and "classifier.6" its fc. Names in files are read by `weights.key_map`.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.ops import (
    AdaptiveAvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    Layers,
    Linear,
    Multiply,
    Op,
    Scale,
    Shape,
    ZeroPad,
)
from resnet_viz.plan.plan import Plan

_TORCHVISION_LAST_WIDTH: Final = 512  # times 7 times 7 is what its classifier reads
_TORCHVISION_HIDDEN: Final = 4096


def is_vgg(layers: Layers) -> bool:
    """Returns whether these are the layers of a VGG net."""
    return "head.fc1" in layers


def their_vgg_layers(layers: Layers) -> dict[str, str]:
    """Returns torchvision's name of each layer, by ours."""
    features = [name for name in layers if not name.startswith("head.")]
    head = {name: op for name, op in layers.items() if name.startswith("head.")}
    classifier = [name for name, op in head.items() if not isinstance(op, AdaptiveAvgPool | Flatten)]
    return {name: f"features.{number}" for number, name in enumerate(features)} | {
        name: f"classifier.{number}" for number, name in enumerate(classifier)
    }


def vgg_differences(layers: Layers) -> Iterator[str]:
    """Yields reasons why torchvision's VGG class cannot make these layers, as parts of a message."""
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


BATCHES_SEEN: Final = "num_batches_tracked"  # files saved before torch 0.4.1 have none of these

_TORCHVISION_WIDTHS: Final = (64, 128, 256, 512)
_HEAD_AND_STEM: Final = {"stem.conv": "conv1", "stem.norm": "bn1", "head.fc": "fc"}
_IN_BLOCK: Final = {"conv": "conv", "norm": "bn"}
_OUR_LAYER: Final = re.compile(
    r"stage([1-9][0-9]{0,3})\.block([1-9][0-9]{0,3})\.(?:branch\.(conv|norm)([1-9])|shortcut\.(conv|norm))", re.ASCII
)


def layers_of(plan: Plan) -> dict[str, Op]:
    """Returns the operation of each node by its name, in running order."""
    return {node.name: node.op for node in plan.nodes}


def state_shapes(layers: Layers) -> dict[str, Shape]:
    """Returns our keys with the shape of each tensor, in the order of `net.state_dict()`."""
    return {f"{name}.{tensor}": shape for name, op in layers.items() for tensor, shape in _tensors(op)}


def torchvision_names(plan: Plan) -> Mapping[str, str]:
    """Returns torchvision's key for each of ours, in the order of both.

    Raises:
        SpecError: torchvision's ResNet or VGG class makes no such net; the message has the reason.
    """
    return names_of_layers(layers_of(plan))


def names_of_layers(layers: Layers) -> Mapping[str, str]:
    """Returns `torchvision_names` of layers, wherever they were read."""
    reason = no_counterpart(layers)
    if reason is not None:
        raise SpecError(_("torchvision has no counterpart of this net: {reason}.").format(reason=reason))
    theirs = their_vgg_layers(layers) if is_vgg(layers) else _their_layers(layers)
    names = (
        (f"{name}.{tensor}", f"{theirs[name]}.{tensor}") for name, op in layers.items() for tensor, _s in _tensors(op)
    )
    return MappingProxyType(dict(names))


def no_counterpart(layers: Layers) -> str | None:
    """Returns a reason why torchvision's class cannot make these layers, as part of a message; None where it can.

    Numbers of input channels and of classes do not count: both are changed there by replacing one layer.
    """
    return next(vgg_differences(layers) if is_vgg(layers) else _differences(layers), None)


def _differences(layers: Layers) -> Iterator[str]:
    ops = tuple(layers.values())
    if "stem.pool" not in layers:
        yield _("its stem is the CIFAR one, torchvision's has a 7×7 convolution and a pool")
    if not any(name.endswith(".add") for name in layers):
        yield _("it has no shortcuts")
    if any(isinstance(op, Scale | Multiply | Dropout) for op in ops):
        yield _("its shortcuts are scaled, gated or dropped")
    if any(isinstance(op, ZeroPad) for op in ops):
        yield _("it has zero padding (option A), torchvision's class has projections (option B)")
    if not any(isinstance(op, BatchNorm) for op in ops):
        yield _("it has no batch normalisation")
    if any(isinstance(op, Conv) and op.has_bias for op in ops):
        yield _("its convolutions have biases")
    original = list(_original_order(layers))
    if list(layers) != original and list(layers) == [name for name in original if ".shortcut.norm" not in name]:
        yield _("its projections have no norm")
    if list(layers) != original:
        yield _("its norms and activations are not in the original order")
    projections = [op for name, op in layers.items() if name.endswith(".shortcut.conv")]
    if any(isinstance(op, Conv) and op.stride == 1 and op.in_channels == op.out_channels for op in projections):
        yield _("it projects where the shape stays (option C)")
    firsts = [op for name, op in layers.items() if name.endswith(".branch.conv1")]
    if _is_bottleneck(layers) and any(isinstance(op, Conv) and op.stride > 1 for op in firsts):
        yield _("it downsamples in the first 1×1 convolution (v1), torchvision in the 3×3 (v1.5)")
    yield from _other_widths(layers)


def _other_widths(layers: Layers) -> Iterator[str]:
    """The class of torchvision has four stages of fixed widths; only the inside of a bottleneck may be wider."""
    last = "branch.conv3" if _is_bottleneck(layers) else "branch.conv2"
    ends = [layers[name] for name in layers if name.endswith(f".block1.{last}")]
    expansion = 4 if _is_bottleneck(layers) else 1
    widths = tuple(op.out_channels // expansion for op in ends if isinstance(op, Conv))
    if widths != _TORCHVISION_WIDTHS:
        yield _("torchvision's stages have the widths {theirs}, its have {ours}").format(
            theirs=", ".join(map(str, _TORCHVISION_WIDTHS)), ours=", ".join(map(str, widths))
        )


def _original_order(layers: Layers) -> Iterator[str]:
    """Yields the names that a net with these blocks and projections has where it is built as torchvision builds it."""
    num_convs = 3 if _is_bottleneck(layers) else 2
    yield from ("stem.conv", "stem.norm", "stem.act", "stem.pool")
    for block in (name.removesuffix(".add") for name in layers if name.endswith(".add")):
        for number in range(1, num_convs + 1):
            yield from (f"{block}.branch.conv{number}", f"{block}.branch.norm{number}")
            if number < num_convs:
                yield f"{block}.branch.act{number}"
        if f"{block}.shortcut.conv" in layers:
            yield from (f"{block}.shortcut.conv", f"{block}.shortcut.norm")
        yield from (f"{block}.add", f"{block}.post.act")
    yield from ("head.pool", "head.fc")


def _is_bottleneck(layers: Layers) -> bool:
    return any(name.endswith(".branch.conv3") for name in layers)


def _tensors(op: Op) -> tuple[tuple[str, Shape], ...]:
    """Returns the tensors that torch saves of a layer: names and shapes."""
    match op:
        case Conv(in_channels, out_channels, kernel, _, _, has_bias, _, groups):
            weight = ("weight", (out_channels, in_channels // groups, kernel, kernel))
            return (weight, ("bias", (out_channels,))) if has_bias else (weight,)
        case BatchNorm(channels):
            per_channel = ("weight", "bias", "running_mean", "running_var")
            return (*((name, (channels,)) for name in per_channel), (BATCHES_SEEN, ()))
        case Linear(in_features, out_features):
            return (("weight", (out_features, in_features)), ("bias", (out_features,)))
        case _:
            return ()


def _their_layers(layers: Layers) -> dict[str, str]:
    """Returns torchvision's name of each layer of a residual net that has weights."""
    return {name: _their_layer(name) for name, op in layers.items() if _tensors(op)}


def _their_layer(name: str) -> str:
    if name in _HEAD_AND_STEM:
        return _HEAD_AND_STEM[name]
    match = _OUR_LAYER.fullmatch(name)
    assert match is not None, name  # every layer with weights is one of these
    stage, block, kind, number, projection = match.groups()
    leaf = f"downsample.{0 if projection == 'conv' else 1}" if projection else f"{_IN_BLOCK[kind]}{number}"
    return f"layer{stage}.{int(block) - 1}.{leaf}"
