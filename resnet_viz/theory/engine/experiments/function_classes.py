"""Experiments on classes of functions: exact distances, and nested classes with noise."""

from itertools import pairwise
from typing import Final

from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.function_classes import NESTED, SEPARATE, Target, distance, falls, fit_noise

_SOURCE: Final = "d2l, section 7.6.1"
_SEEDS: Final = (0, 1, 2)


def _rises() -> float:
    """Returns by how much the distance rises at most along the nested classes, over all targets."""
    rows = [[distance(target, n) for n in NESTED] for target in Target]
    return max(after - before for row in rows for before, after in pairwise(row))


def _best_degrees() -> tuple[float, ...]:
    return tuple(float(fit_noise(seed).best) for seed in _SEEDS)


def _test_errors() -> tuple[float, ...]:
    return tuple(fit_noise(seed).test[-1] for seed in _SEEDS)


EXPERIMENTS: Final = (
    Experiment(
        id="function_classes_hit", instrument="functions", source=_SOURCE, expected="0: F3 contains the target",
        measure=lambda: distance(Target.MIDDLE, 3), low=0.0, high=0.0,
    ),
    Experiment(
        id="function_classes_miss", instrument="functions", source=_SOURCE,
        expected="1/3, 2/√45, 2/√63 for n = 4, 5, 7", low=0.2519, high=0.3334,
        measure=lambda: tuple(distance(Target.MIDDLE, n) for n in SEPARATE[3:]),
    ),
    Experiment(
        id="function_classes_nested", instrument="functions", source=_SOURCE, expected="never rises: at most 0",
        measure=_rises, low=-1.0, high=0.0,
    ),
    Experiment(
        id="function_classes_noise", instrument="functions", source="d2l, section 7.6, exercise 5",
        expected="test error least at a low degree (3)", measure=_best_degrees, low=2, high=6,
    ),
    Experiment(
        id="function_classes_overfit", instrument="functions", source="d2l, section 7.6, exercise 5",
        expected="test error at degree 15 far above 0.17", measure=_test_errors, low=1.0, high=1e4,
    ),
    Experiment(
        id="function_classes_training", instrument="functions", source="d2l, section 7.6, exercise 5",
        expected="training error never rises: 1 = yes",
        measure=lambda: tuple(float(falls(fit_noise(seed).training)) for seed in _SEEDS), low=1.0, high=1.0,
    ),
)  # fmt: skip
