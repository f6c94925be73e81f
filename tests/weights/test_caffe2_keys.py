"""Blobs of Detectron: known, loaded with scales and shifts that compute what affine channels do, and told."""

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.errors import DataError, SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.spec.enums import StrideOn
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import title
from resnet_viz.weights.identified import Remark
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.text import messages, what_differs
from tests.weights.renamed import NAMINGS, PHOTOGRAPHS, renamed

(DETECTRON,) = (naming for naming in NAMINGS if naming.ends.get("head.fc") == "fc1000")
SPEC = PHOTOGRAPHS[1].replace(stride_on=StrideOn.FIRST_1X1)
Shapes = dict[str, tuple[int, ...]]


def affine(blobs: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: blob for key, blob in blobs.items() if not key.endswith(("_rm", "_riv"))}


def shapes_of(name: str = "resnet50_v1", *, has_statistics: bool = False) -> Shapes:
    blobs = renamed(state_shapes(layers_of(lower(residual_preset(name)))), DETECTRON)
    return {key: shape for key, shape in blobs.items() if has_statistics or not key.endswith(("_rm", "_riv"))}


def small_net() -> Net:
    net = build(SPEC, seed=1)
    generator = torch.Generator().manual_seed(1)
    for key, tensor in net.state_dict().items():
        if key.rpartition(".")[2] in ("weight", "bias") and tensor.dim() == 1:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return net.eval()


class Affine(nn.Module):
    """y = scale x + shift, as Caffe2's AffineChannel."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.scale, self.shift = norm.weight.detach(), norm.bias.detach()

    def forward(self, x_NCHW: Tensor) -> Tensor:
        return x_NCHW * self.scale[:, None, None] + self.shift[:, None, None]


@pytest.mark.parametrize(("name", "named"), [
    ("resnet50_v1", "ResNet-50, v1"), ("resnet101_v1", "ResNet-101, v1"), ("resnet18", "ResNet-18"),
    ("resnext101_32x8d", "ResNeXt-101, 32×8d, v1"),
])  # fmt: skip
def test_blobs_name_their_net(name: str, named: str) -> None:
    found = identify_weights(shapes_of(name))
    assert title(found.spec) == named
    assert (found.naming, found.missing, found.extra, found.spec.num_classes) == ("Caffe2", (), (), 1000)
    assert found.remarks == (Remark.AFFINE_NORMS,)
    assert any("AffineChannel" in message for message in messages(found))
    assert any("as BGR from 0 to 255, less 102.98, 115.95 and 122.77" in message for message in messages(found))
    assert identify_weights(shapes_of(name, has_statistics=True)).remarks == ()


@pytest.mark.torch
@torch.no_grad()
def test_loaded_scales_and_shifts_compute_what_affine_channels_do() -> None:
    net = small_net()
    other = build(SPEC, seed=2)
    assert load(other, affine(renamed(net.state_dict(), DETECTRON))) == ()
    for name, norm in [(name, norm) for name, norm in net.named_modules() if isinstance(norm, nn.BatchNorm2d)]:
        net.set_submodule(name, Affine(norm))
    x_NCHW = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    expected = net(x_NCHW)
    assert torch.allclose(other.eval()(x_NCHW), expected, rtol=1e-5, atol=1e-6 * float(expected.abs().max()))


def test_the_bias_that_no_stem_reads_is_left_out() -> None:
    found = identify_weights({**shapes_of(), "conv1_b": (64,)})
    assert title(found.spec) == "ResNet-50, v1"
    assert list(what_differs(found)) == ["One tensor belongs to no layer and is left out: 'conv1_b'."]


def test_biases_of_all_convolutions_are_kept() -> None:
    blobs = shapes_of("resnet18")
    biases = {f"{key[:-2]}_b": shape[:1] for key, shape in blobs.items() if key.endswith("_w") and key != "fc1000_w"}
    assert "conv1_b" in biases
    found = identify_weights({**blobs, **biases})
    assert title(found.spec) == "ResNet-18, biases"
    assert found.extra == ()


def test_a_backbone_of_a_detector_is_told_as_one() -> None:
    blobs = {key: shape for key, shape in shapes_of().items() if not key.startswith("fc1000")}
    found = identify_weights({**blobs, "fpn_inner_res5_2_sum_w": (256, 2048, 1, 1), "cls_score_w": (81, 1024)})
    assert not found.has_head
    assert next(what_differs(found)).startswith("In this file ResNet-50, v1 is the backbone of a detector.")


def test_group_norms_are_no_affine_channels() -> None:
    blobs = {key.replace("conv1_bn", "conv1_gn").replace("_bn_", "_gn_"): shape for key, shape in shapes_of().items()}
    blobs = {key.replace("res_conv1_gn", "conv1_gn"): shape for key, shape in blobs.items()}
    with pytest.raises(SpecError, match=r"ResNet-50, v1 with norms without running statistics.*'conv1_gn_s'"):
        identify_weights(blobs)


def test_a_blob_that_is_wanting_or_of_another_shape_is_named_as_the_file_would() -> None:
    blobs = shapes_of()
    for key in ("res3_0_branch2b_w", "res4_5_branch2c_bn_s", "res2_0_branch1_bn_b"):
        with pytest.raises(SpecError, match=f"'{key}' is missing"):
            identify_weights({other: shape for other, shape in blobs.items() if other != key})
    with pytest.raises(SpecError, match="'res5_2_branch2a_bn_s' has the shape 7"):
        identify_weights({**blobs, "res5_2_branch2a_bn_s": (7,)})


@pytest.mark.torch
def test_a_net_without_a_blob_is_not_loaded() -> None:
    blobs = affine(renamed(small_net().state_dict(), DETECTRON))
    del blobs["res2_0_branch2a_bn_b"]
    with pytest.raises(DataError, match="'res2_0_branch2a_bn_b' is missing"):
        load(build(SPEC), blobs)
