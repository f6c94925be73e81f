"""After a map, a failure or a cancellation the net, the image and the random generators are as they were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.attribution.engine.per_block import conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.attribution.methods import METHODS, Cancelled, checked_params
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import Order, Shortcut
from tests.fakes.perturbed import LAST, TARGET, image, perturbed, small

pytestmark = pytest.mark.torch

SPEC = small(Order.RELU_ONLY_PREACT, Shortcut.EXCLUSIVE_GATING)  # the one where most hooks are set
CUTS = (0.0, 0.3, 0.6, 1.0)  # shares of all ticks after which it ends; the last in a backward pass, if there is one


def asking(method: str) -> Callable[[Net, Tensor, Tick], object]:
    if method == "gradcam_of_blocks":
        return lambda net, x_1CHW, tick: gradcam_of_blocks(net, x_1CHW, TARGET, tick=tick)
    if method == "conductance_of_blocks":
        return lambda net, x_1CHW, tick: conductance_of_blocks(net, x_1CHW, TARGET, 8, None, tick=tick)
    fields: dict[str, Any] = {"params": {}, "layer": LAST, "target": TARGET, "baseline_1CHW": None}
    return lambda net, x_1CHW, tick: attribute(net, x_1CHW, method=method, tick=tick, **fields)


ALL = pytest.mark.parametrize("method", [*METHODS, "gradcam_of_blocks", "conductance_of_blocks"])


def kept_by(net: Net) -> list[dict[str, Any]]:
    """Everything that hangs on the modules, hooks and stray attributes included."""
    return [
        {name: dict(value) if isinstance(value, dict) else value for name, value in vars(module).items()}
        for module in net.modules()
    ]


@contextmanager
def nothing_changes(net: Net, x_1CHW: Tensor) -> Iterator[None]:
    kept, tensors, image_before = kept_by(net), {k: v.clone() for k, v in net.state_dict().items()}, x_1CHW.clone()
    generators = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    yield
    assert kept_by(net) == kept
    assert all(torch.equal(tensors[name], tensor) for name, tensor in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert torch.equal(x_1CHW, image_before)
    assert not x_1CHW.requires_grad
    assert torch.equal(torch.get_rng_state(), generators[0])
    assert np.random.get_state()[1].tolist() == generators[1]  # type: ignore[index]


@ALL
def test_nothing_stays_behind_a_map(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    with nothing_changes(net, x_1CHW):
        asking(method)(net, x_1CHW, lambda share: None)


@ALL
@pytest.mark.parametrize("cut", CUTS)
def test_nothing_stays_behind_a_cancelled_map(method: str, cut: float) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    ticks: list[float] = []
    asking(method)(net, x_1CHW, ticks.append)
    left = round(cut * (len(ticks) - 1))

    def tick(_share: float) -> None:
        nonlocal left
        if left == 0:
            raise Cancelled
        left -= 1

    with nothing_changes(net, x_1CHW), pytest.raises(Cancelled):
        asking(method)(net, x_1CHW, tick)


@ALL
def test_nothing_stays_behind_a_failure_inside_captum(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    whole = 0 if method == "gradcam_of_blocks" else 1  # passes that come through: to see how many go at once

    def fail(_add: object, _inputs: object, _output: object) -> None:
        nonlocal whole
        if whole == 0:
            raise RuntimeError("out of memory")
        whole -= 1

    net.get_submodule(f"{LAST}.add").register_forward_hook(fail)
    with nothing_changes(net, x_1CHW), pytest.raises(RuntimeError, match="out of memory"):
        asking(method)(net, x_1CHW, lambda share: None)


@ALL
def test_nothing_stays_behind_a_image_that_does_not_fit(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)[:, :1]
    with nothing_changes(net, x_1CHW), pytest.raises(RuntimeError, match="channels"):
        asking(method)(net, x_1CHW, lambda share: None)


@ALL
def test_hooks_of_others_stay(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    seen: list[int] = []
    net.get_submodule(LAST).register_forward_hook(lambda _module, _inputs, output: seen.append(len(output)))
    with nothing_changes(net, x_1CHW):
        asking(method)(net, x_1CHW, lambda share: None)
    assert seen


@ALL
def test_a_net_that_asks_for_no_gradients_has_the_same_map(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    expected = asking(method)(net, x_1CHW, lambda share: None)
    with torch.no_grad():
        found = asking(method)(net.requires_grad_(False), x_1CHW, lambda share: None)
    torch.testing.assert_close(found, expected)


@ALL
def test_progress_is_told_at_every_block_and_ends_at_one(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    ticks: list[float] = []
    asking(method)(net, x_1CHW, ticks.append)
    assert len(ticks) >= len(net.blocks)
    assert ticks == sorted(ticks)
    assert 0 < ticks[0] <= 1
    assert ticks[-1] == 1


@pytest.mark.parametrize("method", METHODS)
def test_the_table_says_how_many_images_pass_through_the_net(method: str) -> None:
    net, x_1CHW = perturbed(SPEC), image(SPEC)
    images: list[int] = []
    net.register_forward_pre_hook(lambda _net, inputs: images.append(len(inputs[0])))
    asking(method)(net, x_1CHW, lambda share: None)
    probing = 1  # to see how many go at once
    asked = METHODS[method].forwards(checked_params(method, {}, image_size=16), 16)
    # DeepLift's first pass is doubled behind this hook: image and baseline go together.
    assert sum(images) - probing == (asked - 1 if method == "deep_lift" else asked)
