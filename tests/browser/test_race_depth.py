"""Profiles and maps of a shipped run by depth, read back and held against its records."""

import csv
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, expect

from resnet_viz.present.theme import SEQUENTIAL, Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.quantities import SCALES, MeasuringPoint, Quantity, quantity_name
from resnet_viz.runs import shipped
from resnet_viz.runs.shipped import RecordedRun
from tests.browser import records
from tests.browser.conftest import Visit
from tests.browser.drawn import chart, heat, pick, race, scrub, tip
from tests.browser.reading_charts import Color, color, number, place_of_cells, read_cells, read_chart
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

RUN = shipped.read("degradation")
NETS = RUN.recipe.labels
RESIDUAL = tuple(net for net in NETS if net.startswith("ResNet"))
INKS = {net: color(style.color) for net, style in style_nets(RUN.recipe.nets, Mode.LIGHT).items()}
LAST = RUN.recipe.steps - 1
STOPS = [color(stop) for stop in SEQUENTIAL]


def measured(net: str, quantity: str, run: RecordedRun = RUN) -> dict[int, list[float]]:
    return records.by_depth(run.steps, net, quantity)


@pytest.fixture(scope="module")
def shown(server: Server, visit_once: Visit) -> Locator:
    return race(visit_once(f"{server.url}/training?run={RUN.name}"))


@pytest.mark.parametrize("quantity", list(Quantity))
def test_a_profile_has_a_point_for_each_layer_at_the_chosen_step(quantity: Quantity, shown: Locator) -> None:
    pick(shown, quantity=quantity.value)
    nets = RESIDUAL if quantity is Quantity.BRANCH_SHARE else NETS
    for step, before in ((30, 20), (LAST, 390), (0, None)):
        scrub(shown, step)
        found = read_chart(chart(shown, "profile"))
        assert found.title == f"{quantity_name(quantity)} at step {step}"
        assert found.x_name.startswith("convolution" if SCALES[quantity].place is MeasuringPoint.CONVS else "block")
        assert found.y.is_log == SCALES[quantity].is_log
        assert len(found.curves) == len(nets) * (1 if before is None else 2)
        for net in nets:
            values = records.arrived(measured(net, quantity)[step])
            curve = found.firm(INKS[net])
            assert found.xs(curve) == found.x.near(range(1, len(values) + 1))
            assert found.ys(curve) == found.y.near(values)
            assert found.dots_of(INKS[net]) == [pytest.approx(point, abs=0.06) for point in curve.points]
            if before is not None:
                earlier = records.arrived(measured(net, quantity)[before])
                assert found.ys(found.faint(INKS[net])) == found.y.near(earlier)


def test_the_axes_of_a_profile_fit_all_steps_and_stay(shown: Locator) -> None:
    pick(shown, quantity="grad_norm")
    every = [value for net in NETS for values in measured(net, "grad_norm").values() for value in values]
    axes = set()
    for step in (0, 200, LAST):
        scrub(shown, step)
        found = read_chart(chart(shown, "profile"))
        axes.add((found.x, found.y))
        assert found.x.px(1) == pytest.approx(found.left)
        assert found.x.px(max(len(measured(net, "grad_norm")[0]) for net in NETS)) == pytest.approx(found.right)
        assert found.y.value(found.bottom) == pytest.approx(min(every) / 1.2, rel=0.01)
        top = found.y.value(8)
        assert max(every) < top < 1.5 * max(every)
    assert len(axes) == 1
    pick(shown, quantity="branch_share")
    share = read_chart(chart(shown, "profile"))
    assert [share.y.px(0), share.y.px(1)] == pytest.approx([share.bottom, 8])


class Scale(NamedTuple):
    """Values at the ends of the colours."""

    low: float
    high: float


