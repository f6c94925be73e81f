"""The theory page in a browser: cards lead to instruments, each is drawn whole on every screen."""

import math
import re

import pytest
from playwright.sync_api import Page, expect

from resnet_viz.theory.layers import INPUT, two_layers
from resnet_viz.theory.propagation import check_equations
from resnet_viz.ui.theory.contents import INSTRUMENTS
from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
SCREENS = (DESK, PROJECTOR, PHONE)
MINE = {"functions": 3, "layers": 0, "sum": 1, "tables": 1}  # charts of the instruments that numpy computes


def has_no_overflow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("viewport", SCREENS)
def test_every_instrument_has_a_card_with_a_picture(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory", viewport=viewport)
    expect(page.locator("a.card")).to_have_count(len(INSTRUMENTS))
    for card in page.locator("a.card").all():
        box, picture = card.bounding_box(), card.locator("svg").bounding_box()
        assert box is not None
        assert picture is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
        assert picture["width"] > 90
        assert picture["width"] / picture["height"] == pytest.approx(280 / 150, rel=0.02)
    assert has_no_overflow(page)


def test_a_card_leads_to_its_instrument_and_back(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory", viewport=DESK)
    page.locator("a.card[data-id=layers]").click()
    expect(page).to_have_url(re.compile(r"/theory\?show=layers$"))
    expect(page.locator("h1")).to_have_text("What does a shortcut over two layers change?")
    expect(page.locator("a.card")).to_have_count(0)
    page.get_by_role("button", name="Contents").click()
    expect(page.locator("a.card")).to_have_count(len(INSTRUMENTS))
    expect(page).to_have_url(re.compile(r"/theory$"))


def test_a_card_is_a_link_and_can_be_chosen_with_the_keyboard(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory", viewport=DESK)
    card = page.locator("a.card[data-id=sum]")
    assert card.evaluate("one => one.href") == f"{server.url}/theory?show=sum"
    card.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?show=sum$"))


def test_the_next_instrument_is_reached_without_what_the_last_one_had_set(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=functions&n=9", viewport=DESK)
    place = [one.id for one in INSTRUMENTS].index("functions") + 1
    page.get_by_role("button", name=INSTRUMENTS[place].title).click()
    expect(page.locator("h1")).to_have_text(INSTRUMENTS[place].question)
    expect(page).to_have_url(re.compile(rf"/theory\?show={INSTRUMENTS[place].id}$"))


@pytest.mark.parametrize("viewport", SCREENS)
@pytest.mark.parametrize("name", MINE)
def test_an_instrument_stays_within_the_screen(
    name: str, viewport: dict[str, int], server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/theory?show={name}", viewport=viewport)
    charts = page.locator(".js-plotly-plot .main-svg:first-child")
    expect(charts).to_have_count(MINE[name])
    for chart in charts.all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
    assert has_no_overflow(page)


def test_the_vectors_are_on_the_screen(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=layers&a1=-2.5", viewport=DESK)
    found = two_layers((-2.5, INPUT[1]))
    for name, vector in (("a", found.a), ("z1", found.z1), ("z2", found.z2), ("added", found.added)):
        shown = page.locator(f"g.unit[data-vector={name}] text")
        expect(shown).to_have_count(2)
        assert [float(one.replace("−", "-")) for one in shown.all_text_contents()] == list(vector)


def test_the_bars_of_the_gradient_are_as_tall_as_its_parts(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=sum&blocks=4&seed=5", viewport=DESK)
    bars = page.locator(".bars .point path")
    expect(bars).to_have_count(5)
    boxes = sorted((box["x"], box["height"]) for one in bars.all() if (box := one.bounding_box()) is not None)
    parts = check_equations(4, 5).orders
    unit = max(height for _x, height in boxes) / max(parts)
    for (_x, height), part in zip(boxes, parts, strict=True):
        assert math.isclose(height, unit * part, abs_tol=1.0)


def test_sets_and_distances_follow_the_slider(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/theory?show=functions&n=2", viewport=DESK)
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"n=3$"))
    expect(page.locator("h5").first).to_contain_text("F3 contains the target.")
    expect(page.locator(".st-key-distances .textpoint").first).to_have_text("F3")
