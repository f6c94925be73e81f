"""The exported file is the net: same names, same shapes, same logits from the same weights, same initial weights."""

import importlib.util
import itertools
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.errors import SpecError
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.spec.vgg import AnySpec
from tests.contract.families import FAMILIES, family_id

pytestmark = pytest.mark.torch

Load = Callable[[AnySpec], ModuleType]

SMALL: dict[str, Any] = {"in_channels": 2, "image_size": 18, "num_classes": 7}  # 18, 9, 5, 3: odd sides too
DETAILS: tuple[dict[str, Any], ...] = (
    {},
    {"blocks": (2,), "widths": (4,)},
    {"blocks": (1,), "widths": (4,), "norm": Norm.NONE},
    {"blocks": (1, 1, 2), "widths": (4, 4, 8), "conv_bias": True},
    {"stride_on": StrideOn.FIRST_1X1, "image_size": (18, 11)},
    {"zero_init_residual": True},
    {"projection_norm": False, "norm": Norm.NONE, "conv_bias": True},
    {"projection_norm": False, "conv_bias": True},
    {"width_per_group": 128},
    {"cardinality": 3, "width_per_group": 32, "dilated_stages": (2,)},
    {"blocks": (1, 2, 1), "widths": (4, 8, 8), "dilated_stages": (2, 3), "stride_on": StrideOn.FIRST_1X1},
    {"blocks": (2, 2, 2), "widths": (4, 4, 4), "dilated_stages": (2,)},
    {"blocks": (1, 1, 1), "widths": (4, 8, 8), "dilated_stages": (2,)},
    {"blocks": (1, 3, 1), "widths": (4, 8, 8), "dilated_stages": (2, 3)},
    {"shortcut_scale": 0.3, "residual_scale": 1.0, "dropout": 0.25, "gate_bias": -1.5},
)
BATCH = 2


@pytest.fixture
def load(tmp_path: Path) -> Load:
    numbers = itertools.count()

    def loaded(spec: AnySpec) -> ModuleType:
        path = tmp_path / f"net{next(numbers)}.py"
        path.write_text(pytorch_source(spec), encoding="utf-8")
        found = importlib.util.spec_from_file_location(path.stem, path)
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module

    return loaded


def legal_specs(stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any]) -> Iterator[NetSpec]:
    for details in DETAILS:
        fields = {"blocks": (2, 2), "widths": (4, 6), **SMALL, **details, **shortcut}
        try:
            yield NetSpec(stem=stem, block=block, order=order, **fields)
        except SpecError:
            continue


def shapes(net: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(tensor.shape)) for name, tensor in net.state_dict().items()]


def logits(net: nn.Module, picture: Tensor) -> Tensor:
    """What a net makes of a picture; where it drops values in training, they are drawn from the same seed."""
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(2)
        made: Tensor = net(picture)
        return made


def random_state(net: nn.Module) -> dict[str, Tensor]:
    """Weights and statistics of both signs and none neutral, so that no norm, activation or sum is hidden."""
    draw = torch.Generator().manual_seed(1)
    state = net.state_dict()
    for name, tensor in state.items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=draw)
        elif tensor.is_floating_point():
            tensor.normal_(std=0.5, generator=draw)
    return state


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_has_the_names_and_shapes_of_the_built_net(name: str, load: Load) -> None:
    spec = preset(name)
    with torch.device("meta"):
        taken_home = load(spec).Net()
    assert shapes(taken_home) == shapes(build(spec, device="meta"))


@pytest.mark.parametrize(("stem", "block", "order", "shortcut"), FAMILIES, ids=family_id)
def test_the_same_weights_give_the_same_logits(
    stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any], load: Load
) -> None:
    draw = torch.Generator().manual_seed(0)
    picture = torch.randn(BATCH, SMALL["in_channels"], SMALL["image_size"], SMALL["image_size"], generator=draw)
    specs = list(legal_specs(stem, block, order, shortcut))
    assert len(specs) > len(DETAILS) // 2
    for spec in specs:
        ours, theirs = build(spec), load(spec).Net()
        assert shapes(theirs) == shapes(ours), spec
        theirs.load_state_dict(random_state(ours), strict=True)
        ours.load_state_dict(theirs.state_dict(), strict=True)  # and the other way
        for is_training in (True, False):
            ours.train(is_training)
            theirs.train(is_training)
            assert torch.allclose(logits(theirs, picture), logits(ours, picture), rtol=1e-6, atol=1e-6), spec


@pytest.mark.parametrize(
    "spec",
    [
        preset("cifar_resnet8"),
        preset("cifar_resnet8", zero_init_residual=True, conv_bias=True, dim_match=DimMatch.PROJECTION),
        preset("cifar_preact_bottleneck11"),
        preset("cifar_plain8", norm=Norm.NONE, conv_bias=True),
        preset("cifar_resnet8", shortcut=Shortcut.EXCLUSIVE_GATING),
        preset("cifar_preact_resnet8", shortcut=Shortcut.SHORTCUT_ONLY_GATING, gate_bias=-2.5, conv_bias=True),
        preset("cifar_resnet8", shortcut=Shortcut.CONSTANT_SCALING, zero_init_residual=True),
        preset("cifar_resnet8", shortcut=Shortcut.CONV1X1),
    ],
)
def test_initial_weights_are_drawn_alike(spec: AnySpec, load: Load) -> None:
    ours, module = build(spec, seed=3), load(spec)
    torch.manual_seed(1)
    theirs = module.Net()
    torch.manual_seed(3)
    module.initialise(theirs)
    bound = 1.0 / math.sqrt(theirs.head.fc.in_features)
    for name, tensor in theirs.state_dict().items():
        if name.startswith("head.fc"):  # uniform: as wide as it should be, and no wider
            assert tensor.abs().max() <= bound
            assert name == "head.fc.bias" or tensor.std() == pytest.approx(bound / math.sqrt(3.0), rel=0.1)
        else:
            assert torch.equal(tensor, ours.state_dict()[name]), name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("resnet18", "ResNet-18: logits (1, 1000), 11,689,512 parameters\n"),  # torchvision 0.29.2
        ("cifar_resnet20", "ResNet-20: logits (1, 10), 269,722 parameters\n"),  # He et al. 2015, table 6: 0.27M
    ],
)
def test_the_file_checks_itself(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(pytorch_source(preset(name)), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
