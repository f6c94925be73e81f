"""Tables, charts and messages of small results: a formula of a paper beside what is computed here."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import lay_out
from resnet_viz.published import files
from resnet_viz.theory.small_tables import (
    Weights,
    effective_field,
    expected_blocks,
    field_std,
    fixup_scale,
    jacobian_rank,
    loss_of_zeros,
    measure_lengths,
    scatter_for_large_width,
    scatter_of_plain,
    survival,
)

SEEDS: Final = (0, 1, 2)
_DEPTHS: Final = (8, 16, 33, 50, 54, 200, 600)  # numbers of blocks
_WIDTHS: Final = (20, 50, 100, 200, 400)
_FIELDS: Final = (5, 10, 20, 40)
_CLASSES: Final = (10, 100, 1000)


class SmallTable(StrEnum):
    """Tables to choose. The values are part of addresses."""

    DEPTH = "depth"
    FIXUP = "fixup"
    LENGTHS = "lengths"
    RANK = "rank"
    FIELD = "field"


class Shown(NamedTuple):
    """One table with its reading.

    Attributes:
        rows: of the table.
        text: what the numbers tell.
        source: paper.
        name: of the CSV file.
    """

    rows: Rows
    text: str
    source: str
    name: str


def table_title(table: SmallTable) -> str:
    """Returns a table's name on its button."""
    return {
        SmallTable.DEPTH: _("stochastic depth"),
        SmallTable.FIXUP: _("Fixup"),
        SmallTable.LENGTHS: _("lengths"),
        SmallTable.RANK: _("singularities"),
        SmallTable.FIELD: _("effective field"),
    }[table]


def small_table(table: SmallTable, num_blocks: int) -> Shown:
    """Returns a table at a number of blocks or layers."""
    make: dict[SmallTable, Callable[[int], Shown]] = {
        SmallTable.DEPTH: _depth,
        SmallTable.FIXUP: _fixup,
        SmallTable.LENGTHS: _lengths,
        SmallTable.RANK: _rank,
        SmallTable.FIELD: _field,
    }
    return make[table](num_blocks)


def with_chosen(numbers: Sequence[int], chosen: int) -> list[int]:
    """Returns numbers with the chosen one among them, in order."""
    return sorted({*numbers, chosen})


def _depth(num_blocks: int) -> Shown:
    """Returns the mean number of trained blocks, as a sum and in closed form."""
    rows = [
        {
            _("blocks L"): blocks,
            _("trained per step, Σ p"): expected_blocks(blocks),
            _("(3L − 1)/4"): (3 * blocks - 1) / 4,
            _("share"): expected_blocks(blocks) / blocks,
        }
        for blocks in with_chosen(_DEPTHS, num_blocks)
    ]
    results = files.groups()["stochastic_depth"].results
    whole, less = results[:2]  # ResNet-110 on CIFAR-10
    text = _(
        "A step trains {mean:.2f} of {blocks} blocks on average, if the last is kept in half of the steps. Published "
        "for {net}: {whole} % error with all of them, {less} % with {case} ({citation})."
    )
    shown = text.format(
        mean=expected_blocks(num_blocks), blocks=num_blocks, net=whole.net, whole=whole.printed, less=less.printed,
        case=less.case, citation=less.citation,
    )  # fmt: skip
    return Shown(rows, shown, _("Huang et al. 2016, section 3"), "stochastic-depth")


def survival_chart(num_blocks: int, mode: Mode) -> go.Figure:
    """Returns the probability with which each block is kept."""
    chances = survival(num_blocks)
    figure = go.Figure()
    figure.add_bar(
        x=list(range(1, num_blocks + 1)), y=list(chances), marker={"color": PALETTES[mode][Role.BRANCH].line}
    )
    lay_out(figure, _("Probability that a branch is kept in a step"), mode, x=_("block"), height=260)
    figure.update_yaxes(range=[0, 1.02])
    return figure


def _fixup(num_blocks: int) -> Shown:
    """Returns the factor on the weights of a branch, and the loss of a net whose last layer is zero."""
    rows = [
        {
            _("branches L"): blocks,
            _("m = 2 layers: L^(−1/2)"): fixup_scale(blocks, 2),
            _("m = 3 layers: L^(−1/4)"): fixup_scale(blocks, 3),
        }
        for blocks in with_chosen(_DEPTHS, num_blocks)
    ]
    losses = ", ".join(f"{loss_of_zeros(classes):.4f} ({classes:,})" for classes in _CLASSES)
    text = _(
        "Fixup multiplies the weights of each of {blocks} branches of two layers by {scale:.4f} and sets the last "
        "layer to zero, so that training starts at a loss of ln K: {losses} for K classes."
    )
    shown = text.format(blocks=num_blocks, scale=fixup_scale(num_blocks, 2), losses=losses)
    return Shown(rows, shown, _("Zhang et al. 2019, Fixup initialisation"), "fixup")


