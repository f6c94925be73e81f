"""Equations of the page, read and evaluated as they are printed, against the block in torch."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.variants import VARIANTS, ShapeChange
from resnet_viz.graph.roles import Role
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Dropout
from resnet_viz.plan.ops import Conv
from resnet_viz.plan.plan import Section
from resnet_viz.present.blocks.drawing import draw_blocks
from resnet_viz.present.blocks.equation_terms import EquationRow, TermPiece, equation_rows
from resnet_viz.present.blocks.equations import block_equations, equations_latex, zero_note
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.enums import BlockKind, Shortcut
from tests.fakes.blocks import block
from tests.present.blocks.katex import Evaluator, bare, printed

pytestmark = pytest.mark.torch

SMALL = {"width": 4, "size": 8}
CASES = [  # a variant with settings of its own needs no others
    (name, shape, convs)
    for name, variant in VARIANTS.items()
    for shape in ([variant.shape] if variant.shape else ShapeChange)
    for convs in (BlockKind if "block" not in variant.fields else (BlockKind.BASIC,))
]


def torch_block(found: SingleBlock) -> nn.Module:
    """The block in torch with batch statistics, fresh norms and other biases than zero."""
    net = build(found.spec, seed=1).double().train()
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.normal_(module.bias, generator=torch.Generator().manual_seed(2))
        if isinstance(module, Dropout):
            module.eval()
    return net.get_submodule(found.block.name)


def convolutions(found: SingleBlock, module: nn.Module) -> dict[str, Any]:
    letters = {Section.SHORTCUT: "s", Section.GATE: "g"}
    named, number = dict[str, Any](), 0
    for node in found.nodes:
        if isinstance(node.op, Conv):
            number += node.section is Section.BRANCH
            conv = module.get_submodule(node.name.removeprefix(f"{found.block.name}."))
            named[f"W_{letters.get(node.section, number)}"] = conv
    return named


def image(found: SingleBlock) -> Tensor:
    draw = torch.Generator().manual_seed(3)
    return torch.randn(4, *found.block.in_shape, dtype=torch.float64, generator=draw)


@pytest.mark.parametrize(("name", "shape", "convs"), CASES)
def test_the_equation_is_the_block(name: str, shape: ShapeChange, convs: BlockKind) -> None:
    found = block(name, shape=shape, convs=convs, **SMALL)
    module, x = torch_block(found), image(found)
    named = convolutions(found, module)
    expected = module(x)
    equations = block_equations(found, Mode.DARK)
    whole = Evaluator(equations.whole, {"x": x}, named).value()
    assert torch.allclose(whole, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "shape", "convs"), CASES)
def test_y_is_h_plus_f_and_the_output_is_f_of_y(name: str, shape: ShapeChange, convs: BlockKind) -> None:
    found = block(name, shape=shape, convs=convs, **SMALL)
    module, x = torch_block(found), image(found)
    named, known = convolutions(found, module), {"x": x}
    sides = {bare(left): bare(right) for left, right in block_equations(found, Mode.LIGHT).definitions}
    if "p" in sides:
        known["p"] = Evaluator(sides.pop("p"), known, named).value()
    read = "p" if "p" in known else "x"
    inside = {side: sides[side] for side in (f"h({read})", rf"F({read}, \mathcal{{W}})") if side in sides}
    y = sides["y"]
    for side, term in inside.items():
        y = y.replace(side, f"({term})")
    known["y"] = Evaluator(y, known, named).value()
    output = Evaluator(sides["x'"].removeprefix("f(y) = "), known, named).value()
    assert torch.allclose(output, module(x), rtol=1e-9, atol=1e-9)
    assert (f"h({read})" in sides) is not found.is_plain


@pytest.mark.parametrize(("name", "shape", "convs"), CASES)
def test_the_equation_that_the_page_writes_is_the_block(name: str, shape: ShapeChange, convs: BlockKind) -> None:
    found = block(name, shape=shape, convs=convs, **SMALL)
    module, x = torch_block(found), image(found)
    (rows,) = (one["rows"] for one in equation_rows([found], Mode.DARK))
    whole = Evaluator(printed(rows[0]["right"]), {"x": x}, convolutions(found, module)).value()
    assert torch.allclose(whole, module(x), rtol=1e-9, atol=1e-9)
    sides = {printed(row["left"]): printed(row["right"]) for row in rows[1:] if row["relation"] == "="}
    expected = {bare(left): bare(right) for left, right in block_equations(found, Mode.DARK).definitions}
    assert {left.replace(" ", ""): right.replace(" ", "") for left, right in sides.items()} == {
        left.replace(" ", ""): right.replace(" ", "") for left, right in expected.items()
    }


@pytest.mark.parametrize(("name", "shape", "convs"), CASES)
def test_every_term_is_layers_of_the_drawing_and_every_layer_a_term(
    name: str, shape: ShapeChange, convs: BlockKind
) -> None:
    found = block(name, shape=shape, convs=convs, **SMALL)
    svg = draw_blocks([found], Mode.LIGHT).svg
    drawn = set(re.findall(r'data-name="([^"]*)"', svg))
    (rows,) = (one["rows"] for one in equation_rows([found], Mode.LIGHT))
    pieces = [piece for row in rows for side in (row["left"], row["right"]) for piece in side]
    named = {layer for piece in pieces for layer in piece["layers"]}
    assert named == drawn - ({"branch"} if "branch" not in named else set())
    assert {node.name for node in found.nodes} <= {
        layer for piece in pieces_of_output(rows) for layer in piece["layers"]
    }


def pieces_of_output(rows: list[EquationRow]) -> list[TermPiece]:
    """The pieces of the output as one term of x, and of the gate, which it names."""
    gate = [piece for row in rows if row["left"][0]["text"] == "g" for piece in row["right"]]
    return [*rows[0]["right"], *gate]


def test_the_page_writes_the_shape_of_every_weight() -> None:
    (rows,) = (one["rows"] for one in equation_rows([block("bottleneck")], Mode.LIGHT))
    weights = {printed(row["left"]): row["right"][0]["high"] for row in rows if row["relation"] == "\u2208"}
    assert weights == {"W_1": "64×256×1×1", "W_2": "64×64×3×3", "W_3": "256×64×1×1"}
    (alone,) = (one["rows"] for one in equation_rows([block("bottleneck")], Mode.LIGHT, has_details=False))
    assert len(alone) == 1


def test_a_term_has_the_colour_of_its_layer_s_role() -> None:
    (rows,) = (one["rows"] for one in equation_rows([block("option_b")], Mode.LIGHT))
    palette = PALETTES[Mode.LIGHT]
    colors = {f"{piece['text']}{piece['low']}": piece["color"] for piece in rows[0]["right"]}
    expected = {"ReLU": Role.ACT, "W1": Role.CONV, "Ws": Role.SHORTCUT}
    assert {text: colors[text] for text in ("ReLU", "W1", "Ws")} == {
        text: palette[role].text for text, role in expected.items()
    }
    assert colors["x"] == ""


def test_latex_to_copy_has_neither_colours_nor_marks() -> None:
    latex = equations_latex(block("exclusive_gating"))
    assert not re.search("textcolor|htmlData", latex)
    assert latex.count("&=") == 6


@pytest.mark.parametrize(("name", "shape", "convs"), CASES)
def test_the_branch_at_zero_gives_what_the_page_says(name: str, shape: ShapeChange, convs: BlockKind) -> None:
    found = block(name, shape=shape, convs=convs, **SMALL)
    module, x = torch_block(found), image(found)
    branch = module.get_submodule("branch")
    for weight in branch.parameters():
        nn.init.zeros_(weight)
    term = block_equations(found, Mode.LIGHT).at_zero
    at_zero = Evaluator(term, {"x": x}, convolutions(found, module)).value()
    output = module(x)
    assert torch.allclose(output, at_zero.expand_as(output).double(), rtol=1e-9, atol=1e-9)
    if found.spec.shortcut is Shortcut.DROPOUT:
        return  # the note is of training, in which values are dropped
    note = zero_note(found)
    assert (note == "the identity") == torch.equal(output, x)
    assert (note == "x where x ≥ 0") == (torch.equal(output, torch.relu(x)) and not found.is_plain)
    assert (note == "nothing of x is left") == (not output.any())


def test_the_numbers_of_the_weights_are_those_of_the_plan() -> None:
    weights = map(bare, block_equations(block("bottleneck"), Mode.LIGHT).weights)
    assert list(weights) == [
        r"W_1 \in \mathbb{R}^{64 \times 256 \times 1 \times 1}",
        r"W_2 \in \mathbb{R}^{64 \times 64 \times 3 \times 3}",
        r"W_3 \in \mathbb{R}^{256 \times 64 \times 1 \times 1}",
    ]


@pytest.mark.parametrize(("one", "other"), [("a_original", "b_bn_after_add"), ("d_relu_only_preact", "e_full_preact")])
@pytest.mark.parametrize("shape", ShapeChange)
def test_without_norm_two_orders_are_one_to_the_last_bit(one: str, other: str, shape: ShapeChange) -> None:
    outputs = []
    for name in (one, other):
        found = block(name, shape=shape, has_norm=False, **SMALL)
        outputs.append(torch_block(found)(image(found)))
    assert torch.equal(*outputs)


def test_without_norm_whole_nets_of_two_orders_are_one_to_the_last_bit() -> None:
    x = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    for pair in (("a_original", "b_bn_after_add"), ("d_relu_only_preact", "e_full_preact")):
        nets = [build(block(name, has_norm=False, **SMALL).spec, seed=5) for name in pair]
        assert torch.equal(*(net(x) for net in nets))
