"""Seconds per attribution map, ours and Captum called directly, and all blocks at once against block by block.

ResNet-20 of width 16 at 28 px, one torch thread, process CPU time, so that other processes count as little as possible.
Ours does what a page needs on top: progress and cancellation at every block, bounded batches, a seed, checks. Both take
turns, in changing order; the ratio is taken turn by turn. Memory is the growth of a process's peak over one map with
the most steps, in a process of its own each (Linux). Prints a table in Markdown.
"""

import multiprocessing
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from captum import attr
from torch import Tensor

from benchmarks import outcome
from resnet_viz.attribution.engine.maps import attribute, conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.methods import METHODS, checked_params
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import residual_preset

TURNS = 15
SPEC = residual_preset("cifar_resnet20", widths=(16, 32, 64), in_channels=1, image_size=28)
TARGET = 3
LAYER = "stage3.block3"
STEPS_BY_DEPTH = 20  # of the conductance of all blocks
MOST_STEPS = 500

Call = Callable[[], object]


def the_net() -> Net:
    """A fresh one: how long a map takes does not depend on the weights."""
    return build(SPEC, seed=0).eval()


def the_image() -> Tensor:
    return torch.randn(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def ours(net: Net, x: Tensor, start: Tensor, method: str, **params: float) -> Call:
    return lambda: attribute(
        net,
        x,
        target=TARGET,
        method=method,
        params=params,
        layer=LAYER,
        baseline_1CHW=start,
        tick=lambda share: None,
    )


def directly(net: Net, x: Tensor, start: Tensor, method: str) -> Call:
    """Captum called as its documentation does, with the table's parameters."""
    params = checked_params(method, {})
    noise = float(params.get("noise", 0.0) * (x.max() - x.min()))
    at = net.get_submodule(LAYER)
    rows_28, side = torch.arange(28), params.get("square", 1)
    squares = (rows_28[:, None] // side * 28 + rows_28 // side).long()[None, None]
    window, stride = params.get("window"), params.get("stride")
    calls: Final[dict[str, Call]] = {
        "saliency": lambda: attr.Saliency(net).attribute(x, target=TARGET),
        "input_x_gradient": lambda: attr.InputXGradient(net).attribute(x, target=TARGET),
        "integrated_gradients": lambda: attr.IntegratedGradients(net).attribute(
            x, start, TARGET, n_steps=params["steps"], return_convergence_delta=True
        ),
        "gradient_shap": lambda: attr.GradientShap(net).attribute(
            x, start, n_samples=params["samples"], stdevs=noise, target=TARGET, return_convergence_delta=True
        ),
        "deep_lift": lambda: attr.DeepLift(net).attribute(x, start, TARGET, return_convergence_delta=True),
        "guided_backprop": lambda: attr.GuidedBackprop(net).attribute(x, TARGET),
        "smooth_grad": lambda: attr.NoiseTunnel(attr.Saliency(net)).attribute(
            x, nt_type="smoothgrad", nt_samples=params["samples"], stdevs=noise, target=TARGET, abs=False
        ),
        "occlusion": lambda: attr.Occlusion(net).attribute(
            x, (1, window, window), strides=(1, stride, stride), baselines=start, target=TARGET
        ),
        "feature_ablation": lambda: attr.FeatureAblation(net).attribute(x, start, TARGET, feature_mask=squares),
        "grad_cam": lambda: attr.LayerGradCam(net, at).attribute(x, TARGET),
        "guided_grad_cam": lambda: attr.GuidedGradCam(net, at).attribute(x, TARGET),
        "layer_conductance": lambda: attr.LayerConductance(net, at).attribute(
            x, start, target=TARGET, n_steps=params["steps"], return_convergence_delta=True
        ),
        "internal_influence": lambda: attr.InternalInfluence(net, at).attribute(
            x, start, TARGET, n_steps=params["steps"]
        ),
        "layer_activation": lambda: attr.LayerActivation(net, at).attribute(x),
    }
    return calls[method]


def block_by_block(net: Net, x: Tensor, start: Tensor) -> dict[str, tuple[Call, Call]]:
    """All blocks: ours from one way through the net, and Captum's calls one after the other."""
    blocks = net.blocks.values()
    return {
        f"GradCAM, {len(blocks)} blocks": (
            lambda: gradcam_of_blocks(net, x, TARGET),
            lambda: [attr.LayerGradCam(net, block).attribute(x, TARGET) for block in blocks],
        ),
        f"Conductance, {len(blocks)} blocks, {STEPS_BY_DEPTH} steps": (
            lambda: conductance_of_blocks(net, x, TARGET, STEPS_BY_DEPTH, start),
            lambda: [
                attr.LayerConductance(net, block).attribute(x, start, target=TARGET, n_steps=STEPS_BY_DEPTH)
                for block in blocks
            ],
        ),
    }


def take_turns(pair: tuple[Call, Call], clock: Callable[[], float]) -> dict[str, Any]:
    """Returns the spread of the milliseconds of both, and of the ratio turn by turn; a first turn warms up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS + 1):
        for place in (0, 1) if turn % 2 else (1, 0):
            begun = clock()
            pair[place]()
            taken[place].append((clock() - begun) * 1e3)
    mine, captums = taken[0][1:], taken[1][1:]
    return {
        "ours_ms": outcome.spread(mine),
        "captum_ms": outcome.spread(captums),
        "captum_to_ours": outcome.spread([theirs / own for own, theirs in zip(mine, captums, strict=True)]),
    }


def peak_mib(name: str) -> float:
    """Returns by how much one map with MOST_STEPS raises the peak memory of a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grown_mib, (name,))


def _grown_mib(name: str) -> float:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    net, x = the_net(), the_image()
    start = torch.zeros_like(x)
    ours(net, x, start, "integrated_gradients", steps=2)()
    before_kib = _peak_kib()
    if name == "ours":
        ours(net, x, start, "integrated_gradients", steps=MOST_STEPS)()
    else:
        attr.IntegratedGradients(net).attribute(x, start, TARGET, n_steps=MOST_STEPS)
    return (_peak_kib() - before_kib) / 1024


def _peak_kib() -> int:
    """From Linux's own books: what getrusage calls a process's peak is its parent's too, if that was larger."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def table(cases: dict[str, Any], peaks: dict[str, float]) -> list[str]:
    """Returns the lines of the table in Markdown."""

    def cell(values: dict[str, float]) -> str:
        return f"{values['median']:.1f} ({values['q1']:.1f}-{values['q3']:.1f})"

    lines = [
        "| map | passes | ours, ms: median (quartiles) | Captum directly, ms | Captum / ours |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, case in cases.items():
        ratio = case["captum_to_ours"]["median"]
        lines.append(
            f"| {name} | {case['passes']} | {cell(case['ours_ms'])} | {cell(case['captum_ms'])} | {ratio:.2f} |"
        )
    return [
        *lines,
        "",
        f"Peak memory of Integrated Gradients with {MOST_STEPS} steps: "
        + ", ".join(f"{name} +{peak:.0f} MiB" for name, peak in peaks.items())
        + ".",
    ]


def main(folder: Path = outcome.RESULTS) -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # Captum's, for every hook that it sets
    before = outcome.machine()
    net, x = the_net(), the_image()
    start = torch.zeros_like(x)
    cases: dict[str, Any] = {}
    for name, method in METHODS.items():
        pair = (ours(net, x, start, name), directly(net, x, start, name))
        cases[method.title] = {"passes": method.passes(checked_params(name, {}))} | take_turns(pair, time.process_time)
    for title, pair in block_by_block(net, x, start).items():
        cases[title] = {"passes": ""} | take_turns(pair, time.process_time)
    peaks = {name: peak_mib(name) for name in ("ours", "Captum directly")}
    print("\n".join(table(cases, peaks)))
    outcome.write("attribution", {"maps": cases, "peak_mib": peaks}, load_before=before, folder=folder)


if __name__ == "__main__":
    main()
