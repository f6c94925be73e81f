"""Curves over several seeds as a line and a band, and what is not finite, read off the screen."""

import csv
import math
import statistics
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from resnet_viz.present.theme import Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.training import recipe_files
from resnet_viz.training.records import Step
from tests.browser import records
from tests.browser.conftest import Visit
from tests.browser.drawn import chart, heat, pick, race, scrub, tip
from tests.browser.made_runs import adopt
from tests.browser.reading_charts import Chart, color, number, read_cells, read_chart
from tests.browser.records import Line
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

RECIPE = recipe_files.make("quick", {"steps": "60"})
NETS = PLAIN, RESIDUAL = RECIPE.labels
INKS = {net: color(style.color) for net, style in style_nets(RECIPE.nets, Mode.LIGHT).items()}
CONVS = ("stem.conv", "stage1.block1.branch.conv1", "stage1.block1.branch.conv2", "stage1.block1.shortcut.conv")
BLOCKS = ("stage1.block1", "stage2.block1")
SEEDS = (0, 1, 2, 3)
SHOWN = 1  # the seed whose page is open
DIVERGED = 40  # step at which the plain net of seed 3 ends


def step(net: str, when: int, loss: float, **values: float) -> Step:
    is_probed = when % 2 == 0
    return Step(
        net=net,
        step=when,
        loss=loss,
        accuracy=values.get("accuracy", 0.5),
        lr=0.1,
        images_per_s=100.0,
        seconds=when / 10,
        grad_norm={name: 10.0 ** (place - when / 20) for place, name in enumerate(CONVS)} if is_probed else {},
        update_ratio=dict.fromkeys(CONVS, 1 + when / 100) if is_probed else {},
        activation_std=dict(zip(BLOCKS, odd(when), strict=True)) if is_probed else {},
        test_accuracy=values.get("accuracy", 0.5) * 0.9 if when % 10 == 9 else None,
        test_loss=1.5 if when % 10 == 9 else None,
    )


def odd(when: int) -> tuple[float, float]:
    """Returns deviations of two blocks, of which some have no place on a logarithmic scale."""
    return {10: math.nan, 20: 0.0, 30: math.inf}.get(when, 1.0 + when), 0.02 + when / 1000


def of_seed(seed: int) -> list[Step]:
    """Returns records in which the order of the seeds changes all the time."""
    found = []
    for place, net in enumerate(NETS):
        for when in range(60):
            has_ended = net == PLAIN and seed == SEEDS[-1] and when >= DIVERGED
            wave = 1 + 0.4 * math.sin(1.9 * seed + when / (5 + place))
            loss = math.inf if has_ended else (14 - 12 * place) / (1 + when / 20) * wave
            found.append(step(net, when, loss, accuracy=0.1 + 0.009 * when * wave))
            if has_ended:
                break
    return found


