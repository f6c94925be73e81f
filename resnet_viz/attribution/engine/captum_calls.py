"""Calls of Captum's methods on checked inputs.

Shape suffixes: 1 image, N samples, C channels, H and W pixels; h and w are those of a layer.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import torch
from captum.attr import (
    DeepLift,
    FeatureAblation,
    GradientShap,
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    InternalInfluence,
    LayerActivation,
    LayerConductance,
    LayerGradCam,
    NoiseTunnel,
    Occlusion,
    Saliency,
)
from torch import Tensor, nn

from resnet_viz.attribution.engine.hooks import separate_inputs
from resnet_viz.attribution.methods import Params
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net

_BATCH_DIMS: Final = 4  # dimensions of a batch of images, and of a layer's output that has a map


class CaptumInputs(NamedTuple):
    """Checked inputs of a method.

    Attributes:
        net: in evaluation mode.
        x_1CHW: the image, a copy that may be modified.
        baseline_1CHW: its baseline.
        target: class.
        params: all parameters of the method.
        layer: module to explain, for methods that have one.
        at_once: largest batch.
    """

    net: Net
    x_1CHW: Tensor
    baseline_1CHW: Tensor
    target: int
    params: Params
    layer: nn.Module | None
    at_once: int


def _of_layer(found: Any) -> Tensor:
    """Returns Captum's map of a layer without the batch, (C, h, w)."""
    if not isinstance(found, Tensor) or found.dim() != _BATCH_DIMS or not found.numel():
        raise SpecError(_("The output of this layer is a vector, not a map; select a layer before the global pooling."))
    return found.detach()[0]


def _saliency(asked: CaptumInputs) -> tuple[Tensor, None]:
    return Saliency(asked.net).attribute(asked.x_1CHW, target=asked.target)[0], None


def _input_x_gradient(asked: CaptumInputs) -> tuple[Tensor, None]:
    return InputXGradient(asked.net).attribute(asked.x_1CHW, target=asked.target)[0], None


def _integrated_gradients(asked: CaptumInputs) -> tuple[Tensor, float]:
    values_1CHW, delta_1 = IntegratedGradients(asked.net).attribute(
        asked.x_1CHW,
        asked.baseline_1CHW,
        target=asked.target,
        n_steps=asked.params["steps"],
        internal_batch_size=asked.at_once,
        return_convergence_delta=True,
    )
    return values_1CHW[0], delta_1.item()


def _gradient_shap(asked: CaptumInputs) -> tuple[Tensor, float]:
    """Runs in parts, since Captum takes all samples in one batch; a part is a mean over its samples."""
    samples = int(asked.params["samples"])
    total_CHW, total_delta = torch.zeros_like(asked.x_1CHW[0]), 0.0
    for first in range(0, samples, asked.at_once):
        count = min(asked.at_once, samples - first)
        values_1CHW, delta_N = GradientShap(asked.net).attribute(
            asked.x_1CHW,
            asked.baseline_1CHW,
            n_samples=count,
            stdevs=_noise(asked),
            target=asked.target,
            return_convergence_delta=True,
        )
        total_CHW += values_1CHW[0].detach() * (count / samples)
        total_delta += delta_N.sum().item() / samples
    return total_CHW, total_delta


def _deep_lift(asked: CaptumInputs) -> tuple[Tensor, float]:
    with separate_inputs(asked.net):
        values_1CHW, delta_1 = DeepLift(asked.net).attribute(
            asked.x_1CHW, asked.baseline_1CHW, target=asked.target, return_convergence_delta=True
        )
    return values_1CHW[0], delta_1.item()


def _guided_backprop(asked: CaptumInputs) -> tuple[Tensor, None]:
    with separate_inputs(asked.net):
        return GuidedBackprop(asked.net).attribute(asked.x_1CHW, target=asked.target)[0], None


def _smooth_grad(asked: CaptumInputs) -> tuple[Tensor, None]:
    values_1CHW = NoiseTunnel(Saliency(asked.net)).attribute(
        asked.x_1CHW,
        nt_type="smoothgrad",
        nt_samples=asked.params["samples"],
        nt_samples_batch_size=asked.at_once,
        stdevs=_noise(asked),
        target=asked.target,
        abs=False,
    )
    return values_1CHW[0], None


