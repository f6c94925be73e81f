"""Two nets side by side: every difference is found, none is invented, and they sum up."""

from typing import Any

import pytest
from hypothesis import given, settings

from resnet_viz.analysis.compare import Comparison, Difference, compare
from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import DimMatch, Shortcut, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.spec.vgg import AnySpec, VggSpec
from tests.fakes.spec_strategies import small_nets, small_specs

SHALLOW_AND_DEEP = ["resnet18", "resnet50", "plain34", "d2l_resnet18", "cifar_resnet20", "wrn_16_8", "resnext29_8x64d"]


def analysed(net: str, **changes: Any) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def of(net_a: str, net_b: str) -> Comparison:
    return compare(analysed(net_a), analysed(net_b))


def figures(row: Difference) -> tuple[int | None, ...]:
    return (row.params, row.macs, row.kept_bytes, row.receptive_field, row.jump, row.channels, row.side)


@given(small_nets())
@settings(deadline=None, max_examples=50)
def test_a_net_does_not_differ_from_itself(spec: AnySpec) -> None:
    found = compare(analyse(lower(spec)), analyse(lower(spec.replace())))
    assert found.is_equal
    assert found.changed_fields == ()
    assert found.differing_parts == found.differing_blocks == ()
    assert {figures(row) for row in (*found.parts, *found.blocks)} == {(0,) * 7}


