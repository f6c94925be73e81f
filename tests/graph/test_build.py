"""Drawings at any expansion show every layer and every edge of the plan, itself or inside a box."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import NARROW, OUTPUT, WIDE, RowLimits, draw_net
from resnet_viz.graph.drawing import BoxForm, Drawing, Level, Mark
from resnet_viz.graph.folding import fold_name, folds
from resnet_viz.graph.labels import shape_text, short_count
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed, names_of, opened, openings, reached, steps
from tests.fakes.spec_strategies import small_specs

SPECS = given(spec=small_specs(), data=st.data())
FEW = settings(deadline=None, max_examples=60)


def stand_ins(plan: Plan, drawing: Drawing) -> dict[str, str]:
    """The box that shows each layer: its own, that of its block, of the fold that hides the block, or of its part."""
    drawn = {box.id for box in drawing.boxes}
    shown = {INPUT: INPUT}
    for part in plan.parts:
        shown |= dict.fromkeys((node.name for node in plan.nodes_of(part)), part.name)
        for run in folds(plan, part) if part.name not in drawn else ():
            for block in part.blocks[run.first.number - 1 : run.last.number]:
                owner = block.name if block.name in drawn or fold_name(run) not in drawn else fold_name(run)
                shown |= dict.fromkeys((node.name for node in plan.nodes_of(block)), owner)
    return shown | {node.name: node.name for node in plan.nodes if node.name in drawn}


@SPECS
@FEW
def test_every_layer_is_drawn_or_represented_by_one_box_that_is(spec: NetSpec, data: st.DataObject) -> None:
    analysis = analyse(lower(spec))
    drawing = draw_net(analysis, data.draw(openings(analysis.plan)))
    assert set(stand_ins(analysis.plan, drawing).values()) <= {box.id for box in drawing.boxes}


@SPECS
@FEW
def test_every_edge_of_the_plan_is_drawn_or_inside_what_represents_it(spec: NetSpec, data: st.DataObject) -> None:
    plan = (analysis := analyse(lower(spec))).plan
    drawing = draw_net(analysis, data.draw(openings(plan)), is_folded=data.draw(st.booleans()))
    shown, drawn = stand_ins(plan, drawing), {box.id for box in drawing.boxes}
    ends = {(source.removesuffix(".sum"), target.removesuffix(".sum")) for source, target in steps(drawing)}
    expected = {(shown[name], shown[node.name]) for node in plan.nodes for name in node.inputs}
    expected |= {(shown[plan.nodes[-1].name], OUTPUT)}
    assert {(source, target) for source, target in expected if source != target} <= ends
    invented = {(source, target) for source, target in ends - expected if source != target}
    assert not invented, drawn


@SPECS
@FEW
def test_every_box_lies_on_a_path_from_the_image_to_the_logits(spec: NetSpec, data: st.DataObject) -> None:
    analysis = analyse(lower(spec))
    drawing = draw_net(analysis, data.draw(openings(analysis.plan)))
    arrows = [(arrow.source, arrow.target) for arrow in drawing.arrows]
    ids = {box.id for box in drawing.boxes}
    assert reached(arrows, INPUT) == ids
    assert reached([(target, source) for source, target in arrows], OUTPUT) == ids


@SPECS
@FEW
def test_ids_are_unique_and_every_row_and_frame_has_its_place(spec: NetSpec, data: st.DataObject) -> None:
    analysis = analyse(lower(spec))
    limits = data.draw(st.sampled_from([WIDE, NARROW]))
    drawing = draw_net(analysis, data.draw(openings(analysis.plan)), limits=limits)
    for ids in ([box.id for box in drawing.boxes], [row.id for row in drawing.rows], [f.id for f in drawing.frames]):
        assert max(Counter(ids).values(), default=1) == 1
    frames = [frame.id for frame in drawing.frames]
    assert {row.frame for row in drawing.rows} <= {"", *frames}
    for place, frame in enumerate(drawing.frames):
        assert frame.parent in {"", *frames[:place]}
        assert any(frame.id in (row.frame, *parents(drawing, row.frame)) for row in drawing.rows)
    for row in drawing.rows:
        own = {box.id for box in row.boxes}
        assert {end for arrow in row.arrows for end in (arrow.source, arrow.target)} <= own
    starts = {row.boxes[0].id for row in drawing.rows[1:]}
    assert {turn.target for turn in drawing.turns} == starts


def parents(drawing: Drawing, frame: str) -> list[str]:
    outer = {one.id: one.parent for one in drawing.frames}
    return [outer[frame], *parents(drawing, outer[frame])] if frame else []


@given(spec=small_specs())
@FEW
def test_with_everything_open_the_drawing_is_the_plan(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    drawing = draw_net(analysis, opened(level=Level.LAYER), is_folded=False)
    edges = {(name, node.name) for node in analysis.plan.nodes for name in node.inputs}
    assert steps(drawing) == edges | {(analysis.plan.nodes[-1].name, OUTPUT)}


@given(spec=small_specs())
@FEW
def test_a_level_opens_its_parts_and_nothing_else(spec: NetSpec) -> None:
    plan = (analysis := analyse(lower(spec))).plan
    parts, stages = [part.name for part in plan.parts], {stage.name for stage in plan.stages}
    at_stages = draw_net(analysis, opened())
    assert [box.id for box in at_stages.boxes if box.form is BoxForm.BOX] == [INPUT, *parts, OUTPUT]
    assert at_stages.frames == ()
    at_blocks = draw_net(analysis, opened(level=Level.BLOCK))
    assert {frame.id for frame in at_blocks.frames} == stages
    assert not {node.name for node in plan.nodes if ".block" in node.name} & {box.id for box in at_blocks.boxes}
    at_layers = draw_net(analysis, opened(level=Level.LAYER))
    assert {box.form for box in at_layers.boxes if box.opens} <= {BoxForm.MORE}  # only folds hold more than is seen


@SPECS
@FEW
def test_opening_one_block_changes_no_row_outside_its_stage(spec: NetSpec, data: st.DataObject) -> None:
    plan = (analysis := analyse(lower(spec))).plan
    before = opened(level=Level.BLOCK)
    block = data.draw(st.sampled_from(plan.blocks)).name
    stage = block.partition(".")[0]
    others = [
        [row for row in draw_net(analysis, opening).rows if row.frame.partition(".")[0] != stage]
        for opening in (before, before.toggle(block))
    ]
    assert others[0] == others[1]


@given(small_specs())
@settings(deadline=None)
def test_folded_counts_add_up_to_the_number_of_blocks(spec: NetSpec) -> None:
    plan = lower(spec)
    for stage in plan.stages:
        runs = folds(plan, stage)
        assert sum(run.size for run in runs) == len(stage.blocks)
        assert (runs[0].first, runs[-1].last) == (stage.blocks[0], stage.blocks[-1])
        assert [run.size for run in folds(plan, stage, is_folded=False)] == [1] * len(stage.blocks)


def test_the_stages_of_a_deep_net_fold_behind_their_second_block_and_say_how_many() -> None:
    drawing = draw_net(analysed("resnet152"), opened("stage3"))
    (more,) = (box for box in drawing.boxes if box.form is BoxForm.MORE)
    assert more.id == "stage3.block3.more"
    assert "34" in more.title  # He et al. 2015, table 1: 36 blocks, the first changes the shape
    assert more.lines[0] == "blocks 3–36 like 2"
    unfolded = draw_net(analysed("resnet152"), opened("stage3,stage3.block3.more"))
    assert [box.id for box in unfolded.boxes if box.opens and ".block" in box.id] == [
        f"stage3.block{n}" for n in range(1, 37)
    ]


def test_two_that_are_alike_stand_beside_each_other() -> None:
    drawing = draw_net(analysed("resnet50"), opened("stage1,stage4"))  # three blocks each, the first projects
    assert not any(box.form is BoxForm.MORE for box in drawing.boxes)


@SPECS
@FEW
def test_the_shape_that_goes_along_stands_on_the_arrow(spec: NetSpec, data: st.DataObject) -> None:
    plan = (analysis := analyse(lower(spec))).plan
    drawing = draw_net(analysis, data.draw(openings(plan)))
    coming = {INPUT: plan.input_shape}
    coming |= {part.name: plan.nodes[part.start - 1].shape if part.start else plan.input_shape for part in plan.parts}
    coming |= {block.name: block.in_shape for block in plan.blocks} | {OUTPUT: plan.nodes[-1].shape}
    first = {arrow.target: arrow.label for arrow in drawing.arrows[::-1]}
    for box in drawing.boxes:
        if box.id in coming and box.id != INPUT:
            assert first[box.id] == shape_text(coming[box.id])


@pytest.mark.parametrize("level", Level)
def test_a_part_is_drawn_alone_with_what_goes_in_and_comes_out(level: Level) -> None:
    drawing = draw_net(analysed("resnet18"), opened(level=level), only="stage2")
    assert (drawing.boxes[0].lines, drawing.boxes[-1].lines) == (("64×56×56",), ("128×28×28",))  # torchvision 0.29.2
    parts = {box.id.partition(".")[0] for box in drawing.boxes if box.form is not BoxForm.POINT}
    assert parts == {INPUT, "stage2", OUTPUT}


@pytest.mark.parametrize("only", ["<script>", "stage9", "input", "stage2.block1"])
def test_an_unknown_part_draws_the_whole_net(only: str) -> None:
    assert draw_net(analysed("resnet18"), opened(), only=only) == draw_net(analysed("resnet18"), opened())


@pytest.mark.parametrize("blocks", [1, 4, 9])
def test_rows_hold_as_many_blocks_as_there_is_room_for(blocks: int) -> None:
    limits = RowLimits(parts=2, blocks=blocks)
    drawing = draw_net(analysed("cifar_resnet56"), opened(level=Level.BLOCK), is_folded=False, limits=limits)
    per_row = [sum(box.opens for box in row.boxes) for row in drawing.rows if row.frame]
    assert sum(per_row) == 27  # He et al. 2015, section 4.2: n = 9
    assert max(per_row) == blocks
    assert max(sum(box.form is BoxForm.BOX for box in row.boxes) for row in drawing.rows if not row.frame) <= 2


def test_marks_stand_on_what_shows_of_their_bearers() -> None:
    marked = dict.fromkeys(names_of(analysed("resnet50").plan), Mark.DIFFERENT)
    drawing = draw_net(analysed("resnet50"), opened("stage3,stage3.block1"), marks=marked)
    assert {frame.id: frame.mark for frame in drawing.frames} == dict.fromkeys(
        ["stage3", "stage3.block1"], Mark.DIFFERENT
    )
    assert {box.mark for box in drawing.boxes if box.opens} == {Mark.DIFFERENT}
    assert {box.mark for box in drawing.boxes if box.id in (INPUT, OUTPUT)} == {Mark.NONE}


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999"), (1_000, "1.00 k"), (73_728, "73.7 k"), (25_557_032, "25.6 M"), (4_089_184_256, "4.09 G")],
)
def test_big_numbers_have_three_digits(count: int, text: str) -> None:
    assert short_count(count) == text
