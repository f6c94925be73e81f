"""Which ResNet is this? Counts, names and shapes to presets; the counts were read elsewhere, not computed here."""

import json
from typing import Any

import pytest

from resnet_viz.analysis.identify import identify, identify_text
from resnet_viz.analysis.matches import Match
from resnet_viz.analysis.report import totals
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes, torchvision_names
from resnet_viz.present.parameters.identify import match_text
from resnet_viz.resources import ROOT
from resnet_viz.spec.enums import DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names, residual_preset
from resnet_viz.weights.identify import identify_weights

GOLDEN = json.loads((ROOT / "tests" / "golden" / "state_dict_shapes.json").read_text("utf-8"))


def shapes_of(name: str, **changes: Any) -> dict[str, tuple[int, ...]]:
    return state_shapes(layers_of(lower(preset(name, **changes))))


def as_pairs(matches: tuple[Match, ...]) -> list[tuple[str, dict[str, Any]]]:
    return [(match.preset, dict(match.changes)) for match in matches]


@pytest.mark.parametrize(
    ("num_params", "name", "changes"),
    [
        (11_689_512, "resnet18", {}),  # torchvision 0.29.2
        (11_181_642, "resnet18", {"num_classes": 10}),  # torchvision 0.29.2, num_classes=10
        (11_173_962, "resnet18", {"stem": Stem.CIFAR, "num_classes": 10}),  # kuangliu/pytorch-cifar
        (11_178_378, "d2l_resnet18", {}),  # d2l.ai, section 8.6, PyTorch
        (11_173_578, "d2l_resnet18", {"conv_bias": False}),  # the same, MindSpore
        (272_474, "cifar_resnet20", {"dim_match": DimMatch.PROJECTION}),  # Keras's ResNet-20 v1 with option B
    ],
)
def test_a_count_finds_its_net_first(num_params: int, name: str, changes: dict[str, Any]) -> None:
    first = identify(num_params)[0]
    assert (first.preset, dict(first.changes)) == (name, changes)
    assert f"{num_params:,}" in first.sentence


def test_the_four_resnet18_differ_by_what_their_sentences_say() -> None:
    assert identify(11_689_512)[0].sentence == "resnet18 has 11,689,512 parameters."
    assert identify(11_173_962)[0].sentence == (
        "resnet18 with stem=cifar (−7,680), num_classes=10 (−507,870) has 11,173,962 parameters; "
        "unchanged it has 11,689,512."
    )
    assert identify(11_178_378)[0].sentence == (
        "d2l_resnet18 has 11,178,378 parameters: resnet18 with conv_bias=true (+4,800), "
        "projection_norm=false (−1,792), in_channels=1 (−6,272), num_classes=10 (−507,870)."
    )


def test_a_count_does_not_tell_where_a_bottleneck_downsamples() -> None:
    assert as_pairs(identify(25_557_032)) == [("resnet50", {}), ("resnet50_v1", {})]


def test_matches_with_fewer_changes_come_first() -> None:
    changes = [len(match.changes) for match in identify(11_173_578)]
    assert changes == sorted(changes)
    assert len(changes) > 1


@pytest.mark.parametrize("num_params", [0, -1, 1, 11_689_513, 10**30])
def test_a_count_that_no_net_has_gives_nothing(num_params: int) -> None:
    assert identify(num_params) == ()


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_found_by_its_count_and_by_its_name(name: str) -> None:
    cost = totals(lower(preset(name)))
    assert (name, {}) in as_pairs(identify(cost.params))
    assert (name, {}) in as_pairs(identify(name))
    assert all(match.params == cost.params for match in identify(name))


def test_costs_of_changes_add_up() -> None:
    match = identify("resnext50_32x4d")[0]
    assert match.sentence == (  # 25,557,032 - 528,128 = 25,028,904, as torchvision 0.29.2 counts
        "resnext50_32x4d has 25,028,904 parameters: resnet50 with cardinality=32, width_per_group=4 (−528,128)."
    )
    assert match.spec == preset("resnext50_32x4d")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ResNet-50 v1.5", ["resnet50"]),
        ("ResNet-50 v1", ["resnet50_v1"]),
        ("ResNet-50", ["resnet50", "resnet50_v1"]),
        ("ResNet50V2", ["preact_resnet50"]),
        ("Pre-activation ResNet-200", ["preact_resnet200"]),
        ("WRN-28-10", ["wrn_28_10"]),
        ("Wide ResNet-50-2", ["wide_resnet50_2"]),
        ("WRN-50-2-bottleneck", ["wide_resnet50_2"]),
        ("ResNeXt-101 (64×4d)", ["resnext101_64x4d"]),
        ("ResNeXt-29, 8×64d", ["resnext29_8x64d"]),
        ("ResNet-110", ["cifar_resnet110"]),
        ("ResNet-1202", ["cifar_resnet1202"]),
        ("plain-20", ["cifar_plain20"]),
        ("plain-34", ["plain34"]),
        ("ResNet-164", ["cifar_bottleneck164"]),
        ("pre-activation ResNet-1001", ["cifar_preact_bottleneck1001"]),
        ("ResNet-14", ["cifar_resnet14"]),
        ("d2l ResNet-18", ["d2l_resnet18"]),
    ],
)
def test_names_of_the_papers(text: str, found: list[str]) -> None:
    assert [match.preset for match in identify(text)] == found


