"""The layer graph on a page, its boxes and frames, for the browser tests of it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect


def graph(page: Page) -> Locator:
    """The component once it has drawn."""
    root = page.get_by_test_id("layer-graph")
    expect(root).to_have_attribute("data-drawn", re.compile(r"\d+"))
    return root


def node(page: Page, name: str) -> Locator:
    return graph(page).locator(f'g.node[data-id="{name}"]')


def frame(page: Page, name: str) -> Locator:
    return graph(page).locator(f'g.frame[data-id="{name}"]')


def title(page: Page, name: str) -> Locator:
    """What a click on a frame closes: its title."""
    return frame(page, name).locator("text")


def click(page: Page, name: str, **how: Any) -> None:
    """Clicks a box on its title: other boxes may lie over its middle, but none over words."""
    node(page, name).locator("text").first.click(**how)


def click_beside(page: Page) -> None:
    """Clicks where the canvas is empty: in its bottom right corner."""
    canvas = graph(page).locator(".canvas")
    room = canvas.bounding_box()
    assert room
    canvas.click(position={"x": room["width"] - 5, "y": room["height"] - 4})


def ids(page: Page) -> list[str]:
    return [str(name) for name in graph(page).locator("g.node").evaluate_all("all => all.map(one => one.dataset.id)")]
