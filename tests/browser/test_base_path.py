"""The app below a path, as a department's server has it: pages, fonts, graph, links and deep links."""

from pathlib import Path

import pytest
from playwright.sync_api import Response, expect

from tests.browser.conftest import Visit, settled
from tests.browser.serving import BASE_PATH, serving

pytestmark = pytest.mark.browser

PATH = "lecture/viz"


def test_the_app_works_below_a_path(tmp_path: Path, visit: Visit) -> None:
    with serving(tmp_path, **{BASE_PATH: PATH}) as server:
        page = visit(f"{server.url}/architecture?net=resnet18")
        expect(page.get_by_test_id("layer-graph").locator("svg.graph")).to_be_visible()
        refused: list[str] = []

        def hear(response: Response) -> None:
            if response.status >= 400 and "/_stcore/" not in response.url:
                refused.append(response.url)

        page.on("response", hear)
        links = [link.get_attribute("href") or "" for link in page.get_by_role("link").all()]
        assert links
        assert all(link.startswith((f"{server.url}/", f"/{PATH}/", "#")) for link in links), links
        page.get_by_role("link", name="Blocks").click()
        expect(page.get_by_role("heading", name="Blocks", level=1)).to_be_visible()
        assert page.url.startswith(f"{server.url}/blocks")
        for way in ("", "/", "/attribution", "/theory"):
            page.goto(f"{server.url}{way}")
            settled(page)
            expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert refused == []
        page.goto("about:blank")
