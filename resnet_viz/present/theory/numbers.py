"""Numbers in messages of the theory page: three digits, powers of ten where a number is large or small."""

from collections.abc import Iterable
from math import floor, isfinite, log10
from typing import Final

from resnet_viz.i18n import _

_PLAIN_FROM: Final = 1e-3
_PLAIN_TO: Final = 1e5
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def short(value: float) -> str:
    """Returns a number as text: "0.00338", "172", "1,530", "1.8×10¹⁶"; words where it is none."""
    if not isfinite(value):
        return _("not a number")
    rounded = float(f"{value:.3g}")
    size = abs(rounded)
    if rounded == 0 or _PLAIN_FROM <= size < _PLAIN_TO:
        digits = max(0, 2 - floor(log10(size))) if size >= 1 else 0
        return f"{rounded:,.{digits}f}" if size >= 1 else f"{rounded:.3g}"
    power = floor(log10(size))
    front = f"{value / 10**power:.1f}"
    if front.lstrip("-") == "10.0":
        front, power = front.replace("10.0", "1.0"), power + 1
    return f"{front}×10{str(power).translate(_SUPERSCRIPTS)}"


def listed(values: Iterable[float]) -> str:
    """Returns numbers with commas between them."""
    return ", ".join(map(short, values))
