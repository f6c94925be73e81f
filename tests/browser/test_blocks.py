"""The blocks page in a browser: the drawing fits every screen, its rows line up, and rows light up."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server
from tests.fakes.blocks import ORDERS

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
FIVE = f"/blocks?block={','.join(ORDERS)}"


def drawing(page: Page) -> Locator:
    return page.locator(".room svg")


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Places of what is drawn, on the screen."""
    found: list[dict[str, float]] = page.locator(selector).evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(({x, y, width, height}) => ({x, y, width, height}))"
    )
    return found


def font_px(page: Page, selector: str) -> float:
    """The smallest type of these texts on the screen."""
    sizes: list[float] = page.locator(selector).evaluate_all(
        "all => all.map(e => parseFloat(e.getAttribute('font-size')) * e.getScreenCTM().a)"
    )
    return min(sizes)


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR])
def test_five_blocks_are_in_one_row_and_fit_the_screen(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(server.url + FIVE, viewport=viewport)
    expect(drawing(page).locator("g.block")).to_have_count(5)
    blocks = boxes(page, ".room g.block")
    assert max(block["x"] + block["width"] for block in blocks) <= viewport["width"]
    lefts = [block["x"] for block in blocks]
    assert lefts == sorted(lefts)
    assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(blocks))
    assert max(block["height"] for block in blocks) <= viewport["height"]
    for row in (3, 6):  # both convolutions
        ys = {round(box["y"]) for box in boxes(page, f'.room g.layer[data-row="{row}"] rect')}
        assert len(ys) == 1, row
    assert font_px(page, ".room g.layer text[font-weight]") >= 10


