"""Styles of exported code and their training loops: which nets they write, with which settings, and how they refuse."""

import ast
from pathlib import Path

import pytest

from resnet_viz.cli.main import main
from resnet_viz.errors import SpecError
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.export.style import CodeStyle
from resnet_viz.export.training import TrainingLoop
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.training import recipe_files
from tests.export.test_pytorch import ruff

D2L = preset("d2l_resnet18")
STYLED: tuple[tuple[AnySpec, CodeStyle], ...] = (
    (D2L, CodeStyle.D2L),
    (D2L.replace(blocks=(3, 4, 1), widths=(8, 16, 16), in_channels=3), CodeStyle.D2L),
    (preset("resnet18", num_classes=10), CodeStyle.NOTE),
    (preset("resnet34", in_channels=1), CodeStyle.NOTE),
    (preset("resnet18"), CodeStyle.TORCHVISION),
    (preset("resnet34", zero_init_residual=True), CodeStyle.TORCHVISION),
    (preset("resnet50"), CodeStyle.TORCHVISION),
    (preset("resnext50_32x4d"), CodeStyle.TORCHVISION),
    (preset("wide_resnet50_2", zero_init_residual=True), CodeStyle.TORCHVISION),
    (preset("resnet50", dilated_stages=(3, 4)), CodeStyle.TORCHVISION),
)
REFUSED = (
    (preset("resnet18"), CodeStyle.D2L, "convolutions have biases", "own, note, torchvision"),
    (preset("d2l_resnet18", block=BlockKind.BOTTLENECK), CodeStyle.D2L, "bottlenecks", "own"),
    (preset("d2l_resnet18", order=Order.FULL_PREACT), CodeStyle.D2L, "original order", "own"),
    (preset("d2l_resnet18", dim_match=DimMatch.ZERO_PAD), CodeStyle.D2L, "option A", "own"),
    (preset("cifar_resnet20"), CodeStyle.D2L, "one 3×3 convolution", "own"),
    (preset("plain18"), CodeStyle.D2L, "no shortcuts", "own"),
    (preset("vgg16"), CodeStyle.D2L, "VGG", "own"),
    (preset("resnet50"), CodeStyle.NOTE, "bottlenecks", "own, torchvision"),
    (preset("resnet18", zero_init_residual=True), CodeStyle.NOTE, "start at zero", "own, torchvision"),
    (preset("resnet18", dilated_stages=(4,)), CodeStyle.NOTE, "dilated", "own"),
    (D2L, CodeStyle.NOTE, "biases", "own, d2l"),
    (preset("resnet50_v1"), CodeStyle.TORCHVISION, "v1.5", "own"),
    (preset("resnet18", dilated_stages=(4,)), CodeStyle.TORCHVISION, "basic blocks are dilated", "own"),
    (preset("resnet18", shortcut=Shortcut.DROPOUT), CodeStyle.TORCHVISION, "dropped", "own"),
    (preset("cifar_resnet20"), CodeStyle.TORCHVISION, "stem", "own"),
)


@pytest.mark.parametrize(("spec", "style", "why", "others"), REFUSED)
def test_a_style_without_a_form_of_the_net_is_refused_with_the_reason(
    spec: AnySpec, style: CodeStyle, why: str, others: str
) -> None:
    with pytest.raises(SpecError) as refused:
        pytorch_source(spec, style)
    message = str(refused.value)
    assert f"The style {style.value} cannot write this net: " in message
    assert why in message
    assert message.endswith(f"Styles of this net: {others}.")


def test_ruff_finds_nothing_to_change_in_any_style_with_any_loop(tmp_path: Path) -> None:
    own = [(preset("cifar_resnet20"), CodeStyle.OWN), (preset("vgg16"), CodeStyle.OWN)]
    for number, (spec, style) in enumerate([*STYLED, *own]):
        for loop in TrainingLoop:
            text = pytorch_source(spec, style, loop)
            assert text.isascii()
            (tmp_path / f"net{number}_{loop}.py").write_text(text, encoding="utf-8")
    assert ruff("format", "--diff", cwd=tmp_path) == ""
    rules = "E,W,F,I,D,UP,B,C4,SIM,N,RET,ANN"
    google = "lint.pydocstyle.convention = 'google'"
    # as in tests/export/test_pytorch; N803, N806: d2l writes tensors as X and Y
    ignored = "D107,N812,N803,N806"
    assert ruff("check", "--select", rules, "--ignore", ignored, "--config", google, cwd=tmp_path) == ""


