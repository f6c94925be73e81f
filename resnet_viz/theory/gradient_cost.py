"""Time and memory of the gradient bench, from the plan and the speed of the machine. No torch."""

from functools import lru_cache
from typing import Final

from resnet_viz.analysis.report import Totals, totals
from resnet_viz.errors import BudgetError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import BATCH, GradientQuestion, StepsQuestion
from resnet_viz.training.machine_speed import REFERENCE, Machine, Work

MEASURED_BLOCKS: Final = 54  # of ResNet-110: up to here gradients are computed in single precision, too
MOST_BYTES: Final = 1_800 * 2**20  # of activations; with 1,630 the process took 2.7 of its 3 GiB
_DOUBLE: Final = 2  # bytes of float64 for each of float32
# Building a net and its gradients in double precision, in calls, memory and arithmetic of a training step of single
# precision (see `machine_speed.Speed`). Fitted to 25 measurements, depth 8 to 998, width 4 and 16, one core of an AMD
# EPYC, torch 2.13: they are predicted within a factor of 0.78 to 1.23.
_DOUBLE_TERMS: Final = (3.5, 0.4, 9.0)
_PROBED: Final = 1.25  # a training step whose norms are measured, in steps


@lru_cache(maxsize=256)
def _totals(spec: AnySpec) -> tuple[Totals, int]:
    plan = lower(spec)
    return totals(plan), len(plan.nodes)


def check_memory(spec: AnySpec) -> None:
    """Checks that the gradients of a net can be measured.

    Raises:
        BudgetError: they need more than MOST_BYTES.
    """
    needed = _DOUBLE * BATCH * _totals(spec)[0].training_bytes
    if needed > MOST_BYTES:
        raise BudgetError(
            _(
                "The gradients of {net} need {needed:.1f} GiB for a batch of {batch} images in double precision; "
                "at most {most:.1f} GiB are used. Make the net narrower, shallower or its images smaller."
            ).format(net=title(spec), needed=needed / 2**30, batch=BATCH, most=MOST_BYTES / 2**30)
        )


def cost_s(question: GradientQuestion | StepsQuestion, machine: Machine = REFERENCE) -> float:
    """Returns the seconds that an answer takes on one core."""
    if isinstance(question, StepsQuestion):
        each = [_PROBED * (question.steps[-1] + 1) * machine.cpu.step_ms(_work(spec)) for spec in question.nets]
    else:
        each = [_measuring_ms(spec, machine) for spec in question.nets]
    return len(question.seeds) * sum(each) / 1_000


def _measuring_ms(spec: AnySpec, machine: Machine) -> float:
    terms = machine.cpu.terms_ms(_work(spec))
    double = sum(factor * term for factor, term in zip(_DOUBLE_TERMS, terms, strict=True))
    return double + (sum(terms) if sum(spec.blocks) <= MEASURED_BLOCKS else 0)


def _work(spec: AnySpec) -> Work:
    """Returns the work of a training step."""
    sums, nodes = _totals(spec)
    return Work(nodes=nodes, activation_bytes=BATCH * sums.training_bytes, macs=BATCH * sums.macs)
