"""The instruments on trained nets in a browser, with shipped answers: drawn at once, clicked, moved."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser


def charts(page: Page) -> Locator:
    return page.locator(".js-plotly-plot")


def middle(mark: Locator) -> tuple[float, float]:
    box: Any = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_plain_and_a_residual_net_stand_side_by_side_and_only_one_has_shortcuts(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=lesions")
    expect(page.get_by_text(re.compile("In the median, deleting one block costs plain-20"))).to_be_visible()
    expect(charts(page)).to_have_count(2)
    for place, num_arcs in enumerate((0, 9)):
        figure = charts(page).nth(place)
        expect(figure.locator(".bars .point")).to_have_count(9)
        expect(figure.locator(".scatterlayer .point")).to_have_count(9)
        paths = figure.locator(".shapelayer path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
        assert sum("C" in str(path) for path in paths) == num_arcs


@pytest.mark.torch
def test_a_click_on_a_block_deletes_it_and_a_second_one_brings_it_back(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=lesions")
    block = charts(page).nth(1).locator(".scatterlayer .point").nth(3)
    page.mouse.click(*middle(block))
    expect(page).to_have_url(re.compile(r"b\.cut=stage2\.block1"))
    expect(page.get_by_text(re.compile(r"1 block deleted: accuracy 7\d\.\d % instead of 93\.0 %"))).to_be_visible()
    page.mouse.click(*middle(charts(page).nth(1).locator(".scatterlayer .point").nth(3)))
    expect(page.get_by_text(re.compile("1 block deleted"))).to_have_count(0)
    expect(page).not_to_have_url(re.compile("cut="))


def test_exits_have_two_curves_a_net_and_follow_the_slider(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=exits&block=8")
    expect(page.get_by_text(re.compile("behind 8 of 9 blocks"))).to_have_count(2)
    expect(charts(page).nth(0).locator(".scatterlayer .point")).to_have_count(10)  # a plain net has no early head
    expect(charts(page).nth(1).locator(".scatterlayer .point")).to_have_count(20)


def test_surfaces_are_two_maps_on_one_scale(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=surface")
    expect(charts(page)).to_have_count(2)
    labels = [charts(page).nth(place).locator(".cbaxis text, .colorbar text").all_text_contents() for place in (0, 1)]
    assert labels[0] == labels[1]
    expect(page.get_by_text(re.compile(r"13\.31"))).to_be_visible()


def test_paths_have_bars_and_measured_gradients(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=paths&n=10")
    expect(page.get_by_text(re.compile("1,024 paths"))).to_be_visible()
    expect(charts(page)).to_have_count(3)
    expect(charts(page).nth(0).locator(".bars .point")).to_have_count(11)
    expect(page.get_by_text(re.compile("Most gradient comes through paths of"))).to_be_visible()
