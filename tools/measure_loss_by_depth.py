"""Trains the grid of plain and residual nets of 8 to 56 layers and writes `assets/measured/loss_by_depth.toml`.

`python -m tools.measure_loss_by_depth`: about six minutes on one core. Each net is trained alone, which gives the same
numbers as a race: `train degradation --set order=original --set depth=DEPTH --set nets=KIND --seed N`.
"""

from typing import Final

from resnet_viz.present.training.results import LAST_STEPS
from resnet_viz.theory.loss_by_depth import FILE, loss_by_depth
from resnet_viz.training import recipe_files
from resnet_viz.training.engine.race import race
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.records import Step

RECIPE: Final = "degradation"
CHANGES: Final = {"order": "original"}
HOW: Final = (
    "CIFAR nets of widths 4, 8 and 16 with batch norm in the original order, 400 steps on Fashion-MNIST images of "
    "14 px (recipe degradation with order = original); mean training loss of the last 50 steps, seeds from 0"
)
DEPTHS: Final = (8, 14, 20, 32, 44, 56)
NUM_SEEDS: Final = {8: 8, 20: 8}  # the pair that most is said about
_USUAL_SEEDS: Final = 3


def final_loss(kind: NetType, depth: int, seed: int) -> float:
    """Trains a net and returns the mean loss of its last steps."""
    changes = {**CHANGES, "depth": str(depth), "nets": kind.value}
    losses = [record.loss for record in race(recipe_files.make(RECIPE, changes, seed=seed)) if isinstance(record, Step)]
    return sum(losses[-LAST_STEPS:]) / LAST_STEPS


def main() -> None:
    """Trains and writes; the file grows by a net at a time."""
    rows = []
    changes = ", ".join(f'{name} = "{value}"' for name, value in CHANGES.items())
    head = f'# Written by `python -m tools.measure_loss_by_depth`.\nhow = "{HOW}"\nrecipe = "{RECIPE}"\n'
    head += f"changes = {{ {changes} }}\n\nresults = [\n"
    for kind in NetType:
        for depth in DEPTHS:
            seeds = range(NUM_SEEDS.get(depth, _USUAL_SEEDS))
            losses = ", ".join(f"{final_loss(kind, depth, seed):.4g}" for seed in seeds)
            rows.append(f'  {{ kind = "{kind}", depth = {depth}, losses = [{losses}] }},')
            print(rows[-1], flush=True)
            FILE.write_text(head + "\n".join(rows) + "\n]\n", encoding="utf-8")
    loss_by_depth.cache_clear()
    assert loss_by_depth().how == HOW


if __name__ == "__main__":
    main()
