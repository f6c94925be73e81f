"""The file of one block: it runs by itself, and it is the block of the built net."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from resnet_viz.blocks.variants import VARIANTS, ShapeChange
from resnet_viz.export.block import block_source
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import BlockKind
from tests.fakes.blocks import block

pytestmark = pytest.mark.torch


def loaded(source: str, folder: Path) -> nn.Module:
    """The block that the file makes to check itself."""
    path = folder / "block.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("block", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (call,) = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Block"
    )
    made: nn.Module = module.Block(**{one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg})
    return made


@pytest.mark.parametrize("convs", BlockKind)
@pytest.mark.parametrize("shape", ShapeChange)
@pytest.mark.parametrize("name", VARIANTS)
def test_the_block_of_the_file_is_that_of_the_net(
    name: str, shape: ShapeChange, convs: BlockKind, tmp_path: Path
) -> None:
    found = block(name, shape=shape, convs=convs, width=4, size=8)
    theirs = loaded(block_source(found.plan, found.block), tmp_path).eval()
    ours = build(found.spec, seed=1).get_submodule(found.block.name).eval()
    theirs.load_state_dict(ours.state_dict(), strict=True)
    assert sum(weight.numel() for weight in theirs.parameters()) == found.params
    x = torch.randn(2, *found.block.in_shape, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(theirs(x), ours(x), rtol=1e-6, atol=1e-6)


def test_a_block_that_is_not_the_first_of_its_net_has_no_argument_for_that() -> None:
    found = block("e_full_preact")
    source = block_source(found.plan, found.block)
    assert "is_first" not in source
    assert "stride" not in source


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("d2l_residual", "Block: (4, 3, 6, 6), 180 parameters\n"),
        ("d2l_residual_1x1", "Block: (4, 6, 3, 3), 546 parameters\n"),
        ("option_a", "Block: (1, 128, 28, 28), 221,696 parameters\n"),
        ("exclusive_gating", "Block: (1, 64, 56, 56), 78,144 parameters\n"),
    ],
)
def test_the_file_checks_itself(name: str, said: str, tmp_path: Path) -> None:
    found = block(name)
    path = tmp_path / f"{name}.py"
    path.write_text(block_source(found.plan, found.block, batch=found.batch), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
