"""The command line: its commands, and errors as one message on stderr with exit status 2."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from resnet_viz.cli import (
    app,
    code,
    completion,
    describe,
    export,
    gradients,
    graph,
    lesion,
    published,
    runs,
    scene,
    train,
    which,
)
from resnet_viz.cli.candidates import for_shell
from resnet_viz.cli.parser import PROGRAM, Parser
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _

REFUSED: Final = 2
INTERRUPTED: Final = 130  # as shells have it for Ctrl-C

_EXAMPLES: Final = """examples:
  python -m resnet_viz app
  python -m resnet_viz describe resnet50
  python -m resnet_viz describe cifar_resnet56 --set order=full_preact --set dim_match=projection --json
  python -m resnet_viz graph resnet34 --level block --format svg > resnet34.svg
  python -m resnet_viz code resnet50 > resnet50.py
  python -m resnet_viz export resnet18 --onnx resnet18.onnx
  python -m resnet_viz which 11181642
  python -m resnet_viz published orders
  python -m resnet_viz gradients cifar_plain56 cifar_resnet56
  python -m resnet_viz lesion shipped:resnet20
  python -m resnet_viz train degradation
  python -m resnet_viz runs list
  python -m resnet_viz scene degradation
  source <(python -m resnet_viz completion bash)

`python -m resnet_viz COMMAND --help` has more of them.
"""


def command() -> NoReturn:
    """Runs the program `resnet_viz`, which an installation puts beside Python."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status: 0, 1 for a failed or stopped run, 2 for a refusal."""
    try:
        parser = make_parser()
        if arguments[:1] == [completion.ASK]:
            print(*for_shell(parser, *arguments[1:]), sep="\n")
            return 0
        chosen = parser.parse_args(arguments or ["app"])
        status = chosen.run(chosen)
        sys.stdout.flush()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # `... | head`: the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return status or 0


def make_parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    parser = Parser(
        prog=PROGRAM,
        description=_(
            "Residual networks described, drawn, counted, exported, measured and trained; runs listed and exported."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    for each in (
        describe,
        graph,
        code,
        export,
        which,
        published,
        gradients,
        lesion,
        train,
        runs,
        scene,
        completion,
        app,
    ):
        each.add_to(commands)
    return parser
