"""Nets that grow by blocks that do nothing: the blocks as a picture, accuracy over depth, and both in words."""

from collections.abc import Sequence
from html import escape
from typing import Final

from resnet_viz.graph.roles import Role, RoleColors
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, chart, dots, kind_color, level, line, marked
from resnet_viz.present.theory.numbers import short
from resnet_viz.present.units import exact
from resnet_viz.theory.trained.growth import LEAST, MOST, Filling, GrownNet
from resnet_viz.training.lab_nets import NetType

GUESSING: Final = 0.1  # accuracy for ten classes
_GUESSES: Final = 0.03  # above it
_CLASSES: Final = 10
_LAYERS: Final = 6  # of a block in each of three stages
_OUTER: Final = 2  # stem and fc
_STYLE: Final = (
    "<style>@keyframes grow-block{from{opacity:0;transform:scale(0.3)}}"
    "@media (prefers-reduced-motion:reduce){.new-block{animation:none!important}}</style>"
)
_DELAY_S: Final = 0.07  # from one new block of a stage to the next


def at_count(records: Sequence[GrownNet], count: int, filling: Filling) -> tuple[GrownNet, ...]:
    """Returns the nets of one size that have come, in the question's order."""
    found = [one for one in records if one.count == count and one.filling is filling]
    return tuple(sorted(found, key=lambda one: one.place))


def largest_count(records: Sequence[GrownNet], count: int, filling: Filling) -> int:
    """Returns the largest number of blocks up to `count` that has come: while sizes are computed, the nets grow."""
    return max((one.count for one in records if one.count <= count and one.filling is filling), default=count)


def picture(records: Sequence[GrownNet], mode: Mode) -> str:
    """Returns nets as HTML: a row each, trained blocks filled, new ones dashed and marked, accuracy at the end."""
    rows = "".join(_net_row(one, mode) for one in records)
    return f'{_STYLE}<div style="display:flex;flex-direction:column;gap:14px;width:100%">{rows}</div>'


def _net_row(one: GrownNet, mode: Mode) -> str:
    ink = PALETTES[mode][Role.DATA].text
    stages = "".join(_stage(one, stage, mode) for stage in range(len(one.old)))
    head = f"<b>{escape(one.title)}</b> &rarr; {escape(_('{n} layers').format(n=one.depth))}"
    return (
        f'<div style="color:{ink};font-size:15px"><div style="margin-bottom:5px">{head}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center">{stages}{_score(one, mode)}</div>'
        "</div>"
    )


def _stage(one: GrownNet, stage: int, mode: Mode) -> str:
    old = one.old[stage]
    trained = "".join(_trained_block(one, mode) for _number in range(old))
    new = "".join(_new_block(one, number, mode) for number in range(one.count - old))
    return f'<div style="display:flex;flex-wrap:wrap;gap:3px">{trained}{new}</div>'


def _block(title: str, sign: str, style: str, *, name: str = "") -> str:
    size = "width:24px;height:42px;border-radius:5px;box-sizing:border-box;text-align:center;line-height:38px"
    return f'<div class="{name}" title="{escape(title)}" style="{size};font-size:15px;{style}">{sign}</div>'


def _trained_block(one: GrownNet, mode: Mode) -> str:
    return _block(_("trained"), "", f"background:{_color(one, mode).line}")


def _new_block(one: GrownNet, number: int, mode: Mode) -> str:
    """Returns a block that comes up a moment after the one before it."""
    moves = f"animation:grow-block 0.35s ease-out {number * _DELAY_S:.2f}s both"
    if one.filling is Filling.IDENTITY:
        color = _color(one, mode)
        look = f"border:2px dashed {color.line};color:{color.text};{moves}"
        return _block(_("does nothing"), "=", look, name="new-block")
    grey = PALETTES[mode][Role.DATA]
    look = f"border:2px solid {grey.line};background:{grey.fill};color:{grey.text};{moves}"
    return _block(_("random"), "?", look, name="new-block")


def _color(one: GrownNet, mode: Mode) -> RoleColors:
    return PALETTES[mode][Role.BRANCH if one.is_plain else Role.SHORTCUT]


def _score(one: GrownNet, mode: Mode) -> str:
    palette = PALETTES[mode]
    color = palette[Role.NORM if not is_guess(one.accuracy) else Role.ACT]
    width = round(100 * one.accuracy)
    return (
        '<div style="display:flex;align-items:center;gap:10px;flex:1;min-width:220px;margin-left:16px">'
        f'<div style="flex:1;height:14px;border-radius:7px;background:{palette[Role.DATA].fill}">'
        f'<div style="width:{width}%;height:14px;border-radius:7px;background:{color.line}"></div></div>'
        f'<span style="font-size:22px;font-weight:600;color:{color.text}">{one.accuracy:.3f}</span></div>'
    )


