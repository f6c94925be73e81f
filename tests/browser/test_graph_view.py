"""View of the layer graph: zoomed, moved and fitted by wheel, pointer, fingers, buttons and keys."""

import math

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.drawn import click, frame, graph, node, title
from tests.browser.reading_charts import Point
from tests.browser.reading_graphs import Drawing, Rectangle, View, assert_apart, read_graph, read_view
from tests.browser.serving import Server
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

TALL = {"width": 1280, "height": 1400}  # all of the canvas is on the screen
MARGIN = 10
LARGEST_TYPE = 1.15  # of the page's
SPREAD = """async (canvas, [from, to]) => {
  const { left, top } = canvas.getBoundingClientRect();
  const send = (kind, id, [x, y]) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: id, pointerType: "touch", clientX: left + x, clientY: top + y, bubbles: true, isPrimary: id === 7,
  }));
  from.forEach((at, id) => send("pointerdown", id + 7, at));
  to.forEach((at, id) => send("pointermove", id + 7, at));
  to.forEach((at, id) => send("pointerup", id + 7, at));
}"""


@pytest.fixture(scope="module")
def opened(server: Server, visit_once: Visit) -> Page:
    """A drawing that is taller than its canvas."""
    return visit_once(f"{server.url}/architecture?net=resnet18&level=layer", viewport=TALL)


@pytest.fixture(scope="module")
def whole(opened: Page) -> Drawing:
    return read_graph(opened)


@pytest.fixture
def page(opened: Page, whole: Drawing) -> Page:
    """The same page, its drawing as wide as the canvas and from the top."""
    button = graph(opened).locator('[data-act="fit"]')
    button.click()
    if not is_from_top(opened, whole):  # it was fitted, and all of it shows
        button.click()
    assert is_from_top(opened, whole)
    return opened


def size(drawing: Drawing) -> Point:
    """Returns how wide and high a drawing is, with the gutter at its right and Graphviz's margin of a row."""
    boxes, frames = [box.box for box in drawing.boxes.values()], [frame.box for frame in drawing.frames.values()]
    right = max(*(box.right + 4 for box in boxes), *(frame.right for frame in frames), 0)
    return right + 20, max(*(box.bottom + 4 for box in boxes), *(frame.bottom for frame in frames), 0)


def fitted(view: View, drawing: Drawing) -> float:
    """Returns the scale at which a drawing is as wide as its canvas."""
    return min(LARGEST_TYPE, (view.width - 2 * MARGIN) / size(drawing)[0])


def is_from_top(page: Page, drawing: Drawing) -> bool:
    view = read_view(page)
    return view.k == pytest.approx(fitted(view, drawing), rel=1e-3) and view.y == pytest.approx(MARGIN)


def over(page: Page, x: float, y: float) -> Point:
    """Moves the pointer to a place of the canvas, in whole px of the page, and returns where that is."""
    canvas = graph(page).locator(".canvas").bounding_box()
    assert canvas
    px, py = round(canvas["x"] + x), round(canvas["y"] + y)
    page.mouse.move(px, py)
    return px - canvas["x"], py - canvas["y"]


def wheel(page: Page, down: float, *, key: str = "") -> View:
    """Turns the wheel, and returns the view that it leads to."""
    before = read_view(page)
    if key:
        page.keyboard.down(key)
    page.mouse.wheel(0, down)
    until(lambda: read_view(page) != before, "another view")
    if key:
        page.keyboard.up(key)
    return read_view(page)


def assert_same_place(before: View, after: View, at: Point) -> None:
    """The same place of the drawing is at a place of the canvas."""
    assert after.on_canvas(before.in_drawing(at)) == pytest.approx(at, abs=0.05)


@pytest.mark.parametrize("key", ["Control", "Meta"])
def test_the_wheel_zooms_about_the_pointer(key: str, page: Page) -> None:
    before = read_view(page)
    at = over(page, 300, 200)
    after = wheel(page, -200, key=key)
    assert after.k == pytest.approx(before.k * math.exp(0.8), rel=1e-4)
    assert_same_place(before, after, at)
    at = over(page, 700, 90)
    back = wheel(page, 120, key=key)
    assert back.k == pytest.approx(after.k * math.exp(-0.48), rel=1e-4)
    assert_same_place(after, back, at)


def test_zooming_ends_at_six_times_and_at_a_fiftieth(page: Page) -> None:
    over(page, 500, 300)
    for down, end in ((-600, 6.0), (900, 0.02)):
        while read_view(page).k != pytest.approx(end):
            assert 0.02 * (1 - 1e-6) <= wheel(page, down, key="Control").k <= 6.0 * (1 + 1e-6)


def test_a_plain_wheel_scrolls_the_drawing_to_its_end_and_no_further(page: Page, whole: Drawing) -> None:
    over(page, 500, 300)
    before = read_view(page)
    after = wheel(page, 150)
    assert after == pytest.approx(before._replace(y=before.y - 150))
    assert wheel(page, -400) == pytest.approx(before)
    end = before.height - MARGIN - size(whole)[1] * before.k
    assert wheel(page, 50_000).y == pytest.approx(end, abs=0.5)
    output = read_view(page).shown(whole.boxes["output"].box)
    assert 0 < output.top < output.bottom < before.height


