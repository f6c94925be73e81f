"""The file that a figure is exported as: run alone it makes the very map that the page shows, by every method."""

import base64
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_viz.attribution.engine.maps import attribute, baseline
from resnet_viz.attribution.methods import BASELINES, METHODS, checked_params
from resnet_viz.export.attribution.captum_calls import BASELINES as EXPORTED_BASELINES
from resnet_viz.export.attribution.captum_calls import CALL_LINES
from resnet_viz.export.attribution.script import AttributionFigure, ExportedNet, attribution_script
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from tests.export.test_pytorch import ruff

pytestmark = pytest.mark.torch

MEAN, STD, TARGET, SEED = 0.25, 0.5, 3, 7
RESIDUAL = NetSpec(stem=Stem.CIFAR, blocks=(1, 1, 1), widths=(4, 8, 16), in_channels=1, image_size=16, num_classes=10)
PLAIN = RESIDUAL.replace(shortcut=Shortcut.NONE, order=Order.FULL_PREACT)
LAYER = "stage3.block1"


def perturbed(spec: NetSpec) -> Net:
    """A net whose running statistics and biases are not those of a fresh one."""
    net = build(spec, seed=1).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if tensor.is_floating_point():
                tensor.add_(0.1 * torch.rand(tensor.shape, generator=generator))
            assert name
    return net


def pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (1, 16, 16)).astype(np.uint8)


def exported(letter: str, spec: NetSpec) -> ExportedNet:
    return ExportedNet(
        letter=letter,
        title=f"net {letter}",
        spec=spec,
        weights=f"{letter}.pt",
        target=TARGET,
        class_name="Dress",
        mean=(MEAN,),
        std=(STD,),
        shape=(1, 16, 16),
        image=base64.b64encode(zlib.compress(pixels().tobytes())).decode(),
        dtype="uint8",
    )


def figure(method: str, of: str = "black") -> AttributionFigure:
    row = METHODS[method]
    return AttributionFigure(
        nets=(exported("a", PLAIN), exported("b", RESIDUAL)),
        method=method,
        method_title=row.title,
        paper=row.paper,
        params=checked_params(method, {}, image_size=16),
        layer={"a": LAYER, "b": LAYER} if row.needs_layer else {},
        baseline=of if row.has_baseline else "",
        is_signed=row.is_signed,
        seed=SEED,
    )


def run(folder: Path, figures: Mapping[str, AttributionFigure], nets: Mapping[str, Net]) -> None:
    """Runs the files of some figures, each in a folder of its own, one after the other in one process."""
    for name, one in figures.items():
        (folder / name).mkdir()
        (folder / name / "attribution.py").write_text(attribution_script(one), "utf-8")
        for letter, net in nets.items():
            torch.save(net.state_dict(), folder / name / f"{letter}.pt")
    code = (
        "import os, runpy, sys\n"
        "for name in sys.argv[1:]:\n"
        "    os.chdir(name)\n"
        "    runpy.run_path('attribution.py', run_name='__main__')\n"
        "    os.chdir('..')\n"
    )
    command = [sys.executable, "-c", code, *figures]
    env = {"MPLBACKEND": "agg", "PATH": "", "HOME": str(folder), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def preprocessing(net: Net, method: str, of: str = "black") -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    x_1CHW = (torch.from_numpy(pixels().astype(np.float32) / np.float32(255))[None] - MEAN) / STD
    found = attribute(
        net,
        x_1CHW,
        target=TARGET,
        method=method,
        params={},
        layer=LAYER if METHODS[method].needs_layer else None,
        baseline_1CHW=baseline(of, x_1CHW, MEAN, STD, seed=SEED) if METHODS[method].has_baseline else None,
        tick=lambda _share: None,
        seed=SEED,
    )
    values: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = found.values.numpy()
    return values


def test_every_method_and_baseline_of_the_table_can_be_exported() -> None:
    assert list(CALL_LINES) == list(METHODS)
    assert tuple(EXPORTED_BASELINES) == BASELINES


@pytest.mark.slow
def test_the_file_alone_makes_the_maps_of_both_nets_by_every_method_and_baseline(tmp_path: Path) -> None:
    cases = {method: (method, "black") for method in METHODS}
    cases |= {f"from_{of}": ("integrated_gradients", of) for of in BASELINES}
    nets = {"a": perturbed(PLAIN), "b": perturbed(RESIDUAL)}
    run(tmp_path, {name: figure(*case) for name, case in cases.items()}, nets)
    for name, case in cases.items():
        assert (tmp_path / name / "attribution.png").stat().st_size > 10_000
        for letter, net in nets.items():
            found = np.load(tmp_path / name / f"{letter}.npy")
            np.testing.assert_allclose(found, preprocessing(net, *case), rtol=1e-4, atol=1e-6, err_msg=name)


def test_the_file_is_python_without_a_name_that_is_not_there(tmp_path: Path) -> None:
    for number, method in enumerate(METHODS):
        (tmp_path / f"figure{number}.py").write_text(attribution_script(figure(method, "blur")), "utf-8")
    assert ruff("check", "--select", "F,E9", cwd=tmp_path) == ""
