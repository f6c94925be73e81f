"""Places and colours of boxes, arrows and frames of the layer graph, held against the plan."""

import math
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from resnet_viz.analysis.report import Analysis, Figures, analyse
from resnet_viz.graph.labels import shape_text, short_count
from resnet_viz.graph.roles import Role, role_in_block, role_of
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Add
from resnet_viz.plan.plan import Plan, ShortcutKind
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.presets import preset
from tests.browser.conftest import Visit
from tests.browser.reading_charts import Color, color
from tests.browser.reading_graphs import Box, Drawing, Rectangle, assert_apart, read_graph
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

OPEN = "net=resnet18&level=layer"  # no two blocks in a row are alike, so that all layers are there
FOLDED = "net=resnet50&open=stage3,stage3.block2"
PAINTS = PALETTES[Mode.LIGHT]
NEAR_PX = 1.0  # from the outline of a box to where Graphviz lets a line begin
TIP_PX = 5.0  # and to the tip of an arrow


@pytest.fixture(scope="module")
def page(server: Server, visit_once: Visit) -> Page:
    return visit_once(f"{server.url}/architecture?{OPEN}")


@pytest.fixture(scope="module")
def whole(page: Page) -> Drawing:
    """ResNet-18 with all its layers."""
    return read_graph(page)


@pytest.fixture(scope="module")
def folded(server: Server, visit_once: Visit) -> Drawing:
    """ResNet-50 with one stage and one of its blocks open."""
    return read_graph(visit_once(f"{server.url}/architecture?{FOLDED}"))


@pytest.fixture(scope="module")
def both(whole: Drawing, folded: Drawing) -> tuple[Drawing, Drawing]:
    return whole, folded


def analysis_of(net: str) -> Analysis:
    return analyse(lower(preset(net)))


PLAN = analysis_of("resnet18").plan


def is_shortcut(plan: Plan, source: str, target: str) -> bool:
    """Whether a layer reads another as its block's shortcut: a sum reads it last."""
    node = next((node for node in plan.nodes if node.name == target), None)
    if node is None:
        return False
    return ".shortcut." in target or (isinstance(node.op, Add) and node.inputs.index(source) > 0)


def test_every_layer_has_a_box_and_every_input_an_arrow(whole: Drawing) -> None:
    layers = {node.name for node in PLAN.nodes}
    points = {name for name in whole.boxes if name.endswith(".from")}
    assert whole.boxes.keys() - points == {"input", *layers, "output"}
    expected = {(source, node.name) for node in PLAN.nodes for source in node.inputs} | {
        (PLAN.nodes[-1].name, "output")
    }
    assert whole.arrows() == expected
    drawn = [(edge.source, edge.target) for edge in whole.edges]
    assert len(drawn) == len(set(drawn)) == len(expected) + len(points)


def test_boxes_follow_each_other_as_the_layers_do(whole: Drawing) -> None:
    """Like a text: from left to right, then in the next row below."""
    read = [box.id for row in whole.rows for box in row if ".shortcut." not in box.id and not box.id.endswith(".from")]
    assert read == ["input", *(node.name for node in PLAN.nodes if ".shortcut." not in node.name), "output"]


def test_what_is_open_in_one_stage_follows_the_order_too(folded: Drawing) -> None:
    tops = [box.id for row in folded.rows for box in row if box.id.count(".") <= 1 and not box.id.endswith(".from")]
    assert tops == ["input", "stem", "stage1", "stage2", "stage3.block1", "stage4", "head", "output"]
    inside = [box.id for row in folded.rows for box in row if box.id.startswith("stage3.block2.branch")]
    branch = [node.name for node in analysis_of("resnet50").plan.nodes if node.name.startswith("stage3.block2.branch")]
    assert inside == branch
    rows = {box.id: box.row for box in folded.boxes.values()}
    assert rows["stage3.block1"] < rows["stage3.block2.branch.conv1"] < rows["stage3.block3.more"] < rows["stage4"]