def test_resnet18_for_cifar10_has_the_small_stem() -> None:
    match = identify("ResNet-18 (CIFAR-10)")[0]
    assert match.params == 11_173_962  # kuangliu/pytorch-cifar
    assert identify("ResNet-18 for CIFAR-100")[0].spec.num_classes == 100


@pytest.mark.parametrize("text", ["vgg17", "", "ResNet-99999", "resnet9999cifar", "9" * 5000, "\0resnet٣"])
def test_a_name_that_no_net_has_is_refused_with_near_ones(text: str) -> None:
    with pytest.raises(SpecError, match="Near to it"):
        identify(text)


@pytest.mark.parametrize(("net", "found"), [("resnet18", ["resnet18"]), ("resnet50", ["resnet50", "resnet50_v1"])])
def test_torchvisions_state_dict_is_recognised(net: str, found: list[str]) -> None:
    assert as_pairs(identify(GOLDEN[net]["shapes"])) == [(name, {}) for name in found]


@pytest.mark.parametrize("name", [name for name in preset_names() if "1202" not in name and "1001" not in name])
def test_our_own_state_dict_is_recognised(name: str) -> None:
    assert name in [match.preset for match in identify(shapes_of(name))]


@pytest.mark.parametrize(
    "changes",
    [
        {"num_classes": 7},
        {"in_channels": 1, "num_classes": 100},
        {"stem": Stem.CIFAR},
        {"conv_bias": True},
        {"projection_norm": False},
        {"dim_match": DimMatch.PROJECTION_EVERYWHERE},
        {"blocks": (1, 2, 3, 4)},
        {"order": Order.BN_AFTER_ADD},
    ],
)
@pytest.mark.parametrize("name", ["resnet34", "resnet50"])
def test_changes_are_read_from_shapes(name: str, changes: dict[str, Any]) -> None:
    assert preset(name, **changes) in [match.spec for match in identify(shapes_of(name, **changes))]


def test_shapes_do_not_tell_a_plain_net_from_zero_padding() -> None:
    found = as_pairs(identify(shapes_of("cifar_resnet20")))
    assert found == [("cifar_resnet20", {}), ("cifar_plain20", {})]


def test_files_without_counted_batches_and_with_a_wrapper_in_front_are_recognised() -> None:
    shapes = {f"module.{key}": shape for key, shape in GOLDEN["resnet18"]["shapes"].items() if "num_batches" not in key}
    assert as_pairs(identify(shapes)) == [("resnet18", {})]


@pytest.mark.parametrize(
    ("key", "shape", "says"),
    [
        ("conv1.weight", None, "'conv1.weight' is missing"),
        ("layer3.1.conv2.weight", None, "'layer3.1.conv2.weight' is missing"),
        (
            "layer3.1.conv2.weight",
            [256, 256, 5, 5],
            "'layer3.1.conv2.weight' has the shape 256×256×5×5",
        ),
        ("layer4.1.attention.weight", [4], "'layer4.1.attention.weight' besides"),
        ("conv1.weight", [64, 3, 5, 5], "5×5"),
        ("conv1.weight", [64], "4 sides"),
        ("fc.weight", [-1, 512], "'fc.weight' has the shape -1×512, which no tensor has"),
        ("layer9999.0.conv1.weight", [1, 1, 1, 1], "besides"),
        ("layer4.9998.conv1.weight", [1, 1, 1, 1], "blocks"),
    ],
)
def test_shapes_that_no_net_has_are_refused_with_the_first_reason(key: str, shape: Any, says: str) -> None:
    shapes = dict(GOLDEN["resnet18"]["shapes"])
    if shape is None:
        del shapes[key]
    else:
        shapes[key] = shape
    with pytest.raises(SpecError, match=says):
        identify(shapes)


@pytest.mark.parametrize("net", ["cifar_resnet20", "resnet18", "cifar_bottleneck20"])
@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (Shortcut.EXCLUSIVE_GATING, {Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING}),  # equal shapes
        (Shortcut.SHORTCUT_ONLY_GATING, {Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING}),
        (Shortcut.DROPOUT, {Shortcut.IDENTITY, Shortcut.NONE}),  # which leaves no trace in the weights
    ],
)
def test_the_shapes_of_gates_are_known(net: str, kind: Shortcut, found: set[Shortcut]) -> None:
    matches = identify(state_shapes(layers_of(lower(residual_preset(net, shortcut=kind)))))
    assert {getattr(match.spec, "dim_match", None) for match in matches} == {residual_preset(net).dim_match}
    assert all(getattr(match.spec, "shortcut", None) in found for match in matches)
    assert not kind.is_gated or len(matches) == 2


