"""Instruments of signals in a browser: charts are drawn from shipped answers, and a slider changes them in place."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def drawn(page: Page, key: str) -> Locator:
    """The SVG of a chart, once it has lines."""
    svg = page.locator(f".st-key-{key.replace(':', '-')} [_echarts_instance_] svg")
    expect(svg.locator("path").nth(4)).to_be_attached()
    return svg


def shapes(svg: Locator) -> list[str]:
    found: list[str] = svg.locator("path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
    return found


def words(svg: Locator) -> str:
    return " ".join(svg.locator("text").all_text_contents())


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("construction", ["theory:construction"]),
        ("nothing", ["theory:nothing"]),
        ("depth", ["theory:depth"]),
        ("lambda", ["theory:lambda"]),
        ("orders", ["theory:orders", "theory:orders_cut"]),
        ("shattering", ["theory:shattering_plain", "theory:shattering_residual", "theory:shattering_lags"]),
    ],
)
def test_each_instrument_is_drawn_at_once_on_a_desk_and_on_a_phone(
    name: str, keys: list[str], server: Server, visit: Visit
) -> None:
    for viewport in (None, PHONE):
        page = visit(f"{server.url}/theory?show={name}", viewport=viewport)
        for key in keys:
            svg = drawn(page, key)
            assert len(shapes(svg)) > 3
            box = svg.bounding_box()
            assert box
            assert box["width"] <= page.viewport_size["width"]  # type: ignore[index]
        assert page.get_by_role("button", name=re.compile("^Compute")).count() == 0


def test_the_slider_of_the_factor_moves_the_lines(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=lambda&value=0.9")
    svg = drawn(page, "theory:lambda")
    before = shapes(svg)
    assert "0.00376" in words(svg)
    page.get_by_role("slider").first.press("ArrowRight")
    expect(page).to_have_url(re.compile("value=0.95"))
    expect(page.locator(".st-key-theory-lambda [_echarts_instance_] svg")).to_contain_text("0.066")
    assert shapes(drawn(page, "theory:lambda")) != before


def test_a_net_has_a_box_for_each_block_and_grows(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=construction&blocks=4")
    expect(page.locator('[title="trained"]')).to_have_count(18)
    expect(page.locator('[title="does nothing"]')).to_have_count(6)
    page.get_by_role("slider").first.press("ArrowRight")
    expect(page.locator('[title="does nothing"]')).to_have_count(12)
    expect(page).to_have_url(re.compile("blocks=5"))
