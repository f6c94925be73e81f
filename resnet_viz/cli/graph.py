"""graph: the layer graph as Graphviz text, SVG or JSON."""

import argparse
import json
import shutil
import subprocess
from typing import Any

from resnet_viz.analysis.report import analyse
from resnet_viz.cli.net import add_arguments, spec_of
from resnet_viz.cli.parser import add_command
from resnet_viz.errors import Refusal
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.levels import picture
from resnet_viz.graph.picture import Level, Picture
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.theme import PALETTES, Mode

_FORMATS = ("dot", "svg", "json")


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "graph",
        _("the layer graph as DOT, SVG or JSON"),
        examples=(
            "graph resnet34 --level block | dot -Tpdf > resnet34.pdf",
            "graph resnet34 --level block --format svg > resnet34.svg",
            "graph plain18 --level layer --unfold --format json",
        ),
    )
    add_arguments(parser)
    parser.add_argument("--level", choices=[level.value for level in Level], default=Level.STAGE.value)
    parser.add_argument("--format", choices=_FORMATS, default="dot")
    parser.add_argument("--unfold", action="store_true", help=_("draw every block, equal ones too"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    drawing = picture(analyse(lower(spec_of(chosen))), Level(chosen.level), is_folded=not chosen.unfold)
    if chosen.format == "json":
        print(json.dumps(_as_json(drawing)))
        return
    dot = to_dot(drawing, PALETTES[Mode.LIGHT])
    print(_svg(dot) if chosen.format == "svg" else dot, end="")


def _as_json(drawing: Picture) -> dict[str, Any]:
    return {
        "level": drawing.level.value,
        "boxes": [box._asdict() for box in drawing.boxes],
        "arrows": [arrow._asdict() for arrow in drawing.arrows],
        "frames": [frame._asdict() for frame in drawing.frames],
    }


def _svg(dot: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise Refusal(_("SVG needs Graphviz's program dot, which is not installed; --format dot works without it."))
    drawn = subprocess.run([program, "-Tsvg"], input=dot, capture_output=True, text=True, check=False)
    if drawn.returncode:
        raise Refusal(
            _("Graphviz's program dot failed: {why}.").format(why=" ".join(drawn.stderr.split()).rstrip(".")[:200])
        )
    return drawn.stdout
