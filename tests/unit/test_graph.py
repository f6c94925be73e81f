"""Drawings: a shortcut is an arrow of its own at every level, and the text for Graphviz holds whatever a label says."""

import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.folding import folds
from resnet_viz.graph.labels import big, shape_text
from resnet_viz.graph.levels import OUTPUT, picture
from resnet_viz.graph.picture import Arrow, Box, Form, Frame, Level, Picture
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Block, ShortcutKind
from resnet_viz.plan.writer import INPUT
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import names, preset
from resnet_viz.spec.terms import DimMatch, Shortcut
from resnet_viz.spec.vgg import AnySpec, VggSpec
from tests.unit.spec_strategies import small_nets, small_specs

LEVELS = pytest.mark.parametrize("level", Level)
FOLDED = pytest.mark.parametrize("is_folded", [True, False])
LIGHT = PALETTES[Mode.LIGHT]
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|->|[{}\[\]=;]|[A-Za-z0-9_.]+|<|>', flags=re.DOTALL)


def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def shortcut_arrows(drawing: Picture) -> list[Arrow]:
    """The arrows that end in a sum from the shortcut's side: one a shortcut."""
    sums = {box.id for box in drawing.boxes if box.form is Form.SUM}
    return [arrow for arrow in drawing.arrows if arrow.role is Role.SHORTCUT and arrow.target in sums]


def drawn_blocks(analysis: Analysis, *, is_folded: bool) -> list[Block]:
    plan = analysis.plan
    return [fold.first for stage in plan.stages for fold in folds(plan, stage, is_folded=is_folded)]


@LEVELS
@given(spec=small_nets())
@settings(deadline=None, max_examples=40)
def test_every_arrow_has_both_its_ends_and_no_box_is_drawn_twice(level: Level, spec: AnySpec) -> None:
    for is_folded in (True, False):
        drawing = picture(analyse(lower(spec)), level, is_folded=is_folded)
        ids = [box.id for box in drawing.boxes]
        assert len(ids) == len(set(ids))
        assert {end for arrow in drawing.arrows for end in (arrow.source, arrow.target)} == set(ids)
        frames = {frame.id for frame in drawing.frames}
        assert {box.frame for box in drawing.boxes} - {""} <= frames
        assert frames <= {box.frame for box in drawing.boxes}


@LEVELS
@given(spec=small_nets())
@settings(deadline=None, max_examples=40)
def test_the_signal_can_be_followed_from_picture_to_scores(level: Level, spec: AnySpec) -> None:
    drawing = picture(analyse(lower(spec)), level)
    reached = {INPUT}
    for arrow in drawing.arrows:  # in running order
        assert arrow.source in reached
        reached.add(arrow.target)
    assert OUTPUT in reached


@LEVELS
@FOLDED
@pytest.mark.parametrize("net", ["resnet18", "resnet50", "cifar_resnet56", "cifar_preact_bottleneck164"])
def test_a_residual_net_has_one_shortcut_arrow_per_drawn_block(net: str, level: Level, is_folded: bool) -> None:
    analysis = analysed(net)
    drawing = picture(analysis, level, is_folded=is_folded)
    expected = {
        Level.NETWORK: 1,
        Level.STAGE: len(analysis.plan.stages),
        Level.BLOCK: len(drawn_blocks(analysis, is_folded=is_folded)),
        Level.LAYER: len(drawn_blocks(analysis, is_folded=is_folded)),
    }[level]
    assert len(shortcut_arrows(drawing)) == expected
    assert sum(box.form is Form.SUM for box in drawing.boxes) == expected


@LEVELS
@given(spec=small_specs())
@settings(deadline=None, max_examples=40)
def test_a_plain_net_has_no_shortcut_at_any_level(level: Level, spec: NetSpec) -> None:
    plain = spec.replace(shortcut=Shortcut.NONE, zero_init_residual=False)
    drawing = picture(analyse(lower(plain)), level)
    assert Role.SHORTCUT not in {arrow.role for arrow in drawing.arrows}
    assert Role.SHORTCUT not in {box.role for box in drawing.boxes}
    assert {box.form for box in drawing.boxes} == {Form.BOX} | ({Form.POINT} if level is Level.LAYER else set())


@given(small_nets())
@settings(deadline=None)
def test_folded_counts_add_up_to_the_number_of_blocks(spec: AnySpec) -> None:
    plan = lower(spec)
    for stage in plan.stages:
        runs = folds(plan, stage)
        assert sum(fold.size for fold in runs) == len(stage.blocks)
        assert (runs[0].first, runs[-1].last) == (stage.blocks[0], stage.blocks[-1])
        assert [fold.size for fold in folds(plan, stage, is_folded=False)] == [1] * len(stage.blocks)


@pytest.mark.parametrize("net", names())
def test_at_layer_level_the_repeats_of_the_columns_add_up_to_the_blocks(net: str) -> None:
    analysis = analysed(net)
    columns = picture(analysis, Level.LAYER).frames
    stages = [frame for frame in columns if ".block" in frame.id]
    assert sum(frame.num_repeats for frame in stages) == len(analysis.plan.blocks)


