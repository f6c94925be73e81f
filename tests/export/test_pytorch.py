"""The exported file: it says what this net is, holds nothing that the net does not use, and is well laid out."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from resnet_viz.cli.main import main
from resnet_viz.export.formatter import LINE, CallExpression, docstring, format_call
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from tests.fakes.spec_strategies import small_specs

MAX_LINES = 200
CLEAN = [
    preset("resnet50"),
    preset("plain34"),
    preset("cifar_preact_resnet20"),
    preset("preact_resnet50", dilated_stages=(3, 4)),
    preset("resnext29_8x64d", order=Order.RELU_ONLY_PREACT, dilated_stages=(2, 3), conv_bias=True),
    preset("cifar_resnet8", order=Order.BN_AFTER_ADD, norm=Norm.NONE),
    preset("resnet18", zero_init_residual=True, dim_match=DimMatch.PROJECTION_EVERYWHERE),
    NetSpec(blocks=(2,), widths=(4,), stem=Stem.CIFAR, order=Order.FULL_PREACT, num_classes=2),
    preset("vgg16"),
    preset("vgg19_bn", conv_bias=False),
]


def ruff(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", "--line-length", str(LINE), "."]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing_to_change(tmp_path: Path) -> None:
    for number, spec in enumerate(CLEAN):
        (tmp_path / f"net{number}.py").write_text(pytorch_source(spec), encoding="utf-8")
    assert ruff("format", "--diff", cwd=tmp_path) == ""
    rules = "E,W,F,I,D,UP,B,C4,SIM,N,RET,ANN"
    google = "lint.pydocstyle.convention = 'google'"
    # D107: the class describes its __init__; N812: everyone imports torch.nn.functional as F
    assert ruff("check", "--select", rules, "--ignore", "D107,N812", "--config", google, cwd=tmp_path) == ""


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_short_file_that_imports_torch_only(name: str) -> None:
    text = pytorch_source(preset(name))
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert modules <= {"collections", "torch", "torch.nn.functional"}
    assert text.isascii()
    assert len(text.splitlines()) < MAX_LINES


@given(small_specs())
@settings(deadline=None)
def test_no_line_is_too_long_and_none_ends_in_blanks(spec: NetSpec) -> None:
    lines = pytorch_source(spec).splitlines()
    assert max(map(len, lines)) <= LINE
    assert all(line == line.rstrip() for line in lines)


def test_the_file_names_its_papers_and_its_parameters() -> None:
    text = pytorch_source(preset("resnet50"))
    assert text.startswith('"""ResNet-50 in PyTorch: 25,557,032 parameters.\n')  # torchvision 0.29.2
    assert "assert num_params == 25_557_032" in text
    assert "1512.03385" in text
    assert "1603.05027" not in text
    assert "1603.05027" in pytorch_source(preset("preact_resnet18"))
    assert "1611.05431" in pytorch_source(preset("resnext50_32x4d"))
    assert "1605.07146" in pytorch_source(preset("wrn_28_10"))
    assert "1706.02677" in pytorch_source(preset("resnet18", zero_init_residual=True))


def test_a_plain_net_has_no_shortcut() -> None:
    for order in Order:
        text = pytorch_source(preset("plain18", order=order)).lower()
        assert "shortcut" not in text
        assert "identity()" not in text
        assert "+ self" not in text
    assert "self.post(self.branch(x))" in pytorch_source(preset("plain18"))


def test_a_net_without_norm_has_none() -> None:
    for order in Order:
        text = pytorch_source(preset("cifar_resnet20", norm=Norm.NONE, order=order))
        assert "BatchNorm" not in text
        assert "norm1" not in text


@pytest.mark.parametrize(
    ("spec", "equation"),
    [
        (preset("resnet18"), "relu(F(x) + h(x))"),
        (preset("plain18"), "relu(F(x))"),
        (preset("resnet18", order=Order.BN_AFTER_ADD), "relu(norm(F(x) + h(x)))"),
        (preset("resnet18", order=Order.RELU_BEFORE_ADD), "F(x) + h(x)"),
        (preset("preact_resnet18"), "F(p) + h(p)"),
        (NetSpec(blocks=(2,), widths=(4,), stem=Stem.CIFAR), "relu(F(x) + x)"),
    ],
)
def test_forward_reads_like_the_equation(spec: NetSpec, equation: str) -> None:
    assert f'"""Returns {equation}."""' in pytorch_source(spec)


@pytest.mark.parametrize(
    ("word", "spec"),
    [
        ("ZeroPad", preset("resnet50")),
        ("F.pad", preset("resnet50")),
        ("dilation", preset("resnet50")),
        ("groups", preset("resnet50")),
        ("is_first", preset("resnet50")),
        ("self.pre", preset("resnet50")),
        ("last_norm", preset("resnet50")),
        ("module.bias", preset("resnet50")),
        ("width", preset("resnet18")),
        ("stride", NetSpec(blocks=(2,), widths=(4,), stem=Stem.CIFAR)),
        ("self.shortcut", NetSpec(blocks=(2,), widths=(4,), stem=Stem.CIFAR)),
        ("is_first", preset("cifar_preact_bottleneck11")),  # its first block projects, like all that read both paths
        ("self.pre", preset("plain18", order=Order.FULL_PREACT)),
    ],
)
def test_what_a_net_does_not_use_is_not_there(word: str, spec: NetSpec) -> None:
    assert word not in pytorch_source(spec)


def test_the_stride_stands_on_the_chosen_convolution() -> None:
    assert "conv2=nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)" in pytorch_source(
        preset("resnet50")
    )
    assert "conv1=nn.Conv2d(in_channels, width, 1, stride=stride, bias=False)" in pytorch_source(preset("resnet50_v1"))


def test_option_c_has_no_identities() -> None:
    spec = preset("resnet18", dim_match=DimMatch.PROJECTION_EVERYWHERE, block=BlockKind.BOTTLENECK)
    assert "nn.Identity" not in pytorch_source(spec)
    assert "nn.Identity" in pytorch_source(spec.replace(dim_match=DimMatch.PROJECTION))
    assert "nn.Identity" not in pytorch_source(spec.replace(shortcut=Shortcut.NONE))


def test_the_command_prints_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "cifar_resnet20", "--set", "order=full_preact"]) == 0
    assert capsys.readouterr().out == pytorch_source(preset("cifar_resnet20", order=Order.FULL_PREACT))
    assert main(["code", "resnet55"]) == 2
    assert "No net is called 'resnet55'" in capsys.readouterr().err


def test_a_call_is_broken_where_it_does_not_fit() -> None:
    call = CallExpression("function", ("a", CallExpression("g", ("b",))), foot=":")
    room = LINE - len("function(a, g(b)):")
    assert format_call(call, column=room) == ["function(a, g(b)):"]
    assert format_call(call, column=room + 1) == ["function(", "    a, g(b)", "):"]
    assert format_call(call, column=LINE) == ["function(", "    a,", "    g(", "        b,", "    ),", "):"]
    assert format_call(call._replace(is_tall=True)) == ["function(", "    a,", "    g(b),", "):"]


def test_a_docstring_wraps_paragraphs_and_keeps_lists() -> None:
    assert docstring("One.") == ['"""One."""']
    assert docstring("One.", ["a b", ["  c", "d"]], column=LINE - 1) == [
        *('"""One.', "", "a", "b", ""),
        *("  c", "d", '"""'),
    ]