def legend(filling: Filling, mode: Mode) -> str:
    """Returns the meaning of the blocks' looks as HTML."""
    grey = PALETTES[mode][Role.DATA]
    new = _("= new, does nothing") if filling is Filling.IDENTITY else _("? new, random")
    text = " &nbsp;·&nbsp; ".join(map(escape, (_("■ trained"), new, _("bar: accuracy on test images"))))
    return f'<div style="color:{grey.line};font-size:14px">{text}</div>'


def is_guess(accuracy: float) -> bool:
    """Returns whether an accuracy is that of guessing among ten classes."""
    return accuracy < GUESSING + _GUESSES


def accuracy_chart(records: Sequence[GrownNet], count: int, mode: Mode) -> ChartOptions:
    """Returns accuracy over depth for both nets and both fillings; the chosen depth is marked."""
    ends = (_LAYERS * LEAST + _OUTER, _LAYERS * MOST + _OUTER)
    axes = Axes(x=_("layers"), y=_("accuracy on test images"), x_ends=ends, y_ends=(0, 1))
    series = []
    for place in dict.fromkeys(one.place for one in records):
        for filling in Filling:
            own = [one for one in records if one.place == place and one.filling is filling]
            if own:
                series.append(_accuracy_line(own, filling, count, axes, mode))
    if series:
        series[0] = level(series[0], GUESSING, _("guessing"), axes=axes)
    return chart(series, axes=axes, right_px=64)


def _accuracy_line(own: Sequence[GrownNet], filling: Filling, count: int, axes: Axes, mode: Mode) -> ChartOptions:
    kind = NetType.PLAIN if own[0].is_plain else NetType.RESIDUAL
    is_identity = filling is Filling.IDENTITY
    name = (_("{net}, blocks that do nothing") if is_identity else _("{net}, random blocks")).format(net=own[0].title)
    points = [(float(one.depth), one.accuracy) for one in own]
    dash, width = (
        "solid" if is_identity else "dashed",
        2.5 if own[0].is_plain else 7.0,
    )  # both may be at the same height
    series = dots(line(name, points, kind_color(kind, mode), axes=axes, dash=dash, width=width), size=7)
    chosen = next((one for one in own if one.count == count), None)
    if chosen is None or (own[0].place and is_identity):  # two equal marks would cover each other
        return series
    return marked(series, f"{chosen.accuracy:.2f}", (chosen.depth, chosen.accuracy), axes=axes)


def net_text(one: GrownNet, images: int) -> str:
    """Returns the change of one net, computed from its record."""
    num_new = sum(one.count - old for old in one.old)
    if not num_new:
        return _("{net} as it was trained: accuracy {accuracy:.3f}.").format(net=one.title, accuracy=one.accuracy)
    facts = {"net": one.title, "n": num_new, "accuracy": one.accuracy}
    if one.filling is Filling.RANDOM:
        if is_guess(one.accuracy):
            return _("{net} with {n} random blocks: accuracy {accuracy:.2f}, which is guessing.").format(**facts)
        return _("{net} with {n} random blocks: accuracy {accuracy:.3f}.").format(**facts)
    if one.difference == 0:
        return _(
            "{net} with {n} blocks that do nothing: all {logits} logits are the same to the last bit, accuracy "
            "{accuracy:.3f} as before."
        ).format(**facts, logits=exact(_CLASSES * images))
    return _(
        "{net} with {n} blocks that should do nothing: a logit changes by up to {difference}; accuracy {accuracy:.3f}."
    ).format(**facts, difference=short(one.difference))


def difference_text(difference: float) -> str:
    """Returns a difference of logits; an exact zero is "0.0"."""
    return "0.0" if difference == 0 else short(difference)


def lesson(records: Sequence[GrownNet]) -> str:
    """Returns the conclusion, where plain and residual nets have grown by blocks and no logit has changed; else ""."""
    grown = [one for one in records if one.filling is Filling.IDENTITY and any(one.count > old for old in one.old)]
    if not grown or any(one.difference for one in grown) or {one.is_plain for one in grown} != {True, False}:
        return ""
    return _(
        "So a deeper net can be as good as a shallower one **by construction**: the same function is among its "
        'functions. "ReLU cannot do nothing" is wrong where x ≥ 0: **a plain block can be the identity**, with '
        "kernels that hand on their channel. A residual block is it with a single vector of zeros. For the plain "
        "block it is hard to find (next instrument)."
    )


def growth_rows(records: Sequence[GrownNet]) -> Rows:
    """Returns a row for each grown net."""
    names = {Filling.IDENTITY: _("do nothing"), Filling.RANDOM: _("random")}
    return [
        {
            _("net"): one.title,
            _("new blocks"): names[one.filling],
            _("blocks per stage"): one.count,
            _("layers"): one.depth,
            _("accuracy"): round(one.accuracy, 4),
            _("largest logit difference"): one.difference,
        }
        for one in records
    ]
