"""The delta of a shipped net's map is a share of a difference that is that of two logits, and no law shrinks it.

Measured (torch 2.13, one core) on the shipped ResNet-56 and the ankle boot: Integrated Gradients from black is off by
0.66, 1.42 and 0.016 logits at 10, 50 and 300 steps. It grows, and only trying finds enough.
"""

import pytest
import torch

from resnet_viz.attribution.engine import worker
from resnet_viz.attribution.engine.load_net import open_net
from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.net_result import MethodMap, NetPrediction
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import MapsResult
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.present.attribution.convergence import adds_up, map_share

pytestmark = pytest.mark.torch

IMAGE = ImageRef.parse("data:fashion_mnist_subset/9")


def mapped(net: str, method: str, **params: float) -> tuple[NetPrediction, MethodMap, float]:
    """The net, its map from black, and the logit's change from black to the image."""
    ref = NetRef.parse(net)
    query = AttributionQuery(
        topic=Topic.MAPS,
        nets=(ref,),
        image=IMAGE,
        method=method,
        params=params,
        layer="stage3.block1",
        baseline="black",
    )
    found = worker.answer(query, lambda _share: None)
    assert isinstance(found, MapsResult)
    (prediction,), (maps,) = found.nets, found.maps
    loaded = open_net(ref)
    mean, std = (torch.tensor(value)[None, :, None, None] for value in (prediction.mean, prediction.std))
    with torch.no_grad():
        logits = [
            loaded.net((torch.tensor(pixels)[None] - mean) / std)[0, prediction.target]
            for pixels in (prediction.image_CHW, maps.baseline_CHW)
        ]
    return prediction, maps.of(method), float(logits[0] - logits[1])


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.has_delta])
def test_the_sum_less_the_delta_is_the_difference_of_the_logits(method: str) -> None:
    params = {"noise": 0.0} if method == "gradient_shap" else {}  # its noise moves the image itself
    _prediction, found, difference = mapped("shipped:resnet20", method, **params)
    assert found.delta is not None
    assert float(found.values.sum(dtype="float64")) - found.delta == pytest.approx(difference, abs=2e-3)


def test_the_delta_of_a_shipped_net_grows_before_it_shrinks() -> None:
    shares = {}
    for steps in (10, 50, 300):
        _prediction, found, _difference = mapped("shipped:resnet56", "integrated_gradients", steps=steps)
        shares[steps] = map_share(found) or 0.0
    assert shares[50] > shares[10]
    assert [adds_up(share) for share in shares.values()] == [False, False, True]


@pytest.mark.parametrize("net", ["resnet20", "resnet56", "plain20"])
def test_deep_lift_adds_up_whatever_relus_a_net_reuses(net: str) -> None:
    _prediction, found, difference = mapped(f"shipped:{net}", "deep_lift")
    assert found.delta is not None
    assert abs(found.delta) < 1e-5 * max(1.0, abs(difference))
