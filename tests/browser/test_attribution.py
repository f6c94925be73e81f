"""Attribution in a real browser: a map, two nets, an upload, a bad upload. `visit` minds the console and requests."""

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import BLANK, Visit, settled
from tests.browser.serving import Server, serving
from tests.fakes.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.torch]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: its resident process would be one too many elsewhere."""
    with serving(tmp_path_factory.mktemp("attribution")) as server:
        yield server


def chart(page: Page, text: str) -> None:
    """Waits for a chart that says this."""
    drawn = page.get_by_test_id("stPlotlyChart").filter(has_text=text)
    expect(drawn.first).to_be_visible()


def png(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 48, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_it_opens_with_two_nets_and_a_choice_of_method_draws_another_map(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution")
    chart(page, "plain-20")
    chart(page, "ResNet-20")
    page.get_by_role("combobox", name=re.compile("Method")).click()
    page.get_by_role("option", name="GradCAM", exact=True).click()
    expect(page).to_have_url(re.compile(r"method=grad_cam"))
    expect(page.get_by_text("As coarse as its layer")).to_be_visible()
    expect(page.get_by_role("combobox", name=re.compile("Block"))).to_be_visible()


def test_one_of_the_small_images_is_chosen_by_a_click(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?method=saliency")
    chart(page, "True class: Ankle boot")
    page.get_by_role("button", name="Trouser").first.click()
    chart(page, "True class: Trouser")
    expect(page).to_have_url(re.compile(r"picture=data(:|%3A)fashion_mnist_subset(/|%2F)1$"))


def test_a_second_net_can_be_left_out(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?method=saliency&b.net=none")
    chart(page, "plain-20")
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text="ResNet-20")).to_have_count(0)


def test_an_upload_is_shown_as_the_nets_see_it_and_a_bad_one_changes_nothing(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?pick=upload&method=saliency")
    chart(page, "True class: Ankle boot")
    field = page.get_by_test_id("stFileUploader").filter(has_text="Image: PNG").locator("input[type=file]")
    field.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": png(40)})
    chart(page, "uploaded image")
    expect(page).to_have_url(re.compile(r"picture=upload(:|%3A)[0-9a-f]{64}"))
    address = page.url
    field.set_input_files({"name": "bad.png", "mimeType": "image/png", "buffer": b"no image at all"})
    expect(page.get_by_test_id("stAlert")).to_contain_text("This file is no image")
    chart(page, "uploaded image")
    assert page.url == address


def test_every_view_is_drawn(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?b.net=none&method=saliency")
    chart(page, "plain-20")
    for view, heard in (
        ("Methods", "Occlusion"),
        ("By depth", "probability"),
        ("Sanity check", "rank correlation"),
        ("Features", "channel 0"),
    ):
        page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view, exact=True)).first.click()
        if view in ("Sanity check", "Features"):
            page.get_by_role("button", name=re.compile(r"Compute \(about [0-9,]+ passes")).click()
        chart(page, heard)
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_process_that_answers_ends_with_the_server(tmp_path_factory: pytest.TempPathFactory, visit: Visit) -> None:
    with serving(tmp_path_factory.mktemp("ends")) as server:
        page = visit(f"{server.url}/attribution?method=saliency")
        chart(page, "plain-20")
        until(server.others, "the process that answers")
        page.goto(BLANK)
    assert not server.others()
