"""which: the nets that have a given number of parameters or go by a given name."""

import argparse
from typing import Any

from resnet_viz.analysis.clue import search
from resnet_viz.i18n import _


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "which", help=_("which net has so many parameters, or goes by this name")
    )
    parser.add_argument("clue", help=_('a number of parameters, such as 11181642, or a name, such as "ResNet-50 v1.5"'))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    for match in search(chosen.clue):
        print(match.sentence)
