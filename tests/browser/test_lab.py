"""The lab in a browser: a recipe by its link, a band over seeds, a rewind that keeps what was there, a shut drawer."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settled
from tests.browser.drawn import stop_button
from tests.browser.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.torch]

RUN = re.compile(r"[?&]run=([0-9a-f]{12})")


def bar(page: Page) -> Locator:
    return page.get_by_test_id("stProgress")


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page).to_have_url(RUN)


def bands(page: Page) -> Locator:
    return page.locator("[data-chart=loss] path.band")


def numbers(page: Page) -> list[list[str]]:
    """The cells of the numbers behind the charts, a list for each row."""
    rows = page.locator(".numbers tbody tr")
    return [row.locator("th, td").all_text_contents() for row in rows.all()]


def curves(page: Page) -> list[str]:
    """The lines of the file of curves."""
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV: curves").click()
    return Path(download.value.path()).read_text("utf-8").splitlines()


def test_a_recipe_is_opened_by_its_link_and_another_one_takes_its_settings_along(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?recipe=quick&seed=3")
    expect(page.get_by_text("2 nets · 40 steps · batch 64")).to_be_visible()
    start(page)
    expect(bar(page)).to_contain_text("done in")
    assert page.url.startswith(f"{server.url}/training?recipe=quick&seed=3&run=")
    page.get_by_role("combobox", name=re.compile("Recipe")).click()
    page.get_by_role("option", name="Without batch norm: the gradient vanishes").click()
    expect(page).to_have_url(f"{server.url}/training?recipe=no_norm")
    expect(page.get_by_role("spinbutton", name="Steps")).to_have_value("200")


def test_several_seeds_are_started_at_once_and_drawn_as_a_band_that_can_be_switched_off(
    server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/training?depth=8&nets=plain&steps=20&seed=40&seeds=3")
    start(page)
    expect(page.get_by_text("3 seeds:", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="All records (JSON)")).to_be_visible()  # all of them have ended
    expect(bands(page)).to_have_count(1)
    expect(page.get_by_text("line: median of 3 seeds")).to_be_visible()
    page.get_by_role("button", name="Numbers").click()
    expect(page.get_by_role("columnheader", name="seed", exact=True)).to_be_visible()
    assert [row[1] for row in numbers(page)] == ["40", "41", "42"]
    header, *lines = curves(page)
    assert header == "seed,net,step,training_loss,training_error,test_error"
    assert {line.split(",")[0] for line in lines} == {"40", "41", "42"}
    assert len(lines) == 3 * 20
    page.get_by_text("Band over seeds").click()
    expect(bands(page)).to_have_count(0)
    assert len(numbers(page)) == 1
    assert curves(page)[0] == "net,step,training_loss,training_error,test_error"
    expect(page).to_have_url(re.compile("band=false"))
    page.get_by_role("link", name="41", exact=True).click()
    settled(page)
    expect(page.get_by_text("seed 41, same batches of 64")).to_be_visible()


def test_a_rewound_run_shows_what_was_before_until_it_has_a_first_step(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?depth=8&nets=plain&steps=20000&seed=50")
    start(page)
    lines = page.locator("[data-chart=loss] g.lines path[d^=M]")
    expect(lines.first).to_be_attached()
    page.get_by_role("button", name="Pause").click()
    expect(bar(page)).to_contain_text("paused at step")
    page.get_by_role("button", name="Rewind").click()
    expect(bar(page)).to_contain_text("paused at step 0 of")
    expect(page.get_by_text("Rewound to the beginning.")).to_be_visible()
    expect(lines.first).to_be_attached()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Rewound to the beginning.")).to_be_hidden()
    stop_button(page).click()
    expect(bar(page)).to_contain_text("stopped")


def test_loss_against_depth_is_drawn_under_the_empty_address(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training", viewport={"width": 1024, "height": 768})
    picture = page.locator(".st-key-loss_over_depth svg[baseProfile]")
    expect(picture.get_by_text("1.07")).to_be_visible()  # plain-56 and ResNet-56 of the shipped run
    expect(picture.get_by_text("0.32")).to_be_visible()
    expect(picture.get_by_text("ResNet, zero init")).to_be_visible()
    expect(picture.get_by_text("0.25", exact=True)).to_be_visible()  # a logarithmic axis
    box = picture.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1024


def test_a_shut_drawer_sends_no_old_values(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training")
    page.get_by_role("button", name="More").click()
    rate = page.get_by_role("spinbutton", name="Learning rate")
    rate.fill("0.02")
    rate.press("Enter")
    expect(page).to_have_url(re.compile("lr=0.02"))
    page.keyboard.press("Escape")
    expect(rate).to_be_hidden()
    page.get_by_role("combobox", name=re.compile("Recipe")).click()
    page.get_by_role("option", name="A few seconds, to try things out").click()
    expect(page).to_have_url(f"{server.url}/training?recipe=quick")
    page.get_by_role("button", name="More").click()
    expect(rate).to_have_value("0.1")
    expect(page).to_have_url(f"{server.url}/training?recipe=quick")


def test_another_optimiser_brings_its_fields_and_epochs_set_the_steps(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?lr=0.02")
    page.get_by_role("button", name="More").click()
    rate = page.get_by_role("spinbutton", name="Learning rate")
    expect(rate).to_have_value("0.02")
    page.get_by_role("radio", name="Adam", exact=True).click()
    expect(page).to_have_url(f"{server.url}/training?optimizer=adam")
    expect(rate).to_have_value("0.001")
    expect(page.get_by_label("Momentum", exact=True)).to_be_hidden()
    betas = page.get_by_role("textbox", name="Betas")
    betas.fill("0.8, 0.99")
    betas.press("Enter")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("3")
    epochs.press("Enter")
    expect(page).to_have_url(re.compile("steps=469"))  # 3 x 156.25
    expect(page.get_by_role("spinbutton", name="Steps", exact=True)).to_have_value("469")
    page.get_by_role("radio", name="SGD").click()
    expect(page).to_have_url(f"{server.url}/training?steps=469")
    expect(rate).to_have_value("0.1")
