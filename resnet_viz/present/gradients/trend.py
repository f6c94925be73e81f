"""Where a gradient goes on its way to the input: it grows, falls or stays, over all seeds."""

from collections.abc import Sequence
from enum import StrEnum
from math import isfinite, nan
from typing import Final, assert_never

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.gradients.numbers import log_mean, number_text, range_text

FLAT: Final = 10.0  # a ratio within this factor of 1, a power of ten, is no trend: seeds differ by as much
STEEP: Final = 1e3  # from this factor on a gradient explodes or vanishes


class Trend(StrEnum):
    """Course of a gradient from the last block to the first."""

    GROWS = "grows"
    FALLS = "falls"
    STAYS = "stays"
    DIFFERS = "differs"  # from seed to seed
    UNKNOWN = "unknown"  # no ratio: 0 or not finite at an end


def trend_of(ratios: Sequence[float]) -> Trend:
    """Returns the trend of ratios first / last, one per seed."""
    if not ratios or not all(isfinite(ratio) and ratio > 0 for ratio in ratios):
        return Trend.UNKNOWN
    found = {Trend.GROWS if r > FLAT else Trend.FALLS if r < 1 / FLAT else Trend.STAYS for r in ratios}
    if len(found) == 1:
        return found.pop()
    if Trend.GROWS in found and Trend.FALLS in found:
        return Trend.DIFFERS
    mean = log_mean(ratios)  # some seeds beyond the bound, the others within
    return Trend.GROWS if mean > FLAT else Trend.FALLS if mean < 1 / FLAT else Trend.STAYS


def mean_ratio(ratios: Sequence[float]) -> float:
    """Returns the geometric mean of ratios over the seeds; NaN where one of them is no positive number."""
    return log_mean(ratios) if trend_of(ratios) is not Trend.UNKNOWN else nan


def ratio_text(ratios: Sequence[float], *, strong: str = "") -> str:
    """Returns the mean of ratios, and their range over several seeds: "4,000 (3,000 to 6,000 over 3 seeds)".

    Args:
        ratios: one per seed.
        strong: Markdown around the mean.
    """
    mean = f"{strong}{number_text(mean_ratio(ratios))}{strong}"
    if len(ratios) == 1:
        return mean
    text = ngettext("{mean} ({range} over {n} seed)", "{mean} ({range} over {n} seeds)", len(ratios))
    return text.format(mean=mean, range=range_text(ratios), n=len(ratios))


def trend_verb(trend: Trend, ratio: float) -> str:
    """Returns what a gradient does on its way to the input; `ratio` is its mean one."""
    is_steep = ratio >= STEEP or ratio <= 1 / STEEP
    match trend:
        case Trend.GROWS:
            return _("explodes towards the input") if is_steep else _("grows towards the input")
        case Trend.FALLS:
            return _("vanishes towards the input") if is_steep else _("falls towards the input")
        case Trend.STAYS:
            return _("stays within a power of ten")
        case Trend.DIFFERS:
            return _("grows with one seed and falls with another")
        case Trend.UNKNOWN:
            return _("has no ratio: it is 0 or not finite at an end")
        case _:
            assert_never(trend)
