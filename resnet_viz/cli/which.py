"""which: nets identified by a number of parameters, a name or a file of weights."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resnet_viz.analysis.identify import Match, identify, identify_text
from resnet_viz.cli import state_dict_shapes
from resnet_viz.cli.columns import work_columns
from resnet_viz.cli.parser import add_command
from resnet_viz.i18n import _


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
            "which model.safetensors",
            "which shapes.json",
        ),
    )
    parser.add_argument(
        "clue",
        help=_(
            "a number of parameters (25,557,032, or rounded as papers do: 25.6M), of FLOPs or MACs (4.1G), a name, "
            "or a file: a checkpoint of torch, safetensors, or JSON with the shape of each key"
        ),
    )
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    clue = chosen.clue
    _print(identify(_shapes(Path(clue))) if state_dict_shapes.is_file(clue) else identify_text(clue))


def _print(matches: Sequence[Match]) -> None:
    for match in matches:
        print(" ".join(filter(None, (match.sentence, match.note))))
    if matches[0].work is not None:
        print()
        print(work_columns(matches[0].spec))


def _shapes(path: Path) -> state_dict_shapes.Shapes:
    match path.suffix.lower():
        case ".json":
            return state_dict_shapes.shapes_of_json(path)
        case ".safetensors":
            return state_dict_shapes.shapes_of_safetensors(path)
        case _:
            from resnet_viz.nets import load_checkpoint  # noqa: PLC0415 - torch, for checkpoints alone

            return {key: tuple(tensor.shape) for key, tensor in load_checkpoint.read_state_dict(path).items()}
