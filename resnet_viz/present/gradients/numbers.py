"""Numbers of the gradients page as text: factors over many powers of ten, with two significant digits."""

from collections.abc import Sequence
from math import exp, inf, isfinite, log
from typing import Final

from resnet_viz.i18n import _

_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LOW: Final = 1e-3
_HIGH: Final = 1e6  # outside of these a power of ten is easier to read
_TENTHS: Final = 10


def number_text(value: float) -> str:
    """Returns a number with two significant digits: "0.027", "2,800", "6.3·10⁷", "10⁻²²"; words where it is none."""
    if not isfinite(value):
        return _("not finite")
    if value == 0:
        return "0"
    if value < 0:
        return f"−{number_text(-value)}"
    rounded = float(f"{value:.1e}")
    if _LOW <= rounded < _HIGH:
        return f"{rounded:,.0f}" if rounded >= _TENTHS else f"{rounded:.2g}"
    digits, _e, power = f"{value:.1e}".partition("e")
    digits = digits.removesuffix(".0")
    raised = f"10{str(int(power)).translate(_RAISED)}"
    return raised if digits == "1" else f"{digits}·{raised}"


def range_text(values: Sequence[float]) -> str:
    """Returns the least and the largest of several numbers, "3,000 to 6,000"; one where both read the same."""
    texts = list(dict.fromkeys(number_text(value) for value in (min(values), max(values))))
    return _("{low} to {high}").format(low=texts[0], high=texts[1]) if len(texts) > 1 else texts[0]


def log_mean(values: Sequence[float]) -> float:
    """Returns the geometric mean of positive numbers."""
    return exp(sum(map(log, values)) / len(values))


def quotient(first: float, last: float) -> float:
    """Returns first / last; infinite where only the last is 0, NaN where both are."""
    if last == 0:
        return inf if first > 0 else float("nan")
    return first / last
