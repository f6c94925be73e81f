"""Closed forms of a block's counts in KaTeX, and two of them compared in words."""

from fractions import Fraction
from typing import Final

from resnet_viz.analysis.block_forms import BlockForm, BlockParts, CountedPart, Term, Variable, crossover, limit_ratio
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.architecture.formulas import katex_number
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind

SYMBOLS: Final = {Variable.WIDTH: "w", Variable.CHANNELS: "C"}
SMALLEST: Final = {Variable.WIDTH: 1, Variable.CHANNELS: 4}  # a bottleneck of width 1 has 4 channels in and out
_ROLES: Final = {
    CountedPart.CONVS: Role.CONV,
    CountedPart.NORMS: Role.NORM,
    CountedPart.BIASES: Role.ACT,
}


def block_name(kind: BlockKind) -> str:
    """Returns the name of a block in the middle of a sentence."""
    return {BlockKind.BASIC: _("basic block"), BlockKind.BOTTLENECK: _("bottleneck")}[kind]


def compared_kinds(variable: Variable) -> tuple[BlockKind, BlockKind]:
    """Returns the block whose share of the other is given, and the other: the dearer one first at equal channels."""
    if variable is Variable.CHANNELS:
        return BlockKind.BASIC, BlockKind.BOTTLENECK
    return BlockKind.BOTTLENECK, BlockKind.BASIC


def parts_text(parts: BlockParts) -> str:
    """Returns the parts that count beside the convolutions: "BN and biases"; "weights alone" without any."""
    names = [name for name, is_on in ((_("BN"), parts.has_norm), (_("biases"), parts.has_bias)) if is_on]
    return _(" and ").join(names) or _("weights alone")


def params_katex(form: BlockForm, size: int, mode: Mode) -> str:
    """Returns the closed form of a block's parameters, each term in the colour of its part, and its value at a size."""
    terms = " + ".join(_colored(term, mode) for term in form.terms)
    return rf"{terms} = {katex_number(int(form.count(size)))} \quad (w = {size})"


def macs_katex(form: BlockForm, size: int, side: int) -> str:
    """Returns the multiply-adds of a block on a square map: those of one pixel times its pixels."""
    total = katex_number(int(form.count(size)) * side**2)
    return rf"{_factor(form.coefficient(2))}w^2 \cdot {side}^2 = {total}"


def ratio_text(ratio: Fraction) -> str:
    """Returns an exact ratio with its decimals: "17/18 = 0.944"; a whole number alone."""
    decimals = f"{float(ratio):.3f}" if ratio < 10 else f"{float(ratio):.2f}"  # noqa: PLR2004 - four digits or so
    return f"{ratio}" if ratio.denominator == 1 else f"{ratio} = {decimals}"


def comparison_text(one: BlockForm, other: BlockForm, variable: Variable) -> str:
    """Returns the parameters of one block compared with those of the other, at small, equal and large sizes."""
    subject, reference = (block_name(kind) for kind in compared_kinds(variable))
    symbol, smallest = SYMBOLS[variable], SMALLEST[variable]
    limit, found = limit_ratio(one, other), crossover(one, other)
    first = one.count(smallest) / other.count(smallest)
    if first == limit:
        text = _("At every {symbol} the {subject} has exactly **{limit}** times the parameters of the {reference}.")
    elif found is None or found.size < smallest:
        text = _(
            "At every {symbol} the {subject} has {more} parameters than the {reference}: {first:.3f} times as many at "
            "{symbol} = {smallest}, and the ratio tends to **{limit}** as {symbol} grows."
        )
    elif found.size.denominator == 1:
        text = _(
            "Both blocks have exactly **{count}** parameters at **{symbol} = {size}**. Below it the {subject} has "
            "{less} than the {reference}, above it {more}, and the ratio tends to **{limit}** as {symbol} grows."
        )
    else:
        text = _(
            "The counts cross between {symbol} = {below} and {symbol} = {above}. Below it the {subject} has {less} "
            "than the {reference}, above it {more}, and the ratio tends to **{limit}** as {symbol} grows."
        )
    return text.format(
        symbol=symbol, subject=subject, reference=reference, limit=ratio_text(limit), smallest=smallest,
        first=float(first), more=_("more") if limit > 1 or limit == 1 < first else _("fewer"),
        less=_("fewer") if limit > 1 else _("more"),
        count=exact(int(found.value)) if found else "", size=found.size if found else "",
        below=int(found.size) if found else "", above=int(found.size) + 1 if found else "",
    )  # fmt: skip


def macs_text(one: BlockForm, other: BlockForm, variable: Variable) -> str:
    """Returns the ratio of the multiply-adds of two blocks, which is the same at every size."""
    subject, reference = (block_name(kind) for kind in compared_kinds(variable))
    text = _(
        "Norms and biases have no MACs: on a map of any size the {subject} has {ratio} times the MACs of the "
        "{reference}."
    )
    return text.format(subject=subject, reference=reference, ratio=ratio_text(limit_ratio(one, other)))


def _colored(term: Term, mode: Mode) -> str:
    color = PALETTES[mode][_ROLES.get(term.part, Role.SHORTCUT)].text
    power = f"^{term.degree}" if term.degree > 1 else ""
    return rf"\textcolor{{{color}}}{{{_factor(term.factor)}w{power}}}"


def _factor(factor: Fraction) -> str:
    return "" if factor == 1 else f"{factor}"