def test_the_stages_of_a_deep_net_fold_to_two_drawn_blocks_each() -> None:
    analysis = analysed("resnet152")
    assert [block.name for block in drawn_blocks(analysis, is_folded=True)] == [
        f"stage{stage}.block{number}" for stage in (1, 2, 3, 4) for number in (1, 2)
    ]
    assert [fold.size for fold in folds(analysis.plan, analysis.plan.stages[2])] == [1, 35]  # He et al. 2015, table 1


def test_stage_arrows_count_their_shortcuts_by_kind() -> None:
    labels = [arrow.label for arrow in shortcut_arrows(picture(analysed("resnet50"), Level.STAGE))]
    assert labels == [f"{n} × identity\n1 × projection" for n in (2, 3, 5, 2)]  # He et al. 2015, table 1: 3, 4, 6, 3
    (whole,) = shortcut_arrows(picture(analysed("resnet50"), Level.NETWORK))
    assert whole.label == "12 × identity\n4 × projection"


@given(small_specs())
@settings(deadline=None, max_examples=60)
def test_a_shortcut_is_dashed_exactly_where_the_shape_changes(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    if spec.is_plain:
        return
    for level in (Level.BLOCK, Level.LAYER):
        arrows = shortcut_arrows(picture(analysis, level, is_folded=False))
        changes = [block.in_shape != block.shape for block in analysis.plan.blocks]
        assert [arrow.is_dashed for arrow in arrows] == changes
    for arrow, stage in zip(shortcut_arrows(picture(analysis, Level.STAGE)), analysis.plan.stages, strict=True):
        assert arrow.is_dashed == all(block.in_shape != block.shape for block in stage.blocks)


def test_branch_and_data_arrows_are_never_dashed() -> None:
    for level in Level:
        arrows = picture(analysed("resnet50"), level).arrows
        assert not any(arrow.is_dashed for arrow in arrows if arrow.role is not Role.SHORTCUT)


@given(small_nets())
@settings(deadline=None, max_examples=40)
def test_the_shape_that_goes_along_stands_on_the_arrow(spec: AnySpec) -> None:
    analysis = analyse(lower(spec))
    plan = analysis.plan
    for level in Level:
        labels = {arrow.target: arrow.label for arrow in picture(analysis, level, is_folded=False).arrows[::-1]}
        assert labels[OUTPUT] == str(spec.num_classes)
        if level in (Level.NETWORK, Level.STAGE, Level.BLOCK):
            first = plan.blocks[0].name if level is Level.BLOCK else "blocks" if level is Level.NETWORK else "stage1"
            assert labels[first if isinstance(spec, VggSpec) else "stem"] == shape_text(plan.input_shape)
        if level is Level.STAGE:
            assert [labels[stage.name] for stage in plan.stages] == [
                shape_text(stage.blocks[0].in_shape) for stage in plan.stages
            ]
        if level is Level.BLOCK:
            for block in plan.blocks:
                assert labels[block.name] == shape_text(block.in_shape)


@given(small_nets())
@settings(deadline=None, max_examples=40)
def test_at_layer_level_every_arrow_carries_its_sources_shape(spec: AnySpec) -> None:
    analysis = analyse(lower(spec))
    shapes = {node.name: shape_text(node.shape) for node in analysis.plan.nodes}
    for arrow in picture(analysis, Level.LAYER, is_folded=False).arrows:
        if arrow.source in shapes and arrow.label != "identity":
            assert arrow.label == shapes[arrow.source]


@LEVELS
def test_a_part_is_drawn_alone_with_what_goes_in_and_comes_out(level: Level) -> None:
    drawing = picture(analysed("resnet18"), level, only="stage2")
    if level is Level.NETWORK:
        return  # the network level has no parts
    assert (drawing.boxes[0].lines, drawing.boxes[-1].lines) == (("64×56×56",), ("128×28×28",))  # torchvision 0.29.2
    assert {box.id.partition(".")[0] for box in drawing.boxes} == {INPUT, "stage2", OUTPUT}


def test_an_unknown_part_draws_the_whole_net() -> None:
    analysis = analysed("resnet18")
    assert picture(analysis, Level.STAGE, only="<script>") == picture(analysis, Level.STAGE)


@pytest.mark.parametrize("per_row", [1, 4, 9])
def test_rows_hold_as_many_blocks_as_asked(per_row: int) -> None:
    drawing = picture(analysed("cifar_resnet56"), Level.BLOCK, is_folded=False, per_row=per_row)
    blocks = [box for box in drawing.boxes if box.role is Role.BRANCH]
    assert len(blocks) == 27  # He et al. 2015, section 4.2: n = 9
    assert max(Counter(box.frame for box in blocks).values()) == per_row


def test_option_c_draws_solid_projections_where_the_shape_stays() -> None:
    analysis = analysed("resnet34", dim_match=DimMatch.PROJECTION_EVERYWHERE)
    arrows = shortcut_arrows(picture(analysis, Level.BLOCK, is_folded=False))
    assert {block.shortcut for block in analysis.plan.blocks} == {ShortcutKind.PROJECTION}
    assert sum(arrow.is_dashed for arrow in arrows) == 3  # He et al. 2015, table 1: three changes of shape


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999"), (1_000, "1.00 k"), (73_728, "73.7 k"), (25_557_032, "25.6 M"), (4_089_184_256, "4.09 G")],
)
def test_big_numbers_have_three_digits(count: int, text: str) -> None:
    assert big(count) == text


