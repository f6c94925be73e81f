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


def stop_button(page: Page) -> Locator:
    """The page's own button; the header of Streamlit has one of the same name while a script takes long."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop")


def race(page: Page) -> Locator:
    """The charts of a run, once they have drawn."""
    page.wait_for_selector("[data-testid=race][data-ready=true]")
    return page.get_by_test_id("race")


def chart(shown: Locator, name: str) -> Locator:
    """One chart of a race: "loss", "error" or "profile"."""
    return shown.locator(f'[data-chart="{name}"]')


def heat(shown: Locator, net: str) -> Locator:
    """The map of one net, depth against step."""
    return shown.locator(f'[data-chart="heat"][data-net="{net}"]')


def pick(shown: Locator, **choices: str) -> None:
    """Picks quantity, loss ("linear" or "log"), window ("1" for none) or range ("recent" or "all")."""
    for name, value in choices.items():
        shown.locator(f'[data-pick="{name}"]').select_option(value)


def scrub(shown: Locator, step: int) -> None:
    """Moves the slider, a measured step at a time, until it is at this step."""
    slider = shown.get_by_role("slider")
    for place in range(int(slider.get_attribute("max") or 0) + 1):
        slider.fill(str(place))
        if shown.get_attribute("data-step") == str(step):
            return
    raise AssertionError(f"step {step} was not measured")


def tip(shown: Locator) -> tuple[str, list[tuple[str, str]]]:
    """Title of the tooltip beside the pointer, and its names with values."""
    words = shown.get_by_role("tooltip")
    expect(words).to_be_visible()
    rows = words.locator("div").evaluate_all("all => all.map(one => [...one.children].map(part => part.textContent))")
    return words.locator("strong").text_content() or "", [(name, value) for name, value in rows]
