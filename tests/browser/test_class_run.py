"""A class of three browsers in a real Chromium: each trains its seed, all see the same band fill."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.present.theme import Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.scenes.rooms import FILE_NAME, RoomStore
from resnet_viz.training import recipe_files
from tests.browser.conftest import BLANK, Visit
from tests.browser.serving import Server, serving
from tests.fakes.class_racers import FAILING

pytestmark = pytest.mark.browser

RECIPE = recipe_files.make("degradation", {"nets": "plain", "steps": "60"})
PHONE = {"width": 390, "height": 844}
PROJECTOR = {"width": 1024, "height": 768}
DEPTH = """
title = "Depth"
question = "Which net ends with the lower training loss?"
explanation = "The deeper net could copy the shallower one."
source = "He et al. 2015, section 1"
outcome = "deeper_or_shallower"
[[answers]]
text = "The 20-layer net"
verdict = "shallower"
[[answers]]
text = "The 56-layer net"
verdict = "deeper"
[open]
page = "training"
[open.query]
recipe = "degradation"
nets = "plain"
steps = "60"
"""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trains with a stand-in, with a scene of a lecturer's own."""
    folder = tmp_path_factory.mktemp("school")
    (folder / "scenes").mkdir()
    (folder / "scenes" / "depth.toml").write_text(DEPTH, encoding="utf-8")
    variables = {
        "RESNET_VIZ_SCENES": str(folder / "scenes"),
        "RESNET_VIZ_JOBS_EXECUTOR": "tests.fakes.class_racers:race",
        "RESNET_VIZ_JOBS_PRELOAD": "",
    }
    with serving(folder, **variables) as server:
        yield server


def lines(page: Page, *, width: float) -> Locator:
    """The lines of this width in the chart."""
    chart = page.locator(".st-key-class_chart [_echarts_instance_] svg")
    return chart.locator(f'path[fill="none"][stroke-width="{width:g}"]:not([stroke-dasharray])')


def test_three_browsers_train_three_seeds_and_count_them(school: Server, visit: Visit) -> None:
    address = f"{school.url}/scene?name=depth&class=1"
    projector = visit(address, viewport=PROJECTOR)
    expect(projector).to_have_url(re.compile(r"[?&]room=\w{4}"))
    expect(projector.locator(".st-key-class_counts")).to_contain_text("1 joined")
    second, phone = visit(address), visit(projector.url, viewport=PHONE)
    for page, seed in ((projector, 0), (second, 1), (phone, FAILING)):
        expect(page.locator(".st-key-class_own")).to_contain_text(f"our seed {seed} ")
    second.goto(BLANK)  # one that is closed loses nothing
    for page in (projector, phone):
        expect(page.locator(".st-key-class_counts")).to_have_text("3 joined · 0 training · 2 done · 1 failed")
        found = page.locator(".st-key-class_found")
        expect(found).to_have_text("In 2 of 2 seeds plain\u201156 has the higher training loss than plain\u201120.")
    colors = {style.color.lower() for style in style_nets(RECIPE.nets, Mode.LIGHT).values()}
    strokes = lines(projector, width=4).evaluate_all("all => all.map(one => one.getAttribute('stroke').toLowerCase())")
    assert sorted(strokes) == sorted(colors)  # a mean for each net
    expect(lines(projector, width=1.2)).to_have_count(2 * len(RECIPE.labels))
    legend = projector.locator(".st-key-class_chart svg text")
    expect(legend.filter(has_text="your seed")).to_have_text("your seed, 0")
    code = re.search(r"room=(\w+)", projector.url)
    assert code
    assert [seat.seed for seat in RoomStore(school.home / FILE_NAME).seats(code[1])] == [0, 1, 2]
    expect(phone.get_by_role("button", name=f"Train seed {FAILING} again")).to_be_visible()
    expect(projector.get_by_role("button", name=re.compile("Train seed"))).to_have_count(0)
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    for page in (projector, phone):
        page.goto(BLANK)
