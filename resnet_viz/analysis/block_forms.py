"""Parameters and MACs of one block in closed form: 18w² and 17w², with norms, biases and a projection as further terms.

A block keeps its shape, as all but the first of a stage do. w is the width of the 3x3 convolutions, C the number of
channels in and out: C = w in a basic block and C = 4w in a bottleneck (He et al. 2015, fig. 5).
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from resnet_viz.spec.enums import BlockKind
from resnet_viz.spec.net import EXPANSION

_SQUARE: Final = 2


class Variable(StrEnum):
    """Size over which blocks are compared. The values are part of addresses."""

    WIDTH = "width"  # w, of the 3x3 convolutions
    CHANNELS = "channels"  # C, in and out


class CountedPart(StrEnum):
    """Part of a block that a term counts."""

    CONVS = "convs"
    NORMS = "norms"
    BIASES = "biases"
    PROJECTION = "projection"
    PROJECTION_NORM = "projection_norm"
    PROJECTION_BIAS = "projection_bias"

    @property
    def is_on_shortcut(self) -> bool:
        """Whether it belongs to the projection."""
        return self.value.startswith("projection")


class Term(NamedTuple):
    """One term of a closed form: `factor` times the variable, or times its square where `degree` is 2."""

    part: CountedPart
    factor: Fraction
    degree: int

    def value_at(self, size: int) -> Fraction:
        """Returns the value at a size."""
        return self.factor * (size * size if self.degree == _SQUARE else size)


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockParts:
    """Parts of a block that count beside the convolutions of its branch.

    Attributes:
        has_norm: a norm after each convolution, with a scale and a shift for every channel.
        has_bias: a bias in each convolution.
        has_projection: a 1x1 convolution on the shortcut.
    """

    has_norm: bool = False
    has_bias: bool = False
    has_projection: bool = False

    def counts(self, part: CountedPart) -> bool:
        """Returns whether a part counts."""
        return {
            CountedPart.CONVS: True,
            CountedPart.NORMS: self.has_norm,
            CountedPart.BIASES: self.has_bias,
            CountedPart.PROJECTION: self.has_projection,
            CountedPart.PROJECTION_NORM: self.has_projection and self.has_norm,
            CountedPart.PROJECTION_BIAS: self.has_projection and self.has_bias,
        }[part]


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockForm:
    """Closed form of a count: a sum of terms in w or in C."""

    terms: tuple[Term, ...]

    def coefficient(self, degree: int) -> Fraction:
        """Returns the factor of a power of the variable."""
        return sum((term.factor for term in self.terms if term.degree == degree), Fraction(0))

    def count(self, size: int) -> Fraction:
        """Returns the value at a size; no whole number where no block of this size exists."""
        return sum((term.value_at(size) for term in self.terms), Fraction(0))


class Crossover(NamedTuple):
    """Size at which two forms are equal, and their value there."""

    size: Fraction
    value: Fraction


_OF_WIDTH: Final = {  # factors of w², or of w, in the order of the parts
    BlockKind.BASIC: (18, 4, 2, 1, 2, 1),  # 2 · 3 · 3; two norms; two biases; 1 · 1
    BlockKind.BOTTLENECK: (17, 12, 6, 16, 8, 4),  # 4 + 3 · 3 + 4; norms and biases of 1 + 1 + 4 widths; 4 · 4
}
_SQUARES: Final = (CountedPart.CONVS, CountedPart.PROJECTION)


def param_form(kind: BlockKind, parts: BlockParts, variable: Variable = Variable.WIDTH) -> BlockForm:
    """Returns the parameters of a block of this kind."""
    scale = EXPANSION[kind] if variable is Variable.CHANNELS else 1  # w = C / scale
    terms = []
    for part, factor in zip(CountedPart, _OF_WIDTH[kind], strict=True):
        degree = _SQUARE if part in _SQUARES else 1
        if parts.counts(part):
            terms.append(Term(part, Fraction(factor, scale**degree), degree))
    return BlockForm(terms=tuple(terms))


def mac_form(kind: BlockKind, parts: BlockParts, variable: Variable = Variable.WIDTH) -> BlockForm:
    """Returns the multiply-adds of a block for one pixel of its map: norms and biases have none."""
    weights = BlockParts(has_projection=parts.has_projection)
    return param_form(kind, weights, variable)


def crossover(one: BlockForm, other: BlockForm) -> Crossover | None:
    """Returns the size of at least 1 at which two forms are equal; None where one is larger at every size."""
    square = one.coefficient(_SQUARE) - other.coefficient(_SQUARE)
    linear = other.coefficient(1) - one.coefficient(1)
    if not square or linear / square < 1:
        return None
    size = linear / square
    return Crossover(size, one.coefficient(_SQUARE) * size**2 + one.coefficient(1) * size)


def limit_ratio(one: BlockForm, other: BlockForm) -> Fraction:
    """Returns the ratio of two forms in very wide blocks."""
    return one.coefficient(_SQUARE) / other.coefficient(_SQUARE)
