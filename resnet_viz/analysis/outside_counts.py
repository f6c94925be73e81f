"""Parameters of well-known nets that no spec describes, so that their counts are known for what they are.

torchvision 0.29.1 and timm 1.0.31: sums over `parameters()` of their modules with 1,000 classes, googlenet
without its auxiliary heads. Keras's ResNetV2:
"total params" and "trainable params"; they are those of the pre-activation nets here, and biases on the first
convolution, on the last of each branch and on the projections.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.i18n import N_, _
from resnet_viz.spec.name_words import spelled
from resnet_viz.spec.outside_names import outside_reason

_SOME_BIASES: Final = N_("biases on some of its convolutions only")
_TORCHVISION: Final = {
    "alexnet": 61_100_840, "googlenet": 6_624_904, "inception_v3": 27_161_264, "densenet121": 7_978_856,
    "densenet161": 28_681_000, "densenet169": 14_149_480, "densenet201": 20_013_928, "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496, "mobilenet_v2": 3_504_872, "mobilenet_v3_small": 2_542_856,
    "mobilenet_v3_large": 5_483_032, "mnasnet1_0": 4_383_312, "shufflenet_v2_x1_0": 2_278_604,
    "efficientnet_b0": 5_288_548, "efficientnet_b1": 7_794_184, "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232, "efficientnet_b4": 19_341_616, "convnext_tiny": 28_589_128,
    "convnext_small": 50_223_688, "convnext_base": 88_591_464, "vit_b_16": 86_567_656, "vit_b_32": 88_224_232,
    "vit_l_16": 304_326_632, "swin_t": 28_288_354, "swin_s": 49_606_258, "swin_b": 87_768_224,
}  # fmt: skip
_TIMM: Final = {
    "resnet18d": 11_708_744, "resnet34d": 21_816_904, "resnet50d": 25_576_264, "resnet50c": 25_576_264,
    "resnet50t": 25_573_728, "resnet101d": 44_568_392, "resnet152d": 60_212_040, "resnet200d": 64_693_064,
    "resnet26d": 16_014_408, "resnet26t": 16_011_872, "resnet10t": 5_435_488, "resnet14t": 10_081_632,
    "seresnet18": 11_779_624, "seresnet34": 21_960_416, "seresnet50": 28_088_024, "seresnet101": 49_326_872,
    "seresnet152": 66_821_848, "seresnext50_32x4d": 27_559_896, "ecaresnet50d": 25_576_350,
    "ecaresnet101d": 44_568_563, "skresnet18": 11_958_056, "skresnet50": 25_803_160, "resnest14d": 10_611_688,
    "resnest26d": 17_069_448, "resnest50d": 27_483_240, "resnest101e": 48_275_016, "resnetrs50": 35_691_912,
    "resnetrs101": 63_618_696, "resnetrs152": 86_621_576, "res2net50_26w_4s": 25_699_120,
    "res2net101_26w_4s": 45_206_688, "resnext50d_32x4d": 25_048_136, "xception": 22_855_952,
    "inception_resnet_v2": 55_843_464, "darknet53": 41_609_928, "cspresnet50": 21_616_168,
}  # fmt: skip
_KERAS: Final = {
    "ResNet50V2": (25_613_800, 25_568_360),
    "ResNet101V2": (44_675_560, 44_577_896),
    "ResNet152V2": (60_380_648, 60_236_904),
}


def _by_count() -> dict[int, tuple[tuple[str, str, str], ...]]:
    rows = [("torchvision", name, count) for name, count in _TORCHVISION.items()]
    rows += [("timm", name, count) for name, count in _TIMM.items()]
    found: dict[int, tuple[tuple[str, str, str], ...]] = {}
    for package, name, count in rows:
        found[count] = (*found.get(count, ()), (package, name, outside_reason(spelled(name)) or ""))
    for name, counts in _KERAS.items():
        found |= dict.fromkeys(counts, (("Keras", name, _SOME_BIASES),))
    return found


OUTSIDE_COUNTS: Final[Mapping[int, tuple[tuple[str, str, str], ...]]] = MappingProxyType(_by_count())
"""Count -> package, name and what it has that no spec describes, to be translated."""


def outside_text(count: int) -> str:
    """Returns a message on the well-known nets with this count that are outside of the vocabulary; "" for none."""
    text = _("{package}'s {name} has {count:,} parameters; it is outside the vocabulary here: it has {reason}.")
    return " ".join(
        text.format(package=package, name=name, count=count, reason=_(reason))
        for package, name, reason in OUTSIDE_COUNTS.get(count, ())
    )
