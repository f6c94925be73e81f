"""What is told of the forward pass equals what is computed by hand from the net's own tensors."""

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net, ResidualBlock
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.engine.activations import measure_activations, standard_deviation

pytestmark = pytest.mark.torch

SMALL = {"widths": (4, 8, 16), "in_channels": 1, "image_size": 8}
NETS = ("cifar_resnet8", "cifar_preact_resnet20", "cifar_plain20")


def small_net(name: str) -> Net:
    return build(residual_preset(name, **SMALL)).double()


def num_hooks(net: nn.Module) -> int:
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in net.modules())


def by_hand(net: Net, x_NCHW: Tensor) -> tuple[dict[str, float], dict[str, float]]:
    """Walks through the blocks, keeping each output and each pair that is added."""
    deviations, shares = {}, {}
    x_NCHW = net.get_submodule("stem")(x_NCHW)
    for name, block in net.blocks.items():
        if isinstance(block, ResidualBlock):
            p_NCHW = block.pre(x_NCHW)
            branch_NCHW, shortcut_NCHW = block.branch(p_NCHW), block.shortcut(p_NCHW)
            shares[name] = (branch_NCHW.norm() / (branch_NCHW.norm() + shortcut_NCHW.norm())).item()
            x_NCHW = block.post(branch_NCHW + shortcut_NCHW)
        else:
            x_NCHW = block(x_NCHW)
        deviations[name] = x_NCHW.flatten().std(correction=0).item()
    return deviations, shares


@pytest.mark.parametrize("name", NETS)
def test_signals_are_what_a_direct_computation_gives(name: str) -> None:
    net = small_net(name)
    x_NCHW = torch.randn(6, 1, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with measure_activations(net.blocks) as signals:
        net(x_NCHW)
    deviations, shares = signals.unpack(torch.cat(signals.packed()).tolist())
    expected_deviations, expected_shares = by_hand(net, x_NCHW)
    assert deviations == pytest.approx(expected_deviations, rel=1e-9)
    assert shares == pytest.approx(expected_shares, rel=1e-9)
    assert bool(shares) is (name != "cifar_plain20")
    assert all(0 < share < 1 for share in shares.values())


def test_a_deviation_keeps_its_digits_beside_a_large_mean() -> None:
    values = 1e4 + torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert standard_deviation(values).item() == pytest.approx(values.double().std(correction=0).item(), rel=1e-6)


def test_what_cannot_be_divided_is_nan_and_a_silent_shortcut_leaves_all_to_the_branch() -> None:
    net = small_net("cifar_resnet8")
    with measure_activations(net.blocks) as signals:
        pass
    signals.paths.update(silent=torch.zeros(2), alone=torch.tensor([3.0, 0.0]))
    _, shares = signals.unpack(torch.cat(signals.packed()).tolist())
    assert shares["silent"] != shares["silent"]
    assert shares["alone"] == 1.0


def test_no_hook_is_left() -> None:
    net = small_net("cifar_resnet8")
    with measure_activations(net.blocks):
        assert num_hooks(net) == 6
    assert num_hooks(net) == 0
    with pytest.raises(RuntimeError), measure_activations(net.blocks):
        net(torch.rand(2, 5, 8, 8, dtype=torch.float64))
    assert num_hooks(net) == 0
    broken = {**net.blocks, "none": None}
    with pytest.raises(AttributeError), measure_activations(broken):  # type: ignore[arg-type]
        pass
    assert num_hooks(net) == 0
