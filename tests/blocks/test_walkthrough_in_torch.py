"""The walk in numpy and the block in torch: every tensor on the way is the same."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings
from resnet_viz.blocks.walk_inputs import (
    BATCH_NCHW,
    IMAGE_HW,
    KERNELS,
    ConvWeights,
    Values,
    can_walk,
    takes_batch,
    weights_of,
)
from resnet_viz.blocks.walkthrough import walk
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Dropout
from resnet_viz.present.blocks.walk_data import walk_states
from resnet_viz.present.theme import Mode

pytestmark = pytest.mark.torch

RANDOM_HW = np.random.default_rng(0).normal(size=(6, 6))
OF_IMAGE = [name for name in VARIANTS if can_walk(VARIANTS[name]) and not takes_batch(VARIANTS[name])]
OF_BATCH = [name for name in VARIANTS if takes_batch(VARIANTS[name])]


class Residual(nn.Module):
    """The class of Dive into Deep Learning, section 7.6, as it is printed there."""

    def __init__(self, input_channels: int, num_channels: int, use_1x1conv: bool = False, strides: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(input_channels, num_channels, kernel_size=3, padding=1, stride=strides)
        self.conv2 = nn.Conv2d(num_channels, num_channels, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(input_channels, num_channels, kernel_size=1, stride=strides) if use_1x1conv else None
        self.bn1 = nn.BatchNorm2d(num_channels)
        self.bn2 = nn.BatchNorm2d(num_channels)

    def forward(self, X: Tensor) -> Tensor:
        Y = torch.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        if self.conv3:
            X = self.conv3(X)
        return torch.relu(Y + X)


def load(conv: nn.Conv2d, weights: ConvWeights) -> None:
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(weights.weight_OIHW))
        if conv.bias is not None:
            assert weights.bias_O is not None
            conv.bias.copy_(torch.tensor(weights.bias_O))


def heard_in_torch(name: str, x_NCHW: Values, *, has_norm: bool, is_branch_zero: bool = False) -> dict[str, Tensor]:
    """Outputs of all layers of the block in torch, by their names, with the weights of the walk."""
    found = single_block(VARIANTS[name], BlockSettings(width=1, size=6, has_norm=has_norm))
    net = build(found.spec, seed=0).double().train()
    weights = weights_of(found, is_branch_zero=is_branch_zero)
    heard: dict[str, Tensor] = {}
    for leaf, module in net.get_submodule(found.block.name).named_modules():
        full = f"{found.block.name}.{leaf}"
        if isinstance(module, nn.Conv2d):
            load(module, weights[full])
        if isinstance(module, Dropout):
            module.eval()
        module.register_forward_hook(lambda _m, _i, output, full=full: heard.update({full: output.detach()}))
    net.get_submodule(found.block.name)(torch.tensor(x_NCHW))
    return heard


@pytest.mark.parametrize("image_HW", [IMAGE_HW, IMAGE_HW - 2, RANDOM_HW], ids=["usual", "lower", "random"])
@pytest.mark.parametrize("has_norm", [True, False])
@pytest.mark.parametrize("name", OF_IMAGE)
def test_every_tensor_is_that_of_torch(name: str, has_norm: bool, image_HW: Values) -> None:
    x_NCHW = image_HW[None, None]
    heard = heard_in_torch(name, x_NCHW, has_norm=has_norm)
    for step in walk(VARIANTS[name], x_NCHW, has_norm=has_norm):
        if step.node:
            assert np.allclose(heard[step.node.name].numpy(), step.values_NCHW, rtol=0, atol=1e-6), step.node.name


@pytest.mark.parametrize("x_NCHW", [BATCH_NCHW, BATCH_NCHW - 0.5], ids=["usual", "lower"])
@pytest.mark.parametrize("is_zero", [False, True])
@pytest.mark.parametrize("name", OF_BATCH)
def test_every_tensor_of_the_batch_is_that_of_torch(name: str, is_zero: bool, x_NCHW: Values) -> None:
    heard = heard_in_torch(name, x_NCHW, has_norm=True, is_branch_zero=is_zero)
    for step in walk(VARIANTS[name], x_NCHW, has_norm=True, is_branch_zero=is_zero):
        if step.node:
            assert np.allclose(heard[step.node.name].numpy(), step.values_NCHW, rtol=0, atol=1e-6), step.node.name


@pytest.mark.parametrize("name", OF_BATCH)
def test_the_class_of_the_book_gives_the_output_of_the_walk(name: str) -> None:
    book = (Residual(3, 3) if name == "d2l_residual" else Residual(3, 6, True, 2)).double().train()
    found = single_block(VARIANTS[name], BlockSettings())
    names = {"branch.conv1": "conv1", "branch.conv2": "conv2", "shortcut.conv": "conv3"}
    for full, weights in weights_of(found, is_branch_zero=False).items():
        load(book.get_submodule(names[full.removeprefix(f"{found.block.name}.")]), weights)  # type: ignore[arg-type]
    output = walk(VARIANTS[name], BATCH_NCHW, has_norm=True)[-1].values_NCHW
    assert np.allclose(book(torch.tensor(BATCH_NCHW)).detach().numpy(), output, rtol=0, atol=1e-6)


@pytest.mark.parametrize("is_zero", [False, True])
@pytest.mark.parametrize("has_norm", [False, True])
@pytest.mark.parametrize("name", ["a_original", "e_full_preact", "exclusive_gating"])
def test_what_the_page_is_sent_is_within_a_millionth_of_torch(name: str, has_norm: bool, is_zero: bool) -> None:
    state = walk_states(VARIANTS[name], None, Mode.LIGHT)[f"lower.{int(is_zero)}.{int(has_norm)}"]
    heard = heard_in_torch(name, IMAGE_HW[None, None] - 2, has_norm=has_norm, is_branch_zero=is_zero)
    found = single_block(VARIANTS[name], BlockSettings(width=1, size=6, has_norm=has_norm))
    for node, step in zip(found.nodes, state["steps"][1:], strict=True):
        values = heard[node.name].numpy()
        assert step["shape"] == list(values.shape)
        assert np.abs(values.ravel() - step["values"]).max() <= 1e-6


def test_the_kernels_are_differences() -> None:
    for kernel in KERNELS.values():
        assert (kernel.sum(), np.abs(kernel).sum()) == (0, 2)