def test_rows_are_below_each_other_and_no_two_boxes_overlap(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        assert_apart(drawing)
        assert min(box.box.left for box in drawing.boxes.values()) > 0


def test_an_arrow_leads_from_the_border_of_its_source_to_that_of_its_target(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        for edge in drawing.edges:
            source, target = drawing.boxes[edge.source], drawing.boxes[edge.target]
            assert source.to_border(edge.start) < NEAR_PX, edge
            assert target.to_border(edge.end) < (NEAR_PX if edge.is_turn else TIP_PX), edge
            assert bool(edge.head) is not edge.is_turn
            if not edge.is_turn:
                assert source.row == target.row
                assert source.box.right <= target.box.left + NEAR_PX, edge


def test_no_line_runs_through_a_box(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        for edge in drawing.edges:
            for box in drawing.boxes.values():
                if box.id not in (edge.source, edge.target):
                    assert not any(box.box.is_inside(point) for point in edge.points), (
                        edge.source,
                        edge.target,
                        box.id,
                    )


def test_a_turn_leads_to_the_beginning_of_the_next_row_between_the_two(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        turns = [edge for edge in drawing.edges if edge.is_turn]
        assert [(edge.target, drawing.boxes[edge.target].row) for edge in turns] == [
            (row[0].id, number) for number, row in enumerate(drawing.rows) if number
        ]
        for edge in turns:
            source, target = drawing.boxes[edge.source], drawing.boxes[edge.target]
            assert source.row == target.row - 1
            assert edge.start == pytest.approx((source.box.right, source.box.middle[1]), abs=0.1)
            assert edge.end == pytest.approx((target.box.left, target.box.middle[1]), abs=0.1)
            assert min(x for x, _y in edge.points) < min(box.box.left for box in drawing.row(target.row))
            back = [y for (x, y), (next_x, next_y) in pairwise(edge.points) if next_x < x - 1 and abs(next_y - y) < 0.1]
            assert back  # from right to left between the rows
            frames = [frame.box for frame in drawing.frames.values() if frame.box.is_inside(target.box.middle)]
            entered = [frame for frame in frames if not frame.is_inside(source.box.middle)]
            top = min([target.box.top, *(frame.top for frame in entered)])
            assert all(max(box.box.bottom for box in drawing.row(source.row)) < y < top for y in back)
            (word,) = edge.words
            assert 0 < back[0] - word.box.bottom < 10
            assert not any(box.box.overlaps(word.box) for box in drawing.boxes.values())


def test_a_frame_holds_what_is_inside_and_nothing_else(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        for frame in drawing.frames.values():
            for box in drawing.boxes.values():
                if box.id.startswith(f"{frame.id}."):
                    assert frame.box.holds(box.box), (frame.id, box.id)
                else:
                    assert not frame.box.overlaps(box.box), (frame.id, box.id)
            for other in drawing.frames.values():
                if other.id.startswith(f"{frame.id}."):
                    assert frame.box.holds(other.box)
                    assert frame.box.left < other.box.left
                elif other.id != frame.id and not frame.id.startswith(f"{other.id}."):
                    assert not frame.box.overlaps(other.box)
            (title,) = frame.words
            assert frame.box.holds(title.box, slack=2)
            inside = [box.box.top for box in drawing.boxes.values() if box.id.startswith(f"{frame.id}.")]
            assert title.box.bottom < min(inside)
    whole, folded = both
    stages = {part.name for part in PLAN.parts}
    assert whole.frames.keys() == stages | {block.name for block in PLAN.blocks}
    assert folded.frames.keys() == {"stage3", "stage3.block2"}


def test_a_frame_is_as_wide_as_its_title(server: Server, visit: Visit) -> None:
    drawing = read_graph(visit(f"{server.url}/architecture?net=cifar_resnet20&blocks=1,1,1&shortcut=none&level=block"))
    inside = [box.box for box in drawing.boxes.values() if box.id.startswith("stage1.")]
    frame = drawing.frames["stage1"]
    (title,) = frame.words
    assert title.box.right > max(box.right for box in inside) + 20  # or this net shows nothing
    assert frame.box.holds(title.box, slack=2)


def test_words_are_inside_their_box_and_in_its_middle(both: tuple[Drawing, Drawing]) -> None:
    for drawing in both:
        for box in drawing.boxes.values():
            for word in box.words:
                assert box.box.holds(word.box, slack=3), (box.id, word.text)
                assert word.box.middle[0] == pytest.approx(box.box.middle[0], abs=1), (box.id, word.text)


def test_shortcuts_are_drawn_as_such_and_dashed_where_the_shape_changes(whole: Drawing) -> None:
    blocks = {block.name: block for block in PLAN.blocks}
    before = {edge.target: edge.source for edge in whole.edges if edge.is_turn}
    shapes = {"input": PLAN.input_shape} | {node.name: node.shape for node in PLAN.nodes}
    for edge in whole.edges:
        source = before.get(edge.source, edge.source)
        expected = is_shortcut(PLAN, source, edge.target)
        assert edge.is_shortcut == expected, edge
        assert edge.width == (2.6 if expected else 1.4)
        assert (edge.line == color(PAINTS[Role.SHORTCUT].line)) == expected
        block = blocks.get(".".join(edge.target.split(".")[:2]))
        changes = block is not None and block.in_shape != block.shape
        assert edge.is_dashed == (expected and changes)
        if not expected:  # the words beside a line
            assert [word.text for word in edge.words] == [shape_text(shapes[source])]
    beginning = [word.text for edge in whole.edges if edge.is_shortcut for word in edge.words if "×" not in word.text]
    projections = sum(block.shortcut is ShortcutKind.PROJECTION for block in PLAN.blocks)
    assert sorted(beginning) == ["identity"] * (len(blocks) - projections) + ["projection"] * projections


def test_a_closed_block_has_its_shortcut_around_it(folded: Drawing) -> None:
    shown = {edge.target: edge for edge in folded.edges if edge.is_shortcut and edge.target.endswith(".sum")}
    assert {name: [word.text for word in edge.words] for name, edge in shown.items()} == {
        "stage3.block1.sum": ["projection"],
        "stage3.block3.more.sum": ["4 × identity"],  # He et al. 2015, table 1: six blocks
    }
    for name, edge in shown.items():
        box = folded.boxes[name.removesuffix(".sum")]
        assert edge.start[0] < box.box.left < box.box.right < edge.end[0]
        above = [y for x, y in edge.points if box.box.left < x < box.box.right]
        assert all(y < box.box.top for y in above) or all(y > box.box.bottom for y in above)
    assert folded.boxes["stage3.block3.more"].is_dashed
    assert not folded.boxes["stage3.block1"].is_dashed


def test_the_kind_of_a_layer_has_its_colour(whole: Drawing) -> None:
    for node in PLAN.nodes:
        role = role_in_block(node) if ".block" in node.name else role_of(node)
        box = whole.boxes[node.name]
        assert (box.fill, box.line) == (color(PAINTS[role].fill), color(PAINTS[role].line)), node.name
        assert box.is_round == isinstance(node.op, Add)


def test_a_box_carries_the_cost_of_its_layer(whole: Drawing) -> None:
    for node, row in zip(PLAN.nodes, analysis_of("resnet18").nodes, strict=True):
        words = whole.boxes[node.name].texts
        assert (f"{short_count(row.params)} params" in words) == (row.params > 0), node.name
        assert (f"{short_count(row.macs)} MACs" in words) == (row.macs > 0), node.name


def test_a_closed_stage_has_a_cell_for_each_block_and_carries_its_sums(folded: Drawing) -> None:
    analysis = analysis_of("resnet50")
    rows = {row.name: row for row in analysis.parts}
    for stage in analysis.plan.stages:
        if stage.name == "stage3":
            continue
        box = folded.boxes[stage.name]
        kinds = [Role.BRANCH if block.shortcut is ShortcutKind.IDENTITY else Role.SHORTCUT for block in stage.blocks]
        assert box.cells == [color(PAINTS[kind].line) for kind in kinds]
        assert {f"{short_count(rows[stage.name].params)} params", f"{short_count(rows[stage.name].macs)} MACs"} <= set(
            box.texts
        )


def shade(share: float) -> Color:
    """Returns white with so much of the scale's blue in it."""
    red, green, blue = (round(share * end + (1 - share) * 255) for end in color("#7DB8DE"))
    return red, green, blue


@pytest.mark.parametrize("quantity", ["params", "macs", "field"])
def test_shades_follow_the_numbers(quantity: str, server: Server, visit: Visit) -> None:
    def amount(row: Figures) -> int:
        return {"params": row.params, "macs": row.macs, "field": row.field.size}[quantity]

    page = visit(f"{server.url}/architecture?net=resnet50&color={quantity}&open=stage3,stage3.block2")
    drawing, analysis = read_graph(page), analysis_of("resnet50")
    rows = {row.name: row for row in (*analysis.parts, *analysis.blocks, *analysis.nodes)}
    shown = [(amount(row), box) for box in drawing.boxes.values() if (row := rows.get(box.id.removesuffix(".more")))]
    highest = max(value for value, _box in shown)
    by_value: list[tuple[int, Box]] = sorted(shown, key=lambda pair: pair[0])
    assert [box.id for value, box in by_value if sum(box.fill) > sum(by_value[0][1].fill)] == []
    for (_value, paler), (_more, stronger) in pairwise(by_value):
        assert sum(stronger.fill) <= sum(paler.fill)
    for value, box in shown:
        logarithmic = max(0.0, 1 + math.log10(value / highest) / 4) if value else 0.0  # four decades
        expected = shade(value / highest if quantity == "field" else logarithmic)
        assert box.fill == pytest.approx(expected, abs=1), box.id
    legend = page.get_by_test_id("layer-graph").locator(".legend")
    bar = legend.locator("i").evaluate("one => getComputedStyle(one).backgroundImage")
    assert [color(stop) for stop in re.findall(r"rgb\([^)]*\)", bar)] == [shade(0), shade(1)]
    assert (f"{highest:,} px" if quantity == "field" else short_count(highest)) in (legend.text_content() or "")


def test_two_nets_are_below_each_other_and_what_is_equal_is_dimmed(server: Server, visit: Visit) -> None:
    drawing = read_graph(visit(f"{server.url}/architecture?net=resnet50_v1&b.net=resnet50"))
    first, second = drawing.frames["net"].box, drawing.frames["b/net"].box
    assert first.bottom < second.top
    for box in drawing.boxes.values():
        assert (second if box.id.startswith("b/") else first).holds(box.box)
        is_equal = box.id.removeprefix("b/") in ("stem", "stage1", "head")
        assert (box.opacity < 1) == is_equal, box.id
    twins = [(drawing.boxes[name].box, drawing.boxes[f"b/{name}"].box) for name in ("input", "stage2", "output")]
    for one, other in twins:
        moved = Rectangle(one.left, one.top + second.top - first.top, one.right, one.bottom + second.top - first.top)
        assert other == pytest.approx(moved, abs=0.5)
