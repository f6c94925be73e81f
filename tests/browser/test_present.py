"""Presentation on a projector of 1024 x 768: the picture is first, large, and nothing else asks to be pressed."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from resnet_viz.ui.widgets.presentation import present_styles
from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

PROJECTOR: ViewportSize = {"width": 1024, "height": 768}
LARGE: ViewportSize = {"width": 1920, "height": 1080}
# address, what is drawn there, and px of its smallest type at 1024 x 768. Below 16: a whole net or block on the screen
# has no room for more; its names are larger.
PAGES = (
    ("/", "[data-testid=layer-graph]", 14.5),
    ("/architecture", "[data-testid=layer-graph]", 13),
    ("/blocks", ".st-key-blocks_picture", 12),
    ("/parameters", "[data-testid=stHorizontalBlock]", 16),
    ("/training", "[data-testid=race]", 16),
    ("/gradients", "[data-testid=stPlotlyChart]", 16),
    ("/theory", "[data-testid=stBidiComponentIsolated]", 16),
    ("/theory?show=lambda", "[data-testid=stEChartsChart]", 16),
    ("/attribution", "[data-testid=stPlotlyChart]", 16),
    ("/runs", "[data-testid=stEChartsChart]", 0),  # on a canvas; tests/present/test_enlarged.py has its type
)

_READ = """(selector) => {
  const shown = (one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 1 && height > 1 && getComputedStyle(one).visibility !== "hidden";
  };
  const main = document.querySelector("[data-testid=stMain]");
  const figure = [...main.querySelectorAll(selector)].find(shown) ?? deep(main).find(shown);
  function deep(room) {
    return [...room.querySelectorAll("*")].flatMap((one) =>
      one.shadowRoot ? [...one.shadowRoot.querySelectorAll(selector), ...deep(one.shadowRoot)] : []);
  }
  const inside = (one) => [one, ...one.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [...each.shadowRoot.children].flatMap(inside) : [each]);
  const isRaised = (one) => one.style.fontSize.endsWith("%") || one.closest(".msupsub"); // an exponent
  const has = (one) => [...one.childNodes].some(({ nodeType, data }) => nodeType === 3 && /[^\\s\u200b]/.test(data));
  const type = (one) => {
    const of = one instanceof SVGElement ? one.closest("text").getScreenCTM() : { a: 1, b: 0 };
    return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(of.a, of.b);
  };
  const controls = "button, input, select, textarea, a, summary, [role=slider], [role=radio], [role=checkbox]";
  const isText = (one) => has(one) && shown(one) && !isRaised(one) && !one.closest("style");
  const texts = figure ? inside(figure).filter(isText) : [];
  return {
    top: figure?.getBoundingClientRect().top ?? null,
    controls: [...main.querySelectorAll(controls)].filter(shown).map((one) => one.textContent || one.outerHTML),
    menu: [...document.querySelectorAll("[data-testid=stHeader]")].some(shown),
    wider: main.scrollWidth - main.clientWidth,
    type: Math.min(...texts.map(type)),
    texts: texts.length,
  };
}"""


@pytest.fixture(scope="module")
def page(server: Server, visit_once: Visit) -> Page:
    """One visitor's window; each test brings it to its address."""
    return visit_once(f"{server.url}/parameters?present=1", viewport=PROJECTOR)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    settled(page)
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    return page


def seen(page: Page, figure: str, *, has_texts: bool = True) -> dict[str, Any]:
    """What is on the screen, once the figure is drawn; `has_texts` unless it is a canvas."""
    found: dict[str, Any] = {}

    def is_drawn() -> bool:
        found.update(page.evaluate(_READ, figure))
        return found["top"] is not None and (found["texts"] > 0 or not has_texts)

    until(is_drawn, f"a figure {figure}")
    return found


@pytest.mark.parametrize(("path", "figure", "least_px"), PAGES)
def test_a_projector_shows_the_picture_first_and_large(
    path: str, figure: str, least_px: float, server: Server, page: Page
) -> None:
    opened(page, f"{server.url}{path}{'&' if '?' in path else '?'}present=1")

    def is_as_it_should() -> bool:  # charts get their final size a moment after they are drawn
        one = seen(page, figure, has_texts=least_px > 0)
        return bool(one["top"] <= PROJECTOR["height"] / 4 and one["type"] >= least_px - 0.1)

    until(is_as_it_should, "a large picture in the first quarter")
    one = seen(page, figure, has_texts=least_px > 0)
    assert not one["menu"]
    assert [text for text in one["controls"] if "Leave the presentation" not in text] == []
    assert one["wider"] <= 0


def test_a_larger_screen_has_larger_type(server: Server, page: Page) -> None:
    opened(page, f"{server.url}/theory?show=lambda&present=1")
    until(lambda: seen(page, "[data-testid=stEChartsChart]")["type"] >= 16, "type of 16 px")
    page.set_viewport_size(LARGE)
    try:
        until(lambda: seen(page, "[data-testid=stEChartsChart]")["type"] >= 22, "type of 22 px")
        assert seen(page, "[data-testid=stEChartsChart]")["top"] <= LARGE["height"] / 4
    finally:
        page.set_viewport_size(PROJECTOR)


def test_escape_leads_out_and_the_button_in_without_a_change_of_the_page(server: Server, page: Page) -> None:
    opened(page, f"{server.url}/parameters?norm=true&present=1")

    def is_out() -> bool:  # the page listens once all of it is there
        page.keyboard.press("Escape")
        return page.get_by_test_id("stHeader").is_visible()

    until(is_out, "the end of the presentation")
    expect(page).to_have_url(f"{server.url}/parameters?norm=true")
    counts = page.get_by_test_id("stMetricValue")
    expect(counts).to_have_text(["73,984", "70,400"])  # with batch norm
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page).to_have_url(f"{server.url}/parameters?norm=true&present=1")
    expect(counts).to_have_text(["73,984", "70,400"])
    page.get_by_role("button", name="Leave the presentation").click()
    expect(page.get_by_test_id("stHeader")).to_be_visible()


def test_the_button_that_a_scene_names_stays_above_the_picture_and_works(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/training?depth=8&nets=plain")
    settled(page)
    styles = present_styles.presented(["start"], hides_controls=True)
    page.add_style_tag(content=styles.removeprefix("<style>").removesuffix("</style>"))
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled()
    expect(page.get_by_test_id("stSelectbox").first).to_be_hidden()
    race = page.get_by_test_id("race")
    expect(race).to_be_visible()
    above, below = start.bounding_box(), race.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    assert below["y"] < PROJECTOR["height"] / 2
