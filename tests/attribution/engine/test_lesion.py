"""A net without a block: what goes on instead, which blocks can go, and that it comes back whole."""

from typing import Any

import pytest
import torch
from torch import Tensor

from resnet_viz.attribution.engine.lesion import (
    FixedBlockError,
    accuracy_per_lesion,
    block_removed,
    lesions_of_image,
    probabilities,
)
from resnet_viz.attribution.methods import Cancelled
from resnet_viz.errors import SpecError
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import DimMatch, Order, Shortcut
from resnet_viz.spec.vgg import VggSpec
from tests.fakes.perturbed import corner_images, corner_net, image, perturbed, small

pytestmark = pytest.mark.torch

VGG = VggSpec(blocks=(1, 2, 1), widths=(4, 8, 8), hidden_features=16, in_channels=1, image_size=32, num_classes=5)


def num_hooks(net: Net) -> int:
    return sum(len(module._forward_hooks) for module in net.modules())


def outputs(net: Net, x_NCHW: Tensor, *names: str) -> list[Tensor]:
    found: dict[str, Tensor] = {}
    handles = [
        net.get_submodule(name).register_forward_hook(lambda _m, _i, out, name=name: found.update({name: out}))
        for name in names
    ]
    with torch.no_grad():
        net(x_NCHW)
    for handle in handles:
        handle.remove()
    return [found[name] for name in names]


@pytest.mark.parametrize("order", [Order.RELU_BEFORE_ADD, Order.RELU_ONLY_PREACT, Order.FULL_PREACT])
def test_where_nothing_follows_the_addition_a_removed_block_is_the_identity(order: Order) -> None:
    spec = small(order)
    net, x_1CHW = perturbed(spec), image(spec)
    with block_removed(net, "stage2.block2"):
        before, behind = outputs(net, x_1CHW, "stage2.block1", "stage2.block2.add")
    torch.testing.assert_close(behind, before, rtol=0, atol=0)


@pytest.mark.parametrize("kind", [kind for kind in Shortcut if kind is not Shortcut.NONE])
def test_a_removed_block_adds_what_a_branch_of_zeros_would(kind: Shortcut) -> None:
    spec = small(Order.FULL_PREACT, kind, dim_match=DimMatch.PROJECTION)
    net, x_1CHW = perturbed(spec), image(spec)
    for block in ("stage1.block2", "stage2.block1"):
        removed = probabilities(net, x_1CHW, removed=block)
        handle = net.get_submodule(f"{block}.branch").register_forward_hook(lambda _m, _i, out: out * 0)
        torch.testing.assert_close(removed, probabilities(net, x_1CHW))
        handle.remove()


def test_a_plain_block_hands_on_what_it_got() -> None:
    spec = small(shortcut=Shortcut.NONE)
    net, x_1CHW = perturbed(spec), image(spec)
    with block_removed(net, "stage2.block2"):
        before, behind = outputs(net, x_1CHW, "stage2.block1", "stage2.block2")
    # the block's own hook comes first, so that the one here sees what the next layer gets
    torch.testing.assert_close(behind, before, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("spec", "stuck"),
    [
        (small(shortcut=Shortcut.NONE), {"stage2.block1"}),
        (small(), set()),
        (VGG, {"stage1.block1", "stage2.block1"}),
    ],
    ids=["plain", "residual", "vgg11"],
)
def test_a_plain_block_that_changes_the_shape_cannot_be_removed_and_a_sentence_says_so(
    spec: Any, stuck: set[str]
) -> None:
    net, x_1CHW = perturbed(spec), image(spec)
    lesions = list(lesions_of_image(net, x_1CHW))
    assert [lesion.block for lesion in lesions] == ["", *net.blocks]
    assert {lesion.block for lesion in lesions if lesion.probabilities_K is None} == stuck
    for lesion in lesions:
        assert (lesion.input_shape != lesion.output_shape) == (lesion.probabilities_K is None)
        if lesion.probabilities_K is None:
            with pytest.raises(FixedBlockError, match=lesion.block):
                probabilities(net, x_1CHW, removed=lesion.block)
        else:
            assert float(lesion.probabilities_K.sum()) == pytest.approx(1, abs=1e-5)
    assert num_hooks(net) == 0


def test_the_net_is_whole_again_afterwards_in_whatever_way_it_ends() -> None:
    net, x_1CHW = perturbed(small()), image(small())
    whole = probabilities(net, x_1CHW)

    def cancel(share: float) -> None:
        if share > 0.5:
            raise Cancelled

    assert not torch.equal(probabilities(net, x_1CHW, removed="stage1.block1"), whole)
    with pytest.raises(Cancelled):
        list(lesions_of_image(net, x_1CHW, tick=cancel))
    with pytest.raises(SpecError, match=r"no block .stage9\.block1.; its blocks are stage1\.block1 to stage2\.block2"):
        probabilities(net, x_1CHW, removed="stage9.block1")
    assert num_hooks(net) == 0
    assert torch.equal(probabilities(net, x_1CHW), whole)


def test_two_blocks_can_be_away_at_once() -> None:
    net, x_1CHW = perturbed(small()), image(small())
    with block_removed(net, "stage1.block1"), block_removed(net, "stage1.block2"):
        both = probabilities(net, x_1CHW)
    assert not torch.equal(both, probabilities(net, x_1CHW, removed="stage1.block1"))


def test_accuracy_is_counted_over_all_images_and_with_every_block() -> None:
    net = corner_net()
    x_NCHW, y_N = corner_images(150, seed=900)
    shares: list[float] = []
    found = list(accuracy_per_lesion(net, x_NCHW, y_N, tick=shares.append))
    assert [loss.block for loss in found] == ["", *net.blocks]
    right = (net(x_NCHW).argmax(1) == y_N).float().mean()
    assert found[0].accuracy == pytest.approx(float(right))
    assert right > 0.9  # it learned
    assert shares == sorted(shares)
    assert shares[-1] == 1
