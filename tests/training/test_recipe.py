"""A recipe is what it says, and cannot be invalid."""

import dataclasses
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Init
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.training import recipe as recipes
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import Augment, DeviceName, Schedule

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


ADAM = {"optimizer": "adam", "lr": 1e-3}
ODD: tuple[Any, ...] = (None, "", "many", math.nan, math.inf, 1j, b"3", object(), {}, {1}, [None], range(3), NetSpec)
FIELDS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {  # field -> what it takes, what it refuses
    "nets": (((PLAIN,), [PLAIN, RESIDUAL]), ((), PLAIN, "cifar_plain20", ["cifar_plain20"], [preset("vgg16")], 3)),
    "data": (("cifar10", DataName.MNIST, np.str_("gratings")), ("CIFAR10", 3, ["cifar10"], np.array(["cifar10"]))),
    "lr": ((1, 0.5, np.float32(0.5), np.int64(2)), (0, -1.0, 10.5, "0.1", True, [0.1], np.array([0.1]))),
    "momentum": ((0, 0.5, np.float64(0.5)), (1, -0.1, "0.9", False)),
    "weight_decay": ((0, 0.5, np.float64(0.5)), (1.5, -0.1, "0", True)),
    "batch_size": ((2, np.int32(64)), (1, 2_000, 64.0, "64", True, np.float64(64))),
    "steps": ((1, np.int64(64), np.uint8(3)), (0, 10**9, 64.0, "64", True)),
    "warmup_steps": ((0, np.int64(64)), (-1, 10**9, 1.5, "0", False)),
    "schedule": (("constant", Schedule.STEPS, np.str_("steps")), ("linear", 1, ["steps"])),
    "init": (("torch_default", Init.XAVIER_UNIFORM), ("orthogonal", 1, True)),
    "augment": (("pad_crop_flip", Augment.NONE), ("mixup", 0, False)),
    "seed": ((0, np.int64(5)), (-1, 2**31, 0.0, "0", True)),
    "device": (("cuda", DeviceName.CPU), ("tpu", 0, "cuda:0")),
    "probe_every": ((1, np.int64(5)), (0, 10**9, 1.0, "1", True)),
    "eval_every": ((1, np.int64(5)), (0, 10**9, 1.0, "1", True)),
    "optimizer": (("adam", OptimizerName.ADAMW, np.str_("adamw")), ("rmsprop", "Adam", 1, True)),
    "nesterov": ((True, np.bool_(True), "true", "false"), ("yes", 1, 0.0, np.int64(1), [True])),
    "betas": (([0, 0.5], (0.8, np.float32(0.5)), np.array([0.5, 0.25])), ((0.9,), (0.9, 1.0), 0.9, "0.9,0.999")),
    "eps": ((1e-4, 1, np.float64(0.5)), (0, -1e-8, 1.5, "1e-8", True)),
    "drops": (([3, 5], (), np.array([7, 9]), [np.int64(3)]), ((0,), (5, 3), (3, 3), (1.5,), 3, "3,5", range(1, 12))),
    "drop_factor": ((0.5, 1, np.float64(0.5)), (0, 10, -0.1, "0.1", True)),
}
WITH: dict[str, dict[str, Any]] = {  # what else a field needs
    "betas": ADAM,
    "eps": ADAM,
    **{name: {"schedule": "steps"} for name in ("drops", "drop_factor")},
}


