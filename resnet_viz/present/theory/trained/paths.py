"""Figures, messages and rows of paths: how many have each length, and how much gradient they carry."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import lay_out
from resnet_viz.theory.trained.paths import (
    VEIT_BLOCKS,
    VEIT_EFFECTIVE,
    VEIT_MIDDLE,
    PathGradient,
    binomial,
    effective_lengths,
    factor_of,
    log_count,
    log_totals,
    middle_lengths,
    mode_of,
    path_shares,
    weight_between,
)

_FAINT: Final = 0.35
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def count_text(blocks: int) -> str:
    """Returns how many paths there are and how long most are; with 54 blocks Veit's numbers, too."""
    low, high = middle_lengths(blocks)
    shares = path_shares(blocks)
    text = _("{n} blocks are {paths} paths; {share:.1f} % of them go through {low} to {high} branches.")
    parts = [
        text.format(n=blocks, paths=_power(blocks), share=100 * weight_between(shares, low, high), low=low, high=high)
    ]
    if blocks == VEIT_BLOCKS:
        veit = _(
            "Veit et al.: {middle:.1f} % between {from_} and {to} branches, only {few:.2f} % between {short} and "
            "{long}, which carry nearly all of the gradient."
        )
        parts.append(
            veit.format(
                middle=100 * weight_between(shares, *VEIT_MIDDLE),
                from_=VEIT_MIDDLE[0],
                to=VEIT_MIDDLE[1],
                few=100 * weight_between(shares, *VEIT_EFFECTIVE),
                short=VEIT_EFFECTIVE[0],
                long=VEIT_EFFECTIVE[1],
            )
        )
    return " ".join(parts)


def _power(blocks: int) -> str:
    """Returns 2^n as digits where they are few, else in scientific notation."""
    if blocks <= 20:  # noqa: PLR2004 - seven digits
        return f"{2**blocks:,}"
    exponent = math.floor(blocks * math.log10(2))
    return f"{10 ** (blocks * math.log10(2) - exponent):.1f} · 10{str(exponent).translate(_RAISED)}"


def count_figure(blocks: int, mode: Mode) -> go.Figure:
    """Returns the share of paths of each length; the middle 95 % are full."""
    palette, shares = PALETTES[mode], path_shares(blocks)
    low, high = middle_lengths(blocks)
    figure = go.Figure()
    figure.add_bar(
        x=list(range(blocks + 1)), y=shares, showlegend=False,
        marker={"color": palette[Role.BRANCH].line,
                "opacity": [1 if low <= length <= high else _FAINT for length in range(blocks + 1)]},
        hovertemplate=_("{length} branches: {share} of all paths").format(length="%{x}", share="%{y:.2%}")
        + "<extra></extra>",
    )  # fmt: skip
    lay_out(figure, _("Share of all paths"), mode, x=_("branches on the path"), height=250)
    figure.update_yaxes(tickformat=".0%")
    figure.update_layout(bargap=0.1)
    return figure


def norm_figure(records: Sequence[PathGradient], mode: Mode) -> go.Figure:
    """Returns the gradient through one path by its length, on a logarithmic axis."""
    palette, figure = PALETTES[mode], go.Figure()
    known = [one for one in records if one.norm > 0]
    if not known:
        return figure
    figure.add_scatter(
        x=[one.length for one in known], y=[one.norm for one in known], mode="lines+markers", showlegend=False,
        line={"color": palette[Role.SHORTCUT].line, "width": 3}, marker={"size": 9},
        hovertemplate=_("{length} branches: {norm}").format(length="%{x}", norm="%{y:.2e}") + "<extra></extra>",
    )  # fmt: skip
    lay_out(figure, _("Gradient through one path (norm)"), mode, x=_("branches on the path"), height=330)
    figure.update_xaxes(range=[-0.5, records[0].blocks + 0.5])
    figure.update_yaxes(type="log", exponentformat="power", nticks=6)
    return figure


def total_figure(records: Sequence[PathGradient], mode: Mode) -> go.Figure:
    """Returns the share of the gradient that all paths of a length carry, beside their share in number."""
    palette, figure = PALETTES[mode], go.Figure()
    blocks, lengths = records[0].blocks, list(range(records[0].blocks + 1))
    figure.add_bar(
        x=lengths, y=path_shares(blocks), name=_("share of the paths"), opacity=_FAINT,
        marker={"color": palette[Role.BRANCH].line}, hoverinfo="skip",
    )  # fmt: skip
    figure.add_bar(
        x=lengths, y=total_shares(records), name=_("share of the gradient: number × norm"),
        marker={"color": palette[Role.SHORTCUT].line},
        hovertemplate=_("{length} branches: {share}").format(length="%{x}", share="%{y:.1%}") + "<extra></extra>",
    )  # fmt: skip
    factor = factor_of(records)
    if math.isfinite(factor):
        figure.add_scatter(
            x=lengths, y=binomial(blocks, factor / (1 + factor)), mode="lines", hoverinfo="skip",
            name=_("Binomial(n, r/(1 + r)), r = {r:.2f}").format(r=factor),
            line={"color": palette[Role.DATA].text, "width": 2, "dash": "dot"},
        )  # fmt: skip
    lay_out(figure, "", mode, x=_("branches on the path"), height=330)
    figure.update_yaxes(tickformat=".0%")
    figure.update_layout(barmode="overlay", bargap=0.1)
    return figure


def total_shares(records: Sequence[PathGradient]) -> list[float]:
    """Returns the share of each length 0 to n in the sum of number times norm."""
    logs = log_totals(records)
    totals = np.nan_to_num(np.exp(logs - np.nanmax(logs)))
    return [float(total) for total in totals / totals.sum()]


def gradient_text(records: Sequence[PathGradient]) -> str:
    """Returns which lengths carry the gradient, and how rare they are."""
    if not any(one.norm > 0 for one in records):
        return _("Every gradient is zero: the loss does not depend on this net's input.")
    blocks, mode, factor = records[0].blocks, mode_of(records), factor_of(records)
    low, high = effective_lengths(records)
    few = weight_between(path_shares(blocks), low, high)
    text = _(
        "Most gradient comes through paths of {mode} of {n} branches, 95 % through {low} to {high}: {few:.3g} % of all "
        "paths. Each branch on a path multiplies its gradient by about {factor:.2f}."
    )
    return text.format(mode=mode, n=blocks, low=low, high=high, few=100 * few, factor=factor)


def gradient_rows(records: Sequence[PathGradient]) -> Rows:
    """Returns a row per measured length."""
    return [
        {
            _("branches"): one.length,
            _("norm through one path"): one.norm,
            _("standard deviation"): one.spread,
            _("paths (log10)"): log_count(one.blocks, one.length) / math.log(10),
            _("total (log10)"): log_count(one.blocks, one.length) / math.log(10) + math.log10(one.norm)
            if one.norm > 0
            else None,
        }
        for one in records
    ]