def _lengths(num_layers: int) -> Shown:
    """Returns how much the lengths of outputs scatter over nets, by width."""
    rows, found = [], list[tuple[float, float]]()
    for width in _WIDTHS:
        plain = [measure_lengths(width, num_layers, seed, is_residual=False) for seed in SEEDS]
        residual = measure_lengths(width, num_layers, SEEDS[0], is_residual=True)
        found.append((plain[0].scatter, residual.scatter))
        rows.append(
            {
                _("width n"): width,
                _("(1 + 5/n)^L"): scatter_of_plain(width, num_layers),
                _("exp(5L/n)"): scatter_for_large_width(width, num_layers),
                **{_("plain, seed {seed}").format(seed=s): one.scatter for s, one in zip(SEEDS, plain, strict=True)},
                _("residual, seed {seed}").format(seed=SEEDS[0]): residual.scatter,
                _("its mean of m"): residual.mean,
            }
        )
    text = _(
        "E[m²]/E[m]² of the outputs' squared lengths m over 300 nets of {layers} layers: at width {width}, residual "
        "nets with branches times 1/L stay at {residual:.2f}, plain ones are at {plain:.1f} (in the mean "
        "{theory:.2f}). In narrow plain nets a few nets make the mean, which 300 do not show."
    )
    place = _WIDTHS.index(100)
    shown = text.format(
        layers=num_layers, width=100, residual=found[place][1], plain=found[place][0],
        theory=scatter_of_plain(100, num_layers),
    )  # fmt: skip
    return Shown(rows, shown, _("Hanin and Rolnick 2018"), "lengths")


def _rank(_num_layers: int) -> Shown:
    """Returns the rank of the Jacobian at three places in the space of weights, for three seeds."""
    names = {
        Weights.GENERIC: _("generic weights"),
        Weights.ELIMINATION: _("a unit without incoming weights"),
        Weights.OVERLAP: _("two units with equal incoming weights"),
    }
    ranks = {
        has_shortcut: {one: [jacobian_rank(one, seed, has_shortcut=has_shortcut) for seed in SEEDS] for one in Weights}
        for has_shortcut in (False, True)
    }
    rows = [
        {
            _("place"): names[one],
            _("plain, rank of 42"): ", ".join(map(str, ranks[False][one])),
            _("with shortcut"): ", ".join(map(str, ranks[True][one])),
        }
        for one in Weights
    ]
    text = _(
        "In the space of 42 weights, {generic} directions change the outputs of the plain net, and {lost} where two "
        "units are equal; with a shortcut {full} and {kept}. Each unit of the plain net has a direction that does "
        "nothing: its incoming weights times c, its outgoing one divided by c."
    )
    shown = text.format(
        generic=ranks[False][Weights.GENERIC][0], lost=ranks[False][Weights.OVERLAP][0],
        full=ranks[True][Weights.GENERIC][0], kept=ranks[True][Weights.OVERLAP][0],
    )  # fmt: skip
    return Shown(rows, shown, _("Orhan and Pitkow 2018; ranks derived and computed"), "singularities")


def _field(num_layers: int) -> Shown:
    """Returns theoretical and effective receptive field of stacked 3x3 convolutions with equal weights."""
    rows = []
    for layers in with_chosen(_FIELDS, num_layers):
        plain, residual = (effective_field(layers, has_shortcuts=flag) for flag in (False, True))
        rows.append(
            {
                _("layers n"): layers,
                _("field 2n + 1, px"): plain.side,
                _("plain: std, px"): plain.std,
                _("sqrt(2n/3)"): field_std(layers, has_shortcuts=False),
                _("residual: std, px"): residual.std,
                _("sqrt(n/3)"): field_std(layers, has_shortcuts=True),
                _("plain: 95 % within, px"): plain.side_95,
                _("residual: 95 %, px"): residual.side_95,
            }
        )
    plain, residual = (effective_field(num_layers, has_shortcuts=flag) for flag in (False, True))
    text = _(
        "The field of {layers} layers is {side} px wide, but 95 % of the influence lies within {plain} px, with "
        "shortcuts within {residual} px: it grows with the root of the depth."
    )
    shown = text.format(layers=num_layers, side=plain.side, plain=plain.side_95, residual=residual.side_95)
    return Shown(rows, shown, _("Luo et al. 2016; with shortcuts derived"), "effective-field")


def field_chart(num_layers: int, mode: Mode) -> go.Figure:
    """Returns the influence of pixels on the one in the middle, with and without shortcuts."""
    palette, places = PALETTES[mode], list(range(-num_layers, num_layers + 1))
    figure = go.Figure()
    for name, flag, role in ((_("plain"), False, Role.BRANCH), (_("residual"), True, Role.SHORTCUT)):
        figure.add_scatter(
            x=places, y=list(effective_field(num_layers, has_shortcuts=flag).influence), name=name, mode="lines",
            line={"color": palette[role].line, "width": 3}, hovertemplate="%{x} px: %{y:.4f}<extra></extra>",
        )  # fmt: skip
    lay_out(figure, _("Influence of a pixel, along one axis"), mode, x=_("distance, px"), height=260)
    return figure
