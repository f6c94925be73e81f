"""VggSpec: a VGG net, the plain reference of the residual nets. Like NetSpec, valid by construction.

Simonyan and Zisserman 2014 (arXiv 1409.1556), table 1, configurations A, B, D and E, as torchvision has them.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Self

from resnet_viz.i18n import _
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.fields import take_fields
from resnet_viz.spec.image_size import HasImage, ImageSize, Window, check_image
from resnet_viz.spec.net import NetSpec, check_stages
from resnet_viz.spec.validation import known_field

POOL: Final = 2  # kernel and stride of the max pool after a stage, which has no padding
NUM_FC: Final = 3  # fully connected layers of the head
POOLED_SIDE: Final = 7  # px of the map that the head reads, for every image size
DROPOUT: Final = 0.5  # after both hidden layers


@dataclass(frozen=True, kw_only=True, slots=True)
class VggSpec(HasImage):
    """One VGG net. Field names and values are a contract; those shared with NetSpec have the same meaning.

    Attributes:
        blocks: number of 3x3 convolutions of each stage. Every stage ends in a 2x2 max pool.
        widths: output channels of the convolutions of each stage.
        norm: batch normalisation after every convolution, or none.
        conv_bias: whether convolutions carry biases; torchvision's do, with batch normalisation too.
        hidden_features: outputs of each of the two hidden fully connected layers.
        in_channels: channels of the input image.
        image_size: side of a square image in pixels, or height and width of any other; each large enough for the pools.
        num_classes: outputs of the head.

    Raises:
        SpecError: a value out of its range.
    """

    blocks: tuple[int, ...]
    widths: tuple[int, ...]
    norm: Norm = Norm.NONE
    conv_bias: bool = True
    hidden_features: int = 4096
    in_channels: int = 3
    image_size: int | ImageSize = 224
    num_classes: int = 1000

    def __post_init__(self) -> None:
        take_fields(self)
        check_stages(self.blocks, self.widths)
        stages = range(1, len(self.blocks) + 1)
        check_image(self.image_size, (Window(f"stage{stage}.pool", POOL, POOL) for stage in stages))

    @property
    def is_plain(self) -> bool:
        """Whether the net has no shortcuts; always true."""
        return True

    @property
    def depth(self) -> int:
        """Weighted layers: convolutions and fully connected ones."""
        return sum(self.blocks) + NUM_FC

    @property
    def total_stride(self) -> int:
        """Input pixels per output pixel of the last stage, along one side."""
        return 1 << len(self.blocks)

    def replace(self, **changes: Any) -> Self:
        """Returns a copy with `changes`, validated again.

        Raises:
            SpecError: as of the class, and a field that it does not have.
        """
        for name in changes:
            known_field(_("A VGG net"), name, self.__dataclass_fields__)
        return dataclasses.replace(self, **changes)


AnySpec = NetSpec | VggSpec

_WIDTHS: Final = (64, 128, 256, 512, 512)
_VGG_11: Final[Mapping[str, Any]] = {"blocks": (1, 1, 2, 2, 2), "widths": _WIDTHS}  # configuration A
_VGG_13: Final[Mapping[str, Any]] = {"blocks": (2, 2, 2, 2, 2), "widths": _WIDTHS}  # configuration B
_VGG_16: Final[Mapping[str, Any]] = {"blocks": (2, 2, 3, 3, 3), "widths": _WIDTHS}  # configuration D
_VGG_19: Final[Mapping[str, Any]] = {"blocks": (2, 2, 4, 4, 4), "widths": _WIDTHS}  # configuration E

VGG: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "vgg11": _VGG_11,
        "vgg13": _VGG_13,
        "vgg16": _VGG_16,
        "vgg19": _VGG_19,
        "vgg11_bn": {**_VGG_11, "norm": Norm.BATCH},
        "vgg13_bn": {**_VGG_13, "norm": Norm.BATCH},
        "vgg16_bn": {**_VGG_16, "norm": Norm.BATCH},
        "vgg19_bn": {**_VGG_19, "norm": Norm.BATCH},
    }
)
