"""Data of the race component: a static head once, then updates of curves and measurements.

Numbers are sent as base64 of truncated float32s with float32's range: losses and errors in 24 bits, to four and a half
digits; measurements by depth, which are most of the data and never negative, in 16 bits without the sign, to 0.2 %,
finer than a pixel or a shade. The store and its exports have all digits.
"""

import base64
import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import nan
from typing import Any, Final, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.present.theme import SEQUENTIAL, Mode
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.quantities import (
    MeasuringPoint,
    Quantity,
    layer_names,
    layer_values,
    opening_quantity,
    quantity_payload,
)
from resnet_viz.runs.run import Curve
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

MAX_POINTS: Final = 1_000  # of a curve: about a chart's width in pixels
MAX_PROBES: Final = 400  # measurements of a run that are shown


class SentUpTo(NamedTuple):
    """Last step and last measured step of one net that a browser has, -1 before the first."""

    step: int = -1
    moment: int = -1


def step_stride(recipe: Recipe) -> int:
    """Returns the stride of the steps that are shown."""
    return -(-recipe.steps // MAX_POINTS)


def thin_probes(recipe: Recipe, probes: Iterable[Step]) -> list[Step]:
    """Returns the measured steps that are shown: all, or an even share of a long run's and the last."""
    part = -(-recipe.steps // (recipe.probe_every * MAX_PROBES))
    if part == 1:
        return list(probes)
    stride = recipe.probe_every * part
    return [probe for probe in probes if probe.step % stride == 0 or probe.step == recipe.steps - 1]


def head(recipe: Recipe, mode: Mode) -> dict[str, Any]:
    """Returns the static part of a run: nets with titles and colours, quantities, words."""
    looks = style_nets(recipe.nets, mode)
    return {
        "mode": mode.value,
        "steps": recipe.steps,
        "nets": [{"label": label, "title": looks[label].title, "color": looks[label].color} for label in recipe.labels],
        "quantities": [quantity_payload(measured) for measured in Quantity],
        "opens": opening_quantity(recipe).value,
        "colors": list(SEQUENTIAL),
        "words": _words(),
    }


def head_id(content: Mapping[str, Any]) -> str:
    """Returns the content hash of a head."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def updates(
    labels: Sequence[str], curves: Sequence[Curve], probes: Sequence[Step], seen: Mapping[str, SentUpTo]
) -> tuple[list[dict[str, Any]], dict[str, SentUpTo]]:
    """Returns the new data of each net, and the steps that a browser has with it.

    Args:
        labels: the nets.
        curves: curves after `seen`; nets may be missing.
        probes: measured steps after `seen`, ascending for each net.
        seen: last steps that the browser has of each net; it has nothing of nets that are missing.
    """
    by_net = {curve.net: curve for curve in curves}
    parts, now = [], {}
    for label in labels:
        before, curve = seen.get(label, SentUpTo()), by_net.get(label)
        own = [probe for probe in probes if probe.net == label and probe.step > before.moment]
        if (curve is None or not curve.steps) and not own:
            now[label] = before
            continue
        parts.append(_curve(label, curve, before.step) | ({"probes": _probes(own, before.moment)} if own else {}))
        last = curve.steps[-1] if curve and curve.steps else before.step
        now[label] = SentUpTo(last, own[-1].step if own else before.moment)
    return parts, now


def packed(values: Iterable[float]) -> str:
    """Returns numbers as base64 of 24 bits each; numbers beyond float32 become infinite."""
    return _cut(values, drop=8, num_bytes=3)


def packed_small(values: Iterable[float]) -> str:
    """Returns non-negative numbers as base64 of 16 bits each, to 0.2 %."""
    return _cut(values, drop=15, num_bytes=2)


def _cut(values: Iterable[float], *, drop: int, num_bytes: int) -> str:
    half, kept = 1 << (drop - 1), (1 << 8 * num_bytes) - 1
    bits = array("I", array("f", values).tobytes())
    return base64.b64encode(b"".join((((b + half) >> drop) & kept).to_bytes(num_bytes, "big") for b in bits)).decode()


def _steps(steps: Sequence[int]) -> list[int] | dict[str, int]:
    """Returns ascending steps, in short form if they are evenly spaced."""
    stride = steps[1] - steps[0] if len(steps) > 1 else 1
    if len(steps) > 3 and list(range(steps[0], steps[-1] + 1, stride)) == list(steps):  # noqa: PLR2004
        return {"from": steps[0], "to": steps[-1], "by": stride}
    return list(steps)


def _curve(label: str, curve: Curve | None, after: int) -> dict[str, Any]:
    sent: dict[str, Any] = {"label": label, "after": after}
    if curve and curve.steps:
        sent["steps"] = _steps(curve.steps)
        sent["loss"] = packed(curve.loss)
        sent["error"] = packed(1 - accuracy for accuracy in curve.accuracy)
    if curve and curve.test_steps:
        sent["test_steps"] = list(curve.test_steps)
        sent["test_error"] = packed(1 - accuracy for accuracy in curve.test_accuracy)
    return sent


def _probes(probes: Sequence[Step], after: int) -> dict[str, Any]:
    names = {
        place: max((list(layer_names(probe, place)) for probe in probes), key=len, default=[])
        for place in MeasuringPoint
    }
    values = {}
    for measured in Quantity:
        rows = [layer_values(probe, measured) for probe in probes]
        width = max(map(len, rows), default=0)
        if width:
            values[measured.value] = packed_small(value for row in rows for value in (row or (nan,) * width))
    sent = {"after": after, "steps": _steps([probe.step for probe in probes]), "values": values}
    return sent | ({"names": {place.value: names[place] for place in MeasuringPoint}} if after < 0 else {})


def _words() -> dict[str, Any]:
    return {
        "play": _("▶ Play"),
        "pause": _("❚❚ Pause"),
        "newest": _("Newest"),
        "table": _("Numbers"),
        "curves": _("CSV: curves"),
        "measured": _("CSV: by depth"),
        "replay": _("Replay: space plays, arrows step"),
        "position": _("step {step} of {steps}"),
        "step": _("step"),
        "net": _("net"),
        "seed": _("seed"),
        "loss": _("training loss, nats"),
        "error": _("error"),
        "errors": [_("training error"), _("test error")],
        "both_errors": _("training · test"),
        "columns": [_("{quantity}, first"), _("{quantity}, last"), _("first / last")],
        "lines": _("error: dashed training, solid test; by depth: faint is the previous measurement"),
        "band": _("line: median of {n} seeds; band: minimum to maximum; other charts: seed {seed}"),
        "convs": _("convolution, from input to output"),
        "blocks": _("block, from input to output"),
        "at_step": _("{quantity} at step {step}"),
        "nothing": _("No measurements yet."),
        "rewound": _("Rewound to the beginning. The previous curves are shown faded until the first step."),
        "not_measured": _("{quantity}: not measured"),
        "loss_at": _("Training loss at step {step}"),
        "error_at": _("Training error at step {step}"),
        "ends": _("{net}: first {first}, last {last}"),
        "map": _("{net}: {quantity} by depth and step as colours; the table has the values of one step"),
        "above": _("{n} above the scale, up to {value} ({where}, step {step})."),
        "below": _("{n} below it, down to {value} ({where}, step {step})."),
        "silent": _(
            "{n} in orange are exactly 0, from step {step} on ({where}): this branch puts out nothing any more."
        ),
        "picks": {
            "quantity": _("By depth"),
            "loss": _("Loss axis"),
            "window": _("Smoothing"),
            "range": _("Colour range"),
        },
        "options": {
            "loss": [["linear", _("linear")], ["log", _("logarithmic")]],
            "window": [["1", _("none")], ["10", _("10 steps")], ["20", _("20 steps")], ["50", _("50 steps")]],
            "range": [["recent", _("newest half")], ["all", _("all steps")]],
        },
    }
