"""Initial weights: their spread, their seed, and blocks that start as identities."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.errors import BudgetError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net, ResidualBlock
from resnet_viz.spec.enums import BlockKind, Init, Order, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch

FIRST_WEIGHTS = [-0.1797932, -0.0884157, -0.0770724]  # of seed 1, before there was a choice: recorded runs rest on it


@pytest.fixture(scope="module")
def resnet18() -> Net:
    return build(preset("resnet18"))


@pytest.mark.parametrize(
    ("name", "std"),
    [
        ("stem.conv", 0.025254),  # sqrt(2 / (64 * 49)): He et al. 2015 (1502.01852), fan out, as torchvision 0.29.2
        ("stage1.block1.branch.conv1", 0.058926),  # sqrt(2 / (64 * 9)): torchvision 0.29.2
        ("stage2.block1.shortcut.conv", 0.125),  # sqrt(2 / 128): torchvision 0.29.2
        ("stage4.block2.branch.conv2", 0.020833),  # sqrt(2 / (512 * 9)): torchvision 0.29.2
    ],
)
def test_convolutions_are_normal_with_the_spread_of_he_et_al(resnet18: Net, name: str, std: float) -> None:
    weight = resnet18.get_parameter(f"{name}.weight")
    scatter = 4 / (2 * weight.numel()) ** 0.5  # four standard errors of a standard deviation
    assert weight.std().item() == pytest.approx(std, rel=scatter)
    assert weight.mean().item() == pytest.approx(0, abs=4 * std / weight.numel() ** 0.5)


def test_fc_is_uniform_within_one_over_the_root_of_its_inputs(resnet18: Net) -> None:
    bound = 0.044194  # 1 / sqrt(512): torch.nn.Linear's default, as torchvision 0.29.2
    for tensor in (resnet18.get_parameter("head.fc.weight"), resnet18.get_parameter("head.fc.bias")):
        assert 0.98 * bound < tensor.abs().max().item() <= bound * 1.00001


def test_norms_start_as_scale_one_and_shift_zero(resnet18: Net) -> None:
    for name, parameter in resnet18.named_parameters():
        if ".norm" in name:
            assert torch.all(parameter == (1 if name.endswith("weight") else 0)), name


def test_biases_of_convolutions_start_at_zero() -> None:
    net = build(preset("cifar_resnet8", conv_bias=True))
    biases = [parameter for name, parameter in net.named_parameters() if "conv" in name and name.endswith("bias")]
    assert len(biases) == 7  # 1 + 2 * 3 convolutions: He et al. 2015, section 4.2, n = 1
    assert not any(bias.any() for bias in biases)


def test_torchs_own_initial_weights_are_those_of_its_layers() -> None:
    net = build(preset("cifar_resnet8", widths=(16, 32, 64), conv_bias=True), init=Init.TORCH_DEFAULT)
    for name, conv in net.named_modules():
        if isinstance(conv, torch.nn.Conv2d):
            torchs = torch.nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size[0]).weight
            bound = 1 / conv.weight[0].numel() ** 0.5  # 1 / sqrt(fan_in): torch.nn.Conv2d
            for weight in (conv.weight, torchs):
                assert 0.95 * bound < weight.abs().max().item() <= bound * 1.00001, name
                assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.1), name
            assert conv.bias is not None
            assert not conv.bias.any()


def test_xavier_is_uniform_in_every_layer() -> None:
    net = build(preset("cifar_resnet8"), init=Init.XAVIER_UNIFORM)
    weight = net.get_parameter("stage3.block1.branch.conv2.weight")
    bound = (6 / (2 * 64 * 9)) ** 0.5  # Glorot and Bengio 2010, eq. 16
    assert 0.98 * bound < weight.abs().max().item() <= bound * 1.00001
    fc = net.get_parameter("head.fc.weight")
    assert fc.abs().max().item() > 0.98 * (6 / (64 + 10)) ** 0.5


def test_what_the_weights_are_drawn_from_changes_nothing_for_those_that_do_not_ask() -> None:
    spec = preset("cifar_resnet8")
    first, again = build(spec, seed=1).state_dict(), build(spec, seed=1, init=Init.HE).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["stem.conv.weight"].flatten()[:3].tolist() == pytest.approx(FIRST_WEIGHTS, abs=1e-6)


def test_one_seed_makes_one_net_and_another_seed_another() -> None:
    spec = preset("cifar_resnet20")
    first, again, other = (build(spec, seed=seed).state_dict() for seed in (5, 5, 6))
    assert all(torch.equal(first[name], again[name]) for name in first)
    drawn = [name for name in first if "conv" in name or ".fc." in name]
    assert not any(torch.equal(first[name], other[name]) for name in drawn)


def test_building_a_net_leaves_torchs_own_random_numbers_alone() -> None:
    before = torch.get_rng_state()
    build(preset("cifar_resnet8"), seed=1)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("net", "num_tensors", "num_scalars"),
    [
        ("resnet18", 8, 1_920),  # torchvision 0.29.2, zero_init_residual=True
        ("resnet50", 16, 15_104),  # torchvision 0.29.2, zero_init_residual=True
    ],
)
def test_zero_init_zeroes_the_last_norm_of_every_branch(net: str, num_tensors: int, num_scalars: int) -> None:
    built = build(preset(net, zero_init_residual=True))
    zeros = [p for name, p in built.named_parameters() if name.endswith("weight") and not p.any()]
    assert (len(zeros), sum(p.numel() for p in zeros)) == (num_tensors, num_scalars)


@pytest.mark.parametrize("order", [Order.ORIGINAL, Order.RELU_ONLY_PREACT])
@pytest.mark.parametrize("kind", BlockKind)
def test_with_zero_init_every_block_starts_as_its_shortcut(kind: BlockKind, order: Order) -> None:
    spec = NetSpec(
        blocks=(2, 2, 2), widths=(4, 8, 8), stem=Stem.CIFAR, block=kind, order=order, zero_init_residual=True,
        image_size=16, num_classes=3,
    )  # fmt: skip
    net = build(spec)
    went: dict[str, tuple[Tensor, Tensor]] = {}
    for name, block in net.blocks.items():
        block.register_forward_hook(lambda _m, inputs, out, name=name: went.update({name: (inputs[0], out)}))
    net(torch.randn(2, 3, 16, 16))
    num_identities = 0
    for name, block in net.blocks.items():
        assert isinstance(block, ResidualBlock)
        x_NCHW, y_NCHW = went[name]
        if not len(block.shortcut) and not len(block.pre):
            assert torch.equal(y_NCHW, x_NCHW), name  # x >= 0 behind a ReLU, so that the last ReLU does nothing
            num_identities += 1
        else:
            h_NCHW = block.shortcut(block.pre(x_NCHW))
            assert torch.equal(y_NCHW, F.relu(h_NCHW) if order is Order.ORIGINAL else h_NCHW), name
    assert num_identities >= 3  # the second block of each of three stages


def test_the_device_meta_makes_no_weights() -> None:
    assert all(p.is_meta for p in build(preset("resnet152"), device="meta").parameters())


def test_a_net_too_big_to_build_is_refused_in_a_sentence_before_memory_is_taken() -> None:
    spec = NetSpec(blocks=(40,), widths=(4096,), stem=Stem.CIFAR, image_size=32)
    with pytest.raises(BudgetError, match=r"nets of up to 500,000,000 are built\. Make it narrower"):
        build(spec)
