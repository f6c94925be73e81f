"""Several nets in one drawing: equal parts are marked in all of them, and ids are unique."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.drawing import MAX_NETS, BoxRef, Drawing, Mark
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.side_by_side import NET, TitledDrawing, comparison_marks, stack_drawings
from resnet_viz.plan.lower import lower
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed, names_of, opened, openings
from tests.fakes.spec_strategies import small_specs

FEW = settings(deadline=None, max_examples=40)
SEVERAL = st.lists(small_specs(), min_size=2, max_size=3)


def drawn(analyses: list[Analysis], opening: Expansion) -> Drawing:
    own = comparison_marks([analysis.plan for analysis in analyses])
    return stack_drawings(
        [
            TitledDrawing(f"net {place}", "", draw_net(analysis, opening, marks=mark))
            for place, (analysis, mark) in enumerate(zip(analyses, own, strict=True))
        ]
    )


@given(specs=SEVERAL)
@FEW
def test_a_name_has_the_same_mark_in_every_net_that_has_it(specs: list[NetSpec]) -> None:
    marked = comparison_marks([lower(spec) for spec in specs])
    for own in marked:
        for name, mark in own.items():
            assert {other[name] for other in marked if name in other} == {mark}
            assert mark is Mark.DIFFERENT or all(name in other for other in marked)


@given(specs=SEVERAL)
@FEW
def test_the_order_of_the_nets_changes_no_mark(specs: list[NetSpec]) -> None:
    plans = [lower(spec) for spec in specs]
    assert comparison_marks(plans[::-1]) == comparison_marks(plans)[::-1]


@given(spec=small_specs(), times=st.integers(2, 3))
@FEW
def test_equal_nets_are_equal_in_everything(spec: NetSpec, times: int) -> None:
    for own in comparison_marks([lower(spec)] * times):
        assert set(own.values()) == {Mark.EQUAL}
        assert set(names_of(lower(spec))) <= set(own)


def test_a_net_alone_has_no_marks_and_no_frame_of_its_own() -> None:
    plan = analysed("resnet18").plan
    assert comparison_marks([plan]) == ({},)
    alone = draw_net(analysed("resnet18"), opened("stage2"))
    assert stack_drawings([TitledDrawing("ResNet-18", "", alone)]) == alone


def test_a_plain_net_differs_from_its_residual_twin_in_blocks_but_not_in_stem_and_head() -> None:
    own, _other = comparison_marks([analysed("resnet34").plan, analysed("plain34").plan])
    assert {name for name in ("stem", "stage1", "stage2", "stage3", "stage4", "head") if own[name] is Mark.EQUAL} == {
        "stem",
        "head",
    }
    assert own["stage2.block2.branch.conv2"] is Mark.EQUAL  # He et al. 2015, fig. 3: the same convolutions
    assert own["stage2.block2.add"] is Mark.DIFFERENT


def test_depth_alone_leaves_the_first_blocks_equal() -> None:
    own, _other = comparison_marks([analysed("resnet50").plan, analysed("resnet101").plan])
    assert [own[f"stage{n}"] for n in (1, 2, 3, 4)] == [Mark.EQUAL, Mark.EQUAL, Mark.DIFFERENT, Mark.EQUAL]
    assert own["stage3.block6"] is Mark.EQUAL  # He et al. 2015, table 1: 6 blocks against 23


@given(specs=SEVERAL, data=st.data())
@FEW
def test_ids_are_unique_and_lead_back_to_net_and_name(specs: list[NetSpec], data: st.DataObject) -> None:
    analyses = [analyse(lower(spec)) for spec in specs]
    opening = data.draw(openings(analyses[0].plan))
    together = drawn(analyses, opening)
    for ids in ([box.id for box in together.boxes], [row.id for row in together.rows]):
        assert len(ids) == len(set(ids))
    frames = [frame.id for frame in together.frames]
    assert len(frames) == len(set(frames))
    assert {row.frame_id for row in together.rows} <= set(frames)
    ends = {end for arrow in together.arrows for end in (arrow.source_id, arrow.target_id)}
    assert ends == {box.id for box in together.boxes}
    assert all(BoxRef.from_id(box.id) == (box.net, box.name) for box in together.boxes)
    for position, analysis in enumerate(analyses):
        own = [box.name for box in together.boxes if box.net == position]
        assert own == [box.name for box in draw_net(analysis, opening).boxes]


@given(specs=SEVERAL)
@FEW
def test_no_arrow_leads_from_one_net_into_another(specs: list[NetSpec]) -> None:
    together = drawn([analyse(lower(spec)) for spec in specs], opened("stage1"))
    own = {net: {box.name for box in together.boxes if box.net == net} for net in range(len(specs))}
    assert all({arrow.source, arrow.target} <= own[arrow.net] for arrow in together.arrows)
    for row in together.rows:
        assert {box.net for box in row.boxes} == {row.net}
        assert {arrow.net for arrow in row.arrows} <= {row.net}


def test_each_net_has_a_frame_that_no_click_closes() -> None:
    together = drawn([analysed("resnet18"), analysed("plain18"), analysed("resnet34")], opened("stage2"))
    outer = [frame for frame in together.frames if not frame.parent]
    assert [(frame.id, frame.title, frame.closes) for frame in outer] == [
        (id_, f"net {place}", False) for place, id_ in enumerate(["net", "b/net", "c/net"])
    ]
    assert [frame.net for frame in outer] == list(range(MAX_NETS))
    assert {frame.parent_id for frame in together.frames if frame.closes} == {frame.id for frame in outer}
    assert {(row.frame, row.frame_id) for row in together.rows if row.frame == NET} == {
        (NET, frame.id) for frame in outer
    }


def test_several_nets_are_one_text_with_their_marks() -> None:
    together = drawn([analysed("resnet18"), analysed("plain18")], opened())
    dot = to_dot(together, PALETTES[Mode.LIGHT])
    assert dot.count("digraph ") == 2
    assert dot.count("class=different") == 8  # four stages each
    assert dot.count("class=equal") == 4  # stem and head each


@pytest.mark.parametrize(
    ("text", "net", "name"),
    [
        ("stage1", 0, "stage1"),
        ("b/stage1", 1, "stage1"),
        ("c/stage1", 2, "stage1"),
        ("", 0, ""),
        ("d/stage1", 0, "d/stage1"),
        ("b/b/x", 1, "b/x"),
    ],
)
def test_whatever_an_address_holds_belongs_to_some_net(text: str, net: int, name: str) -> None:
    found = BoxRef.from_id(text)
    assert found == (net, name)
    assert found.id == text


@pytest.mark.parametrize(("text", "net"), [("b/", 1), ("c/", 2)])
def test_a_net_without_a_name_is_no_box(text: str, net: int) -> None:
    assert BoxRef.from_id(text) == (net, "")
    assert BoxRef.from_id(text).id == ""
