"""Closed vocabularies of a net's fields. Their values are part of addresses, saved runs and the command line.

Renaming a value breaks people's links. Sections cite He et al. 2015 (arXiv 1512.03385) and He et al. 2016 (1603.05027).
"""

from enum import StrEnum


class Stem(StrEnum):
    """Layers before the stages."""

    IMAGENET = "imagenet"  # 7x7 stride 2, then 3x3 max pool stride 2 (2015, table 1)
    CIFAR = "cifar"  # one 3x3 stride 1 (2015, section 4.2)


class BlockKind(StrEnum):
    """The convolutions of a residual branch (2015, fig. 5)."""

    BASIC = "basic"  # 3x3, 3x3
    BOTTLENECK = "bottleneck"  # 1x1, 3x3, 1x1 with four times the width at its ends


class Order(StrEnum):
    """Positions of norm and activation in a residual unit (2016, fig. 4 a-e)."""

    ORIGINAL = "original"
    BN_AFTER_ADD = "bn_after_add"
    RELU_BEFORE_ADD = "relu_before_add"
    RELU_ONLY_PREACT = "relu_only_preact"
    FULL_PREACT = "full_preact"

    @property
    def is_preact(self) -> bool:
        """Whether the unit activates before its convolutions, which leaves the shortcut clean after the addition."""
        return self in (Order.RELU_ONLY_PREACT, Order.FULL_PREACT)


class Shortcut(StrEnum):
    """Operation of the shortcut on x, and of a gate on the branch (2016, section 3.1 and fig. 2 a-f)."""

    NONE = "none"  # a plain net
    IDENTITY = "identity"  # a: x
    CONSTANT_SCALING = "constant_scaling"  # b: x times a constant, and the branch times another
    EXCLUSIVE_GATING = "exclusive_gating"  # c: x times 1 - g(x), the branch times g(x)
    SHORTCUT_ONLY_GATING = "shortcut_only_gating"  # d: x times 1 - g(x)
    CONV1X1 = "conv1x1"  # e: a 1x1 convolution of x
    DROPOUT = "dropout"  # f: x with dropout

    @property
    def is_gated(self) -> bool:
        """Whether a gate g(x) decides how much of x passes."""
        return self in (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)


class DimMatch(StrEnum):
    """Shortcuts at a change of shape (2015, section 3.3, options A, B and C)."""

    ZERO_PAD = "zero_pad"  # A: subsample, pad channels with zeros
    PROJECTION = "projection"  # B: 1x1 convolution where the shape changes
    PROJECTION_EVERYWHERE = "projection_everywhere"  # C: 1x1 convolution on every shortcut

    @property
    def letter(self) -> str:
        """The paper's letter for this option."""
        return {DimMatch.ZERO_PAD: "A", DimMatch.PROJECTION: "B", DimMatch.PROJECTION_EVERYWHERE: "C"}[self]


class StrideOn(StrEnum):
    """The downsampling convolution of a bottleneck."""

    FIRST_1X1 = "first_1x1"  # the paper and its Caffe nets ("v1")
    CONV_3X3 = "conv_3x3"  # torchvision and fb.resnet.torch ("v1.5")


class Norm(StrEnum):
    """Normalisation of activations."""

    BATCH = "batch"
    NONE = "none"


class Init(StrEnum):
    """Distribution of the initial convolution weights; biases start at zero."""

    HE = "he"  # normal, sqrt(2 / fan_out): He et al. 2015 (1502.01852), as torchvision's ResNets
    TORCH_DEFAULT = "torch_default"  # uniform within 1 / sqrt(fan_in): torch.nn.Conv2d's own
    XAVIER_UNIFORM = (
        "xavier_uniform"  # uniform within sqrt(6 / (fan_in + fan_out)), the fc too: Glorot, Bengio 2010; d2l
    )
