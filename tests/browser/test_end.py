"""Whatever ends the server, nothing that it started is left behind."""

import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BLANK, Visit
from tests.browser.serving import serving
from tests.fakes.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.torch]

GONE_S = 10.0  # promised


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_server(by: signal.Signals, visit: Visit, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        page = visit(f"{server.url}/training?depth=8&nets=plain&steps=20000")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_test_id("stProgress")).to_contain_text("step ")
        assert len(server.others()) >= 3  # daemon, fork server, worker
        page.goto(BLANK)
        server.process.send_signal(by)
        server.process.wait()
        until(lambda: not server.others(), "the end of the daemon and its workers", patience_s=GONE_S)
