"""What the recipes promise comes out, from three seeds each, in nets and runs that are as small as they can be.

Measured where the bounds were set (torch 2.13, one core per net; they leave at least twice the scatter among seeds):
mean loss of the last 50 of 120 steps on gratings at width 4, seeds 0 to 2: plain-20 0.88, 1.08, 0.93; plain-56 1.94,
1.63, 1.74; ResNet-20 0.10, 0.21, 0.19; ResNet-56 0.21, 0.39, 0.18. Without norm, of 100 steps at width 4: plain nets
2.304 to 2.305, ResNet-20 1.45, 1.70, 1.56, ResNet-56 1.57, 1.69, 1.76. First loss of ResNet-56 without norm from He
et al.'s initial weights at width 8: 1230, 144, 5234.
"""

import math
from collections import defaultdict
from statistics import fmean

import pytest

from resnet_viz.training import recipe_files
from resnet_viz.training.engine.race import race
from resnet_viz.training.recipe_values import DeviceName
from resnet_viz.training.records import Step

pytestmark = [pytest.mark.torch, pytest.mark.slow]

SEEDS = (0, 1, 2)
LAST = 50  # steps whose losses are averaged, as everywhere on the pages
NO_LOOKS = {"eval_every": "100000", "probe_every": "100000"}  # but at the last step


def trained(name: str, seed: int, **changes: str) -> dict[str, list[Step]]:
    """The steps of each net of a recipe."""
    what = recipe_files.make(name, {**NO_LOOKS, **changes}, seed=seed, device=DeviceName.CPU)
    steps = defaultdict(list)
    for record in race(what):
        if isinstance(record, Step):
            steps[record.net.removesuffix(", no norm")].append(record)
    return steps


def last_losses(steps: dict[str, list[Step]]) -> dict[str, float]:
    return {net: fmean(step.loss for step in own[-LAST:]) for net, own in steps.items()}


def first_gradient(steps: list[Step]) -> float:
    """Gradient norm of the first convolution behind the stem at step 0."""
    return steps[0].grad_norm["stage1.block1.branch.conv1"]


@pytest.mark.parametrize("seed", SEEDS)
def test_depth_ruins_plain_nets_and_hardly_costs_residual_ones_anything(seed: int) -> None:
    steps = trained("gratings", seed, steps="120", width="4")
    loss = last_losses(steps)
    assert loss["plain-56"] > loss["plain-20"] + 0.3
    assert abs(loss["ResNet-56"] - loss["ResNet-20"]) < 0.3
    assert loss["ResNet-56"] < loss["plain-20"] - 0.3  # the deep net with shortcuts beats the shallow one without
    assert first_gradient(steps["plain-56"]) > 30 * first_gradient(steps["ResNet-56"])  # 200 against 1.4: it explodes


@pytest.mark.parametrize("seed", SEEDS)
def test_without_norm_plain_nets_never_leave_guessing_and_residual_ones_do(seed: int) -> None:
    steps = trained("no_norm", seed, steps="100", width="4")
    loss = last_losses(steps)
    assert loss["plain-20"] == pytest.approx(math.log(10), abs=0.01)
    assert loss["plain-56"] == pytest.approx(math.log(10), abs=0.01)
    assert loss["ResNet-20"] < 2.1
    assert loss["ResNet-56"] < 2.1
    assert 1e-11 < first_gradient(steps["plain-20"]) < 1e-7
    assert 1e-27 < first_gradient(steps["plain-56"]) < 1e-21  # single precision would say 0


@pytest.mark.parametrize("seed", SEEDS)
def test_without_norm_and_with_he_s_initial_weights_the_deep_residual_net_explodes(seed: int) -> None:
    steps = trained("no_norm_he", seed, steps="1")
    assert steps["ResNet-56"][0].loss > 30
    assert steps["ResNet-20"][0].loss < 5
    assert steps["plain-56"][0].loss < 3
