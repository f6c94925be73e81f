"""Runs by name: what they train, and what may be changed."""

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.runs import recorded
from resnet_viz.spec.terms import Init, Norm
from resnet_viz.training import budget, recipes, settings
from resnet_viz.training.recipe import Augment, DeviceName

FOR_A_GPU = ("d2l", "cifar10")  # beyond the limits of a run


@pytest.mark.parametrize("name", [name for name in recipes.names() if name not in FOR_A_GPU])
def test_every_recipe_for_a_cpu_is_within_the_budget(name: str) -> None:
    budget.check(recipes.make(name, {}))


def test_degradation_is_the_run_that_is_shipped() -> None:
    assert recipes.make("degradation", {}) == recorded.read("degradation").recipe


def test_every_field_can_be_changed() -> None:
    texts = {
        "depth": "8,14",
        "nets": "residual",
        "order": "original",
        "width": "6",
        "image_size": "28",
        "data": "fashion_mnist",
        "lr": "5e-2",
        "momentum": ".8",
        "weight_decay": "0",
        "batch_size": "32",
        "steps": "70",
        "warmup_steps": "3",
        "schedule": "constant",
        "probe_every": "7",
        "eval_every": "35",
        "dim_match": "projection",
        "norm": "none",
        "conv_bias": "true",
        "projection_norm": "false",
        "num_classes": "12",
        "in_channels": "3",
        "init": "torch_default",
        "augment": "pad_crop_flip",
    }
    assert set(texts) == set(settings.FIELDS) - {"seed", "device"}
    recipe = recipes.make("degradation", texts, seed=3, device=DeviceName.CPU)
    assert [spec.depth for spec in recipe.nets] == [8, 14]
    assert {
        (spec.widths[0], spec.image_size, spec.norm, spec.num_classes, spec.in_channels) for spec in recipe.nets
    } == {(6, 28, Norm.NONE, 12, 3)}
    assert (recipe.lr, recipe.momentum, recipe.weight_decay, recipe.batch_size) == (0.05, 0.8, 0.0, 32)
    assert (recipe.steps, recipe.warmup_steps, recipe.probe_every, recipe.eval_every) == (70, 3, 7, 35)
    assert (recipe.init, recipe.augment) == (Init.TORCH_DEFAULT, Augment.PAD_CROP_FLIP)
    assert (recipe.seed, recipe.device) == (3, DeviceName.CPU)


def test_short_runs_are_tested_more_often() -> None:
    recipe = recipes.make("degradation", {"steps": "40"})
    assert (recipe.warmup_steps, recipe.probe_every, recipe.eval_every) == (10, 2, 5)


def test_an_unknown_name_is_told_the_nearest_ones() -> None:
    with pytest.raises(SpecError, match=r"there are .*Near to it: degradation, "):
        recipes.make("degrade", {})
