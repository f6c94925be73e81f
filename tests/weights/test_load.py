"""Weights as people send them, in a net: whole, of the right net, and what is left over is told."""

from typing import Any

import pytest
import torch
from torch import Tensor

from resnet_viz.errors import DataError, SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load, to_torchvision
from resnet_viz.spec.enums import DimMatch, Shortcut
from resnet_viz.spec.presets import preset
from resnet_viz.weights.identify import identify_weights
from tests.weights.made_files import make_files, weights_in
from tests.weights.renamed import NAMINGS, renamed, small, small_cifar

pytestmark = pytest.mark.torch

FILES = make_files()
PLAIN = small_cifar(dim_match=DimMatch.ZERO_PAD, shortcut=Shortcut.NONE)
RESIDUAL = PLAIN.replace(shortcut=Shortcut.IDENTITY)


@torch.no_grad()
def logits(net: Net, *, side: int = 64) -> Tensor:
    channels = next(iter(net.state_dict().values())).shape[1]
    x_NCHW = torch.randn(2, channels, side, side, generator=torch.Generator().manual_seed(1))
    found: Tensor = net.eval()(x_NCHW)
    return found


def loaded(state: Any) -> Net:
    net = build(identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec)
    load(net, state)
    return net


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("base.pth", "base_cifar.pth")])
def test_every_file_of_one_net_leads_to_that_net(name: str) -> None:
    state = weights_in(FILES[name])
    is_cifar = any("linear" in key or "residual_function" in key for key in state)
    base = FILES["base_cifar.pth" if is_cifar else "base.pth"]
    spec = identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec
    usual = identify_weights({key: tuple(tensor.shape) for key, tensor in base.items()}).spec
    assert spec.replace(in_channels=3, num_classes=10) == usual
    if name.startswith(("R14", "R44", "R45")):  # other channels, or another head
        return
    assert torch.equal(logits(loaded(state)), logits(loaded(base)))


def test_what_belongs_to_no_layer_is_left_out_and_returned() -> None:
    state = weights_in(FILES["R21_total_ops.pth"])
    net = build(identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec)
    assert load(net, state) == ("total_ops", "conv1.total_ops")


def test_a_backbone_needs_leave_to_be_loaded_without_its_head() -> None:
    state = FILES["R14_13channels_nofc.pth"]
    net = build(identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec, seed=3)
    head = net.state_dict()["head.fc.weight"].clone()
    with pytest.raises(DataError, match=r"'fc\.weight' is missing"):
        load(net, state)
    load(net, state, needs_head=False)
    assert torch.equal(net.state_dict()["stem.conv.weight"], state["conv1.weight"])
    assert torch.equal(net.state_dict()["head.fc.weight"], head)


def test_a_part_of_a_segmentation_net_is_refused_as_such_and_loaded_with_leave() -> None:
    state = {f"encoder.{key}": tensor for key, tensor in weights_in(FILES["base.pth"]).items() if "fc." not in key}
    state |= {"decoder.blocks.0.conv1.0.weight": torch.ones(8, 96, 3, 3)}
    net = build(identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec)
    with pytest.raises(DataError, match=r"^In this file .* is the backbone of a segmentation net\."):
        load(net, state)
    load(net, state, needs_head=False)
    assert torch.equal(net.state_dict()["stem.conv.weight"], state["encoder.conv1.weight"])


def test_a_head_of_another_form_is_refused_by_its_own_names() -> None:
    state = {**FILES["base.pth"], "fc.weight": torch.ones(1, 64), "fc.bias": torch.ones(1)}
    net = build(identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec)
    with pytest.raises(DataError, match="Its head, 'fc', is another"):
        load(net, state)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_converted(dtype: torch.dtype) -> None:
    net, other = build(small(), seed=1), build(small(), seed=2)
    load(
        other,
        {key: tensor.to(dtype) if tensor.is_floating_point() else tensor for key, tensor in to_plain(net).items()},
    )
    assert {tensor.dtype for tensor in other.state_dict().values()} == {torch.float32, torch.int64}
    torch.testing.assert_close(other.state_dict(), net.state_dict(), rtol=1e-2, atol=1e-2)


def to_plain(net: Net) -> dict[str, Tensor]:
    return renamed(net.state_dict(), NAMINGS[0])


