"""Runs that were trained once and are shipped: read from the JSON that `export` writes, or from a shorter form of it.

The shorter form names the layers once, under `run.nets`, and writes what was measured as lists in their order.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.run import Curve
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NetStarted, Step

FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "runs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A shipped run.

    Attributes:
        recipe: what was trained and how.
        curves: losses and accuracies of each net.
        probes: the steps with norms, by step and then in the order of the nets.
        first: the first probed step of each net.
        last: the last probed step of each net.
    """

    recipe: Recipe
    curves: tuple[Curve, ...]
    probes: tuple[Step, ...]
    first: tuple[Step, ...]
    last: tuple[Step, ...]


@lru_cache(maxsize=8)
def read(name: str) -> Recorded:
    """Returns the shipped run of this name.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        recipe = recipes.from_json(content["run"]["recipe"])
        nets = {net["label"]: net for net in content["run"].get("nets", ())}
        steps = [_step(record, nets) for record in content["records"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(_("The recorded run {name} is missing or damaged.").format(name=name)) from error
    by_net: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_net[step.net].append(step)
    probed = {net: [step for step in own if step.grad_norm] for net, own in by_net.items()}
    return Recorded(
        recipe=recipe,
        curves=tuple(_curve(net, by_net[net]) for net in recipe.labels),
        probes=tuple(sorted((step for own in probed.values() for step in own), key=lambda step: step.step)),
        first=tuple(probed[net][0] for net in recipe.labels),
        last=tuple(probed[net][-1] for net in recipe.labels),
    )


def shorter(step: Step, net: NetStarted) -> dict[str, Any]:
    """Returns a step's record in the shorter form: lists for mappings, and nothing for what was not measured."""
    values: dict[str, Any] = {}
    for name in Step.__dataclass_fields__:
        value = getattr(step, name)
        if isinstance(value, Mapping):
            value = [value[layer] for layer in _layers(name, net.convs, net.blocks)] if value else None
        if value is not None:
            values[name] = value
    return values


def _step(record: Mapping[str, Any], nets: Mapping[str, Any]) -> Step:
    def named(name: str, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        net = nets[record["net"]]
        return dict(zip(_layers(name, net["convs"], net["blocks"]), value, strict=True))

    return Step(**{name: named(name, value) for name, value in record.items() if name in Step.__dataclass_fields__})


def _layers(field: str, convs: Sequence[str], blocks: Sequence[str]) -> Sequence[str]:
    return convs if field in ("grad_norm", "update_ratio") else blocks


def _curve(net: str, steps: list[Step]) -> Curve:
    tested = [step for step in steps if step.test_accuracy is not None]
    return Curve(
        net=net,
        attempt=1,
        steps=tuple(step.step for step in steps),
        loss=tuple(float(step.loss) for step in steps),
        accuracy=tuple(float(step.accuracy) for step in steps),
        seconds=tuple(step.seconds for step in steps),
        test_steps=tuple(step.step for step in tested),
        test_loss=tuple(step.test_loss or 0.0 for step in tested),
        test_accuracy=tuple(step.test_accuracy or 0.0 for step in tested),
        images_per_s=steps[-1].images_per_s,
    )