@given(small_specs(), small_specs())
@settings(deadline=None, max_examples=50)
def test_differences_of_parts_and_of_blocks_sum_up_to_those_of_the_whole(spec_a: NetSpec, spec_b: NetSpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    found = compare(a, b)
    assert sum(part.params for part in found.parts) == found.totals.params == b.totals.params - a.totals.params
    assert sum(part.macs for part in found.parts) == found.totals.macs == b.totals.macs - a.totals.macs
    assert sum(part.kept_bytes for part in found.parts) == found.totals.training_bytes
    for part in found.parts[1:-1]:
        blocks = found.blocks_of(part.stage)
        assert sum(block.params for block in blocks) == part.params
        assert sum(block.macs for block in blocks) == part.macs
        assert sum(block.kept_bytes for block in blocks) == part.kept_bytes


@given(small_nets(), small_nets())
@settings(deadline=None, max_examples=50)
def test_swapping_the_nets_turns_every_sign(spec_a: AnySpec, spec_b: AnySpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    there, back = compare(a, b), compare(b, a)
    for one, other in zip((*there.parts, *there.blocks), (*back.parts, *back.blocks), strict=True):
        assert one == Difference(other.name, other.stage, other.b, other.a)
        assert figures(one) == tuple(None if value is None else -value for value in figures(other))
        assert one.is_equal == other.is_equal
    assert (there.totals.params, there.totals.macs) == (-back.totals.params, -back.totals.macs)
    assert there.totals.training_bytes == -back.totals.training_bytes
    assert there.totals.inference_bytes == -back.totals.inference_bytes
    assert there.is_equal == back.is_equal
    assert [field.name for field in there.changed_fields] == [field.name for field in back.changed_fields]


@given(small_nets(), small_nets())
@settings(deadline=None, max_examples=50)
def test_every_part_and_block_of_either_net_stands_once_and_in_order(spec_a: AnySpec, spec_b: AnySpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    found = compare(a, b)
    for side, analysis in (("a", a), ("b", b)):
        rows = [getattr(row, side) for row in found.parts]
        assert tuple(row for row in rows if row is not None) == analysis.parts
        rows = [getattr(row, side) for row in found.blocks]
        assert tuple(row for row in rows if row is not None) == analysis.blocks
    longest = range(1, max(len(spec_a.blocks), len(spec_b.blocks)) + 1)
    stem = [] if isinstance(spec_a, VggSpec) and isinstance(spec_b, VggSpec) else ["stem"]
    assert [part.name for part in found.parts] == [*stem, *(f"stage{number}" for number in longest), "head"]
    assert all(row.a or row.b for row in (*found.parts, *found.blocks))


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_the_two_placements_of_the_stride_differ_in_macs_and_not_in_parameters(depth: int) -> None:
    found = of(f"resnet{depth}_v1", f"resnet{depth}")
    assert found.totals.macs == 231_211_008  # torchvision 0.29.2 minus KaimingHe's Caffe nets
    assert found.totals.params == 0
    assert [field.name for field in found.changed_fields] == ["stride_on"]
    assert found.changed_fields[0].a is StrideOn.FIRST_1X1
    assert [part.name for part in found.differing_parts] == ["stage2", "stage3", "stage4", "head"]
    first_blocks = [block.name for block in found.differing_blocks if block.macs]
    assert first_blocks == ["stage2.block1", "stage3.block1", "stage4.block1"]
    assert [part.channels for part in found.parts] == [part.side for part in found.parts] == [0] * 6


def test_each_placement_costs_its_1x1_at_four_times_the_pixels_and_its_3x3_no_more() -> None:
    found = {part.name: part for part in of("resnet50_v1", "resnet50").parts}
    assert found["stage2"].macs == 256 * 128 * (56**2 - 28**2)  # by hand: only the first 1x1 sees the larger map
    assert found["stage4"].receptive_field == 427 - 483  # torchvision 0.29.2, traced; Araujo et al. 2019
    assert found["head"].macs == 0  # but its field differs, as that of the map behind it


def test_a_plain_net_and_a_residual_one_of_option_a_differ_in_nothing_but_shortcuts() -> None:
    plain, residual = analysed("plain34"), analysed("resnet34", dim_match=DimMatch.ZERO_PAD)
    found = compare(plain, residual)
    assert found.differing_parts == found.differing_blocks == ()
    assert (found.totals.params, found.totals.macs) == (0, 0)  # He et al. 2015, section 3.3: option A is free
    assert found.totals.training_bytes == 0  # additions and zeros keep nothing for the backward pass
    assert found.totals.inference_bytes >= 0  # but the shortcut is alive beside the branch
    assert [(f.name, f.a, f.b) for f in found.changed_fields] == [
        ("shortcut", Shortcut.NONE, Shortcut.IDENTITY),
        ("dim_match", DimMatch.PROJECTION, DimMatch.ZERO_PAD),
    ]
    kinds = [(p.shortcut, r.shortcut) for p, r in zip(plain.plan.blocks, residual.plan.blocks, strict=True)]
    assert all(before == "none" != after for before, after in kinds)


def test_resnet34_and_resnet50_stage_by_stage() -> None:
    found = of("resnet34", "resnet50")
    assert [(part.name, part.params, part.macs, part.channels) for part in found.parts] == [
        ("stem", 0, 0, 0),  # torchvision 0.29.2, resnet50 minus resnet34, all rows
        ("stage1", 215_808 - 221_952, 667_942_912 - 693_633_024, 256 - 64),
        ("stage2", 1_219_584 - 1_116_416, 1_027_604_480 - 873_463_808, 512 - 128),
        ("stage3", 7_098_368 - 6_822_400, 1_464_336_384 - 1_335_885_824, 1024 - 256),
        ("stage4", 14_964_736 - 13_114_368, 809_238_528 - 642_252_800, 2048 - 512),
        ("head", 2_049_000 - 513_000, 2_048_000 - 512_000, 0),
    ]
    assert [part.receptive_field for part in found.parts][-2] == 427 - 899  # torchvision 0.29.2, support of a gradient
    assert not any(row.is_alone for row in (*found.parts, *found.blocks))  # both are 3, 4, 6, 3
    assert [field.name for field in found.changed_fields] == ["block"]


def test_dilation_doubles_the_side_halves_the_jump_and_keeps_the_receptive_field() -> None:
    found = compare(analysed("resnet50"), analysed("resnet50", dilated_stages=(4,)))
    (stage4, head) = found.differing_parts
    assert (stage4.name, head.name) == ("stage4", "head")
    assert (stage4.side, stage4.jump) == (14 - 7, 16 - 32)  # torchvision 0.29.2, replace_stride_with_dilation FFT
    assert stage4.receptive_field == 0  # by hand: 267 + 2*16 + 2*(2*2*16) = 427 = 267 + 2*16 + 2*(2*32)
    assert (stage4.params, stage4.channels) == (0, 0)
    assert stage4.macs == found.totals.macs == 6_208_618_496 - 4_089_184_256  # torchvision 0.29.2, FFT minus FFF
    assert found.totals.training_bytes == stage4.kept_bytes + head.kept_bytes > 0
    assert [(field.name, field.a, field.b) for field in found.changed_fields] == [("dilated_stages", (), (4,))]


def test_extra_blocks_and_stages_stand_alone() -> None:
    found = of("resnet18", "resnet34")
    alone = [block.name for block in found.blocks if block.is_alone]
    assert alone == [
        "stage1.block3", "stage2.block3", "stage2.block4",
        "stage3.block3", "stage3.block4", "stage3.block5", "stage3.block6", "stage4.block3",
    ]  # fmt: skip  # He et al. 2015, table 1: (2, 2, 2, 2) and (3, 4, 6, 3)
    extra = found.blocks[2]
    assert (extra.a, extra.params, extra.macs) == (None, 73_984, 231_211_008)  # torchvision 0.29.2, resnet34 layer1.2
    assert (extra.receptive_field, extra.jump, extra.channels, extra.side) == (None,) * 4
    assert not extra.is_equal
    short = of("resnet34", "cifar_resnet20")
    assert [part.name for part in short.parts if part.b is None] == ["stage4"]
    assert short.parts[-2].params == -13_114_368  # torchvision 0.29.2, resnet34 layer4


def test_the_stem_and_the_head_have_no_blocks() -> None:
    found = of("resnet18", "resnet34")
    assert found.blocks_of(0) == ()
    assert len(found.blocks_of(1)) == 3  # He et al. 2015, table 1
    assert sum(len(found.blocks_of(part.stage)) for part in found.parts) == len(found.blocks)


@pytest.mark.parametrize("net", SHALLOW_AND_DEEP)
def test_differences_of_three_nets_go_round_in_a_circle(net: str) -> None:
    there, on, back = of("resnet18", net), of(net, "resnet34"), of("resnet34", "resnet18")
    assert there.totals.macs + on.totals.macs + back.totals.macs == 0
    assert there.totals.params + on.totals.params + back.totals.params == 0


def test_no_two_named_nets_cost_the_same_everywhere() -> None:
    shallow = [name for name in preset_names() if sum(preset(name).blocks) <= 16]
    nets = {name: analysed(name) for name in shallow}
    equal = [(a, b) for a in nets for b in nets if a < b and compare(nets[a], nets[b]).is_equal]
    assert equal == []