@pytest.mark.parametrize("dtype", [torch.complex64, torch.int32, torch.bool])
def test_numbers_that_are_not_real_are_refused(dtype: torch.dtype) -> None:
    net = build(small())
    state = to_plain(net)
    with pytest.raises(DataError, match="weights are real numbers"):
        load(net, {**state, "layer1.0.conv1.weight": state["layer1.0.conv1.weight"].to(dtype)})


def test_weights_of_a_stated_plain_net_are_not_loaded_into_the_residual_one() -> None:
    plain, residual = build(PLAIN, seed=1), build(RESIDUAL, seed=2)
    before = residual.state_dict()["stem.conv.weight"].clone()
    for state, stated in ((plain.state_dict(), None), (dict(plain.state_dict()), PLAIN)):
        with pytest.raises(SpecError, match="their file states that they are of plain net, blocks 2,2,1"):
            load(residual, state, stated=stated)
    assert torch.equal(residual.state_dict()["stem.conv.weight"], before)
    other = build(PLAIN.replace(image_size=48), seed=2)
    assert load(other, plain.state_dict(), stated=PLAIN) == ()
    assert torch.equal(logits(other, side=32), logits(plain, side=32))


def test_where_weights_leave_a_choice_the_named_net_counts() -> None:
    state = renamed(build(PLAIN, seed=1).state_dict(), NAMINGS[2])
    plain, residual = build(PLAIN), build(RESIDUAL)
    assert load(plain, state) == load(residual, state) == ()
    assert not torch.allclose(logits(plain, side=32), logits(residual, side=32))


def test_a_head_without_bias_and_one_of_a_convolution_are_loaded() -> None:
    net, other = build(small(), seed=1), build(small(), seed=2)
    net.state_dict()["head.fc.bias"].zero_()
    state = to_plain(net)
    del state["fc.bias"]
    state["head.fc.weight"] = state.pop("fc.weight")[:, :, None, None]
    load(other, state)
    assert torch.equal(logits(other), logits(net))


def test_either_of_two_nets_is_loaded() -> None:
    first, second, other = (build(small(), seed=seed) for seed in (1, 2, 3))
    state = {f"encoder_q.{key}": tensor for key, tensor in to_plain(first).items()}
    state |= {f"encoder_k.{key}": tensor for key, tensor in to_plain(second).items()}
    assert load(other, state) == ()
    assert torch.equal(logits(other), logits(first))
    load(other, state, prefix="encoder_k.")
    assert torch.equal(logits(other), logits(second))


def test_names_of_no_net_are_refused_with_the_first_of_them() -> None:
    with pytest.raises(SpecError, match=r"begin with 'a\.b' \(2×3\)"):
        load(build(small()), {"a.b": torch.zeros(2, 3)})


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("layer1.0.se.fc1.weight", "'layer1.0.se.fc1.weight' is unexpected"),
        ("layer1.0.conv3.weight", "'layer1.0.conv3.weight' is unexpected"),
    ],
)
def test_a_tensor_inside_of_a_block_that_the_net_has_not_is_refused(key: str, words: str) -> None:
    net = build(small())
    with pytest.raises(DataError, match=words):
        load(net, {**to_plain(net), key: torch.ones(4, 4, 1, 1)})


def test_torchvisions_weights_go_into_the_net_of_the_papers_stride_if_that_is_named() -> None:
    first, second = (build(preset(name, blocks=(1, 1, 1, 1), num_classes=7)) for name in ("resnet50", "resnet50_v1"))
    assert load(second, dict(to_torchvision(first))) == ()  # as from torchvision, which states nothing


def test_numbered_features_go_into_a_vgg_net() -> None:
    spec = preset("vgg16_bn", blocks=(1, 1), widths=(4, 8), hidden_features=6, num_classes=7, image_size=28)
    net, other = build(spec, seed=1), build(spec, seed=2)
    names = {"stage1.block1.branch.conv1": "features.0", "stage1.block1.branch.norm1": "features.1"}
    names |= {"stage2.block1.branch.conv1": "features.4", "stage2.block1.branch.norm1": "features.5"}
    names |= {"head.fc1": "classifier.0", "head.fc2": "classifier.3", "head.fc": "classifier.6"}
    state = {
        f"module.{names[key.rpartition('.')[0]]}.{key.rpartition('.')[2]}": t for key, t in net.state_dict().items()
    }
    assert identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()}).spec.blocks == (1, 1)
    assert load(other, state) == ()
    assert torch.equal(logits(other, side=28), logits(net, side=28))
