"""What a run may cost, and about how long it takes."""

import subprocess
import sys
from typing import Any

import pytest

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import BudgetError, DataError
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import budget
from resnet_viz.training.recipe import Recipe


def small(name: str, width: int = 4, image_size: int = 14) -> Any:
    return residual_preset(name, widths=(width, 2 * width, 4 * width), in_channels=1, image_size=image_size)


LECTURE = Recipe(
    nets=tuple(small(name) for name in ("cifar_plain20", "cifar_plain56", "cifar_resnet20", "cifar_resnet56"))
)


@pytest.fixture(autouse=True)
def no_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(budget.FACTOR_VARIABLE, raising=False)


def test_the_lecture_run_is_within_the_budget() -> None:
    budget.check(LECTURE)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"nets": (residual_preset("resnet18", num_classes=10),)},
            r"ResNet-18 has 11,181,642 parameters; .* up to 5,000,000",
        ),
        ({"nets": (small("cifar_resnet20", 4, 224),)}, r"2\.2 GiB at 224 px; allowed are 2\.0 GiB\. Lower image_size"),
        (
            {"nets": (small("cifar_resnet110", 16, 28), small("cifar_resnet56", 16, 28)), "batch_size": 1024},
            r"activations of 2 nets take .* GiB at batch size 1024, most of it for ResNet-110; .* Lower batch_size",
        ),
        ({"nets": LECTURE.nets, "steps": 100_000}, r"about \d+ minutes on 2 CPU cores; allowed are 10\. Lower steps"),
    ],
    ids=["parameters", "images", "activations", "time"],
)
def test_beyond_a_limit_the_sentence_says_asked_allowed_and_what_to_lower(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(BudgetError, match=says):
        budget.check(Recipe(**fields))


def test_a_net_that_does_not_fit_the_data_is_refused_too() -> None:
    with pytest.raises(DataError, match="num_classes is at least 10"):
        budget.check(Recipe(nets=(residual_preset("cifar_resnet20", num_classes=2),)))


def test_the_factor_raises_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Recipe(nets=(residual_preset("resnet18", num_classes=10, image_size=32, in_channels=1),), steps=10)
    monkeypatch.setenv(budget.FACTOR_VARIABLE, "4")
    budget.check(wide)


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan", "inf"])
def test_a_wrong_factor_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(budget.FACTOR_VARIABLE, text)
    with pytest.raises(BudgetError, match="RESNET_VIZ_BUDGET is a positive number"):
        budget.check(LECTURE)


@pytest.mark.parametrize(
    ("name", "width", "image_size", "batch_size", "measured_ms"),
    [  # one thread, steps alone: residual nets, torch 2.13, one core of an AMD EPYC
        ("cifar_resnet20", 4, 14, 64, 11.5),
        ("cifar_resnet56", 4, 14, 64, 35.0),
        ("cifar_resnet20", 16, 28, 64, 112.0),
        ("cifar_resnet110", 8, 14, 128, 133.4),
        ("cifar_resnet20", 64, 14, 64, 301.0),
    ],
)
def test_the_estimate_is_right_within_a_factor_of_two(
    name: str, width: int, image_size: int, batch_size: int, measured_ms: float
) -> None:
    run = Recipe(nets=(small(name, width, image_size),), batch_size=batch_size, steps=1_000, eval_every=100_000)
    assert 0.5 < budget.estimate(run, cores=1) * 1e3 / (measured_ms * run.steps) < 2


def test_the_lecture_run_is_estimated_at_about_twenty_seconds_on_two_cores() -> None:
    assert 10 < budget.estimate(LECTURE, cores=2) < 40  # measured: 20.5 s


def test_more_cores_help_up_to_one_per_net() -> None:
    one, two, four, eight = (budget.estimate(LECTURE, cores=cores) for cores in (1, 2, 4, 8))
    assert one > two > four == eight


def test_looking_at_the_test_images_takes_time_too() -> None:
    often = Recipe(nets=LECTURE.nets, eval_every=1)
    assert budget.estimate(often) > 2 * budget.estimate(LECTURE)


def test_the_images_of_the_full_set_are_counted() -> None:
    full = Recipe(nets=(small("cifar_resnet20", 4, 28),), data=DataName.FASHION_MNIST)
    assert budget.image_bytes(full) == 70_000 * 28 * 28 * 4


def test_checking_loads_no_torch_and_takes_no_memory() -> None:
    code = "import sys; import resnet_viz.training.budget; sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("cores", "runs"), [(1, 1), (2, 1), (4, 1), (8, 2), (16, 4)])
def test_a_run_for_every_four_cores_trains_at_the_same_time_and_always_one(cores: int, runs: int) -> None:
    assert budget.runs_at_once(cores) == runs
