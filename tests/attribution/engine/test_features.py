"""What a layer puts out, its filters, and the patches that excite a channel most."""

import pytest
import torch
from torch import Tensor

from resnet_viz.analysis.receptive_field import receptive_fields
from resnet_viz.attribution.engine.features import PixelBox, activation, filters, patches, pixel_box
from resnet_viz.attribution.methods import Cancelled
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import Order
from resnet_viz.spec.vgg import VggSpec
from tests.fakes.perturbed import image, perturbed, small

pytestmark = pytest.mark.torch

SPEC = small()
VGG = VggSpec(blocks=(1, 2, 1), widths=(4, 8, 8), hidden_features=16, in_channels=1, image_size=32, num_classes=5)


def images(count: int) -> Tensor:
    return torch.cat([image(SPEC, seed=seed) for seed in range(count)])


def test_every_node_and_block_can_be_looked_at_and_has_the_shape_of_the_plan() -> None:
    net, plan = perturbed(SPEC), lower(SPEC)
    for name, _op, _inputs, shape, _section in plan.nodes:
        found = activation(net, image(SPEC), name)
        assert found.shape == (shape if shape[1:] != (1, 1) else shape[:1]), name
    for block in plan.blocks:
        assert activation(net, image(SPEC), block.name).shape == block.shape
    torch.testing.assert_close(activation(net, image(SPEC), "head.fc"), net(image(SPEC))[0].detach())


@pytest.mark.parametrize("node", ["", "stage7.block1", "stem.conv.weight"])
def test_a_node_that_is_not_there_is_told(node: str) -> None:
    with pytest.raises(SpecError, match="has no layer"):
        activation(perturbed(SPEC), image(SPEC), node)
    with pytest.raises(SpecError, match="has no layer"):
        pixel_box(lower(SPEC), node or "nothing", 0, 0)


def test_filters_are_those_of_the_first_convolution_and_a_copy() -> None:
    net = perturbed(SPEC)
    found = filters(net)
    assert found.shape == (4, 2, 3, 3)
    assert torch.equal(found, net.get_parameter("stem.conv.weight"))
    found.zero_()
    assert net.get_parameter("stem.conv.weight").any()


@pytest.mark.parametrize(
    "spec", [SPEC, small(Order.FULL_PREACT, image_size=21), VGG], ids=["original", "preact, odd side", "vgg"]
)
def test_a_box_is_where_the_gradient_of_a_pixel_is(spec: object) -> None:
    net, plan = perturbed(spec), lower(spec)  # type: ignore[arg-type]
    for module in net.modules():  # nothing cancels, no window has a single winner
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.ones_(module.weight)
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.ones_(module.weight)
            torch.nn.init.ones_(module.bias)
            module.reset_running_stats()
    for part in plan.stages:
        if isinstance(spec, VggSpec):
            net.get_submodule(part.name).pool = torch.nn.AvgPool2d(2)
    x_NCHW = image(spec).abs().requires_grad_()  # type: ignore[arg-type]
    for part in plan.stages:
        out: list[Tensor] = []
        handle = net.get_submodule(part.name).register_forward_hook(lambda _m, _i, y, out=out: out.append(y))
        net(x_NCHW)
        handle.remove()
        side = out[0].shape[-1]
        for row, column in ((0, 0), (side // 2, side - 1), (side - 1, side // 2)):
            (found,) = torch.autograd.grad(out[0][0, :, row, column].sum(), x_NCHW, retain_graph=True)
            rows, columns = (torch.nonzero(found.abs().sum((0, 1)).sum(1 - dim)).flatten() for dim in (0, 1))
            seen = PixelBox(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
            assert pixel_box(plan, part.name, row, column) == seen, (part.name, row, column)


def test_patches_are_the_largest_values_of_all_images_one_of_each() -> None:
    net, x_NCHW = perturbed(SPEC), images(30)
    node, channel = "stage1.block1.branch.conv1", 2
    found = patches(net, lower(SPEC), x_NCHW, node=node, channel=channel, num=5)
    strongest = torch.stack([activation(net, x_1CHW[None], node)[channel].max() for x_1CHW in x_NCHW])
    expected = strongest.sort(descending=True)
    assert [patch.image for patch in found] == expected.indices[:5].tolist()
    torch.testing.assert_close(torch.tensor([patch.value for patch in found]), expected.values[:5])


def test_a_patch_is_cut_where_it_lies_and_empty_where_there_is_no_image() -> None:
    net, plan, x_NCHW = perturbed(SPEC), lower(SPEC), images(12)
    node = "stage1.block1.branch.conv1"
    size = receptive_fields(plan)[node].size
    assert size == 5  # two 3x3 behind each other
    for patch in patches(net, plan, x_NCHW, node=node, channel=0, num=12):
        assert patch.pixels_CHW.shape == (2, size, size)
        for row in range(size):
            for column in range(size):
                place = patch.top + row, patch.left + column
                is_inside = all(0 <= position < SPEC.square_side for position in place)
                got = patch.pixels_CHW[:, row, column]
                assert torch.equal(got, x_NCHW[patch.image, :, *place]) if is_inside else got.isnan().all()


def test_only_the_patch_makes_the_value() -> None:
    net, plan, x_NCHW = perturbed(SPEC), lower(SPEC), images(6)
    node = "stage1.block1.branch.conv1"
    patch = patches(net, plan, x_NCHW, node=node, channel=1, num=1)[0]
    elsewhere_1CHW = torch.full_like(x_NCHW[:1], 9.0)
    field = 2  # the middle of a 5 px field
    row, column = patch.top + field, patch.left + field
    seen = pixel_box(plan, node, row, column)
    region = (..., slice(seen.top, seen.bottom), slice(seen.left, seen.right))
    elsewhere_1CHW[region] = x_NCHW[patch.image : patch.image + 1][region]
    assert float(activation(net, elsewhere_1CHW, node)[1, row, column]) == pytest.approx(patch.value, abs=1e-5)


@pytest.mark.parametrize("node", ["head.fc", "head.pool", "stage2.block2"])
def test_a_unit_that_sees_all_has_whole_images_as_patches(node: str) -> None:
    net, x_NCHW = perturbed(SPEC), images(4)
    for patch in patches(net, lower(SPEC), x_NCHW, node=node, channel=0, num=4):
        assert (patch.top, patch.left, patch.pixels_CHW.shape) == (0, 0, (2, 16, 16))


def test_how_many_images_go_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x_NCHW, found = perturbed(SPEC), images(7), []
    for size in (1, 3, 64):
        monkeypatch.setattr("resnet_viz.attribution.engine.features.batch_size", lambda _net, _x, size=size: size)
        some = patches(net, lower(SPEC), x_NCHW, node="stage1.block2", channel=1, num=4)
        found.append([(patch.image, patch.top, patch.left) for patch in some])
    assert found[0] == found[1] == found[2]


def test_a_channel_that_is_not_there_is_told_and_no_hook_is_left() -> None:
    net, x_NCHW = perturbed(SPEC), images(3)

    def cancel(_share: float) -> None:
        raise Cancelled

    with pytest.raises(SpecError, match="has the channels 0 to 3; got 4"):
        patches(net, lower(SPEC), x_NCHW, node="stem.conv", channel=4)
    with pytest.raises(Cancelled):
        patches(net, lower(SPEC), x_NCHW, node="stem.conv", channel=0, tick=cancel)
    with pytest.raises(RuntimeError):
        activation(net, x_NCHW[:, :1], "stem.conv")
    assert not any(module._forward_hooks for module in net.modules())
