"""Suggested comparisons: those of the papers, as addresses of their nets."""

from typing import Final, NamedTuple

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_
from resnet_viz.spec.enums import DimMatch, Shortcut
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec, VggSpec

Address = dict[str, str]


class Pair(NamedTuple):
    """A suggested comparison of two or three nets.

    Attributes:
        name: the nets' short names.
        source: paper and figure or table of the comparison.
        nets: the address of each net, without a prefix.
    """

    name: str
    source: str
    nets: tuple[Address, ...]


PAIRS: Final = (
    Pair(
        "VGG-19, plain-34, ResNet-34",
        "He et al. 2015, fig. 3",
        ({"net": "vgg19"}, {"net": "plain34"}, {"net": "resnet34", "dim_match": "zero_pad"}),
    ),
    Pair("plain-34, ResNet-34", "He et al. 2015, fig. 3", ({"net": "plain34"}, {"net": "resnet34"})),
    Pair("ResNet-34, ResNet-50", "He et al. 2015, table 1", ({"net": "resnet34"}, {"net": "resnet50"})),
    Pair("ResNet-50 v1, v1.5", "He et al. 2015; torchvision", ({"net": "resnet50_v1"}, {"net": "resnet50"})),
    Pair(
        N_("ResNet-56, original and full pre-activation"),
        "He et al. 2016, fig. 4",
        ({"net": "cifar_resnet56"}, {"net": "cifar_preact_resnet56"}),
    ),
    Pair(
        N_("ResNet-34, options A, B, C"),
        "He et al. 2015, section 4.1",
        tuple({"net": "resnet34", "dim_match": way} for way in ("zero_pad", "projection", "projection_everywhere")),
    ),
)


def counterpart(spec: AnySpec) -> AnySpec:
    """Returns the first net to compare with `spec`.

    The same net without shortcuts, or with them if it has none; for a VGG net plain-34, as in He et al. 2015, fig. 3.
    """
    if isinstance(spec, VggSpec):
        return preset("plain34")
    if not spec.is_plain:
        return spec.replace(shortcut=Shortcut.NONE, zero_init_residual=False)
    try:
        return spec.replace(shortcut=Shortcut.IDENTITY)
    except SpecError:  # zero padding cannot take channels away
        return spec.replace(shortcut=Shortcut.IDENTITY, dim_match=DimMatch.PROJECTION)
