"""Nets in columns on the screen: rows aligned by output size, legible on a projector, in dark too."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.reading_charts import color
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

FIGURE = "net=vgg19&b.net=plain34&c.net=resnet34&c.dim_match=zero_pad&layout=columns"  # He et al. 2015, fig. 3
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
WORDS = """root => [...root.querySelectorAll("text")].map((text) => {
  const { left, top, right, bottom } = text.getBoundingClientRect();
  return { text: text.textContent, left, top, right, bottom,
    px: parseFloat(text.getAttribute("font-size") ?? 15) * text.getScreenCTM().d };
})"""


def columns(page: Page) -> Locator:
    found = page.get_by_test_id("columns")
    expect(found.locator("svg")).to_be_visible()
    return found


def words(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = columns(page).evaluate(WORDS)
    return found


@pytest.mark.parametrize("level", ["stage", "block"])
def test_the_figure_is_aligned_and_legible_on_a_projector(level: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?{FIGURE}&level={level}", viewport=PROJECTOR)
    found = words(page)
    assert min(word["px"] for word in found) >= 11.5
    assert min(word["px"] for word in found if "3×3" in word["text"]) >= 12
    room = columns(page).bounding_box()
    assert room
    assert all(room["x"] <= word["left"] and word["right"] <= room["x"] + room["width"] for word in found)
    pools = [word for word in found if word["text"] == "max pool 3×3 /2"]
    assert len(pools) == 2
    assert pools[0]["top"] == pytest.approx(pools[1]["top"], abs=0.5)
    third = next(word for word in found if word["text"] == "56")
    assert third["top"] == pytest.approx(pools[0]["top"], abs=25)
    if level == "block":
        rows = {word["text"]: [one["top"] for one in found if one["text"] == word["text"]] for word in found}
        assert rows["3×3, 512 /2 · 3×3, 512"] == pytest.approx([rows["3×3, 512 /2 · 3×3, 512"][0]] * 2, abs=0.5)
        assert columns(page).locator("path.shortcut").count() == 16


def test_the_figure_is_on_a_projectors_first_screen(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?{FIGURE}", viewport=PROJECTOR)
    drawn = columns(page).locator("svg").bounding_box()
    assert drawn
    assert drawn["y"] <= 350
    rows = {word["text"]: word["bottom"] for word in words(page) if word["text"] in ("224", "112", "56", "28", "14")}
    assert len(rows) == 5
    assert max(rows.values()) <= PROJECTOR["height"]
    page.get_by_text("Nets and their fields").click()
    expect(page.get_by_role("combobox", name="Family").nth(2)).to_be_visible()


def test_level_and_layout_are_in_the_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&b.net=resnet50")
    page.get_by_role("radiogroup", name="Drawing").get_by_role("radio", name="in columns").click()
    expect(columns(page)).to_be_visible()
    expect(page).to_have_url(re.compile("layout=columns"))
    page.get_by_role("radiogroup", name="Level").get_by_role("radio", name="blocks").click()
    expect(page).to_have_url(re.compile("level=block"))
    expect(columns(page).locator("path.shortcut")).to_have_count(8 + 16)  # He et al. 2015, table 1


def test_in_the_dark_words_are_light_and_the_shares_are_below(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?{FIGURE}")
    page.emulate_media(color_scheme="dark")
    page.reload()
    title = columns(page).locator("text", has_text="VGG-19").first
    expect(title).to_have_attribute("fill", re.compile("#e8ecf6", re.IGNORECASE))
    assert sum(color(title.get_attribute("fill") or "")) > 600
    expect(page.get_by_text("3,644,493,824 / 19,632,062,464").first).to_be_visible()


def test_on_a_phone_the_figure_scrolls_and_the_page_does_not(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?{FIGURE}", viewport=PHONE)
    assert columns(page).evaluate("one => one.scrollWidth > one.clientWidth")
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]
