"""Runs by name: what they train, and what may be changed."""

from pathlib import Path
from typing import Any

import pytest

from resnet_viz.errors import BudgetError, SpecError
from resnet_viz.runs import shipped
from resnet_viz.spec.enums import Init, Norm, Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import budget, recipe_epochs, recipe_files, recipe_text
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.training.recipe_values import Augment, DeviceName, Schedule

BEYOND = ("d2l", "cifar10", "shipped_nets", "deeper_is_better_28")  # the limits of a run


@pytest.mark.parametrize("name", [name for name in recipe_files.names() if name not in BEYOND])
def test_every_recipe_for_a_cpu_is_within_the_budget(name: str) -> None:
    budget.check(recipe_files.make(name, {}))


@pytest.mark.parametrize(
    ("name", "factor"), [("d2l", 11), ("cifar10", 232), ("shipped_nets", 2), ("deeper_is_better_28", 7)]
)
def test_what_is_beyond_the_budget_is_refused_with_its_time_and_what_lets_it_through(
    name: str, factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(budget.FACTOR_VARIABLE, raising=False)
    says = rf"patience for about [\d,]+ min on 2 CPU cores, set RESNET_VIZ_BUDGET to {factor} or more"
    with pytest.raises(BudgetError, match=says):
        budget.check(recipe_files.make(name, {}))
    monkeypatch.setenv(budget.FACTOR_VARIABLE, str(factor))
    budget.check(recipe_files.make(name, {}))
    assert "RESNET_VIZ_BUDGET" in recipe_files.known()[name].needs


@pytest.mark.parametrize("known", recipe_files.known().values(), ids=lambda known: known.name)
def test_every_recipe_says_what_it_is(known: KnownRecipe) -> None:
    assert known.title
    assert known.about.endswith((".", "?"))
    assert known.watch.endswith(".")
    assert len(known.about) < 500
    assert known.seconds or known.time
    assert known.place > 0


def test_what_the_lab_opens_with_is_offered_first_and_then_the_defaults() -> None:
    assert recipe_files.names()[:2] == ("deeper_is_better", "degradation")
    assert recipe_files.known()["degradation"].settings == {}


def test_the_measured_protocol_of_deeper_is_better_is_the_recipe_s() -> None:
    recipe = recipe_files.make("deeper_is_better", {})
    usual = recipe_files.make("degradation", {})
    shape = {"widths": (4, 8, 16), "in_channels": 1, "image_size": 14}
    residual = {"order": Order.ORIGINAL, "zero_init_residual": True}
    assert recipe.nets == (
        *(residual_preset(f"cifar_plain{depth}", **shape) for depth in (8, 20, 56)),
        *(residual_preset(f"cifar_resnet{depth}", **shape, **residual) for depth in (8, 20, 56)),
    )
    changes = {"nets": usual.nets, "batch_size": 64, "steps": 400, "probe_every": 10, "eval_every": 50}
    assert (recipe.batch_size, recipe.steps, recipe.lr, recipe.warmup_steps) == (128, 800, 0.1, 20)
    assert recipe.replace(**changes) == usual


def test_d2l_in_small_differs_from_d2l_in_its_width_its_images_and_their_size() -> None:
    small, whole = recipe_files.make("d2l_small", {}), recipe_files.make("d2l", {})
    assert small.nets[0] == whole.nets[0].replace(widths=(8, 16, 32, 64), image_size=48)
    assert small.replace(nets=whole.nets, data=whole.data, eval_every=whole.eval_every) == whole


def test_the_papers_cifar_run_is_the_papers() -> None:
    run = recipe_files.make("cifar10", {})  # He et al. 2015, section 4.2
    assert (run.batch_size, run.lr, run.steps, run.weight_decay, run.momentum) == (128, 0.1, 64_000, 1e-4, 0.9)
    assert (run.schedule, run.augment) == (Schedule.STEPS, Augment.PAD_CROP_FLIP)
    assert run.lr_at(31_999) / run.lr_at(32_000) == pytest.approx(10)
    assert run.nets[2] == residual_preset("cifar_resnet20")


def test_the_d2l_run_is_ten_epochs_of_all_images() -> None:
    run = recipe_files.make("d2l", {})  # zh.d2l.ai, section 7.6: 10 epochs, batch 256, lr 0.05
    assert run.steps == -(-10 * 60_000 // 256)
    assert run.nets == (residual_preset("d2l_resnet18", image_size=96),)


def write(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_of_ones_own_is_a_recipe(tmp_path: Path) -> None:
    text = 'title = "Mine"\n[settings]\nsteps = 30\na.net = "cifar_plain20"\na.widths = [4, 8, 8]\na.conv_bias = true\n'
    name = write(tmp_path, text)
    known = recipe_files.find(name)
    assert (known.name, known.title) == ("own", "Mine")
    assert known.settings == {"steps": "30", "a.net": "cifar_plain20", "a.widths": "4,8,8", "a.conv_bias": "true"}
    assert recipe_files.make(name, {"lr": "0.2"}, seed=2).lr == 0.2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stepz = 30", "a recipe file has no field 'stepz'; its fields are title, .* Near to it: "),
        ("steps = 30", r"steps belongs below a line \[settings\]\."),
        ('optimizer = "adam"', r"optimizer belongs below a line \[settings\]\."),
        ("title = 3\n[settings]", "title is a text"),
        ("seconds = -1\n[settings]", "seconds is a number above 0"),
        ("seeds = 0\n[settings]", "seeds is a whole number from 1 to 5"),
        ("title = 'x'", r"it has no table \[settings\]"),
        ("[settings]\nstepz = 3", "A recipe has no field 'stepz'; .* Near to it: steps"),
        ("[settings]\noptimizer = 'rmsprop'", "optimizer is one of sgd, adam, adamw; got 'rmsprop'"),
        ("[settings]\noptimizer = 'adam'\nmomentum = 0.9", "momentum belongs to sgd, and optimizer is adam"),
        ("[settings]\nsteps = 3.5", "steps is a whole number; got 3.5"),
        ("[settings]\nsteps = 1979-05-27", "steps is a text, a number, true or false, or a list"),
        ("[settings]\na.net.x = 3", "a.net is a text, a number"),
        ("[settings]\ndepth = 21", r"CIFAR depths of this family are 6n \+ 2"),
        ("[settings\n", "is no recipe: it is not TOML"),
        ("\0\xff", "is no recipe: it is not TOML"),
        ("x = " + "[" * 5_000, "is no recipe: it is not TOML"),
        ("#" * 70_000, "has more than 65,536 bytes"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    name = write(tmp_path, text)
    with pytest.raises(SpecError, match=says) as refusal:
        recipe_files.make(name, {})
    assert name in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"gone\.toml cannot be read: No such file"):
        recipe_files.find(str(tmp_path / "gone.toml"))


def test_degradation_is_the_run_that_is_shipped() -> None:
    assert recipe_files.make("degradation", {}) == shipped.read("degradation").recipe


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
    others = {
        "optimizer",
        "nesterov",
        "zero_init_residual",
        "betas",
        "eps",
        "drops",
        "drop_factor",
        *recipe_epochs.STEPS_OF,
    }  # see below
    assert set(texts) == set(recipe_text.FIELDS) - {"seed", "device"} - others
    recipe = recipe_files.make("degradation", texts, seed=3, device=DeviceName.CPU)
    assert [spec.depth for spec in recipe.nets] == [8, 14]
    assert {
        (spec.widths[0], spec.image_size, spec.norm, spec.num_classes, spec.in_channels) for spec in recipe.nets
    } == {(6, 28, Norm.NONE, 12, 3)}
    assert (recipe.lr, recipe.momentum, recipe.weight_decay, recipe.batch_size) == (0.05, 0.8, 0.0, 32)
    assert (recipe.steps, recipe.warmup_steps, recipe.probe_every, recipe.eval_every) == (70, 3, 7, 35)
    assert (recipe.init, recipe.augment) == (Init.TORCH_DEFAULT, Augment.PAD_CROP_FLIP)
    assert (recipe.seed, recipe.device) == (3, DeviceName.CPU)


@pytest.mark.parametrize(
    ("texts", "born"),
    [
        ({"depth": "8", "order": "original"}, [False, True]),
        ({"depth": "8", "nets": "plain"}, [False]),
        ({"a.net": "cifar_plain8", "b.net": "cifar_resnet8"}, [False, True]),
        ({"a.net": "cifar_resnet8", "a.shortcut": "none", "b.net": "cifar_resnet20"}, [False, True]),
        ({"a.net": "cifar_resnet8", "a.zero_init_residual": "false", "b.net": "cifar_resnet20"}, [False, True]),
    ],
    ids=str,
)
def test_blocks_that_begin_as_the_identity_are_a_field_of_the_residual_nets(
    texts: dict[str, str], born: list[bool]
) -> None:
    recipe = recipe_files.make("degradation", {**texts, "zero_init_residual": "true"})
    assert [spec.zero_init_residual for spec in recipe.nets] == born
    assert recipe_text.recipe_of(recipe_text.texts_of(recipe)) == recipe


def test_an_order_whose_branch_ends_without_a_norm_cannot_begin_as_the_identity() -> None:
    with pytest.raises(SpecError, match="zero_init_residual needs a residual net whose branch ends in a norm"):
        recipe_files.make("degradation", {"zero_init_residual": "true"})


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"nesterov": "true"}, {"nesterov": True}),
        ({"optimizer": "adam", "betas": "0.8,0.99"}, {"optimizer": OptimizerName.ADAM, "betas": (0.8, 0.99)}),
        ({"optimizer": "adamw", "eps": "1e-6"}, {"optimizer": OptimizerName.ADAMW, "eps": 1e-6}),
        ({"drops": "30,50", "drop_factor": "0.2"}, {"drops": (30, 50), "drop_factor": 0.2, "schedule": "steps"}),
        (
            {"epochs": "1", "drop_epochs": "0.5", "warmup_epochs": "0.1"},
            {"steps": 157, "drops": (79,), "warmup_steps": 16},
        ),
    ],
    ids=str,
)
def test_every_other_field_can_be_changed(texts: dict[str, str], expected: dict[str, Any]) -> None:
    recipe = recipe_files.make("degradation", texts)
    assert {name: getattr(recipe, name) for name in expected} == expected


