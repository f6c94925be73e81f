"""Spec to plan to all costs, against torchinfo and torchview on the module of the same net; and the time of imports.

Ours starts from a spec: lower, then every figure of every layer, block and part. The peers start from a module that
is built already (which they need and we do not) and trace a forward pass of one image, on torch's device "meta" and
on the CPU, torchinfo's default. torchview makes its graph and renders nothing. All take turns in one process with one
thread; the ratios are taken turn by turn, of CPU time. Before each turn the garbage of the last one is collected; torch
and the modules are frozen out of collection, so that nobody cleans up after another. Imports are timed in processes
of their own.
"""

import gc
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
import torchinfo
import torchview

from benchmarks import outcome
from resnet_viz.analysis.report import analyse
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec

OURS = "ours"
CALLS = 25  # of ours in a turn: one call is too short for the clock
TURNS = {"resnet18": 9, "resnet50": 9, "resnet152": 9, "cifar_resnet1202": 3}
IMPORT_REPEATS = 7
IMPORTS = {
    "nothing": "pass",
    "core": "import resnet_viz, resnet_viz.graph.dot, resnet_viz.graph.build",
    "core and present": (
        "import resnet_viz, resnet_viz.graph.dot, resnet_viz.graph.build, resnet_viz.present.architecture.stage_charts,"
        "resnet_viz.present.architecture.formulas, resnet_viz.present.architecture.summary,"
        "resnet_viz.present.parameters.published, resnet_viz.present.tables"
    ),
    "torch": "import torch",
}
TIMED_IMPORT = """
import time
wall, cpu = time.perf_counter(), time.process_time()
{statement}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""


class Times(NamedTuple):
    cpu_ms: list[float]
    wall_ms: list[float]


def timed(act: Callable[[], Any], calls: int) -> tuple[float, float]:
    """Returns milliseconds per call, of CPU and by the clock."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        act()
    return (time.process_time() - cpu) / calls * 1e3, (time.perf_counter() - wall) / calls * 1e3


def contestants(spec: AnySpec) -> dict[str, Callable[[], Any]]:
    size = (1, spec.in_channels, *spec.image_sides)
    acts: dict[str, Callable[[], Any]] = {OURS: lambda: analyse(lower(spec))}
    for device in ("meta", "cpu"):
        net = build(spec, device=device).eval()
        acts[f"torchinfo {device}"] = partial(torchinfo.summary, net, input_size=size, device=device, verbose=0)
        acts[f"torchview {device}"] = partial(
            torchview.draw_graph, net, input_size=size, device=device, expand_nested=True
        )
    return acts


def take_turns(spec: AnySpec, turns: int) -> dict[str, Times]:
    """Returns milliseconds per call, turn by turn; the first turn warms up and is dropped."""
    acts = contestants(spec)
    gc.collect()
    gc.freeze()
    taken = {name: Times([], []) for name in acts}
    names = list(acts)
    for turn in range(turns + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            cpu_ms, wall_ms = timed(acts[name], CALLS if name == OURS else 1)
            if turn:
                taken[name].cpu_ms.append(cpu_ms)
                taken[name].wall_ms.append(wall_ms)
    gc.unfreeze()
    return taken


def compare(net: str) -> dict[str, Any]:
    spec = preset(net)
    taken = take_turns(spec, TURNS[net])
    return {
        "layers": len(lower(spec).nodes),
        "cpu_ms": {name: outcome.spread(times.cpu_ms) for name, times in taken.items()},
        "wall_ms": {name: outcome.spread(times.wall_ms) for name, times in taken.items()},
        "times_ours": {
            name: outcome.spread([a / b for a, b in zip(times.cpu_ms, taken[OURS].cpu_ms, strict=True)])
            for name, times in taken.items()
            if name != OURS
        },
    }


def import_times() -> dict[str, Any]:
    """Returns seconds of each import in a fresh process, in turns; the first turn fills the file cache."""
    taken: dict[str, list[list[float]]] = {name: [] for name in IMPORTS}
    for turn in range(IMPORT_REPEATS + 1):
        for name, statement in IMPORTS.items():
            code = TIMED_IMPORT.format(statement=statement)
            told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
            if turn:
                taken[name].append([float(word) for word in told.split()])
    return {
        name: {
            "wall_s": outcome.spread([wall for wall, _cpu in pairs]),
            "cpu_s": outcome.spread([cpu for _wall, cpu in pairs]),
        }
        for name, pairs in taken.items()
    }


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of the peers, about their own calls
    before = outcome.machine()
    measured: dict[str, Any] = {
        "versions": {"torchinfo": torchinfo.__version__, "torchview": torchview.__version__},
        "nets": {},
    }
    print(f"{'net':<18}{'layers':>7}{'ours':>8}{'wall':>8}   CPU ms (wall ms); the others: CPU ms, times ours")
    for net in TURNS:
        case = measured["nets"][net] = compare(net)
        others = ", ".join(
            f"{name} {case['cpu_ms'][name]['median']:.0f} ms {times['median']:.0f}x"
            for name, times in case["times_ours"].items()
        )
        own_cpu, own_wall = case["cpu_ms"][OURS]["median"], case["wall_ms"][OURS]["median"]
        print(f"{net:<18}{case['layers']:>7}{own_cpu:>8.2f}{own_wall:>8.2f}   {others}", flush=True)
    measured["imports"] = import_times()
    for name, case in measured["imports"].items():
        wall_s = case["wall_s"]
        print(f"import {name:<18}{wall_s['median']:.3f} s ({wall_s['min']:.3f} to {wall_s['max']:.3f})")
    outcome.write("lowering", measured, load_before=before)


if __name__ == "__main__":
    main()
