"""Weights drawn anew from the top down: what is drawn when, that the net stays as it is, and what methods say to it."""

from math import nan
from typing import Any

import pytest
import torch
from torch import Tensor

from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.attribution.engine.progress import MapFunction, Tick, no_tick
from resnet_viz.attribution.engine.sanity import cascade, judge, score_of, units
from resnet_viz.attribution.methods import METHODS, Cancelled
from resnet_viz.attribution.net_result import SanityVerdict
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.spec.vgg import VggSpec
from tests.fakes.perturbed import (
    CORNER_LAYER,
    CORNER_PX,
    CORNER_SPEC,
    TARGET,
    corner_images,
    corner_net,
    image,
    perturbed,
    small,
)

pytestmark = pytest.mark.torch

DRAWING_THE_PICTURE = ("guided_backprop", "layer_activation")  # the first: Adebayo et al. 2018, figures 2 and 3


@pytest.fixture(scope="module")
def trained() -> Net:
    return corner_net()


def mapping(x_1CHW: Tensor, **asked: Any) -> MapFunction:
    """What makes the map of any net for an image; `asked` as in `attribute`, without a tick."""

    def mapped(net: Net, tick: Tick) -> Tensor:
        return attribute(net, x_1CHW, tick=tick, **asked).values

    return mapped


def gradient(net: Net, x_1CHW: Tensor) -> Tensor:
    x_1CHW = x_1CHW.clone().requires_grad_()
    (found,) = torch.autograd.grad(net(x_1CHW)[0, TARGET], x_1CHW)
    return found[0]


def test_units_go_from_the_head_down_to_the_stem() -> None:
    assert units(build(small())) == (
        "head.fc",
        "stage2.block2",
        "stage2.block1",
        "stage1.block2",
        "stage1.block1",
        "stem",
    )
    assert units(build(small(Order.FULL_PREACT)))[:2] == ("head.fc", "head.norm")
    vgg = VggSpec(blocks=(1, 1), widths=(4, 4), hidden_features=8, image_size=16, in_channels=1, num_classes=3)
    assert units(build(vgg)) == ("head.fc", "head.fc2", "head.fc1", "stage2.block1", "stage1.block1")


@pytest.mark.parametrize("kind", [Shortcut.IDENTITY, Shortcut.EXCLUSIVE_GATING, Shortcut.NONE])
def test_what_was_drawn_stays_drawn_and_all_is_drawn_in_the_end(kind: Shortcut) -> None:
    spec = small(shortcut=kind)
    net, x_1CHW = perturbed(spec), image(spec)
    fresh = build(spec, seed=3).eval()
    seen: list[dict[str, Tensor]] = []

    def mapped(copied: Net, _tick: Tick) -> Tensor:
        assert copied is not net
        seen.append({key: value.clone() for key, value in copied.state_dict().items()})
        return gradient(copied, x_1CHW)

    stages = list(cascade(net, spec, mapped, seed=3))
    assert [stage.unit for stage in stages] == ["", *units(net)]
    for number, state in enumerate(seen):
        drawn = units(net)[:number]
        for key, value in state.items():
            is_drawn = key.startswith(tuple(f"{unit}." for unit in drawn))
            assert torch.equal(value, (fresh if is_drawn else net).state_dict()[key]), (number, key)
    assert torch.equal(stages[0].values, gradient(net, x_1CHW))
    assert torch.equal(stages[-1].values, gradient(fresh, x_1CHW))
    assert (stages[0].signed, stages[0].unsigned) == (1, 1)


def test_the_net_itself_is_never_changed() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    mapped = mapping(x_1CHW, target=TARGET, method="saliency", params={}, layer=None, baseline_1CHW=None)

    def cancel(share: float) -> None:
        if share > 0.4:
            raise Cancelled

    list(cascade(net, spec, mapped))
    judge(net, spec, mapped, draws=2)
    with pytest.raises(Cancelled):
        list(cascade(net, spec, mapped, tick=cancel))
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


def test_progress_rises_to_one() -> None:
    spec = small()
    shares: list[float] = []
    mapped = mapping(image(spec), target=TARGET, method="saliency", params={}, layer=None, baseline_1CHW=None)
    list(cascade(perturbed(spec), spec, mapped, tick=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_a_method_that_looks_at_the_image_only_is_found_out() -> None:
    """An edge detector: Adebayo et al. 2018, section 4, on what a map can be without any net."""
    spec = small()
    x_1CHW = image(spec)
    assert judge(perturbed(spec), spec, lambda _net, _tick: x_1CHW[0], draws=2).verdict is SanityVerdict.STAYS


def test_the_gradient_of_a_trained_net_changes_and_guided_backprop_changes_less(trained: Net) -> None:
    x_1CHW = corner_images(2, seed=77)[0][1:2]
    asked = {"target": 1, "params": {}, "layer": None, "baseline_1CHW": None}
    gradient_said, guided_said = (
        judge(trained, CORNER_SPEC, mapping(x_1CHW, method=method, **asked))
        for method in ("saliency", "guided_backprop")
    )
    assert gradient_said.verdict is SanityVerdict.CHANGES
    assert guided_said.verdict is SanityVerdict.STAYS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_that_passes_finds_the_corner_that_decides(method: str, trained: Net) -> None:
    x_NCHW, y_N = corner_images(8, seed=999)
    passed = found = 0.0
    for x_1CHW in x_NCHW[y_N == 1].split(1):
        mapped = mapping(x_1CHW, target=1, method=method, params={}, layer=CORNER_LAYER, baseline_1CHW=None)
        passed += judge(trained, CORNER_SPEC, mapped, draws=4).verdict is SanityVerdict.CHANGES
        values_HW = mapped(trained, no_tick).abs()
        values_HW = values_HW.sum(0) if values_HW.dim() == 3 else values_HW
        found += float(values_HW[:CORNER_PX, :CORNER_PX].mean() / values_HW.mean())
    assert (passed >= 3) == (method not in DRAWING_THE_PICTURE)
    assert passed < 3 or found / 4 > 1.5  # times the mean over the image


def test_the_verdict_is_about_the_mean_of_the_draws() -> None:
    assert score_of([(0.9, 0.9), (0.1, 0.9)]).verdict is SanityVerdict.STAYS
    assert score_of([(0.9, 0.9), (-0.9, 0.9)]).verdict is SanityVerdict.FOLLOWS_IMAGE
    assert score_of([(0.2, 0.2), (-0.2, 0.2)]).verdict is SanityVerdict.CHANGES
    assert score_of([(0.2, 0.2), (-0.2, 0.2)]).spread == pytest.approx(0.2)


def test_a_map_that_became_the_same_everywhere_has_changed() -> None:
    assert score_of([(nan, nan)] * 2).verdict is SanityVerdict.CHANGES


def test_a_trained_net_s_flat_map_has_no_verdict() -> None:
    spec = small()
    flat = judge(perturbed(spec), spec, lambda _net, _tick: torch.zeros(4, 4), draws=2)
    assert flat.verdict is SanityVerdict.UNDEFINED
