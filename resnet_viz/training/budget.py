"""Limits and estimates of a run's time and memory, computed from the plan before anything is allocated."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final, assert_never

from resnet_viz.analysis.report import Totals, totals
from resnet_viz.data import datasets
from resnet_viz.errors import BudgetError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.spec.net import NetSpec
from resnet_viz.training.machine_speed import REFERENCE, Machine, Speed, Work
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe

GIB: Final = 2**30
MAX_PARAMS: Final = 5_000_000  # per net
MAX_ACTIVATION_BYTES: Final = 2 * GIB  # of all nets of a run together
MAX_IMAGE_BYTES: Final = 2 * GIB
CORES_PER_RUN: Final = 4  # a race has four nets as a rule, each of them a thread
MAX_S: Final = 600.0  # on REFERENCE_CORES at the reference speed
REFERENCE_CORES: Final = 2  # the limit does not depend on the machine: a link works everywhere or nowhere
FACTOR_VARIABLE: Final = "RESNET_VIZ_BUDGET"  # a factor on all limits, for a GPU or a large machine

SHARE_OF_FORWARD: Final = 0.3  # of a step, for an evaluation
BYTES_PER_PARAM: Final[Mapping[OptimizerName, int]] = {  # weight, gradient and the optimiser's tensors, float32
    OptimizerName.SGD: 12,
    OptimizerName.ADAM: 16,
    OptimizerName.ADAMW: 16,
}
TEST_IMAGES: Final = 2_000
TEST_BATCH: Final = 500
# Two threads on two cores do 1.73 to 1.78 times the work of one (measured at depth 20 and 56, width 4 and 8).
SHARE_OF_CORE: Final = 0.875


class Limit(Enum):
    """Limits of a run."""

    PARAMS = auto()
    IMAGES = auto()
    ACTIVATIONS = auto()
    TIME = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Cost of one net of a run.

    Attributes:
        params: trainable parameters.
        activation_bytes: kept for the backward pass, whole batch, float32.
        seconds: estimated time of one CPU core, or of the GPU, for all steps and evaluations.
    """

    params: int
    activation_bytes: int
    seconds: float


def check(recipe: Recipe) -> None:
    """Refuses a recipe that is beyond the limits or does not fit its data.

    Raises:
        BudgetError: too many parameters, too much memory or too long; the message has the value, the limit, the
            fields to lower, and the factor that would allow it.
        DataError: a net has fewer outputs than the data has classes, or takes other channels.
    """
    factor = _factor()
    for spec in recipe.nets:
        datasets.check_fits(spec, recipe.data)
    costs = dict(zip(recipe.labels, _costs(recipe, REFERENCE.cpu), strict=True))
    asked = _asked(costs, recipe)
    for kind, (got, most) in asked.items():
        if got > most * factor:
            needed = math.ceil(max(got / most for got, most in asked.values()))
            raise BudgetError(f"{_why(kind, costs, recipe, most * factor)} {_way_out(asked[Limit.TIME][0], needed)}")


def estimate(recipe: Recipe, *, machine: Machine = REFERENCE, cores: int | None = None) -> float:
    """Returns the estimated seconds of a run without loading, right within a factor of two.

    Args:
        recipe: the run.
        machine: speed of the machine; an unmeasured GPU is estimated as its CPU.
        cores: CPU cores that are free; all of this machine if None.
    """
    if machine.gpu is not None and machine.trains_on_gpu(recipe.device):
        return sum(cost.seconds for cost in _costs(recipe, machine.gpu))  # the nets take turns
    seconds = [cost.seconds for cost in _costs(recipe, machine.cpu)]
    return _wall_s(seconds, num_cores() if cores is None else cores)


def memory_bytes(recipe: Recipe, machine: Machine = REFERENCE) -> int:
    """Returns the estimated bytes of a run: its worker, the images, and each net's activations and weights."""
    costs = _costs(recipe, machine.cpu)
    nets = sum(cost.activation_bytes + BYTES_PER_PARAM[recipe.optimizer] * cost.params for cost in costs)
    return machine.base_bytes + image_bytes(recipe) + nets


