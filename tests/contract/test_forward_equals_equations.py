"""The module computes the papers' equations: each net is written down a second time here, from its weights alone."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.nets.build import build
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec

pytestmark = pytest.mark.torch

Weights = Mapping[str, Tensor]
Block = Callable[["Maths", str, Tensor, int], Tensor]
RNG_SEED = 3


class Maths:
    """Convolution and norm of a layer by its name, in training (statistics of the batch) or not (running ones)."""

    def __init__(self, weights: Weights, *, is_training: bool) -> None:
        self.weights = weights
        self.is_training = is_training

    def conv(self, name: str, x_NCHW: Tensor, stride: int = 1) -> Tensor:
        weight = self.weights[f"{name}.weight"]
        return F.conv2d(x_NCHW, weight, self.weights.get(f"{name}.bias"), stride, padding=weight.shape[-1] // 2)

    def norm(self, name: str, x_NCHW: Tensor) -> Tensor:
        scale, shift = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        if self.is_training:
            mean = x_NCHW.mean(dim=(0, 2, 3))
            variance = x_NCHW.var(dim=(0, 2, 3), unbiased=False)
        else:
            mean, variance = self.weights[f"{name}.running_mean"], self.weights[f"{name}.running_var"]
        standard_NCHW = (x_NCHW - mean[:, None, None]) / torch.sqrt(variance[:, None, None] + 1e-5)
        return scale[:, None, None] * standard_NCHW + shift[:, None, None]

    def head(self, x_NCHW: Tensor) -> Tensor:
        return x_NCHW.mean(dim=(2, 3)) @ self.weights["head.fc.weight"].T + self.weights["head.fc.bias"]


def shortcut_b(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    """Option B: a 1x1 convolution and its norm where the shape changes, else x."""
    if f"{name}.shortcut.conv.weight" not in m.weights:
        return x_NCHW
    return m.norm(f"{name}.shortcut.norm", m.conv(f"{name}.shortcut.conv", x_NCHW, stride))


def shortcut_a(branch_NCHW: Tensor, x_NCHW: Tensor, stride: int) -> Tensor:
    """Option A: every other pixel, and zeros for the channels that x lacks."""
    padded_NCHW = torch.zeros_like(branch_NCHW)
    padded_NCHW[:, : x_NCHW.shape[1]] = x_NCHW[:, :, ::stride, ::stride]
    return padded_NCHW


def basic_branch(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    inner_NCHW = F.relu(m.norm(f"{name}.branch.norm1", m.conv(f"{name}.branch.conv1", x_NCHW, stride)))
    return m.norm(f"{name}.branch.norm2", m.conv(f"{name}.branch.conv2", inner_NCHW))


def basic_original_b(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    return F.relu(basic_branch(m, name, x_NCHW, stride) + shortcut_b(m, name, x_NCHW, stride))


def basic_original_a(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    branch_NCHW = basic_branch(m, name, x_NCHW, stride)
    return F.relu(branch_NCHW + shortcut_a(branch_NCHW, x_NCHW, stride))


def basic_plain(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    return F.relu(basic_branch(m, name, x_NCHW, stride))


def bottleneck_original(m: Maths, name: str, x_NCHW: Tensor, stride: int, *, on_first: bool) -> Tensor:
    strides = (stride, 1, 1) if on_first else (1, stride, 1)
    y_NCHW = x_NCHW
    for number, step in enumerate(strides, start=1):
        y_NCHW = m.norm(f"{name}.branch.norm{number}", m.conv(f"{name}.branch.conv{number}", y_NCHW, step))
        y_NCHW = F.relu(y_NCHW) if number < 3 else y_NCHW
    return F.relu(y_NCHW + shortcut_b(m, name, x_NCHW, stride))


def bottleneck_v1(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    return bottleneck_original(m, name, x_NCHW, stride, on_first=True)


def bottleneck_v15(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    return bottleneck_original(m, name, x_NCHW, stride, on_first=False)


def full_preact_b(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    """KaimingHe/resnet-1k-layers: first units and changes of shape activate once for both paths; 1x1 without norm."""
    is_shared = f"{name}.pre.norm1.weight" in m.weights
    activated_NCHW = F.relu(m.norm(f"{name}.pre.norm1" if is_shared else f"{name}.branch.norm1", x_NCHW))
    inner_NCHW = m.conv(f"{name}.branch.conv1", activated_NCHW, stride)
    branch_NCHW = m.conv(f"{name}.branch.conv2", F.relu(m.norm(f"{name}.branch.norm2", inner_NCHW)))
    kept_NCHW = activated_NCHW if is_shared else x_NCHW
    if f"{name}.shortcut.conv.weight" in m.weights:
        kept_NCHW = m.conv(f"{name}.shortcut.conv", kept_NCHW, stride)
    return branch_NCHW + kept_NCHW


def bn_after_add_a(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    """He et al. 2016, fig. 4 b: x + conv(ReLU(BN(conv(x)))), then BN, then ReLU."""
    inner_NCHW = F.relu(m.norm(f"{name}.branch.norm1", m.conv(f"{name}.branch.conv1", x_NCHW, stride)))
    branch_NCHW = m.conv(f"{name}.branch.conv2", inner_NCHW)
    return F.relu(m.norm(f"{name}.post.norm", branch_NCHW + shortcut_a(branch_NCHW, x_NCHW, stride)))


def relu_before_add_a(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    """He et al. 2016, fig. 4 c: x + ReLU(BN(conv(ReLU(BN(conv(x))))))."""
    branch_NCHW = F.relu(basic_branch(m, name, x_NCHW, stride))
    return branch_NCHW + shortcut_a(branch_NCHW, x_NCHW, stride)


def relu_only_preact_a(m: Maths, name: str, x_NCHW: Tensor, stride: int) -> Tensor:
    """He et al. 2016, fig. 4 d: ReLU, conv, BN, ReLU, conv, BN; both paths activated in first units."""
    activated_NCHW = F.relu(x_NCHW)
    inner_NCHW = _numbered_norm(m, name, 1, m.conv(f"{name}.branch.conv1", activated_NCHW, stride))
    branch_NCHW = _numbered_norm(m, name, 2, m.conv(f"{name}.branch.conv2", F.relu(inner_NCHW)))
    is_shared = stride > 1 or name == "stage1.block1"
    return branch_NCHW + shortcut_a(branch_NCHW, activated_NCHW if is_shared else x_NCHW, stride)


def _numbered_norm(m: Maths, name: str, number: int, x_NCHW: Tensor) -> Tensor:
    return m.norm(f"{name}.branch.norm{number}", x_NCHW)


def logits(m: Maths, x_NCHW: Tensor, spec: NetSpec, block: Block) -> Tensor:
    x_NCHW = m.conv("stem.conv", x_NCHW, 2 if spec.stem is Stem.IMAGENET else 1)
    if "stem.norm.weight" in m.weights:
        x_NCHW = m.norm("stem.norm", x_NCHW)
    if not spec.order.is_preact:
        x_NCHW = F.relu(x_NCHW)
    if spec.stem is Stem.IMAGENET:
        x_NCHW = F.max_pool2d(x_NCHW, 3, 2, 1)
    for stage, count in enumerate(spec.blocks, start=1):
        for number in range(1, count + 1):
            x_NCHW = block(m, f"stage{stage}.block{number}", x_NCHW, 2 if stage > 1 and number == 1 else 1)
    if "head.norm.weight" in m.weights:
        x_NCHW = m.norm("head.norm", x_NCHW)
    return m.head(F.relu(x_NCHW) if spec.order.is_preact else x_NCHW)


CIFAR: dict[str, Any] = {
    "blocks": (2, 2, 1),
    "widths": (4, 6, 8),
    "stem": Stem.CIFAR,
    "image_size": 13,
    "num_classes": 5,
}
IMAGENET: dict[str, Any] = {
    "blocks": (2, 2),
    "widths": (4, 6),
    "stem": Stem.IMAGENET,
    "image_size": 37,
    "num_classes": 5,
}
OPTION_A: dict[str, Any] = {"dim_match": DimMatch.ZERO_PAD}
BOTTLENECK: dict[str, Any] = {"block": BlockKind.BOTTLENECK}

NETS = [
    pytest.param(IMAGENET, basic_original_b, id="basic original B, imagenet"),
    pytest.param(CIFAR, basic_original_b, id="basic original B, cifar"),
    pytest.param(CIFAR | {"conv_bias": True}, basic_original_b, id="basic original B with biases"),
    pytest.param(CIFAR | OPTION_A, basic_original_a, id="basic original A"),
    pytest.param(CIFAR | {"shortcut": Shortcut.NONE}, basic_plain, id="plain"),
    pytest.param(IMAGENET | BOTTLENECK, bottleneck_v15, id="bottleneck v1.5"),
    pytest.param(IMAGENET | BOTTLENECK | {"stride_on": StrideOn.FIRST_1X1}, bottleneck_v1, id="bottleneck v1"),
    pytest.param(CIFAR | {"order": Order.FULL_PREACT}, full_preact_b, id="full pre-activation B"),
    pytest.param(CIFAR | OPTION_A | {"order": Order.BN_AFTER_ADD}, bn_after_add_a, id="BN after addition A"),
    pytest.param(CIFAR | OPTION_A | {"order": Order.RELU_BEFORE_ADD}, relu_before_add_a, id="ReLU before addition A"),
    pytest.param(CIFAR | OPTION_A | {"order": Order.RELU_ONLY_PREACT}, relu_only_preact_a, id="ReLU-only pre-act A"),
]


@pytest.mark.parametrize("is_training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("fields", "block"), NETS)
def test_logits_and_gradients_are_those_of_the_equations(
    fields: dict[str, Any], block: Block, is_training: bool
) -> None:
    spec = NetSpec(**fields)
    net = build(spec).double()
    with torch.random.fork_rng():
        torch.manual_seed(RNG_SEED)
        for name, tensor in (*net.named_parameters(), *net.named_buffers()):
            if tensor.is_floating_point():  # nothing stays at 0 or 1, where a mistake would not show
                tensor.data.uniform_(0.5, 1.5) if "var" in name or "norm" in name else tensor.data.mul_(1.1).add_(0.01)
        x_NCHW = torch.randn(3, spec.in_channels, *spec.image_sides, dtype=torch.float64)
    net.train(is_training)
    weights = {name: t.detach().clone() for name, t in net.state_dict().items()}

    module_x, equation_x = x_NCHW.clone().requires_grad_(), x_NCHW.clone().requires_grad_()
    by_module = net(module_x)
    by_equation = logits(Maths(weights, is_training=is_training), equation_x, spec, block)
    torch.testing.assert_close(by_module, by_equation)

    by_module.square().sum().backward()
    by_equation.square().sum().backward()
    torch.testing.assert_close(module_x.grad, equation_x.grad)


def test_the_first_unit_of_a_preactivation_net_activates_before_the_paths_split() -> None:
    spec = NetSpec(blocks=(1,), widths=(4,), stem=Stem.CIFAR, order=Order.FULL_PREACT, image_size=6, num_classes=3)
    block = build(spec).blocks["stage1.block1"]
    x_NCHW = -torch.rand(2, 4, 6, 6)
    seen: list[Tensor] = []
    block.get_submodule("shortcut").register_forward_hook(lambda _m, inputs, _out: seen.append(inputs[0]))
    block(x_NCHW)
    (shortcut_NCHW,) = seen
    assert shortcut_NCHW.min() == 0  # a ReLU came first: the stem itself does not activate
