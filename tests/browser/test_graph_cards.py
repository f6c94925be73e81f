"""Cards, highlighted neighbours and saved files of the layer graph, held against the plan."""

import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.analysis.report import Figures, analyse
from resnet_viz.graph.labels import shape_text
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset
from tests.browser.conftest import DESK, Visit
from tests.browser.drawn import click, frame, graph, node
from tests.browser.reading_charts import color
from tests.browser.reading_graphs import READ, Drawing, drawing_of, read_graph
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

ANALYSIS = analyse(lower(preset("resnet50")))
PLAN = ANALYSIS.plan
ROWS: Mapping[str, Figures] = {row.name: row for row in (*ANALYSIS.parts, *ANALYSIS.blocks, *ANALYSIS.nodes)}
OPEN = "net=resnet50&open=stage3,stage3.block2"
CARD_PX = 116  # side of the input image on a card
SVG_IN_PAGE = """([text, read]) => {
  const host = document.createElement("div");
  host.style.cssText = "position: absolute; left: 0; top: 0";
  host.innerHTML = text;
  document.body.append(host);
  const svg = host.firstElementChild;
  const found = (0, eval)(read)(svg.querySelector(":scope > g"));
  const { width, height } = svg.viewBox.baseVal;
  const ground = svg.querySelector(":scope > rect");
  host.remove();
  return { found, size: [width, height], shown: [svg.getAttribute("width"), svg.getAttribute("height")].map(Number),
    ground: ground && [ground.getAttribute("fill"), ground.getAttribute("width"), ground.getAttribute("height")] };
}"""
PIXELS_OF_PNG = """async ([bytes, places]) => {
  const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const pixel = (x, y) => [...context.getImageData(Math.round(x), Math.round(y), 1, 1).data];
  const { width, height } = image;
  return { size: [width, height], pixels: places.map(([x, y]) => pixel(x * width, y * height)) };
}"""


@pytest.fixture(scope="module")
def page(server: Server, visit_once: Visit) -> Page:
    return visit_once(f"{server.url}/architecture?{OPEN}")


@pytest.fixture(scope="module")
def drawing(page: Page) -> Drawing:
    return read_graph(page)


def read_card(card: Locator) -> tuple[str, dict[str, str]]:
    """Title and lines of a card."""
    lines = card.locator("dl > div").evaluate_all(
        "all => all.map(line => [...line.children].map(one => one.textContent))"
    )
    return card.locator("strong").text_content() or "", dict(lines)


def assert_numbers(lines: dict[str, str], name: str) -> None:
    """The numbers of a card are those of the plan."""
    row = ROWS[name]
    assert lines["out"] == shape_text(row.shape)
    assert lines["receptive field"] == f"{row.field.size:,} px"
    assert lines["jump"] == f"{row.field.jump:,} px"
    for word, count in (("params", row.params), ("MACs", row.macs)):
        if word in lines:
            total, _dot, share = lines[word].rpartition(" = ")[2].partition(" · ")
            assert total == f"{count:,}"
            if share:
                assert share == f"{100 * count / getattr(ANALYSIS.totals, word.lower()):.1f} % of the net"
        else:
            assert count == 0


def assert_square(card: Locator, field: int, image: int) -> None:
    """The square is as large on the image as the receptive field is, in its middle."""
    square = card.locator("figure rect")
    side = min(field, image) / image * CARD_PX
    x, y, width, height = (float(square.get_attribute(name) or "nan") for name in ("x", "y", "width", "height"))
    assert (width, height) == pytest.approx((side, side))
    assert (x, y) == pytest.approx(((CARD_PX - side) / 2, (CARD_PX - side) / 2))
    words = card.locator("figcaption").text_content() or ""
    assert [int(number) for number in re.findall(r"\d+", words)] == [field, image]
    assert ("more than" in words) == (field > image)


@pytest.mark.parametrize(
    "name",
    ["stem", "stage1", "stage3.block1", "stage3.block2.branch.conv2", "stage3.block2.branch.norm3", "stage4", "head"],
)
def test_a_card_has_the_numbers_of_the_plan(name: str, page: Page) -> None:
    node(page, name).locator("text").first.hover()
    card = graph(page).locator(".card")
    expect(card).to_be_visible()
    _title, lines = read_card(card)
    assert_numbers(lines, name)
    assert_square(card, ROWS[name].field.size, PLAN.spec.square_side)


def test_a_card_is_beside_the_pointer_and_on_the_screen(page: Page) -> None:
    for name in ("input", "stage2", "output", "stage3.block2.branch.conv3"):
        assert_beside(page, name)


