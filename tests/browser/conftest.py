"""A server, a Chromium, and visitors whose every page is checked for errors and for requests that leave the machine."""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import Server, serving
from tests.fakes.waiting import PATIENCE_S

HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
BLANK = "about:blank"  # where to go before a server ends: a page says on the console that it is gone
SETTLED = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
DESK = {"width": 1280, "height": 860}

Visit = Callable[..., Page]

expect.set_options(timeout=PATIENCE_S * 1e3)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that CHROMIUM names, else Debian's, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that need no server of their own."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Opens an address as a new visitor; a failure leaves pictures in tmp_path."""
    with visitors(chromium) as (visit, pages):
        yield visit
        if request.node.stash.get(_FAILED, False):
            for number, page in enumerate(pages):
                page.screenshot(path=tmp_path / f"page{number}.png", full_page=True)


@pytest.fixture(scope="module")
def visit_once(chromium: Browser) -> Iterator[Visit]:
    """Opens a page that all tests of a module share: each of them first brings it to where it looks."""
    with visitors(chromium) as (visit, _pages):
        yield visit


@contextmanager
def visitors(chromium: Browser) -> Iterator[tuple[Visit, list[Page]]]:
    """Yields a function that opens an address in a browser context of its own and waits until the page has settled.

    The list of its pages comes with it. In the end no page may have logged an error or asked another machine.
    """
    pages: list[Page] = []
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # on a deep link Streamlit itself first asks for /<page>/_stcore/..., gets 404 and then asks at the root
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            heard.append(f"console: {message.text} {message.location}")

    def note(asked: Request) -> None:
        if not HERE.match(asked.url):
            heard.append(f"leaves the machine: {asked.url}")

    def visit(url: str, *, viewport: dict[str, int] | None = None) -> Page:
        context = chromium.new_context(viewport=viewport or DESK, locale="en-US", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_S * 1e3)
        page = context.new_page()
        pages.append(page)
        page.on("console", hear)
        page.on("pageerror", lambda error: heard.append(f"script: {error}"))
        page.on("request", note)
        page.goto(url)
        return settled(page)

    yield visit, pages
    for page in pages:
        page.context.close()
    assert not heard, "\n".join(heard)


def settled(page: Page) -> Page:
    """The page once the server has answered and the script has run."""
    page.wait_for_selector(SETTLED)
    return page
