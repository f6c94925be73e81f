"""The very first request to a fresh server is a deep link: Streamlit then runs the page file without app.py."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BLANK, Visit
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


def test_the_first_deep_link_shows_frame_and_page(visit: Visit, tmp_path: Path) -> None:
    with serving(tmp_path) as fresh:
        page = visit(f"{fresh.url}/architecture?net=resnet34&shortcut=none")
        expect(page.get_by_test_id("stMetric").filter(has_text="Parameters")).to_contain_text("21,623,848")
        expect(page.get_by_test_id("layer-graph").locator("g.node[data-id=stage4]")).to_be_visible()
        links = page.get_by_role("navigation").get_by_role("link")
        expect(links).to_have_text(
            [
                "Start",
                "Architecture",
                "Blocks",
                "Parameters",
                "Training lab",
                "Gradients",
                "Theory",
                "Attribution",
                "Runs",
                "Lecture",
            ]
        )
        expect(page.get_by_role("dialog")).to_have_count(0)  # "Page not found" would be one
        expect(page).to_have_title("resnet_viz")
        assert page.url.endswith("/architecture?net=resnet34&shortcut=none")
        page.get_by_role("radio", name="18", exact=True).click()  # the first click counts
        expect(page.get_by_test_id("stMetric").filter(has_text="Depth")).to_contain_text("18")
        page.goto(BLANK)
