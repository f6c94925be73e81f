"""Grown nets: with blocks that do nothing every logit is the same number."""

import pytest
import torch

from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import preset
from resnet_viz.theory.engine.growth import grow, grown_nets
from resnet_viz.theory.trained.growth import Filling, GrowthQuestion

pytestmark = pytest.mark.torch

NETS = (NetRef(NetKind.SHIPPED, "resnet20"), NetRef(NetKind.SHIPPED, "plain20"))


@pytest.mark.parametrize("count", [4, 9])
def test_shipped_nets_grow_without_a_change_of_any_logit(count: int) -> None:
    question = GrowthQuestion(nets=NETS, counts=(count,), images=100)
    records = [one for one in grown_nets(question) if one.filling is Filling.IDENTITY]
    assert [one.title for one in records] == ["ResNet-20", "plain-20"]
    for one in records:
        assert one.difference == 0.0
        assert one.accuracy > 0.85
        assert one.depth == 6 * count + 2


def test_with_random_blocks_the_nets_guess() -> None:
    """0.10 of ten classes; six random blocks in each stage."""
    records = list(grown_nets(GrowthQuestion(nets=NETS, counts=(9,), images=100, seed=3)))
    for one in records:
        if one.filling is Filling.RANDOM:
            assert one.accuracy < 0.2
            assert one.difference > 1


def drawn(name: str, **fields: object) -> Net:
    """An untrained net whose norms have seen data, so that nothing is 0 or 1 by accident."""
    net = build(preset(name, in_channels=1, image_size=14, widths=(4, 8, 16), **fields), seed=2).train()
    with torch.no_grad():
        for _step in range(3):
            net(torch.randn(8, 1, 14, 14))
    return net.eval()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("cifar_plain14", {}),
        ("cifar_plain14", {"norm": "none", "conv_bias": True}),
        ("cifar_resnet14", {}),
        ("cifar_resnet14", {"norm": "none", "conv_bias": True}),
        ("cifar_resnet14", {"order": "relu_before_add"}),
        ("cifar_resnet14", {"order": "relu_only_preact"}),
        ("cifar_preact_resnet14", {}),
    ],
)
def test_every_kind_of_block_can_do_nothing(name: str, fields: dict[str, object]) -> None:
    net, x_NCHW = drawn(name, **fields), torch.randn(5, 1, 14, 14, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before, after = net(x_NCHW), grow(net, 4, Filling.IDENTITY, seed=0)(x_NCHW)
        other = grow(net, 4, Filling.RANDOM, seed=0)(x_NCHW)
    assert torch.equal(before, after)
    assert not torch.equal(before, other)


def test_a_net_of_its_own_size_is_itself() -> None:
    (same, random) = grown_nets(GrowthQuestion(nets=NETS[:1], counts=(3,), images=50))
    assert (same.difference, random.difference) == (0.0, 0.0)
    assert same.accuracy == random.accuracy
