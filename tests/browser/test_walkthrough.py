"""The walk-through in a browser: steps and settings are drawn there, and the address follows when they are at rest."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.serving import Server
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
ROW_OF_CONV1 = ["1", "2", "1", "-1", "-2", "-1"]  # shared/THEORY.md, section 1
UPPER_OF_F = ["1", "2", "1", "0", "0", "0"]


def walk(page: Page) -> Locator:
    """The component once it has drawn."""
    root = page.get_by_test_id("walk")
    expect(root).to_have_attribute("data-drawn", re.compile(r"\d+"))
    return root


def card(root: Locator, number: int) -> Locator:
    return root.locator(".card").nth(number)


def visible(root: Locator, number: int) -> list[str]:
    """Values of a tensor that can be read, row by row; of one's own image what its cells hold."""
    found: list[str] = (
        card(root, number)
        .locator("td > *")
        .evaluate_all(
            "all => all.filter(e => getComputedStyle(e).visibility === 'visible').map(e => e.value ?? e.textContent)"
        )
    )
    return found


def known(root: Locator) -> list[bool]:
    """Whether each tensor can be read."""
    return [bool(visible(root, number)) for number in range(root.locator(".card").count())]


def address_has(page: Page, part: str) -> None:
    page.wait_for_url(lambda url: part in url)


def comes_to(root: Locator, expected: list[bool]) -> None:
    """Waits until exactly these tensors can be read: a busy browser handles keys a moment later."""
    until(lambda: known(root) == expected, f"{expected}")


