"""A recipe is what it says, and cannot be invalid."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Init
from resnet_viz.spec.presets import preset
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Augment, DeviceName, Recipe, Schedule

PLAIN = preset("cifar_plain20")
RESIDUAL = preset("cifar_resnet20")


def recipe(**fields: Any) -> Recipe:
    return Recipe(**{"nets": (PLAIN, RESIDUAL), **fields})


def test_the_rate_warms_up_to_its_highest_value_and_ends_near_zero() -> None:
    run = recipe(lr=0.1, warmup_steps=20, steps=400)
    assert run.lr_at(0) == pytest.approx(0.1 / 20)
    assert run.lr_at(19) == pytest.approx(0.1)
    assert run.lr_at(20) == pytest.approx(0.1)
    assert run.lr_at(210) == pytest.approx(0.05)  # half-way down the cosine
    assert 0 < run.lr_at(399) < 1e-5


def test_a_constant_rate_stays() -> None:
    run = recipe(schedule=Schedule.CONSTANT, warmup_steps=0, lr=0.05)
    assert {run.lr_at(step) for step in range(run.steps)} == {0.05}


def test_the_rate_drops_tenfold_at_half_and_three_quarters_of_the_steps() -> None:
    run = recipe(schedule=Schedule.STEPS, warmup_steps=0, lr=0.1, steps=64_000)
    rates = {step: run.lr_at(step) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)}
    assert rates == pytest.approx(  # He et al. 2015, section 4.2
        {0: 0.1, 31_999: 0.1, 32_000: 0.01, 47_999: 0.01, 48_000: 0.001, 63_999: 0.001}
    )


def test_a_run_that_was_kept_before_these_fields_were_there_means_what_it_meant() -> None:
    kept = {name: value for name, value in recipes.to_json(recipe()).items() if name not in ("init", "augment")}
    assert recipes.from_json(kept) == recipe(init=Init.HE, augment=Augment.NONE)


@given(st.integers(1, 300), st.integers(0, 400), st.sampled_from(Schedule))
def test_the_rate_is_always_between_zero_and_its_highest(steps: int, warmup_steps: int, schedule: Schedule) -> None:
    run = recipe(steps=steps, warmup_steps=warmup_steps, schedule=schedule)
    assert all(0 <= run.lr_at(step) <= run.lr for step in range(steps))


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_last_step_is_probed_and_evaluated(steps: int, every: int) -> None:
    run = recipe(steps=steps, probe_every=every, eval_every=every)
    assert run.is_probed(0)
    assert run.is_probed(steps - 1)
    assert run.is_evaluated(steps - 1)


def test_labels_are_the_titles_of_the_nets() -> None:
    assert recipe().labels == ("plain-20", "ResNet-20")


def test_json_gives_the_recipe_back() -> None:
    run = recipe(
        data=DataName.FASHION_MNIST, lr=0.02, schedule=Schedule.CONSTANT, seed=7, device=DeviceName.CPU, steps=10
    )
    assert recipes.from_json(json.loads(json.dumps(recipes.to_json(run)))) == run


def test_missing_fields_take_their_defaults() -> None:
    assert recipes.from_json({"nets": recipes.to_json(recipe())["nets"]}) == recipe()


def test_a_whole_number_is_fine_where_a_fraction_may_stand() -> None:
    read = recipes.from_json({**recipes.to_json(recipe()), "lr": 1})
    assert read.lr == 1.0
    assert isinstance(read.lr, float)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("lr", 0.0, "lr is a number above 0 and up to 10; got 0"),
        ("lr", math.nan, "lr is a number above 0 and up to 10; got nan"),
        ("lr", math.inf, "lr is a number above 0 and up to 10; got inf"),
        ("momentum", 1.0, "momentum is a number from 0 to 0.999; got 1"),
        ("weight_decay", -1e-4, "weight_decay is a number from 0 to 1; got -0.0001"),
        (
            "batch_size",
            1,
            "batch_size is a whole number from 2 to 1,024; got 1",
        ),  # a norm over one image of 1x1 has no variance
        ("batch_size", 2_000, "batch_size is a whole number from 2 to 1,024; got 2,000"),
        ("steps", 0, "steps is a whole number from 1 to 100,000; got 0"),
        ("seed", 2**31, "seed is a whole number from 0 to 2,147,483,647; got 2,147,483,648"),
        ("probe_every", 0, "probe_every is a whole number from 1 to 100,000; got 0"),
        ("eval_every", 0, "eval_every is a whole number from 1 to 100,000; got 0"),
        ("nets", (), "1 to 6 nets"),
        ("nets", (PLAIN,) * 7, "1 to 6 nets"),
        ("nets", (PLAIN, PLAIN), "same name, plain-20"),
        ("nets", (PLAIN, RESIDUAL.replace(image_size=28)), "same in_channels, image_size and num_classes"),
    ],
)
def test_a_value_out_of_range_is_refused(field: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        recipe(**{field: value})


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (
            "data",
            "svhn",
            "data is one of fashion_mnist_subset, fashion_mnist, gratings, cifar10, mnist; got 'svhn'",
        ),
        ("schedule", 3, "schedule is one of cosine, constant"),
        ("device", None, "device is one of auto, cpu, cuda, mps"),
        ("steps", 1.5, "steps is a whole number; got 1.5"),
        ("steps", True, "steps is a whole number; got 'True'"),
        ("lr", "0.1", "lr is a number"),
        ("lr", 10**400, "lr is a number"),
        ("seed", -(10**400), "seed is a whole number; got -10,000,"),
        ("optimiser", "adam", "no field 'optimiser'; its fields are nets, data, lr"),
    ],
)
def test_json_with_a_wrong_value_is_refused(field: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        recipes.from_json({**recipes.to_json(recipe()), field: value})


@pytest.mark.parametrize("fields", [{}, {"nets": None}, {"nets": "plain20"}, [], None])
def test_json_without_nets_is_refused(fields: Any) -> None:
    with pytest.raises(SpecError, match="an object with a list of nets"):
        recipes.from_json(fields)


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe().lr = 1.0  # type: ignore[misc]
