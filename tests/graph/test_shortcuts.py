"""A shortcut is an arrow of its own wherever blocks show, dashed where the shape changes, and says what it does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import BoxForm, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.folding import fold_name, folds
from resnet_viz.graph.labels import shortcut_text
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Block, ShortcutKind
from resnet_viz.spec.enums import DimMatch, Shortcut
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed, opened, openings, shortcut_arrows
from tests.fakes.spec_strategies import small_specs

FEW = settings(deadline=None, max_examples=60)


def drawn_blocks(analysis: Analysis, opening: Expansion) -> list[tuple[Block, int]]:
    """The blocks that a drawing shows, and for how many each of them stands."""
    found = []
    for stage in analysis.plan.stages:
        for run in folds(analysis.plan, stage) if opening.is_open(stage.name) else ():
            blocks = stage.blocks[run.first.number - 1 : run.last.number]
            is_folded = bool(fold_name(run)) and not opening.is_open(fold_name(run))
            found += [(blocks[0], 1), (blocks[1], len(blocks) - 1)] if is_folded else [(block, 1) for block in blocks]
    return found


@given(spec=small_specs(), data=st.data())
@FEW
def test_every_block_that_shows_has_one_shortcut_arrow_with_its_label(spec: NetSpec, data: st.DataObject) -> None:
    analysis = analyse(lower(spec))
    opening = data.draw(openings(analysis.plan))
    drawing = draw_net(analysis, opening)
    expected = [(block, times) for block, times in drawn_blocks(analysis, opening) if not spec.is_plain]
    arrows = shortcut_arrows(drawing)
    assert [arrow.is_dashed for arrow in arrows] == [block.in_shape != block.shape for block, _times in expected]
    labels = {arrow.label for arrow in drawing.arrows if arrow.role is Role.SHORTCUT}
    for block, times in expected:
        said = shortcut_text(block, spec)
        assert (said if times == 1 else f"{times} × {said}") in labels


@given(spec=small_specs(), data=st.data())
@FEW
def test_a_plain_net_has_no_shortcut_whatever_is_open(spec: NetSpec, data: st.DataObject) -> None:
    plain = analyse(lower(spec.replace(shortcut=Shortcut.NONE, zero_init_residual=False)))
    drawing = draw_net(plain, data.draw(openings(plain.plan)))
    assert Role.SHORTCUT not in {arrow.role for arrow in drawing.arrows}
    assert Role.SHORTCUT not in {role for box in drawing.boxes for role in (box.role, *box.cells)}
    assert BoxForm.SUM not in {box.form for box in drawing.boxes}
    assert {box.note for box in drawing.boxes} <= {"", "no shortcuts"}


@pytest.mark.parametrize("net", ["resnet18", "resnet50", "cifar_resnet56", "cifar_preact_bottleneck164"])
@pytest.mark.parametrize("level", [Level.BLOCK, Level.LAYER])
def test_unfolded_a_residual_net_has_a_shortcut_and_a_sum_for_each_block(net: str, level: Level) -> None:
    analysis = analysed(net)
    drawing = draw_net(analysis, opened(level=level), is_folded=False)
    num_blocks = len(analysis.plan.blocks)
    assert len(shortcut_arrows(drawing)) == num_blocks
    assert sum(box.form is BoxForm.SUM for box in drawing.boxes) == num_blocks


def test_a_closed_stage_has_a_cell_for_each_block_and_counts_its_shortcuts_by_kind() -> None:
    stages = [box for box in draw_net(analysed("resnet50"), opened()).boxes if box.cells]
    # He et al. 2015, table 1: 3, 4, 6, 3 blocks, the first of each changes the shape
    assert [box.note for box in stages] == [f"{n} identity, 1 projection" for n in (2, 3, 5, 2)]
    assert [box.cells for box in stages] == [(Role.SHORTCUT, *[Role.BRANCH] * n) for n in (2, 3, 5, 2)]


def test_a_fold_says_how_many_shortcuts_it_hides() -> None:
    labels = [arrow.label for arrow in shortcut_arrows(draw_net(analysed("resnet152"), opened("stage3")))]
    assert labels == ["projection", "identity", "34 × identity"]  # He et al. 2015, table 1: 36 blocks


@given(spec=small_specs(), data=st.data())
@FEW
def test_branch_and_data_arrows_are_never_dashed(spec: NetSpec, data: st.DataObject) -> None:
    analysis = analyse(lower(spec))
    arrows = draw_net(analysis, data.draw(openings(analysis.plan))).arrows
    assert not any(arrow.is_dashed for arrow in arrows if arrow.role is not Role.SHORTCUT)


def test_option_c_draws_solid_projections_where_the_shape_stays() -> None:
    analysis = analysed("resnet34", dim_match=DimMatch.PROJECTION_EVERYWHERE)
    arrows = shortcut_arrows(draw_net(analysis, opened(level=Level.BLOCK), is_folded=False))
    assert {block.shortcut for block in analysis.plan.blocks} == {ShortcutKind.PROJECTION}
    assert sum(arrow.is_dashed for arrow in arrows) == 3  # He et al. 2015, table 1: three changes of shape


def test_the_layers_of_a_projection_are_drawn_in_the_shortcuts_colour() -> None:
    drawing = draw_net(analysed("resnet18"), opened("stage2,stage2.block1"))
    roles = {box.id: box.role for box in drawing.boxes if box.id.startswith("stage2.block1.shortcut")}
    assert roles == dict.fromkeys(["stage2.block1.shortcut.conv", "stage2.block1.shortcut.norm"], Role.SHORTCUT)


def test_a_closed_stage_has_an_arc_with_the_number_of_its_shortcuts() -> None:
    arcs = [box.arc for box in draw_net(analysed("resnet50"), opened("stage2")).boxes if box.cells]
    assert arcs == ["3 shortcuts", "6 shortcuts", "3 shortcuts"]  # He et al. 2015, table 1; stage 2 is open
    single = draw_net(analysed("cifar_resnet8"), opened()).boxes
    assert [box.arc for box in single if box.cells] == ["1 shortcut"] * 3


@pytest.mark.parametrize("net", ["plain34", "cifar_plain20", "vgg16"])
def test_a_plain_net_has_no_arc(net: str) -> None:
    assert not any(box.arc for box in draw_net(analysed(net), opened()).boxes)