def num_cores() -> int:
    """Returns the number of CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def runs_at_once(cores: int | None = None) -> int:
    """Returns the number of runs that train at the same time: one for every CORES_PER_RUN cores, at least one.

    Args:
        cores: CPU cores; those of this machine if None.
    """
    return max(1, (num_cores() if cores is None else cores) // CORES_PER_RUN)


def image_bytes(recipe: Recipe) -> int:
    """Returns the bytes of the data set's images at the nets' image size, float32."""
    size = datasets.SIZES[recipe.data]
    return 4 * (size.train + size.test) * size.channels * recipe.nets[0].square_side ** 2


def work(spec: NetSpec, batch_size: int) -> Work:
    """Returns the work of one optimiser step of a net."""
    nodes, whole = _size(spec)
    return Work(nodes=nodes, activation_bytes=whole.training_bytes * batch_size, macs=whole.macs * batch_size)


def _costs(recipe: Recipe, speed: Speed) -> list[Cost]:
    return [_cost(spec, recipe, speed) for spec in recipe.nets]


def _cost(spec: NetSpec, recipe: Recipe, speed: Speed) -> Cost:
    step_ms = speed.step_ms(work(spec, recipe.batch_size))
    look_ms = SHARE_OF_FORWARD * speed.step_ms(work(spec, TEST_BATCH)) * TEST_IMAGES / TEST_BATCH
    num_looks = math.ceil(recipe.steps / recipe.eval_every)
    _nodes, whole = _size(spec)
    return Cost(
        params=whole.params,
        activation_bytes=whole.training_bytes * recipe.batch_size,
        seconds=(recipe.steps * step_ms + num_looks * look_ms) / 1e3,
    )


@lru_cache(maxsize=64)
def _size(spec: NetSpec) -> tuple[int, Totals]:
    plan = lower(spec)
    return len(plan.nodes), totals(plan)


def _wall_s(core_seconds: list[float], cores: int) -> float:
    at_once = max(1, min(cores, len(core_seconds)))
    share = SHARE_OF_CORE if at_once > 1 else 1.0
    return max(*core_seconds, sum(core_seconds) / at_once) / share


def _asked(costs: Mapping[str, Cost], recipe: Recipe) -> dict[Limit, tuple[float, float]]:
    """Returns the recipe's amount and the allowed amount for each limit."""
    return {
        Limit.PARAMS: (max(cost.params for cost in costs.values()), MAX_PARAMS),
        Limit.IMAGES: (image_bytes(recipe), MAX_IMAGE_BYTES),
        Limit.ACTIVATIONS: (sum(cost.activation_bytes for cost in costs.values()), MAX_ACTIVATION_BYTES),
        Limit.TIME: (_wall_s([cost.seconds for cost in costs.values()], REFERENCE_CORES), MAX_S),
    }


def _why(limit: Limit, costs: Mapping[str, Cost], recipe: Recipe, most: float) -> str:
    got = _asked(costs, recipe)[limit][0]
    match limit:
        case Limit.PARAMS:
            sentence = _(
                "{net} has {got:,} parameters; nets of up to {most:,.0f} are trained here. Lower widths or blocks."
            )
            return sentence.format(net=max(costs, key=lambda label: costs[label].params), got=got, most=most)
        case Limit.IMAGES:
            sentence = _(
                "The images of {data} take {got:.1f} GiB at {size} px; allowed are {most:.1f} GiB. Lower image_size."
            )
            size = recipe.nets[0].image_size
            return sentence.format(data=recipe.data, got=got / GIB, size=size, most=most / GIB)
        case Limit.ACTIVATIONS:
            sentence = _(
                "The activations of {count} nets take {got:.1f} GiB at batch size {batch}, most of it for {net}; "
                "allowed are {most:.1f} GiB. Lower batch_size, image_size or widths, or train fewer nets."
            )
            largest = max(costs, key=lambda label: costs[label].activation_bytes)
            return sentence.format(
                count=len(costs), got=got / GIB, batch=recipe.batch_size, net=largest, most=most / GIB
            )
        case Limit.TIME:
            sentence = _(
                "This run would take about {got:,.0f} minutes on {cores} CPU cores; allowed are {most:,.0f}. "
                "Lower steps, batch_size, image_size or widths, or train fewer nets."
            )
            return sentence.format(got=math.ceil(got / 60), cores=REFERENCE_CORES, most=most / 60)
        case _:
            assert_never(limit)


def _way_out(seconds: float, factor: int) -> str:
    return _(
        "With a GPU, or patience for about {minutes:,} min on {cores} CPU cores, set {variable} to {factor:,} or more."
    ).format(minutes=math.ceil(seconds / 60), cores=REFERENCE_CORES, variable=FACTOR_VARIABLE, factor=factor)


def _factor() -> float:
    text = os.environ.get(FACTOR_VARIABLE) or "1"
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not (factor > 0 and math.isfinite(factor)):
        raise BudgetError(
            _("{variable} is a positive number, a factor on the limits of a run; got {text!r}.").format(
                variable=FACTOR_VARIABLE, text=text[:60]
            )
        )
    return factor
