"""The race component in a browser: one slider moves all views, without the server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from resnet_viz.jobs.training import lock
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.paths import STORE_NAME
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_files
from resnet_viz.training.records import NetStarted, Step
from tests.browser.conftest import Visit
from tests.browser.drawn import chart, heat, pick, race
from tests.browser.reading_charts import place_of_cells, read_cells, read_chart
from tests.browser.serving import Server, serving

pytestmark = pytest.mark.browser

RECIPE = recipe_files.make("quick", {"steps": "40"})  # plain-8 and ResNet-8, measured every second step
PLAIN, RESIDUAL = RECIPE.labels
CONVS = ("stem.conv", "stage1.block1.branch.conv1", "stage1.block1.branch.conv2")
BLOCKS = ("stage1.block1", "stage2.block1")
WATCHING = """root => {
  window.seen = [];
  const note = () => window.seen.push(Number(root.dataset.step));
  new MutationObserver(note).observe(root, { attributeFilter: ["data-step"] });
}"""
COUNTING = """() => {
  window.sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...words) { window.sent += 1; return send.apply(this, words); };
}"""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose runs no daemon takes up: what happens to them is written here."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "home").mkdir()
    held = lock.hold(folder / "home" / STORE_NAME, patience_s=0)
    assert held is not None
    with held, serving(folder) as server:
        yield server


def step(net: str, number: int) -> Step:
    is_probed = number % 2 == 0
    residual = is_probed and net == RESIDUAL
    return Step(
        net=net,
        step=number,
        loss=2.3 / (1 + number / 10),
        accuracy=number / 50,
        lr=0.1,
        images_per_s=100.0,
        seconds=number / 10,
        grad_norm={name: 10.0 ** (place - number / 10) for place, name in enumerate(CONVS)} if is_probed else {},
        activation_std=dict.fromkeys(BLOCKS, 1 + number / 100) if is_probed else {},
        branch_share=dict.fromkeys(BLOCKS, 0.25) if residual else {},
        test_accuracy=0.5 if number % 20 == 19 else None,
        test_loss=1.5 if number % 20 == 19 else None,
    )


def begun(home: Path, until: int) -> Claim:
    """A run that has come so far and stays there."""
    runs = RunStore(home / STORE_NAME)
    run_id = runs.submit(RECIPE, owner="someone")
    with DaemonStore(runs.path) as daemon_store:
        claim = daemon_store.claim_next()
        assert claim is not None
        assert claim.id == run_id
        daemon_store.append(claim, [*starts(), *(step(net, n) for n in range(until) for net in RECIPE.labels)])
    return claim


def starts() -> list[NetStarted]:
    return [NetStarted(net=n, params=1, macs=1, convs=CONVS, blocks=BLOCKS, device="cpu") for n in RECIPE.labels]


def go_on(home: Path, claim: Claim, first: int, until: int, *, is_last: bool = False) -> None:
    with DaemonStore(home / STORE_NAME) as daemon_store:
        assert daemon_store.append(claim, [step(net, n) for n in range(first, until) for net in RECIPE.labels])
        if is_last:
            assert daemon_store.finish(claim, RunState.DONE)


def markers(shown: Locator) -> list[str]:
    """Where the chosen step stands in each chart over steps, in px from its left."""
    lines = shown.locator("[data-chart=loss] .marker, [data-chart=error] .marker, [data-chart=heat] .marker")
    return [line.get_attribute("x1") or "" for line in lines.all()]


def test_one_slider_moves_all_views_and_asks_the_server_nothing(alone: Server, visit: Visit) -> None:
    claim = begun(alone.home, 40)
    go_on(alone.home, claim, 0, 0, is_last=True)
    page = visit(f"{alone.url}/training?run={claim.id}")
    shown = race(page)
    expect(shown).to_have_attribute("data-step", "38")
    expect(shown.locator("[data-chart=heat]")).to_have_count(2)
    profile = shown.locator("[data-chart=profile]")
    at_end, path = markers(shown), profile.locator(".lines path").last.get_attribute("d")

    page.evaluate(COUNTING)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(shown).to_have_attribute("data-step", "0")
    assert all(now != before for now, before in zip(markers(shown), at_end, strict=True))
    assert profile.locator(".lines path").last.get_attribute("d") != path
    expect(profile.locator("figcaption")).to_have_text("weight-gradient norm at step 0")
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_attribute("data-step", "2")
    assert len(profile.locator(".lines path").all()) == 4  # with what was measured before as a ghost
    shown.evaluate(WATCHING)
    page.keyboard.press(" ")
    expect(shown).to_have_attribute("data-step", "38")
    assert page.evaluate("window.seen") == list(range(4, 40, 2))
    assert not asked
    assert page.evaluate("window.sent") == 0


def test_quantities_tables_and_files(alone: Server, visit: Visit) -> None:
    claim = begun(alone.home, 40)
    go_on(alone.home, claim, 0, 0, is_last=True)
    page = visit(f"{alone.url}/training?run={claim.id}")
    shown = race(page)
    shown.get_by_label("By depth").first.select_option("branch_share")
    expect(shown.locator("[data-chart=heat]")).to_have_count(1)
    expect(shown.get_by_text("Nothing is added in a plain net")).to_contain_text(PLAIN)
    shown.get_by_label("By depth").first.select_option("grad_norm")
    heats = shown.locator("[data-chart=heat]")
    expect(heats).to_have_count(2)
    assert [heat.get_attribute("data-net") for heat in heats.all()] == [PLAIN, RESIDUAL]
    assert shown.locator(".tails").text_content()

    heats.first.locator("svg").hover(position={"x": 40, "y": 130})
    expect(shown.get_by_role("tooltip")).to_contain_text(CONVS[0])
    expect(shown.get_by_role("tooltip")).to_contain_text(re.compile(r"step\s*[0-9]+"))
    heats.first.locator("svg").click(position={"x": 32, "y": 100})
    expect(shown).to_have_attribute("data-step", "0")

    shown.get_by_role("button", name="Numbers").click()
    expect(shown.get_by_role("row", name=re.compile(PLAIN))).to_contain_text("2.3")
    with page.expect_download() as download:
        shown.get_by_role("button", name="CSV: by depth").click()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert lines[:2] == ["net,step,place,name,grad_norm", f"{PLAIN},0,1,stem.conv,1"]
    assert len(lines) == 1 + 2 * 20 * len(CONVS)


def test_a_live_race_follows_the_newest_step_until_someone_scrubs(alone: Server, visit: Visit) -> None:
    claim = begun(alone.home, 11)
    page = visit(f"{alone.url}/training?run={claim.id}")
    shown = race(page)
    expect(shown).to_have_attribute("data-step", "10")
    go_on(alone.home, claim, 11, 21)
    expect(shown).to_have_attribute("data-step", "20")
    shown.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_attribute("data-step", "18")
    go_on(alone.home, claim, 21, 31)
    expect(shown.get_by_role("slider")).to_have_attribute("max", "15")
    expect(shown).to_have_attribute("data-step", "18")
    shown.get_by_role("button", name="Newest").click()
    expect(shown).to_have_attribute("data-step", "30")
    shown.evaluate("root => { root.isSame = true; }")
    go_on(alone.home, claim, 31, 40, is_last=True)
    expect(shown).to_have_attribute("data-step", "38")
    expect(page.get_by_role("button", name="All records (JSON)")).to_be_visible()
    assert shown.evaluate("root => root.isSame")  # never taken out of the page
    assert_whole(shown)


def test_a_rewound_run_shows_pale_what_was_before_until_its_first_step(alone: Server, visit: Visit) -> None:
    claim = begun(alone.home, 21)
    shown = race(visit(f"{alone.url}/training?run={claim.id}"))
    expect(shown).to_have_attribute("data-step", "20")
    pick(shown, window="1")
    before = read_chart(chart(shown, "loss")).curves
    with DaemonStore(alone.home / STORE_NAME) as daemon_store:
        again = daemon_store.rewind(claim)
        assert again is not None
        daemon_store.append(again, starts())
    expect(shown.locator(".empty")).to_contain_text("Rewound")
    expect(shown).to_have_class(re.compile("ghost"))
    assert read_chart(chart(shown, "loss")).curves == before
    go_on(alone.home, again, 0, 5)
    expect(shown).to_have_attribute("data-step", "4")
    expect(shown).not_to_have_class(re.compile("ghost"))
    expect(shown.locator(".empty")).to_be_hidden()
    loss = read_chart(chart(shown, "loss"))
    assert [loss.xs(curve) for curve in loss.curves] == [loss.x.near(range(5))] * 2
    go_on(alone.home, again, 5, 6, is_last=True)


def assert_whole(shown: Locator) -> None:
    """A run that came in parts is drawn as one: every step once, and every measurement."""
    pick(shown, window="1")
    loss, profile = read_chart(chart(shown, "loss")), read_chart(chart(shown, "profile"))
    assert len(loss.curves) == 2
    for curve, net in zip(loss.curves, RECIPE.labels, strict=True):
        assert loss.xs(curve) == loss.x.near(range(40))
        assert loss.ys(curve) == loss.y.near(step(net, number).loss for number in range(40))
        firm, ghost = profile.firm(curve.color), profile.faint(curve.color)
        for line, number in ((firm, 38), (ghost, 36)):
            norms = step(net, number).grad_norm.values()
            assert profile.ys(line) == profile.y.near(norms, px=0.3)
        figure = heat(shown, net)
        axes, place = read_chart(figure), place_of_cells(figure)
        middles = [(axes.x.px(number + 1), place.top + place.height / 2) for number in range(0, 38, 2)]
        colours = read_cells(figure, middles)
        assert len(set(colours[10:])) == len(colours[10:])  # a shade of its own for each measurement of the newest half


def test_the_recorded_run_fits_a_phone(alone: Server, visit: Visit) -> None:
    page = visit(f"{alone.url}/training", viewport=PHONE)
    shown = race(page)
    box = shown.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    for name in ("loss", "error", "profile"):
        expect(chart(shown, name).locator("svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
