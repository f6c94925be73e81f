"""Equations of a block in KaTeX, made from the layers of its plan: y = h(x) + F(x, W), x' = f(y) (He et al. 2016).

h is all that acts on the way of the shortcut before the addition, f all after it. Terms have the drawing's colours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _
from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Multiply,
    ReLU,
    Scale,
    Sigmoid,
    ZeroPad,
)
from resnet_viz.plan.plan import Node, Section
from resnet_viz.present.theme import PALETTES, Mode

_X: Final = "x"
_ZERO: Final = "0"
_MOST_IN_LINE: Final = 2  # convolutions
_FUNCTIONS: Final[Mapping[type, str]] = {BatchNorm: "BN", ReLU: "ReLU", ZeroPad: "pad"}
_ROLES: Final[Mapping[type, Role]] = {Conv: Role.CONV, BatchNorm: Role.NORM, ReLU: Role.ACT}
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockEquations:
    """Equations of one block.

    Attributes:
        definitions: left and right sides: of y, h, F, g and x', as far as the block has them.
        whole: the output in one term of x: right side of x'.
        at_zero: the same with the branch at zero.
        weights: the shape of each weight: W_1 in R^{64 x 64 x 3 x 3}.
    """

    definitions: tuple[tuple[str, str], ...]
    whole: str
    at_zero: str
    weights: tuple[str, ...]


def block_equations(block: SingleBlock, mode: Mode) -> BlockEquations:
    """Returns the equations of a block."""
    writer = _Writer(block, PALETTES[mode])
    return BlockEquations(
        definitions=writer.definitions(),
        whole=writer.term(block.nodes[-1].name),
        at_zero=writer.term(block.nodes[-1].name, {writer.branch_end: _ZERO}),
        weights=tuple(map(writer.weight_shape, writer.convs)),
    )


def definitions_katex(equations: BlockEquations) -> str:
    """Returns the definitions below each other, aligned at their equals signs."""
    lines = r" \\ ".join(rf"{left} &= {right}" for left, right in equations.definitions)
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def outputs_katex(blocks: Sequence[SingleBlock], mode: Mode) -> str:
    """Returns the outputs of several blocks below each other, each with the block's name."""
    rows = (rf"\text{{{_(block.variant.title)}}} & x' = {block_equations(block, mode).whole}" for block in blocks)
    lines = r" \\ ".join(rows)
    return rf"\begin{{array}}{{ll}} {lines} \end{{array}}"


def is_long(equations: BlockEquations) -> bool:
    """Whether an equation may be wider than half a page, so that it has to be broken."""
    return equations.whole.count(r"\ast") > _MOST_IN_LINE or "b_" in equations.whole


def zero_note(block: SingleBlock) -> str:
    """Returns the meaning of the output with the branch at zero, in a few words."""
    writer = _Writer(block, None)
    found = writer.term(block.nodes[-1].name, {writer.branch_end: _ZERO})
    if found == _ZERO:
        return _("nothing of x is left")
    if found == _X:
        return _("the identity")
    if found == r"\mathrm{ReLU}(x)":
        return _("x where x ≥ 0")
    return _("not x")


