"""Ticks of the race's axes: enough to read a value by, where they belong, and written one way."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.reading_charts import Axis
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

TICKS = """async ([kind, low, high, count]) => {
  const scales = await import("/app/static/race/scale.js");
  const scale = scales[kind]([low, high], [200, 10]);
  return scale.ticks(count).map(([value, text]) => [scale(value), text, value, scale.invert(scale(value))]);
}"""
MOST_ON_LOG = 12


@pytest.fixture(scope="module")
def page(server: Server, visit_once: Visit) -> Page:
    return visit_once(f"{server.url}/training")


def ticks(page: Page, *asked: Any) -> Axis:
    """Returns the axis from the first value at 200 px to the second at 10 px."""
    found = page.evaluate(TICKS, list(asked))
    assert all(back == pytest.approx(value, rel=1e-6, abs=1e-20) for _px, _text, value, back in found)
    axis = Axis.of((px, text) for px, text, _value, _back in found)
    assert all(10 - 0.3 <= px <= 200 + 0.3 for px, _value in axis.ticks)
    powers = ["10" in label and label[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹" for label in axis.labels if label != "0"]
    assert all(powers) or not any(powers), axis.labels
    assert not any("e" in label for label in axis.labels)
    assert len(set(axis.labels)) == len(axis.labels)
    return axis


@pytest.mark.parametrize(
    ("low", "high"),
    [
        *[(1.1, 1.9), (0.3, 2.5), (2.1, 4.9), (2.3, 2.32), (0.55, 40), (0.9, 101), (1e-4, 1e-2), (1.2e-5, 1.9e-5)],
        *[(1e-9, 1e3), (5e5, 8e9), (0.011, 0.099), (6e-4, 0.02), (1e-38, 1e38), (99, 99.5)],
    ],
)
@pytest.mark.parametrize("count", [4, 6])
def test_a_logarithmic_axis_shows_that_it_is_one(low: float, high: float, count: int, page: Page) -> None:
    axis = ticks(page, "logarithmic", low, high, count)
    assert 3 <= len(axis.ticks) <= MOST_ON_LOG
    assert axis.is_log or high / low < 1.05
    assert [axis.ticks[0][0], axis.ticks[-1][0]] == pytest.approx([200, 10], abs=110)
    assert axis._replace(is_log=True).value(200) == pytest.approx(low, rel=0.02)
    assert axis._replace(is_log=True).value(10) == pytest.approx(high, rel=0.02)


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 2.4), (0, 399), (0, 39), (1, 19), (1, 55), (1, 93), (1, 2), (0, 1), (0, 1230), (0, 120_000), (0, 1e-5)],
)
@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_a_linear_axis_has_round_numbers_evenly_spaced(low: float, high: float, count: int, page: Page) -> None:
    axis = ticks(page, "linear", low, high, count)
    assert not axis.is_log
    assert 2 <= len(axis.ticks) <= count + 2
    assert [axis.value(200), axis.value(10)] == pytest.approx([low, high], abs=1e-9 * high)
    spacing = axis.ticks[1][1] - axis.ticks[0][1]
    assert f"{spacing:.2e}"[:4] in ("1.00", "2.00", "5.00")
