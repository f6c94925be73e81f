"""scene: scenes of a lecture listed, shown, and files of scenes checked."""

import argparse
import dataclasses
import json
import sys
import textwrap
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from resnet_viz.cli.parser import add_command
from resnet_viz.i18n import _
from resnet_viz.present.tables import in_columns
from resnet_viz.scenes import files
from resnet_viz.scenes.outcomes import OUTCOMES, OutcomeName
from resnet_viz.scenes.scene import Answer, Scene

_COLUMNS: Final = 100


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "scene",
        _("scenes of a lecture, and files of scenes checked"),
        examples=("scene", "scene degradation", "scene my_scenes/dilation.toml", "scene --json"),
    )
    parser.add_argument(
        "scene",
        nargs="?",
        metavar="NAME",
        help=_("a scene, or a file of one, which is checked; without it, all scenes are listed"),
    )
    parser.add_argument("--json", action="store_true", help=_("print the scenes as JSON"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    if chosen.scene is None:
        for problem in files.problems():
            print(problem, file=sys.stderr)
        scenes = tuple(files.known().values())
        print(_json([_fields(scene) for scene in scenes]) if chosen.json else _table(scenes))
        return
    is_file = chosen.scene.endswith(files.SUFFIX)
    scene = files.read(Path(chosen.scene)) if is_file else files.find(chosen.scene)
    print(_json(_fields(scene)) if chosen.json else _text(scene))


def _table(scenes: tuple[Scene, ...]) -> str:
    rows = [(_("name"), _("title"), _("page"), _("decided by"), _("next"))]
    rows += [(one.name, one.title, one.page, one.outcome or _("its author"), one.next) for one in scenes]
    return in_columns(rows, left=range(len(rows[0])))


def _text(scene: Scene) -> str:
    """Returns all of a scene, as a lecturer checks it."""
    address = f"/{scene.page}?{urlencode(scene.query, safe=',:')}".removesuffix("?")
    rows = (
        (_("Opens"), address),
        (_("Controls that stay"), ", ".join(scene.controls) or _("none")),
        (_("Press"), scene.press),
        (_("Look at"), scene.look_at),
        (_("Decided by"), OUTCOMES[OutcomeName(scene.outcome)].about if scene.outcome else _("its author")),
        (_("Explanation"), scene.explanation),
        (_("Source"), scene.source),
        (_("Next"), scene.next),
    )
    lines = [f"{scene.title} ({scene.name})", scene.question]
    lines += [f"  {letter}  {_answer(answer)}" for letter, answer in zip("ABCDE", scene.answers, strict=False)]
    lines += [_("{label}: {text}").format(label=label, text=text) for label, text in rows if text]
    return "\n".join(textwrap.fill(line, _COLUMNS, subsequent_indent="     ") for line in lines)


def _answer(answer: Answer) -> str:
    if answer.verdict:
        return f"{answer.text} [{answer.verdict}]"
    return _("{text} [right]").format(text=answer.text) if answer.is_right else answer.text


def _fields(scene: Scene) -> dict[str, Any]:
    return {**dataclasses.asdict(dataclasses.replace(scene, query={})), "query": dict(scene.query)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
