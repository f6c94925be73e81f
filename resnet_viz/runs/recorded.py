"""Runs that were trained once and are shipped: read from the JSON that `export` writes."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.run import Curve
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

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


def read(name: str) -> Recorded:
    """Returns the shipped run of this name.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        recipe = recipes.from_json(content["run"]["recipe"])
        steps = [_step(record) for record in content["records"]]
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


def _step(record: Mapping[str, Any]) -> Step:
    names = Step.__dataclass_fields__
    return Step(**{name: value for name, value in record.items() if name in names})


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
