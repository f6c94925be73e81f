"""A real run on real images, started in one browser and watched in two."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.runs.paths import STORE_NAME
from resnet_viz.runs.store import RunStore
from tests.browser.conftest import Visit, settled
from tests.browser.drawn import stop_button
from tests.browser.serving import Server, serving
from tests.fakes.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.torch]

SMALL = "depth=8&width=4"
RUN = re.compile(r"[?&]run=([0-9a-f]{12})")


def bar(page: Page) -> Locator:
    return page.get_by_test_id("stProgress")


def start(page: Page) -> str:
    """Presses Start and returns the run's link."""
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page).to_have_url(RUN)
    return page.url


def step(page: Page) -> int:
    """The step that the bar tells, 0 before the first."""
    found = re.search(r"step ([0-9,]+) of", bar(page).text_content() or "")
    return int(found[1].replace(",", "")) if found else 0


def paused_at(page: Page) -> int:
    """The step that the bar of a paused run tells."""
    found = re.search(r"paused at step ([0-9,]+) of", bar(page).text_content() or "")
    assert found
    return int(found[1].replace(",", ""))


def show_numbers(page: Page, net: str, steps: int) -> None:
    """Waits for the table of a run that has ended, whose first line is this."""
    expect(page.get_by_role("button", name="All records (JSON)")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    expect(table.get_by_test_id("glide-cell-0-0")).to_have_text(net)
    expect(table.get_by_test_id("glide-cell-1-0")).to_have_text(f"{steps:,}")


def num_steps(server: Server, link: str) -> int:
    """How many steps the store has of the run of this link."""
    run = RunStore(server.home / STORE_NAME).run(link.partition("run=")[2])
    assert run is not None
    return run.nets[0].num_steps


def test_a_short_run_trains_and_anyone_with_its_link_sees_its_numbers(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?{SMALL}")
    expect(page.get_by_text("2 nets · 400 steps · batch 64")).to_be_visible()
    page.get_by_role("spinbutton", name="Steps").fill("20")
    link = start(page)  # the click takes the focus from the field, which says its number only then
    expect(page).to_have_url(re.compile("[?&]steps=20(&|$)"))
    for watcher in (page, visit(link)):
        expect(bar(watcher)).to_contain_text("done in")
        show_numbers(watcher, "plain-8", 20)
        for chart in ("Training loss at step 19: plain-8 ", "Training error at step 19: plain-8 "):
            expect(watcher.get_by_role("img", name=chart)).to_be_visible()


def test_a_run_goes_on_when_its_tab_is_closed(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?{SMALL}&nets=plain&steps=60")
    link = start(page)
    page.goto("about:blank")
    runs, run_id = RunStore(server.home / STORE_NAME), link.partition("run=")[2]
    until(lambda: (run := runs.run(run_id)) and [net.num_steps for net in run.nets] == [60], "the end without a tab")
    expect(bar(visit(link))).to_contain_text("done in")


def test_a_run_is_paused_stepped_continued_rewound_and_stopped_by_buttons_and_keys(
    server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/training?{SMALL}&nets=plain&steps=20000&seed=7")
    start(page)
    until(lambda: step(page) > 0, "the first step")
    page.get_by_role("button", name="Pause").click()
    expect(bar(page)).to_contain_text("paused at step")
    stood = paused_at(page)
    page.get_by_role("button", name="Step", exact=False).first.click()
    expect(bar(page)).to_contain_text(f"paused at step {stood + 1:,} of")
    page.keyboard.press("ArrowRight")
    expect(bar(page)).to_contain_text(f"paused at step {stood + 2:,} of")
    page.keyboard.press("Space")
    until(lambda: step(page) > stood + 2, "more steps")
    page.keyboard.press("Space")
    expect(bar(page)).to_contain_text("paused at step")
    page.keyboard.press("r")
    expect(bar(page)).to_contain_text("paused at step 0 of")
    stop_button(page).click()
    expect(bar(page)).to_contain_text("stopped")


def test_a_paused_run_is_branched_into_one_with_shortcuts_beside_the_plain_net(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?{SMALL}&nets=plain&steps=20000&seed=8")
    plain = start(page)
    until(lambda: step(page) > 0, "the first step")
    page.get_by_role("button", name="Pause").click()
    expect(bar(page)).to_contain_text("paused at step")
    stood = paused_at(page)
    page.get_by_role("button", name="Learning rate, branch").click()
    expect(page.get_by_text(f"a new run from step {stood:,}")).to_be_visible()
    page.get_by_role("button", name="Branch", exact=True).click()
    page.wait_for_url(lambda url: RUN.search(url) is not None and url != plain)
    expect(page.get_by_text(re.compile(rf"Branched from run [0-9a-f]+ at step {stood:,}"))).to_be_visible()
    until(lambda: step(page) > stood, "steps of the branch")
    stop_button(page).click()
    expect(bar(page)).to_contain_text("stopped")
    run = RunStore(server.home / STORE_NAME).run(page.url.partition("run=")[2])
    assert run is not None
    assert [net.label for net in run.nets] == ["plain-8", "ResNet-8"]
    page.goto(plain)
    stop_button(page).click()
    expect(bar(page)).to_contain_text("stopped")


def test_a_run_whose_server_was_killed_is_there_and_goes_on(tmp_path: Path, visit: Visit) -> None:
    with serving(tmp_path) as first:
        page = visit(f"{first.url}/training?{SMALL}&nets=plain&steps=3000")
        run_id = start(page).partition("run=")[2]
        runs = RunStore(first.home / STORE_NAME)
        until(lambda: (run := runs.run(run_id)) and run.control.checkpoints[-1:] > (0,), "a checkpoint")
        page.goto("about:blank")
        first.process.kill()
        until(lambda: not first.others(), "the end of the daemon")
        seen = runs.curves(run_id)[0].steps
    with serving(tmp_path) as second:
        page = visit(f"{second.url}/training?run={run_id}")
        expect(page.get_by_text(re.compile(r"Interrupted at step [\d,]+; resumed from step [\d,]+"))).to_be_visible()
        until(lambda: step(page) > len(seen), "more steps")
        assert runs.curves(run_id)[0].steps[: len(seen)] == seen
        stop_button(page).click()
        expect(bar(page)).to_contain_text("stopped")
        page.goto("about:blank")


def test_a_long_run_grows_in_two_browsers_until_one_stops_it_and_is_there_after_a_reload(
    server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/training?{SMALL}&nets=plain&steps=20000")
    link = start(page)
    until(lambda: step(page) > 0, "the first step")
    second = visit(link)
    until(lambda: step(second) > 0, "the first step in the second browser")
    for watcher in (page, second):
        before = step(watcher)
        until(lambda watcher=watcher, before=before: step(watcher) > before, "more steps")  # type: ignore[misc]

    stop_button(second).click()
    for watcher in (page, second):
        expect(bar(watcher)).to_contain_text("stopped")
        expect(stop_button(watcher)).to_have_count(0)
        show_numbers(watcher, "plain-8", num_steps(server, link))
    page.reload()
    settled(page)
    expect(bar(page)).to_contain_text("stopped")
    show_numbers(page, "plain-8", num_steps(server, link))
    assert page.url == link
