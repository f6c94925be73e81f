"""Trains the lab's default run and writes what the page shows before anyone presses Start.

    python tools/record_degradation.py        # writes assets/runs/degradation.json, about half a minute on two cores

The form is that of `export`, with less in it: every second step but for the last ones, whose mean is shown; the norms
of the first and the last probe only; five significant digits.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resnet_viz.present.outcome import LAST_STEPS
from resnet_viz.runs.recorded import FOLDER
from resnet_viz.spec.terms import Order
from resnet_viz.training import lab
from resnet_viz.training.race import race
from resnet_viz.training.recipe import Recipe, to_json
from resnet_viz.training.records import Step

RECIPE = Recipe(nets=lab.nets(depths=(20, 56), kinds=tuple(lab.Kind), order=Order.FULL_PREACT, width=4, image_size=14))


def main() -> None:
    """Trains and writes."""
    steps = [record for record in race(RECIPE) if isinstance(record, Step)]
    probed = {step.step for step in steps if step.grad_norm}
    kept = {*range(0, RECIPE.steps, 2), *range(RECIPE.steps - LAST_STEPS, RECIPE.steps)}
    kept |= {step.step for step in steps if step.test_loss is not None}
    with_norms = {min(probed), max(probed)}
    records = [_record(step, has_norms=step.step in with_norms) for step in steps if step.step in kept]
    path = FOLDER / "degradation.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    run = {"recipe": to_json(RECIPE)}
    path.write_text(json.dumps({"run": run, "records": records}, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{Path(path.name)}: {len(records)} records, {path.stat().st_size:,} bytes")


def _record(step: Step, *, has_norms: bool) -> dict[str, Any]:
    values = asdict(step)
    if not has_norms:
        for name in ("grad_norm", "block_grad_norm", "update_ratio"):
            values[name] = {}
    return {name: _short(value) for name, value in values.items()}


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _short(norm) for name, norm in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
