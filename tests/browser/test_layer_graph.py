"""The layer graph in a real browser: opened, walked through, selected, on a desk and on a phone."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.drawn import click, click_beside, frame, graph, ids, node, title
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def scale(page: Page) -> float:
    matrix = "layer => new DOMMatrix(layer.style.transform).a"
    return float(graph(page).locator(".layer").evaluate(matrix))


def focused(page: Page) -> str:
    inside = "root => root.getRootNode().activeElement?.dataset.id ?? ''"
    return str(graph(page).evaluate(inside))


def test_a_click_opens_a_stage_then_a_block_and_a_click_beside_goes_up(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50")
    assert ids(page) == ["input", "stem", "stage1", "stage2", "stage3", "stage4", "head", "output"]
    click(page, "stage3")
    expect(frame(page, "stage3")).to_be_visible()
    expect(node(page, "stage3.block3.more")).to_contain_text("4 more")  # He et al. 2015, table 1: six blocks
    expect(node(page, "stage2")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]open=stage3$"))
    click(page, "stage3.block2")
    expect(node(page, "stage3.block2.branch.conv3")).to_be_visible()
    expect(page).to_have_url(re.compile(r"open=stage3(,|%2C)stage3.block2$"))
    click_beside(page)
    expect(frame(page, "stage3.block2")).to_have_count(0)
    expect(frame(page, "stage3")).to_be_visible()
    click_beside(page)
    expect(frame(page, "stage3")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?net=resnet50$|/architecture$"))


def test_a_title_closes_its_frame_and_a_fold_opens(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3")
    click(page, "stage3.block3.more")
    expect(node(page, "stage3.block6")).to_be_visible()
    expect(node(page, "stage3.block3.more")).to_have_count(0)
    title(page, "stage3").click()
    expect(frame(page, "stage3")).to_have_count(0)
    expect(node(page, "stage3")).to_be_visible()


def test_alt_click_opens_all_there_is_below(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    click(page, "stage2", modifiers=["Alt"])
    expect(frame(page, "stage2.block2")).to_be_visible()
    assert {"stage2.block1.shortcut.conv", "stage2.block2.branch.conv2"} <= set(ids(page))
    expect(page).to_have_url(re.compile(r"open=stage2\.(\*|%2A)$"))


def test_the_level_opens_all_and_shortcuts_are_dashed_where_the_shape_changes(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    page.get_by_role("radiogroup", name="Level").get_by_role("radio", name="blocks").click()
    expect(frame(page, "stage4")).to_be_visible()
    arrows = graph(page).locator("g.edge.shortcut")
    expect(arrows).to_have_count(8)  # He et al. 2015, table 1: two blocks a stage
    assert arrows.filter(has_text="projection").count() == 3
    assert graph(page).locator("g.edge.shortcut path[stroke-dasharray]").count() == 3
    plain = visit(f"{server.url}/architecture?net=plain18&level=block")
    expect(graph(plain).locator("g.edge.shortcut")).to_have_count(0)
    expect(frame(plain, "stage4")).to_be_visible()


def test_the_pointer_brings_up_a_card_with_the_counts(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3,stage3.block2")
    card = graph(page).locator(".card")
    expect(card).to_be_hidden()
    node(page, "stage3.block2.branch.conv2").locator("text").first.hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text("3 · 3 · 256 · 256 = 589,824")  # He et al. 2015, table 1
    expect(card.locator("figcaption")).to_contain_text("px")
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()


def test_what_is_selected_stands_out_with_its_like_and_is_in_the_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3,stage3.block2")
    block = "stage3.block2.branch"
    click(page, f"{block}.norm1")
    expect(node(page, f"{block}.norm1")).to_have_class(re.compile(r"\bselected\b"))
    expect(node(page, f"{block}.conv1")).to_have_class(re.compile(r"\binput\b"))
    expect(node(page, f"{block}.act1")).to_have_class(re.compile(r"\boutput\b"))
    expect(node(page, f"{block}.norm2")).to_have_class(re.compile(r"\balike\b"))  # 256 channels at 14 px too
    expect(node(page, f"{block}.norm3")).not_to_have_class(re.compile(r"\balike\b"))
    expect(graph(page).locator(".detail")).to_contain_text(f"{block}.norm1")
    expect(page).to_have_url(re.compile(rf"[?&]node={re.escape(block)}\.norm1"))
    other = visit(page.url)
    expect(node(other, f"{block}.norm1")).to_have_class(re.compile(r"\bselected\b"))
    click(page, f"{block}.norm1")
    expect(graph(page).locator(".detail")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("node="))


def test_the_keyboard_walks_opens_and_goes_up(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    graph(page).locator('[tabindex="0"]').focus()
    assert focused(page) == "input"
    for name in ("stem", "stage1", "stage2"):
        page.keyboard.press("ArrowRight")
        assert focused(page) == name
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "stage1"
    page.keyboard.press("Enter")
    expect(frame(page, "stage1")).to_be_visible()
    page.wait_for_function("root => root.getRootNode().activeElement", arg=graph(page).element_handle())
    assert focused(page) == "stage1"  # now the frame's title
    page.keyboard.press("ArrowDown")
    assert focused(page).startswith("stage1.")
    page.keyboard.press("Escape")
    expect(frame(page, "stage1")).to_have_count(0)


def test_enter_selects_a_layer_and_escape_lets_go_of_it_first(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stem")
    node(page, "stem.conv").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("node=stem.conv"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("node="))
    expect(frame(page, "stem")).to_be_visible()


def test_space_fits_and_the_buttons_zoom(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&level=layer")
    usual = scale(page)
    graph(page).locator('[data-act="in"]').click()
    assert scale(page) == pytest.approx(1.3 * usual)
    graph(page).locator('[tabindex="0"]').focus()
    page.keyboard.press(" ")
    assert scale(page) == pytest.approx(usual)
    page.keyboard.press(" ")  # a second time: all of it
    assert scale(page) < usual
    room = graph(page).locator(".canvas").bounding_box()
    assert room
    for name in ("input", "output"):
        place = node(page, name).bounding_box()
        assert place
        assert room["y"] <= place["y"] <= place["y"] + place["height"] <= room["y"] + room["height"]


def test_dragging_moves_the_drawing_and_is_no_click(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    node(page, "stage2").scroll_into_view_if_needed()
    before = node(page, "stage2").bounding_box()
    assert before
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=5)
    page.mouse.up()
    after = node(page, "stage2").bounding_box()
    assert after
    assert after["x"] - before["x"] == pytest.approx(60, abs=2)
    click(page, "stage3")  # the next click counts again, and by its answer an earlier one would have been answered
    expect(frame(page, "stage3")).to_be_visible()
    expect(frame(page, "stage2")).to_have_count(0)


def test_the_search_finds_a_layer_by_its_name(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet152")
    page.get_by_label("Find a layer").fill("stage3.block20.branch.conv2")
    page.get_by_role("option", name="stage3.block20.branch.conv2").click()
    expect(node(page, "stage3.block20.branch.conv2")).to_have_class(re.compile(r"\bselected\b"))
    expect(graph(page).locator(".detail")).to_contain_text("stage3.block20.branch.conv2")


def test_the_list_says_the_same_in_words(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3")
    names = ids(page)
    graph(page).locator('[data-act="list"]').click()
    rows = graph(page).locator(".list")
    expect(rows).to_be_visible()
    expect(graph(page).locator(".canvas")).to_be_hidden()
    inner = rows.locator("li", has_text="stage 3").locator("ul li")
    assert inner.count() == sum(name.startswith("stage3.") and not name.endswith(".from") for name in names)
    expect(inner.first).to_contain_text("shortcut projection")
    graph(page).locator('[data-act="list"]').click()
    expect(graph(page).locator(".canvas")).to_be_visible()


def test_in_the_dark_words_are_light(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    text = node(page, "stage1").locator("text").first
    expect(text).to_have_attribute("fill", re.compile("#1b2236", re.IGNORECASE))
    page.emulate_media(color_scheme="dark")
    page.reload()
    settled(page)
    expect(text).to_have_attribute("fill", re.compile("#e8ecf6", re.IGNORECASE))
    click(page, "stage2")
    expect(frame(page, "stage2")).to_be_visible()


def test_colours_show_a_quantity_with_its_scale(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&color=params")
    legend = graph(page).locator(".legend")
    expect(legend).to_contain_text("8.39 M")  # torchvision 0.29.2, layer4
    fill = node(page, "stage4").locator("path").first
    expect(fill).to_have_attribute("fill", re.compile("#7db8de", re.IGNORECASE))


def test_a_phone_shows_few_boxes_beside_each_other_and_all_work(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50", viewport=PHONE)
    expect(node(page, "net.row2.from")).to_have_count(1)  # rows of two
    click(page, "stage3")
    expect(frame(page, "stage3")).to_be_visible()
    box = node(page, "stage3.block2").bounding_box()
    assert box
    assert box["width"] > 60  # readable, not a whole net in 390 px
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]


def test_hostile_names_in_the_address_are_text_and_nothing_else(server: Server, visit: Visit) -> None:
    text = "<img src=x onerror='window.__pwned=1'>\"&amp;<script>window.__pwned=2</script>"
    query = {"node": text, "open": f"{text},stage2", "part": text, "color": text, "level": text, "net": text}
    page = visit(f"{server.url}/architecture?{urlencode(query)}")
    expect(frame(page, "stage2")).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="<img src=x onerror=").first).to_be_visible()
    expect(graph(page).locator("script, img, iframe, foreignObject")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.__pwned") is None


@pytest.mark.parametrize("name", ["stage9.block1.add", "constructor", "__proto__"])
def test_a_node_that_does_not_exist_opens_the_graph_without_it(name: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stage2&node={name}")
    expect(frame(page, "stage2")).to_be_visible()
    expect(graph(page).locator(".detail")).to_be_hidden()
    expect(graph(page).locator("g.node.selected")).to_have_count(0)


def test_the_deepest_net_opens_folded(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=cifar_resnet20&blocks=998,1,1")
    click(page, "stage1")
    expect(node(page, "stage1.block2.more")).to_contain_text("997 more")
    refused = visit(f"{server.url}/architecture?net=cifar_resnet20&blocks=10000,1,1")
    expect(refused.get_by_test_id("stAlert").first).to_contain_text("blocks is a whole number from 1 to 1,000")
    expect(node(refused, "stage1")).to_be_visible()
