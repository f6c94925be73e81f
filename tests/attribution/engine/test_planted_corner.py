"""A bright corner that alone decides the class is found, by every method that a net of random weights changes."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.attribution.methods import METHODS
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from tests.fakes.perturbed import CORNER_LAYER, CORNER_PX, CORNER_SPEC, corner_images, corner_net

pytestmark = pytest.mark.torch

NUM_PICTURES = 6
UNCHANGED = 0.6  # rank correlation with a random net's map from which on a method fails the sanity check
FOUND = 1.5  # times the mean over the image


@pytest.fixture(scope="module")
def trained() -> Net:
    return corner_net()


@pytest.fixture(scope="module")
def bright() -> Tensor:
    x_NCHW, y_N = corner_images(2 * NUM_PICTURES, seed=999)
    return x_NCHW[y_N == 1]


def sizes(net: Net, x_1CHW: Tensor, method: str) -> Tensor:
    """How large the map is at each pixel, (H, W)."""
    values = attribute(
        net,
        x_1CHW,
        target=1,
        method=method,
        params={},
        layer=CORNER_LAYER,
        baseline_1CHW=None,
        tick=lambda share: None,
    ).values.abs()
    values_HW = values.sum(0) if values.dim() == 3 else values
    return F.interpolate(values_HW[None, None], CORNER_SPEC.image_size)[0, 0]


def rank_correlation(one: Tensor, other: Tensor) -> float:
    ranks_2P = torch.stack([each.flatten().argsort().argsort().double() for each in (one, other)])
    return torch.corrcoef(ranks_2P)[0, 1].item()


def test_the_corner_alone_decides(trained: Net) -> None:
    x_NCHW, y_N = corner_images(200, seed=998)
    with torch.no_grad():
        assert (trained(x_NCHW).argmax(1) == y_N).float().mean() > 0.99
        x_NCHW[y_N == 1, :, :CORNER_PX, :CORNER_PX] -= 3.0
        assert (trained(x_NCHW).argmax(1) == 0).float().mean() > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_the_corner_is_found(method: str, trained: Net, bright: Tensor) -> None:
    random = build(CORNER_SPEC, seed=7).eval()
    found = [sizes(trained, x_1CHW, method) for x_1CHW in bright.split(1)]
    by_chance = [sizes(random, x_1CHW, method) for x_1CHW in bright.split(1)]
    same = sum(rank_correlation(*pair) for pair in zip(found, by_chance, strict=True)) / len(found)
    assert same < UNCHANGED, "this method draws the image, whatever the net: it is not asked to find anything"
    share, share_by_chance = (
        torch.stack([each[:CORNER_PX, :CORNER_PX].mean() / each.mean() for each in maps]).mean()
        for maps in (found, by_chance)
    )
    assert share > FOUND
    assert share > share_by_chance


def test_in_front_of_the_averaging_internal_influence_is_flat_whatever_the_net(trained: Net, bright: Tensor) -> None:
    last = [*trained.blocks][-1]
    for net in (trained, build(CORNER_SPEC, seed=7).eval()):
        values = attribute(
            net,
            bright[:1],
            target=1,
            method="internal_influence",
            params={},
            layer=last,
            baseline_1CHW=None,
            tick=lambda share: None,
        ).values
        torch.testing.assert_close(values, values.mean().expand_as(values))