def test_dragging_moves_the_drawing_by_as_much_as_the_pointer(page: Page) -> None:
    before = read_view(page)
    start = over(page, 600, 300)
    page.mouse.down()
    over(page, 640, 310)
    end = over(page, 655, 236)
    page.mouse.up()
    after = read_view(page)
    assert (end[0] - start[0], end[1] - start[1]) == pytest.approx((55, -64))
    assert after == pytest.approx(before._replace(x=before.x + 55, y=before.y - 64), abs=0.01)
    over(page, 300, 300)  # let go
    assert read_view(page) == after


def test_two_fingers_zoom_about_their_middle(page: Page) -> None:
    before = read_view(page)
    start, end = [[400, 200], [500, 200]], [[350, 200], [550, 200]]
    graph(page).locator(".canvas").evaluate(SPREAD, [start, end])
    after = read_view(page)
    assert after.k == pytest.approx(2 * before.k)
    expect(frame(page, "stage1")).to_be_attached()  # it was no click


@pytest.mark.parametrize(("button", "factor"), [("in", 1.3), ("out", 1 / 1.3)])
def test_a_button_zooms_about_the_middle_of_the_canvas(button: str, factor: float, page: Page) -> None:
    before = read_view(page)
    graph(page).locator(f'[data-act="{button}"]').click()
    after = read_view(page)
    assert after.k == pytest.approx(before.k * factor)
    assert_same_place(before, after, (before.width / 2, before.height / 2))


def test_fit_shows_the_whole_width_and_then_all(page: Page, whole: Drawing) -> None:
    over(page, 300, 200)
    wheel(page, -300, key="Control")
    graph(page).locator('[data-act="fit"]').click()
    view, (width, height) = read_view(page), size(whole)
    assert view.k == pytest.approx(fitted(view, whole), rel=1e-3)
    assert (view.x, view.y) == pytest.approx(((view.width - width * view.k) / 2, MARGIN), abs=0.5)
    graph(page).locator('[data-act="fit"]').click()
    view = read_view(page)
    assert view.k == pytest.approx((view.height - 2 * MARGIN) / height, rel=1e-3)
    assert view.x == pytest.approx((view.width - width * view.k) / 2, abs=0.5)
    assert view.y == pytest.approx(MARGIN)


def test_what_takes_the_focus_comes_into_sight(page: Page, whole: Drawing) -> None:
    graph(page).locator('[data-act="in"]').click()
    node(page, "input").focus()
    visited = ["input"]
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        name = str(graph(page).evaluate("root => root.getRootNode().activeElement.dataset.id"))
        visited.append(name)
        view = read_view(page)
        place = view.shown(whole.boxes[name].box)
        assert Rectangle(0, 0, view.width, view.height).holds(place), name
    assert len(set(visited)) == len(visited)
    assert visited[:5] == ["input", "stem.conv", "stem.norm", "stem.act", "stem.pool"]


def test_the_canvas_is_as_high_as_the_drawing_needs(page: Page, server: Server, visit: Visit) -> None:
    assert read_view(page).height == pytest.approx(640, abs=1)  # the most
    small = visit(f"{server.url}/architecture?net=resnet18&open=stage2")
    view = read_view(small)
    assert view.height == pytest.approx(size(read_graph(small))[1] * view.k + 2 * MARGIN, abs=1)
    two = visit(f"{server.url}/architecture?net=resnet18&b.net=plain18&open=stage2,stage3,stage4")
    view = read_view(two)
    assert view.height == pytest.approx(min(960, size(read_graph(two))[1] * view.k + 2 * MARGIN), abs=1)
    assert view.height > 640


def test_a_fold_that_opens_is_in_sight_and_pushes_what_is_below(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3")
    before = read_graph(page)
    node(page, "stage3.block3.more").locator("text").first.click()
    expect(node(page, "stage3.block6")).to_be_attached()
    after = read_graph(page)
    assert [name for name in after.boxes if name not in before.boxes and not name.endswith((".from", ".sum"))] == [
        f"stage3.block{number}" for number in (3, 4, 5, 6)
    ]
    assert after.boxes["stage3.block1"].box == pytest.approx(before.boxes["stage3.block1"].box)
    click(page, "stage3.block1")
    expect(frame(page, "stage3.block1")).to_be_attached()
    opened = read_graph(page)
    assert_apart(opened)
    for name in ("stage3.block2", "stage4", "head"):  # below what has opened, in rows that are used again
        assert opened.boxes[name].box.top > after.boxes[name].box.bottom
    graph(page).locator('[data-act="up"]').click()
    expect(frame(page, "stage3.block1")).to_have_count(0)
    again = read_graph(page)
    assert list(again.boxes) == list(after.boxes)
    for name, box in after.boxes.items():
        assert again.boxes[name].box == pytest.approx(box.box, abs=0.05)
    graph(page).locator('[data-act="up"]').click()  # and with it the fold
    expect(node(page, "stage3.block3.more")).to_be_attached()
    title(page, "stage3").click()
    expect(frame(page, "stage3")).to_have_count(0)
    closed = read_graph(page)
    assert not closed.frames
    assert {box.row for box in closed.boxes.values()} == {0}
    view = read_view(page)
    assert view.height == pytest.approx(170, abs=1)  # the least
    assert all(view.height > view.shown(box.box).bottom for box in closed.boxes.values())
