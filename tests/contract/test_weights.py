"""Weights to and from torchvision.

The reference forward is written with torch.nn.functional over torchvision's keys and shares no code with ours.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.errors import DataError, SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load_torchvision, to_torchvision
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import torchvision_names
from resnet_viz.resources import ROOT
from resnet_viz.spec.enums import DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch

GOLDEN = json.loads((ROOT / "tests" / "golden" / "state_dict_shapes.json").read_text("utf-8"))
SMALL: dict[str, Any] = {"blocks": (1, 2, 1, 1), "num_classes": 7, "image_size": 64}
BN_EPS = 1e-5  # torch's default, which torchvision keeps


def random_state(net: str, *, seed: int = 0) -> dict[str, Tensor]:
    """A state dict under torchvision's keys in which every tensor is random, as small as keeps the logits near one."""
    generator = torch.Generator().manual_seed(seed)
    return {key: random_tensor(key, shape, generator) for key, shape in GOLDEN[net]["shapes"].items()}


def random_tensor(key: str, shape: list[int], generator: torch.Generator) -> Tensor:
    if key.endswith("num_batches_tracked"):
        return torch.tensor(17)
    if key.endswith("running_var") or (len(shape) == 1 and key.endswith("weight")):
        return 0.5 + torch.rand(shape, generator=generator)
    if len(shape) == 1:
        return 0.1 * torch.randn(shape, generator=generator)
    fan_in = math.prod(shape[1:])
    return torch.randn(shape, generator=generator) * math.sqrt(2 / fan_in)


