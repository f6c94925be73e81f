"""Images of any height and width, tiny ones too: the plan's shapes and fields are those that torch really makes."""

from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from torch import Tensor, nn

from resnet_viz.analysis.receptive_field import WIDTH, field_starts, receptive_fields
from resnet_viz.analysis.report import analyse, describe
from resnet_viz.errors import SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.plan.lower import lower
from resnet_viz.spec.codec import to_json
from resnet_viz.spec.enums import Norm, Stem
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.spec.vgg import VGG, AnySpec, VggSpec
from tests.fakes.spec_strategies import small_nets

pytestmark = pytest.mark.torch


def shapes_that_ran(net: Net, x_NCHW: Tensor) -> dict[str, tuple[int, ...]]:
    """The output shape of every module of the plan, by its name, from a real forward pass."""
    ran: dict[str, tuple[int, ...]] = {}
    for name, module in net.named_modules():
        module.register_forward_hook(lambda _m, _i, out, name=name: ran.update({name: tuple(out.shape[1:])}))
    with torch.no_grad():
        net.eval()(x_NCHW)
    return ran


def check_shapes(spec: AnySpec, device: str = "cpu") -> None:
    plan = lower(spec)
    ran = shapes_that_ran(build(spec, device=device), torch.zeros(1, *plan.input_shape, device=device))
    for node in plan.nodes:
        assert ran[node.name] == node.shape, f"{node.name} of {spec}"


@given(small_nets())
@settings(deadline=None, max_examples=40)
@example(preset("resnet18", widths=(2, 2, 2, 2), image_size=(1, 3)))
@example(preset("cifar_resnet8", widths=(2, 4, 8), image_size=(7, 2)))  # zero padding: ceil of odd halves
@example(VggSpec(blocks=(1, 1), widths=(2, 2), hidden_features=3, image_size=ImageSize(4, 31)))
def test_every_shape_is_the_one_that_torch_makes(spec: AnySpec) -> None:
    check_shapes(spec)


@pytest.mark.parametrize("name", [name for name in preset_names() if preset(name).depth < 300])
def test_every_preset_runs_at_the_smallest_size_and_not_below(name: str) -> None:
    smallest = 32 if name in VGG else 1  # five pools without padding; everything else is padded
    for size in (smallest, (smallest, smallest + 1)):
        check_shapes(preset(name, image_size=size), device="meta")
    with pytest.raises(SpecError, match="image_size is "):
        preset(name, image_size=(smallest + 40, smallest - 1))
    net = build(preset(name), device="meta").eval()
    channels = preset(name).in_channels
    with pytest.raises((RuntimeError, ValueError)):
        net(torch.empty(1, channels, smallest + 40, smallest - 1, device="meta"))


@pytest.mark.parametrize("size", [28, 16, 1])
def test_a_resnet_18_runs_on_small_images_as_torchvisions_does(size: int) -> None:
    spec = preset("resnet18", image_size=size, in_channels=1, num_classes=10)
    check_shapes(spec)
    assert lower(spec).parts[-2].shape == (512, 1, 1)


def gradient_box(net: nn.Module, sides: tuple[int, int], node: str) -> tuple[int, int]:
    """Height and width of the input pixels on which the middle pixel of a layer depends, by its gradient."""
    kept: list[Tensor] = []
    net.get_submodule(node).register_forward_hook(lambda _m, _i, out: kept.append(out))
    x_NCHW = torch.ones(1, 1, *sides, dtype=torch.float64, requires_grad=True)
    net(x_NCHW)
    out = kept[0]
    middle = out[0].sum(0)[out.shape[2] // 2, out.shape[3] // 2] if out.ndim == 4 else out.sum()
    (gradient,) = torch.autograd.grad(middle, x_NCHW)
    rows, columns = (gradient[0, 0].abs().sum(axis).nonzero().flatten() for axis in (1, 0))
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1


def test_the_receptive_field_is_a_square_until_a_map_is_read_as_a_whole() -> None:
    fields: dict[str, Any] = {"norm": Norm.NONE, "in_channels": 1, "num_classes": 2, "image_size": (64, 96)}
    spec = NetSpec(stem=Stem.CIFAR, blocks=(1, 2), widths=(2, 2), **fields)  # a max pool has no gradient but at one px
    plan, net = lower(spec), build(spec).double()
    for tensor in net.parameters():
        nn.init.constant_(tensor, 0.1)
    down, across = receptive_fields(plan), receptive_fields(plan, WIDTH)
    last = plan.blocks[-1].name
    node = plan.output_of(last)
    assert node is not None
    assert gradient_box(net, spec.image_sides, last) == (down[node.name].size, across[node.name].size)
    sizes = (down["head.fc"].size, across["head.fc"].size)
    assert sizes[0] < sizes[1]
    assert gradient_box(net, spec.image_sides, "head") == (64, 96)  # padding fills the rest of the field
    reach = [field_starts(plan)["head.fc"] + size for size in sizes]
    assert reach >= [64, 96]


def test_a_square_is_described_as_ever_and_another_image_by_both_sides() -> None:
    square, other = (preset("resnet18", image_size=size) for size in (224, (224, 320)))
    figures = {spec: describe(analyse(lower(spec)), name="", spec=to_json(spec)) for spec in (square, other)}
    assert figures[square]["spec"]["image_size"] == 224
    assert figures[other]["spec"]["image_size"] == [224, 320]
    assert figures[other]["input"] == [3, 224, 320]
    assert figures[square]["stages"][-1]["receptive_field"] == 435 + 6 * 32
    assert figures[other]["stages"][-1]["receptive_field"] == [435 + 6 * 32, 435 + 9 * 32]
    assert figures[other]["stages"][-1]["jump"] == [224, 320]
    assert figures[other]["stages"][-2]["receptive_field"] == 435  # the same along both axes: one number
    assert figures[other]["macs"] - 512_000 == (figures[square]["macs"] - 512_000) * 320 // 224  # all but the fc


@pytest.mark.parametrize(
    ("given_size", "kept"),
    [((480, 640), "480x640"), ([640, 480], "640x480"), ("480 × 640", "480x640"), ((480, 480), "480"), ("48X48", "48")],
)
def test_a_size_has_one_form(given_size: Any, kept: str) -> None:
    spec = preset("resnet18", image_size=given_size)
    assert str(spec.image_size) == kept
    assert spec.image_sides == tuple(map(int, kept.split("x"))) * (1 if "x" in kept else 2)
    assert isinstance(spec.image_size, ImageSize) == ("x" in kept)