def test_an_optimiser_named_over_a_recipe_replaces_what_was_chosen_for_the_other() -> None:
    recipe = recipe_files.make("no_norm", {"optimizer": "adam"})
    assert recipe_files.make("no_norm", {}).lr == 0.05
    assert (recipe.optimizer, recipe.lr, recipe.weight_decay) == (OptimizerName.ADAM, 1e-3, 0.0)


def test_a_file_of_ones_own_says_its_optimiser_drops_and_epochs(tmp_path: Path) -> None:
    text = """
[settings]
depth = "8"
optimizer = "adam"
lr = 0.001
betas = [0.9, 0.99]
eps = 1e-7
epochs = 2
drop_epochs = [1, 1.5]
"""
    recipe = recipe_files.make(write(tmp_path, text), {})
    assert (recipe.optimizer, recipe.lr, recipe.betas, recipe.eps) == (OptimizerName.ADAM, 0.001, (0.9, 0.99), 1e-7)
    assert (recipe.steps, recipe.drops) == (313, (157, 235))
    assert recipe_files.make(write(tmp_path, text), {"steps": "10"}).steps == 10


def test_short_runs_are_tested_more_often() -> None:
    recipe = recipe_files.make("degradation", {"steps": "40"})
    assert (recipe.warmup_steps, recipe.probe_every, recipe.eval_every) == (10, 2, 5)


def test_an_unknown_name_is_told_the_nearest_ones() -> None:
    with pytest.raises(SpecError, match=r"there are .*Near to it: degradation, "):
        recipe_files.make("degrade", {})
