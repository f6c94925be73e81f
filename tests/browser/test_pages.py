"""Every page in a real browser: nothing on the console, nothing asked of another machine, nothing run that came in.

The fixture `visit` checks the first two for every page of every test.
"""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from resnet_viz.scenes import files
from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server
from tests.fakes.visiting import PAGES
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

PATHS = ("/", *(f"/{page}" for page in PAGES[1:]))
PHONE = {"width": 390, "height": 844}
PROJECTOR = {"width": 1024, "height": 768}
HOSTILE = (
    "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=2>"
    "![t](https://example.org/t.png)[l](javascript:window.__pwned=3)"
)
FIELDS = {
    "/architecture": ("net", "order", "shortcut", "blocks", "widths", "image_size", "conv_bias", "level", "color"),
    "/blocks": ("block", "convs", "width", "norm"),
    "/parameters": ("basic_width", "norm"),
    "/training": ("depth", "nets", "order", "lr", "data", "run"),
    "/gradients": ("depth", "nets", "norm", "view", "at"),
    "/runs": ("state", "pinned", "page", "runs", "at"),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_with_its_menu_and_without_a_refusal(path: str, server: Server, visit: Visit) -> None:
    page = visit(server.url + path)
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(len(PATHS))
    expect(page.get_by_test_id("stMain").locator("p").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_links_of_the_start_page_lead_to_what_they_say(server: Server, visit: Visit) -> None:
    scene = files.find("construction")
    page = visit(server.url)
    page.get_by_test_id("stMain").get_by_role("link", name=scene.title).click()
    expect(page.get_by_text(scene.question)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/scene\?name=construction"))


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_needs_no_sideways_scrolling(path: str, server: Server, visit: Visit) -> None:
    page = visit(server.url + path, viewport=PHONE)
    page.wait_for_load_state("networkidle")  # charts take their width after the page has settled
    wider = page.evaluate(
        "() => [document.documentElement, document.body, document.querySelector('[data-testid=stMain]')]"
        ".filter(e => e.scrollWidth > e.clientWidth).map(e => [e.tagName, e.scrollWidth, e.clientWidth])"
    )
    assert wider == []


@pytest.mark.parametrize("path", FIELDS)
def test_a_hostile_address_is_shown_as_text(path: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}{path}?{urlencode(dict.fromkeys(FIELDS[path], HOSTILE))}")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_test_id("stAlert").first).to_be_visible()
    expect(main.get_by_test_id("stAlert").filter(has_text="<script>window.__pwned=1").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.__pwned") is None
    expect(main.locator("img, iframe, script")).to_have_count(0)
    expect(main.get_by_test_id("stAlert").locator("a")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_switch_counts_at_once_and_is_in_the_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/parameters")
    counts = page.get_by_test_id("stMetricValue")
    expect(counts).to_have_text(["73,728", "69,632"])  # He et al. 2015, fig. 5
    page.get_by_text("batch norm", exact=True).click()
    expect(counts).to_have_text(["73,984", "70,400"])
    settled(page)
    assert page.url.endswith("/parameters?norm=true")


def test_the_sums_of_the_start_page_fit_a_projector(server: Server, visit: Visit) -> None:
    page = visit(server.url, viewport=PROJECTOR)
    expect(page.locator(".katex-display")).to_have_count(2)
    page.wait_for_load_state("networkidle")  # the font of the formulas has its width then
    beyond = page.locator(".katex-html > .base").evaluate_all(
        """formulas => formulas.map((formula) => formula.getBoundingClientRect().right
          - formula.closest("[data-testid=stMarkdown]").getBoundingClientRect().right)"""
    )
    assert len(beyond) == 2
    assert max(beyond) < 1


def test_on_a_phone_the_button_of_a_recipe_is_below_its_sentence(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training", viewport=PHONE)
    button = page.get_by_role("button", name="About this recipe")
    sentence = page.get_by_test_id("stMarkdown").filter(has=page.get_by_role("img", name="visibility icon"))
    expect(sentence).to_be_visible()
    settled(page)

    def is_below() -> bool:  # the layout follows the width of the screen a moment later
        text, below = sentence.bounding_box(), button.bounding_box()
        assert text is not None
        assert below is not None
        return text["width"] > 0.75 * PHONE["width"] and below["y"] >= text["y"] + text["height"] - 1

    until(is_below, "the button below its sentence")
