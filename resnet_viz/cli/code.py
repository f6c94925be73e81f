"""code: a net as one standalone PyTorch file."""

import argparse
from typing import Any

from resnet_viz.cli.parser import add_command, add_net_arguments, spec_of
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.export.style import CodeStyle
from resnet_viz.export.training import TrainingLoop
from resnet_viz.i18n import _


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "code",
        _("the net as a standalone PyTorch file"),
        examples=(
            "code resnet50 > resnet50.py",
            "code cifar_resnet20 --set dim_match=projection > net.py",
            "code d2l_resnet18 --style d2l --train d2l > net.py",
        ),
    )
    add_net_arguments(parser)
    styles, loops = [style.value for style in CodeStyle], [loop.value for loop in TrainingLoop]
    parser.add_argument(
        "--style", choices=styles, default=CodeStyle.OWN.value, help=_("classes: our own Block, or those of a source")
    )
    parser.add_argument(
        "--train", choices=loops, default=TrainingLoop.NONE.value, help=_("a training loop with a source's settings")
    )
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    print(pytorch_source(spec_of(chosen), CodeStyle(chosen.style), TrainingLoop(chosen.train)), end="")
