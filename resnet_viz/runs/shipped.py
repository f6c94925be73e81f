"""Shipped runs: read from exported JSON, or from its compact form.

The compact form names the layers once, under `run.nets`, and holds measured values as lists in their order.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS
from resnet_viz.runs.run import Curve
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NODES_OF, Step

FOLDER: Final = ASSETS / "runs"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRun:
    """A run from an exported file, as values.

    Attributes:
        name: of its file; in addresses it takes the place of a run's id.
        title: its name on the pages.
        thinned: note about steps that were left out of the file.
        recipe: nets, data and settings of the training.
        steps: all steps of the file, by step and then by net.
        curves: losses and accuracies of each net.
        probes: the steps with norms, by step and then in the order of the nets.
        first: the first probed step of each net.
        last: the last probed step of each net.
    """

    name: str
    title: str
    thinned: str
    recipe: Recipe
    steps: tuple[Step, ...]
    curves: tuple[Curve, ...]
    probes: tuple[Step, ...]
    first: tuple[Step, ...]
    last: tuple[Step, ...]


_TESTED: Final = ("test_loss", "test_accuracy")
NAMES: Final = ("degradation", "deeper_is_better", "no_norm", "no_norm_he", "very_deep")


def export(name: str) -> dict[str, Any]:
    """Returns the shipped run of this name as an exported run.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        if name not in NAMES:
            raise KeyError(name)
        found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        nets = {net["label"]: net for net in found["run"]["nets"]}
        records = [expand_record(record, nets[record["net"]]) for record in found["records"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(name) from error
    return found | {"records": records}


@lru_cache(maxsize=8)
def read(name: str) -> RecordedRun:
    """Returns the shipped run of this name.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        return from_export(name, export(name))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(name) from error


def from_export(name: str, exported: Mapping[str, Any]) -> RecordedRun:
    """Returns an exported run as values.

    Raises:
        SpecError: its recipe is none that this version knows.
        KeyError: a field is missing, which no exported run lacks.
    """
    run = exported["run"]
    recipe = recipes.from_json(run["recipe"])
    steps = tuple(_step(record) for record in exported["records"])
    by_net: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_net[step.net].append(step)
    probed = {net: [step for step in own if step.grad_norm] for net, own in by_net.items()}
    labels = [net for net in recipe.labels if net in by_net]
    return RecordedRun(
        name=name,
        title=str(run.get("name") or name),
        thinned=str(run.get("thinned", "")),
        recipe=recipe,
        steps=steps,
        curves=tuple(_curve(net, by_net[net]) for net in labels),
        probes=tuple(sorted((step for net in labels for step in probed[net]), key=lambda step: step.step)),
        first=tuple(probed[net][0] for net in labels if probed[net]),
        last=tuple(probed[net][-1] for net in labels if probed[net]),
    )


def compact_record(record: Mapping[str, Any], net: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an exported record in the compact form: lists for mappings, and no field for what was not measured."""
    values = dict(record)
    for name, value in record.items():
        if isinstance(value, Mapping):
            values[name] = [value[layer] for layer in net[NODES_OF[name]]] if value else None
    return {name: value for name, value in values.items() if value is not None}


def expand_record(record: Mapping[str, Any], net: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the exported record that `compact_record` compacted; any other stays as it is."""
    values: dict[str, Any] = {name: {} for name in NODES_OF} | dict.fromkeys(_TESTED) | dict(record)
    for name, value in record.items():
        if isinstance(value, list):
            values[name] = dict(zip(net[NODES_OF[name]], value, strict=True))
    return values


def _step(record: Mapping[str, Any]) -> Step:
    names = Step.__dataclass_fields__
    return Step(**{name: _value(name, value) for name, value in record.items() if name in names})


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {node: float(norm) for node, norm in value.items()}  # "NaN" and "Infinity" too
    return float(value) if isinstance(value, str) and name != "net" else value


def _damaged(name: str) -> DataError:
    return DataError(_("The recorded run {name} is missing or damaged.").format(name=name[:60]))


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