def test_the_fields_below_are_all_fields() -> None:
    assert set(FIELDS) == set(Recipe.__dataclass_fields__)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (right, _wrong) in FIELDS.items() for value in right]
)
def test_a_right_value_becomes_what_the_field_holds(field: str, value: Any) -> None:
    made = recipe(**WITH.get(field, {}), **{field: value})
    held = getattr(made, field)
    usual = Recipe.__dataclass_fields__[field].default if field != "nets" else (PLAIN,)
    assert type(held) is type(usual)
    if isinstance(held, tuple):
        assert held == tuple(value)
        assert {type(part) for part in held} <= {int, float, NetSpec}
    else:
        assert held == (value == "true" if isinstance(value, str) and isinstance(held, bool) else value)
    assert recipes.from_json(json.loads(json.dumps(recipes.to_json(made)))) == made
    assert hash(made) == hash(recipe(**WITH.get(field, {}), **{field: held}))
    assert recipe(**WITH.get(field, {})).replace(**{field: value}) == made


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (_right, wrong) in FIELDS.items() for value in (*wrong, *ODD)]
)
def test_a_wrong_or_foreign_value_is_refused_by_the_field_s_name(field: str, value: Any) -> None:
    with pytest.raises(SpecError) as refusal:
        recipe(**WITH.get(field, {}), **{field: value})
    text = str(refusal.value)
    assert text.startswith(f"{field} is ") or field == "nets"
    assert len(text) < 400


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"optimizer": "rmsprop"}, "^optimizer is one of sgd, adam, adamw; got 'rmsprop'.$"),
        (
            {**ADAM, "momentum": 0.5},
            "^momentum belongs to sgd, and optimizer is adam, whose own fields are betas, eps.$",
        ),
        ({**ADAM, "nesterov": True}, "^nesterov belongs to sgd, and optimizer is adam"),
        (
            {"betas": (0.8, 0.9)},
            "^betas belongs to adam and adamw, and optimizer is sgd, whose own fields are momentum",
        ),
        ({"eps": 1e-6}, "^eps belongs to adam and adamw, and optimizer is sgd"),
        ({"nesterov": True, "momentum": 0.0}, "nesterov=true needs a momentum above 0; got momentum=0"),
        ({"drops": (3,)}, "drops belongs to schedule=steps, and schedule is cosine"),
        (
            {"drop_factor": 0.5, "schedule": "constant"},
            "drop_factor belongs to schedule=steps, and schedule is constant",
        ),
        ({"drop_factor": 10.0, "schedule": "steps"}, "drop_factor is a number above 0 and up to 1; got 10"),
        (
            {**ADAM, "betas": (0.9, 1.0)},
            "betas is two numbers from 0 up to but not including 1 with a comma .*; got '0.9,1.0'",
        ),
        ({**ADAM, "betas": (0.9,)}, "betas is two numbers from 0 up to but not including 1 .*; got '0.9'"),
        ({"schedule": "steps", "drops": (5, 3)}, "drops is up to 10 ascending steps .*; got '5,3'"),
    ],
)
def test_what_does_not_go_together_is_refused_with_what_would(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        recipe(**fields)


def test_fields_that_older_versions_lack_are_written_where_they_are_not_the_default() -> None:
    older = {
        *("nets", "data", "lr", "momentum", "weight_decay", "batch_size", "steps", "warmup_steps", "schedule", "init"),
        *("augment", "seed", "device", "probe_every", "eval_every"),
    }
    assert set(recipes.to_json(recipe())) == older
    written = recipes.to_json(recipe(optimizer="adamw", lr=1e-3, schedule="steps", drops=[5, 9], betas=(0.9, 0.99)))
    assert {name: written[name] for name in written.keys() - older} == {
        "optimizer": "adamw",
        "drops": [5, 9],
        "betas": [0.9, 0.99],
    }


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("optimizer", "rmsprop", "optimizer is one of sgd, adam, adamw; got 'rmsprop'"),
        ("nesterov", 1, "nesterov is one of true, false; got 1"),
        ("betas", 0.9, "betas is two numbers"),
        ("betas", [0.9, "x"], "betas is two numbers .*; got '0.9,x'"),
        ("drops", [1.5], "drops is up to 10 ascending steps .*; got '1.5'"),
        ("eps", "small", "eps is a number"),
    ],
)
def test_json_with_a_wrong_new_field_is_refused(field: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        recipes.from_json({**recipes.to_json(recipe()), field: value})


def test_the_rate_drops_by_the_factor_at_each_of_the_steps() -> None:
    run = recipe(schedule="steps", warmup_steps=0, lr=0.1, steps=64_000, drops=(32_000, 48_000), drop_factor=0.5)
    rates = {step: run.lr_at(step) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)}
    assert rates == pytest.approx({0: 0.1, 31_999: 0.1, 32_000: 0.05, 47_999: 0.05, 48_000: 0.025, 63_999: 0.025})
    usual = recipe(schedule="steps", warmup_steps=0, lr=0.1, steps=64_000)
    as_in_the_paper = usual.replace(drops=(32_000, 48_000))  # the default names shares of all steps
    assert all(usual.lr_at(step) == as_in_the_paper.lr_at(step) for step in range(0, 64_000, 500))


def test_an_epoch_is_as_many_steps_as_the_images_need() -> None:
    run = recipe(data="fashion_mnist_subset", batch_size=64, steps=1_563)
    assert run.steps_per_epoch == Fraction(625, 4)  # 10,000 / 64 = 156.25
    assert run.epochs == pytest.approx(1_563 / 156.25)
