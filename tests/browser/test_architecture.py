"""A net picked on the screen is in the address, and the address is the net in any other browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

# torchvision 0.29.2's model metadata
RESNET_18, RESNET_50 = "11,689,512", "25,557,032"


def params(page: Page) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text="Parameters")


def graph(page: Page) -> Locator:
    return page.get_by_test_id("layer-graph").locator("svg.graph")


def menu(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label)


def pick(page: Page, label: str, option: str) -> None:
    menu(page, label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_another_depth_changes_graph_numbers_table_and_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture")
    expect(params(page)).to_contain_text(RESNET_50)
    expect(graph(page)).to_contain_text("3 × bottleneck")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_contain_text("256×56×56")

    page.get_by_role("radiogroup", name="Depth").get_by_role("radio", name="18", exact=True).click()
    expect(params(page)).to_contain_text(RESNET_18)
    expect(graph(page)).to_contain_text("2 × basic block")
    expect(page).to_have_url(re.compile(r"/architecture\?net=resnet18$"))
    expect(page.get_by_text("ResNet-18 has 18 weighted layers")).to_be_visible()
    expect(table).to_contain_text("64×56×56")
    expect(table).not_to_contain_text("256×56×56")


def test_a_copied_address_shows_the_same_in_a_second_browser(server: Server, visit: Visit) -> None:
    first = visit(f"{server.url}/architecture")
    first.get_by_role("radio", name="18", exact=True).click()
    expect(first).to_have_url(re.compile("net=resnet18"))
    pick(first, "Shortcut", "none")
    expect(first).to_have_url(re.compile("net=resnet18&shortcut=none"))
    first.get_by_role("radiogroup", name="Level").get_by_role("radio", name="blocks").click()
    expect(first).to_have_url(re.compile("net=resnet18&shortcut=none&level=block"))

    second = visit(first.url)
    expect(second.get_by_text("plain-18 has 18 weighted layers")).to_be_visible()
    expect(menu(second, "Shortcut")).to_have_value("none")
    assert second.url == first.url
    assert params(second).text_content() == params(first).text_content()
    expect(graph(first).locator("g.frame")).to_have_count(4)
    expect(graph(second)).to_have_text(graph(first).text_content() or "no graph")


def test_quick_clicks_all_count(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    expect(params(page)).to_contain_text(RESNET_18)
    pick(page, "Shortcut", "none")
    for group, word in (("Level", "blocks"), ("Block", "bottleneck")):
        page.get_by_role("radiogroup", name=group, exact=True).get_by_role("radio", name=word).click()
    expect(page.get_by_text("plain-26 has 26 weighted layers")).to_be_visible()
    for part in ("shortcut=none", "level=block", "block=bottleneck"):
        expect(page).to_have_url(re.compile(f"[?&]{part}(&|$)"))


def test_fields_that_were_once_looked_at_do_not_come_back(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture")
    blocks = page.get_by_label("Blocks per stage")
    page.get_by_role("button", name="More fields").click()
    expect(blocks).to_have_value("3,4,6,3")
    page.keyboard.press("Escape")
    expect(blocks).to_have_count(0)
    for depth in ("101", "152"):
        page.get_by_role("radio", name=depth, exact=True).click()
        expect(page.get_by_text(f"ResNet-{depth} has {depth} weighted layers")).to_be_visible()
        settled(page)
        assert page.url.endswith(f"/architecture?net=resnet{depth}")
    page.get_by_role("button", name="More fields").click()
    expect(blocks).to_have_value("3,8,36,3")


def test_back_returns_to_the_net_before(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture")
    page.get_by_role("radio", name="18", exact=True).click()
    expect(params(page)).to_contain_text(RESNET_18)
    expect(page).to_have_url(re.compile("net=resnet18"))
    page.go_back()
    expect(params(page)).to_contain_text(RESNET_50)
    expect(page).to_have_url(re.compile("/architecture$"))
    expect(page.get_by_role("radio", name="50", exact=True)).to_be_checked()


def test_address_and_page_agree_all_along_the_history(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")

    def shows(depth: int, address: str) -> None:
        expect(page.get_by_role("radio", name=str(depth), exact=True)).to_be_checked()
        expect(page).to_have_url(re.compile(address))
        expect(page.get_by_text(f"ResNet-{depth} has {depth} weighted layers")).to_be_visible()

    ways = {18: "net=resnet18$", 50: "/architecture$", 101: "net=resnet101$"}
    shows(18, ways[18])
    for depth in (50, 101):
        page.get_by_role("radio", name=str(depth), exact=True).click()
        shows(depth, ways[depth])
    for depth in (50, 18):
        page.go_back()
        shows(depth, ways[depth])
    page.go_forward()
    shows(50, ways[50])
    page.get_by_role("link", name="Blocks").click()
    expect(page).to_have_url(re.compile("/blocks"))
    expect(page.get_by_role("heading", name="Blocks", level=1)).to_be_visible()
    page.go_back()
    shows(50, ways[50])


def test_the_menu_leads_away_and_back_to_the_same_net(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    expect(params(page)).to_contain_text(RESNET_18)
    page.get_by_role("link", name="Parameters").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Architecture").click()
    expect(page.get_by_text("ResNet-18 has 18 weighted layers")).to_be_visible()
    expect(params(page)).to_contain_text(RESNET_18)
    expect(page).to_have_url(re.compile("net=resnet18"))
