"""Arcs of closed stages: each is drawn over its box in the shortcut's colour, with the number of shortcuts inside."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.graph.roles import Role
from resnet_viz.present.theme import PALETTES, Mode
from tests.browser.conftest import Visit
from tests.browser.drawn import frame, graph
from tests.browser.reading_charts import color
from tests.browser.reading_graphs import Rectangle, read_graph
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PLACE = """arc => {
  const layer = arc.closest("g.layer");
  const { x, y, width, height } = arc.querySelector("path").getBBox();
  const matrix = layer.getScreenCTM().inverse().multiply(arc.getScreenCTM());
  const [one, other] = [new DOMPoint(x, y), new DOMPoint(x + width, y + height)].map((p) => p.matrixTransform(matrix));
  return [one.x, one.y, other.x, other.y];
}"""


def arcs(page: Page) -> Locator:
    return graph(page).locator("g.arc")


def place(arc: Locator) -> Rectangle:
    found: Any = arc.evaluate(PLACE)
    return Rectangle(*found)


def test_each_closed_stage_has_an_arc_over_its_box_with_its_number_of_shortcuts(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage2")
    expect(arcs(page)).to_have_count(3)
    drawing = read_graph(page)
    for arc, stage, count in zip(arcs(page).all(), ("stage1", "stage3", "stage4"), (3, 6, 3), strict=True):
        expect(arc).to_have_attribute("data-box", stage)
        expect(arc.locator("text")).to_have_text(f"{count} shortcuts")  # He et al. 2015, table 1
        line = arc.locator("path").first
        assert color(line.get_attribute("stroke") or "") == color(PALETTES[Mode.LIGHT][Role.SHORTCUT].line)
        assert line.get_attribute("stroke-width") == "2.6"
        drawn, box = place(arc), drawing.boxes[stage].box
        assert drawn.left < box.left < box.right < drawn.right
        assert drawn.top < box.top < drawn.bottom
        for name, other in drawing.boxes.items():
            assert name == stage or not other.box.overlaps(drawn), name


def test_an_arc_says_its_kinds_and_opens_its_stage(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50")
    words = arcs(page).nth(2).locator("text")
    words.scroll_into_view_if_needed()
    words.hover()
    card = graph(page).locator(".card")
    expect(card).to_contain_text("6 shortcuts")
    expect(card).to_contain_text("5 identity, 1 projection")
    words.click()
    expect(frame(page, "stage3")).to_be_visible()
    expect(page).to_have_url(re.compile("open=stage3$"))
    expect(arcs(page)).to_have_count(3)


@pytest.mark.parametrize("net", ["plain34", "vgg16"])
def test_a_plain_net_has_no_arc(net: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net={net}")
    expect(graph(page).locator("g.node").first).to_be_visible()
    expect(arcs(page)).to_have_count(0)


def test_dropout_on_shortcuts_has_its_own_colour_and_entry_in_the_legend(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=cifar_resnet8&shortcut=dropout&level=layer")
    paint, shortcut = PALETTES[Mode.LIGHT][Role.DROPOUT], PALETTES[Mode.LIGHT][Role.SHORTCUT]
    boxes = read_graph(page).boxes
    for name in (f"stage{number}.block1.shortcut.dropout" for number in (1, 2, 3)):
        assert (boxes[name].line, boxes[name].fill) == (color(paint.line), color(paint.fill))
    assert boxes["stage2.block1.shortcut.pad"].line == color(shortcut.line)
    entries = graph(page).locator(".roles span")
    expect(entries.filter(has_text="dropout on a shortcut")).to_have_count(1)
    swatch = entries.filter(has_text="dropout on a shortcut").locator("i")
    assert color(swatch.evaluate("one => getComputedStyle(one).borderColor")) == color(paint.line)
    graphs = visit(f"{server.url}/architecture?net=cifar_resnet8&level=layer&color=params")
    expect(graph(graphs).locator(".roles")).to_be_hidden()  # colours show a quantity there