def scale(quantity: str, run: RecordedRun = RUN, *, is_recent: bool) -> Scale:
    """Returns between which values the colours lie: of the newest half of the steps all but 2 % at either end."""
    if quantity == "branch_share":
        return Scale(0, 1)
    values = sorted(
        value
        for net in run.recipe.labels
        for step, row in measured(net, quantity, run).items()
        if not is_recent or step >= (run.recipe.steps - 1) / 2
        for value in records.arrived(row)
    )
    cut = 0.02 if is_recent else 0
    return Scale(*(values[math.floor(share * (len(values) - 1) + 0.5)] for share in (cut, 1 - cut)))


def shade(value: float, ends: Scale, *, is_log: bool) -> Color:
    """Returns the colour of a value between evenly spaced stops."""
    share = math.log(value / ends.low) / math.log(ends.high / ends.low) if is_log else value
    at = min(1.0, max(0.0, share)) * (len(STOPS) - 1)
    first = min(int(at), len(STOPS) - 2)
    low, high = STOPS[first], STOPS[first + 1]
    red, green, blue = (round(a + (b - a) * (at - first)) for a, b in zip(low, high, strict=True))
    return red, green, blue


@pytest.mark.parametrize(
    ("quantity", "choice"),
    [("grad_norm", "recent"), ("grad_norm", "all"), ("branch_share", "recent"), ("update_ratio", "recent")],
)
def test_a_cell_has_the_colour_of_its_value(quantity: str, choice: str, shown: Locator) -> None:
    pick(shown, quantity=quantity, range=choice)
    ends = scale(quantity, is_recent=choice == "recent")
    for net in RESIDUAL if quantity == "branch_share" else NETS:
        assert_cells(heat(shown, net), measured(net, quantity), ends, is_log=quantity != "branch_share")


def test_a_column_reaches_to_the_next_measurement(server: Server, visit: Visit) -> None:
    run = shipped.read("no_norm")  # measured every tenth step at first, and more and more seldom later
    shown = race(visit(f"{server.url}/training?run={run.name}"))
    pick(shown, quantity="grad_norm", range="recent")
    for net in run.recipe.labels:
        rows = measured(net, "grad_norm", run)
        assert_cells(heat(shown, net), rows, scale("grad_norm", run, is_recent=True), is_log=True)


def assert_cells(figure: Locator, rows: dict[int, list[float]], ends: Scale, *, is_log: bool) -> None:
    axes, steps = read_chart(figure), list(rows)
    columns = [axes.x.px(step + 0.6 * (until - step)) for step, until in pairwise(steps)] + [axes.right - 0.5]
    places = [
        (step, place, column, axes.y.px(place))
        for step, column in zip(steps, columns, strict=True)
        for place in range(1, len(rows[step]) + 1)
    ]
    painted = read_cells(figure, [(px, py) for _step, _place, px, py in places])
    arrived = {step: records.arrived(row) for step, row in rows.items()}
    wrong = [
        (step, place, cell, expected)
        for (step, place, _px, _py), cell in zip(places, painted, strict=True)
        if not is_like(cell, expected := shade(arrived[step][place - 1], ends, is_log=is_log))
    ]
    assert not wrong, f"{len(wrong)} cells, {wrong[:5]}"


def is_like(cell: Color | None, expected: Color) -> bool:
    return cell is not None and all(abs(a - b) <= 2 for a, b in zip(cell, expected, strict=True))


