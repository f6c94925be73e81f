r"""Equations of a block in KaTeX, made from the layers of its plan: y = h(x) + F(x, W), x' = f(y) (He et al. 2016).

h is all that acts on the way of the shortcut before the addition, f all after it. Terms have the drawing's colours.
With marks, terms are in `\htmlData{layers=...}{...}`, which names the layers of the drawing that they are:
`equation_terms` reads them for the page.
"""

import re
from collections.abc import Iterable, Mapping
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
from resnet_viz.present.blocks.grid import BRANCH_LINE, INPUT, OUTPUT, SHORTCUT_LINE
from resnet_viz.present.theme import PALETTES, Mode

_X: Final = "x"
_ZERO: Final = "0"
_MARK: Final = re.compile(r"\\htmlData\{[^}]*\}")
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


def block_equations(block: SingleBlock, mode: Mode | None, *, has_marks: bool = False) -> BlockEquations:
    """Returns the equations of a block.

    Args:
        block: the block.
        mode: theme of the page; None for terms without colours.
        has_marks: whether terms name the layers that they are.
    """
    writer = _Writer(block, None if mode is None else PALETTES[mode], has_marks=has_marks)
    return BlockEquations(
        definitions=writer.definitions(),
        whole=writer.term(block.nodes[-1].name),
        at_zero=writer.term(block.nodes[-1].name, {writer.branch_end: _ZERO}),
        weights=tuple(map(writer.weight_shape, writer.convs)),
    )