@pytest.mark.parametrize("viewport", [DESK, PROJECTOR, PHONE])
def test_keys_go_from_tensor_to_tensor(viewport: dict[str, int], server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false&step=0", viewport=viewport)
    root = walk(page)
    comes_to(root, [True] + [False] * 5)
    card(root, 0).get_by_role("button").focus()
    page.keyboard.press("ArrowRight")
    comes_to(root, [True] * 2 + [False] * 4)
    assert visible(root, 1)[6:12] == ROW_OF_CONV1
    expect(card(root, 1)).to_have_attribute("aria-current", "step")
    expect(root.locator("[aria-live=polite]")).to_contain_text("conv 3×3. Each value is the right neighbour")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    comes_to(root, [True] * 4 + [False] * 2)
    assert visible(root, 3)[:6] == UPPER_OF_F
    page.keyboard.press("ArrowLeft")
    comes_to(root, [True] * 3 + [False] * 3)
    page.keyboard.press("End")
    comes_to(root, [True] * 6)
    expect(root.locator(".outcome")).to_contain_text("Sum of the output: 46.")
    page.keyboard.press("Home")
    comes_to(root, [True] + [False] * 5)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def test_a_step_needs_no_server(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false&step=0")
    root = walk(page)
    before = int(root.get_attribute("data-drawn") or 0)
    seen = root.evaluate(
        "e => { e.querySelector('[data-go=next]').click(); return [e.dataset.step, Number(e.dataset.drawn)]; }"
    )
    assert seen == ["1", before + 1]  # in the same turn of the browser's loop


def test_the_arrow_keys_need_no_click_while_the_walk_is_on_the_screen(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?step=0")
    root = walk(page)
    page.get_by_role("heading", name="Blocks").click()
    root.locator(".cards").scroll_into_view_if_needed()
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "1")
    page.get_by_role("spinbutton", name="Width").focus()  # which has the keys to itself
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "1")


def test_the_address_follows_at_rest_and_leads_back(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false")
    root = walk(page)
    root.get_by_role("button", name="From the beginning").click()
    root.get_by_role("button", name="Next step").click()
    address_has(page, "step=1")
    settled(page)
    expect(root).to_have_attribute("data-step", "1")
    other = visit(page.url)
    comes_to(walk(other), [True] * 2 + [False] * 4)
    root.get_by_role("button", name="All steps").click()
    page.wait_for_url(lambda url: "step" not in url)
    settled(page)
    page.go_back()
    expect(root).to_have_attribute("data-step", "1")


def test_the_focus_outlives_the_answer_of_the_server(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false&step=1")
    root = walk(page)
    card(root, 2).get_by_role("button").focus()
    page.keyboard.press("End")
    page.wait_for_url(lambda url: "step" not in url)
    settled(page)
    expect(card(root, 2).get_by_role("button")).to_be_focused()
    page.keyboard.press("Home")  # which the page has to itself where no tensor has the focus
    expect(root).to_have_attribute("data-step", "0")


def test_settings_are_drawn_at_once(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks")
    root = walk(page)
    root.get_by_role("checkbox", name="branch at zero").check()
    expect(root.locator(".outcome")).to_contain_text("36 of 36 values are those of x.")
    root.get_by_role("radio", name="image − 2").click()
    expect(root.locator(".outcome")).to_contain_text("12 of 36 values are those of x.")
    assert visible(root, 0)[:6] == ["-2"] * 6
    address_has(page, "input=lower")
    address_has(page, "zero=true")


def test_norm_changes_the_page_as_well(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks")
    root = walk(page)
    expect(root.locator(".card")).to_have_count(8)
    root.get_by_role("checkbox", name="batch norm").uncheck()
    expect(root.locator(".card")).to_have_count(6)
    address_has(page, "norm=false")
    expect(page.locator(".room g.role-norm")).to_have_count(0)
    root.get_by_role("checkbox", name="batch norm").check()
    expect(page.locator(".room g.role-norm")).to_have_count(2)


def test_a_value_shows_what_it_was_computed_from(server: Server, visit: Visit) -> None:
    root = walk(visit(f"{server.url}/blocks?norm=false"))
    card(root, 1).locator("td").nth(7).hover()
    sources = root.locator("td.source")
    expect(sources).to_have_count(9)
    assert sources.all_text_contents() == ["0", "0", "0", "0", "1", "2", "0", "2", "4"]
    card(root, 4).locator("td").nth(7).hover()
    assert sources.all_text_contents() == ["1", "4"]  # x and F(x)


def test_larger_values_are_drawn_stronger(server: Server, visit: Visit) -> None:
    root = walk(visit(f"{server.url}/blocks?norm=false"))
    colors: list[str] = card(root, 1).locator("td").evaluate_all("all => all.map(e => getComputedStyle(e).background)")
    assert len({colors[place] for place in (6, 7, 9, 10, 0)}) == 5  # 1, 2, -1, -2 and 0
    expect(root.locator(".legend .low")).to_have_text("-5")
    expect(root.locator(".legend .high")).to_have_text("5")


def test_one_s_own_image_is_drawn_and_typed(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false&input=own")
    root = walk(page)
    root.locator("[data-pen='2']").click()
    cells = card(root, 0).locator("td input")
    expect(root.locator("[data-pen='2']")).to_have_attribute("aria-pressed", "true")
    cells.nth(0).hover()  # which waits until nothing above moves any more
    page.mouse.down()
    for place in range(1, 6):
        cells.nth(place).hover()
    page.mouse.up()
    until(lambda: visible(root, 0)[:6] == ["2"] * 6, "a row of 2")
    address_has(page, "2+2+2+2+2+2")
    expect(card(root, 1).locator("td").first).to_have_text("2")  # the right neighbour, and nothing left of it
    cells.nth(0).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    expect(card(root, 1).locator("td").nth(1)).to_have_text("-5")
    root.get_by_role("button", name="Usual image").click()
    expect(card(root, 1).locator("td").nth(1)).to_have_text("0")
    page.wait_for_url(lambda url: "image" not in url)


@pytest.mark.parametrize("typed", ["x", "1000000000", ""])
def test_what_is_no_number_is_refused_and_the_rest_stays(typed: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?norm=false&input=own")
    root = walk(page)
    before = [visible(root, number) for number in range(1, 6)]
    cell = card(root, 0).locator("td input").nth(8)
    cell.fill(typed)
    cell.press("Enter")
    alert = root.get_by_role("alert")
    expect(alert).to_contain_text("is a number from -100 to 100; got")
    expect(alert).to_contain_text(typed)
    expect(cell).to_have_value(typed)
    expect(cell).to_have_attribute("aria-invalid", "true")
    assert [visible(root, number) for number in range(1, 6)] == before
    cell.fill("4")
    cell.press("Enter")
    expect(alert).to_be_hidden()
    expect(card(root, 0).locator("td input").nth(14)).to_be_focused()  # the cell below: an answer takes no focus
    expect(card(root, 1).locator("td").nth(7)).to_have_text("4")


def test_image_and_channel_of_a_batch_are_chosen(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?block=d2l_residual_1x1")
    root = walk(page)
    shapes = root.locator(".card small").all_text_contents()
    assert (shapes[0], shapes[-1]) == ("(4, 3, 6, 6)", "(4, 6, 3, 3)")
    seen = [visible(root, 0)]
    root.get_by_label("Channel").select_option("2")
    seen.append(visible(root, 0))
    root.get_by_label("Image").select_option("4")
    seen.append(visible(root, 0))
    assert all(one != other for one, other in pairwise(seen))
    address_has(page, "channel=2")
    address_has(page, "sample=4")


def test_on_a_phone_the_tensor_of_the_step_is_in_sight(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/blocks?step=5", viewport=PHONE)
    root = walk(page)
    page.wait_for_function(IS_IN_SIGHT, arg=[root.element_handle(), 5])
    root.get_by_role("button", name="From the beginning").click()
    page.wait_for_function(IS_IN_SIGHT, arg=[root.element_handle(), 0])


IS_IN_SIGHT = """([root, number]) => {
  const [strip, card] = [root.querySelector(".cards"), root.querySelectorAll(".card")[number]];
  const [outer, inner] = [strip, card].map((element) => element.getBoundingClientRect());
  return inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_can_be_read_on_every_colour(scheme: str, server: Server, chromium: object) -> None:
    page = chromium.new_context(color_scheme=scheme).new_page()  # type: ignore[attr-defined]
    page.goto(f"{server.url}/blocks?norm=false")
    settled(page)
    root = walk(page)
    lowest = root.evaluate(LOWEST_CONTRAST)
    page.context.close()
    assert lowest >= 4.5


LOWEST_CONTRAST = """root => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrasts = [...root.querySelectorAll("td")].map((cell) => {
    const [a, b] = [getComputedStyle(cell).color, getComputedStyle(cell).backgroundColor].map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
  return Math.min(...contrasts);
}"""
