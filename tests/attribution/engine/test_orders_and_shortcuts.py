"""DeepLift and GuidedBackprop keep their rules at every order and shortcut, where Captum alone does not."""

import itertools
import warnings
from typing import Any

import pytest
import torch
from captum import attr
from torch import Tensor, nn

from resnet_viz.attribution.engine.baselines import baseline
from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import VggSpec
from tests.fakes.perturbed import TARGET, image, perturbed, small

pytestmark = pytest.mark.torch

GATED = (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)
SPECS = {
    "-".join(map(str, (order, shortcut, option, block))): small(order, shortcut, dim_match=option, block=block)
    for order, (shortcut, option), block in itertools.product(
        Order,
        [
            (Shortcut.NONE, DimMatch.PROJECTION),
            (Shortcut.IDENTITY, DimMatch.PROJECTION_EVERYWHERE),
            *itertools.product(
                [kind for kind in Shortcut if kind is not Shortcut.NONE], [DimMatch.ZERO_PAD, DimMatch.PROJECTION]
            ),
        ],
        BlockKind,
    )
}
UNGATED = {name: spec for name, spec in SPECS.items() if spec.shortcut not in GATED}
VGG = VggSpec(
    blocks=(1, 2), widths=(4, 8), norm=Norm.BATCH, hidden_features=16, in_channels=2, image_size=16, num_classes=5
)


class _Guided(torch.autograd.Function):
    """Springenberg et al. 2015, figure 1 c: only what is positive on both ways comes back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        passed: Tensor = grad.clamp(min=0) * (x > 0)
        return passed


def guided(net: Net, x_1CHW: Tensor) -> Tensor:
    """GuidedBackprop without any hook on a gradient."""
    hooks = [
        module.register_forward_hook(lambda _module, inputs, _output: _Guided.apply(inputs[0]))  # type: ignore[no-untyped-call]
        for module in net.modules()
        if isinstance(module, nn.ReLU)
    ]
    x_1CHW = x_1CHW.clone().requires_grad_()
    (grad,) = torch.autograd.grad(net(x_1CHW)[0, TARGET], x_1CHW)
    for hook in hooks:
        hook.remove()
    return grad[0]


def ours(net: Net, x_1CHW: Tensor, method: str, start_1CHW: Tensor | None = None) -> tuple[Tensor, float | None]:
    return attribute(
        net,
        x_1CHW,
        target=TARGET,
        method=method,
        params={},
        layer=None,
        baseline_1CHW=start_1CHW,
        tick=lambda share: None,
    )


def error(net: Net, x_1CHW: Tensor, start_1CHW: Tensor, values: Tensor) -> float:
    """What a map's sum misses, as a share of the difference that it has to meet."""
    with torch.no_grad():
        difference: float = (net(x_1CHW) - net(start_1CHW))[0, TARGET].item()
    return abs(values.sum().item() / difference - 1)


def captums(method: type[Any], net: Net, *args: Any) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Tensor = method(net).attribute(*args, target=TARGET)
    return found[0]


@pytest.mark.parametrize("spec", UNGATED.values(), ids=UNGATED)
def test_deep_lift_sums_to_the_difference(spec: NetSpec) -> None:
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    values, _delta = ours(net, x_1CHW, "deep_lift", start_1CHW)
    assert error(net, x_1CHW, start_1CHW, values) < 1e-3


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_guided_backprop_keeps_the_papers_rule(spec: NetSpec) -> None:
    net, x_1CHW = perturbed(spec), image(spec)
    values, _delta = ours(net, x_1CHW, "guided_backprop")
    torch.testing.assert_close(values, guided(net, x_1CHW), rtol=1e-4, atol=1e-6)


def test_captum_alone_takes_the_shortcut_for_the_branch_where_a_rectifier_comes_first() -> None:
    # Captum's hook is on the tensor that comes in, which is the shortcut's too: why `own_inputs` exists.
    spec = small(Order.RELU_ONLY_PREACT)
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    assert error(net, x_1CHW, start_1CHW, captums(attr.DeepLift, net, x_1CHW.clone(), start_1CHW)) > 0.1
    wrong, right = captums(attr.GuidedBackprop, net, x_1CHW.clone()), guided(net, x_1CHW)
    assert (wrong - right).norm() > 0.1 * right.norm()


@pytest.mark.parametrize("shortcut", GATED)
def test_deep_lifts_delta_tells_that_gates_have_no_rule(shortcut: Shortcut) -> None:
    spec = small(shortcut=shortcut, gate_bias=0.0)
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    values, delta = ours(net, x_1CHW, "deep_lift", start_1CHW)
    assert error(net, x_1CHW, start_1CHW, values) > 1e-3
    assert delta is not None
    assert abs(delta) > 1e-3


@pytest.mark.parametrize("start", ["mean", "noise"])
def test_deep_lift_sums_to_the_difference_behind_pools_that_do_not_overlap(start: str) -> None:
    spec = VGG
    net, x_1CHW = perturbed(spec), image(spec)
    start_1CHW = baseline(start, x_1CHW, 0.5, 0.25)
    values, _delta = ours(net, x_1CHW, "deep_lift", start_1CHW)
    assert error(net, x_1CHW, start_1CHW, values) < 1e-3


@pytest.mark.parametrize("order", Order)
def test_deep_lift_sums_to_the_difference_from_one_colour_behind_a_pool_that_overlaps(order: Order) -> None:
    spec = small(order, stem=Stem.IMAGENET, image_size=32)
    net, x_1CHW = perturbed(spec), image(spec)
    start_1CHW = torch.zeros_like(x_1CHW)
    values, _delta = ours(net, x_1CHW, "deep_lift", start_1CHW)
    assert error(net, x_1CHW, start_1CHW, values) < 1e-3


def test_deep_lifts_delta_tells_what_a_pool_that_overlaps_loses() -> None:
    spec = small(stem=Stem.IMAGENET, image_size=32)
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    values, delta = ours(net, x_1CHW, "deep_lift", start_1CHW)
    assert error(net, x_1CHW, start_1CHW, values) > 1e-2
    assert delta is not None
    assert abs(delta) > 1e-3
