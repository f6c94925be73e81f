"""which: nets identified by a number of parameters, a name or a file of weights."""

import argparse
from collections.abc import Sequence
from typing import Any

from resnet_viz.analysis.identify import by_weights, identify_text
from resnet_viz.analysis.matches import Match
from resnet_viz.cli.parser import add_command
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.work_counts import work_columns
from resnet_viz.weights.files.entries import OPTION
from resnet_viz.weights.files.formats import is_file
from resnet_viz.weights.files.shapes import read_shapes
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.text import messages


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "which",
        _("nets with this number of parameters or FLOPs, this name or these weights"),
        examples=(
            "which 11181642",
            "which 25.6M",
            'which "4.1 GFLOPs"',
            'which "ResNet-50 v1.5"',
            "which checkpoint.pt",
            "which checkpoint.pt --entry state_dict_ema",
            "which model.safetensors",
            "which shapes.json",
        ),
    )
    parser.add_argument(
        "clue",
        nargs="+",
        help=_(
            "a number of parameters (25,557,032, or rounded as papers do: 25.6M), of FLOPs or MACs (4.1G), a name, "
            "or a file: a checkpoint of torch, safetensors, or JSON with the shape of each key"
        ),
    )
    parser.add_argument(
        OPTION, metavar="PLACE", help=_("which weights of a file, where it holds several: state_dict, model_ema, ...")
    )
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    clue = " ".join(chosen.clue)  # `which 4.1 GFLOPs` needs no quotes
    if len(chosen.clue) > 1 and any(map(is_file, chosen.clue)):
        raise Refusal(_("which takes one file; got {count}: {clue!r}.").format(count=len(chosen.clue), clue=clue[:60]))
    if not is_file(clue):
        if chosen.entry is not None:
            raise Refusal(_("{option} needs a file of weights; got {clue!r}.").format(option=OPTION, clue=clue[:60]))
        _print(identify_text(clue))
        return
    found = read_shapes(clue, entry=chosen.entry, checks_numbers=True)
    identified = identify_weights(found.shapes, found.spec)
    _print(by_weights(identified))
    for note in (*messages(identified), *found.notes):
        print(note)


def _print(matches: Sequence[Match]) -> None:
    for match in matches:
        print(" ".join(filter(None, (match.sentence, match.note))))
    if matches[0].work is not None:
        print()
        print(work_columns(matches[0].spec))
