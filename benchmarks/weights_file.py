"""Weights files of ResNet-50, 102 MB: their shapes and their tensors, with torch.load and safetensors as peers.

In one process, with torch loaded, shapes and tensors are read in turns; the file lies in the system's file cache. The
peers check less: torch.load looks for no mapping and for no NaN. Whole programs are timed in processes of their own:
`which FILE`, and the shortest program that prints what it needs, the shapes, with torch.load.
"""

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from benchmarks import outcome
from resnet_viz.nets.build import build
from resnet_viz.nets.weights_file import read_weights, write_weights
from resnet_viz.resources import IMPORT_ROOT
from resnet_viz.spec.presets import preset
from resnet_viz.weights.files.shapes import read_shapes

TURNS = 15
PROGRAM_TURNS = 7
ARCHIVE, STREAM, SAFETENSORS = "archive.pth", "stream.pth", "net.safetensors"
PEER_PROGRAM = """
import sys, torch
state = torch.load(sys.argv[1], weights_only=True, mmap=True, map_location="cpu")["state_dict"]
print({key: tuple(tensor.shape) for key, tensor in state.items()})
"""


def write_files(folder: Path) -> None:
    net = build(preset("resnet50"))
    saved = {"state_dict": net.state_dict(), "epoch": 90}
    torch.save(saved, folder / ARCHIVE)
    torch.save(saved, folder / STREAM, _use_new_zipfile_serialization=False)
    write_weights(net, folder / SAFETENSORS)


def torch_load(path: Path, *, mmap: bool) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)


def header_of(path: Path) -> dict[str, list[int]]:
    with safe_open(path, framework="pt") as file:
        return {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118 - no mapping


def acts(folder: Path) -> dict[str, Callable[[], Any]]:
    archive, stream, other = (folder / name for name in (ARCHIVE, STREAM, SAFETENSORS))
    return {
        "shapes, archive: ours": partial(read_shapes, archive),
        "shapes, archive: torch.load, mapped": partial(torch_load, archive, mmap=True),
        "shapes, stream: ours": partial(read_shapes, stream),
        "shapes, safetensors: ours": partial(read_shapes, other),
        "shapes, safetensors: safe_open": partial(header_of, other),
        "tensors, archive: ours": partial(read_weights, archive),
        "tensors, archive: torch.load": partial(torch_load, archive, mmap=False),
        "tensors, stream: ours": partial(read_weights, stream),
        "tensors, stream: torch.load": partial(torch_load, stream, mmap=False),
        "tensors, safetensors: ours": partial(read_weights, other),
        "tensors, safetensors: load_file": partial(load_file, other),
    }


def in_turns(timed: dict[str, Callable[[], Any]], turns: int) -> dict[str, dict[str, float]]:
    """Returns milliseconds by the clock; the first turn fills the file cache and is dropped."""
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(turns + 1):
        for name, act in timed.items():
            gc.collect()
            begun = time.perf_counter()
            act()
            if turn:
                taken[name].append((time.perf_counter() - begun) * 1e3)
    return {name: outcome.spread(values) for name, values in taken.items()}


def programs(folder: Path) -> dict[str, Callable[[], Any]]:
    commands = {
        "which, archive": ["-m", "resnet_viz", "which", str(folder / ARCHIVE)],
        "which, stream": ["-m", "resnet_viz", "which", str(folder / STREAM)],
        "which, safetensors": ["-m", "resnet_viz", "which", str(folder / SAFETENSORS)],
        "python -c with torch.load": ["-c", PEER_PROGRAM, str(folder / ARCHIVE)],
        "python -c 'import torch'": ["-c", "import torch"],
    }
    return {
        name: partial(subprocess.run, [sys.executable, *words], cwd=IMPORT_ROOT, capture_output=True, check=True)
        for name, words in commands.items()
    }


def main() -> None:
    before = outcome.machine()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_files(folder)
        measured: dict[str, Any] = {
            "file_bytes": {name: (folder / name).stat().st_size for name in (ARCHIVE, STREAM, SAFETENSORS)},
            "reading_ms": in_turns(acts(folder), TURNS),
            "program_ms": in_turns(programs(folder), PROGRAM_TURNS),
        }
    for times in (measured["reading_ms"], measured["program_ms"]):
        for name, ms in times.items():
            print(f"{name:<40}{ms['median']:>9.1f} ms  ({ms['q1']:.1f} to {ms['q3']:.1f})", flush=True)
    outcome.write("weights_file", measured, load_before=before)


if __name__ == "__main__":
    main()
