"""Captum's call of each method, as lines of a file; `attribution.engine.captum_calls` makes the same calls.

In scope of the lines: net, x, target, baseline, layer, PARAMS, AT_ONCE, SEED. They assign `values`, the map.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class CaptumCall(NamedTuple):
    """Call of one method.

    Attributes:
        classes: of Captum to import.
        lines: of code.
        needs_own_inputs: whether Captum's hooks replace gradients, see OWN_INPUTS.
    """

    classes: tuple[str, ...]
    lines: tuple[str, ...]
    needs_own_inputs: bool = False


OWN_INPUTS: Final = (
    "for module in net.modules():  # Captum replaces the gradient of an input, which a shortcut may share",
    "    if isinstance(module, nn.ReLU | nn.Sigmoid):",
    "        module.register_forward_pre_hook(lambda _, inputs: tuple(each.clone() for each in inputs))",
)

BASELINES: Final[Mapping[str, tuple[str, ...]]] = {
    "black": ("baseline = ((0 - mean) / std).expand_as(x).clone()",),
    "white": ("baseline = ((1 - mean) / std).expand_as(x).clone()",),
    "mean": ("baseline = torch.zeros_like(x)",),
    "blur": (
        "sigma = x.shape[-1] / 8",
        "reach = max(1, round(3 * sigma))",
        "offsets = torch.arange(-reach, reach + 1, dtype=x.dtype)",
        "kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)",
        "row = (kernel / kernel.sum()).view(1, 1, 1, -1).expand(x.shape[1], -1, -1, -1)",
        'padded = F.pad(x, (reach, reach, reach, reach), mode="replicate")',
        "across = F.conv2d(padded, row, groups=x.shape[1])",
        "baseline = F.conv2d(across, row.transpose(2, 3), groups=x.shape[1])",
    ),
    "noise": (
        "noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(SEED))",
        "baseline = ((noise * std + mean).clamp(0, 1) - mean) / std",
    ),
}

_STDEV: Final = 'stdevs = PARAMS["noise"] * float(x.max() - x.min())'

CALL_LINES: Final[Mapping[str, CaptumCall]] = {
    "saliency": CaptumCall(("Saliency",), ("values = Saliency(net).attribute(x, target=target)[0]",)),
    "input_x_gradient": CaptumCall(
        ("InputXGradient",),
        ("values = InputXGradient(net).attribute(x.requires_grad_(), target=target)[0]",),
    ),
    "integrated_gradients": CaptumCall(
        ("IntegratedGradients",),
        (
            "values, delta = IntegratedGradients(net).attribute(",
            '    x, baseline, target=target, n_steps=PARAMS["steps"], internal_batch_size=AT_ONCE,',
            "    return_convergence_delta=True,",
            ")",
            'print(facts["title"], "convergence delta", delta.item())',
            "values = values[0]",
        ),
    ),
    "gradient_shap": CaptumCall(
        ("GradientShap",),
        (
            _STDEV,
            "values = torch.zeros_like(x[0])",
            'for first in range(0, PARAMS["samples"], AT_ONCE):',
            '    count = min(AT_ONCE, PARAMS["samples"] - first)',
            "    part = GradientShap(net).attribute(x, baseline, n_samples=count, stdevs=stdevs, target=target)",
            '    values += part[0].detach() * (count / PARAMS["samples"])',
        ),
    ),
    "deep_lift": CaptumCall(
        ("DeepLift",),
        (
            "values, delta = DeepLift(net).attribute(x, baseline, target=target, return_convergence_delta=True)",
            'print(facts["title"], "convergence delta", delta.item())',
            "values = values[0]",
        ),
        needs_own_inputs=True,
    ),
    "guided_backprop": CaptumCall(
        ("GuidedBackprop",),
        ("values = GuidedBackprop(net).attribute(x, target=target)[0]",),
        needs_own_inputs=True,
    ),
    "smooth_grad": CaptumCall(
        ("NoiseTunnel", "Saliency"),
        (
            _STDEV,
            "values = NoiseTunnel(Saliency(net)).attribute(",
            '    x, nt_type="smoothgrad", nt_samples=PARAMS["samples"], nt_samples_batch_size=AT_ONCE,',
            "    stdevs=stdevs, target=target, abs=False,",
            ")[0]",
        ),
    ),
    "occlusion": CaptumCall(
        ("Occlusion",),
        (
            'window, stride = PARAMS["window"], PARAMS["stride"]',
            "values = Occlusion(net).attribute(",
            "    x, sliding_window_shapes=(x.shape[1], window, window), strides=(x.shape[1], stride, stride),",
            "    baselines=baseline, target=target, perturbations_per_eval=AT_ONCE,",
            ")[0]",
        ),
    ),
    "feature_ablation": CaptumCall(
        ("FeatureAblation",),
        (
            'rows, columns = (torch.arange(size) // PARAMS["square"] for size in x.shape[-2:])',
            "squares = (rows[:, None] * (columns[-1] + 1) + columns)[None, None]",
            "values = FeatureAblation(net).attribute(",
            "    x, baselines=baseline, target=target, feature_mask=squares, perturbations_per_eval=AT_ONCE",
            ")[0]",
        ),
    ),
    "grad_cam": CaptumCall(("LayerGradCam",), ("values = LayerGradCam(net, layer).attribute(x, target=target)[0, 0]",)),
    "guided_grad_cam": CaptumCall(
        ("GuidedGradCam",),
        ("values = GuidedGradCam(net, layer).attribute(x, target=target)[0]",),
        needs_own_inputs=True,
    ),
    "layer_conductance": CaptumCall(
        ("LayerConductance",),
        (
            "values, delta = LayerConductance(net, layer).attribute(",
            '    x, baseline, target=target, n_steps=PARAMS["steps"], internal_batch_size=AT_ONCE,',
            "    return_convergence_delta=True,",
            ")",
            'print(facts["title"], "convergence delta", delta.item())',
            "values = values[0].sum(0)",
        ),
    ),
    "internal_influence": CaptumCall(
        ("InternalInfluence",),
        (
            "values = InternalInfluence(net, layer).attribute(",
            '    x, baseline, target=target, n_steps=PARAMS["steps"], internal_batch_size=AT_ONCE',
            ")[0].sum(0)",
        ),
    ),
    "layer_activation": CaptumCall(
        ("LayerActivation",), ("values = LayerActivation(net, layer).attribute(x)[0].mean(0)",)
    ),
}
