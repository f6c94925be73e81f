"""The page of all runs in a real browser: rename, pin, compare, delete, download; the file that replays offline."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from resnet_viz.present.runs.replay_html import replay_html
from resnet_viz.runs import shipped
from resnet_viz.runs.paths import STORE_NAME
from resnet_viz.runs.store import RunStore
from tests.browser.conftest import BLANK, Visit, settled
from tests.browser.serving import Server, serving
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>window.__pwned=1</script><img src=x onerror=window.__pwned=2>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    """A server whose store nobody else uses."""
    with serving(tmp_path) as server:
        yield server


def store_of(server: Server) -> RunStore:
    server.home.mkdir(parents=True, exist_ok=True)
    return RunStore(server.home / STORE_NAME)


def adopt(server: Server, name: str) -> str:
    content = shipped.export("no_norm")
    content["run"] |= {"name": name}
    return store_of(server).import_run(json.dumps(content).encode(), owner="me")


def card(page: Page, run_id: str) -> Locator:
    return page.locator(f".st-key-card-{run_id}")


def press(page: Page, key: str) -> None:
    """Presses the button of this key; a tooltip has a second, hidden one."""
    page.locator(f"[class*='st-key-{key}'] button:visible").first.click()
    settled(page)


def names(page: Page) -> list[str]:
    return page.locator("[class*='st-key-card-'] a strong").all_inner_texts()


def test_a_run_is_pinned_renamed_compared_and_deleted(served: Server, visit: Visit) -> None:
    old, new = adopt(served, "old"), adopt(served, "new")
    page = visit(f"{served.url}/runs")
    until(lambda: names(page)[:2] == ["new", "old"], "both runs")

    press(page, f"pin-{old}")
    until(lambda: names(page)[:2] == ["old", "new"], "the pinned run at the top")

    press(page, f"more-{new}")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("group B")
    dialog.get_by_label("Note").fill("half the *rate*")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(card(page, new)).to_contain_text("group B")
    expect(card(page, new)).to_contain_text("half the *rate*")

    for run_id in (old, new):
        card(page, run_id).get_by_test_id("stCheckbox").locator("label").click()
        settled(page)
    expect(page).to_have_url(re.compile(f"runs=degradation(,|%2C){old}(,|%2C){new}"))
    expect(page.get_by_role("img", name="test error against step")).to_be_visible()

    page.get_by_role("button", name="Delete 2 runs").click()
    expect(dialog).to_contain_text("group B")
    dialog.get_by_role("button", name="Delete 2 runs and their records").click()
    expect(dialog).to_have_count(0)
    until(lambda: names(page) == [shipped.read(name).title for name in shipped.NAMES], "the shipped runs alone")
    assert store_of(served).list() == ()
    page.goto(BLANK)


def test_a_file_is_imported_and_a_damaged_one_is_told(served: Server, visit: Visit) -> None:
    page = visit(f"{served.url}/runs")
    for content, told in ((b"[1, 2", "not whole JSON"), (json.dumps(shipped.export("very_deep")).encode(), "")):
        page.get_by_role("button", name="Import").click()
        file = {"name": "run.json", "mimeType": "application/json", "buffer": content}
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        if told:
            expect(page.get_by_test_id("stAlert").filter(has_text=told)).to_be_visible()
            page.keyboard.press("Escape")
    until(lambda: len(store_of(served).list()) == 1, "the imported run")
    (run,) = store_of(served).list()
    expect(card(page, run.id)).to_contain_text("imported")
    expect(page).to_have_url(re.compile(f"runs={run.id}"))
    page.goto(BLANK)


def test_the_html_file_comes_from_the_page_and_replays_without_a_server(
    server: Server, visit: Visit, chromium: Browser, tmp_path: Path
) -> None:
    page = visit(f"{server.url}/runs?q=Degradation+on")  # whatever runs this server has had before
    press(page, "more-degradation")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="HTML (offline replay)").click()
    file = tmp_path / download.value.suggested_filename
    assert file.name == "degradation-on-fashion-mnist-degradation.html"
    download.value.save_as(file)
    replays(chromium, file, title="Degradation on Fashion-MNIST", last=399)


def test_a_hostile_name_in_the_html_file_is_text(chromium: Browser, tmp_path: Path) -> None:
    content = shipped.export("no_norm")
    content["run"] |= {"name": HOSTILE, "note": HOSTILE}
    file = tmp_path / "hostile.html"
    file.write_text(replay_html(content), encoding="utf-8")
    replays(chromium, file, title=HOSTILE, last=199)


def replays(chromium: Browser, file: Path, *, title: str, last: int) -> None:
    """Opens a file in a browser that is offline, plays it and goes through it by keyboard and slider."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith("file:") else heard.append(asked.url))
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_have_text(title)
    where = page.locator("#where")
    expect(where).to_have_text(f"step {last} of {last}")
    for chart in ("loss", "accuracy", "gradient"):
        assert page.locator(f"#{chart} path").count() >= 3
    expect(page.locator("#numbers tbody tr")).to_have_count(4)
    numbers = page.locator("#numbers").inner_text()

    page.keyboard.press("r")
    expect(where).to_have_text(f"step 0 of {last}")
    assert page.locator("#numbers").inner_text() != numbers
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(where).to_have_text(f"step 11 of {last}")
    page.locator("#step").fill("100")
    expect(where).to_have_text(f"step 100 of {last}")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(where).not_to_have_text(f"step 100 of {last}")
    page.keyboard.press("End")
    expect(where).to_have_text(f"step {last} of {last}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    assert page.evaluate("window.__pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
    assert heard == []
