"""code: a net as one standalone PyTorch file."""

import argparse
from typing import Any

from resnet_viz.cli.parser import add_command, add_net_arguments, spec_of
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.i18n import _


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "code",
        _("the net as a standalone PyTorch file"),
        examples=("code resnet50 > resnet50.py", "code cifar_resnet20 --set dim_match=projection > net.py"),
    )
    add_net_arguments(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    print(pytorch_source(spec_of(chosen)), end="")
