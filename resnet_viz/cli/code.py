"""code: a net as one PyTorch file to take home."""

import argparse
from typing import Any

from resnet_viz.cli.net import add_arguments, spec_of
from resnet_viz.export.pytorch import source
from resnet_viz.i18n import _


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser("code", help=_("the net as a standalone PyTorch file"))
    add_arguments(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    print(source(spec_of(chosen)), end="")
