"""What tells nets apart on the screen: the walk from one total to the other, boxes to scale, words and tables."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.compare import Comparison, compare, pair_layers
from resnet_viz.analysis.memory import float_bytes
from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.differences import (
    block_table,
    change_summary,
    layer_pair_table,
    net_names,
    part_table,
    totals_table,
)
from resnet_viz.present.architecture.volumes import PAGE_PX, PHONE_PX, place_volumes, scale_text, volume_figure
from resnet_viz.present.architecture.waterfall import (
    axis_range,
    kept_waterfall,
    macs_waterfall,
    params_waterfall,
    waterfall_charts,
)
from resnet_viz.present.tables import KINDS, kind_name, layer_table, to_csv
from resnet_viz.present.theme import Mode
from resnet_viz.spec.codec import from_query
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.suggested_pairs import PAIRS, counterpart
from tests.fakes.spec_strategies import small_specs


def analysed(net: str, **changes: Any) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def of(net_a: str, net_b: str) -> Comparison:
    return compare(analysed(net_a), analysed(net_b))


def said(net_a: str, net_b: str) -> str:
    return change_summary(of(net_a, net_b), (net_a, net_b))


# --------------------------------------------------------------------------------------------------------- waterfalls


@given(small_specs(), small_specs())
@settings(deadline=None, max_examples=50)
def test_every_walk_leads_from_one_total_to_the_other(spec_a: NetSpec, spec_b: NetSpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    found = compare(a, b)
    for steps, name in ((params_waterfall, "params"), (macs_waterfall, "macs"), (kept_waterfall, "training_bytes")):
        walk = steps(found)
        assert (walk.start, walk.stop) == (getattr(a.totals, name), getattr(b.totals, name))
        assert walk.start + sum(change for _part, change in walk.changes) == walk.stop
        assert walk.levels[-1] == walk.stop
        low, high = axis_range(walk)
        assert 0 <= low < high
        assert all(low <= level <= high for level in walk.levels)


@pytest.mark.parametrize("mode", Mode)
def test_a_waterfall_shows_the_walk(mode: Mode) -> None:
    parameters, macs, kept = waterfall_charts(of("resnet34", "resnet50"), mode)
    bars = parameters.data[0]
    assert list(bars.y) == ["a", "stem", "stage1", "stage2", "stage3", "stage4", "head", "b"]
    assert list(bars.measure) == ["absolute", *["relative"] * 6, "total"]
    assert (bars.x[0], bars.x[-1], sum(bars.x[:-1])) == (21_797_672, 25_557_032, 25_557_032)  # torchvision 0.29.2
    assert (bars.text[0], bars.text[1], bars.text[2]) == ("21,797,672", "0", "−6,144")
    assert sum(macs.data[0].x[:-1]) == 4_089_184_256  # torchvision 0.29.2
    assert "(the axis begins at 19.9 M)" in parameters.layout.title.text
    assert "begins at" not in kept.layout.title.text


def test_an_axis_begins_at_zero_unless_the_changes_are_small() -> None:
    assert axis_range(params_waterfall(of("resnet18", "resnet152")))[0] == 0
    assert axis_range(params_waterfall(of("plain34", "resnet34")))[0] > 21_000_000


# ------------------------------------------------------------------------------------------------------------ volumes


@given(st.lists(small_specs(), min_size=1, max_size=3), st.booleans())
@settings(deadline=None, max_examples=50)
def test_boxes_are_to_one_scale_and_on_the_sheet(specs: list[NetSpec], is_narrow: bool) -> None:
    analyses = [analyse(lower(spec)) for spec in specs]
    sheet = place_volumes(analyses, is_narrow=is_narrow)
    for analysis, boxes in zip(analyses, sheet.rows, strict=True):
        assert [(box.name, box.shape) for box in boxes] == [(row.name, row.shape) for row in analysis.parts[:-1]]
        for box in boxes:
            channels, height, width = box.shape
            assert box.width == pytest.approx(channels * sheet.scale.channel)
            assert box.height == pytest.approx(height * sheet.scale.pixel)
            assert box.slant / width == pytest.approx(boxes[0].slant / boxes[0].shape[2])
            corners = [corner for face in box.faces for corner in face]
            assert all(0 <= x <= sheet.width and -1e-6 < y < sheet.height + 1e-6 for x, y in corners)


@pytest.mark.parametrize(("is_narrow", "width"), [(False, PAGE_PX), (True, PHONE_PX)])
def test_boxes_of_a_line_stand_beside_each_other(is_narrow: bool, width: float) -> None:
    sheet = place_volumes([analysed("resnet50"), analysed("resnet18")], is_narrow=is_narrow)
    assert sheet.width == width
    for boxes in sheet.rows:
        for left, right in pairwise(boxes):
            if left.y == right.y:
                assert left.x + left.width + left.slant < right.x
            else:
                assert right.y + right.height + right.slant < left.y  # the next line is below
    fifty, eighteen = sheet.rows
    assert [box.x for box in fifty] == [box.x for box in eighteen]  # equal parts below each other


def test_a_stage_that_halves_the_map_and_doubles_the_channels_keeps_the_area_of_its_front() -> None:
    boxes = place_volumes([analysed("resnet34")]).rows[0]
    areas = [box.width * box.height for box in boxes]  # He et al. 2015, section 3.3: doubled to keep the time per layer
    assert areas == pytest.approx([areas[0]] * 5)


@pytest.mark.parametrize("mode", Mode)
def test_the_picture_of_the_volumes_says_each_shape_and_size(mode: Mode) -> None:
    analyses = [analysed("resnet50"), analysed("resnet34")]
    figure = volume_figure(analyses, ["ResNet-50", "ResNet-34"], mode)
    assert len(figure.data) == 3 * 5 * 2
    words = [note.text for note in figure.layout.annotations]
    assert "<b>stage 2</b><br>512×28×28<br>1.53 MiB" in words  # 4 bytes a value
    assert "<b>b</b>  ResNet-34" in words
    assert f"stage2: 512×28×28, {float_bytes((512, 28, 28)):,} bytes" in {trace.text for trace in figure.data}
    assert "100 channels" in scale_text(place_volumes(analyses).scale)


# -------------------------------------------------------------------------------------------------------------- words


def test_the_sentence_says_what_the_step_costs_and_where() -> None:
    text = said("resnet34", "resnet50")
    assert "3.76 M more parameters (+17.25 %)" in text  # 25,557,032 - 21,797,672: torchvision 0.29.2
    assert "every part but the stem" in text
    assert "`block` basic → bottleneck" in text
    back = said("resnet50", "resnet34")
    assert "3.76 M fewer parameters (-14.71 %)" in back
    assert "174 k more parameters" in said("plain34", "resnet34")  # 3 projections and norms: He et al. 2015, fig. 3
    assert "stage 2, stage 3 and stage 4; most of it, +132 k, in stage 4" in said("plain34", "resnet34")


def test_equal_costs_are_said_to_be_equal() -> None:
    assert "cost exactly the same" in said("resnet18", "resnet18")
    assert "Different fields" not in said("resnet18", "resnet18")
    v1 = said("resnet50_v1", "resnet50")
    assert "as many parameters," in v1
    assert "is in" not in v1
    moved = said("cifar_resnet20", "cifar_preact_resnet20")
    assert "Parameters only move between parts: the stem −32, stage 2 −32, stage 3 −64 and the head +128" in moved


def test_a_multiple_is_no_percentage() -> None:
    assert "(×72)" in said("cifar_resnet20", "cifar_resnet1202")


@given(small_specs(), small_specs())
@settings(deadline=None, max_examples=50)
def test_any_two_nets_have_their_sentences_and_tables(spec_a: NetSpec, spec_b: NetSpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    found, names = compare(a, b), net_names([spec_a, spec_b])
    assert names[0] != names[1]
    assert change_summary(found, (names[0], names[1]))
    rows = part_table(found)
    assert [row["part"] for row in rows] == [*(part.name for part in found.parts), "whole net"]
    for heading in ("params b − a", "MACs b − a", "activation memory, bytes b − a"):
        assert sum(row[heading] for row in rows[:-1]) == rows[-1][heading]
    pairs = pair_layers(a, b)
    every, some = (layer_pair_table(pairs, only_differences=only) for only in (False, True))
    assert len(every) == len(pairs) >= len(some)
    assert all(row["differs in"] for row in some)
    assert len(block_table(found, only_differences=True)) == len(found.differing_blocks)
    assert to_csv(every).count("\n") == len(every) + 1
    for is_narrow in (False, True):
        lines = totals_table([a, b], is_narrow=is_narrow).splitlines()
        assert len({line.count("|") for line in lines}) == 1


def test_nets_of_one_title_get_their_letters() -> None:
    specs = [preset("resnet18"), preset("resnet18", num_classes=10), preset("resnet34")]
    assert net_names(specs) == ("ResNet-18 (a)", "ResNet-18 (b)", "ResNet-34")


def test_a_third_net_is_called_c() -> None:
    rows = part_table(of("resnet34", "resnet50"), "c")
    assert rows[-1]["params c"] == 25_557_032  # torchvision 0.29.2
    assert rows[-1]["params c − a"] == 25_557_032 - 21_797_672
    pairs = pair_layers(analysed("plain18"), analysed("resnet18"))
    differing = layer_pair_table(pairs, "c", only_differences=True)
    assert {row["differs in"] for row in differing} == {"only in c", "inputs"}


# -------------------------------------------------------------------------------------------------------------- pairs


def test_ready_comparisons_are_two_or_three_nets_that_differ() -> None:
    for pair in PAIRS:
        specs = {from_query(net, default="") for net in pair.nets}
        assert len(specs) == len(pair.nets) in (2, 3), pair.name


@given(small_specs())
@settings(deadline=None)
def test_the_net_to_set_beside_one_differs_in_its_shortcuts(spec: NetSpec) -> None:
    other = counterpart(spec)
    assert isinstance(other, NetSpec)
    assert other.is_plain is not spec.is_plain
    assert (other.blocks, other.widths, other.order) == (spec.blocks, spec.widths, spec.order)


# ------------------------------------------------------------------------------------------------------------- layers


def test_layers_of_a_kind_can_be_listed_alone() -> None:
    analysis = analysed("resnet18")
    every = layer_table(analysis)
    parts = [layer_table(analysis, kinds=[kind]) for kind in KINDS]
    assert sum(map(len, parts)) == len(every)
    assert len(parts[0]) == 20  # 17 convolutions and 3 projections: torchvision 0.29.2
    assert len({kind_name(kind) for kind in KINDS}) == len(KINDS)
