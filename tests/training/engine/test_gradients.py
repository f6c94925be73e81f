"""Norms are exact where float32 is not, and measuring leaves nothing behind."""

import math

import pytest
import torch
from torch import nn

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import preset
from resnet_viz.training.engine import gradients
from resnet_viz.training.engine.norms import norms, scaled_norms

pytestmark = pytest.mark.torch


def small_net(name: str = "cifar_resnet8") -> Net:
    return build(preset(name, widths=(4, 8, 16), in_channels=1, image_size=8))


def num_hooks(net: nn.Module) -> int:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, kind)) for module in net.modules() for kind in kinds) + sum(
        len(parameter._backward_hooks or ()) for parameter in net.parameters()
    )


@pytest.mark.parametrize("measure", [norms, scaled_norms])
@pytest.mark.parametrize("scale", [1e-36, 1e-24, 1.0, 1e30])
def test_norms_neither_underflow_nor_overflow(measure: object, scale: float) -> None:
    assert callable(measure)
    tensors = [torch.full((100,), scale), torch.full((4, 25), 2 * scale)]
    measured = measure(tensors).tolist()
    assert measured == pytest.approx([10 * scale, 20 * scale], rel=1e-5)


def test_a_float32_norm_would_underflow() -> None:
    assert torch.full((100,), 1e-24).norm().item() == 0.0


@pytest.mark.parametrize("measure", [norms, scaled_norms])
def test_norms_of_zero_and_of_the_infinite_are_themselves(measure: object) -> None:
    assert callable(measure)
    zero, infinite, nan = measure([torch.zeros(3), torch.tensor([1.0, math.inf]), torch.tensor([math.nan])]).tolist()
    assert zero == 0.0
    assert not math.isfinite(infinite)
    assert math.isnan(nan)


def test_convolutions_are_watched_under_their_node_names_in_running_order() -> None:
    from resnet_viz.plan.lower import lower
    from resnet_viz.plan.ops import Conv

    spec = preset("resnet18", widths=(4, 8, 16, 32), image_size=32)  # with projections
    nodes = [node.name for node in lower(spec).nodes if isinstance(node.op, Conv)]
    layers = gradients.measured_layers(build(spec))
    assert list(layers.convs) == nodes
    assert list(layers.blocks) == [block.name for block in lower(spec).blocks]


def test_hooks_live_inside_the_block_only() -> None:
    net = small_net()
    layers = gradients.measured_layers(net)
    with gradients.measure_block_gradients(layers) as found:
        assert num_hooks(net) == 3
        loss = net(torch.rand(2, 1, 8, 8)).sum()
    assert num_hooks(net) == 0
    loss.backward()
    assert set(found) == set(layers.blocks)


def test_hooks_go_when_the_forward_pass_fails() -> None:
    net = small_net()
    with pytest.raises(RuntimeError), gradients.measure_block_gradients(gradients.measured_layers(net)):
        net(torch.rand(2, 5, 8, 8))
    assert num_hooks(net) == 0


def test_hooks_go_when_they_cannot_all_be_set() -> None:
    net = small_net()
    layers = gradients.measured_layers(net)
    broken = gradients.MeasuredLayers(convs=layers.convs, blocks={**layers.blocks, "none": None})  # type: ignore[dict-item]
    with pytest.raises(AttributeError), gradients.measure_block_gradients(broken):
        pass
    assert num_hooks(net) == 0
