"""The commands, their arguments and what an error looks like: one sentence on stderr and exit status 2."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from resnet_viz.cli import code, describe, graph, runs, which
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _

REFUSED = 2

_EXAMPLES = """examples:
  python -m resnet_viz describe resnet50
  python -m resnet_viz describe cifar_resnet56 --set order=full_preact --set dim_match=projection --json
  python -m resnet_viz graph resnet34 --level block --format svg > resnet34.svg
  python -m resnet_viz runs list
  python -m resnet_viz code resnet50 > resnet50.py
  python -m resnet_viz which 11181642
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of printing its usage first."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(_("{message}. See `{prog} --help`.").format(message=message, prog=self.prog))


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status: 0, or 2 with a sentence on stderr."""
    try:
        chosen = _parser().parse_args(arguments)
        chosen.run(chosen)
        sys.stdout.flush()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # `... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m resnet_viz",
        description=_("Residual networks described, drawn and counted; runs listed and exported. Loads no torch."),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    for command in (describe, graph, code, which, runs):
        command.add_to(commands)
    return parser
