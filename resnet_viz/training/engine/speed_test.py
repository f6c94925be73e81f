"""Speed test: a few real steps of tiny nets, half a second on each device."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

import torch

from resnet_viz.data.datasets import DataName
from resnet_viz.nets.build import build
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import budget, machine_speed
from resnet_viz.training.engine.images import ImageData
from resnet_viz.training.engine.loop import train
from resnet_viz.training.machine_speed import REFERENCE, REFERENCE_SPEED, Machine, Speed, Work, fitted
from resnet_viz.training.recipe import Recipe

SECONDS: Final = 0.5  # of timed steps, on each device
_NUM_UNTIMED: Final = 2  # first steps, which initialise libraries
_MIN_STEPS: Final = 3
_NUM_CLASSES: Final = 10


def _net(depth: int, width: int, image_size: int) -> NetSpec:
    widths = (width, 2 * width, 4 * width)
    return residual_preset(f"cifar_resnet{depth}", widths=widths, in_channels=1, image_size=image_size)


# (net, batch size). The first one's time is calls, the last one's mostly arithmetic; the two in the middle, one of them
# as in the lecture, measure the cost of memory where all three matter.
PROBES: Final = ((_net(20, 4, 14), 4), (_net(20, 4, 14), 64), (_net(8, 16, 28), 32), (_net(8, 64, 14), 8))


def measure(seconds: float = SECONDS) -> Machine:
    """Returns the speed of this machine's CPU on one thread, and of its GPU if there is one that works.

    Args:
        seconds: of timed steps, on each device; torch's initialisation comes on top.
    """
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        _step_ms(*PROBES[0], torch.device("cpu"), time.thread_time, 0.0)
        base_bytes = _resident_bytes()  # with all that torch loads for its first step
        # CPU time: the machine's other load of this moment must not count.
        cpu = _speed(torch.device("cpu"), time.thread_time, seconds)
    finally:
        torch.set_num_threads(num_threads)
    kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else ""
    gpu = None
    with contextlib.suppress(RuntimeError):  # a driver that torch was not made for, or no memory left
        gpu = _speed(torch.device(kind), time.perf_counter, seconds) if kind else None
    return Machine(cpu=cpu, gpu=gpu, gpu_kind=kind if gpu else "", base_bytes=base_bytes, is_measured=True)


def answer(_fields: Mapping[str, Any], _tick: Callable[[float], None]) -> bytes:
    """Returns the speed of this machine as JSON: the query `jobs.queries.speed_test`."""
    return json.dumps(machine_speed.to_json(measure())).encode()


def _speed(device: torch.device, clock: Callable[[], float], seconds: float) -> Speed:
    measured: Mapping[Work, float] = {
        budget.work(spec, batch): _step_ms(spec, batch, device, clock, seconds / len(PROBES)) for spec, batch in PROBES
    }
    return fitted(measured, REFERENCE_SPEED)


def _step_ms(spec: NetSpec, batch: int, device: torch.device, clock: Callable[[], float], seconds: float) -> float:
    """Returns the median time of a step of a run, records and readback of each step included."""
    recipe = Recipe(nets=(spec,), batch_size=batch, steps=10_000, probe_every=10_000, eval_every=10_000)
    net = build(spec, device=device)
    steps = train(net, _noise(spec, batch, device), recipe, label=recipe.labels[0], readback_s=0.0)
    next(steps)  # NetStarted
    for _step in range(1 + _NUM_UNTIMED):  # the first one is measured by depth
        next(steps)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < _MIN_STEPS or time.perf_counter() < until:
        begun = clock()
        next(steps)
        times.append(1e3 * (clock() - begun))
    return max(median(times), 1e-3)


def _noise(spec: NetSpec, num: int, device: torch.device) -> ImageData:
    """Returns random images, one per label in turn."""
    generator = torch.Generator().manual_seed(0)
    x_NCHW = torch.randn(num, 1, *spec.image_sides, generator=generator).to(device)
    y_N = (torch.arange(num) % _NUM_CLASSES).to(device)
    return ImageData(
        name=DataName.FASHION_MNIST_SUBSET,
        class_names=tuple(map(str, range(_NUM_CLASSES))),
        train_x_NCHW=x_NCHW,
        train_y_N=y_N,
        test_x_NCHW=x_NCHW,
        test_y_N=y_N,
        mean=(0.0,),
        std=(1.0,),
    )


def _resident_bytes() -> int:
    """Returns the resident memory of this process in bytes."""
    if sys.platform == "win32":
        return REFERENCE.base_bytes
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
