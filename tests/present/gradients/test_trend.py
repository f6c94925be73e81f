"""Where a gradient goes, over all seeds."""

from math import inf, isnan, nan

import pytest

from resnet_viz.present.gradients.trend import (
    Trend,
    mean_ratio,
    ratio_text,
    trend_of,
)


@pytest.mark.parametrize(
    ("ratios", "trend"),
    [
        ([6e3, 3.1e3, 3e3], Trend.GROWS),
        ([1.2e-22, 1.4e-22], Trend.FALLS),
        ([8.6, 8.2, 2.9], Trend.STAYS),
        ([0.2, 5.0], Trend.STAYS),
        ([100.0, 0.01], Trend.DIFFERS),
        ([12.0, 9.9, 13.0], Trend.GROWS),  # one seed within the bound, the mean beyond it
        ([11.0, 2.0, 2.0], Trend.STAYS),
        ([0.05, 0.5], Trend.STAYS),
        ([0.01, 0.5], Trend.FALLS),
        ([0.0, 5.0], Trend.UNKNOWN),
        ([inf], Trend.UNKNOWN),
        ([nan, 1.0], Trend.UNKNOWN),
        ([], Trend.UNKNOWN),
    ],
)
def test_the_trend_is_that_of_all_seeds(ratios: list[float], trend: Trend) -> None:
    assert trend_of(ratios) is trend


def test_a_ratio_is_shown_with_its_range() -> None:
    assert ratio_text([4000.0]) == "4,000"
    assert ratio_text([6000.0, 3000.0, 3000.0]) == "3,800 (3,000 to 6,000 over 3 seeds)"
    assert isnan(mean_ratio([0.0, 1.0]))
