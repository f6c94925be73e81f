"""Nets set side by side on the screen: ready ones, swapped ones, the same in any other browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
# torchvision 0.29.2's model metadata
RESNET_34, RESNET_50 = "21,797,672", "25,557,032"


def totals(page: Page) -> Locator:
    return page.get_by_test_id("stMarkdown").locator("table").first


def test_a_ready_comparison_opens_swaps_and_closes(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="ResNet-34, ResNet-50").click()
    expect(page).to_have_url(re.compile(r"/architecture\?net=resnet34&b\.net=resnet50$"))
    expect(totals(page).locator("tbody tr").first).to_contain_text(RESNET_34)
    expect(page.get_by_text("Compared with ResNet-34, ResNet-50 has 3.76 M more parameters")).to_be_visible()
    expect(page.get_by_role("button", name="ResNet-34, ResNet-50")).to_have_count(0)  # the list is shut again

    page.get_by_role("button", name="Swap a and b").click()
    expect(totals(page).locator("tbody tr").first).to_contain_text(RESNET_50)
    expect(page).to_have_url(re.compile(r"/architecture\?b\.net=resnet34$"))
    expect(page.get_by_text("Compared with ResNet-50, ResNet-34 has 3.76 M fewer parameters")).to_be_visible()

    second = visit(page.url)
    expect(totals(second)).to_have_text(totals(page).text_content() or "no table")

    page.get_by_role("button", name="Close b").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Parameters")).to_contain_text(RESNET_50)
    expect(page).to_have_url(re.compile(r"/architecture$"))


def test_the_second_net_has_controls_of_its_own(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet34&b.net=resnet34")
    page.get_by_role("radiogroup", name="Depth of net b").get_by_role("radio", name="50", exact=True).click()
    expect(page).to_have_url(re.compile(r"net=resnet34&b\.net=resnet50$"))
    expect(totals(page).locator("tbody tr").nth(1)).to_contain_text(RESNET_50)
    fields = page.get_by_role("button", name="Fields")
    fields.nth(1).click()
    page.get_by_role("combobox", name="Shortcut").click()
    page.get_by_role("option", name="none", exact=True).click()
    expect(page).to_have_url(re.compile(r"b\.shortcut=none$"))
    expect(totals(page).locator("tbody tr").nth(1)).to_contain_text("plain-50")


@pytest.mark.parametrize("details", ["part", "layer", "volume"])
def test_three_nets_fit_on_a_phone(details: str, server: Server, visit: Visit) -> None:
    address = f"/architecture?net=plain34&b.net=resnet34&c.net=resnet50&details={details}"
    page = settled(visit(server.url + address, viewport=PHONE))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.wait_for_function(  # charts take their width after the page has settled
        "() => [document.documentElement, document.body, document.querySelector('[data-testid=stMain]')]"
        ".every(e => e.scrollWidth <= e.clientWidth)"
    )


def test_the_volumes_are_drawn(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet34&b.net=resnet50&details=volume")
    chart = page.get_by_test_id("stPlotlyChart")
    expect(chart).to_contain_text("2048×7×7")
    expect(chart.locator(".scatterlayer .trace")).to_have_count(2 * 5 * 3)  # two nets, stem and 4 stages, three faces
