"""Identified weights: tolerance, all that shapes cannot tell, and refusals that quote the file."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.errors import Refusal, SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.spec.enums import DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identified import Choice, Remark
from resnet_viz.weights.identify import MAX_TENSORS, identify_weights
from resnet_viz.weights.text import choice_message, messages
from tests.weights.renamed import CASES, NAMINGS, renamed, small, small_cifar

TORCHVISION, PRERESNET, CIFAR = NAMINGS[0], NAMINGS[1], NAMINGS[2]


def own_shapes(spec: AnySpec) -> dict[str, tuple[int, ...]]:
    return state_shapes(layers_of(lower(spec)))


def torchvisions(**changes: Any) -> dict[str, tuple[int, ...]]:
    return renamed(own_shapes(small(**changes)), TORCHVISION)


def without(shapes: dict[str, tuple[int, ...]], *ends: str) -> dict[str, tuple[int, ...]]:
    return {key: shape for key, shape in shapes.items() if not key.endswith(ends)}


# ------------------------------------------------------------------------------------------------------- tolerance


def test_a_backbone_is_known_without_its_head_and_said_to_have_none() -> None:
    found = identify_weights(without(torchvisions(in_channels=13), "fc.weight", "fc.bias"))
    assert found.missing == ("head.fc.weight", "head.fc.bias")
    assert not found.has_head
    assert found.spec.in_channels == 13
    assert "without its head" in messages(found)[0]
    assert "a head of 1,000 classes" in messages(found)[1]


@pytest.mark.parametrize(
    "head",
    [
        {"fc.0.weight": (16, 16), "fc.0.bias": (16,), "fc.2.weight": (8, 16), "fc.2.bias": (8,)},  # MoCo v2
        {"fc.1.weight": (32, 16), "fc.2.weight": (32,), "fc.2.bias": (32,), "fc.4.weight": (7, 32)},
        {"fc1.weight": (32, 16), "fc2.weight": (7, 32)},
        {"fc.weight": (1, 16), "fc.bias": (1,)},  # one logit
        {"fc.weight": (7, 16), "fc.sigma": (1,)},  # cosines times a scale: LAMDA-CL/PyCIL
        {"neck.weight": (16,), "neck.running_mean": (16,), "classifier.weight": (7, 16)},  # a norm between
        {"fc.weight": (7, 32), "fc.bias": (7,)},  # reads two pools side by side
        {"projection_head.0.weight": (16, 16), "projection_head.1.weight": (16,), "prototypes.weight": (30, 8)},  # SwAV
    ],
)
def test_another_head_is_left_over_and_named(head: dict[str, tuple[int, ...]]) -> None:
    found = identify_weights(without(torchvisions(), "fc.weight", "fc.bias") | head)
    assert not found.has_head
    assert found.extra == tuple(head)
    linear = [key.removesuffix(".weight") for key, shape in head.items() if len(shape) == 2]
    assert found.other_head == tuple(linear)
    texts = messages(found)
    assert f"Its head, '{linear[0]}'" in texts[0]
    assert "one layer of 2 outputs or more" in texts[0]
    told = [key for key in head if any(repr(key) in text for text in texts[2:])]
    assert told == [key for key in head if key.rpartition(".")[0] not in linear][:3]  # no tensor twice


@pytest.mark.parametrize(
    ("head", "shape"),
    [("fc", (7, 16)), ("last_linear", (7, 16)), ("classifier.1", (7, 16)), ("head.fc", (7, 16, 1, 1))],
)
def test_a_head_without_bias_or_as_a_convolution_is_one(head: str, shape: tuple[int, ...]) -> None:
    found = identify_weights(without(torchvisions(), "fc.weight", "fc.bias") | {f"{head}.weight": shape})
    assert found.spec.num_classes == 7
    assert found.missing == ("head.fc.bias",)
    assert "no bias" in messages(found)[0]


def test_of_two_heads_the_usual_name_is_taken_and_both_are_told() -> None:
    found = identify_weights({"aux.weight": (5, 16), **torchvisions()})
    assert (found.spec.num_classes, found.heads, found.extra) == (7, ("fc", "aux"), ("aux.weight",))
    assert "2 layers that can be its head: 'fc', 'aux'" in messages(found)[0]
    assert not any("aux.weight" in message for message in messages(found))  # it belongs to a layer


def test_tensors_of_no_layer_are_told_and_do_not_matter() -> None:
    besides = {
        "total_ops": (1,),
        "layer1.0.conv1.total_ops": (1,),
        "mean": (1, 3, 1, 1),
        "std": (1, 3, 1, 1),
        "loss.center": (7, 16),
        "n_averaged": (),
        "optimizer.state.0.exp_avg": (4, 3, 7, 7),
    }
    found = identify_weights({**besides, **torchvisions()})
    assert found.extra == tuple(besides)
    assert "7 tensors belong to no layer and are left out: 'total_ops'" in messages(found)[0]


@pytest.mark.parametrize("left", ["num_batches_tracked", "layer1.0.bn1.num_batches_tracked"])
def test_counts_of_batches_may_be_missing(left: str) -> None:
    assert identify_weights(without(torchvisions(), left)).specs == identify_weights(torchvisions()).specs


def test_folded_norms_are_biases_of_convolutions() -> None:
    folded = torchvisions(norm=Norm.NONE, conv_bias=True)
    found = identify_weights(folded).spec
    assert isinstance(found, NetSpec)
    assert (found.norm, found.conv_bias) == (Norm.NONE, True)


def test_a_body_of_vgg_is_known_by_its_features() -> None:
    convs = {"features.0.weight": (8, 3, 3, 3), "features.3.weight": (16, 8, 3, 3)}
    found = identify_weights(
        {**convs, "features.0.bias": (8,), "features.3.bias": (16,), "classifier.weight": (10, 16)}
    )
    assert (found.spec.blocks, found.spec.widths) == ((1, 1), (8, 16))
    assert not found.has_head
    assert found.extra == ("classifier.weight",)
    assert "Its head, 'classifier', is another" in messages(found)[0]
    assert "three layers, the first of which reads 784 numbers" in messages(found)[0]


def test_a_vgg_net_of_one_output_is_refused_by_its_own_key() -> None:
    spec = preset("vgg16", blocks=(1, 1), widths=(4, 8), hidden_features=6, num_classes=7)
    one = {"head.fc.weight": (1, 6), "head.fc.bias": (1,)}
    with pytest.raises(SpecError, match=r"'head\.fc\.weight' has the shape 1×6; nets here have from 2 to"):
        identify_weights(own_shapes(spec) | one)


@pytest.mark.parametrize(("left", "missing"), [("head.fc.", 2), ("head.fc", 6)])
def test_a_vgg_net_may_be_without_its_last_layer_or_without_its_head(left: str, missing: int) -> None:
    spec = preset("vgg16", blocks=(1, 1), widths=(4, 8), hidden_features=6, num_classes=7)
    found = identify_weights({key: shape for key, shape in own_shapes(spec).items() if not key.startswith(left)})
    assert (len(found.missing), found.has_head) == (missing, False)


# ------------------------------------------------------------------------------------------- what shapes cannot tell


@pytest.mark.parametrize("naming", [CIFAR, None])
@pytest.mark.parametrize("shortcut", [Shortcut.IDENTITY, Shortcut.NONE])
def test_plain_and_residual_are_a_choice_whoever_named_the_layers(shortcut: Shortcut, naming: Any) -> None:
    shapes = own_shapes(small_cifar(dim_match=DimMatch.ZERO_PAD, shortcut=shortcut))
    found = identify_weights(shapes if naming is None else renamed(shapes, naming))
    assert found.choices == (Choice(field="shortcut", values=(Shortcut.IDENTITY, Shortcut.NONE)),)
    assert len(found.specs) == 2
    assert "shortcut=identity" in choice_message(found.choices[0])
    assert "shortcut=none" in choice_message(found.choices[0])


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("cifar_bottleneck29", StrideOn.FIRST_1X1),
        ("resnet50", StrideOn.CONV_3X3),
        ("resnet50_v1", StrideOn.CONV_3X3),
    ],
)
def test_the_stride_of_a_bottleneck_is_a_choice(name: str, first: StrideOn) -> None:
    found = identify_weights(own_shapes(preset(name)))
    (choice,) = found.choices
    assert (choice.field, choice.values[0]) == ("stride_on", first)
    assert set(choice.values) == set(StrideOn)
    assert preset(name) in found.specs
    assert "first 1×1" in choice_message(choice)


def test_gates_are_a_choice_between_their_two_kinds() -> None:
    gated = small_cifar(dim_match=DimMatch.ZERO_PAD, shortcut=Shortcut.SHORTCUT_ONLY_GATING)
    (choice,) = identify_weights(own_shapes(gated)).choices
    assert set(choice.values) == {Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING}
    assert "gates" in choice_message(choice)


def test_basic_blocks_with_projections_leave_no_choice_but_pools_and_orders() -> None:
    found = identify_weights(torchvisions())
    assert found.choices == ()
    unseen = {choice.field: choice.values for choice in found.unseen}
    assert set(unseen["order"]) == {Order.ORIGINAL, Order.RELU_BEFORE_ADD, Order.RELU_ONLY_PREACT}
    assert "image_size" in unseen
    assert "BlurPool" in messages(found)[-1]


@pytest.mark.parametrize("order", identify_weights(own_shapes(small())).unseen[1].values)
def test_orders_that_are_called_unseen_have_equal_shapes(order: Order) -> None:
    assert own_shapes(small(order=order)) == own_shapes(small())


def test_projections_of_pre_activation_nets_are_remarked_where_sources_differ() -> None:
    preact = small_cifar(order=Order.FULL_PREACT)
    assert identify_weights(renamed(own_shapes(preact), PRERESNET)).remarks == (Remark.PROJECTION_INPUT,)
    assert identify_weights(own_shapes(preact)).remarks == ()


def test_a_stated_net_is_taken_where_its_tensors_are_these() -> None:
    plain = small_cifar(dim_match=DimMatch.ZERO_PAD, shortcut=Shortcut.NONE, image_size=28)
    found = identify_weights(own_shapes(plain), plain)
    assert found.spec == plain
    assert found.is_stated
    assert found.choices == ()
    dropped = plain.replace(shortcut=Shortcut.DROPOUT, dropout=0.25)
    assert identify_weights(own_shapes(plain), dropped).spec == dropped


def test_a_stated_net_with_other_tensors_is_contradicted() -> None:
    stated = small_cifar(blocks=(2, 2, 2))
    found = identify_weights(own_shapes(small_cifar()), stated)
    assert not found.is_stated
    assert found.contradicted == stated
    assert (
        "The file names ResNet-14, option B as its net, but its tensors are of ResNet, blocks 2,2,1, option B."
        in messages(found)
    )


# --------------------------------------------------------------------------------------------------------- refusals


def test_unknown_names_are_quoted_with_their_shapes() -> None:
    with pytest.raises(SpecError) as refused:
        identify_weights({"encoder.<b>x</b>.kernel0": (3, 4), "a" * 90: (5,), "c\n": (), "d": (1,)})
    text = str(refused.value)
    assert "'encoder.<b>x</b>.kernel0' (3×4)" in text
    assert f"'{'a' * 59}…' (5)" in text
    assert r"'c\n' (one number)" in text
    assert "'d'" not in text
    assert "stem.conv" not in text


@pytest.mark.parametrize(("naming", "spec"), CASES)
def test_what_is_missing_is_named_as_in_the_file(naming: Any, spec: NetSpec) -> None:
    shapes = renamed(own_shapes(spec), naming)
    (gone,) = renamed({"stage2.block1.branch.conv2.weight": ()}, naming)
    del shapes[gone]
    with pytest.raises(SpecError, match="missing") as refused:
        identify_weights({f"net.{key}": shape for key, shape in shapes.items()})
    assert f"'net.{gone}'"[:50] in str(refused.value)


def test_a_pre_activation_net_without_its_last_norm_is_told_so() -> None:
    shapes = renamed(own_shapes(small_cifar(order=Order.FULL_PREACT)), NAMINGS[3])
    with pytest.raises(SpecError, match="no norm between its last block and its head, as kuangliu"):
        identify_weights({key: shape for key, shape in shapes.items() if not key.startswith("bn1.")})


def test_far_too_many_tensors_are_refused_before_they_are_read() -> None:
    many = dict.fromkeys((f"layer1.{n}.conv1.weight" for n in range(MAX_TENSORS + 1)), (1, 1, 3, 3))
    begun = time.perf_counter()
    with pytest.raises(SpecError, match=r"100,001 weight tensors"):
        identify_weights(many)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("shape", [(-1, 3), (1.5,), (True,), ("3",)])
def test_shapes_that_no_tensor_has_are_refused(shape: Any) -> None:
    with pytest.raises(SpecError, match="which no tensor has"):
        identify_weights({**torchvisions(), "fc.weight": shape})


KEYS = st.sampled_from([key for case in CASES[::5] for key in renamed(own_shapes(case[1]), case[0])])
SHAPES = st.lists(st.integers(0, 9), max_size=5).map(tuple)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(KEYS | st.text(max_size=30), SHAPES, max_size=30), st.booleans())
def test_nothing_but_refusals_comes_of_any_keys_and_shapes(odd: dict[str, tuple[int, ...]], is_added: bool) -> None:
    texts: list[str] = []
    try:
        texts += messages(identify_weights({**torchvisions(), **odd} if is_added else odd))
    except Refusal as refused:
        texts.append(str(refused))
    assert all(0 < len(text) < 1_000 for text in texts)
    assert texts


def test_the_largest_net_of_the_papers_is_read_in_time() -> None:
    shapes = own_shapes(preset("cifar_resnet1202"))
    begun = time.perf_counter()
    assert identify_weights({f"module.{key}": shape for key, shape in shapes.items()}).spec == preset(
        "cifar_resnet1202"
    )
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize("name", ["{n}.layer1.0.conv1.weight", "layer1.{n}.conv1.weight", "x.{long}.{n}.weight", "{n}"])
def test_many_keys_of_any_form_are_refused_in_time(name: str) -> None:
    shapes = {name.format(n=n, long=".".join("y" * 100)): (1, 1, 3, 3) for n in range(20_000)}
    begun = time.perf_counter()
    with pytest.raises(SpecError) as refused:
        identify_weights(shapes)
    assert len(str(refused.value)) < 1_000
    assert time.perf_counter() - begun < 20


def test_a_stem_of_another_size_is_told_by_its_own_key() -> None:
    with pytest.raises(SpecError, match=r"'conv1.weight', is 5×5"):
        identify_weights({**torchvisions(), "conv1.weight": (4, 3, 5, 5)})


def test_stem_decides_between_photographs_and_cifar() -> None:
    found = identify_weights({**torchvisions(), "conv1.weight": (4, 3, 3, 3)}).spec
    assert isinstance(found, NetSpec)
    assert (found.stem, found.image_size) == (Stem.CIFAR, 32)
