"""The charts of the parameters page in a browser: marks lie where the axes have their numbers, on every screen."""

import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.present.parameters.accuracy import result_charts
from tests.browser.conftest import Visit
from tests.browser.reading_charts import Axis
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
MARK_PX = 1.0  # to which a mark may lie beside its place: ticks are text, whose middle is rounded

_MIDDLES = """all => all.map(one => {
  const { x, y, width, height } = one.getBoundingClientRect();
  const chart = one.closest(".js-plotly-plot").getBoundingClientRect();
  return [x - chart.x + width / 2, y - chart.y + height / 2, one.textContent];
})"""


def chart(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} .js-plotly-plot")


def middles(marks: Locator) -> list[tuple[float, float, str]]:
    """Middle of each element in its chart, which may still move down its page, and its text."""
    found: list[Any] = marks.evaluate_all(_MIDDLES)
    return [(x, y, text) for x, y, text in found]


def axes(figure: Locator) -> tuple[Axis, Axis]:
    """Both axes, as their labels have them."""
    below = [(x, text) for x, _y, text in middles(figure.locator(".xtick text"))]
    beside = [(y, text) for _x, y, text in middles(figure.locator(".ytick text"))]
    return read_axis(below), read_axis(beside)


def read_axis(labels: list[tuple[float, str]]) -> Axis:
    """The scale of labels such as "1,024", "10k" and "0.95"; it is logarithmic where each is a multiple of the last."""
    powers = {"k": "e3", "M": "e6", "G": "e9"}
    plain = [(px, re.sub("[kMG]", lambda letter: powers[letter[0]], text.replace(",", ""))) for px, text in labels]
    ticks = tuple(sorted(((px, float(text)) for px, text in plain), key=lambda tick: tick[1]))
    ratios = {round(after / before, 6) for (_, before), (_, after) in pairwise(ticks) if before}
    return Axis(ticks, len(ratios) == 1 and len(ticks) > 2, tuple(text for _px, text in labels))


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
@pytest.mark.parametrize(
    ("query", "width", "count"),
    [("norm=true", 8, 1_184), ("bias=true", 4, 296), ("norm=true&bias=true&scale=linear", 12, 2_664)],
)
def test_equal_counts_are_marked_where_they_are(
    viewport: dict[str, int], query: str, width: int, count: int, server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/parameters?{query}", viewport=viewport)
    figure = chart(page, "block_params")
    expect(figure.locator(".points path")).to_have_count(1)
    ((px, py, _text),) = middles(figure.locator(".points path"))
    x, y = axes(figure)
    assert x.is_log == y.is_log == ("linear" not in query)
    assert px == pytest.approx(x.px(width), abs=MARK_PX)
    assert py == pytest.approx(y.px(count), abs=MARK_PX)
    expect(figure.locator(".textpoint")).to_have_text(f"w = {width}: {count:,}")


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_the_ratios_mark_all_three_widths_on_the_line_of_one(
    viewport: dict[str, int], server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/parameters?norm=true", viewport=viewport)
    figure = chart(page, "block_ratio")
    expect(figure.locator(".points path")).to_have_count(3)
    x, y = axes(figure)
    marks = sorted(middles(figure.locator(".points path")))
    assert [px for px, _py, _text in marks] == pytest.approx([x.px(width) for width in (4, 8, 12)], abs=MARK_PX)
    assert [py for _px, py, _text in marks] == pytest.approx([y.px(1)] * 3, abs=MARK_PX)
    sizes = figure.locator(".points path").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert sorted(sizes)[-1] > 1.3 * sorted(sizes)[-2]  # the chosen one stands out


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_charts_stay_within_the_screen_with_type_to_be_read(
    viewport: dict[str, int], server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/parameters?equal=channels", viewport=viewport)
    for key in ("block_params", "block_ratio"):
        figure = chart(page, key)
        expect(figure.locator(".xtick").first).to_be_visible()
        box = figure.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
        sizes = figure.locator("text").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
        assert min(sizes) >= 12


@pytest.mark.parametrize("viewport", [DESK, PHONE])
@pytest.mark.parametrize("table", ["he2015_table6", "he2016_table4_2"])
def test_published_errors_lie_at_their_cost(viewport: dict[str, int], table: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/parameters?results={table}", viewport=viewport)
    rows = result_charts()[table].rows
    costs = {"accuracy_params": [row.params for row in rows], "accuracy_macs": [row.macs for row in rows]}
    for key in costs:  # before anything is measured, for on a phone they lie below each other
        expect(chart(page, key).locator(".points path")).not_to_have_count(0)
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()
    for key, expected in costs.items():
        figure = chart(page, key)
        points = middles(figure.locator(".points path"))
        assert len(points) == len(rows)
        x, y = axes(figure)
        x = x._replace(is_log=True)  # ticks at 1, 2 and 5 times a power of ten
        for (px, py, _text), row, cost in zip(points, rows, expected, strict=True):
            assert px == pytest.approx(x.px(cost), abs=MARK_PX), row.result.net
            assert py == pytest.approx(y.px(row.result.value), abs=MARK_PX), row.result.net
        names = [text.strip() for _x, _y, text in middles(figure.locator(".textpoint"))]
        assert all(row.result.net in name for row, name in zip(rows, names, strict=True)), names
