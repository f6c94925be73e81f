"""The attribution methods as one table: what each is, what can be set, what it costs and what it cannot do."""

import math
from collections.abc import Mapping
from typing import Final

from resnet_viz.attribution import method as count
from resnet_viz.attribution.method import Method, Parameter
from resnet_viz.i18n import _

_STEPS: Final = Parameter(name="steps", title=_("Steps of the path"), low=2, high=500, default=50, is_whole=True)

METHODS: Final[Mapping[str, Method]] = {
    method.name: method
    for method in (
        Method(
            name="saliency",
            title="Saliency",
            paper="Simonyan, Vedaldi and Zisserman 2014, arXiv:1312.6034",
            is_signed=False,
            limits=_(
                "The size of the gradient: which pixels the score is sensitive to, not which it comes from, and not "
                "in which direction. It is noisy, and zero where the net saturates."
            ),
            forwards=count.one_pass,
            backwards=count.one_pass,
        ),
        Method(
            name="input_x_gradient",
            title="InputXGradient",
            paper="Shrikumar et al. 2016, arXiv:1605.01713",
            limits=_(
                "Pixels at the value zero, which is the mean of the training pixels here, get nothing whatever they "
                "do. The sum is the score only for a net without biases."
            ),
            forwards=count.one_pass,
            backwards=count.one_pass,
        ),
        Method(
            name="integrated_gradients",
            title="Integrated Gradients",
            paper="Sundararajan, Taly and Yan 2017, arXiv:1703.01365",
            has_baseline=True,
            has_delta=True,
            parameters=(_STEPS,),
            limits=_(
                "Pixels that equal the baseline get nothing. Images on the path between baseline and image look "
                "like no training image."
            ),
            forwards=lambda params, side: count.pass_per_step(params, side) + 2,  # both ends, for the delta
            backwards=count.pass_per_step,
        ),
        Method(
            name="gradient_shap",
            title="GradientShap",
            paper="Lundberg and Lee 2017, arXiv:1705.07874",
            has_baseline=True,
            has_delta=True,
            parameters=(
                Parameter(name="samples", title=_("Samples"), low=2, high=500, default=50, is_whole=True),
                Parameter(
                    name="noise",
                    title=_("Noise, as a share of the image's range"),
                    low=0.0,
                    high=0.5,
                    default=0.1,
                    is_whole=False,
                ),
            ),
            limits=_(
                "An estimate from random points of the path: another seed gives another map, and the delta, the mean "
                "over the samples, shrinks only with the root of their number. One baseline stands for the "
                "distribution that the paper asks for."
            ),
            forwards=lambda params, side: (
                3 * count.pass_per_sample(params, side)
            ),  # each sample and its two ends, for the delta
            backwards=count.pass_per_sample,
        ),
        Method(
            name="deep_lift",
            title="DeepLift",
            paper="Shrikumar, Greenside and Kundaje 2017, arXiv:1704.02685",
            has_baseline=True,
            has_delta=True,
            limits=_(
                "The Rescale rule only. Gates multiply two paths, for which there is no rule, and in front of a max "
                "pool with overlapping windows it is exact for a baseline of one colour only: the delta tells."
            ),
            forwards=lambda _params, _side: 4,  # image and baseline, once for the map and once for the delta
            backwards=lambda _params, _side: 2,
        ),
        Method(
            name="guided_backprop",
            title="GuidedBackprop",
            paper="Springenberg et al. 2015, arXiv:1412.6806",
            limits=_(
                "Draws the image's edges more than it explains the net: it hardly changes when upper layers are "
                "randomised (Adebayo et al. 2018). See the sanity check."
            ),
            forwards=count.one_pass,
            backwards=count.one_pass,
        ),
        Method(
            name="smooth_grad",
            title="SmoothGrad (NoiseTunnel)",
            paper="Smilkov et al. 2017, arXiv:1706.03825",
            parameters=(
                Parameter(name="samples", title=_("Noisy copies"), low=2, high=500, default=25, is_whole=True),
                Parameter(
                    name="noise",
                    title=_("Noise, as a share of the image's range"),
                    low=0.01,
                    high=0.5,
                    default=0.15,  # the paper's 10 % to 20 %
                    is_whole=False,
                ),
            ),
            limits=_(
                "The mean of signed gradients over noisy copies: still a sensitivity, and another seed gives a "
                "slightly different map."
            ),
            forwards=count.pass_per_sample,
            backwards=count.pass_per_sample,
        ),
        Method(
            name="occlusion",
            title="Occlusion",
            paper="Zeiler and Fergus 2014, arXiv:1311.2901",
            has_baseline=True,
            parameters=(
                Parameter(
                    name="window",
                    title=_("Side of the window in pixels"),
                    low=1,
                    high=128,
                    default=5,
                    is_whole=True,
                    is_in_pixels=True,
                ),
                Parameter(
                    name="stride",
                    title=_("Step of the window in pixels"),
                    low=1,
                    high=128,
                    default=2,
                    is_whole=True,
                    is_in_pixels=True,
                ),
            ),
            limits=_(
                "What happens to the score when a window is covered by the baseline, one at a time: two windows that "
                "can stand in for each other both get nothing. A covered image is like no training image."
            ),
            forwards=lambda params, side: 1 + count.window_places(side, params["window"], params["stride"]) ** 2,
            backwards=count.no_pass,
        ),
        Method(
            name="feature_ablation",
            title="Feature Ablation",
            paper="Kokhlikyan et al. 2020, arXiv:2009.07896",
            has_baseline=True,
            parameters=(
                Parameter(
                    name="square",
                    title=_("Side of a square in pixels"),
                    low=1,
                    high=128,
                    default=4,
                    is_whole=True,
                    is_in_pixels=True,
                ),
            ),
            limits=_("As Occlusion, with squares that do not overlap: coarse, and it depends on where the grid lies."),
            forwards=lambda params, side: 1 + math.ceil(side / params["square"]) ** 2,
            backwards=count.no_pass,
        ),
        Method(
            name="grad_cam",
            title="GradCAM",
            paper="Selvaraju et al. 2017, arXiv:1610.02391",
            needs_layer=True,
            limits=_(
                "As coarse as its layer. Meant for the last block: further down, the mean gradient of a channel says "
                "little about a place. Negative values are kept here; the paper cuts them off."
            ),
            forwards=count.one_pass,
            backwards=count.one_pass,
        ),
        Method(
            name="guided_grad_cam",
            title="Guided GradCAM",
            paper="Selvaraju et al. 2017, arXiv:1610.02391",
            needs_layer=True,
            limits=_(
                "GuidedBackprop under the mask of GradCAM, and as little changed by upper layers. The sign is that of "
                "a product: against times against looks like for."
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
            limits=_(
                "Where all paths of the net go through the layer, as at a block's output, its sum is the same at every "
                "depth, and the delta measures the error; elsewhere the delta is what goes around the layer."
            ),
            forwards=lambda params, side: (
                count.pass_per_step(params, side) + 3
            ),  # one more than its steps, and both ends
            backwards=lambda params, side: count.pass_per_step(params, side) + 1,
        ),
        Method(
            name="internal_influence",
            title="Internal Influence",
            paper="Leino et al. 2018, arXiv:1802.03788",
            needs_layer=True,
            has_baseline=True,
            parameters=(_STEPS,),
            limits=_(
                "The mean gradient along the path, not multiplied by what the layer holds: a sensitivity, with no sum "
                "to meet. Right before the averaging of the head it is the same at all places, whatever the net."
            ),
            forwards=count.pass_per_step,
            backwards=count.pass_per_step,
        ),
        Method(
            name="layer_activation",
            title="Layer Activation",
            paper="Kokhlikyan et al. 2020, arXiv:2009.07896",
            needs_layer=True,
            limits=_("What the layer holds, the mean over its channels; it does not depend on the class."),
            forwards=count.one_pass,
            backwards=count.no_pass,
        ),
    )
}
