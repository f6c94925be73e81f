"""A NetSpec cannot be invalid, and what it refuses it refuses in a sentence that names what is allowed."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv
from resnet_viz.spec import titles
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import (
    FAMILIES,
    NAMED,
    differing_fields,
    nearest_preset,
    preset,
    preset_names,
    residual_preset,
    series,
    series_of,
)
from resnet_viz.spec.vgg import VGG
from tests.fakes.spec_strategies import legal, small_fields, small_specs, specs

ONE_STAGE: dict[str, Any] = {"blocks": (2,), "widths": (16,)}
BOTTLENECKS: dict[str, Any] = {"blocks": (1, 1, 1), "widths": (16, 32, 64), "block": BlockKind.BOTTLENECK}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"widths": (-4,)}, "widths is a whole number from 1 to 4,096; got -4."),
        ({"blocks": (10_000,)}, "blocks is a whole number from 1 to 1,000; got 10,000."),
        ({"blocks": (600, 600), "widths": (8, 8)}, "A net has at most 1,000 blocks in all; got 1,200."),
        ({"blocks": (0,)}, "blocks is a whole number from 1 to 1,000; got 0."),
        ({"blocks": (1,) * 7, "widths": (8,) * 7}, "A net has 1 to 6 stages; blocks names 7."),
        ({"blocks": (), "widths": ()}, "A net has 1 to 6 stages; blocks names 0."),
        ({"widths": (16, 32)}, "blocks and widths name the same stages; got 1 numbers of blocks and 2 widths."),
        ({"in_channels": 0}, "in_channels is a whole number from 1 to 64; got 0."),
        ({"num_classes": 1}, "num_classes is a whole number from 2 to 100,000; got 1."),
        ({"image_size": 5_000}, "image_size is a whole number from 1 to 4,096; got 5,000."),
        ({"cardinality": 0}, "cardinality is a whole number from 1 to 256; got 0."),
        ({"cardinality": 257}, "cardinality is a whole number from 1 to 256; got 257."),
        ({"width_per_group": 0}, "width_per_group is a whole number from 1 to 4,096; got 0."),
        ({"width_per_group": 5_000}, "width_per_group is a whole number from 1 to 4,096; got 5,000."),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_range(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as refusal:
        NetSpec(**ONE_STAGE | changes)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cardinality": 2}, "A basic block has cardinality 1; groups need block=bottleneck. Got cardinality=2."),
        (
            {"width_per_group": 6},
            "A group has width * width_per_group / 64 channels, a whole number; 16 * 6 / 64 is none.",
        ),
        ({"widths": (64,), "width_per_group": 4_096}, None),
        (
            {"widths": (4_096,), "width_per_group": 257},
            "widths * width_per_group / 64 * cardinality is a whole number from 1 to 16,384; got 16,448.",
        ),
        ({"blocks": (1, 1), "widths": (16, 32), "dilated_stages": (2,)}, None),
        ({"dilated_stages": (2,)}, "Dilation stands in place of the stride of a later stage; a net of one stage has "),
    ],
)
def test_a_basic_block_has_no_groups_but_may_be_wide_and_dilated(changes: dict[str, Any], said: str | None) -> None:
    if said is None:
        NetSpec(**ONE_STAGE | changes)
        return
    with pytest.raises(SpecError) as refusal:
        NetSpec(**ONE_STAGE | changes)
    assert str(refusal.value).startswith(said)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("stages", [(1,), (0,), (4,), (-2,), (2, 2), (3, 2), (2, 3, 4)])
def test_only_later_stages_are_dilated_each_once_and_in_order(stages: tuple[int, ...]) -> None:
    got = ",".join(map(str, stages))
    with pytest.raises(SpecError) as refusal:
        NetSpec(**BOTTLENECKS, dilated_stages=stages)
    said = f"dilated_stages names stages from 2 to 3, each once and in order; got {got}."
    assert str(refusal.value) == said


@pytest.mark.parametrize("changes", [{"cardinality": 33}, {"width_per_group": 5}, {"cardinality": 64}])
def test_a_bottleneck_takes_any_number_of_groups_that_leaves_whole_channels(changes: dict[str, Any]) -> None:
    fields = BOTTLENECKS | {"widths": (64, 128, 256)}
    assert NetSpec(**fields, **changes).replace(cardinality=1).cardinality == 1
    with pytest.raises(SpecError, match=r"a whole number; 20 \* 5 / 64 is none\."):
        NetSpec(**BOTTLENECKS | {"widths": (64, 20, 64)}, width_per_group=5)


@pytest.mark.parametrize(
    ("stages", "stride"),
    [((), 32), ((4,), 16), ((3, 4), 8), ((3,), 16), ((2, 3, 4), 4)],  # torchvision 0.29.2, replace_stride_with_dilation
)
def test_a_dilated_stage_does_not_halve_so_that_smaller_pictures_do(stages: tuple[int, ...], stride: int) -> None:
    spec = preset("resnet50", dilated_stages=stages, image_size=2 * stride)
    assert spec.total_stride == stride
    assert lower(spec).parts[-2].shape == (2048, 2, 2)


def test_zero_padding_reckons_with_how_wide_a_block_is() -> None:
    with pytest.raises(SpecError, match=r"stage 1 would go from 64 to 32\."):
        NetSpec(blocks=(1, 1), widths=(64, 128), width_per_group=32, dim_match=DimMatch.ZERO_PAD)
    NetSpec(blocks=(1, 1), widths=(64, 128), width_per_group=128, dim_match=DimMatch.ZERO_PAD)
    NetSpec(**BOTTLENECKS, width_per_group=4, dim_match=DimMatch.ZERO_PAD)  # a bottleneck's ends stay as wide


def test_an_image_too_small_is_refused_with_the_smallest_that_is_not() -> None:
    with pytest.raises(SpecError, match="image_size is at least 32 px"):  # five pools: Simonyan and Zisserman 2014
        preset("vgg11", image_size=31)
    assert preset("resnet50", image_size=32).total_stride == 32  # He et al. 2015, table 1


def test_zero_padding_that_would_take_channels_away_is_refused_with_a_way_out() -> None:
    with pytest.raises(SpecError, match=r"stage 2 would go from 64 to 32\. .*choose dim_match=projection\."):
        NetSpec(blocks=(1, 1), widths=(64, 32), dim_match=DimMatch.ZERO_PAD)
    NetSpec(blocks=(1, 1), widths=(64, 32), dim_match=DimMatch.PROJECTION)
    NetSpec(blocks=(1, 1), widths=(64, 32), dim_match=DimMatch.ZERO_PAD, shortcut=Shortcut.NONE)


@pytest.mark.parametrize(
    "changes",
    [
        {"shortcut": Shortcut.NONE},
        {"norm": Norm.NONE},
        {"order": Order.FULL_PREACT},
        {"order": Order.BN_AFTER_ADD},
        {"order": Order.RELU_BEFORE_ADD},
    ],
)
def test_zero_init_is_refused_where_no_norm_ends_the_branch(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="norm=batch and order=original or relu_only_preact"):
        NetSpec(**ONE_STAGE, zero_init_residual=True, **changes)


@given(small_fields())
@settings(deadline=None)
def test_arbitrary_fields_make_a_net_or_a_sentence(fields: dict[str, Any]) -> None:
    try:
        spec = NetSpec(**fields)
    except SpecError as refusal:
        said = str(refusal)
        assert said[0].isupper() or said.partition(" ")[0] in fields
        assert said.endswith(".")
    else:
        assert spec.replace() == spec
        assert hash(spec) == hash(NetSpec(**fields))


def test_a_spec_is_frozen_and_a_copy_with_changes_is_checked_anew() -> None:
    spec = preset("resnet18")
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.image_size = 32  # type: ignore[misc]
    with pytest.raises(SpecError):
        spec.replace(image_size=0)


@pytest.mark.parametrize("name", preset_names())
def test_every_offered_name_makes_a_net_and_is_its_own_nearest_name(name: str) -> None:
    assert nearest_preset(preset(name)) == name
    assert differing_fields(preset(name), name) == ()


@pytest.mark.parametrize("depth", [8, 14, 26, 1202])
def test_families_have_members_at_every_depth_6n_plus_2(depth: int) -> None:
    assert preset(f"cifar_resnet{depth}").depth == depth
    assert nearest_preset(preset(f"cifar_resnet{depth}")) == f"cifar_resnet{depth}"


@given(specs())
@settings(deadline=None, max_examples=30)
def test_no_named_net_is_nearer_than_the_nearest(spec: NetSpec) -> None:
    fewest = len(differing_fields(spec, nearest_preset(spec)))
    assert all(fewest <= len(differing_fields(spec, name)) for name in preset_names() if name not in VGG)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cifar_resnet21", "CIFAR depths of this family are 6n + 2 (8, 14, 20, ...); got 21."),
        ("cifar_resnet2", "CIFAR depths of this family are 6n + 2 (8, 14, 20, ...); got 2."),
        ("cifar_preact_bottleneck165", "CIFAR depths of this family are 9n + 2 (11, 20, 29, ...); got 165."),
        ("wrn_17_2", "Wide ResNets are wrn_<depth>_<k> with depth 6n + 4 (10, 16, 22, 28, ...); got 17 and k = 2."),
        ("wrn_4_2", "Wide ResNets are wrn_<depth>_<k> with depth 6n + 4 (10, 16, 22, 28, ...); got 4 and k = 2."),
        ("wrn_28_0", "Wide ResNets are wrn_<depth>_<k> with depth 6n + 4 (10, 16, 22, 28, ...); got 28 and k = 0."),
        ("wrn_28_65", "width_per_group is a whole number from 1 to 4,096; got 4,160."),
        ("wrn_28", "No net is called 'wrn_28'. Near to it: wrn_28_10"),
        ("resnet51", "No net is called 'resnet51'. Near to it: "),
        ("", "No net is called ''. Near to it: "),
        ("x" * 10_000, "No net is called 'xxxxxxxx"),
        ("cifar_resnet60002", "blocks is a whole number from 1 to 1,000; got 10,000."),
    ],
)
def test_a_name_that_no_net_has_is_refused_with_names_that_are_near(name: str, said: str) -> None:
    with pytest.raises(SpecError) as refusal:
        preset(name)
    assert str(refusal.value).startswith(said)
    assert len(str(refusal.value)) < 200


def test_near_names_are_offered_nearest_first() -> None:
    with pytest.raises(SpecError, match="Near to it: resnet50"):
        preset("resnet5O")


def test_menus_group_names_by_what_they_share() -> None:
    grouped = series()
    assert grouped["resnet"] == (
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet200",
    )  # fmt: skip
    assert grouped["preact_resnet"][-1] == "preact_resnet200"
    assert grouped["resnext"][0] == "resnext50_32x4d"
    assert grouped["wide_resnet"] == ("wide_resnet50_2", "wide_resnet101_2")
    assert grouped["wrn"] == ("wrn_16_8", "wrn_28_10", "wrn_40_4")
    assert [name for members in grouped.values() for name in members if name in NAMED] != []
    assert sorted(name for members in grouped.values() for name in members) == sorted(preset_names())
    assert series_of("resnet101_v1") == "resnet_v1"
    assert set(FAMILIES) <= set(grouped)


@pytest.mark.parametrize(
    ("name", "changes", "title"),
    [
        ("resnet50", {}, "ResNet-50"),
        ("resnet50_v1", {}, "ResNet-50, v1"),
        ("plain34", {}, "plain-34"),
        ("cifar_resnet56", {}, "ResNet-56"),
        ("cifar_resnet56", {"dim_match": DimMatch.PROJECTION}, "ResNet-56, option B"),
        ("cifar_resnet20", {"order": Order.FULL_PREACT}, "ResNet-20, full pre-activation"),
        ("cifar_plain20", {"norm": Norm.NONE, "conv_bias": True}, "plain-20, no norm, biases"),
        ("resnet18", {"zero_init_residual": True}, "ResNet-18, zero init"),
        ("cifar_preact_bottleneck164", {}, "ResNet-164, bottleneck, full pre-activation, option B, v1"),
        ("resnext50_32x4d", {}, "ResNeXt-50, 32×4d"),
        ("resnext29_8x64d", {}, "ResNeXt-29, 8×64d, option B"),
        ("wide_resnet50_2", {}, "WRN-50-2-bottleneck"),  # Zagoruyko and Komodakis 2016, table 8
        ("wide_resnet50_2", {"stride_on": StrideOn.FIRST_1X1}, "WRN-50-2-bottleneck, v1"),
        ("wrn_28_10", {}, "WRN-28-10"),
        ("wrn_34_10", {"num_classes": 100}, "WRN-34-10"),
        ("wrn_40_4", {"dim_match": DimMatch.ZERO_PAD, "conv_bias": True}, "WRN-40-4, option A, biases"),
        ("wrn_16_8", {"order": Order.ORIGINAL}, "ResNet-14, 8 times as wide, option B"),
        ("wrn_22_1", {}, "ResNet-20, full pre-activation, option B"),  # no wider than a ResNet
        ("resnet18", {"blocks": (2, 2, 2, 3)}, "ResNet, blocks 2,2,2,3"),  # 20 layers, but no ResNet-20
        ("resnet18", {"blocks": (1, 1, 1, 1)}, "ResNet-10"),
        ("resnet18", {"blocks": (3, 4, 6, 3)}, "ResNet-34"),
        ("resnet50", {"blocks": (2, 2, 2, 2)}, "ResNet-26"),  # timm
        ("cifar_resnet20", {"blocks": (2, 3, 4)}, "ResNet, blocks 2,3,4"),
        ("cifar_plain20", {"blocks": (9, 9), "widths": (16, 32)}, "plain net, blocks 9,9"),
        ("resnext50_32x4d", {"blocks": (3, 4, 6, 4)}, "ResNeXt, blocks 3,4,6,4, 32×4d"),
        ("resnet50", {"width_per_group": 32}, "ResNet-50, 0.5 times as wide"),
        ("resnet50", {"dilated_stages": (3, 4)}, "ResNet-50, dilated 3+4"),
        ("d2l_resnet18", {}, "ResNet-18, biases, bare projections"),
        ("preact_resnet200", {}, "ResNet-200, full pre-activation"),
    ],
)
def test_a_title_says_depth_and_what_is_unusual(name: str, changes: dict[str, Any], title: str) -> None:
    assert titles.title(preset(name, **changes)) == title


@pytest.mark.parametrize(
    ("name", "changes", "label"),
    [
        ("resnet50", {}, "ResNet-50"),
        ("cifar_plain20", {"norm": Norm.NONE}, "plain-20, no norm"),
        ("wrn_28_10", {}, "ResNet-26, 10 times as wide, full pre-activation, option B"),
        ("wide_resnet50_2", {}, "ResNet-50, 2 times as wide"),
        ("resnet18", {"blocks": (2, 2, 2, 3)}, "ResNet-20"),
    ],
)
def test_labels_of_saved_runs_stay_what_they_were(name: str, changes: dict[str, Any], label: str) -> None:
    assert titles.run_label(residual_preset(name, **changes)) == label


@given(specs())
@settings(deadline=None, max_examples=60)
def test_no_other_net_is_titled_as_one_of_the_papers(spec: NetSpec) -> None:
    named = re.fullmatch(r"(ResNet|plain)-([0-9]+)(,.*)?", titles.title(spec))
    if named and len(spec.blocks) == 4:
        ours = preset("resnet50" if spec.block is BlockKind.BOTTLENECK else "resnet18").replace(blocks=spec.blocks)
        assert ours.depth == int(named[2])
        assert spec.blocks in {(n,) * 4 for n in (1, 2)} | {preset(name).blocks for name in NAMED}


def test_the_two_countings_of_a_wide_nets_depth_are_told() -> None:
    wide = preset("wrn_28_10")
    assert (wide.depth, titles.paper_depth(wide)) == (26, 28)
    convs = [node for node in lower(wide).nodes if isinstance(node.op, Conv)]
    assert len(convs) == 28  # 25 of stem and branches and three projections: 6n + 4 with n = 4
    assert (
        titles.depth_note(wide) == "Its paper counts 28: with the projections of its three stages and without the fc."
    )
    assert titles.depth_note(preset("resnet50")) == ""


def test_stages_carry_the_papers_names() -> None:
    assert [titles.paper_stage(preset("resnet18"), stage) for stage in (1, 2, 3, 4)] == [
        "conv2_x", "conv3_x", "conv4_x", "conv5_x",  # He et al. 2015, table 1
    ]  # fmt: skip
    assert [titles.paper_stage(preset("cifar_resnet20"), stage) for stage in (1, 2, 3)] == [
        "32×32", "16×16", "8×8",  # He et al. 2015, section 4.2
    ]  # fmt: skip
    assert [titles.paper_stage(preset("resnext29_8x64d", dilated_stages=(2,)), stage) for stage in (1, 2, 3)] == [
        "32×32", "32×32", "16×16",  # by hand: stage 2 does not halve
    ]  # fmt: skip


def test_stages_of_an_image_that_is_no_square_are_named_by_both_sides() -> None:
    spec = preset("cifar_resnet20", image_size=(33, 48))
    assert [titles.paper_stage(spec, stage) for stage in (1, 2, 3)] == ["33×48", "17×24", "9×12"]  # halves, rounded up
    assert titles.paper_stage(preset("resnet18", image_size=(480, 640)), 1) == "conv2_x"


def test_defaults_of_presets_follow_the_papers() -> None:
    assert residual_preset("resnet50").stride_on is StrideOn.CONV_3X3  # torchvision 0.29.2
    assert residual_preset("resnet50_v1").stride_on is StrideOn.FIRST_1X1  # KaimingHe/deep-residual-networks
    assert residual_preset("resnet34").dim_match is DimMatch.PROJECTION  # torchvision 0.29.2
    assert residual_preset("cifar_resnet20").dim_match is DimMatch.ZERO_PAD  # He et al. 2015, section 4.2
    assert residual_preset("cifar_preact_bottleneck164").stride_on is StrideOn.FIRST_1X1  # KaimingHe/resnet-1k-layers
    assert residual_preset("cifar_preact_bottleneck164").block is BlockKind.BOTTLENECK  # He et al. 2016, appendix
    assert residual_preset("cifar_resnet20").stem is Stem.CIFAR  # He et al. 2015, section 4.2
    assert (residual_preset("cifar_resnet20").image_size, residual_preset("cifar_resnet20").num_classes) == (
        32,
        10,
    )  # CIFAR-10
    assert (residual_preset("resnet18").image_size, residual_preset("resnet18").num_classes) == (224, 1000)  # ImageNet
    assert (
        residual_preset("resnet200").blocks == residual_preset("preact_resnet200").blocks == (3, 24, 36, 3)
    )  # He et al. 2016, table 5
    assert residual_preset("resnext101_64x4d").cardinality == 64  # torchvision 0.29.2
    assert residual_preset("resnext101_32x8d").width_per_group == 8  # torchvision 0.29.2
    assert residual_preset("wide_resnet101_2").width_per_group == 128  # torchvision 0.29.2
    assert residual_preset("wrn_28_10").order is Order.FULL_PREACT  # Zagoruyko and Komodakis 2016, section 2
    assert residual_preset("wrn_28_10").dim_match is DimMatch.PROJECTION  # szagoruyko/wide-residual-networks
    assert not residual_preset("d2l_resnet18").projection_norm  # d2l-ai/d2l-zh, ResNet-18
    assert residual_preset("d2l_resnet18").in_channels == 1  # d2l-ai/d2l-zh, ResNet-18


def test_the_strategies_make_legal_and_illegal_specs() -> None:
    assert legal(ONE_STAGE) == NetSpec(**ONE_STAGE)
    assert legal({**ONE_STAGE, "image_size": 0}) is None


@pytest.mark.parametrize(
    "has",
    [
        lambda spec: spec.cardinality > 1,
        lambda spec: spec.width_per_group != 64,
        lambda spec: len(spec.dilated_stages) > 1,
        lambda spec: not spec.projection_norm,
        lambda spec: spec.cardinality > 1 and spec.dilated_stages and spec.order.is_preact,
    ],
)
def test_the_strategies_reach_groups_widths_dilation_and_bare_projections(has: Callable[[NetSpec], bool]) -> None:
    find(small_specs(), has, settings=settings(max_examples=2_000, database=None, phases=[Phase.generate]))
