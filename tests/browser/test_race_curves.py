"""The curves of a shipped run in a browser, read back through their axes and held against its records."""

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from resnet_viz.present.theme import Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.runs import shipped
from tests.browser import records
from tests.browser.conftest import DESK, Visit
from tests.browser.drawn import chart, pick, race, scrub, tip
from tests.browser.reading_charts import Chart, Color, color, number, read_chart
from tests.browser.records import Line
from tests.browser.serving import Server
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

RUN = shipped.read("degradation")
NETS = RUN.recipe.labels
INKS = {net: color(style.color) for net, style in style_nets(RUN.recipe.nets, Mode.LIGHT).items()}
LAST = RUN.recipe.steps - 1
SENT = 4e-5  # relative error of a curve's values as they travel: 24 bits of a float32


@pytest.fixture(scope="module")
def shown(server: Server, visit_once: Visit) -> Locator:
    return race(visit_once(f"{server.url}/training?run={RUN.name}"))


def assert_drawn(found: Chart, ink: Color, line: Line, *, is_dashed: bool = False) -> None:
    curve = found.firm(ink, is_dashed=is_dashed)
    assert len(curve.parts) == 1
    assert found.xs(curve) == found.x.near(line.steps)
    assert found.ys(curve) == found.y.near(line.values)


def test_each_loss_is_drawn_at_its_step(shown: Locator) -> None:
    pick(shown, window="1", loss="linear")
    found = read_chart(chart(shown, "loss"))
    assert len(found.curves) == len(NETS)
    for net in NETS:
        assert_drawn(found, INKS[net], records.losses(RUN.steps, net))


@pytest.mark.parametrize("window", [10, 20, 50])
def test_smoothed_curves_are_means_over_the_last_steps(window: int, shown: Locator) -> None:
    pick(shown, window=str(window), loss="linear")
    loss, error = read_chart(chart(shown, "loss")), read_chart(chart(shown, "error"))
    assert len(loss.curves) == 2 * len(NETS)
    for net in NETS:
        raw = records.losses(RUN.steps, net)
        assert_drawn(loss, INKS[net], records.smoothed(raw, window))
        assert loss.ys(loss.faint(INKS[net])) == loss.y.near(raw.values)
        assert_drawn(error, INKS[net], records.smoothed(records.errors(RUN.steps, net), window), is_dashed=True)


def test_each_test_has_a_dot_on_a_solid_line(shown: Locator) -> None:
    found = read_chart(chart(shown, "error"))
    for net in NETS:
        line = records.errors_on_test_images(RUN.steps, net)
        assert_drawn(found, INKS[net], line)
        dots = found.dots_of(INKS[net])
        assert [found.x.value(px) for px, _py in dots] == found.x.near(line.steps)
        assert [found.y.value(py) for _px, py in dots] == found.y.near(line.values)


def test_on_a_logarithmic_axis_the_values_are_the_same(shown: Locator) -> None:
    pick(shown, window="1", loss="log")
    found = read_chart(chart(shown, "loss"))
    assert found.y.is_log
    for net in NETS:
        assert_drawn(found, INKS[net], records.losses(RUN.steps, net))


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_the_axes_begin_and_end_where_the_curves_do(kind: str, shown: Locator) -> None:
    pick(shown, window="1", loss=kind)
    all_losses = [value for net in NETS for value in records.losses(RUN.steps, net).values]
    loss, error = read_chart(chart(shown, "loss")), read_chart(chart(shown, "error"))
    for found in (loss, error):
        assert found.x.px(0) == pytest.approx(found.left)
        assert found.x.px(LAST) == pytest.approx(found.right)
        assert found.size[0] - 20 < found.right < found.size[0]
        assert found.x_name == "step"
        heights = [py for curve in found.curves for _px, py in curve.points]
        assert 0 <= min(heights) <= max(heights) <= found.bottom
    assert min(py for curve in loss.curves for _px, py in curve.points) < 0.15 * loss.bottom  # no empty half above
    if kind == "linear":
        assert loss.y.px(0) == pytest.approx(loss.bottom)
    else:
        assert loss.y.value(loss.bottom) == pytest.approx(min(all_losses) / 1.1, rel=1e-3)
    assert error.y.px(0) == pytest.approx(error.bottom)
    assert all(label.endswith(" %") for label in error.y.labels)


def test_a_net_has_one_colour_in_the_legend_and_in_all_charts(shown: Locator) -> None:
    chips = shown.locator(".legend .chip").evaluate_all(
        "all => all.map(chip => [chip.textContent, getComputedStyle(chip, '::before').backgroundColor])"
    )
    assert {net: color(ink) for net, ink in chips} == INKS
    for name in ("loss", "error", "profile"):
        assert {curve.color for curve in read_chart(chart(shown, name)).curves} == set(INKS.values())
    for net in NETS:
        border = "one => getComputedStyle(one).borderLeftColor"
        assert color(shown.locator(f'[data-net="{net}"] figcaption').evaluate(border)) == INKS[net]