def test_a_phone_scrolls_the_drawing_and_not_the_page(server: Server, visit: Visit) -> None:
    page = visit(server.url + FIVE, viewport=PHONE)
    expect(drawing(page)).to_be_visible()
    expect(page.get_by_text("On the shortcut:").first).to_be_visible()  # the server knows that it is a phone
    page.wait_for_load_state("networkidle")
    room = page.locator(".room")
    assert room.evaluate("e => e.scrollWidth > e.clientWidth")
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    assert font_px(page, ".room g.layer text[font-weight]") >= 10


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_one_block_fits_with_its_two_lines(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block=option_b", viewport=viewport)
    expect(drawing(page)).to_be_visible()
    (svg,) = boxes(page, ".room svg")
    assert svg["x"] >= 0
    assert svg["x"] + svg["width"] <= viewport["width"]
    branch = boxes(page, '.room g.layer[data-lane="branch"] rect')
    shortcut = boxes(page, '.room g.layer[data-lane="shortcut"] rect')
    assert max(box["x"] + box["width"] for box in branch) < min(box["x"] for box in shortcut)
    first, last = branch[0], branch[-1]
    assert all(first["y"] <= box["y"] <= last["y"] for box in shortcut)


def test_the_colours_are_those_of_the_theme(chromium: Any, server: Server) -> None:
    fills = {}
    for scheme in ("light", "dark"):
        page = chromium.new_context(color_scheme=scheme).new_page()
        page.goto(f"{server.url}/blocks")
        page.wait_for_selector(".room svg")
        settled(page)
        fills[scheme] = page.locator(".room g.role-conv rect").first.get_attribute("fill")
        page.context.close()
    assert fills == {"light": "#E3F2FC", "dark": "#17374B"}


def test_a_layer_under_the_pointer_lights_its_row_in_all_blocks(server: Server, visit: Visit) -> None:
    page = visit(server.url + FIVE)
    drawing(page).locator('g.layer[data-row="3"]').first.hover()
    expect(page.locator(".room g.lit-row")).to_have_count(5)


def lit_layers(page: Page) -> list[str]:
    """Names of the layers and lines that are lit, without the block's own name, from left to right."""
    names: list[str] = page.locator(".room .lit-row").evaluate_all("all => all.map(e => e.dataset.name)")
    return [name.split(".")[-1] for name in names]


def lit_terms(page: Page) -> list[str]:
    """Terms that are lit, in the order in which they are read."""
    return page.locator(".equations .lit-term").all_text_contents()


def term(page: Page, text: str) -> Locator:
    """The first term with this text."""
    return page.locator(".equations .term").get_by_text(text, exact=True).first


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_a_term_under_the_pointer_lights_its_layers(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks", viewport=viewport)
    terms = page.locator(".equations .equation").first.locator(".term")
    expect(terms).to_have_text(["x\u2032", "ReLU", "x", "+", "BN", "W2", "ReLU", "BN", "W1", "x"])
    for number, layers in {1: ["act"], 3: ["add"], 4: ["norm2"], 5: ["conv2"], 8: ["conv1"], 2: ["x"]}.items():
        terms.nth(number).hover()
        assert lit_layers(page) == layers
    page.locator(".equations .term", has_text="F(x,").first.hover()
    assert lit_layers(page) == ["branch", "conv1", "norm1", "act1", "conv2", "norm2"]
    page.locator(".equations .term", has_text="h(x)").first.hover()
    assert lit_layers(page) == ["shortcut", "shortcut"]  # to the sum, and on from it
    page.get_by_role("heading", name="Blocks").hover()
    assert lit_layers(page) == lit_terms(page) == []


def test_a_layer_under_the_pointer_lights_its_terms(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block=option_b")
    drawing(page).locator('g.layer[data-name$="branch.conv1"]').hover()
    assert lit_terms(page) == ["W1"] * 3  # in the output, in F, and its shape
    drawing(page).locator('g.layer[data-name$="shortcut.conv"]').hover()
    assert lit_terms(page) == ["Ws"] * 3
    drawing(page).locator("g.end").last.hover()
    assert lit_terms(page) == ["x\u2032", "x\u2032"]


def test_layers_and_terms_of_five_blocks_light_each_other(server: Server, visit: Visit) -> None:
    page = visit(server.url + FIVE)
    page.locator(".equations .equation").nth(3).locator(".term", has_text="W2").hover()
    assert lit_layers(page) == ["conv2"]
    (left,) = boxes(page, ".room g.lit-row")
    fourth = boxes(page, ".room g.block")[3]
    assert fourth["x"] <= left["x"] <= fourth["x"] + fourth["width"]
    drawing(page).locator('g.layer[data-row="3"]').first.hover()
    assert lit_terms(page) == ["W1"] * 5


def test_terms_and_layers_are_reached_by_keys_and_stay_lit(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks")
    expect(page.locator(".equations [tabindex='0']")).to_have_count(1)
    page.locator(".equations [tabindex='0']").focus()
    assert lit_layers(page) == ["x'"]
    for _round in range(3):
        page.keyboard.press("ArrowRight")
    assert lit_layers(page) == ["add"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert lit_layers(page) == ["add"]
    page.locator(".room [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert lit_terms(page) == ["W1"] * 3
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Blocks").click()
    assert lit_layers(page) == lit_terms(page) == []


def test_a_tap_on_a_phone_lights_a_term(server: Server, chromium: Any) -> None:
    page = chromium.new_context(viewport=PHONE, has_touch=True).new_page()
    page.goto(f"{server.url}/blocks?block=e_full_preact")
    settled(page)
    term(page, "W2").tap()
    assert lit_layers(page) == ["conv2"]
    term(page, "W2").tap()
    assert lit_layers(page) == []
    page.context.close()


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_long_equations_break_and_fit(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block=exclusive_gating&convs=bottleneck", viewport=viewport)
    expect(page.locator(".equations .equation")).to_have_count(6 + 4)  # and four weights
    (room,) = boxes(page, ".equations")
    assert all(box["x"] + box["width"] <= room["x"] + room["width"] + 1 for box in boxes(page, ".equations .term"))
    assert room["x"] + room["width"] <= viewport["width"]


def test_a_choice_in_the_menu_changes_the_drawing_in_place(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Options A, B, C").click()
    expect(drawing(page).locator("g.block")).to_have_count(3)
    settled(page)
    assert page.url.endswith("/blocks?block=option_a%2Coption_b%2Coption_c&shape=halves")


def test_what_is_drawn_comes_as_a_file(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block=plain")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    assert download.value.suggested_filename == "plain.svg"
    assert download.value.path().read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("query", "words", "blocks"),
    [
        (f"block={','.join(ORDERS)},plain", "Up to 5 blocks", 5),
        ("block=e_full_preact&norm=false", "order e has no norm to place", 1),
        ("block=b_bn_after_add,a_original&norm=false", "order b has no norm to place", 2),
        ("block=a_original,z_original", "No block is called 'z_original'", 1),
    ],
)
def test_what_is_refused_in_the_address_is_said_and_the_rest_is_drawn(
    query: str, words: str, blocks: int, server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/blocks?{query}")
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(drawing(page).locator("g.block")).to_have_count(blocks)
    expect(page.get_by_test_id("walk").locator(".card").first).to_be_visible()


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_inception_is_drawn_beside_the_blocks_and_lights_none_of_theirs(
    viewport: dict[str, int], server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/blocks?details=inception&paths=1x1,3x3", viewport=viewport)
    inception = page.locator(".room").nth(1)
    expect(inception.locator("g.layer")).to_have_count(6)  # x, three convolutions, their join, and the output
    inception.locator('[data-name="x"]').hover()
    assert lit_layers(page) == ["x"]
    assert lit_terms(page) == []
    page.get_by_text("concatenation, then [I I]").click()
    expect(inception.locator('[data-name="fixed"]')).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR])
def test_inception_stands_in_the_row_of_the_blocks(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block={','.join(ORDERS[:4])},inception", viewport=viewport)
    expect(drawing(page).locator("g.block")).to_have_count(5)
    blocks = boxes(page, ".room g.block")
    assert max(block["x"] + block["width"] for block in blocks) <= viewport["width"]
    assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(blocks))
    (join,) = boxes(page, '.room [data-name="concat"] rect')
    (plus, *_others) = boxes(page, ".room g.role-shortcut circle")
    assert join["y"] + join["height"] / 2 == pytest.approx(plus["y"] + plus["height"] / 2, abs=1)
    assert font_px(page, '.room [data-block="inception"] g.layer text') >= 9
    page.locator('.room [data-name="3x3.conv2"]').hover()
    assert lit_layers(page) == ["conv2"]
    expect(page.locator('.room [data-block="inception"] .lit-row')).to_have_count(1)