@pytest.mark.parametrize(
    ("spec", "style", "classes"),
    [
        (D2L, CodeStyle.D2L, {"Residual"}),
        (preset("resnet18"), CodeStyle.NOTE, {"ResidualBlock", "ResNet"}),
        (preset("resnet18"), CodeStyle.TORCHVISION, {"BasicBlock", "ResNet"}),
        (preset("resnet50"), CodeStyle.TORCHVISION, {"Bottleneck", "ResNet"}),
        (preset("resnet50"), CodeStyle.OWN, {"Block", "Net"}),
    ],
)
def test_a_style_has_the_classes_of_its_source(spec: AnySpec, style: CodeStyle, classes: set[str]) -> None:
    tree = ast.parse(pytorch_source(spec, style))
    assert {node.name for node in tree.body if isinstance(node, ast.ClassDef)} == classes


@pytest.mark.parametrize(
    ("spec", "style", "num_params"),
    [
        (D2L, CodeStyle.D2L, "11_178_378"),  # d2l's own net, counted with PyTorch
        (preset("resnet18", num_classes=10), CodeStyle.NOTE, "11_181_642"),  # torchvision 0.29.2 with ten classes
        (preset("resnet50"), CodeStyle.TORCHVISION, "25_557_032"),  # torchvision 0.29.2
    ],
)
def test_the_count_is_asserted(spec: AnySpec, style: CodeStyle, num_params: str) -> None:
    text = pytorch_source(spec, style)
    assert "num_params = sum(weight.numel() for weight in net.parameters())" in text
    assert f"assert num_params == {num_params}, " in text


def test_the_loops_have_the_settings_of_their_sources() -> None:
    d2l, note, paper = (
        pytorch_source(preset("cifar_resnet20"), training=loop)
        for loop in (TrainingLoop.D2L, TrainingLoop.NOTE, TrainingLoop.PAPER)
    )
    settings = recipe_files.find("d2l").settings  # zh.d2l.ai, section 7.6
    assert f"torch.optim.SGD(net.parameters(), lr={settings['lr']})" in d2l
    assert f"batches of {settings['batch_size']}" in d2l
    assert "xavier_uniform_" in d2l
    assert "torch.optim.Adam(net.parameters(), lr=0.001)" in note
    assert "nn.CrossEntropyLoss()" in note
    # He et al. 2015, section 4.2
    assert "torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)" in paper
    assert "milestones: Sequence[int] = (32_000, 48_000)" in paper
    assert "num_steps: int = 64_000" in paper
    assert "batches of 128" in paper
    imagenet = pytorch_source(preset("resnet50"), training=TrainingLoop.PAPER)
    assert "num_steps: int = 600_000" in imagenet  # He et al. 2015, section 3.4
    assert "batches of 256" in " ".join(imagenet.split())


def test_without_options_the_file_is_as_before() -> None:
    for spec in (preset("resnet50"), preset("vgg16"), preset("cifar_preact_resnet20")):
        text = pytorch_source(spec)
        assert text == pytorch_source(spec, CodeStyle.OWN, TrainingLoop.NONE)
        assert "def train(" not in text


def test_the_command_takes_style_and_loop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "d2l_resnet18", "--style", "d2l", "--train", "d2l"]) == 0
    assert capsys.readouterr().out == pytorch_source(D2L, CodeStyle.D2L, TrainingLoop.D2L)
    assert main(["code", "resnet50", "--style", "note"]) == 2
    assert "bottlenecks" in capsys.readouterr().err
    assert main(["code", "resnet50", "--style", "keras"]) == 2
    assert "keras" in capsys.readouterr().err


def test_d2l_nets_are_those_of_the_table() -> None:
    assert isinstance(D2L, NetSpec)
    assert (D2L.conv_bias, D2L.projection_norm, D2L.in_channels) == (True, False, 1)
