"""The page of gradients in a browser: curves lie where their numbers are, come as they are computed, can be stopped."""

from math import exp, log, log10
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.theory import answers
from resnet_viz.theory.gradients import DEFAULT, DEFAULT_STEPS
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from tests.browser.conftest import Visit, settled
from tests.browser.drawn import stop_button
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
MARK_PX = 1.0  # to which a point may lie beside its place
DEAR = "depth=998&seeds=5&nets=plain,a_original,b_bn_after_add,c_relu_before_add,d_relu_only_preact,e_full_preact"

_DATA = """figure => figure.data.map(({ name, type, mode, fill, line, xaxis, yaxis, x, y, z }) => ({
  name, type, mode, fill, dash: line && line.dash, axes: [xaxis || "x", yaxis || "y"],
  x: [...x], y: [...y], z: z && [...z].map(row => [...row]),
}))"""
_RANGES = "figure => [figure._fullLayout.xaxis.range, figure._fullLayout.yaxis.range]"
_MARKS = """figure => [...figure.querySelectorAll(".subplot.xy .trace")].map(trace =>
  [...trace.querySelectorAll(".points path")].map(one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  })).filter(marks => marks.length)"""


def chart(page: Page, key: str = "bench_chart") -> Locator:
    return page.locator(f".st-key-{key} .js-plotly-plot")


def curves(figure: Locator) -> list[dict[str, Any]]:
    """The measured curves that Plotly has drawn: no bands, no theory lines."""
    traces: list[dict[str, Any]] = figure.evaluate(_DATA)
    return [
        t for t in traces if t["type"] == "scatter" and "lines" in t["mode"] and not t["fill"] and t["dash"] != "dash"
    ]


def shipped(question: Question) -> answers.Records:
    records = answers.load(instrument_of(question), answers.key_of(question))
    assert records is not None
    return records


def mean(values: list[float]) -> float:
    return exp(sum(map(log, values)) / len(values))


def test_the_first_view_is_drawn_from_what_is_shipped(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/gradients", viewport=DESK)
    figure = chart(page)
    expect(figure.locator(".points path").first).to_be_visible()
    expect(stop_button(page)).to_have_count(0)
    records = shipped(DEFAULT)
    drawn = curves(figure)
    assert len(drawn) == len(DEFAULT.nets)
    for curve in drawn:
        same = [
            number
            for number in range(len(DEFAULT.nets))
            if curve["y"]
            == pytest.approx([mean([r.block_grad[place] for r in records if r.place == number]) for place in range(27)])
        ]
        assert len(same) == 1, curve["name"]


def test_points_lie_where_the_axis_has_their_value(server: Server, visit: Visit) -> None:
    figure = chart(visit(f"{server.url}/gradients?norm=batch&depth=20&seeds=1&nets=plain,a_original", viewport=DESK))
    expect(figure.locator(".points path")).to_have_count(18)
    drawn = curves(figure)
    (left, right), (low, high) = figure.evaluate(_RANGES)
    area = figure.locator(".nsewdrag").first.bounding_box()
    assert area is not None
    for curve, marks in zip(drawn, figure.evaluate(_MARKS), strict=True):
        for x, y, (px, py) in zip(curve["x"], curve["y"], marks, strict=True):
            assert px == pytest.approx(area["x"] + (x - left) / (right - left) * area["width"], abs=MARK_PX)
            share = (log10(y) - low) / (high - low)
            assert py == pytest.approx(area["y"] + (1 - share) * area["height"], abs=MARK_PX)


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
@pytest.mark.parametrize("query", ["", "view=share&nets=a_original,e_full_preact,lambda", "at=steps"])
def test_charts_stay_within_the_screen_with_type_to_be_read(
    viewport: dict[str, int], query: str, server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/gradients?{query}", viewport=viewport)
    figure = chart(page, "steps_chart" if "steps" in query else "bench_chart")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()  # all have come
    if viewport is PHONE:  # it has said that it is one: panels are below each other
        page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.clientHeight > 600")
    settled(page)
    expect(figure.locator(".main-svg").first).to_be_visible()
    box = figure.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    sizes = figure.locator("text").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 12
    wider = page.evaluate(
        "() => [document.documentElement, document.body, document.querySelector('[data-testid=stMain]')]"
        ".filter(e => e.scrollWidth > e.clientWidth).map(e => [e.tagName, e.scrollWidth, e.clientWidth])"
    )
    assert wider == []


def test_a_deep_net_has_its_cost_first_comes_curve_by_curve_and_can_be_stopped(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/gradients?{DEAR}", viewport=DESK)
    compute = page.get_by_role("button", name="Compute (about")
    expect(compute).to_be_visible()
    expect(chart(page)).to_have_count(0)
    compute.click()
    expect(chart(page)).to_be_visible()  # while the rest is computed
    stop = stop_button(page)
    expect(stop).to_be_visible()
    assert 0 < len(curves(chart(page))) < 12
    stop.click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(stop).to_have_count(0)
    expect(page.get_by_role("button", name="Compute (about")).to_be_visible()


def test_a_net_that_is_picked_is_drawn_and_in_the_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/gradients?depth=8&norm=batch&nets=plain&seeds=1", viewport=DESK)
    expect(chart(page).locator(".points path")).to_have_count(3)
    page.get_by_role("button", name="(c) ReLU before addition").click()
    expect(chart(page).locator(".points path")).to_have_count(6)
    settled(page)
    assert "nets=plain%2Cc_relu_before_add" in page.url
    assert [curve["name"] for curve in curves(chart(page))] == ["plain", "(c) ReLU before addition"]


def test_heatmaps_have_one_scale_and_the_shipped_numbers(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/gradients?at=steps", viewport=DESK)
    figure = chart(page, "steps_chart")
    expect(figure.locator(".heatmaplayer image")).to_have_count(len(DEFAULT_STEPS.nets))
    records = shipped(DEFAULT_STEPS)
    heatmaps = [trace for trace in figure.evaluate(_DATA) if trace["type"] == "heatmap"]
    for place, heatmap in enumerate(heatmaps):
        own = [record for record in records if record.place == place]
        assert heatmap["y"] == [str(record.step) for record in own]
        expected = [[log10(norm / record.grad[-1]) for norm in record.grad] for record in own]
        for row, values in zip(heatmap["z"], expected, strict=True):
            assert row == pytest.approx(values)
    low, high = figure.evaluate("figure => [figure._fullLayout.coloraxis.cmin, figure._fullLayout.coloraxis.cmax]")
    assert low == -high


def test_the_lab_opens_with_the_same_nets(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/gradients?depth=8&norm=none&nets=plain,e_full_preact&seeds=1", viewport=DESK)
    page.get_by_test_id("stMain").get_by_role("link", name="Train these nets").click()
    expect(page.get_by_role("heading", name="Training lab")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    assert "a.net=cifar_plain8" in page.url
    assert "b.order=full_preact" in page.url
