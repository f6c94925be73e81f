"""Sums that have to be met, and when it says something that they are."""

from itertools import pairwise

import pytest
import torch

from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.attribution.engine.per_block import conductance_of
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.spec.net import NetSpec
from tests.fakes.perturbed import CORNER_SPEC, TARGET, corner_images, corner_net, image, perturbed, small

pytestmark = pytest.mark.torch

STEPS = (4, 20, 100)
SPECS = {
    "residual": small(),
    "plain": small(shortcut=Shortcut.NONE),
    "full_preact": small(Order.FULL_PREACT),
    "relu_only_preact": small(Order.RELU_ONLY_PREACT),
}


def deltas(net: Net, x_1CHW: torch.Tensor, method: str, target: int, start_1CHW: torch.Tensor) -> list[float]:
    found = []
    for steps in STEPS:
        delta = attribute(
            net,
            x_1CHW,
            target=target,
            method=method,
            params={"steps": steps},
            layer="stage1.block1",
            baseline_1CHW=start_1CHW,
            tick=lambda share: None,
        ).delta
        assert delta is not None
        found.append(abs(delta))
    return found


@pytest.mark.parametrize("method", ["integrated_gradients", "layer_conductance"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_delta_shrinks_with_the_steps(spec: NetSpec, method: str) -> None:
    """As a mean over images: the error of one image can pass through zero."""
    net = perturbed(spec)
    start_1CHW = torch.zeros_like(image(spec))
    each = [deltas(net, image(spec, seed=seed), method, TARGET, start_1CHW) for seed in range(4)]
    means = [sum(values) / len(values) for values in zip(*each, strict=True)]
    assert all(more < fewer for fewer, more in pairwise(means)), means
    assert means[-1] < 0.2 * means[0], means


def test_the_delta_shrinks_with_the_steps_in_a_trained_net() -> None:
    net = corner_net()
    images_NCHW, _y_N = corner_images(4, seed=99)
    each = [deltas(net, x_1CHW, "integrated_gradients", 1, 0 * x_1CHW) for x_1CHW in images_NCHW.split(1)]
    means = [sum(values) / len(values) for values in zip(*each, strict=True)]
    assert means[-1] < 0.2 * means[0], means


def test_a_fresh_nets_delta_from_zero_proves_nothing() -> None:
    # Without biases the net is proportional to its input along the path: 4 steps are as good as 100.
    net, (x_NCHW, _y_N) = build(CORNER_SPEC, seed=0).eval(), corner_images(1, seed=99)
    assert max(deltas(net, x_NCHW, "integrated_gradients", 1, torch.zeros_like(x_NCHW))) < 1e-5


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("shortcut", Shortcut)
def test_the_conductances_of_branch_and_shortcut_are_the_additions(order: Order, shortcut: Shortcut) -> None:
    spec = small(order, shortcut)
    net = perturbed(spec)
    for name, block in net.blocks.items():
        parts = [part for part in ("gated_branch", "branch") if hasattr(block, part)][:1]
        parts += [part for part in ("gated_shortcut", "shortcut") if hasattr(block, part)][:1]
        whole = "add" if hasattr(block, "add") else "branch"
        places = [f"{name}.{part}" for part in (*parts, whole)]
        found = conductance_of(places, net, image(spec), TARGET, 8, None)
        assert sum(found[f"{name}.{part}"] for part in parts) == pytest.approx(found[places[-1]], rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_block_conducts_the_same_difference(spec: NetSpec) -> None:
    net, x_1CHW = perturbed(spec), image(spec)
    with torch.no_grad():
        difference = (net(x_1CHW) - net(torch.zeros_like(x_1CHW)))[0, TARGET].item()
    found = conductance_of(tuple(net.blocks), net, x_1CHW, TARGET, 300, None)
    assert list(found.values()) == pytest.approx([difference] * len(found), abs=0.03 * abs(difference))