class _Writer:
    """Writes terms of the layers of one block; without a palette they have no colours."""

    def __init__(self, block: SingleBlock, palette: Palette | None) -> None:
        self.block, self.palette = block, palette
        self.nodes = {node.name: node for node in block.nodes}
        self.convs = tuple(node for node in block.nodes if isinstance(node.op, Conv))
        branch = [node for node in block.of(Section.BRANCH) if not isinstance(node.op, Scale | Multiply)]
        self.branch_end = branch[-1].name
        pre = block.of(Section.PRE)
        self.split = pre[-1].name if pre else block.block.source
        self._numbers = {
            node.name: number
            for number, node in enumerate((n for n in self.convs if n.section is Section.BRANCH), start=1)
        }

    def definitions(self) -> tuple[tuple[str, str], ...]:
        """Returns the equations of p, y, h, F, g and x'."""
        block, read = self.block, "p" if self.block.of(Section.PRE) else _X
        inside = {self.split: read}
        branch = rf"F({read}, \mathcal{{W}})"
        f, h = self._colored(branch, Role.BRANCH), self._colored(f"h({read})", Role.SHORTCUT)
        add = next((node for node in block.nodes if node.section is Section.ADD), None)
        known = {self.branch_end: f, **({add.inputs[1]: h} if add else {})}
        y = add.name if add else self.branch_end
        found = [("p", self.term(self.split))] if read == "p" else []
        found.append(("y", self.term(y, {**inside, **known}) if add else f))
        found += [(h, self.term(add.inputs[1], inside))] if add else []
        found.append((f, self.term(self.branch_end, inside)))
        found += [(f"g({read})", self._gate(inside))] if block.of(Section.GATE) else []
        found.append(("x'", f"f(y) = {self.term(block.nodes[-1].name, {y: 'y'})}"))
        return tuple(found)

    def term(self, name: str, known: Mapping[str, str] = _NOTHING) -> str:
        """Returns the term of a layer's output; `known` names outputs that have a symbol of their own."""
        if name in known:
            return known[name]
        if name == self.block.block.source:
            return _X
        node = self.nodes[name]
        args = [self.term(source, known) for source in node.inputs] if not isinstance(node.op, Sigmoid) else []
        match node.op:
            case Add():
                branch, shortcut = args
                return branch if shortcut == _ZERO else shortcut if branch == _ZERO else f"{shortcut} + {branch}"
            case Multiply():
                value, gate = args
                return _ZERO if value == _ZERO else rf"{gate} \odot {_wrapped(value)}"
            case Sigmoid():
                return f"g({self.term(self.split, known)})"
            case Complement():
                return f"(1 - {args[0]})"
            case _:
                return _ZERO if args[0] == _ZERO else self._layer(node, args[0])

    def weight_shape(self, node: Node) -> str:
        """Returns the shape of a convolution's weight: out, in by groups, kernel, kernel."""
        conv = node.op
        assert isinstance(conv, Conv)
        sizes = (conv.out_channels, conv.in_channels // conv.groups, conv.kernel, conv.kernel)
        shape = r" \times ".join(map(str, sizes))
        return rf"{self._colored(f'W_{self._index(node)}', self._role(node))} \in \mathbb{{R}}^{{{shape}}}"

    def _layer(self, node: Node, arg: str) -> str:
        role = self._role(node)
        match node.op:
            case Conv(has_bias=has_bias):
                index = self._index(node)
                bias = f" + {self._colored(f'b_{index}', role)}" if has_bias else ""
                weight = self._colored(f"W_{index}", role)
                return rf"{weight} \ast {_wrapped(arg)}{bias}"
            case Scale(factor):
                return rf"{self._colored(f'{factor:g}', role)}\,{_wrapped(arg)}"
            case BatchNorm() | ReLU() | ZeroPad():
                name = self._colored(rf"\mathrm{{{_FUNCTIONS[type(node.op)]}}}", role)
                return f"{name}({arg})"
            case Dropout(rate):
                name = self._colored(rf"\mathrm{{dropout}}_{{{rate:g}}}", role)
                return f"{name}({arg})"
            case _:
                raise AssertionError(f"{node.op} has no term")

    def _gate(self, inside: Mapping[str, str]) -> str:
        conv = self.block.of(Section.GATE)[0]
        return rf"\sigma({self.term(conv.name, inside)})"

    def _index(self, node: Node) -> str:
        letters = {Section.SHORTCUT: "s", Section.GATE: "g"}
        return letters.get(node.section) or str(self._numbers[node.name])

    def _role(self, node: Node) -> Role:
        if node.section in (Section.SHORTCUT, Section.GATE):
            return Role.SHORTCUT
        return _ROLES.get(type(node.op), Role.BRANCH)

    def _colored(self, words: str, role: Role) -> str:
        return rf"\textcolor{{{self.palette[role].text}}}{{{words}}}" if self.palette else words


def _wrapped(term: str) -> str:
    """Returns a term in parentheses where it is a sum or a product."""
    depth = 0
    for place, letter in enumerate(term):
        depth += (letter in "({") - (letter in ")}")
        is_operator = letter == "+" or term.startswith((r"\ast", r"\odot", r"\,"), place)
        if not depth and is_operator:
            return f"({term})"
    return term
