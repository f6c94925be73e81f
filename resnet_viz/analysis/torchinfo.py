"""Differences between torchinfo's figures and ours, explained to the last unit from the plan. No torch.

torchinfo's rules, read in version 1.8.0 (`layer_info.py`, `model_statistics.py`): a convolution's work is its
parameters times the pixels of its output, biases included; that of any other layer is its parameters, once per image.
"Forward/backward pass size" is twice the outputs of all layers that have parameters. A contract test holds these rules
against torchinfo itself on every preset.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Any, Final, NamedTuple

from resnet_viz.analysis.cost import macs, params
from resnet_viz.analysis.memory import bytes_besides_tensors, float_bytes, needed_tensors
from resnet_viz.analysis.report import Analysis
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.ops import BatchNorm, Conv, Dropout, Linear, MaxPool, Op, Shape
from resnet_viz.plan.plan import Plan

_HAVE_PARAMS: Final = (Conv, BatchNorm, Linear)


class TorchinfoLayer(NamedTuple):
    """torchinfo's figures of one layer; `shape` is that of the output without the batch dimension."""

    name: str
    shape: Shape
    params: int
    mult_adds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TorchinfoReport:
    """torchinfo's figures of a net for one image.

    Attributes:
        version: torchinfo's.
        params: all parameters.
        trainable: trainable parameters.
        mult_adds: of one forward pass.
        activation_bytes: its "forward/backward pass size".
        layers: a row per leaf layer, in running order.
        summary: its printed summary.
    """

    version: str
    params: int
    trainable: int
    mult_adds: int
    activation_bytes: int
    layers: tuple[TorchinfoLayer, ...]
    summary: str


class CountedQuantity(StrEnum):
    """Quantities counted by both."""

    PARAMS = "params"
    MACS = "macs"
    ACTIVATIONS = "activations"


class Cause(StrEnum):
    """Causes of a difference between the two counts."""

    NORM = "norm"  # scale and shift as work, once per channel
    CONV_BIAS = "conv_bias"  # one addition per output value
    FC_BIAS = "fc_bias"
    GRADIENTS = "gradients"  # torchinfo doubles each output that it counts
    NOT_KEPT = "not_kept"  # outputs that it counts and no backward pass reads
    WITHOUT_PARAMS = "without_params"  # what is kept and comes from no layer with parameters
    POOL_INDEX = "pool_index"  # which pixel of each window was the largest
    DROPPED = "dropped"  # which values a dropout set to zero


class Reason(NamedTuple):
    """One cause, and the amount that torchinfo counts more because of it; negative for less."""

    cause: Cause
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Both counts of one quantity; activations are in bytes."""

    quantity: CountedQuantity
    ours: int
    theirs: int
    reasons: tuple[Reason, ...]

    @property
    def difference(self) -> int:
        """Amount that torchinfo counts more."""
        return self.theirs - self.ours

    @property
    def unexplained(self) -> int:
        """Part of the difference without a reason; not 0 only if one of the two counts is wrong."""
        return self.difference - sum(reason.amount for reason in self.reasons)


def compare(analysis: Analysis, opinion: TorchinfoReport) -> tuple[Finding, ...]:
    """Returns both counts of parameters, multiply-adds and activation memory, with the reasons of each difference."""
    plan, ours = analysis.plan, analysis.totals
    return (
        Finding(quantity=CountedQuantity.PARAMS, ours=ours.params, theirs=opinion.params, reasons=()),
        Finding(
            quantity=CountedQuantity.MACS, ours=ours.macs, theirs=opinion.mult_adds, reasons=mult_adds_besides(plan)
        ),
        Finding(
            quantity=CountedQuantity.ACTIVATIONS,
            ours=ours.training_bytes,
            theirs=opinion.activation_bytes,
            reasons=bytes_besides(plan),
        ),
    )


def differing_layers(plan: Plan, opinion: TorchinfoReport) -> tuple[str, ...]:
    """Returns the layers that differ in shape, parameters or explained multiply-adds."""
    ours = {node.name: _expected(node.name, node.op, node.shape) for node in plan.nodes}
    theirs = {seen.name: seen for seen in opinion.layers}
    return tuple(name for name in dict.fromkeys([*ours, *theirs]) if ours.get(name) != theirs.get(name))


def mult_adds_besides(plan: Plan) -> tuple[Reason, ...]:
    """Returns the work that torchinfo counts beyond our MACs: norms and biases."""
    return _summed(reason for node in plan.nodes if (reason := _besides(node.op, node.shape)))


def bytes_besides(plan: Plan) -> tuple[Reason, ...]:
    """Returns the causes of the difference between its "forward/backward pass size" and our training memory."""
    sizes = {INPUT: float_bytes(plan.input_shape)} | {node.name: float_bytes(node.shape) for node in plan.nodes}
    counted = {node.name for node in plan.nodes if isinstance(node.op, _HAVE_PARAMS)}
    kept = {name for node in plan.nodes for name in needed_tensors(node)}
    amounts = {
        Cause.GRADIENTS: sum(sizes[name] for name in counted),
        Cause.NOT_KEPT: sum(sizes[name] for name in counted - kept),
        Cause.WITHOUT_PARAMS: -sum(sizes[name] for name in kept - counted),
        Cause.POOL_INDEX: -_besides_tensors(plan, MaxPool),
        Cause.DROPPED: -_besides_tensors(plan, Dropout),
    }
    return _summed(Reason(cause, amount) for cause, amount in amounts.items())


def _besides_tensors(plan: Plan, kind: type[Op]) -> int:
    return sum(bytes_besides_tensors(node.op, node.shape) for node in plan.nodes if isinstance(node.op, kind))


def to_json(opinion: TorchinfoReport) -> dict[str, Any]:
    """Returns an opinion as plain JSON values."""
    return {name: getattr(opinion, name) for name in TorchinfoReport.__dataclass_fields__}


def from_json(fields: Mapping[str, Any]) -> TorchinfoReport:
    """Returns the opinion that `to_json` wrote."""
    layers = tuple(TorchinfoLayer(name, tuple(shape), *counts) for name, shape, *counts in fields["layers"])
    return TorchinfoReport(**{**fields, "layers": layers})


def _expected(name: str, op: Op, shape: Shape) -> TorchinfoLayer:
    besides = _besides(op, shape)
    return TorchinfoLayer(name, shape, params(op), macs(op, shape) + (besides.amount if besides else 0))


def _besides(op: Op, shape: Shape) -> Reason | None:
    match op:
        case BatchNorm(channels):
            return Reason(Cause.NORM, 2 * channels)
        case Conv(has_bias=True):
            return Reason(Cause.CONV_BIAS, prod(shape))
        case Linear(_, out_features):
            return Reason(Cause.FC_BIAS, out_features)
        case _:
            return None


def _summed(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Returns one reason per cause, in the order of `Cause`, and none of nothing."""
    amounts = dict.fromkeys(Cause, 0)
    for cause, amount in reasons:
        amounts[cause] += amount
    return tuple(Reason(cause, amount) for cause, amount in amounts.items() if amount)