def test_a_map_reaches_from_edge_to_edge_with_the_first_layer_below(shown: Locator) -> None:
    pick(shown, quantity="grad_norm")
    for net in NETS:
        axes, cells = read_chart(heat(shown, net)), place_of_cells(heat(shown, net))
        num_layers = len(measured(net, "grad_norm")[0])
        assert [axes.x.px(0), axes.x.px(LAST)] == pytest.approx([axes.left, axes.right])
        assert [cells.left, cells.left + cells.width] == pytest.approx([axes.left, axes.right])
        assert cells.top + cells.height == pytest.approx(axes.bottom)
        assert axes.y.px(0.5) == pytest.approx(axes.bottom)
        assert axes.y.px(num_layers + 0.5) == pytest.approx(cells.top)
        assert [number(label) for label in axes.y.labels] == [1, (num_layers + 1) // 2, num_layers]


@pytest.mark.parametrize("choice", ["recent", "all"])
def test_the_key_names_the_ends_and_what_is_beyond(choice: str, shown: Locator) -> None:
    pick(shown, quantity="grad_norm", range=choice)
    ends = scale("grad_norm", is_recent=choice == "recent")
    low, high, tails = (shown.locator(f".key .{name}").text_content() or "" for name in ("low", "high", "tails"))
    assert number(low.removeprefix("≤ ")) == records.rounded(ends.low)
    assert number(high.removeprefix("≥ ")) == records.rounded(ends.high)
    ramp = shown.locator(".key .ramp").evaluate("one => getComputedStyle(one).backgroundImage")
    assert [color(stop) for stop in re.findall(r"rgb\([^)]*\)", ramp)] == STOPS
    assert ramp.startswith("linear-gradient(90deg")
    if choice == "all":
        assert (low[:1], high[:1], tails) != ("≤", "≥", "")
        assert not tails
        return
    assert (low[:1], high[:1]) == ("≤", "≥")
    every = [
        (value, net, place, step)
        for net in NETS
        for step, row in measured(net, "grad_norm").items()
        for place, value in enumerate(records.arrived(row))
    ]
    above, below = [cell for cell in every if cell[0] > ends.high], [cell for cell in every if cell[0] < ends.low]
    farthest = r"(\S+) \((.*), (\S+), step (\d+)\)\."
    words = rf"(\d+) above the scale, up to {farthest} (\d+) below it, down to {farthest}"
    found = re.fullmatch(words, tails)
    assert found, tails
    for shown_tail, cells, most in ((found.groups()[:5], above, max(above)), (found.groups()[5:], below, min(below))):
        assert int(shown_tail[0]) == len(cells)
        assert number(shown_tail[1]) == records.rounded(most[0])
        where = {
            (n, records.names_by_depth(RUN.steps, n, "grad_norm")[p], str(s)) for v, n, p, s in cells if v == most[0]
        }
        assert tuple(shown_tail[2:]) in where


def test_the_pointer_reads_a_cell(shown: Locator) -> None:
    pick(shown, quantity="grad_norm", range="recent")
    for net, step, place in ((NETS[1], 0, 2), (NETS[1], 250, 40), (NETS[2], LAST, 19), (NETS[0], 10, 1)):
        figure = heat(shown, net)
        axes = read_chart(figure)
        px = axes.x.px(step) + (1.5 if step < LAST else 0)
        figure.locator("svg").hover(position={"x": px, "y": axes.y.px(place)})
        title, rows = tip(shown)
        name = records.names_by_depth(RUN.steps, net, "grad_norm")[place - 1]
        assert title == f"{net} · {name}"
        (quantity, value), (_word, at) = rows
        assert quantity == quantity_name(Quantity.GRAD_NORM)
        assert int(at) == step
        assert number(value) == records.rounded(records.arrived(measured(net, "grad_norm")[step])[place - 1])


def test_the_pointer_reads_the_nearest_point_of_a_profile(shown: Locator) -> None:
    pick(shown, quantity="grad_norm")
    scrub(shown, 200)
    figure = chart(shown, "profile")
    axes = read_chart(figure)
    for net, place in ((NETS[3], 10), (NETS[1], 50), (NETS[0], 1)):
        value = measured(net, "grad_norm")[200][place - 1]
        at = axes.x.px(place), axes.y.px(value)
        figure.locator("svg").hover(position={"x": at[0], "y": at[1]})
        (ring, ink), *_ = read_chart(figure).ring
        title, rows = tip(shown)
        assert rows[1][1] == "200"
        assert ring == pytest.approx(at, abs=1)
        named = {
            f"{n} · {records.names_by_depth(RUN.steps, n, 'grad_norm')[place - 1]}": n
            for n in NETS
            if place <= len(measured(n, "grad_norm")[0])
        }
        assert INKS[named[title]] == ink
        assert number(rows[0][1]) == pytest.approx(value, rel=0.05)  # another net's point may be as near
    far = max(
        ((px, py) for px in range(60, 340, 20) for py in range(10, 190, 20)),
        key=lambda at: min(math.hypot(at[0] - x, 0.7 * (at[1] - y)) for (x, y), _ink in axes.dots),
    )
    figure.locator("svg").hover(position={"x": far[0], "y": far[1]})
    expect(shown.get_by_role("tooltip")).to_be_hidden()
    assert not read_chart(figure).ring
    (px, py), _ink = axes.dots[0]
    figure.locator("svg").hover(position={"x": px, "y": py})
    assert read_chart(figure).ring
    shown.page.mouse.move(2, 2)
    expect(shown.get_by_role("tooltip")).to_be_hidden()
    assert not read_chart(figure).ring


def test_a_click_on_a_map_chooses_its_step_and_all_markers_follow(shown: Locator) -> None:
    pick(shown, quantity="grad_norm")
    axes = read_chart(heat(shown, NETS[2]))
    heat(shown, NETS[2]).locator("svg").click(position={"x": axes.x.px(170) + 2, "y": 60})
    expect(shown).to_have_attribute("data-step", "170")
    for figure in (chart(shown, "loss"), chart(shown, "error"), *(heat(shown, net) for net in NETS)):
        found = read_chart(figure)
        assert found.marker == pytest.approx(found.x.px(170))


def test_the_slider_and_the_keys_go_through_the_measured_steps(shown: Locator) -> None:
    steps = list(measured(NETS[0], "grad_norm"))
    slider = shown.get_by_role("slider")
    assert slider.get_attribute("max") == str(len(steps) - 1)
    keys = ("Home", "ArrowRight", "PageUp", "ArrowLeft", "End", "PageDown")
    slider.focus()
    for key, place in zip(keys, (0, 1, 11, 10, len(steps) - 1, len(steps) - 11), strict=True):
        shown.page.keyboard.press(key)
        assert shown.get_attribute("data-step") == str(steps[place])
        assert slider.input_value() == str(place)
        assert slider.get_attribute("aria-valuetext") == f"step {steps[place]} of {LAST}"


@pytest.mark.parametrize("quantity", ["grad_norm", "branch_share"])
def test_the_file_by_depth_has_every_value(quantity: str, shown: Locator) -> None:
    pick(shown, quantity=quantity)
    with shown.page.expect_download() as download:
        shown.get_by_role("button", name="CSV: by depth").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert download.value.suggested_filename == f"race-{quantity}.csv"
    expected = [
        (net, str(step), str(place), name, value)
        for net in (RESIDUAL if quantity == "branch_share" else NETS)
        for step, values in measured(net, quantity).items()
        for place, (name, value) in enumerate(zip(names(net, quantity), values, strict=True), start=1)
    ]
    assert [(row["net"], row["step"], row["place"], row["name"]) for row in rows] == [cell[:4] for cell in expected]
    read = [float(row[quantity]) for row in rows]
    assert read == pytest.approx([cell[4] for cell in expected], rel=7e-3)  # three digits of 16 bits


def names(net: str, quantity: str) -> Sequence[str]:
    return records.names_by_depth(RUN.steps, net, quantity)


def test_a_run_without_norms_opens_on_what_vanishes(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?run=no_norm")
    picked = race(page).get_by_label("By depth").first
    expect(picked).to_have_value("block_grad_norm")
    assert read_chart(chart(race(page), "profile")).title.startswith("block-output gradient norm at step")
    picked.select_option("update_ratio")
    page.reload()
    expect(race(page).get_by_label("By depth").first).to_have_value("block_grad_norm")  # of this run, again
    expect(race(visit(f"{server.url}/training?run=degradation")).get_by_label("By depth").first).to_have_value(
        "grad_norm"
    )