def assert_beside(page: Page, name: str) -> None:
    """The card of a box is at the right or the left of the pointer, inside the canvas's width and on the screen."""
    box = node(page, name).locator("text").first
    box.hover()
    pointed, card = box.bounding_box(), graph(page).locator(".card").bounding_box()
    canvas = graph(page).locator(".canvas").bounding_box()
    assert pointed
    assert card
    assert canvas
    x, right, bottom = pointed["x"] + pointed["width"] / 2, card["x"] + card["width"], card["y"] + card["height"]
    assert min(abs(card["x"] - x), abs(right - x)) == pytest.approx(16, abs=1)
    assert not card["x"] <= x <= right
    assert canvas["x"] <= card["x"] < right <= canvas["x"] + canvas["width"]
    assert 0 <= card["y"] < bottom <= page.evaluate("innerHeight")


def test_a_selected_layer_is_explained_and_its_neighbours_stand_out(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stage2,stage2.block1,stage2.block2")
    plan = lower(preset("resnet18"))
    name = "stage2.block1.add"
    click(page, name)
    expect(graph(page).locator(".detail")).to_be_visible()
    _title, lines = read_card(graph(page).locator(".detail"))
    assert lines["name"] == name
    assert lines["out"] == "128×28×28"  # He et al. 2015, table 1
    boxes = read_graph(page).boxes
    marked = {
        kind: {box.id for box in boxes.values() if kind in box.classes} for kind in ("input", "output", "selected")
    }
    (own,) = [one for one in plan.nodes if one.name == name]
    readers = {one.name for one in plan.nodes if name in one.inputs}
    assert marked == {"input": set(own.inputs), "output": readers, "selected": {name}}
    assert {box.id for box in boxes.values() if "alike" in box.classes} == {"stage2.block2.add"}
    click(page, name)
    expect(graph(page).locator(".detail")).to_be_hidden()
    assert not [box.id for box in read_graph(page).boxes.values() if box.classes & {"input", "output", "alike"}]


def test_arrow_keys_go_where_the_arrows_do(page: Page, drawing: Drawing) -> None:
    """Left and right along the first arrow, past the points at which rows begin; up and down to the nearest box."""

    def pressed(start: str, key: str) -> str:
        node(page, start).focus()
        page.keyboard.press(key)
        return str(graph(page).evaluate("root => root.getRootNode().activeElement.dataset.id"))

    assert pressed("stage2", "ArrowRight") == "stage3.block1"
    assert pressed("stage3.block1", "ArrowLeft") == "stage2"
    assert pressed("stage3.block2.branch.conv1", "ArrowRight") == "stage3.block2.branch.norm1"
    assert pressed("stage3.block2.branch.norm1", "ArrowLeft") == "stage3.block2.branch.conv1"
    for start, key, is_below in (("stage2", "ArrowDown", True), ("stage3.block2.branch.conv2", "ArrowUp", False)):
        reached = drawing.boxes[pressed(start, key)]
        x, y = drawing.boxes[start].box.middle
        assert (reached.box.middle[1] > y) == is_below
        others = [
            box
            for box in drawing.boxes.values()
            if (box.box.middle[1] - y) * (1 if is_below else -1) > 8 and not box.id.endswith(".from")
        ]
        nearest = min(others, key=lambda box: 2 * abs(box.box.middle[1] - y) + abs(box.box.middle[0] - x))
        assert reached.id == nearest.id


def test_the_list_has_every_box_under_its_frame(page: Page, drawing: Drawing) -> None:
    graph(page).locator('[data-act="list"]').click()
    lines = (
        graph(page)
        .locator(".list li")
        .evaluate_all(
            """all => all.map(item => {
          const depth = (one) => (one.classList?.contains("list") ? 0 : 1 + depth(one.parentElement));
          return [item.firstChild.textContent, depth(item) / 2];
        })"""
        )
    )
    graph(page).locator('[data-act="list"]').click()
    expected = []
    opened: set[str] = set()
    for box in chain.from_iterable(drawing.rows):
        if box.id.endswith(".from"):
            continue
        holders = sorted((name for name in drawing.frames if box.id.startswith(f"{name}.")), key=len)
        entered = [name for name in holders if name not in opened]
        expected += [(label(frame(page, name)), holders.index(name) + 1) for name in entered]
        opened |= set(holders)
        expected.append((label(node(page, box.id)), len(holders) + 1))
    assert [(words, depth) for words, depth in lines] == expected


def label(shown: Locator) -> str:
    return shown.get_attribute("aria-label") or ""


def saved(page: Page, kind: str) -> bytes:
    graph(page).locator("summary").click()
    with page.expect_download() as download:
        graph(page).locator(f'[data-save="{kind}"]').click()
    return Path(download.value.path()).read_bytes()


def test_the_saved_svg_is_what_is_drawn(page: Page, drawing: Drawing) -> None:
    read = page.evaluate(SVG_IN_PAGE, [saved(page, "svg").decode(), READ])
    assert_alike(drawing_of(read["found"]), drawing)
    assert read["size"] == pytest.approx(read["shown"])
    width, height = read["size"]
    for shown in (*(box.box for box in drawing.boxes.values()), *(one.box for one in drawing.frames.values())):
        assert 0 <= shown.left < shown.right <= width
        assert 0 <= shown.top < shown.bottom <= height
    assert width < 25 + max(frame.box.right for frame in drawing.frames.values())
    ink, *ground = read["ground"]
    assert color(ink) == (255, 255, 255)
    assert [float(side) for side in ground] == pytest.approx([width, height])


def test_what_is_dimmed_is_so_in_a_saved_svg_and_cards_stay_on_the_screen(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50_v1&b.net=resnet50")
    read = page.evaluate(SVG_IN_PAGE, [saved(page, "svg").decode(), READ])
    shown = drawing_of(read["found"])
    assert_alike(shown, read_graph(page))
    assert {box.opacity for box in shown.boxes.values()} == {1, 0.62}
    assert_beside(page, "output")
    page.set_viewport_size({"width": DESK["width"], "height": 560})
    node(page, "b/stage2").evaluate("one => one.scrollIntoView({ block: 'end' })")  # at the lower edge of the window
    assert_beside(page, "b/stage2")


def assert_alike(found: Drawing, shown: Drawing) -> None:
    assert list(found.boxes) == list(shown.boxes)
    for box in found.boxes.values():
        own = shown.boxes[box.id]
        assert box.box == pytest.approx(own.box, abs=0.05)
        assert (box.fill, box.line, box.texts, box.cells) == (own.fill, own.line, own.texts, own.cells)
        assert (box.is_dashed, box.opacity) == (own.is_dashed, own.opacity)
    assert [(edge.source, edge.target) for edge in found.edges] == [(edge.source, edge.target) for edge in shown.edges]
    for edge, other in zip(found.edges, shown.edges, strict=True):
        assert list(chain(*edge.points)) == pytest.approx(list(chain(*other.points)), abs=0.1)
        assert (edge.line, edge.width, edge.is_dashed) == (other.line, other.width, other.is_dashed)
        assert [word.text for word in edge.words] == [word.text for word in other.words]
    assert {name: frame.box for name, frame in found.frames.items()} == {
        name: pytest.approx(frame.box, abs=0.05) for name, frame in shown.frames.items()
    }


def test_the_saved_png_is_twice_as_large_and_has_the_same_colours(page: Page, drawing: Drawing) -> None:
    width, height = page.evaluate(SVG_IN_PAGE, [saved(page, "svg").decode(), READ])["size"]
    boxes = [box for box in drawing.boxes.values() if not box.is_round]
    places = [(box.box.middle[0] / width, (box.box.top + 2.5) / height) for box in boxes]
    found: dict[str, Any] = page.evaluate(PIXELS_OF_PNG, [list(saved(page, "png")), places])
    assert found["size"] == [round(2 * width), round(2 * height)]
    for box, (red, green, blue, opacity) in zip(boxes, found["pixels"], strict=True):
        assert [red, green, blue, opacity] == pytest.approx([*box.fill, 255], abs=2), box.id


def test_the_type_of_a_slide_is_a_third_larger(page: Page) -> None:
    """Its layout is made from the same text with larger letters, so that boxes grow with them."""
    enlarged = page.evaluate(
        """async (dot) => (await import("/app/static/graph/layout.js")).enlarged(dot, 1.35)""",
        'node [fontsize=11] a [label=<<FONT POINT-SIZE="13">13</FONT>>] edge [fontsize="11"]',
    )
    assert enlarged == 'node [fontsize=15] a [label=<<FONT POINT-SIZE="18">13</FONT>>] edge [fontsize="15"]'
    width, height = page.evaluate(SVG_IN_PAGE, [saved(page, "svg").decode(), READ])["size"]
    slide = page.evaluate(PIXELS_OF_PNG, [list(saved(page, "slide")), [[0.001, 0.001]]])
    assert slide["size"][0] == 3840
    assert slide["size"][1] / slide["size"][0] != pytest.approx(height / width, rel=1e-3)
    assert slide["pixels"] == [[0, 0, 0, 0]]