def test_1x1_convolutions_where_the_shape_stays_are_known() -> None:
    padded = residual_preset("cifar_resnet20", shortcut=Shortcut.CONV1X1)
    assert [match.spec for match in identify(state_shapes(layers_of(lower(padded))))] == [padded]
    projected = padded.replace(dim_match=DimMatch.PROJECTION)  # in the original order the same net as option C
    (match,) = identify(state_shapes(layers_of(lower(projected))))
    assert isinstance(match.spec, NetSpec)
    assert match.spec.dim_match is DimMatch.PROJECTION_EVERYWHERE


def test_nothing_and_far_too_much_are_refused() -> None:
    with pytest.raises(SpecError, match="hold no tensor"):
        identify({})
    with pytest.raises(SpecError, match="1,000,000 weight tensors"):
        identify(dict.fromkeys(map(str, range(1_000_000)), (1,)))


@pytest.mark.parametrize("net", GOLDEN)
def test_names_are_torchvisions_in_its_order_and_lead_back(net: str) -> None:
    theirs = torchvision_names(lower(preset(net)))
    assert list(theirs.values()) == list(GOLDEN[net]["shapes"])
    shapes = state_shapes(layers_of(lower(preset(net))))
    assert dict(identify_weights({theirs[key]: shape for key, shape in shapes.items()}).keys) == {
        their: our for our, their in theirs.items()
    }


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("resnet18", {"stem": Stem.CIFAR}, "stem"),
        ("resnet18", {"shortcut": Shortcut.NONE}, "no shortcuts"),
        ("resnet18", {"dim_match": DimMatch.ZERO_PAD}, "option A"),
        ("resnet18", {"dim_match": DimMatch.PROJECTION_EVERYWHERE}, "option C"),
        ("resnet18", {"norm": Norm.NONE}, "batch normalisation"),
        ("resnet18", {"conv_bias": True}, "biases"),
        ("resnet18", {"projection_norm": False}, "projections have no norm"),
        *(("resnet50", {"order": order}, "order") for order in Order if order is not Order.ORIGINAL),
        ("resnet50_v1", {}, r"v1\.5"),
        ("resnet18", {"widths": (64, 128, 256), "blocks": (2, 2, 2)}, "widths 64, 128, 256, 512"),
        ("resnet18", {"width_per_group": 128}, "widths"),
    ],
)
def test_what_torchvision_does_not_have_is_refused_with_the_reason(
    name: str, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(SpecError, match=f"torchvision has no counterpart.*({says})"):
        torchvision_names(lower(preset(name, **changes)))


@pytest.mark.parametrize("changes", [{"dilated_stages": (3, 4)}, {"num_classes": 10}, {"in_channels": 1}])
def test_dilation_classes_and_channels_keep_torchvisions_names(changes: dict[str, Any]) -> None:
    assert list(torchvision_names(lower(preset("resnet50", **changes))).values()) == list(GOLDEN["resnet50"]["shapes"])


@pytest.mark.parametrize(
    ("clue", "told"),
    [
        ("ResNet-18", "ResNet-18, the preset unchanged"),
        ("11_173_962", "resnet18 (11,689,512) with a 3×3 stem without max pool (−7,680), 10 classes (−507,870)"),
        ("resnet50_v1", "resnet50 (25,557,032) with the stride on the first 1×1 (±0)"),
        ("resnext50_32x4d", "resnet50 (25,557,032) with cardinality=32, width_per_group=4 (−528,128)"),
        ("272,474", "cifar_resnet20 (269,722) with option B where the shape changes (+2,752)"),
    ],
)
def test_in_words_each_step_has_its_cost_and_they_sum_to_the_count(clue: str, told: str) -> None:
    match = identify_text(clue)[0]
    assert match_text(match) == told
    if match.costed:
        assert totals(lower(preset(match.base))).params + sum(step.params or 0 for step in match.costed) == match.params


@pytest.mark.parametrize("text", ["-5", "1.5", "98 MB", "4.1 PFLOPs", "9" * 20, "4.1 zorks"])
def test_what_was_meant_as_a_count_is_refused_as_one_and_not_as_a_name(text: str) -> None:
    with pytest.raises(SpecError) as refusal:
        identify_text(text)
    assert str(refusal.value).startswith(f"{text!r} is no count that can be read")
    assert "Near to it" not in str(refusal.value)


def test_a_figure_that_no_net_has_as_parameters_but_one_as_work_is_told_so() -> None:
    with pytest.raises(SpecError, match=r"As a figure of work it is known: write 555\.42M MACs\."):
        identify_text("555.42M")
    for text in ("555.42M params", "999.99M"):
        with pytest.raises(SpecError) as refusal:
            identify_text(text)
        assert "figure of work" not in str(refusal.value)
    assert identify_text("555.42M MACs")[0].work is not None


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_near_to_an_empty_name_are_the_usual_nets(text: str) -> None:
    with pytest.raises(SpecError, match="Near to it: resnet50, resnet34, resnet18"):
        identify_text(text)
