"""Figure, message and rows of early exits: accuracy behind each block, by the net's head and by linear classifiers."""

from collections.abc import Sequence
from math import isnan
from typing import Final

import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import lay_out
from resnet_viz.theory.trained.early_exits import Exit, ExitAccuracy

_ROLES: Final = {Exit.HEAD: Role.SHORTCUT, Exit.RIDGE: Role.BRANCH}


def exit_name(kind: Exit) -> str:
    """Returns a kind of exit as text."""
    return {Exit.HEAD: _("its own head, later branches deleted"), Exit.RIDGE: _("a linear classifier there")}[kind]


def exit_figure(records: Sequence[ExitAccuracy], num_blocks: int, depth: int, mode: Mode) -> go.Figure:
    """Returns both accuracies over the number of blocks before the exit, with the exit at `depth` marked."""
    palette, figure = PALETTES[mode], go.Figure()
    for kind in Exit:
        own = [one for one in records if one.kind is kind and not isnan(one.accuracy)]
        figure.add_scatter(
            x=[one.depth for one in own], y=[one.accuracy for one in own], mode="lines+markers", name=exit_name(kind),
            line={"color": palette[_ROLES[kind]].line, "width": 3},
            marker={"size": [16 if one.depth == depth else 7 for one in own]},
            customdata=[one.block or _("the stem") for one in own],
            hovertemplate=_("behind {block}: {share}").format(block="%{customdata}", share="%{y:.1%}")
            + "<extra></extra>",
        )  # fmt: skip
    lay_out(figure, "", mode, x=_("blocks before the exit"), height=350)
    figure.update_xaxes(range=[-0.5, num_blocks + 0.5])
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.add_vline(x=depth, line={"color": palette[Role.DATA].line, "width": 2, "dash": "dot"}, layer="below")
    return figure


def exit_text(title: str, records: Sequence[ExitAccuracy], depth: int) -> str:
    """Returns the accuracies at one exit, and from where on the net's own head has half of its last accuracy."""
    by_kind = {kind: {one.depth: one for one in records if one.kind is kind} for kind in Exit}
    head, ridge = by_kind[Exit.HEAD], by_kind[Exit.RIDGE]
    last = max(ridge)
    here = min(depth, last)
    parts = [
        _("{title}: behind {n} of {num} blocks a linear classifier reads {share:.1f} %.").format(
            title=title, n=here, num=last, share=100 * ridge[here].accuracy
        )
    ]
    if here in head and not isnan(head[here].accuracy):
        own = _("The net's own head reads {share:.1f} % there; it passes half of its accuracy behind block {first}.")
        half = head[last].accuracy / 2
        first = next((at for at in sorted(head) if head[at].accuracy >= half), last)
        parts.append(own.format(share=100 * head[here].accuracy, first=first))
    refusal = next((one.refusal for one in records if one.refusal), "")
    if refusal:
        parts.append(refusal)
    return " ".join(parts)


def agreement_text(titles: Sequence[str], records: Sequence[Sequence[ExitAccuracy]]) -> str:
    """Returns how far the linear classifiers of two nets of equal depth lie apart; "" for other depths."""
    curves = [[one.accuracy for one in each if one.kind is Exit.RIDGE] for each in records]
    if len(curves[0]) != len(curves[1]):
        return ""
    apart = max(abs(one - other) for one, other in zip(*(curve[1:] for curve in curves), strict=True))
    text = _(
        "Block by block, the linear classifiers of {one} and {other} differ by at most {apart:.1f} points: depth makes "
        "features linear, with and without shortcuts."
    )
    far = _("Block by block, the linear classifiers of {one} and {other} differ by up to {apart:.1f} points.")
    return (text if apart <= 0.06 else far).format(one=titles[0], other=titles[1], apart=100 * apart)  # noqa: PLR2004


def exit_rows(titles: Sequence[str], records: Sequence[Sequence[ExitAccuracy]]) -> Rows:
    """Returns a row per net and exit."""
    return [
        {
            _("net"): title,
            _("read by"): exit_name(one.kind),
            _("blocks before"): one.depth,
            _("behind"): one.block or _("the stem"),
            _("accuracy"): None if isnan(one.accuracy) else one.accuracy,
            _("note"): one.refusal,
        }
        for title, each in zip(titles, records, strict=True)
        for one in each
    ]
