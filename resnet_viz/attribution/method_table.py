"""Table of the attribution methods: parameters, cost and limits."""

import math
from collections.abc import Mapping
from typing import Final

from resnet_viz.attribution.method import (
    Method,
    Parameter,
    no_pass,
    one_pass,
    pass_per_sample,
    pass_per_step,
    window_places,
)
from resnet_viz.i18n import N_

_STEPS: Final = Parameter(name="steps", title=N_("Steps of the path"), low=2, high=500, default=50, is_whole=True)

METHODS: Final[Mapping[str, Method]] = {
    method.name: method
    for method in (
        Method(
            name="saliency",
            title="Saliency",
            paper="Simonyan, Vedaldi and Zisserman 2014, arXiv:1312.6034",
            is_signed=False,
            limits=N_(
                "Absolute value of the gradient: the sensitivity of the logit to each pixel, not the pixel's "
                "contribution, and without direction. Noisy, and zero where the net saturates."
            ),
            forwards=one_pass,
            backwards=one_pass,
        ),
        Method(
            name="input_x_gradient",
            title="InputXGradient",
            paper="Shrikumar et al. 2016, arXiv:1605.01713",
            limits=N_(
                "Pixels at zero, which is the mean of the training pixels here, always get zero. The sum equals the "
                "logit only for a net without biases, those of its norms included."
            ),
            forwards=one_pass,
            backwards=one_pass,
        ),
        Method(
            name="integrated_gradients",
            title="Integrated Gradients",
            paper="Sundararajan, Taly and Yan 2017, arXiv:1703.01365",
            has_baseline=True,
            has_delta=True,
            parameters=(_STEPS,),
            limits=N_(
                "Pixels that equal the baseline get zero. Images on the path between baseline and image are unlike "
                "training images."
            ),
            forwards=lambda params, side: pass_per_step(params, side) + 2,  # both ends, for the delta
            backwards=pass_per_step,
        ),
        Method(
            name="gradient_shap",
            title="GradientShap",
            paper="Lundberg and Lee 2017, arXiv:1705.07874",
            has_baseline=True,
            has_delta=True,
            parameters=(
                Parameter(name="samples", title=N_("Samples"), low=2, high=500, default=50, is_whole=True),
                Parameter(
                    name="noise",
                    title=N_("Noise, as a share of the image's range"),
                    low=0.0,
                    high=0.5,
                    default=0.1,
                    is_whole=False,
                ),
            ),
            limits=N_(
                "An estimate from random points of the path: another seed gives another map and another delta, whose "
                "scatter shrinks with the root of the number of samples. One baseline replaces the distribution of "
                "baselines in the paper."
            ),
            forwards=lambda params, side: (
                3 * pass_per_sample(params, side)
            ),  # each sample and its two ends, for the delta
            backwards=pass_per_sample,
        ),
        Method(
            name="deep_lift",
            title="DeepLift",
            paper="Shrikumar, Greenside and Kundaje 2017, arXiv:1704.02685",
            has_baseline=True,
            has_delta=True,
            limits=N_(
                "The Rescale rule only. Gates multiply two paths, for which there is no rule, and in front of a max "
                "pool with overlapping windows it is exact for a baseline of one colour only: see the delta."
            ),
            forwards=lambda _params, _side: 4,  # image and baseline, once for the map and once for the delta
            backwards=lambda _params, _side: 2,
        ),
        Method(
            name="guided_backprop",
            title="GuidedBackprop",
            paper="Springenberg et al. 2015, arXiv:1412.6806",
            limits=N_(
                "Draws the image's edges rather than explaining the net: it hardly changes when upper layers are "
                "randomised (Adebayo et al. 2018). See the sanity check."
            ),
            forwards=one_pass,
            backwards=one_pass,
        ),
        Method(
            name="smooth_grad",
            title="SmoothGrad (NoiseTunnel)",
            paper="Smilkov et al. 2017, arXiv:1706.03825",
            parameters=(
                Parameter(name="samples", title=N_("Noisy copies"), low=2, high=500, default=25, is_whole=True),
                Parameter(
                    name="noise",
                    title=N_("Noise, as a share of the image's range"),
                    low=0.01,
                    high=0.5,
                    default=0.15,  # the paper's 10 % to 20 %
                    is_whole=False,
                ),
            ),
            limits=N_(
                "The mean of signed gradients over noisy copies: a sensitivity, whose sum has no meaning, and another "
                "seed gives a slightly different map."
            ),
            forwards=pass_per_sample,
            backwards=pass_per_sample,
        ),
        Method(
            name="occlusion",
            title="Occlusion",
            paper="Zeiler and Fergus 2014, arXiv:1311.2901",
            has_baseline=True,
            parameters=(
                Parameter(
                    name="window",
                    title=N_("Side of the window in pixels"),
                    low=1,
                    high=128,
                    default=5,
                    is_whole=True,
                    is_in_pixels=True,
                ),
                Parameter(
                    name="stride",
                    title=N_("Step of the window in pixels"),
                    low=1,
                    high=128,
                    default=2,
                    is_whole=True,
                    is_in_pixels=True,
                ),
            ),
            limits=N_(
                "Change of the logit when one window at a time is covered by the baseline: two windows that hold the "
                "same evidence can both get little. A covered image is unlike training images."
            ),
            forwards=lambda params, side: 1 + window_places(side, params["window"], params["stride"]) ** 2,
            backwards=no_pass,
        ),
        Method(
            name="feature_ablation",
            title="Feature Ablation",
            paper="Kokhlikyan et al. 2020, arXiv:2009.07896",
            has_baseline=True,
            parameters=(
                Parameter(
                    name="square",
                    title=N_("Side of a square in pixels"),
                    low=1,
                    high=128,
                    default=4,
                    is_whole=True,
                    is_in_pixels=True,
                ),
            ),
            limits=N_(
                "As Occlusion, with squares that do not overlap: coarse, and dependent on the position of the grid."
            ),
            forwards=lambda params, side: 1 + math.ceil(side / params["square"]) ** 2,
            backwards=no_pass,
        ),
        Method(
            name="grad_cam",
            title="GradCAM",
            paper="Selvaraju et al. 2017, arXiv:1610.02391",
            needs_layer=True,
            limits=N_(
                "As coarse as its layer. Meant for the last block: nearer to the input, the mean gradient of a channel "
                "says little about a place. Negative values are kept here; the paper discards them."
            ),
            forwards=one_pass,
            backwards=one_pass,
        ),
        Method(
            name="guided_grad_cam",
            title="Guided GradCAM",
            paper="Selvaraju et al. 2017, arXiv:1610.02391",
            needs_layer=True,
            limits=N_(
                "GuidedBackprop under the mask of GradCAM, and as insensitive to upper layers. The sign is that of a "
                "product: two negative factors give a positive value."
            ),
            forwards=lambda _params, _side: 2,
            backwards=lambda _params, _side: 2,
        ),
        Method(
            name="layer_conductance",
            title="Layer Conductance",
            paper="Dhamdhere, Sundararajan and Yan 2019, arXiv:1805.12233",
            needs_layer=True,
            has_baseline=True,
            has_delta=True,
            parameters=(_STEPS,),
            limits=N_(
                "Where all paths of the net go through the layer, as at a block's output, its sum is the same at every "
                "depth, and the delta measures the error; elsewhere the delta is the part that bypasses the layer."
            ),
            forwards=lambda params, side: pass_per_step(params, side) + 3,  # one more than its steps, and both ends
            backwards=lambda params, side: pass_per_step(params, side) + 1,
        ),
        Method(
            name="internal_influence",
            title="Internal Influence",
            paper="Leino et al. 2018, arXiv:1802.03788",
            needs_layer=True,
            has_baseline=True,
            parameters=(_STEPS,),
            limits=N_(
                "The mean gradient along the path, not multiplied by the layer's output: a sensitivity, whose sum has "
                "no meaning. Right before the global pooling it is the same at all places, for any net."
            ),
            forwards=pass_per_step,
            backwards=pass_per_step,
        ),
        Method(
            name="layer_activation",
            title="Layer Activation",
            paper="Kokhlikyan et al. 2020, arXiv:2009.07896",
            needs_layer=True,
            limits=N_("Output of the layer, the mean over its channels; it does not depend on the class."),
            forwards=one_pass,
            backwards=no_pass,
        ),
    )
}
