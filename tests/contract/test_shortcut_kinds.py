"""Nets with the shortcuts of He et al. 2016, fig. 2, compute the paper's sums: written down here a second time."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch

Weights = Mapping[str, Tensor]
Sum = Callable[[Weights, str, Tensor, Tensor, Tensor], Tensor]  # weights, block, x, F(x), h(x) -> what is added up

SMALL: dict[str, Any] = {
    "blocks": (2, 2),
    "widths": (4, 6),
    "stem": Stem.CIFAR,
    "image_size": 9,
    "num_classes": 5,
}
NUMBERS: dict[str, Any] = {"shortcut_scale": 0.3, "residual_scale": 0.7, "gate_bias": -0.5, "dropout": 0.25}
SEED = 5


def gate(weights: Weights, block: str, x_NCHW: Tensor, like_NCHW: Tensor) -> Tensor:
    stride = -(-x_NCHW.shape[-1] // like_NCHW.shape[-1])
    name = f"{block}.gate.conv"
    return torch.sigmoid(F.conv2d(x_NCHW, weights[f"{name}.weight"], weights[f"{name}.bias"], stride))


def constant_scaling(_w: Weights, _block: str, _x: Tensor, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
    return 0.7 * branch_NCHW + 0.3 * shortcut_NCHW


def exclusive_gating(w: Weights, block: str, x_NCHW: Tensor, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
    g_NCHW = gate(w, block, x_NCHW, branch_NCHW)
    return g_NCHW * branch_NCHW + (1 - g_NCHW) * shortcut_NCHW


def shortcut_only_gating(w: Weights, block: str, x_NCHW: Tensor, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
    return branch_NCHW + (1 - gate(w, block, x_NCHW, branch_NCHW)) * shortcut_NCHW


def dropout(_w: Weights, _block: str, _x: Tensor, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
    return branch_NCHW + F.dropout(shortcut_NCHW, 0.25)


def plain_sum(_w: Weights, _block: str, _x: Tensor, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
    return branch_NCHW + shortcut_NCHW


SUMS: dict[Shortcut, Sum] = {
    Shortcut.CONSTANT_SCALING: constant_scaling,
    Shortcut.EXCLUSIVE_GATING: exclusive_gating,
    Shortcut.SHORTCUT_ONLY_GATING: shortcut_only_gating,
    Shortcut.CONV1X1: plain_sum,
    Shortcut.DROPOUT: dropout,
}


def norm(weights: Weights, name: str, x_NCHW: Tensor) -> Tensor:
    """Batch statistics, as in training."""
    return F.batch_norm(x_NCHW, None, None, weights[f"{name}.weight"], weights[f"{name}.bias"], training=True)


def matched(weights: Weights, block: str, x_NCHW: Tensor, like_NCHW: Tensor, *, has_norm: bool) -> Tensor:
    """h(x): a 1x1 convolution where there is one, zeros where channels are missing, else x."""
    stride = -(-x_NCHW.shape[-1] // like_NCHW.shape[-1])
    if f"{block}.shortcut.conv.weight" in weights:
        made_NCHW = F.conv2d(x_NCHW, weights[f"{block}.shortcut.conv.weight"], stride=stride)
        return norm(weights, f"{block}.shortcut.norm", made_NCHW) if has_norm else made_NCHW
    padded_NCHW = torch.zeros_like(like_NCHW)
    padded_NCHW[:, : x_NCHW.shape[1]] = x_NCHW[:, :, ::stride, ::stride]
    return padded_NCHW


def original(weights: Weights, block: str, x_NCHW: Tensor, stride: int, add: Sum) -> Tensor:
    """He et al. 2015, fig. 5, with the sum of 2016, fig. 2."""
    y_NCHW = F.conv2d(x_NCHW, weights[f"{block}.branch.conv1.weight"], stride=stride, padding=1)
    y_NCHW = F.relu(norm(weights, f"{block}.branch.norm1", y_NCHW))
    y_NCHW = F.conv2d(y_NCHW, weights[f"{block}.branch.conv2.weight"], padding=1)
    branch_NCHW = norm(weights, f"{block}.branch.norm2", y_NCHW)
    shortcut_NCHW = matched(weights, block, x_NCHW, branch_NCHW, has_norm=True)
    return F.relu(add(weights, block, x_NCHW, branch_NCHW, shortcut_NCHW))


def full_preact(weights: Weights, block: str, x_NCHW: Tensor, stride: int, add: Sum) -> Tensor:
    """He et al. 2016, fig. 4 e; gate and shortcut read what is common to both paths."""
    is_shared = f"{block}.pre.norm1.weight" in weights
    activated_NCHW = F.relu(norm(weights, f"{block}.{'pre' if is_shared else 'branch'}.norm1", x_NCHW))
    y_NCHW = F.conv2d(activated_NCHW, weights[f"{block}.branch.conv1.weight"], stride=stride, padding=1)
    y_NCHW = F.relu(norm(weights, f"{block}.branch.norm2", y_NCHW))
    branch_NCHW = F.conv2d(y_NCHW, weights[f"{block}.branch.conv2.weight"], padding=1)
    read_NCHW = activated_NCHW if is_shared else x_NCHW
    shortcut_NCHW = matched(weights, block, read_NCHW, branch_NCHW, has_norm=False)
    return add(weights, block, read_NCHW, branch_NCHW, shortcut_NCHW)


def by_equation(weights: Weights, x_NCHW: Tensor, spec: NetSpec) -> Tensor:
    x_NCHW = F.conv2d(x_NCHW, weights["stem.conv.weight"], padding=1)
    is_preact = spec.order is Order.FULL_PREACT
    block = full_preact if is_preact else original
    if not is_preact:
        x_NCHW = F.relu(norm(weights, "stem.norm", x_NCHW))
    for stage, count in enumerate(spec.blocks, start=1):
        for number in range(1, count + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            x_NCHW = block(weights, f"stage{stage}.block{number}", x_NCHW, stride, SUMS[spec.shortcut])
    if is_preact:
        x_NCHW = F.relu(norm(weights, "head.norm", x_NCHW))
    return x_NCHW.mean(dim=(2, 3)) @ weights["head.fc.weight"].T + weights["head.fc.bias"]


def shaken(net: Net) -> Net:
    """The net with norms and biases that are not neutral, so that none could be missed."""
    draw = torch.Generator().manual_seed(SEED)
    for parameter in net.parameters():
        if parameter.ndim == 1:
            parameter.data += 0.3 * torch.randn(parameter.shape, generator=draw)
    return net


@pytest.mark.parametrize("option", [DimMatch.ZERO_PAD, DimMatch.PROJECTION])
@pytest.mark.parametrize("order", [Order.ORIGINAL, Order.FULL_PREACT])
@pytest.mark.parametrize("kind", SUMS)
def test_logits_and_gradients_are_those_of_the_papers_sums(kind: Shortcut, order: Order, option: DimMatch) -> None:
    spec = NetSpec(**SMALL, **NUMBERS, shortcut=kind, order=order, dim_match=option)
    net = shaken(build(spec)).double().train()
    weights = {name: t.detach().clone() for name, t in net.state_dict().items()}
    picture = torch.randn(3, 3, 9, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(SEED))
    module_x, equation_x = picture.clone().requires_grad_(), picture.clone().requires_grad_()
    with torch.random.fork_rng():
        torch.manual_seed(SEED)  # dropout draws in the order of the blocks
        by_module = net(module_x)
        torch.manual_seed(SEED)
        expected = by_equation(weights, equation_x, spec)
    torch.testing.assert_close(by_module, expected, rtol=1e-6, atol=1e-6)
    by_module.square().sum().backward()
    expected.square().sum().backward()
    torch.testing.assert_close(module_x.grad, equation_x.grad, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", [Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING])
@pytest.mark.parametrize("conv_bias", [True, False])
def test_every_gate_starts_with_the_bias_that_was_picked_and_no_other_convolution_does(
    kind: Shortcut, conv_bias: bool
) -> None:
    net = build(preset("cifar_resnet20", shortcut=kind, gate_bias=-7.0, conv_bias=conv_bias))
    biases = {name: p for name, p in net.named_parameters() if "conv" in name and name.endswith("bias")}
    gates = {name: bias for name, bias in biases.items() if ".gate." in name}
    assert len(gates) == 9  # He et al. 2015, section 4.2: n = 3
    assert all(torch.all(bias == -7) for bias in gates.values())
    assert not any(bias.any() for name, bias in biases.items() if name not in gates)


@pytest.mark.parametrize("option", [DimMatch.ZERO_PAD, DimMatch.PROJECTION])
def test_a_shortcut_times_zero_makes_a_plain_net(option: DimMatch) -> None:
    spec = NetSpec(
        **SMALL, shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=0.0, residual_scale=1.0, dim_match=option
    )  # He et al. 2016, table 1, second row: "this is a plain net"
    scaled, plain = build(spec), build(spec.replace(shortcut=Shortcut.NONE))
    plain.load_state_dict({name: t for name, t in scaled.state_dict().items() if ".shortcut." not in name})
    picture = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(scaled(picture), plain(picture), rtol=0, atol=0)


def test_a_low_gate_opens_the_shortcut_and_a_high_one_closes_it() -> None:
    spec = NetSpec(**SMALL, shortcut=Shortcut.SHORTCUT_ONLY_GATING, gate_bias=-20.0)
    opened, identity = build(spec), build(spec.replace(shortcut=Shortcut.IDENTITY))
    ungated = {name: t for name, t in opened.state_dict().items() if ".gate." not in name}
    identity.load_state_dict(ungated)
    picture = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(opened(picture), identity(picture), rtol=1e-4, atol=1e-4)
    seen = []
    opened.blocks["stage1.block2"].get_submodule("one_minus_gate").register_forward_hook(
        lambda _m, _i, out: seen.append(out.min())
    )
    opened(picture)
    assert seen[0] > 0.99


def test_dropout_acts_in_training_only_and_a_rate_of_zero_never() -> None:
    spec = NetSpec(**SMALL, shortcut=Shortcut.DROPOUT)
    net, identity = build(spec), build(spec.replace(shortcut=Shortcut.IDENTITY))
    without = build(spec.replace(dropout=0.0))
    picture = torch.randn(2, 3, 9, 9)
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        assert not torch.equal(net(picture), identity(picture))  # all three start from the same weights
        assert torch.equal(without(picture), identity.train()(picture))
    net.load_state_dict(identity.state_dict())
    assert torch.equal(net.eval()(picture), identity.eval()(picture))


@pytest.mark.parametrize("kind", [*SUMS, Shortcut.IDENTITY])
@pytest.mark.parametrize("block", BlockKind)
def test_with_zero_init_every_block_starts_without_its_branch(kind: Shortcut, block: BlockKind) -> None:
    net = build(NetSpec(**SMALL, block=block, shortcut=kind, zero_init_residual=True))
    ends: dict[str, Tensor] = {}
    for name, made in net.blocks.items():
        made.get_submodule("branch").register_forward_hook(lambda _m, _i, out, name=name: ends.update({name: out}))
    net(torch.randn(2, 3, 9, 9))
    assert len(ends) == 4
    assert not any(out.any() for out in ends.values())


@pytest.mark.parametrize("kind", SUMS)
def test_no_layer_is_shared_or_works_in_place(kind: Shortcut) -> None:
    net = build(NetSpec(**SMALL, shortcut=kind))
    calls: dict[nn.Module, int] = {}
    for module in net.modules():
        module.register_forward_hook(lambda m, _i, _o: calls.update({m: calls.get(m, 0) + 1}))
    net(torch.randn(2, 3, 9, 9))
    assert set(calls.values()) == {1}
    assert not any(getattr(module, "inplace", False) for module in net.modules())
