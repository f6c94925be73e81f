"""Two nets in one drawing, in a real browser: opened together, what is equal dimmed, what differs marked."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.drawn import click, frame, graph, node
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

V1_AND_V15 = "/architecture?net=resnet50_v1&b.net=resnet50"


def test_a_click_in_one_net_opens_both_and_only_the_stride_differs(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}{V1_AND_V15}")
    expect(node(page, "b/stage1")).to_have_class(re.compile("equal"))
    expect(node(page, "b/stage2")).to_have_class(re.compile("different"))
    click(page, "stage2")
    expect(frame(page, "b/stage2")).to_be_attached()
    click(page, "stage2.block1")
    expect(frame(page, "b/stage2.block1")).to_be_attached()
    expect(page).to_have_url(re.compile(r"open=stage2(,|%2C)stage2.block1$"))
    marked = {
        name: re.findall(r"equal|different", classes)
        for name, classes in graph(page)
        .locator('g.node[data-id^="b/stage2.block1."]')
        .evaluate_all("all => all.map((one) => [one.dataset.id, one.getAttribute('class')])")
    }
    different = [name.removeprefix("b/stage2.block1.branch.") for name, mark in marked.items() if mark == ["different"]]
    assert different == ["conv1", "norm1", "act1", "conv2"]  # v1 takes its step of two in conv1, v1.5 in conv2
    assert marked["b/stage2.block1.shortcut.conv"] == ["equal"]


def test_a_layer_is_selected_in_both_nets_and_told_once(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}{V1_AND_V15}&open=stage2,stage2.block1")
    click(page, "stage2.block1.branch.conv2")
    for name in ("stage2.block1.branch.conv2", "b/stage2.block1.branch.conv2"):
        expect(node(page, name)).to_have_class(re.compile("selected"))
    expect(page).to_have_url(re.compile(r"node=stage2.block1.branch.conv2"))
    expect(graph(page).locator(".detail")).to_contain_text("3 · 3 · 128 · 128 = 147,456")
