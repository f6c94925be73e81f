"""Measures the runs whose numbers the recipes quote, and writes tests/golden/recipe_measurements.json.

    python -m tools.measure_recipes                    # all of them, about a quarter of an hour on one core
    python -m tools.measure_recipes no_norm_he gratings

Each run is that of `python -m resnet_viz train RECIPE --set FIELD=VALUE --seed N`, whose line stands in the file beside
its numbers. `tests/golden/test_recipe_claims.py` holds every number in a recipe's text against them.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

from resnet_viz.present.training.gradient_notes import block_gradient_ratio, gradient_ratio, silent_branches
from resnet_viz.present.training.results import LAST_STEPS
from resnet_viz.training import recipe_files
from resnet_viz.training.records import Step

PATH: Final = Path(__file__).parents[1] / "tests/golden/recipe_measurements.json"
_DIGITS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotedRun:
    """Run that a recipe's text quotes.

    Attributes:
        recipe: its name.
        seed: of the run.
        changes: of the recipe, as `--set` takes them.
    """

    recipe: str
    seed: int
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """Arguments of `python -m resnet_viz` that train it."""
        changes = "".join(f" --set {name}={value}" for name, value in self.changes.items())
        return f"train {self.recipe}{changes} --seed {self.seed}"


def _seeds(recipe: str, num: int, **changes: str) -> list[QuotedRun]:
    return [QuotedRun(recipe=recipe, seed=seed, changes=changes) for seed in range(num)]


RUNS: Final = tuple(
    chain(
        _seeds("very_deep_1202", 2, steps="1"),
        _seeds("very_deep_1202", 2, depth="998", nets="plain", steps="1"),
        _seeds("no_norm_he", 3, steps="60"),
        _seeds("degradation_28", 2),
        _seeds("original_order", 3, nets="residual"),
        _seeds("no_norm", 3),
        _seeds("degradation", 3),
        _seeds("gratings", 3),
        _seeds("very_deep", 1),
        _seeds("activation_orders", 3),
        _seeds("degradation", 1, steps="2000"),
        _seeds("deeper_is_better", 1),
        _seeds("d2l_small", 1),
    )
)


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="RECIPE")
    names = parser.parse_args().names
    found = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {}
    for run in RUNS:
        if not names or run.recipe in names:
            found[run.command] = measured(run)
            ordered = {each.command: found[each.command] for each in RUNS if each.command in found}
            PATH.write_text(json.dumps(ordered, indent=1, allow_nan=False) + "\n", "utf-8")
            print(run.command, flush=True)


def measured(run: QuotedRun) -> dict[str, dict[str, Any]]:
    """Trains a run and returns the quoted numbers of each net."""
    from resnet_viz.training.engine.race import race  # noqa: PLC0415 - torch, which readers of RUNS do without

    steps: dict[str, list[Step]] = {}
    for record in race(recipe_files.make(run.recipe, run.changes, seed=run.seed)):
        if isinstance(record, Step):
            steps.setdefault(record.net, []).append(record)
    return {net: numbers(own) for net, own in steps.items()}


def numbers(steps: Sequence[Step]) -> dict[str, Any]:
    """Returns the quoted numbers of a net's steps; those of gradients and activations are of step 0."""
    first = steps[0]
    probes = [step for step in steps if step.grad_norm]
    stds = list(first.activation_std.values())
    tested = [step.test_accuracy for step in steps if step.test_accuracy is not None]
    last = [step.loss for step in steps[-LAST_STEPS:]]
    return {
        "steps": len(steps),
        "first_loss": _short(first.loss),
        "loss": _short(sum(last) / len(last)),
        "training_accuracy": _short(sum(step.accuracy for step in steps[-LAST_STEPS:]) / len(last)),
        "test_accuracy": tested[-1] if tested else None,
        "weight_gradient_ratio": _short(gradient_ratio(first)),
        "block_gradient_ratio": _short(block_gradient_ratio(first)),
        "not_a_number": sum(not math.isfinite(norm) for norm in first.grad_norm.values()),
        "std_ratio": _short(stds[-1] / stds[0]),
        "silent": list(silent_branches(probes[-1])),
        "first_silent_step": next((probe.step for probe in probes if silent_branches(probe)), None),
    }


def _short(value: float) -> float | str:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else str(value)


if __name__ == "__main__":
    main()
