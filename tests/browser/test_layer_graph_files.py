"""What the layer graph saves: pictures that need no style sheet, and text for Graphviz."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.drawn import graph, ids, node
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"


def saved(page: Page, kind: str) -> tuple[str, bytes]:
    """Name and content of the file that a button of the menu saves."""
    graph(page).locator("summary").click()
    with page.expect_download() as download:
        graph(page).locator(f'[data-save="{kind}"]').click()
    path = download.value.path()
    return download.value.suggested_filename, Path(path).read_bytes()


def test_the_svg_parses_and_holds_every_node(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet50&open=stage3,stage3.block2")
    name, content = saved(page, "svg")
    assert name == "50-layers.svg"
    svg = ET.fromstring(content)
    assert svg.tag == f"{SVG}svg"
    groups = [one for one in svg.iter(f"{SVG}g") if "node" in one.get("class", "").split()]
    assert [one.get("data-id") for one in groups] == ids(page)
    words = {text.text for text in svg.iter(f"{SVG}text")}
    assert {"image", "block 1", "conv 3×3", "projection", "identity"} <= words
    used = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert used <= {"svg", "g", "rect", "path", "polygon", "ellipse", "text", "tspan", "polyline"}


def test_the_deepest_of_the_paper_is_a_figure_with_skips_and_no_scroll(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet152&level=block")
    name, content = saved(page, "svg")
    assert name == "152-layers.svg"
    svg = ET.fromstring(content)
    words = [text.text for text in svg.iter(f"{SVG}text")]
    assert {"identity", "projection"} <= set(words)
    _left, _top, width, height = map(float, (svg.get("viewBox") or "").split())
    assert 1 / 3 < width / height < 3


@pytest.mark.parametrize(("kind", "suffix"), [("png", ".png"), ("slide", ".slide.png")])
def test_a_picture_is_as_large_as_promised(kind: str, suffix: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stage2")
    name, content = saved(page, kind)
    assert name == f"18-layers{suffix}"
    assert content[:8] == PNG
    width = int.from_bytes(content[16:20], "big")  # PNG specification, 11.2.2
    assert width == 3_840 if kind == "slide" else width > 1_000
    corner = page.evaluate(
        """async (bytes) => {
          const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
          const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
          context.drawImage(picture, 0, 0);
          return [...context.getImageData(1, 1, 1, 1).data];
        }""",
        list(content),
    )
    assert corner == ([0, 0, 0, 0] if kind == "slide" else [255, 255, 255, 255])


def test_the_text_for_graphviz_is_of_what_shows(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stage2")
    name, content = saved(page, "dot")
    assert name == "18-layers.dot"
    text = content.decode()
    assert text.count("digraph ") == 3
    assert all(one in text for one in ids(page))


def test_every_file_of_the_menu_leaves_the_page_as_it_was(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&open=stage2")
    before = ids(page)
    for kind in ("svg", "slide"):
        saved(page, kind)
    assert ids(page) == before


def test_a_picture_of_a_dark_page_is_dark(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18")
    page.emulate_media(color_scheme="dark")
    page.reload()
    settled(page)
    expect(node(page, "stage1").locator("text").first).to_have_attribute("fill", re.compile("#e8ecf6", re.IGNORECASE))
    _name, content = saved(page, "svg")
    assert b"#0f1420" in content or b"15, 20, 32" in content  # the page's own background
