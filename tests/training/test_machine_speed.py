"""How fast a machine trains: the model of three terms, and what a measurement makes of it."""

import dataclasses
import json
import math
from typing import Any

import pytest

from resnet_viz.present.training.recipe import cost_text
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import budget
from resnet_viz.training.machine_speed import (
    REFERENCE,
    REFERENCE_SPEED,
    Machine,
    Speed,
    Work,
    fitted,
    from_json,
    to_json,
)
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import DeviceName

WORKS = (
    Work(nodes=70, activation_bytes=300_000, macs=2_000_000),
    Work(nodes=70, activation_bytes=5_000_000, macs=36_000_000),
    Work(nodes=28, activation_bytes=14_000_000, macs=290_000_000),
    Work(nodes=28, activation_bytes=3_700_000, macs=310_000_000),
)
SLOW = Speed(ms_per_node=0.3, bytes_per_ms=0.5e6, macs_per_ms=0.4e8)
HERE = Machine(cpu=SLOW, base_bytes=400_000_000, is_measured=True)
RUN = Recipe(nets=(residual_preset("cifar_resnet20", widths=(4, 8, 16), in_channels=1, image_size=14),))


@pytest.mark.parametrize("true", [SLOW, REFERENCE_SPEED, Speed(ms_per_node=0.02, bytes_per_ms=9e6, macs_per_ms=2e9)])
def test_a_speed_is_found_again_from_the_times_it_makes(true: Speed) -> None:
    found = fitted({work: true.step_ms(work) for work in WORKS}, REFERENCE_SPEED)
    for work in WORKS:
        assert found.step_ms(work) == pytest.approx(true.step_ms(work), rel=0.05)


def test_every_term_stays_positive_where_the_times_contradict_the_model() -> None:
    odd = fitted(dict(zip(WORKS, (50.0, 5.0, 5.0, 500.0), strict=True)), REFERENCE_SPEED)
    assert all(value > 0 and math.isfinite(value) for value in dataclasses.astuple(odd))
    assert from_json(to_json(Machine(cpu=odd, is_measured=True))) is not None


def test_a_slower_machine_takes_longer_and_the_limits_stay_those_of_the_reference() -> None:
    assert budget.estimate(RUN, machine=HERE) > 2 * budget.estimate(RUN)
    nearly = RUN.replace(steps=40_000)  # about 8 minutes by the reference
    assert budget.estimate(nearly, machine=HERE) > budget.MAX_S
    budget.check(nearly)


def test_nets_take_turns_on_a_gpu_and_a_run_on_the_cpu_does_not_use_it() -> None:
    fast = Speed(ms_per_node=0.02, bytes_per_ms=1e9, macs_per_ms=1e10)
    machine = Machine(gpu=fast, gpu_kind="cuda", is_measured=True)
    two = RUN.replace(nets=(*RUN.nets, RUN.nets[0].replace(shortcut=Shortcut.NONE)))
    assert budget.estimate(two, machine=machine) == pytest.approx(2 * budget.estimate(RUN, machine=machine), rel=0.2)
    on_cpu = RUN.replace(device=DeviceName.CPU)
    assert budget.estimate(on_cpu, machine=machine) == budget.estimate(on_cpu)
    assert not machine.trains_on_gpu(DeviceName.MPS)


def test_memory_counts_the_worker_the_images_and_every_net() -> None:
    one = budget.memory_bytes(RUN, HERE)
    assert one > HERE.base_bytes + budget.image_bytes(RUN)
    two = RUN.replace(nets=(*RUN.nets, RUN.nets[0].replace(shortcut=Shortcut.NONE)))
    assert 0 < budget.memory_bytes(two, HERE) - one < one - HERE.base_bytes - budget.image_bytes(RUN) + 1


def test_the_cost_says_by_what_it_was_reckoned() -> None:
    assert cost_text(RUN, HERE).endswith("(measured on this machine)")
    assert cost_text(RUN, REFERENCE).endswith("(speed of a reference machine)")
    assert "this machine's CPU" in cost_text(RUN, REFERENCE)
    gpu = Machine(gpu=SLOW, gpu_kind="cuda", is_measured=True)
    assert "this machine's GPU" in cost_text(RUN, gpu)


@pytest.mark.parametrize("machine", [HERE, dataclasses.replace(HERE, gpu=REFERENCE_SPEED, gpu_kind="cuda")])
def test_a_machine_comes_back_from_json(machine: Machine) -> None:
    assert from_json(json.loads(json.dumps(to_json(machine)))) == machine


@pytest.mark.parametrize(
    "change",
    [
        {"cpu": None},
        {"cpu": {}},
        {"cpu": {"ms_per_node": 0.1, "bytes_per_ms": 1.4e6, "macs_per_ms": -1}},
        {"cpu": {"ms_per_node": float("nan"), "bytes_per_ms": 1.4e6, "macs_per_ms": 1e8}},
        {"cpu": {"ms_per_node": 1e9, "bytes_per_ms": 1.4e6, "macs_per_ms": 1e8}},
        {"cpu": {"ms_per_node": True, "bytes_per_ms": 1.4e6, "macs_per_ms": 1e8}},
        {"base_bytes": 0},
        {"base_bytes": "much"},
        {"gpu": {"kind": "cuda"}},
        {"gpu": {"kind": "tpu", "ms_per_node": 0.1, "bytes_per_ms": 1.4e6, "macs_per_ms": 1e8}},
    ],
)
def test_what_cannot_be_true_is_none(change: dict[str, Any]) -> None:
    assert from_json({**to_json(HERE), **change}) is None
