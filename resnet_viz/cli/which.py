"""which: the nets that have a given number of parameters or go by a given name."""

import argparse
from typing import Any

from resnet_viz.analysis.which import which
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "which", help=_("which net has so many parameters, or goes by this name")
    )
    parser.add_argument("clue", help=_('a number of parameters, such as 11181642, or a name, such as "ResNet-50 v1.5"'))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    digits = chosen.clue.replace(",", "").replace("_", "")
    is_count = digits.isascii() and digits.isdigit() and len(digits) <= 12  # noqa: PLR2004 - a trillion
    matches = which(int(digits) if is_count else chosen.clue)
    if not matches:
        raise SpecError(
            _("No net known here has {count} parameters; presets with 1000, 100 or 10 classes were tried.").format(
                count=f"{int(digits):,}" if is_count else chosen.clue[:60]
            )
        )
    for match in matches:
        print(match.sentence)
