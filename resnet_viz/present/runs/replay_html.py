"""A run as one HTML file that replays in any browser, offline: charts, a step slider, the recipe in words.

The file holds its script and style and loads nothing; its Content-Security-Policy allows these two by their hashes and
nothing else. Text from outside (names, notes) is data for `textContent`.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from resnet_viz.i18n import _
from resnet_viz.plan.names import is_on_main_path, locate
from resnet_viz.present.theme import Mode
from resnet_viz.present.training.gradient_notes import gradient_notes
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.recipe import describe_recipe
from resnet_viz.present.training.results import degradation
from resnet_viz.present.training.status import made_with
from resnet_viz.resources import ASSETS
from resnet_viz.runs.shipped import RecordedRun, from_export
from resnet_viz.training.records import Step
from resnet_viz.version import VERSION

FOLDER: Final = ASSETS / "replay"
MOST_POINTS: Final = 1_500  # per curve: more than a chart has pixels to show
MOST_PROBES: Final = 200  # per net


def replay_html(exported: Mapping[str, Any]) -> str:
    """Returns the page.

    Args:
        exported: an exported run.

    Raises:
        SpecError: its recipe is none that this version knows.
    """
    page, style, script = (
        (FOLDER / name).read_text(encoding="utf-8") for name in ("page.html", "replay.css", "replay.js")
    )
    data = _data(exported)
    parts = {
        "LANGUAGE": "en",
        "TITLE": html.escape(data["title"]),
        "STYLE": style,
        "STYLE_HASH": _hash(style),
        "SCRIPT": script,
        "SCRIPT_HASH": _hash(script),
        "DATA": _embedded(data),
    }
    return re.sub(r"%%([A-Z_]+)%%", lambda found: parts[found[1]], page)  # one pass: no part is searched


def _embedded(data: Mapping[str, Any]) -> str:
    """Returns JSON that neither ends the script element around it nor begins a comment in it."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(exported: Mapping[str, Any]) -> dict[str, Any]:
    run = exported["run"]
    revived = from_export(run.get("id", ""), exported)
    looks = {mode: style_nets(revived.recipe.nets, mode) for mode in Mode}
    by_net: dict[str, list[Step]] = {}
    for step in revived.steps:
        by_net.setdefault(step.net, []).append(step)
    is_thinned = any(len(steps) > MOST_POINTS for steps in by_net.values())
    return {
        "title": str(run.get("name") or " · ".join(revived.recipe.titles.values())),
        "sentences": [
            *degradation(revived.recipe.nets, revived.curves, data=revived.recipe.data),
            *gradient_notes(revived.recipe.titles, revived.last),
        ],
        "words": _words(run, revived, is_thinned=is_thinned),
        "steps": max((step.step + 1 for step in revived.steps), default=1),
        "labels": _labels(),
        "nets": [
            {
                "label": looks[Mode.LIGHT][label].title,
                "light": looks[Mode.LIGHT][label].color,
                "dark": looks[Mode.DARK][label].color,
                "dash": looks[Mode.LIGHT][label].dash,
                **_net(by_net[label]),
            }
            for label in revived.recipe.labels
            if label in by_net
        ],
    }


def _net(steps: Sequence[Step]) -> dict[str, Any]:
    points = _thin(steps, MOST_POINTS)
    tested = [step for step in steps if step.test_accuracy is not None]
    probes = _thin([step for step in steps if step.grad_norm], MOST_PROBES)
    paths = [[(name, norm) for name, norm in step.grad_norm.items() if is_on_main_path(name)] for step in probes]
    return {
        "steps": [step.step for step in points],
        "loss": [_number(step.loss) for step in points],
        "accuracy": [_number(step.accuracy) for step in points],
        "testSteps": [step.step for step in tested],
        "testAccuracy": [_number(step.test_accuracy or 0.0) for step in tested],
        "stem": sum(not locate(name).stage for name, _norm in paths[0]) if paths else 0,
        "probes": [
            [step.step, [_number(norm) for _name, norm in path]] for step, path in zip(probes, paths, strict=True)
        ],
    }


def _thin(steps: Sequence[Step], most: int) -> list[Step]:
    """Returns at most about `most` of the steps, evenly, the last among them."""
    stride = -(-len(steps) // most) or 1
    kept = list(steps[::stride])
    return kept if not steps or kept[-1] is steps[-1] else [*kept, steps[-1]]


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if isfinite(value) else None


def _words(run: Mapping[str, Any], revived: RecordedRun, *, is_thinned: bool) -> list[str]:
    nets = [net for net in run.get("nets", []) if isinstance(net, Mapping)]
    devices = sorted({str(net["device"]) for net in nets if net.get("device")})
    words = [describe_recipe(revived.recipe), str(run.get("note") or "")]
    words += [str(net.get("sentence") or "") for net in nets]
    words += [str(run.get("error") or ""), str(run.get("thinned") or "")]
    if is_thinned:
        words.append(_("Curves are thinned to {n} points each.").format(n=MOST_POINTS))
    if devices:
        words.append(_("Trained on: {devices}.").format(devices=", ".join(devices)))
    versions = run.get("versions")
    if isinstance(versions, Mapping):
        words.append(made_with(versions))
    words.append(_("Run {id}, written by resnet_viz {version}.").format(id=revived.name, version=VERSION))
    return [sentence for sentence in words if sentence]


def _labels() -> dict[str, str]:
    return {
        "step": _("step"),
        "depth": _("convolution, from input to output"),
        "where": _("step {step} of {last}"),
        "play": _("Play"),
        "pause": _("Pause"),
        "net": _("net"),
        "loss": _("training loss"),
        "accuracy": _("training accuracy"),
        "testAccuracy": _("test accuracy"),
        "ratio": _("weight gradient first/last"),
        "lossChart": _("training loss, nats"),
        "accuracyChart": _("accuracy (thin: training, dots: test)"),
        "gradient": _("weight-gradient norm by depth, step {step} (faint: previous probe)"),
        "noGradient": _("weight-gradient norm by depth"),
        "keys": _("Keys: Space plays or pauses, arrows move one step (with Shift: ten), R rewinds."),
    }
