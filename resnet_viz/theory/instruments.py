"""The instruments that are computed outside of the web process: a row for each.

A further one is a row here, a question and a record beside it, and a generator in `theory.engine`. What numpy computes
in milliseconds needs no row: pages call it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.spec.validation import one_of
from resnet_viz.theory.gate_product import GateProduct, GateQuestion
from resnet_viz.theory.gradients import GradientCurves, GradientQuestion, StepsQuestion
from resnet_viz.theory.identity_task import IdentityLosses, IdentityQuestion
from resnet_viz.theory.order_signals import OrderQuestion, OrderSignals
from resnet_viz.theory.question import Question
from resnet_viz.theory.shattering import ShatterCurve, ShatterQuestion
from resnet_viz.theory.shortcut_factor import FactorGradients, FactorQuestion
from resnet_viz.theory.trained.early_exits import ExitAccuracy, ExitQuestion
from resnet_viz.theory.trained.growth import GrownNet, GrowthQuestion
from resnet_viz.theory.trained.lesions import (
    DeletedBlock,
    LesionQuestion,
    RandomDamage,
    RandomDamageQuestion,
    RewiredAccuracy,
    RewiringQuestion,
)
from resnet_viz.theory.trained.loss_surface import SurfacePoints, SurfaceQuestion
from resnet_viz.theory.trained.paths import PathGradient, PathQuestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """Instrument of the theory.

    Attributes:
        id: in queries and in names of kept results.
        question: class of its questions.
        record: class of its records.
        compute: "module:function" of `(question, tick) -> Iterator[record]`; `tick` takes the share that is done.
        version: raised where the same question gets other records.
    """

    id: str
    question: type[Question]
    record: type
    compute: str
    version: int = 1


_ALL: Final = (
    Instrument(
        id="gradients",
        question=GradientQuestion,
        record=GradientCurves,
        compute="resnet_viz.theory.engine.gradients:gradient_curves",
    ),
    Instrument(
        id="gradient_steps",
        question=StepsQuestion,
        record=GradientCurves,
        compute="resnet_viz.theory.engine.gradient_steps:curves_by_step",
    ),
    Instrument(
        id="lesions",
        question=LesionQuestion,
        record=DeletedBlock,
        compute="resnet_viz.theory.engine.lesions:block_lesions",
    ),
    Instrument(
        id="rewiring",
        question=RewiringQuestion,
        record=RewiredAccuracy,
        compute="resnet_viz.theory.engine.lesions:rewired_accuracy",
    ),
    Instrument(
        id="random_damage",
        question=RandomDamageQuestion,
        record=RandomDamage,
        compute="resnet_viz.theory.engine.lesions:random_damage",
    ),
    Instrument(
        id="exits",
        question=ExitQuestion,
        record=ExitAccuracy,
        compute="resnet_viz.theory.engine.early_exits:exit_accuracies",
    ),
    Instrument(
        id="paths",
        question=PathQuestion,
        record=PathGradient,
        compute="resnet_viz.theory.engine.paths:path_gradients",
    ),
    Instrument(
        id="surface",
        question=SurfaceQuestion,
        record=SurfacePoints,
        compute="resnet_viz.theory.engine.loss_surface:loss_surface",
    ),
    Instrument(
        id="construction",
        question=GrowthQuestion,
        record=GrownNet,
        compute="resnet_viz.theory.engine.growth:grown_nets",
    ),
    Instrument(
        id="nothing",
        question=IdentityQuestion,
        record=IdentityLosses,
        compute="resnet_viz.theory.engine.identity_task:identity_losses",
    ),
    Instrument(
        id="lambda",
        question=FactorQuestion,
        record=FactorGradients,
        compute="resnet_viz.theory.engine.shortcut_factor:factor_gradients",
    ),
    Instrument(
        id="gates",
        question=GateQuestion,
        record=GateProduct,
        compute="resnet_viz.theory.engine.gate_product:gate_products",
    ),
    Instrument(
        id="orders",
        question=OrderQuestion,
        record=OrderSignals,
        compute="resnet_viz.theory.engine.order_signals:order_signals",
    ),
    Instrument(
        id="shattering",
        question=ShatterQuestion,
        record=ShatterCurve,
        compute="resnet_viz.theory.engine.shattering:shatter_curves",
    ),
)
INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType({one.id: one for one in _ALL})
_BY_QUESTION: Final[Mapping[type[Question], Instrument]] = MappingProxyType({one.question: one for one in _ALL})


def instrument_of(question: Question) -> Instrument:
    """Returns the instrument that answers a question."""
    return _BY_QUESTION[type(question)]


def instrument(name: Any) -> Instrument:
    """Returns the instrument of this id.

    Raises:
        SpecError: there is none.
    """
    if not isinstance(name, str):
        raise SpecError(f"An instrument is a text; got {type(name).__name__}.")
    return INSTRUMENTS[one_of("instrument", name, tuple(INSTRUMENTS))]