# ------------------------------------------------------------------------------------------------------ Graphviz text


def tokens(dot: str) -> list[str]:
    """The tokens of a DOT text with every quoted string replaced by one word; nothing else may be left over."""
    rest = TOKEN.sub("", dot)
    assert not rest.strip().replace("#", "").replace(",", ""), rest
    return ["string" if token[0] == '"' else token for token in TOKEN.findall(dot)]


def drawing_that_says(text: str, level: Level) -> Picture:
    return Picture(
        level=level,
        boxes=(
            Box("one", Role.CONV, text, (text, text), "frame"),
            Box("two", Role.BRANCH, text, (), "frame"),
            Box("two.add", Role.SHORTCUT, "+", (), "frame", Form.SUM),
            Box("three", Role.DATA, text),
        ),
        arrows=(
            Arrow("one", "two", text),
            Arrow("two", "two.add", text, Role.BRANCH),
            Arrow("one", "two.add", text, Role.SHORTCUT, is_dashed=True),
            Arrow("two.add", "three", text, is_break=True),
        ),
        frames=(Frame("frame", text, 3),),
    )


@LEVELS
@given(text=st.text(max_size=40))
@settings(deadline=None, max_examples=100)
@example(text='"')
@example(text="\\")
@example(text='\\"]; node [label="')
@example(text="a\nb\r\nc")
@example(text="<b>bold</b>")
@example(text="<<table><tr><td>x</td></tr></table>>")
@example(text="\\N \\G \\L \\E")
@example(text="}\nsubgraph cluster_x {")
@example(text="// no /* comment */ # here")
@example(text="node")
@example(text="")
@example(text="\0")
def test_no_label_breaks_out_of_its_string(level: Level, text: str) -> None:
    for is_narrow in (False, True):
        hostile = to_dot(drawing_that_says(text, level), LIGHT, is_narrow=is_narrow)
        harmless = to_dot(drawing_that_says("a b", level), LIGHT, is_narrow=is_narrow)
        assert quoted_labels(tokens(hostile)) == quoted_labels(tokens(harmless))


def quoted_labels(found: list[str]) -> list[str]:
    """A label that is one plain word or nothing but digits stands without quotes: that is no other structure."""
    bare = re.compile(r"[A-Za-z0-9_.]+|string")
    after = ["", "", *found]
    return [
        "string" if after[i] == "label" and after[i + 1] == "=" and bare.fullmatch(token) else token
        for i, token in enumerate(found)
    ]


@pytest.mark.parametrize("text", ['say "x"', "back\\slash", "<b>bold</b>", "\\n", "two\nlines"])
def test_a_label_is_shown_as_it_was_said(text: str) -> None:
    dot = to_dot(drawing_that_says(text, Level.STAGE), LIGHT)
    shown = re.findall(r'three \[label="((?:[^"\\]|\\.)*)"', dot)
    meant = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")  # the DOT language, escString
    assert shown == [meant]


@LEVELS
@pytest.mark.parametrize("net", ["resnet18", "plain34", "cifar_preact_bottleneck164"])
@pytest.mark.parametrize("is_narrow", [False, True])
def test_real_drawings_are_well_formed_text_with_every_box(net: str, level: Level, is_narrow: bool) -> None:
    drawing = picture(analysed(net), level)
    dot = to_dot(drawing, LIGHT, is_narrow=is_narrow)
    found = tokens(dot)
    assert found[:3] == ["digraph", "net", "{"]
    assert found.count("{") == found.count("}")
    assert found.count("[") == found.count("]")
    for box in drawing.boxes:
        assert re.search(rf'^\s*"?{re.escape(box.id)}"? \[', dot, flags=re.MULTILINE), box.id
    visible = [line for line in dot.splitlines() if "->" in line and "style=invis" not in line]
    assert len(visible) == len(drawing.arrows)


@pytest.mark.parametrize("mode", Mode)
def test_shortcuts_are_drawn_in_the_shortcut_colour_and_nothing_else_is(mode: Mode) -> None:
    palette = PALETTES[mode]
    dot = to_dot(picture(analysed("resnet18"), Level.BLOCK), palette)
    colour = palette[Role.SHORTCUT].line
    edges = [line for line in dot.splitlines() if "->" in line and f'color="{colour}"' in line]
    assert len(edges) == len(shortcut_arrows(picture(analysed("resnet18"), Level.BLOCK)))
    plain = to_dot(picture(analysed("plain18"), Level.BLOCK), palette)
    assert colour not in plain
