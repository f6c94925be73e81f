"""Each method's map is what Captum returns when it is called directly."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from captum import attr
from torch import Tensor

from resnet_viz.attribution.engine.limits import MAX_BATCH
from resnet_viz.attribution.engine.maps import Attribution, attribute
from resnet_viz.attribution.methods import METHODS, map_layers
from resnet_viz.errors import SpecError
from resnet_viz.nets.modules import Net
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import BlockKind, Order, Shortcut
from resnet_viz.spec.net import NetSpec
from tests.fakes.perturbed import FIRST, LAST, TARGET, image, perturbed, small

pytestmark = pytest.mark.torch

SEED = 11
NETS = {
    "residual": small(),
    "plain": small(shortcut=Shortcut.NONE),
    "full_preact": small(Order.FULL_PREACT),
    "bottleneck": small(block=BlockKind.BOTTLENECK),
}
EXACT: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-6}  # batches add up in another order


def ours(net: Net, x_1CHW: Tensor, start_1CHW: Tensor | None, method: str, **fields: Any) -> Attribution:
    asked: dict[str, Any] = {
        "params": {},
        "layer": LAST,
        "target": TARGET,
        "seed": SEED,
        "tick": lambda share: None,
    } | fields
    return attribute(net, x_1CHW, method=method, baseline_1CHW=start_1CHW, **asked)


def noise(share: float, x_1CHW: Tensor) -> float:
    return share * (x_1CHW.max() - x_1CHW.min()).item()


def squares(side: int, size: int) -> Tensor:
    return torch.tensor([[row // side * 100 + column // side for column in range(size)] for row in range(size)])


# Each returns what Captum says for net, image, baseline and layer, with the defaults of the table written out.
DIRECT: dict[str, Callable[[Net, Tensor, Tensor, Any], Any]] = {
    "saliency": lambda net, x, b, at: attr.Saliency(net).attribute(x, target=TARGET)[0],
    "input_x_gradient": lambda net, x, b, at: attr.InputXGradient(net).attribute(x, target=TARGET)[0],
    "integrated_gradients": lambda net, x, b, at: attr.IntegratedGradients(net).attribute(x, b, TARGET)[0],
    "gradient_shap": lambda net, x, b, at: attr.GradientShap(net).attribute(
        x, b, n_samples=50, stdevs=noise(0.1, x), target=TARGET
    )[0],
    "deep_lift": lambda net, x, b, at: attr.DeepLift(net).attribute(x, b, TARGET)[0],
    "guided_backprop": lambda net, x, b, at: attr.GuidedBackprop(net).attribute(x, TARGET)[0],
    "smooth_grad": lambda net, x, b, at: attr.NoiseTunnel(attr.Saliency(net)).attribute(
        x, nt_type="smoothgrad", nt_samples=25, stdevs=noise(0.15, x), target=TARGET, abs=False
    )[0],
    "occlusion": lambda net, x, b, at: attr.Occlusion(net).attribute(
        x, (2, 3, 3), strides=(2, 1, 1), baselines=b, target=TARGET
    )[0],
    "feature_ablation": lambda net, x, b, at: attr.FeatureAblation(net).attribute(
        x, b, TARGET, feature_mask=squares(2, 16)[None, None]
    )[0],
    "grad_cam": lambda net, x, b, at: attr.LayerGradCam(net, at).attribute(x, TARGET)[0, 0],
    "guided_grad_cam": lambda net, x, b, at: attr.GuidedGradCam(net, at).attribute(x, TARGET)[0],
    "layer_conductance": lambda net, x, b, at: attr.LayerConductance(net, at).attribute(x, b, TARGET)[0].sum(0),
    "internal_influence": lambda net, x, b, at: attr.InternalInfluence(net, at).attribute(x, b, TARGET)[0].sum(0),
    "layer_activation": lambda net, x, b, at: attr.LayerActivation(net, at).attribute(x)[0].mean(0),
}


def directly(net: Net, x_1CHW: Tensor, start_1CHW: Tensor, method: str, layer: str) -> Tensor:
    torch.manual_seed(SEED)
    np.random.seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Tensor = DIRECT[method](net, x_1CHW.clone(), start_1CHW, net.get_submodule(layer))
    return found.detach()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spec", NETS.values(), ids=NETS)
def test_a_map_is_captums(spec: NetSpec, method: str) -> None:
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    found = ours(net, x_1CHW, start_1CHW, method)
    expected = directly(net, x_1CHW, start_1CHW, method, LAST)
    assert found.values.shape == expected.shape
    assert expected.abs().max() > 0
    torch.testing.assert_close(found.values, expected, **EXACT)


@pytest.mark.parametrize("method", [row.name for row in METHODS.values() if row.needs_layer])
def test_every_layer_of_the_table_has_a_map(method: str) -> None:
    spec = small(shortcut=Shortcut.EXCLUSIVE_GATING, blocks=(1, 1))
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), torch.zeros_like(image(spec))
    for layer in map_layers(lower(spec)):
        found = ours(net, x_1CHW, None, method, layer=layer)
        torch.testing.assert_close(found.values, directly(net, x_1CHW, start_1CHW, method, layer), **EXACT)


@pytest.mark.parametrize("method", METHODS)
def test_no_baseline_is_the_mean_pixel(method: str) -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    with_none, with_mean = (ours(net, x_1CHW, start, method) for start in (None, torch.zeros_like(x_1CHW)))
    torch.testing.assert_close(with_none.values, with_mean.values, rtol=0, atol=0)


@pytest.mark.parametrize("method", [row.name for row in METHODS.values() if row.has_delta])
def test_the_delta_is_what_the_sum_misses(method: str) -> None:
    spec = small(Order.BN_AFTER_ADD)
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    found = ours(net, x_1CHW, start_1CHW, method, params={"noise": 0.0} if method == "gradient_shap" else {})
    with torch.no_grad():
        difference = (net(x_1CHW) - net(start_1CHW))[0, TARGET].item()
    assert found.delta == pytest.approx(found.values.sum().item() - difference, abs=1e-4)


@pytest.mark.parametrize("method", [row.name for row in METHODS.values() if not row.has_delta])
def test_other_methods_have_no_delta(method: str) -> None:
    spec = small()
    assert ours(perturbed(spec), image(spec), None, method).delta is None


@pytest.mark.parametrize("method", METHODS)
def test_signs_are_as_the_table_says(method: str) -> None:
    spec = small(Order.RELU_ONLY_PREACT)  # nothing is rectified after the addition
    values = ours(perturbed(spec), image(spec), None, method, layer=FIRST).values
    if METHODS[method].is_signed:
        assert values.min() < 0 < values.max()
    else:
        assert values.min() >= 0


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_one_map(method: str) -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    first, again, other = (ours(net, x_1CHW, None, method, seed=seed).values for seed in (SEED, SEED, SEED + 1))
    assert torch.equal(first, again)
    assert torch.equal(first, other) == (method not in ("gradient_shap", "smooth_grad"))


def test_more_samples_than_fit_are_taken_in_parts() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    few, many = (
        ours(net, x_1CHW, None, "gradient_shap", params={"samples": samples, "noise": 0.0})
        for samples in (MAX_BATCH, 5 * MAX_BATCH + 3)
    )
    exact = ours(net, x_1CHW, None, "integrated_gradients", params={"steps": 300}).values
    assert (many.values - exact).norm() < (few.values - exact).norm()
    assert few.delta is not None
    assert many.delta is not None
    assert abs(many.delta) < abs(few.delta)


@pytest.mark.parametrize("method", [row.name for row in METHODS.values() if row.needs_layer])
@pytest.mark.parametrize("layer", [None, "", "stage9.block1", "head.fc", "head"])
def test_a_layer_without_a_map_is_refused(method: str, layer: str | None) -> None:
    spec = small()
    with pytest.raises(SpecError, match="layer"):
        ours(perturbed(spec), image(spec), None, method, layer=layer)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", [-1, 5, 10**9])
def test_a_class_that_is_not_there_is_refused(method: str, target: int) -> None:
    spec = small()
    with pytest.raises(SpecError, match="5 classes, 0 to 4"):
        ours(perturbed(spec), image(spec), None, method, target=target)


@pytest.mark.parametrize("method", METHODS)
def test_a_net_that_has_blown_up_is_refused(method: str) -> None:
    spec = small()
    net = perturbed(spec)
    with torch.no_grad():
        net.get_parameter(f"{LAST}.branch.conv1.weight").mul_(float("nan"))
    with pytest.raises(SpecError, match="not finite"):
        ours(net, image(spec), None, method)
