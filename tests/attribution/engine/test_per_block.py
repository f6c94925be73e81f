"""All blocks from one way through the net are what Captum says block by block."""

import pytest
import torch
from captum.attr import LayerConductance, LayerGradCam
from torch import Tensor

from resnet_viz.attribution.engine.limits import KEPT_BYTES, MAX_BATCH, batch_size, kept_bytes
from resnet_viz.attribution.engine.maps import attribute
from resnet_viz.attribution.engine.per_block import conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.methods import METHODS
from resnet_viz.errors import SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import BlockKind, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from tests.fakes.perturbed import LAST, TARGET, image, perturbed, small

pytestmark = pytest.mark.torch

RESNET_20 = residual_preset("cifar_resnet20", widths=(16, 32, 64), in_channels=1, image_size=28)
SPECS = {
    "resnet20": RESNET_20,
    "plain": small(shortcut=Shortcut.NONE),
    "full_preact": small(Order.FULL_PREACT),
    "gated": small(shortcut=Shortcut.EXCLUSIVE_GATING),
    "bottleneck": small(block=BlockKind.BOTTLENECK),
    "imagenet": small(stem=Stem.IMAGENET, image_size=32),
}
ALL = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


class Passes:
    """Counts what goes through a net."""

    def __init__(self, net: Net) -> None:
        self.batches: list[int] = []
        net.register_forward_pre_hook(lambda _net, inputs: self.batches.append(len(inputs[0])))


@ALL
def test_gradcam_of_all_blocks_is_captums_block_by_block(spec: NetSpec) -> None:
    net, x_1CHW = perturbed(spec), image(spec)
    passes = Passes(net)
    found = gradcam_of_blocks(net, x_1CHW, TARGET)
    assert passes.batches == [1]
    assert list(found) == list(net.blocks)
    for name, block in net.blocks.items():
        expected = LayerGradCam(net, block).attribute(x_1CHW, TARGET)
        assert isinstance(expected, Tensor)
        assert torch.equal(found[name], expected[0, 0].detach())  # bit by bit


@ALL
@pytest.mark.parametrize("steps", [1, 20, 100])
def test_conductance_of_all_blocks_is_captums_block_by_block(spec: NetSpec, steps: int) -> None:
    net, x_1CHW, start_1CHW = perturbed(spec), image(spec), image(spec, seed=6)
    found = conductance_of_blocks(net, x_1CHW, TARGET, steps, start_1CHW)
    for name, block in net.blocks.items():
        expected = LayerConductance(net, block).attribute(x_1CHW, start_1CHW, TARGET, n_steps=steps)
        assert isinstance(expected, Tensor)
        assert found[name] == pytest.approx(expected.sum().item(), rel=1e-3, abs=1e-4)


def test_conductance_of_all_blocks_goes_along_the_path_once() -> None:
    net = perturbed(RESNET_20)
    passes = Passes(net)
    conductance_of_blocks(net, image(RESNET_20), TARGET, 20, None)
    assert passes.batches == [1, 21]  # one to see how many go at once


@pytest.mark.parametrize("target", [-1, 10])
def test_a_class_that_is_not_there_is_refused(target: int) -> None:
    net, x_1CHW = perturbed(RESNET_20), image(RESNET_20)
    with pytest.raises(SpecError, match="10 classes, 0 to 9"):
        gradcam_of_blocks(net, x_1CHW, target)
    with pytest.raises(SpecError, match="10 classes, 0 to 9"):
        conductance_of_blocks(net, x_1CHW, target, 20, None)


def test_a_net_that_has_blown_up_is_refused() -> None:
    spec = small()
    net = perturbed(spec)
    with torch.no_grad():
        net.get_parameter(f"{LAST}.branch.conv1.weight").mul_(float("inf"))
    with pytest.raises(SpecError, match="not finite"):
        gradcam_of_blocks(net, image(spec), TARGET)
    with pytest.raises(SpecError, match="not finite"):
        conductance_of_blocks(net, image(spec), TARGET, 20, None)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_takes_more_images_at_once_than_fit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    fits = 7
    monkeypatch.setattr("resnet_viz.attribution.engine.limits.KEPT_BYTES", fits * kept_bytes(net, x_1CHW))
    most = {name: high for name, high in (("steps", 500), ("samples", 500)) if name in str(METHODS[method].parameters)}
    passes = Passes(net)
    attribute(
        net,
        x_1CHW,
        target=TARGET,
        method=method,
        params=most,
        layer=LAST,
        baseline_1CHW=None,
        tick=lambda share: None,
    )
    assert max(passes.batches) <= fits


def test_conductance_of_all_blocks_takes_no_more_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    expected = conductance_of_blocks(net, x_1CHW, TARGET, 100, None)
    monkeypatch.setattr("resnet_viz.attribution.engine.limits.KEPT_BYTES", 7 * kept_bytes(net, x_1CHW))
    passes = Passes(net)
    assert conductance_of_blocks(net, x_1CHW, TARGET, 100, None) == pytest.approx(expected, rel=1e-4)
    assert max(passes.batches) == 7


def test_what_is_kept_at_once_is_bounded() -> None:
    small_net, large = perturbed(RESNET_20), residual_preset("resnet50")
    assert batch_size(small_net, image(RESNET_20)) == MAX_BATCH
    net, x_1CHW = build(large).eval(), image(large)
    count = batch_size(net, x_1CHW)
    assert 1 <= count < MAX_BATCH
    assert count * kept_bytes(net, x_1CHW) <= KEPT_BYTES