def _occlusion(asked: CaptumInputs) -> tuple[Tensor, None]:
    channels = asked.x_1CHW.shape[1]
    window, stride = asked.params["window"], asked.params["stride"]
    values_1CHW = Occlusion(asked.net).attribute(
        asked.x_1CHW,
        sliding_window_shapes=(channels, window, window),
        strides=(channels, stride, stride),
        baselines=asked.baseline_1CHW,
        target=asked.target,
        perturbations_per_eval=asked.at_once,
    )
    return values_1CHW[0], None


def _feature_ablation(asked: CaptumInputs) -> tuple[Tensor, None]:
    values_1CHW = FeatureAblation(asked.net).attribute(
        asked.x_1CHW,
        baselines=asked.baseline_1CHW,
        target=asked.target,
        feature_mask=_squares(asked.x_1CHW, int(asked.params["square"])),
        perturbations_per_eval=asked.at_once,
    )
    return values_1CHW[0], None


def _grad_cam(asked: CaptumInputs) -> tuple[Tensor, None]:
    found = LayerGradCam(asked.net, asked.layer).attribute(asked.x_1CHW, target=asked.target)
    return _of_layer(found)[0], None


def _guided_grad_cam(asked: CaptumInputs) -> tuple[Tensor, None]:
    with separate_inputs(asked.net):
        found = GuidedGradCam(asked.net, asked.layer).attribute(asked.x_1CHW, target=asked.target)
    return _of_layer(found), None


def _layer_conductance(asked: CaptumInputs) -> tuple[Tensor, float]:
    found, delta_1 = LayerConductance(asked.net, asked.layer).attribute(
        asked.x_1CHW,
        asked.baseline_1CHW,
        target=asked.target,
        n_steps=asked.params["steps"],
        internal_batch_size=max(2, asked.at_once),  # a difference takes two
        return_convergence_delta=True,
    )
    return _of_layer(found).sum(0), delta_1.item()


def _internal_influence(asked: CaptumInputs) -> tuple[Tensor, None]:
    found = InternalInfluence(asked.net, asked.layer).attribute(
        asked.x_1CHW,
        asked.baseline_1CHW,
        target=asked.target,
        n_steps=asked.params["steps"],
        internal_batch_size=asked.at_once,
    )
    return _of_layer(found).sum(0), None


def _layer_activation(asked: CaptumInputs) -> tuple[Tensor, None]:
    return _of_layer(LayerActivation(asked.net, asked.layer).attribute(asked.x_1CHW)).mean(0), None


def _noise(asked: CaptumInputs) -> float:
    """Returns the standard deviation of the noise: a share of the image's range, as Smilkov et al. 2017 define it."""
    low, high = asked.x_1CHW.aminmax()
    return float(asked.params["noise"] * (high - low))


def _squares(x_1CHW: Tensor, side: int) -> Tensor:
    """Returns the number of each pixel's square, (1, 1, H, W)."""
    height, width = x_1CHW.shape[-2:]
    rows_H, columns_W = torch.arange(height) // side, torch.arange(width) // side
    return (rows_H[:, None] * (columns_W[-1] + 1) + columns_W)[None, None].to(x_1CHW.device)


CAPTUM_CALLS: Final[Mapping[str, Callable[[CaptumInputs], tuple[Tensor, float | None]]]] = {
    "saliency": _saliency,
    "input_x_gradient": _input_x_gradient,
    "integrated_gradients": _integrated_gradients,
    "gradient_shap": _gradient_shap,
    "deep_lift": _deep_lift,
    "guided_backprop": _guided_backprop,
    "smooth_grad": _smooth_grad,
    "occlusion": _occlusion,
    "feature_ablation": _feature_ablation,
    "grad_cam": _grad_cam,
    "guided_grad_cam": _guided_grad_cam,
    "layer_conductance": _layer_conductance,
    "internal_influence": _internal_influence,
    "layer_activation": _layer_activation,
}
