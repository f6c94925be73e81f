"""which: nets identified by a number of parameters, a name or a file of weights."""

import argparse
from typing import Any

from resnet_viz.analysis.identify import identify, identify_text
from resnet_viz.cli.parser import add_command
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.weights.entries import OPTION
from resnet_viz.weights.files import is_file
from resnet_viz.weights.shapes import read_shapes


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "which",
        _("nets with this number of parameters, this name or these weights"),
        examples=(
            "which 11181642",
            "which 25.6M",
            'which "ResNet-50 v1.5"',
            "which checkpoint.pt",
            "which checkpoint.pt --entry state_dict_ema",
            "which model.safetensors",
            "which shapes.json",
        ),
    )
    parser.add_argument(
        "clue",
        help=_(
            "a number of parameters (25,557,032, or rounded as papers do: 25.6M), a name, "
            "or a file: a checkpoint of torch, safetensors, or JSON with the shape of each key"
        ),
    )
    parser.add_argument(
        OPTION, metavar="PLACE", help=_("which weights of a file, where it holds several: state_dict, model_ema, ...")
    )
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    clue = chosen.clue
    if not is_file(clue):
        if chosen.entry is not None:
            raise Refusal(_("{option} needs a file of weights; got {clue!r}.").format(option=OPTION, clue=clue[:60]))
        for match in identify_text(clue):
            print(match.sentence)
        return
    found = read_shapes(clue, entry=chosen.entry)
    for match in identify(found.shapes):
        print(match.sentence)
    for note in found.notes:
        print(note)
