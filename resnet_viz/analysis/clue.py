"""What people type to ask which net it is: a parameter count, exact or rounded as papers do, or a name."""

import re
from typing import Final

from resnet_viz.analysis.identify import Match, identify, match_of
from resnet_viz.analysis.steps import count_params
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.presets import preset, preset_names

_MOST_DIGITS: Final = 12  # a trillion
_LONGEST_CLUE: Final = 60
_UNITS: Final = {"k": 10**3, "m": 10**6}


def identify_text(text: str) -> tuple[Match, ...]:
    """Returns the nets that fit a count or a name as it was typed; at least one.

    Raises:
        SpecError: there is none; the sentence says what was tried, or offers the nearest names.
    """
    rounded = by_rounded(text)
    if rounded is not None:
        if not rounded:
            raise SpecError(_("No preset here has about {count} parameters.").format(count=text.strip()))
        return rounded
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        return identify(text[:_LONGEST_CLUE])
    matches = identify(int(digits))
    if not matches:
        raise SpecError(
            _("No net known here has {count:,} parameters; presets with 1000, 100 or 10 classes were tried.").format(
                count=int(digits)
            )
        )
    return matches


def by_rounded(text: str) -> tuple[Match, ...] | None:
    """Returns the presets whose parameters round to what a paper's table says ("25.6M"); None where `text` is no such.

    A table of a paper rounds up or down as it pleases ("0.27M" for 272,474 and for 269,722): a last digit of one off
    counts as found.
    """
    match = re.fullmatch(r"([0-9]{1,6})(?:\.([0-9]{1,6}))? ?([kKmM])", text.strip(), flags=re.ASCII)
    if match is None:
        return None
    decimals = match[2] or ""
    unit = _UNITS[match[3].lower()]
    one_off = unit // 10 ** len(decimals)
    wanted = int(match[1] + decimals) * one_off
    return tuple(
        match_of(name, ()) for name in preset_names() if abs(count_params(preset(name)) - wanted) < max(1, one_off)
    )