@pytest.mark.parametrize("step", [0, 1, 59, 211, LAST])
def test_the_pointer_reads_the_newest_value_up_to_its_step(step: int, shown: Locator) -> None:
    pick(shown, window="20", loss="linear")
    svg = chart(shown, "loss").locator("svg")
    svg.hover(position={"x": round(read_chart(chart(shown, "loss")).x.px(step)), "y": 60})
    title, rows = tip(shown)
    pointed = int(title.removeprefix("step "))
    assert abs(pointed - step) <= 1  # a px is more than a step
    assert [net for net, _value in rows] == list(NETS)
    for net, value in rows:
        assert number(value) == records.rounded(records.at(records.losses(RUN.steps, net), pointed))

    chart(shown, "error").locator("svg").hover(
        position={"x": round(read_chart(chart(shown, "error")).x.px(step)), "y": 60}
    )
    title, rows = tip(shown)
    found = re.fullmatch(r"step (\d+) · training · test", title)
    assert found
    for net, value in rows:
        errors = records.errors(RUN.steps, net), records.errors_on_test_images(RUN.steps, net)
        shares = [math.nan if text == "–" else number(text) for text in value.split(" · ")]
        expected = [records.at(line, int(found[1])) for line in errors]
        assert shares == pytest.approx(expected, abs=0.00052, nan_ok=True)


def test_the_tooltip_is_on_the_screen(shown: Locator) -> None:
    room = shown.bounding_box()
    assert room
    for name, step in (("loss", 0), ("loss", LAST), ("error", 200), ("error", LAST), ("profile", 1)):
        figure = chart(shown, name)
        found = read_chart(figure)
        at = found.dots[-1][0] if name == "profile" else (found.x.px(step), 60)
        figure.locator("svg").hover(position={"x": at[0], "y": at[1]})
        words, plot = shown.get_by_role("tooltip").bounding_box(), figure.locator("svg").bounding_box()
        assert words
        assert plot
        x, y = plot["x"] + at[0], plot["y"] + at[1]
        assert room["x"] <= words["x"] < words["x"] + words["width"] <= room["x"] + room["width"] + 1
        assert not words["x"] < x < words["x"] + words["width"] or not words["y"] < y < words["y"] + words["height"]
        assert abs(words["y"] - y) < 30


def test_charts_are_drawn_anew_when_the_page_gets_narrower(shown: Locator) -> None:
    pick(shown, window="1", loss="linear")
    wide = read_chart(chart(shown, "loss"))
    shown.page.set_viewport_size({"width": 1000, "height": DESK["height"]})
    until(lambda: read_chart(chart(shown, "loss")).right < wide.right - 20, "narrower charts")
    found = read_chart(chart(shown, "loss"))
    assert found.right == pytest.approx(found.size[0] - 10, abs=1)
    assert found.marker == pytest.approx(found.x.px(int(shown.get_attribute("data-step") or -1)))
    for net in NETS:
        assert_drawn(found, INKS[net], records.losses(RUN.steps, net))
    shown.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    until(lambda: read_chart(chart(shown, "loss")).right == wide.right, "charts as wide as before")


def test_a_click_chooses_the_newest_measured_step_up_to_it(shown: Locator) -> None:
    measured = [step.step for step in records.of_net(RUN.steps, NETS[0]) if step.grad_norm]
    for name, step in (("loss", 117), ("error", 305), ("loss", 4)):
        found = read_chart(chart(shown, name))
        chart(shown, name).locator("svg").click(position={"x": round(found.x.px(step)), "y": 60})
        chosen = max(one for one in measured if one <= step)
        expect(shown).to_have_attribute("data-step", str(chosen))
        for moved in ("loss", "error"):
            after = read_chart(chart(shown, moved))
            assert after.marker == pytest.approx(after.x.px(chosen), abs=0.1)


def test_the_words_and_the_table_have_the_numbers_of_the_step(shown: Locator) -> None:
    scrub(shown, 120)
    assert shown.locator("output").text_content() == f"step 120 of {LAST}"
    words = read_chart(chart(shown, "loss")).label
    assert words.startswith("Training loss at step 120: ")
    for net, text in zip(NETS, words.partition(": ")[2].split("; "), strict=True):
        assert text.startswith(f"{net} ")
        assert number(text.removeprefix(net)) == records.rounded(records.at(records.losses(RUN.steps, net), 120))
    shown.get_by_role("button", name="Numbers").click()
    for net in NETS:
        row = shown.locator(".numbers tbody tr", has=shown.page.locator("th", has_text=re.compile(f"^{net}$")))
        cells = [number(text) for text in row.locator("td").all_text_contents()]
        norms = records.by_depth(RUN.steps, net, "grad_norm")[120]
        lines = (
            records.losses(RUN.steps, net),
            records.errors(RUN.steps, net),
            records.errors_on_test_images(RUN.steps, net),
        )
        expected = [*(records.at(line, 120) for line in lines), norms[0], norms[-1], norms[0] / norms[-1]]
        assert cells == pytest.approx(expected, rel=6e-3)  # three digits, some of them out of 16 bits
    shown.get_by_role("button", name="Numbers").click()


def test_the_file_of_curves_has_every_record(shown: Locator) -> None:
    with shown.page.expect_download() as download:
        shown.get_by_role("button", name="CSV: curves").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert download.value.suggested_filename == "race-curves.csv"
    assert [(row["net"], int(row["step"])) for row in rows] == [
        (net, step) for net in NETS for step in records.losses(RUN.steps, net).steps
    ]
    for net in NETS:
        own = [row for row in rows if row["net"] == net]
        assert floats(own, "training_loss") == pytest.approx(records.losses(RUN.steps, net).values, rel=SENT)
        assert floats(own, "training_error") == pytest.approx(records.errors(RUN.steps, net).values, rel=SENT)
        tested = [row for row in own if row["test_error"]]
        line = records.errors_on_test_images(RUN.steps, net)
        assert [int(row["step"]) for row in tested] == line.steps
        assert floats(tested, "test_error") == pytest.approx(line.values, rel=SENT)


def floats(rows: Sequence[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) for row in rows]
