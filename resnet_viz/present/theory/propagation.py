"""Equations of the forward and backward pass beside those of note 004, with differences; the gradient by branches."""

from typing import Final, NamedTuple

import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import lay_out
from resnet_viz.theory.propagation import Checks

_RIGHT: Final = 1e-9  # differences below are rounding
_SUM: Final = r"\sum_{i=l}^{L-1}F(x_i,W_i)"
_NOTE: Final = r"\sum_{i=l}^{L-1}F(x_l,W_l)"
_HAT: Final = r"\sum_{i=l}^{L-1}\Big(\prod_{j>i}\lambda_j\Big)F(x_i,W_i)"
_WEIGHTS: Final = r"\prod_{i=l}^{L-1}W_i"
_NOTE_PLAIN: Final = r"x_L=\prod_{i=1}^{L-1}x_i w_i"
_PRIME: Final = r"\prime"


class EquationCheck(NamedTuple):
    """One statement of note 004 and its right form.

    Attributes:
        name: of the statement.
        note: as note 004 has it, in KaTeX.
        right: as it holds, in KaTeX.
        note_difference: of the note's form from the pass.
        right_difference: of the right form, likewise.
    """

    name: str
    note: str
    right: str
    note_difference: float
    right_difference: float


def comparisons(ones: Checks, scaled: Checks, mode: Mode) -> tuple[EquationCheck, ...]:
    """Returns the statements, with shortcut and branch in their colours.

    Args:
        ones: of λ = 1.
        scaled: of the chosen λ.
        mode: theme.
    """
    end, one, power = r"\frac{\partial E}{\partial x_L}", _shortcut("1", mode), _shortcut(r"\prod_i\lambda_i", mode)
    branches, note, hat = (
        (_branch(total, mode), _branch(r"\frac{\partial}{\partial x_l}" + total, mode)) for total in (_SUM, _NOTE, _HAT)
    )
    forward = f"x_L={_shortcut('x_l', mode)}+{branches[0]}"
    backward = _in_brackets(end, one, branches[1])
    product = rf"{end}\prod_{{i=l}}^{{L-1}}\big({one}+{_branch('F_i^{' + _PRIME + '}', mode)}\big)"
    plain = rf"x_L=\Big({_branch(_WEIGHTS, mode)}\Big)x_l"
    return (
        EquationCheck(_("plain, forward"), _NOTE_PLAIN, plain, ones.note_plain, ones.plain),
        EquationCheck(_("residual, forward (eq. 4)"), forward, forward, ones.forward, ones.forward),
        EquationCheck(_("residual, backward (eq. 5)"), backward, f"{backward}={product}", ones.backward, ones.product),
        EquationCheck(
            _("λ, forward (eq. 7)"),
            rf"x_L={power}\,x_l+{note[0]}",
            rf"x_L={power}\,x_l+{hat[0]}",
            scaled.note_forward,
            scaled.forward,
        ),
        EquationCheck(
            _("λ, backward (eq. 8)"),
            _in_brackets(end, power, note[1]),
            _in_brackets(end, power, hat[1]),
            scaled.note_backward,
            scaled.backward,
        ),
    )


def _in_brackets(factor: str, one: str, other: str) -> str:
    return rf"{factor}\Big({one}+{other}\Big)"


def form_text(katex: str, difference: float) -> str:
    """Returns one form of a statement with its difference, marked where that is more than rounding."""
    shown = difference_text(difference)
    marked = f":orange[**{shown}**]" if difference > _RIGHT else shown
    return f"${katex}$\n\n" + _("off by {difference}").format(difference=marked)


def difference_text(value: float) -> str:
    """Returns a difference as text: 0, 2.2e-16, 1.75."""
    return "0" if value == 0 else f"{value:.1e}" if value < _RIGHT else f"{value:.3g}"


def gradient_text(ones: Checks, scaled: Checks) -> str:
    """Returns what the gradient consists of, and how far the equations and those of the note are off."""
    num_blocks = len(ones.orders) - 1
    worst = max(ones.forward, ones.backward, ones.product, scaled.forward, scaled.backward, scaled.product)
    first = _("The equations hold to {worst}.") if worst < _RIGHT else _("An equation is off by {worst}.")
    parts = [first.format(worst=difference_text(worst))]
    kept = _(
        "Behind {blocks} blocks the gradient at the input is {total:.3g}; without the 1 in each factor {plain:.3g} "
        "would be left of it. The product stays: a term with {most} branches is still a product of {most} factors."
    )
    alone = _("Behind one block the gradient at the input is {total:.3g}; without the 1 it is {plain:.3g}.")
    text = kept if num_blocks > 1 else alone
    parts.append(text.format(blocks=num_blocks, most=num_blocks, total=ones.gradient, plain=ones.without))
    return " ".join(parts)


def order_rows(ones: Checks) -> Rows:
    """Returns a row per number of branches with the norm of its part."""
    return [{_("branches on the way"): k, _("norm of the gradient's part"): part} for k, part in enumerate(ones.orders)]


def difference_rows(rows: tuple[EquationCheck, ...]) -> Rows:
    """Returns a row per statement with the differences of both forms."""
    return [
        {
            _("pass"): row.name,
            _("note 004 is off by"): row.note_difference,
            _("as it holds, off by"): row.right_difference,
        }
        for row in rows
    ]


def order_chart(ones: Checks, mode: Mode) -> go.Figure:
    """Returns the gradient's parts by the number of branches on the way: all of them are there only with shortcuts."""
    palette, last = PALETTES[mode], len(ones.orders) - 1
    named = (
        (_("shortcuts only"), Role.SHORTCUT, range(1)),
        (_("both"), Role.DATA, range(1, last)),
        (_("branches only (plain net)"), Role.BRANCH, range(last, last + 1)),
    )
    figure = go.Figure()
    for name, role, orders in named:
        if len(orders):
            figure.add_bar(
                x=list(orders), y=[ones.orders[k] for k in orders], marker={"color": palette[role].line}, name=name,
                hovertemplate=_("{k} branches: {norm}").format(k="%{x}", norm="%{y:.3g}") + "<extra></extra>",
            )  # fmt: skip
    title = _("Gradient's parts by number of branches")
    lay_out(figure, title, mode, height=320, is_legend_below=True)
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_xaxes(dtick=1)
    return figure


def _shortcut(katex: str, mode: Mode) -> str:
    return rf"\textcolor{{{PALETTES[mode][Role.SHORTCUT].text}}}{{{katex}}}"


def _branch(katex: str, mode: Mode) -> str:
    return rf"\textcolor{{{PALETTES[mode][Role.BRANCH].text}}}{{{katex}}}"
