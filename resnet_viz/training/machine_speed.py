"""Speed of a machine that trains small nets: a model of three terms, fitted to measurements."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from resnet_viz.training.recipe_values import DeviceName

PASSES: Final = 3  # forward, and backward for inputs and for weights
MIB: Final = 2**20
_MAX_FACTOR: Final = 1_000.0  # times faster or slower than the reference: beyond it a measurement has gone wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """Work of one optimiser step of a net.

    Attributes:
        nodes: layers of its plan.
        activation_bytes: kept for the backward pass, whole batch, float32.
        macs: multiply-adds of the forward pass, whole batch.
    """

    nodes: int
    activation_bytes: int
    macs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """Time of one optimiser step as a sum of three terms; MACs alone would be wrong by a factor of ten.

    Small nets are bound by calls and memory: 9 billion MACs a second at width 4, 85 at width 64.

    Attributes:
        ms_per_node: calling forward, backward and update of one layer.
        bytes_per_ms: of activations kept for the backward pass.
        macs_per_ms: of all passes.
    """

    ms_per_node: float
    bytes_per_ms: float
    macs_per_ms: float

    def terms_ms(self, work: Work) -> tuple[float, float, float]:
        """Returns the milliseconds of one step's calls, memory and arithmetic."""
        return (
            self.ms_per_node * work.nodes,
            work.activation_bytes / self.bytes_per_ms,
            PASSES * work.macs / self.macs_per_ms,
        )

    def step_ms(self, work: Work) -> float:
        """Returns the milliseconds of one step."""
        return sum(self.terms_ms(work))


# Fitted to 60 measurements: CIFAR nets of depth 8 to 110, width 4 to 16, 14 and 28 px, batch 64 to 256, torch 2.13 on
# one core of an AMD EPYC; the last term to width 64 and 128, 8 to 20 layers. 80 % of them are predicted within a factor
# of 0.69 to 1.27, the worst by 0.49 and 1.34.
REFERENCE_SPEED: Final = Speed(ms_per_node=0.1, bytes_per_ms=1.4e6, macs_per_ms=1.2e8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Speed and memory of the machine that trains.

    Attributes:
        cpu: of one torch thread on one core.
        gpu: of its GPU; None if it has none or was not measured.
        gpu_kind: torch's name for the GPU's kind, "cuda" or "mps"; empty without one.
        base_bytes: memory of a worker before it builds a net.
        is_measured: True if measured on the machine itself, False for the reference machine.
    """

    cpu: Speed = REFERENCE_SPEED
    gpu: Speed | None = None
    gpu_kind: str = ""
    base_bytes: int = 350 * MIB  # torch 2.13, CPU
    is_measured: bool = False

    def trains_on_gpu(self, device: DeviceName) -> bool:
        """Returns whether a run on this device uses the measured GPU."""
        return self.gpu is not None and (device is DeviceName.AUTO or device.value == self.gpu_kind)


REFERENCE: Final = Machine()


def fitted(measured: Mapping[Work, float], guess: Speed) -> Speed:
    """Returns the speed that fits measured milliseconds of steps best, every term positive.

    Each term of the guess gets a factor. Multiplying the factors by how much too small the predictions are, each
    measurement weighed by the term's share in it, keeps them positive and comes to the smallest relative error (Lee
    and Seung 2001, the rule for the divergence).

    Args:
        measured: work of a step -> milliseconds; at least one of them heavy in each term.
        guess: initial speed.
    """
    rows = [[term / ms for term in guess.terms_ms(work)] for work, ms in measured.items()]
    factors = [1.0, 1.0, 1.0]
    for _round in range(200):
        predicted = [sum(f * term for f, term in zip(factors, row, strict=True)) for row in rows]
        factors = [
            factor * sum(share / p for share, p in zip(column, predicted, strict=True)) / sum(column)
            for factor, column in zip(factors, zip(*rows, strict=True), strict=True)
        ]
    calls, memory, arithmetic = (max(factor, 1 / _MAX_FACTOR) for factor in factors)
    return Speed(
        ms_per_node=guess.ms_per_node * calls,
        bytes_per_ms=guess.bytes_per_ms / memory,
        macs_per_ms=guess.macs_per_ms / arithmetic,
    )


def to_json(machine: Machine) -> dict[str, Any]:
    """Returns a machine as plain JSON values."""
    gpu = None if machine.gpu is None else {"kind": machine.gpu_kind, **_speed_to_json(machine.gpu)}
    return {"cpu": _speed_to_json(machine.cpu), "gpu": gpu, "base_bytes": machine.base_bytes}


def from_json(told: Any) -> Machine | None:
    """Returns the measured machine that `to_json` wrote; None if a value is implausible."""
    if not isinstance(told, dict):
        return None
    cpu, base, gpu = _speed_of(told.get("cpu")), told.get("base_bytes"), told.get("gpu")
    if cpu is None or type(base) is not int or not 0 < base < _MAX_FACTOR * REFERENCE.base_bytes:
        return None
    if gpu is None:
        return Machine(cpu=cpu, base_bytes=base, is_measured=True)
    speed = _speed_of(gpu)
    if speed is None or gpu.get("kind") not in (DeviceName.CUDA, DeviceName.MPS):
        return None
    return Machine(cpu=cpu, gpu=speed, gpu_kind=str(gpu["kind"]), base_bytes=base, is_measured=True)


def _speed_to_json(speed: Speed) -> dict[str, float]:
    return {field.name: getattr(speed, field.name) for field in fields(Speed)}


def _speed_of(told: Any) -> Speed | None:
    if not isinstance(told, dict):
        return None
    values = {}
    for field in fields(Speed):
        value, usual = told.get(field.name), getattr(REFERENCE_SPEED, field.name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        if not usual / _MAX_FACTOR <= value <= usual * _MAX_FACTOR:
            return None
        values[field.name] = float(value)
    return Speed(**values)
