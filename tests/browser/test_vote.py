"""A phone in a real browser: it keeps its name, its guess counts once, and it follows the room."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.scenes import files
from resnet_viz.scenes.rooms import RoomStore, Stage
from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 568}
OWNER = "lecturer"
FIRST, SECOND = "degradation", "overfitting"
KEY = "resnet_viz_browser"


@pytest.fixture
def store(server: Server) -> RoomStore:
    server.home.mkdir(parents=True, exist_ok=True)
    return RoomStore(server.home / "rooms.sqlite")


@pytest.fixture
def code(store: RoomStore) -> str:
    return store.open(FIRST, owner=OWNER)


def answers(page: Page) -> Locator:
    return page.locator(".st-key-vote-answers button")


def pick(page: Page, place: int) -> None:
    answers(page).nth(place).click()
    expect(answers(page).nth(place)).to_have_attribute("data-testid", "stBaseButton-primary")


def test_a_phone_guesses_once_and_follows_the_room(visit: Visit, server: Server, store: RoomStore, code: str) -> None:
    page = visit(f"{server.url}/vote", viewport=PHONE)
    page.get_by_role("textbox").fill(f" {code.lower()[:2]} {code.lower()[2:]}")
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("heading")).to_have_text(files.find(FIRST).question)
    pick(page, 1)
    assert store.votes(code) == (0, 1)
    name = page.evaluate(f"localStorage.getItem('{KEY}')")
    assert re.fullmatch(r"[0-9a-f]{32}", name)
    assert name not in page.content()
    page.reload()
    expect(answers(page).nth(1)).to_have_attribute("data-testid", "stBaseButton-primary")
    tab = page.context.new_page()  # of the same browser: it has the same vote
    tab.goto(f"{server.url}/vote?room={code}")
    expect(answers(tab).nth(1)).to_have_attribute("data-testid", "stBaseButton-primary")
    pick(tab, 0)
    assert store.votes(code) == (1,)
    tab.close()
    store.move(code, owner=OWNER, stage=Stage.REVEAL)
    expect(page.get_by_text("The answer is on the projector.")).to_be_visible()
    expect(answers(page)).to_have_count(0)
    store.move(code, owner=OWNER, scene=SECOND)
    expect(page.get_by_role("heading")).to_have_text(files.find(SECOND).question)
    pick(page, 1)
    assert store.votes(code) == (0, 1)


def test_a_phone_that_stores_nothing_votes_all_the_same(
    visit: Visit, server: Server, store: RoomStore, code: str
) -> None:
    page = visit(f"{server.url}/vote?room={code}", viewport=NARROW)
    page.add_init_script(
        f"for (const verb of ['getItem', 'setItem']) {{ const real = Storage.prototype[verb];"
        f"  Storage.prototype[verb] = function (key, ...more) {{"
        f"    if (key === '{KEY}') throw new DOMException('blocked'); return real.call(this, key, ...more); }}; }}"
    )
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(answers(page).first).to_be_enabled()
    pick(page, 0)
    assert store.votes(code) == (1,)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for number in range(answers(page).count()):
        box = answers(page).nth(number).bounding_box()
        assert box
        assert box["height"] >= 60
        assert 0 <= box["x"] <= NARROW["width"] - box["width"]
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
