"""torchinfo asked from the screen, and a clue that leads to its net."""

import re

import pytest
from playwright.sync_api import expect

from resnet_viz.jobs.queries.kinds import TORCHINFO
from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser


def test_a_press_brings_torchinfos_figures_beside_ours(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=resnet18&details=torchinfo")
    page.get_by_role("button", name="Check with torchinfo").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    table = page.get_by_role("table").filter(has_text="multiply-adds")
    expect(table).to_contain_text("1,814,083,944")  # torchinfo 1.8.0 on torchvision's ResNet-18
    expect(table).to_contain_text("+9,600")
    expect(page.get_by_text("Every difference is explained exactly")).to_be_visible()
    page.get_by_text("torchinfo's own summary").click()
    expect(page.get_by_text("Total params: 11,689,512")).to_be_visible()
    # the process that answered has ended; that of the attribution page, which other tests open, stays
    assert not [other for other in server.others() if TORCHINFO.answerer in other.cmdline()]


def test_a_stopped_question_leaves_no_process(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/architecture?net=cifar_resnet1202&details=torchinfo&level=network")
    page.get_by_role("button", name="Check with torchinfo").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Check with torchinfo")).to_be_visible()


def test_a_count_leads_to_its_net(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/parameters")
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()  # the end of the page: its first run is over
    field = page.get_by_label("Parameters, FLOPs or name")
    field.fill("11181642")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"which=11181642$"))
    expect(page.get_by_text("resnet18 (11,689,512) with 10 classes (−507,870)")).to_be_visible()
    page.get_by_role("link", name="resnet18, num_classes=10").click()
    expect(page).to_have_url(re.compile(r"/architecture\?net=resnet18&num_classes=10$"))
    expect(page.get_by_test_id("stMetric").filter(has_text="Parameters")).to_contain_text("11,181,642")
