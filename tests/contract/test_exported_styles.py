"""Exported files of other styles are the same net: a file's weights go into the built net, and the logits are equal.

A training loop runs: two steps on noise bring the loss down.
"""

import importlib.util
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.export.style import CodeStyle
from resnet_viz.export.training import TrainingLoop
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load as load_weights
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.export.test_style import D2L, STYLED

pytestmark = pytest.mark.torch

Load = Callable[[str], ModuleType]
SIDE = 48  # px: small enough to be fast, and a map larger than one pixel in the last stage


@pytest.fixture
def load(tmp_path: Path) -> Load:
    numbers = itertools.count()

    def loaded(text: str) -> ModuleType:
        path = tmp_path / f"styled{next(numbers)}.py"
        path.write_text(text, encoding="utf-8")
        found = importlib.util.spec_from_file_location(path.stem, path)
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module

    return loaded


def scrambled(net: nn.Module) -> nn.Module:
    """The net with weights and statistics none of which is neutral, so that no layer is hidden."""
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5, generator=draw)
            elif tensor.is_floating_point():
                tensor.add_(torch.empty_like(tensor).uniform_(-0.1, 0.1, generator=draw))
    return net


def logits(net: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        found: Tensor = net(images)
    return found


@pytest.mark.parametrize(("spec", "style"), STYLED)
def test_the_same_weights_give_the_same_logits(spec: AnySpec, style: CodeStyle, load: Load) -> None:
    spec = spec.replace(image_size=SIDE)
    theirs, ours = scrambled(load(pytorch_source(spec, style)).make_net()), build(spec)
    num_params = [sum(weight.numel() for weight in net.parameters()) for net in (theirs, ours)]
    assert num_params[0] == num_params[1]
    assert load_weights(ours, theirs.state_dict()) == ()
    draw = torch.Generator().manual_seed(0)
    images = torch.randn(2, spec.in_channels, SIDE, SIDE, generator=draw)
    assert torch.allclose(logits(theirs.eval(), images), logits(ours.eval(), images), rtol=1e-4, atol=1e-4)


def test_zero_init_of_torchvision_zeroes_the_last_norms_alone(load: Load) -> None:
    spec = preset("resnet50", zero_init_residual=True)
    with torch.device("cpu"):
        net = load(pytorch_source(spec, CodeStyle.TORCHVISION)).make_net()
    zero = {name for name, weight in net.named_parameters() if name.endswith("weight") and not weight.any()}
    assert len(zero) == 16  # torchvision 0.29.2, zero_init_residual: a tensor for each block
    assert all(name.endswith("bn3.weight") for name in zero)


TRAINED: tuple[tuple[AnySpec, CodeStyle], ...] = (
    (D2L, CodeStyle.D2L),
    (preset("resnet18", num_classes=10), CodeStyle.NOTE),
    (preset("resnet18"), CodeStyle.TORCHVISION),
    (preset("cifar_resnet8"), CodeStyle.OWN),
)


@pytest.mark.parametrize("loop", [loop for loop in TrainingLoop if loop is not TrainingLoop.NONE])
@pytest.mark.parametrize(("spec", "style"), TRAINED)
def test_a_loop_brings_the_loss_down(spec: AnySpec, style: CodeStyle, loop: TrainingLoop, load: Load) -> None:
    module = load(pytorch_source(spec.replace(num_classes=10, image_size=32), style, loop))
    draw = torch.Generator().manual_seed(0)
    images = torch.randn(16, spec.in_channels, 32, 32, generator=draw)
    labels = torch.randint(10, (16,), generator=draw)
    torch.manual_seed(0)
    net = module.Net() if style is CodeStyle.OWN else module.make_net()
    few: dict[str, Any] = {"num_steps" if loop is TrainingLoop.PAPER else "num_epochs": 8}
    losses = module.train(net, [(images, labels)], **few)
    assert len(losses) == 8
    assert torch.tensor(losses).isfinite().all()
    assert min(losses[1:]) < losses[0]


def test_the_rate_drops_at_the_milestones(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(pytorch_source(preset("cifar_resnet8"), training=TrainingLoop.PAPER))
    rates = []
    step = torch.optim.SGD.step

    def noted(self: torch.optim.SGD, *args: Any, **fields: Any) -> Any:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **fields)

    monkeypatch.setattr(torch.optim.SGD, "step", noted)
    batch = (torch.zeros(2, 3, 32, 32), torch.tensor([0, 1]))
    module.train(module.Net(), [batch], num_steps=5, milestones=(2, 4))
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001])


@pytest.mark.parametrize(
    ("spec", "style", "loop", "said"),
    [
        (D2L, CodeStyle.D2L, TrainingLoop.D2L, "ResNet-18, biases: logits (1, 10), 11,178,378 parameters"),
        (preset("resnet18"), CodeStyle.TORCHVISION, TrainingLoop.NOTE, "ResNet-18: logits (1, 1000), 11,689,512 p"),
    ],
)
def test_the_file_checks_itself_and_tries_the_loop(
    spec: AnySpec, style: CodeStyle, loop: TrainingLoop, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.py"
    path.write_text(pytorch_source(spec.replace(image_size=64), style, loop), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith(said.replace(", biases", ""))
    assert second.startswith("losses of two steps on noise: ")
