"""The papers' reasons for what a variant achieves, or its main trait where no paper compares it: two sentences each."""

from collections.abc import Mapping
from typing import Final

from resnet_viz.blocks.variants import BlockVariant
from resnet_viz.i18n import N_, _

REASONS: Final[Mapping[str, str]] = {
    "a_original": N_(
        "The shortcut is an identity, but the ReLU after the addition cuts what is negative: x passes unchanged "
        "only where the sum is not. Training moves most sums above zero, so that nets of up to 164 layers hardly "
        "suffer (He et al. 2016, section 4.2)."
    ),
    "b_bn_after_add": N_(
        "The norm after the addition changes the signal of the shortcut, too, and impedes the propagation of "
        "information. Training loss hardly falls at the beginning (He et al. 2016, section 4.1)."
    ),
    "c_relu_before_add": N_(
        "The shortcut is clean, but a branch that ends in a ReLU can only add, F(x) ≥ 0, so that the signal never "
        "falls from block to block. A residual function should take values of both signs (He et al. 2016, section "
        "4.1)."
    ),
    "d_relu_only_preact": N_(
        "The activation moves before the convolutions, which leaves the shortcut clean. The first ReLU, however, "
        "reads a signal that no norm has seen, and the result is about that of the original order (He et al. "
        "2016, section 4.1)."
    ),
    "e_full_preact": N_(
        "The shortcut is an identity from block to block, so that signal and gradient pass directly and "
        "optimisation is easier. Every convolution reads a normalised input, which regularises (He et al. 2016, "
        "section 4.2)."
    ),
    "plain": N_(
        "Without a shortcut the block has to reproduce x by its own layers before it can improve on it. Deeper "
        "plain nets have a higher training error: the degradation problem (He et al. 2015, section 1)."
    ),
    "identity": N_(
        "x is added as it is: the shortcut has neither parameters nor a factor. All other operations on the "
        "shortcut gave a higher error (He et al. 2016, section 3.2)."
    ),
    "scaled_half": N_(
        "Half of x and half of F(x) are added, so that the shortcut of L blocks has the factor 0.5 to the power "
        "of L. The net converges, to a much higher error (He et al. 2016, section 3.1)."
    ),
    "scaled_shortcut": N_(
        "Only the shortcut is halved, so that it fades with depth. The net does not converge well: the paper "
        "calls it a failure (He et al. 2016, section 3.1)."
    ),
    "exclusive_gating": N_(
        "What the gate g gives to the branch it takes from the shortcut. The initial bias decides: the lower it "
        "is, the nearer the shortcut is to an identity and the branch to zero (He et al. 2016, section 3.1)."
    ),
    "shortcut_only_gating": N_(
        "The gate closes the shortcut and leaves the branch alone. With a low initial bias the shortcut is nearly "
        "an identity, and the error nearly that of one (He et al. 2016, section 3.1)."
    ),
    "conv1x1": N_(
        "A 1×1 convolution can represent the identity, and yet the error is higher: the reason is optimisation, "
        "not the functions that a net can represent (He et al. 2016, section 3.2). In a net of 16 blocks it "
        "helped: option C."
    ),
    "dropout": N_(
        "Dropout of rate 0.5 scales the shortcut by 0.5 in expectation, as the paper has it, and so impedes "
        "propagation like a constant factor. The net fails to converge to a good solution (He et al. 2016, "
        "section 3.1)."
    ),
    "option_a": N_(
        "Zero padding needs no parameters. The padded channels have no residual learning (He et al. 2015, section 4.1)."
    ),
    "option_b": N_(
        "A 1×1 convolution where the shape changes, and identities elsewhere. Slightly better than option A, for "
        "the padded channels there learn no residual (He et al. 2015, section 4.1)."
    ),
    "option_c": N_(
        "A 1×1 convolution on every shortcut. Marginally better than option B through its additional parameters; "
        "projections are not essential against degradation (He et al. 2015, section 4.1)."
    ),
    "basic": N_(
        "Two 3×3 convolutions, as in ResNet-18 and ResNet-34. The channels stay the same inside (He et al. 2015, "
        "fig. 5)."
    ),
    "bottleneck": N_(
        "A 1×1 convolution reduces the channels, a 3×3 works on few, a 1×1 restores them. Time is about that of a "
        "basic block at four times the channels (He et al. 2015, fig. 5)."
    ),
    "bottleneck_v1": N_(
        "The first 1×1 convolution has the stride, as in the paper and its Caffe nets. It reads only every second "
        "pixel of each row and column, and costs less."
    ),
    "bottleneck_v1_5": N_(
        "The 3×3 convolution has the stride, as in torchvision: every pixel of the input is read. It costs more "
        "multiply-adds and has the same parameters."
    ),
    "d2l_residual": N_(
        "The class of Dive into Deep Learning, section 7.6: convolutions with biases, which the norm behind them "
        "takes out again. Weights and biases of the branch at zero give ReLU(x)."
    ),
    "d2l_residual_1x1": N_(
        "The same class with `use_1x1conv`: a 1×1 convolution with bias and without norm on the shortcut. It halves "
        "the map and changes the channels."
    ),
    "residual_64_64": N_(
        "A ResidualBlock class as tutorials have it: no biases, identity shortcut. The shortcut spans two weight "
        "layers and enters before the last ReLU."
    ),
    "residual_64_128": N_(
        "A ResidualBlock class as tutorials have it where the shape changes: downsample is a 1×1 convolution and "
        "its norm. Equations that leave W_s out do not hold here, for x and F(x) have different shapes."
    ),
    "torchvision_basic": N_(
        "BasicBlock(64, 64): 3×3 convolutions without biases, each with its norm. The order is the original one."
    ),
    "torchvision_bottleneck": N_(
        "Bottleneck(256, 64): 1×1, 3×3 and 1×1 convolutions with expansion 4. The order is the original one."
    ),
}


def reason(variant: BlockVariant) -> str:
    """Returns the reason for a variant's result, with its source."""
    return _(REASONS[variant.id])
