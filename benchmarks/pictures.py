"""From a command to an SVG of the whole net: our layer graph, and torchview with Graphviz, at comparable depths.

Every picture is made in a process of its own, in turns: Python starts, packages are imported, torchview's module is
built (ours needs none), and then comes the picture, Graphviz's `dot` included. Both the whole command and the picture
alone are timed by the clock. torchview works on torch's device "meta", where building is quick and the first pass slow,
and on the CPU. Stage, block and layer level show what torchview shows at depth 1, 2 and 4. Ours is drawn twice, as
the page and the command line have it (equal neighbours drawn once, with their number) and with every block, as
torchview does. A command that takes longer than CUT_OFF_S is ended and named.

    python -m benchmarks.pictures            two nets, three levels
    python -m benchmarks.pictures --quick    one turn, cut off early; kept in the system's temporary folder
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import outcome

NETS = ("resnet152", "cifar_resnet1202")
DEPTHS = {"stage": 1, "block": 2, "layer": 4}  # of torchview, by our level
TURNS = 5
BUDGET_S = 60.0  # of one side for one picture: at least two turns
CUT_OFF_S = 60.0
QUICK_CUT_OFF_S = 15.0
TRIALS = Path(tempfile.gettempdir())
ROOT = Path(__file__).resolve().parents[1]

OURS = """
import contextlib, io, json, sys, time
begun = time.perf_counter()
from resnet_viz.cli.main import main
imported = time.perf_counter()
out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
with contextlib.redirect_stdout(out):
    main(["graph", {net!r}, "--level", {level!r}, "--format", "svg", *{words!r}])
out.flush()
done, svg = time.perf_counter(), out.buffer.getvalue()
"""
TORCHVIEW = """
import json, subprocess, time
begun = time.perf_counter()
import torchview
from resnet_viz.nets.build import build
from resnet_viz.spec.presets import preset
imported = time.perf_counter()
spec = preset({net!r})
net = build(spec, device={device!r}).eval()
size = (1, spec.in_channels, *spec.image_sides)
built = time.perf_counter()
graph = torchview.draw_graph(net, input_size=size, device={device!r}, depth={depth}, expand_nested=False)
svg = subprocess.run(["dot", "-Tsvg"], input=graph.visual_graph.source.encode(), capture_output=True, check=True).stdout
done = time.perf_counter()
"""
TELL = """
start = globals().get("built", imported)
figures = dict(imports_s=imported - begun, picture_s=done - start, svg_bytes=len(svg), nodes=svg.count(b'class="node'))
print(json.dumps(figures))
"""


def programs(net: str, level: str) -> dict[str, str]:
    """Returns the Python text that makes each picture."""
    return {
        "ours": OURS.format(net=net, level=level, words=[]) + TELL,
        "ours, every block": OURS.format(net=net, level=level, words=["--unfold"]) + TELL,
        **{
            f"torchview {device}": TORCHVIEW.format(net=net, depth=DEPTHS[level], device=device) + TELL
            for device in ("meta", "cpu")
        },
    }


def draw(program: str, cut_off_s: float) -> dict[str, float] | str:
    """Returns the figures of one picture, or why there is none."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, complaint = process.communicate(timeout=cut_off_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # and the `dot` that it waits for
        process.communicate()
        return f"cut off after {cut_off_s:.0f} s"
    if process.returncode:
        return complaint.strip().splitlines()[-1][:240]
    return {"command_s": time.perf_counter() - begun, **json.loads(told.splitlines()[-1])}


def take_turns(net: str, level: str, turns: int, cut_off_s: float) -> dict[str, Any]:
    """Returns the figures of every side for one picture."""
    drawn: dict[str, list[dict[str, float]]] = {}
    failed: dict[str, str] = {}
    texts = programs(net, level)
    names = list(texts)
    for turn in range(turns):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            spent_s = sum(one["command_s"] for one in drawn.get(name, []))
            if name in failed or (turn > 1 and spent_s > BUDGET_S):
                continue
            figures = draw(texts[name], cut_off_s)
            if isinstance(figures, str):
                failed[name] = figures
                drawn.pop(name, None)
            else:
                drawn.setdefault(name, []).append(figures)
    return {
        **{name: {key: _spread([one[key] for one in own]) for key in own[0]} for name, own in drawn.items()},
        "not_measured": failed,
    }


def _spread(values: list[float]) -> dict[str, float]:
    return outcome.spread(values if len(values) > 1 else values * 2) | {"n": len(values)}


def line(case: dict[str, Any], name: str) -> str:
    if name not in case:
        return f"{name}: {case['not_measured'][name]}"
    whole, alone, nodes = (case[name][key]["median"] for key in ("command_s", "picture_s", "nodes"))
    return f"{name}: {whole:.2f} s, picture alone {alone:.2f} s, {nodes:.0f} nodes"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="From a command to an SVG of the whole net.")
    parser.add_argument("--quick", action="store_true", help="one turn, cut off early, not for the record")
    chosen = parser.parse_args(words or [])
    if shutil.which("dot") is None:
        print("left out: Graphviz's dot is not installed")
        return
    dot = subprocess.run(["dot", "-V"], capture_output=True, text=True, check=True).stderr.strip()
    before = {**outcome.machine(), "torchview": metadata.version("torchview"), "dot": dot}
    turns, cut_off_s = (1, QUICK_CUT_OFF_S) if chosen.quick else (TURNS, CUT_OFF_S)
    measured: dict[str, Any] = {}
    for net in NETS:
        for level in DEPTHS:
            case = measured.setdefault(net, {})[level] = take_turns(net, level, turns, cut_off_s)
            told = "; ".join(line(case, name) for name in programs(net, level))
            print(f"{net}, {level}: {told}", flush=True)
    folder = TRIALS if chosen.quick else outcome.RESULTS
    outcome.write("pictures", {"cut_off_s": cut_off_s, "nets": measured}, load_before=before, folder=folder)


if __name__ == "__main__":
    main(sys.argv[1:])
