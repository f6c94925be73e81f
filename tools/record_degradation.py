"""Trains the lab's default run and writes what the page shows before anyone presses Start.

    python tools/record_degradation.py        # writes assets/runs/degradation.json, about half a minute on two cores

The form is the shorter one of `recorded`, with less in it: every second step but for the last ones, whose mean is
shown, and those that were measured or tested; losses to five significant digits, what was measured by depth to four.
"""

import json
from pathlib import Path
from typing import Any

from resnet_viz.present.outcome import LAST_STEPS
from resnet_viz.runs.recorded import FOLDER, shorter
from resnet_viz.spec.terms import Order
from resnet_viz.training import lab
from resnet_viz.training.pace import Landmark
from resnet_viz.training.race import race
from resnet_viz.training.recipe import Recipe, to_json
from resnet_viz.training.records import NetStarted, Record, Step

RECIPE = Recipe(nets=lab.nets(depths=(20, 56), kinds=tuple(lab.Kind), order=Order.FULL_PREACT, width=4, image_size=14))


def main() -> None:
    """Trains and writes."""
    path = FOLDER / "degradation.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told([record for record in race(RECIPE) if not isinstance(record, Landmark)]), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{Path(path.name)}: {path.stat().st_size:,} bytes")


def told(records: list[Record]) -> dict[str, Any]:
    """Returns what is written of a race."""
    nets = {record.net: record for record in records if isinstance(record, NetStarted)}
    kept = {*range(0, RECIPE.steps, 2), *range(RECIPE.steps - LAST_STEPS, RECIPE.steps)}
    steps = [
        record
        for record in records
        if isinstance(record, Step) and (record.step in kept or record.grad_norm or record.test_loss is not None)
    ]
    named = [{"label": net.net, "convs": net.convs, "blocks": net.blocks} for net in nets.values()]
    run = {"recipe": to_json(RECIPE), "nets": named}
    return {"run": run, "records": [_short(shorter(step, nets[step.net])) for step in steps]}


def _short(record: dict[str, Any]) -> dict[str, Any]:
    def rounded(value: Any) -> Any:
        if isinstance(value, list):
            return [float(f"{number:.4g}") for number in value]
        return float(f"{value:.5g}") if isinstance(value, float) else value

    return {name: rounded(value) for name, value in record.items()}


if __name__ == "__main__":
    main()
