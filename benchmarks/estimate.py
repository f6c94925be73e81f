"""The estimate before Start against the time that a run then takes: four recipes, in this process.

Loading and starting a worker are not in the estimate, and so not in what is timed. `reference` is the estimate without
a measurement of this machine.
"""

import time

from benchmarks import outcome
from resnet_viz.training import budget
from resnet_viz.training.engine import devices, speed_test
from resnet_viz.training.engine.images import load_images
from resnet_viz.training.engine.race import race
from resnet_viz.training.machine_speed import REFERENCE
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_files import make

RECIPES = (
    ("degradation, 200 steps", "degradation", {"steps": "200"}),
    ("plain, 28 px, 100 steps", "plain", {"steps": "100", "image_size": "28"}),
    ("width 16, 60 steps", "degradation", {"steps": "60", "width": "16", "depth": "20"}),
    ("depth 110, batch 128, 40 steps", "degradation", {"steps": "40", "depth": "110", "batch_size": "128"}),
)


def _seconds(recipe: Recipe) -> float:
    device = devices.find(recipe.device)
    data = load_images(recipe.data, image_size=recipe.nets[0].square_side, device=device)
    begun = time.perf_counter()
    for _record in race(recipe, data=data):
        pass
    return time.perf_counter() - begun


def main() -> None:
    before = outcome.machine()
    begun = time.perf_counter()
    machine = speed_test.measure()
    print(f"calibration: {time.perf_counter() - begun:.2f} s after torch was there; {machine}")
    rows = []
    for title, name, changes in RECIPES:
        recipe = make(name, changes)
        took = _seconds(recipe)
        estimates = [budget.estimate(recipe, machine=known) for known in (machine, REFERENCE)]
        rows.append({"recipe": title, "took_s": took, "estimate_s": estimates[0], "reference_s": estimates[1]})
        print(f"{title}: took {took:.1f} s, estimated {estimates[0]:.1f} s, by the reference {estimates[1]:.1f} s")
    outcome.write("estimate", rows, load_before=before)


if __name__ == "__main__":
    main()
