"""graph: the layer graph as Graphviz text, as an image, or as JSON."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from resnet_viz.analysis.report import analyse
from resnet_viz.cli.parser import add_command, add_net_arguments, spec_of
from resnet_viz.errors import Refusal
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.drawing import Arrow, Box, Drawing, Frame, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.theme import PALETTES, Mode

_PICTURES: Final = ("svg", "pdf", "png")
_FORMATS: Final = ("dot", *_PICTURES, "json")
_PX_PER_INCH: Final = 192  # of a PNG: twice the screen's


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "graph",
        _("the layer graph as DOT, SVG, PDF, PNG or JSON"),
        examples=(
            "graph resnet34 --open stage3,stage3.block1 --format pdf > resnet34.pdf",
            "graph resnet34 --level block --format svg > resnet34.svg",
            "graph plain18 --level layer --unfold --format json",
        ),
    )
    add_net_arguments(parser)
    parser.add_argument("--level", choices=[level.value for level in Level], default=Level.STAGE.value)
    parser.add_argument(
        "--open", default="", metavar="NAMES", help=_("further open stages and blocks: stage3,stage3.block2")
    )
    parser.add_argument("--format", choices=_FORMATS, default="dot")
    parser.add_argument("--unfold", action="store_true", help=_("draw every block, also equal ones"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    expansion = Expansion.from_text(Level(chosen.level), chosen.open)
    drawing = draw_net(analyse(lower(spec_of(chosen))), expansion, is_folded=not chosen.unfold)
    if chosen.format == "json":
        print(json.dumps({"level": chosen.level} | _as_json(drawing)))
        return
    dot = to_dot(drawing, PALETTES[Mode.LIGHT])
    if chosen.format in _PICTURES:
        sys.stdout.flush()
        sys.stdout.buffer.write(_drawn(dot, chosen.format))
    else:
        print(dot, end="")


def _as_json(drawing: Drawing) -> dict[str, Any]:
    return {
        "boxes": [_fields(box) | {"row": row.id} for row in drawing.rows for box in row.boxes],
        "arrows": [_fields(arrow) for arrow in drawing.arrows],
        "rows": [{"id": row.id, "frame": row.frame} for row in drawing.rows],
        "frames": [_fields(frame) for frame in drawing.frames],
    }


def _fields(drawn: Box | Arrow | Frame) -> dict[str, Any]:
    """Returns the fields that an output holds: of a single net, names are ids; `note` has the shortcuts of an arc."""
    names, inner = {"name": "id"}, ("net", "folded", "arc")
    return {names.get(name, name): value for name, value in drawn._asdict().items() if name not in inner}


def _drawn(dot: str, kind: str) -> bytes:
    """Lays every row out, puts them below each other, and draws them: Graphviz's dot, gvpack and neato."""
    resolution = f"-Gdpi={_PX_PER_INCH if kind == 'png' else 72}"
    text = dot.encode()
    for command in (
        ["dot", "-Tdot"],
        ["gvpack", "-u", "-array_lu1", "-m12"],
        ["neato", "-n2", f"-T{kind}", resolution],
    ):
        text = _through(command, text)
    return text


def _through(command: Sequence[str], text: bytes) -> bytes:
    program = shutil.which(command[0])
    if program is None:
        sentence = _("Images need Graphviz's program {name}, which is not installed; --format dot works without it.")
        raise Refusal(sentence.format(name=command[0]))
    drawn = subprocess.run([program, *command[1:]], input=text, capture_output=True, check=False)
    if drawn.returncode:
        why = " ".join(drawn.stderr.decode(errors="replace").split()).rstrip(".")[:200]
        raise Refusal(_("Graphviz's program {name} failed: {why}.").format(name=command[0], why=why))
    return drawn.stdout
