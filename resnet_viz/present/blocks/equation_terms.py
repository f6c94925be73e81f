"""Equations for the page's component: pieces in the order in which they are read, each with the layers that it is.

KaTeX on the page cannot tell which layer a term is, so the component writes the equations itself, as text that breaks
where the screen is too narrow. The pieces are read from the same terms that are copied as LaTeX.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypedDict

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.present.blocks.equations import block_equations
from resnet_viz.present.blocks.facts import variant_title
from resnet_viz.present.blocks.grid import OUTPUT
from resnet_viz.present.theme import Mode

_TOKEN: Final = re.compile(
    r"\\htmlData\{layers=(?P<layers>[^}]*)\}\{|\\textcolor\{(?P<color>#[0-9A-F]{6})\}\{|(?P<end>\})"
    r"|\\mathrm\{(?P<upright>[A-Za-z]+)\}(?:_\{(?P<low>[^}]*)\})?|\\mathcal\{(?P<script>[A-Z])\}"
    r"|(?P<letter>[A-Za-z])(?:_(?P<index>\w))?(?P<prime>')?|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<sign>\\ast|\\odot|\\sigma|\\,|[()+=,-])|\s+"
)
_SIGNS: Final = {r"\ast": "\u2217", r"\odot": "⊙", r"\sigma": "σ", r"\,": "\u2009", "-": "\u2212", "'": "\u2032"}


class TermPiece(TypedDict):
    """One symbol.

    Attributes:
        text: itself.
        kind: "letter", "upright", "script", "number" or "sign".
        low: index below it; empty for none.
        high: exponent; empty for none.
        color: of its role; empty for that of the text.
        layers: names in the drawing; pieces after each other with the same `term` are one term.
        term: number of the term; -1 for none.
    """

    text: str
    kind: str
    low: str
    high: str
    color: str
    layers: list[str]
    term: int


class EquationRow(TypedDict):
    """One equation, or a weight and its shape: both sides, and what is between them."""

    left: list[TermPiece]
    relation: str
    right: list[TermPiece]


class BlockEquationRows(TypedDict):
    """Equations of one block; the number is its place in the drawing, from 0."""

    title: str
    number: int
    rows: list[EquationRow]


def equation_rows(blocks: Sequence[SingleBlock], mode: Mode, *, has_details: bool = True) -> list[BlockEquationRows]:
    """Returns the equations of blocks side by side: the output as one term of x.

    With `has_details`, the definitions of its parts and the shapes of its weights follow.
    """
    found = []
    for number, block in enumerate(blocks):
        equations = block_equations(block, mode, has_marks=True)
        sides = [(rf"\htmlData{{layers={OUTPUT}}}{{{OUTPUT}}}", equations.whole)]
        sides += equations.definitions if has_details else ()
        rows = [EquationRow(left=pieces_of(left), relation="=", right=pieces_of(right)) for left, right in sides]
        rows += map(_weight_row, equations.weights) if has_details else ()
        found.append(BlockEquationRows(title=variant_title(block.variant), number=number, rows=rows))
    return found


def _weight_row(weight: str) -> EquationRow:
    """Returns a weight and the set of its shape."""
    left, _in, sizes = weight.removesuffix("}").partition(r" \in \mathbb{R}^{")
    shape = sizes.replace(r" \times ", "×")
    real = TermPiece(text="\u211d", kind="upright", low="", high=shape, color="", layers=[], term=-1)
    return EquationRow(left=pieces_of(left), relation="\u2208", right=[real])


def pieces_of(term: str) -> list[TermPiece]:
    """Returns the pieces of a marked term."""
    return list(_pieces(term))


def _pieces(term: str) -> Iterator[TermPiece]:
    opened: list[tuple[str, list[str], int]] = [("", [], -1)]  # colour, layers, number of the term
    place = num_terms = 0
    while place < len(term):
        token = _TOKEN.match(term, place)
        assert token is not None, term[place:]  # written by `equations`
        place = token.end()
        color, layers, number = opened[-1]
        if token["layers"] is not None:
            is_inner = number >= 0
            opened.append((color, layers, number) if is_inner else (color, token["layers"].split(), num_terms))
            num_terms += not is_inner
        elif token["color"]:
            opened.append((token["color"], layers, number))
        elif token["end"]:
            opened.pop()
        elif token[0].strip():
            text, kind, low = _symbol(token)
            yield TermPiece(text=text, kind=kind, low=low, high="", color=color, layers=layers, term=number)


def _symbol(token: re.Match[str]) -> tuple[str, str, str]:
    """Returns text, kind and index."""
    for kind in ("upright", "script", "number"):
        if token[kind]:
            return token[kind], kind, token["low"] or ""
    if token["letter"]:
        return token["letter"] + _SIGNS["'"] * bool(token["prime"]), "letter", token["index"] or ""
    return _SIGNS.get(token["sign"], token["sign"]), "sign", ""