def equations_latex(block: SingleBlock) -> str:
    """Returns a block's equations as LaTeX to copy: the output, and the definitions, aligned at their equals signs."""
    equations = block_equations(block, None)
    rows = [(OUTPUT, equations.whole), *equations.definitions]
    lines = " \\\\\n".join(f"  {left} &= {right}" for left, right in rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


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

    def __init__(self, block: SingleBlock, palette: Palette | None, *, has_marks: bool = False) -> None:
        self.block, self.palette, self.has_marks = block, palette, has_marks
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
        block, pre = self.block, self.block.of(Section.PRE)
        read = "p" if pre else _X
        add = next((node for node in block.nodes if node.section is Section.ADD), None)
        f = self._named(rf"F({read}, \mathcal{{W}})", Role.BRANCH, *self._branch_names(), BRANCH_LINE)
        h = self._named(f"h({read})", Role.SHORTCUT, *_names(block.of(Section.SHORTCUT)), SHORTCUT_LINE)
        end = add.name if add else self.branch_end
        y, p, output = self._marked("y", end), self._marked("p", *_names(pre)), self._marked(OUTPUT, OUTPUT)
        inside = {self.split: p} if pre else {}
        known = {self.branch_end: f, **({add.inputs[1]: h} if add else {})}
        found = [(p, self.term(self.split))] if pre else []
        found.append((y, self.term(end, {**inside, **known}) if add else f))
        found += [(h, self.term(add.inputs[1], inside))] if add else []
        found.append((f, self.term(self.branch_end, inside)))
        gate = block.of(Section.GATE)
        found += [(self._marked(f"g({read})", *_names(gate)), self._gate(inside))] if gate else []
        outer = self._marked("f(y)", *(_names(block.of(Section.POST)) or (OUTPUT,)))
        found.append((output, f"{outer} = {self.term(block.nodes[-1].name, {end: y})}"))
        return tuple(found)

    def term(self, name: str, known: Mapping[str, str] = _NOTHING) -> str:
        """Returns the term of a layer's output; `known` names outputs that have a symbol of their own."""
        if name in known:
            return known[name]
        if name == self.block.block.source:
            return self._marked(_X, INPUT)
        node = self.nodes[name]
        args = [self.term(source, known) for source in node.inputs] if not isinstance(node.op, Sigmoid) else []
        match node.op:
            case Add():
                branch, shortcut = args
                plus = self._marked("+", name)
                return branch if shortcut == _ZERO else shortcut if branch == _ZERO else f"{shortcut} {plus} {branch}"
            case Multiply():
                value, gate = args
                times = self._marked(r"\odot", name)
                return _ZERO if value == _ZERO else f"{gate} {times} {_wrapped(value)}"
            case Sigmoid():
                return self._marked("g", *_names(self.block.of(Section.GATE))) + f"({self.term(self.split, known)})"
            case Complement():
                return f"({self._marked('1 -', name)} {args[0]})"
            case _:
                return _ZERO if args[0] == _ZERO else self._layer(node, args[0])

    def weight_shape(self, node: Node) -> str:
        """Returns the shape of a convolution's weight: out, in by groups, kernel, kernel."""
        conv = node.op
        assert isinstance(conv, Conv)
        sizes = (conv.out_channels, conv.in_channels // conv.groups, conv.kernel, conv.kernel)
        shape = r" \times ".join(map(str, sizes))
        return rf"{self._named(f'W_{self._index(node)}', self._role(node), node.name)} \in \mathbb{{R}}^{{{shape}}}"

    def _layer(self, node: Node, arg: str) -> str:
        role = self._role(node)
        match node.op:
            case Conv(has_bias=has_bias):
                index = self._index(node)
                bias = f" + {self._named(f'b_{index}', role, node.name)}" if has_bias else ""
                weight = self._named(f"W_{index}", role, node.name)
                return rf"{weight} \ast {_wrapped(arg)}{bias}"
            case Scale(factor):
                return rf"{self._named(f'{factor:g}', role, node.name)}\,{_wrapped(arg)}"
            case BatchNorm() | ReLU() | ZeroPad():
                name = self._named(rf"\mathrm{{{_FUNCTIONS[type(node.op)]}}}", role, node.name)
                return f"{name}({arg})"
            case Dropout(rate):
                name = self._named(rf"\mathrm{{dropout}}_{{{rate:g}}}", role, node.name)
                return f"{name}({arg})"
            case _:
                raise AssertionError(f"{node.op} has no term")

    def _gate(self, inside: Mapping[str, str]) -> str:
        conv, sigmoid, *_complement = self.block.of(Section.GATE)
        sigma = self._marked(r"\sigma", sigmoid.name)
        return f"{sigma}({self.term(conv.name, inside)})"

    def _index(self, node: Node) -> str:
        letters = {Section.SHORTCUT: "s", Section.GATE: "g"}
        return letters.get(node.section) or str(self._numbers[node.name])

    def _role(self, node: Node) -> Role:
        if node.section in (Section.SHORTCUT, Section.GATE):
            return Role.SHORTCUT
        return _ROLES.get(type(node.op), Role.BRANCH)

    def _branch_names(self) -> tuple[str, ...]:
        return _names(node for node in self.block.of(Section.BRANCH) if not isinstance(node.op, Scale | Multiply))

    def _named(self, words: str, role: Role, *layers: str) -> str:
        """Returns words in the colour of a role, marked with layers of the drawing."""
        return self._marked(rf"\textcolor{{{self.palette[role].text}}}{{{words}}}" if self.palette else words, *layers)

    def _marked(self, words: str, *layers: str) -> str:
        return rf"\htmlData{{layers={' '.join(layers)}}}{{{words}}}" if self.has_marks and layers else words


def _names(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(node.name for node in nodes)


def _wrapped(term: str) -> str:
    """Returns a term in parentheses where it is a sum or a product."""
    plain, depth = _unmarked(term), 0
    for place, letter in enumerate(plain):
        depth += (letter in "({") - (letter in ")}")
        is_operator = letter == "+" or plain.startswith((r"\ast", r"\odot", r"\,"), place)
        if not depth and is_operator:
            return f"({term})"
    return term


def _unmarked(term: str) -> str:
    """Returns a term without its marks: with the words that stand alone in one."""
    parts, ends, depth = list[str](), list[int](), 0
    for piece in re.split(rf"({_MARK.pattern}\{{|[{{}}])", term):
        if piece.startswith(r"\htmlData"):
            ends.append(depth)
        elif piece == "}" and ends and ends[-1] == depth:
            ends.pop()
        else:
            depth += (piece == "{") - (piece == "}")
            parts.append(piece)
    return "".join(parts)