def reference_logits(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """A ResNet of torchvision in eval mode: conv1, bn1, pool, layer1 to layer4, mean, fc."""

    def norm(x: Tensor, name: str) -> Tensor:
        mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        x = (x - mean[:, None, None]) / torch.sqrt(var + BN_EPS)[:, None, None]
        return x * state[f"{name}.weight"][:, None, None] + state[f"{name}.bias"][:, None, None]

    def block(x: Tensor, name: str, stride: int) -> Tensor:
        is_bottleneck = f"{name}.conv3.weight" in state
        strides = (1, stride, 1) if is_bottleneck else (stride, 1)
        out = x
        for number, step in enumerate(strides, start=1):
            weight = state[f"{name}.conv{number}.weight"]
            out = F.conv2d(out, weight, stride=step, padding=weight.shape[-1] // 2)
            out = norm(out, f"{name}.bn{number}")
            if number < len(strides):
                out = out.relu()
        if f"{name}.downsample.0.weight" in state:
            x = norm(F.conv2d(x, state[f"{name}.downsample.0.weight"], stride=stride), f"{name}.downsample.1")
        return (out + x).relu()

    x = norm(F.conv2d(x, state["conv1.weight"], stride=2, padding=3), "bn1").relu()
    x = F.max_pool2d(x, 3, 2, 1)
    for layer in range(1, 5):
        num_blocks = sum(f"layer{layer}.{i}.conv1.weight" in state for i in range(50))
        for i in range(num_blocks):
            x = block(x, f"layer{layer}.{i}", stride=2 if layer > 1 and i == 0 else 1)
    return F.linear(x.mean((2, 3)), state["fc.weight"], state["fc.bias"])


def small_net(name: str = "resnet18", **changes: Any) -> Net:
    return build(preset(name, **{**SMALL, **changes}))


@pytest.mark.parametrize("net", ["resnet18", "resnet50"])
def test_keys_order_and_shapes_are_torchvisions(net: str) -> None:
    theirs = to_torchvision(build(preset(net), device="meta"))
    assert {key: list(tensor.shape) for key, tensor in theirs.items()} == GOLDEN[net]["shapes"]
    assert list(theirs) == list(GOLDEN[net]["shapes"])


@pytest.mark.parametrize("net", ["resnet18", "resnet50"])
@torch.no_grad()
def test_loaded_weights_give_the_logits_of_a_forward_written_apart(net: str) -> None:
    ours = build(preset(net)).eval()
    state = random_state(net)
    load_torchvision(ours, state)
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    expected = reference_logits(state, x)
    assert expected.std() > 0.1  # or equality would say nothing
    torch.testing.assert_close(ours(x), expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("resnet18", {}),
        ("resnet34", SMALL),
        ("resnet50", {}),
        ("resnet101", SMALL),
        ("resnext50_32x4d", SMALL),
        ("wide_resnet50_2", SMALL),
        ("resnet50", {**SMALL, "dilated_stages": (3, 4), "in_channels": 1}),
        ("resnet18", {**SMALL, "dilated_stages": (3, 4)}),  # weights of a net that torchvision only makes with strides
    ],
)
def test_the_round_trip_changes_no_bit(name: str, changes: dict[str, Any]) -> None:
    spec = preset(name, **changes)
    first, second = build(spec, seed=1), build(spec, seed=2)
    for tensor in first.state_dict().values():
        tensor.add_(1)  # running statistics and counts too
    load_torchvision(second, to_torchvision(first))
    own = first.state_dict()
    assert list(own) == list(second.state_dict())
    assert all(torch.equal(tensor, own[key]) for key, tensor in second.state_dict().items())


@pytest.mark.parametrize(
    "name", ["resnet34", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_64x4d", "wide_resnet101_2"]
)
def test_the_plan_alone_gives_the_names_of_the_net(name: str) -> None:
    net = build(preset(name), device="meta")
    names = torchvision_names(lower(preset(name)))
    assert list(names) == list(net.state_dict())
    assert list(names.values()) == list(to_torchvision(net))


def test_weights_given_out_are_those_of_the_net() -> None:
    net = small_net()
    to_torchvision(net)["fc.bias"].fill_(3)
    assert net.head.get_submodule("fc").bias.tolist() == [3] * 7  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda state: state.pop("layer2.0.downsample.0.weight"), r"layer2\.0\.downsample\.0\.weight is missing"),
        (lambda state: state.pop("bn1.num_batches_tracked"), r"bn1\.num_batches_tracked is missing"),
        (lambda state: state.update({"layer1.7.conv1.weight": torch.ones(1)}), r"'layer1\.7\.conv1\.weight' is unexpe"),
        (lambda state: state.update({"fc.weight": torch.ones(10, 512)}), r"fc\.weight has the shape \(10, 512\)"),
    ],
)
def test_wrong_weights_are_refused_by_their_first_wrong_key(change: Callable[[Any], Any], says: str) -> None:
    net = small_net()
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    state = {key: tensor + 1 for key, tensor in to_torchvision(net).items()}
    change(state)
    with pytest.raises(DataError, match=says):
        load_torchvision(net, state)
    assert all(torch.equal(tensor, before[key]) for key, tensor in net.state_dict().items())  # all or nothing


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("resnet50", {}, r"layer1\.0\.conv1\.weight has the shape \(64, 64, 1, 1\)"),
        ("resnet18", {"blocks": (1, 1, 1, 1)}, r"layer2\.1\.conv1\.weight is missing"),
        ("resnet18", {"blocks": (1, 2, 1, 2)}, r"layer4\.1\.conv1\.weight' is unexpected"),
        ("resnet18", {"in_channels": 1}, r"conv1\.weight has the shape \(64, 1, 7, 7\)"),
    ],
)
def test_weights_of_another_net_are_refused(name: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        load_torchvision(small_net(), to_torchvision(small_net(name, **changes)))


def test_our_own_names_are_not_torchvisions() -> None:
    net = small_net()
    with pytest.raises(DataError, match=r"conv1\.weight is missing"):
        load_torchvision(net, net.state_dict())


def test_files_from_before_batches_were_counted_are_taken() -> None:
    net, other = small_net(), small_net()
    state = {key: tensor + 1 for key, tensor in to_torchvision(other).items() if not key.endswith("tracked")}
    load_torchvision(net, state)
    assert torch.equal(to_torchvision(net)["fc.bias"], state["fc.bias"])


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("resnet18", {"stem": Stem.CIFAR}, "stem"),
        ("resnet18", {"shortcut": Shortcut.NONE}, "shortcuts"),
        ("resnet18", {"dim_match": DimMatch.ZERO_PAD}, "option A"),
        ("resnet18", {"dim_match": DimMatch.PROJECTION_EVERYWHERE}, "option C"),
        ("resnet18", {"norm": Norm.NONE}, "batch normalisation"),
        ("resnet18", {"conv_bias": True}, "biases"),
        ("resnet18", {"projection_norm": False}, "projections have no norm"),
        *(("resnet18", {"order": order}, "order") for order in Order if order is not Order.ORIGINAL),
        ("resnet50_v1", {}, r"v1\.5"),
        ("resnet18", {"widths": (4, 8, 16, 32)}, "widths"),
        *(
            ("resnet18", {"shortcut": kind}, "scaled, gated or dropped")
            for kind in list(Shortcut)[2:]
            if kind != "conv1x1"
        ),
        ("resnet18", {"shortcut": Shortcut.CONV1X1}, "option C"),
    ],
)
def test_nets_that_torchvision_does_not_have_are_refused(name: str, changes: dict[str, Any], says: str) -> None:
    net = build(preset(name, **{**SMALL, **changes}), device="meta")
    with pytest.raises(SpecError, match=says):
        to_torchvision(net)
    with pytest.raises(SpecError, match=says):
        load_torchvision(net, {})