@pytest.fixture(scope="module")
def by_seed() -> dict[int, list[Step]]:
    return {seed: of_seed(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def shown(server: Server, visit_once: Visit, by_seed: dict[int, list[Step]]) -> Locator:
    ids = {seed: adopt(server, RECIPE.replace(seed=seed), steps, CONVS, BLOCKS) for seed, steps in by_seed.items()}
    shown = race(visit_once(f"{server.url}/training?run={ids[SHOWN]}"))
    expect(shown.locator(".legend .note")).to_contain_text("4 seeds")
    return shown


def over_seeds(lines: list[Line]) -> dict[int, tuple[float, float, float]]:
    """Returns median, lowest and highest at each step; what is not finite is worse than all else, and in no band."""
    found = {}
    for when in sorted({step for line in lines for step in line.steps}):
        values = [line.values[line.steps.index(when)] for line in lines if when in line.steps]
        finite = [value for value in values if math.isfinite(value)]
        middle = statistics.median(value if math.isfinite(value) else math.inf for value in values)
        found[when] = (middle, min(finite), max(finite))
    return found


def assert_band(found: Chart, net: str, lines: list[Line], *, is_dashed: bool = False, has_area: bool = True) -> None:
    expected = over_seeds(lines)
    curve = found.firm(INKS[net], is_dashed=is_dashed)
    assert found.xs(curve) == found.x.near(expected)
    assert found.ys(curve) == found.y.near(middle for middle, _low, _high in expected.values())
    if has_area:
        (area,) = found.band(INKS[net]).parts
        above, below = area[: len(expected)], area[len(expected) :][::-1]
        for edge, place in ((above, 2), (below, 1)):
            assert [found.x.value(px) for px, _py in edge] == found.x.near(expected)
            assert [found.y.value(py) for _px, py in edge] == found.y.near(row[place] for row in expected.values())


@pytest.mark.parametrize("window", [1, 10])
def test_a_line_is_the_median_of_the_seeds_and_a_band_their_extent(
    window: int, shown: Locator, by_seed: dict[int, list[Step]]
) -> None:
    pick(shown, window=str(window), loss="linear")
    loss, error = read_chart(chart(shown, "loss")), read_chart(chart(shown, "error"))
    assert (len(loss.curves), len(loss.bands), len(error.bands)) == (2, 2, 2)
    for net in NETS:
        losses = [records.smoothed(records.losses(steps, net), window) for steps in by_seed.values()]
        assert_band(loss, net, losses)
        errors = [records.smoothed(records.errors(steps, net), window) for steps in by_seed.values()]
        assert_band(error, net, errors, is_dashed=True, has_area=False)
        assert_band(error, net, [records.errors_on_test_images(steps, net) for steps in by_seed.values()])
    for found in (loss, error):
        heights = [py for one in (*found.curves, *found.bands) for _px, py in one.points]
        assert 0 <= min(heights) <= max(heights) <= found.bottom


def test_the_pointer_reads_median_and_extent(shown: Locator, by_seed: dict[int, list[Step]]) -> None:
    pick(shown, window="1", loss="linear")
    for name, of in (("loss", (records.losses,)), ("error", (records.errors, records.errors_on_test_images))):
        figure = chart(shown, name)
        for when in (25, 50):
            figure.locator("svg").hover(position={"x": round(read_chart(figure).x.px(when)), "y": 60})
            title, rows = tip(shown)
            assert title.startswith(f"step {when}")
            for net, text in rows:
                for measure, part in zip(of, text.split(" · "), strict=True):
                    lines = over_seeds([measure(steps, net) for steps in by_seed.values()])
                    expected = lines[max(step for step in lines if step <= when)]
                    middle, extent = part.removesuffix(")").split(" (")
                    read = [number(one) for one in (middle, *extent.split(" – "))]
                    assert read == pytest.approx(expected, rel=5.1e-3)  # three digits


def test_table_and_file_name_the_seed(shown: Locator, by_seed: dict[int, list[Step]]) -> None:
    scrub(shown, 30)
    shown.get_by_role("button", name="Numbers").click()
    cells = shown.locator(".numbers tbody tr").evaluate_all(
        "all => all.map(row => [...row.children].map(cell => cell.textContent))"
    )
    assert [(row[0], int(row[1])) for row in cells] == [(net, seed) for net in NETS for seed in SEEDS]
    for net, seed, loss, error, test, first, last, ratio in cells:
        own = by_seed[int(seed)]
        lines = records.losses(own, net), records.errors(own, net), records.errors_on_test_images(own, net)
        assert [number(text) for text in (loss, error, test)] == pytest.approx(
            [records.at(line, 30) for line in lines], rel=5.1e-3
        )
        assert ([first, last, ratio] == ["–"] * 3) == (int(seed) != SHOWN)
    shown.get_by_role("button", name="Numbers").click()
    with shown.page.expect_download() as download:
        shown.get_by_role("button", name="CSV: curves").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    expected = [(seed, one.net, one.step, one.loss) for seed, own in by_seed.items() for one in own]
    assert [(int(row["seed"]), row["net"], int(row["step"])) for row in rows] == [row[:3] for row in expected]
    assert [float(row["training_loss"]) for row in rows] == pytest.approx([row[3] for row in expected], rel=7e-5)


def test_values_without_a_place_on_a_logarithmic_scale(shown: Locator) -> None:
    pick(shown, quantity="activation_std", range="all")
    axes = read_chart(heat(shown, PLAIN))
    whens = (10, 20, 30, 50)
    nan, zero, infinite, usual = read_cells(heat(shown, PLAIN), [(axes.x.px(when + 1), axes.y.px(1)) for when in whens])
    assert nan is None
    assert zero == color("#440154")  # the two ends of viridis
    assert infinite == color("#FDE725")
    assert usual is not None
    for when in whens[:-1]:
        scrub(shown, when)
        profile = read_chart(chart(shown, "profile"))
        line = profile.firm(INKS[PLAIN])
        assert profile.xs(line) == profile.x.near([2])
        assert profile.ys(line) == profile.y.near(records.arrived([odd(when)[1]]))
        (ghost,) = [curve for curve in profile.curves if curve.color == INKS[PLAIN] and curve.opacity < 1]
        assert profile.ys(ghost) == profile.y.near(records.arrived(odd(when - 2)))


def test_a_narrow_range_of_values_is_not_blown_up(shown: Locator) -> None:
    pick(shown, quantity="update_ratio", range="all")
    low, high = (number(shown.locator(f".key .{name}").text_content() or "") for name in ("low", "high"))
    assert high / low == pytest.approx(10, rel=0.02)  # three digits each
    assert math.sqrt(low * high) == pytest.approx(math.sqrt(1 * 1.58), rel=0.01)
    assert not shown.locator(".key .tails").text_content()
    profile = read_chart(chart(shown, "profile"))
    assert profile.y.value(8) / profile.y.value(profile.bottom) > 10


def exploding() -> list[Step]:
    """Returns a run of one net that goes up and down by decades and is not finite twice, and one that is usual."""
    losses = {net: [2.3 - when / 100 for when in range(60)] for net in NETS}
    losses[PLAIN][20:26] = [100.0, 5e3, 1.2e4, 700.0, 40.0, 9.0]
    losses[PLAIN][30], losses[PLAIN][45] = math.inf, math.nan
    return [step(net, when, losses[net][when]) for when in range(60) for net in NETS]


def test_a_loss_that_explodes_gets_a_logarithmic_axis_and_gaps(server: Server, visit: Visit) -> None:
    steps = exploding()
    run_id = adopt(server, recipe_files.make("quick", {"steps": "60", "batch": "32"}), steps, CONVS, BLOCKS)
    shown = race(visit(f"{server.url}/training?run={run_id}"))
    pick(shown, window="1")
    found = read_chart(chart(shown, "loss"))
    assert found.y.is_log
    assert shown.locator('[data-pick="loss"]').input_value() == "log"
    line = records.losses(steps, PLAIN)
    curve = found.firm(INKS[PLAIN])
    assert [len(part) for part in curve.parts] == [30, 14, 14]
    finite = [(when, loss) for when, loss in zip(*line, strict=True) if math.isfinite(loss)]
    assert found.xs(curve) == found.x.near(when for when, _loss in finite)
    assert found.ys(curve) == found.y.near(loss for _when, loss in finite)

    pick(shown, window="10")
    found = read_chart(chart(shown, "loss"))
    means = [(when, mean) for when, mean in zip(*records.smoothed(line, 10), strict=True) if math.isfinite(mean)]
    curve = found.firm(INKS[PLAIN])
    assert found.xs(curve) == found.x.near(when for when, _mean in means)
    assert found.ys(curve) == found.y.near(mean for _when, mean in means)

    pick(shown, window="1", loss="linear")
    found = read_chart(chart(shown, "loss"))
    assert not found.y.is_log
    assert found.y.value(8) == pytest.approx(1.04 * 1.2e4, rel=0.01)
