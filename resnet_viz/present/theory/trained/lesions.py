"""Figures, messages and rows of lesions: the drawn net with a bar per block, random damage against its size."""

from collections.abc import Mapping, Sequence
from math import isnan
from statistics import fmean, median
from typing import Any, Final

import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _, ngettext
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import FONT_PX, lay_out
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.trained.lesions import Damage, DeletedBlock, RandomDamage, RewiredAccuracy

SLIGHT: Final = 0.03  # loss of accuracy that is called slight: at 500 images, twice the standard error of 0.9
_ARC: Final = 0.75
_SQUARE_PX: Final = 15


def net_figure(
    spec: AnySpec,
    records: Sequence[DeletedBlock],
    *,
    deleted: Sequence[str] = (),
    order: Sequence[str] = (),
    mode: Mode,
) -> go.Figure:
    """Returns the net as a row of blocks with its shortcuts, and below each block the accuracy without it.

    Args:
        spec: the net.
        records: accuracies that have come; there may be none.
        deleted: blocks that are away: hollow, and only their shortcut is drawn.
        order: of the blocks; () as built. One that has moved is marked.
        mode: theme.

    A click on a block or its bar brings the block's name in `customdata`.
    """
    palette, blocks = PALETTES[mode], lower(spec).blocks
    names = [block.name for block in blocks]
    runs = list(order) or names
    figure = go.Figure()
    for place, block in enumerate(blocks):
        if block.shortcut is not ShortcutKind.NONE:
            _arc(figure, place, palette[Role.SHORTCUT].line)
    figure.add_scatter(
        x=[-0.9, len(names) - 0.1], y=[0, 0], mode="lines", yaxis="y2", hoverinfo="skip", showlegend=False,
        line={"color": palette[Role.DATA].line, "width": 2},
    )  # fmt: skip
    moved = [name != at for name, at in zip(runs, names, strict=True)]
    figure.add_scatter(
        x=list(range(len(names))), y=[0] * len(names), mode="markers", yaxis="y2", showlegend=False,
        customdata=runs, hovertemplate="%{customdata}<extra></extra>",
        marker={
            "symbol": "square", "size": _SQUARE_PX if len(names) < 20 else _SQUARE_PX - 4, "opacity": 1,  # noqa: PLR2004
            "color": [_square(name, is_moved, deleted, mode) for name, is_moved in zip(runs, moved, strict=True)],
            "line": {"color": palette[Role.BRANCH].line, "width": 2},
        },
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    _bars(figure, names, records, mode)
    _lay_out(figure, spec, mode)
    return figure


def _square(name: str, is_moved: bool, deleted: Sequence[str], mode: Mode) -> str:
    if name in deleted:
        return "rgba(0,0,0,0)"
    return PALETTES[mode][Role.ACT if is_moved else Role.BRANCH].line


def _arc(figure: go.Figure, place: int, color: str) -> None:
    """Draws a shortcut from before a block to behind it."""
    left, right = place - 0.5, place + 0.5
    figure.add_shape(
        type="path", path=f"M {left},0 C {left},{_ARC} {right},{_ARC} {right},0", xref="x", yref="y2",
        line={"color": color, "width": 2},
    )  # fmt: skip


def _bars(figure: go.Figure, names: Sequence[str], records: Sequence[DeletedBlock], mode: Mode) -> None:
    palette = PALETTES[mode]
    found = {record.block: record for record in records}
    known = [(place, found[name]) for place, name in enumerate(names) if name in found]
    figure.add_bar(
        x=[place for place, _record in known], y=[0 if isnan(one.accuracy) else one.accuracy for _place, one in known],
        customdata=[one.block for _place, one in known], showlegend=False,
        text=["–" if isnan(one.accuracy) else f"{100 * one.accuracy:.0f}" for _place, one in known],
        textposition="auto", insidetextanchor="end", cliponaxis=False, textangle=0,
        marker={"color": palette[Role.BRANCH].line}, hovertext=[_hover(one) for _place, one in known],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    whole = found.get("")
    if whole is not None:
        figure.add_hline(y=whole.accuracy, line={"color": palette[Role.DATA].text, "width": 2, "dash": "dot"})
        figure.add_annotation(
            x=1, xref="paper", xanchor="right", y=whole.accuracy, yanchor="bottom", showarrow=False,
            font={"size": FONT_PX - 2}, text=_("whole net: {share:.1f} %").format(share=100 * whole.accuracy),
        )  # fmt: skip


def _hover(record: DeletedBlock) -> str:
    if isnan(record.accuracy):
        return record.refusal
    return _("without {block}: {share:.1f} %").format(block=record.block, share=100 * record.accuracy)


def _lay_out(figure: go.Figure, spec: AnySpec, mode: Mode) -> None:
    blocks = lower(spec).blocks
    lay_out(figure, "", mode, height=330)
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=0.735, yref="paper", yanchor="bottom", showarrow=False,
        text=_("Accuracy without the block"), font={"size": FONT_PX, "color": PALETTES[mode][Role.DATA].text},
    )  # fmt: skip
    each = 1 if len(blocks) < 16 else 2  # noqa: PLR2004 - as many names as fit
    figure.update_xaxes(
        tickvals=list(range(0, len(blocks), each)), range=[-1, len(blocks)], showgrid=False,
        ticktext=[f"{block.stage}.{block.number}" for block in blocks[::each]], tickangle=0,
        title=_("stage.block"),
    )  # fmt: skip
    figure.update_layout(
        yaxis={"domain": [0, 0.68], "range": [0, 1.14], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis2={"domain": [0.82, 1], "range": [-0.35, 0.75], "visible": False, "fixedrange": True},
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.25,
        dragmode=False,
        clickmode="event+select",
    )


def lesion_text(title: str, records: Sequence[DeletedBlock]) -> str:
    """Returns what the accuracies without each block tell about a net."""
    whole = next(record.accuracy for record in records if not record.block)
    without = {record.block: record.accuracy for record in records if record.block and not isnan(record.accuracy)}
    num_fixed = sum(1 for record in records if record.block and isnan(record.accuracy))
    if not without:
        return _("{title}: no block can be deleted, each changes the shape and has no shortcut.").format(title=title)
    slight = [share for share in without.values() if share >= whole - SLIGHT]
    worst, best = min(without, key=lambda name: without[name]), max(without.values())
    if slight:
        text = _(
            "{title}: {slight} of {num} blocks can go one at a time with a loss of at most {points} points; the worst "
            "loss is that of {worst}: {low:.1f} % instead of {whole:.1f} %."
        )
    else:
        text = _(
            "{title}: without any one of {num} blocks at most {best:.1f} % are left of {whole:.1f} %, without {worst} "
            "{low:.1f} %."
        )
    parts = [
        text.format(
            title=title,
            slight=len(slight),
            num=len(without),
            points=f"{100 * SLIGHT:.0f}",
            worst=worst,
            low=100 * without[worst],
            whole=100 * whole,
            best=100 * best,
        )
    ]
    if num_fixed:
        fixed = ngettext(
            "{n} block changes the shape and has no shortcut: without it no path is left.",
            "{n} blocks change the shape and have no shortcut: without one of them no path is left.",
            num_fixed,
        )
        parts.append(fixed.format(n=num_fixed))
    return " ".join(parts)


def comparison_text(titles: Sequence[str], records: Sequence[Sequence[DeletedBlock]]) -> str:
    """Returns the median loss of both nets beside each other."""
    losses = [_losses(each) for each in records]
    if not all(losses):
        return ""
    text = _("In the median, deleting one block costs {one} {loss:.0f} points of accuracy, {other} {less:.0f}.")
    return text.format(
        one=titles[0], loss=100 * median(losses[0]), other=titles[1], less=100 * median(losses[1])
    )  # fmt: skip


def _losses(records: Sequence[DeletedBlock]) -> list[float]:
    whole = next(record.accuracy for record in records if not record.block)
    return [whole - record.accuracy for record in records if record.block and not isnan(record.accuracy)]


def rewired_text(found: RewiredAccuracy, *, num_deleted: int, num_moved: int) -> str:
    """Returns the accuracy of a damaged net."""
    damage = []
    if num_deleted:
        damage.append(ngettext("{n} block deleted", "{n} blocks deleted", num_deleted).format(n=num_deleted))
    if num_moved:
        moved = ngettext("{n} block moved (Kendall τ {tau:.2f})", "{n} blocks moved (Kendall τ {tau:.2f})", num_moved)
        damage.append(moved.format(n=num_moved, tau=found.tau))
    if not damage:
        return _("Nothing is damaged: {share:.1f} %.").format(share=100 * found.accuracy)
    text = _("{damage}: accuracy {share:.1f} % instead of {whole:.1f} %.")
    return text.format(damage=", ".join(damage), share=100 * found.accuracy, whole=100 * found.whole)


def lesion_rows(titles: Sequence[str], records: Sequence[Sequence[DeletedBlock]]) -> Rows:
    """Returns a row per net and block."""
    return [
        {
            _("net"): title,
            _("without"): record.block or _("nothing"),
            _("accuracy"): None if isnan(record.accuracy) else record.accuracy,
            _("note"): record.refusal,
        }
        for title, each in zip(titles, records, strict=True)
        for record in each
    ]


def damage_figure(records: Sequence[RandomDamage], kind: Damage, mode: Mode) -> go.Figure:
    """Returns all draws and their means: over the number of deleted blocks, or over Kendall's rank correlation."""
    palette, figure = PALETTES[mode], go.Figure()
    own = [record for record in records if record.kind is kind]
    places = [record.number if kind is Damage.DELETE else record.tau for record in own]
    figure.add_scatter(
        x=[place for place, record in zip(places, own, strict=True) for _draw in record.accuracies],
        y=[share for record in own for share in record.accuracies], mode="markers", name=_("each draw"),
        marker={"size": 8, "color": palette[Role.DATA].line}, hovertemplate="%{y:.1%}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=places, y=[fmean(record.accuracies) for record in own], mode="lines+markers", name=_("mean"),
        line={"color": palette[Role.SHORTCUT].line, "width": 3}, marker={"size": 9},
        customdata=[record.number for record in own],
        hovertemplate=_("{n} at random: {share}").format(n="%{customdata}", share="%{y:.1%}") + "<extra></extra>",
    )  # fmt: skip
    deleted = kind is Damage.DELETE
    title = _("Random deletions") if deleted else _("Random exchanges of two blocks of a stage")
    x = _("blocks deleted") if deleted else _("Kendall τ: order as trained at 1")
    lay_out(figure, title, mode, x=x, height=300)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    if not deleted:
        figure.update_xaxes(range=[1.04, min([0.0, *places]) - 0.04])
    return figure


def damage_text(records: Sequence[RandomDamage]) -> str:
    """Returns the mean accuracies after little and after most damage."""
    parts = []
    for kind in Damage:
        own = [record for record in records if record.kind is kind]
        if len(own) > 1:
            first, last = own[0], own[-1]
            text = (
                _("Deleting {few} at random leaves {much:.0f} %, {many} leave {little:.0f} %.")
                if kind is Damage.DELETE
                else _("After {few} exchange {much:.0f} % are left, after {many} {little:.0f} %.")
            )
            parts.append(
                text.format(
                    few=first.number,
                    much=100 * fmean(first.accuracies),
                    many=last.number,
                    little=100 * fmean(last.accuracies),
                )
            )
    return " ".join(parts)


def damage_rows(records: Sequence[RandomDamage]) -> Rows:
    """Returns a row per kind and size of damage."""
    names: Mapping[Damage, str] = {Damage.DELETE: _("deleted"), Damage.SWAP: _("exchanges")}
    rows: list[dict[str, Any]] = [
        {
            _("damage"): names[record.kind],
            _("number"): record.number,
            _("mean accuracy"): fmean(record.accuracies),
            _("least"): min(record.accuracies),
            _("most"): max(record.accuracies),
            _("Kendall τ"): record.tau,
        }
        for record in records
    ]
    return rows
