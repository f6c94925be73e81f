"""Messages under the chart of the gradients page, computed from the measured numbers."""

from collections.abc import Sequence
from itertools import combinations
from math import isfinite, nan
from typing import Final, NamedTuple

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.gradients.curves import NetCurve, View
from resnet_viz.present.gradients.figure import Panel, panel_title
from resnet_viz.present.gradients.nets import PLAIN, BenchNet
from resnet_viz.present.gradients.numbers import number_text, range_text
from resnet_viz.present.gradients.trend import (
    FLAT,
    Trend,
    mean_ratio,
    ratio_text,
    trend_of,
    trend_verb,
)
from resnet_viz.theory.gradient_lines import factor_per_step
from resnet_viz.theory.gradients import GradientCurves, SinglePrecision

_MOST_NETS: Final = 3  # of which each has its message


class OftenSaid(NamedTuple):
    """A statement that one hears, and what is measured."""

    said: str
    measured: str


def view_note(view: View) -> str:
    """Returns which of the quantities this is, and whether the story of vanishing gradients is about it."""
    return {
        View.BLOCK: _(
            "‖∂E/∂x‖ at the output of each block: the gradient that arrives there, from the right. The story of "
            "vanishing and exploding gradients is about this one. First / last: first block over last block."
        ),
        View.WEIGHT: _(
            "‖∂E/∂W‖ of each convolution of a branch: its input times the gradient behind it. The story of vanishing "
            "gradients is about the block gradient, not about this one: where signal and gradient shrink alike, this "
            "one stays even. First / last: first convolution over last convolution."
        ),
        View.STD: _("How large the signal is behind each block, over all images, channels and pixels of the batch."),
        View.SHARE: _("What a branch adds to its shortcut, both as L2 norms, squared: below 1 the shortcut dominates."),
    }[view]


def panel_message(panel: Panel, view: View) -> str:
    """Returns the course of the quantity in the nets of a panel, with or without norm; "" without curves."""
    if not panel.curves:
        return ""
    start = _("**With batch norm:**") if panel.has_norm else _("**Without norm:**")
    if not view.is_gradient:
        return " ".join([start, *_levels(panel)])
    if len(panel.curves) <= _MOST_NETS:
        return " ".join([start, *(_course(curve, panel) for curve in panel.curves), _compared(panel)]).strip()
    return " ".join([start, *_extremes(panel)])


def _course(curve: NetCurve, panel: Panel) -> str:
    """Returns where the gradient of one net goes, by how much, and what theory has for each layer."""
    ratios = curve.ratios
    trend = trend_of(ratios)
    if trend is Trend.UNKNOWN:
        return _("*{net}* {verb}.").format(net=curve.net.title, verb=trend_verb(trend, mean_ratio(ratios)))
    text = _("*{net}* {verb}, first / last {ratio}").format(
        net=curve.net.title, verb=trend_verb(trend, mean_ratio(ratios)), ratio=ratio_text(ratios, strong="**")
    )
    return text + _per_layer(curve, panel) + "."


def _per_layer(curve: NetCurve, panel: Panel) -> str:
    """Returns the measured factor of each step beside that of theory; "" where there is no law."""
    law = next((line.law for line in panel.lines if line.net == curve.net and line.law), None)
    per = nan if law is None else factor_per_step(law, curve.net.spec, mean_ratio(curve.ratios))
    if law is None or not isfinite(per):
        return ""
    unit = _("block") if law.per_block else _("convolution")
    return _(", {per:.3g} per {unit} (theory {law:.3g})").format(per=per, unit=unit, law=law.factor)


def _compared(panel: Panel) -> str:
    """Returns how much more the gradient of the plain net grows than that of the first residual one."""
    plain = next((curve for curve in panel.curves if curve.net.id == PLAIN), None)
    other = next((curve for curve in panel.curves if curve.net.id != PLAIN), None)
    if plain is None or other is None:
        return ""
    times = mean_ratio(plain.ratios) / mean_ratio(other.ratios)
    if not isfinite(times) or 1 / FLAT <= times <= FLAT:
        return ""
    text = (
        _("Without shortcuts the ratio is {times} times as large.")
        if times > 1
        else _("With shortcuts the ratio is {times} times as large.")
    )
    return text.format(times=number_text(max(times, 1 / times)))


def _extremes(panel: Panel) -> list[str]:
    """Returns the courses of the nets with the largest and the smallest ratio, and of those without one."""
    known = [curve for curve in panel.curves if trend_of(curve.ratios) is not Trend.UNKNOWN]
    unknown = [curve for curve in panel.curves if trend_of(curve.ratios) is Trend.UNKNOWN]
    ranked = sorted(known, key=lambda curve: mean_ratio(curve.ratios))
    found = [_course(curve, panel) for curve in (*ranked[-1:], *ranked[:-1][:1])]
    between = len(ranked) - len(found)
    if between > 0:
        found.append(ngettext("{n} net lies between.", "{n} nets lie between.", between).format(n=between))
    return [*found, *(_course(curve, panel) for curve in unknown)]


def _levels(panel: Panel) -> list[str]:
    """Returns the first, the last and the largest value of each net, and how far it is from its formula."""
    found = [_level(curve, panel) for curve in panel.curves[:_MOST_NETS] if any(place.drawn for place in curve.places)]
    rest = len(panel.curves) - _MOST_NETS
    if rest > 0:
        text = ngettext("{n} further net: see the table.", "{n} further nets: see the table.", rest)
        found.append(text.format(n=rest))
    return found


def _level(curve: NetCurve, panel: Panel) -> str:
    drawn = [place for place in curve.places if place.drawn]
    top = max(drawn, key=lambda place: place.mean)
    text = _("*{net}* goes from **{first}** to **{last}**, at most {top} ({where})").format(
        net=curve.net.title,
        first=number_text(drawn[0].mean),
        last=number_text(drawn[-1].mean),
        top=number_text(top.mean),
        where=top.name,
    )
    line = next((line for line in panel.lines if line.net == curve.net), None)
    if line is None:
        return text + "."
    times = [place.mean / y for place, y in zip(curve.places, line.ys, strict=True) if place.drawn]
    return text + _("; {times} times the formula.").format(times=range_text(times))


def edge_messages(panels: Sequence[Panel]) -> list[str]:
    """Returns a message for each net with values that have no place on a logarithmic axis."""
    found = []
    for panel in panels:
        where = _("with batch norm") if panel.has_norm else _("without norm")
        for curve in panel.curves:
            zeros = sum(place.has_zero for place in curve.places)
            broken = sum(place.is_broken for place in curve.places)
            values = {"net": curve.net.title, "where": where, "all": len(curve.places)}
            if zeros:
                text = _("{net}, {where}: exactly 0 at {n} of {all} places, drawn as ▼ on the lower edge.")
                found.append(text.format(n=zeros, **values))
            if broken:
                text = _("{net}, {where}: not finite at {n} of {all} places, drawn as × on the upper edge.")
                found.append(text.format(n=broken, **values))
    return found


def equal_curves(panels: Sequence[Panel]) -> list[str]:
    """Returns a message for nets whose curves are the same to the last bit, so that only the upper one is visible."""
    text = _("{one} and {other} have the same curve to the last bit {where}.")
    return [
        text.format(
            one=one.net.title,
            other=other.net.title,
            where=_("with batch norm") if panel.has_norm else _("without norm"),
        )
        for panel in panels
        for one, other in combinations(panel.curves, 2)
        if one.places == other.places
    ]


def precision_messages(nets: Sequence[BenchNet], records: Sequence[GradientCurves]) -> list[str]:
    """Returns where single precision would not do, as measured beside double precision."""
    texts = {
        SinglePrecision.NOISE: _(
            "{nets}: in single precision, in which nets are trained, this gradient is rounding noise."
        ),
        SinglePrecision.NOT_FINITE: _(
            "{nets}: in single precision, in which nets are trained, this gradient overflows."
        ),
        SinglePrecision.NOT_MEASURED: _(
            "At this depth single precision is not compared, for the time that it would take."
        ),
    }
    messages = []
    for kind, text in texts.items():
        places = dict.fromkeys(record.place for record in records if record.single is kind)
        if places:
            names = (_precision_text(nets[place], [r for r in records if r.place == place], kind) for place in places)
            messages.append(text.format(nets=_("; ").join(names)))
    return [*messages, _("All norms here are computed in double precision.")] if messages else []


def _precision_text(net: BenchNet, records: Sequence[GradientCurves], kind: SinglePrecision) -> str:
    """Returns the name of a net, and how far off its noisy gradients are with the worst seed."""
    name = f"{net.title}, {panel_title(net.has_norm)}"
    if kind is not SinglePrecision.NOISE:
        return name
    noisy = [record for record in records if record.single is kind]
    return _("{net} (norms up to {error:.0%} off, cosine of the first gradient {cosine:.3g})").format(
        net=name,
        error=max(record.single_error for record in noisy),
        cosine=min(record.single_cosine for record in noisy),
    )


def often_said(blocks: Sequence[NetCurve], weights: Sequence[NetCurve]) -> list[OftenSaid]:
    """Returns the statements that what is on screen speaks against, with the numbers that do.

    Args:
        blocks: block gradients of all nets.
        weights: weight gradients of the same nets.
    """
    found = []
    for block, weight in zip(blocks, weights, strict=True):
        if block.net.id != PLAIN:
            continue
        ratio, trend = mean_ratio(block.ratios), trend_of(block.ratios)
        if block.net.has_norm and trend is Trend.GROWS:
            text = _(
                "With batch norm the gradient of this plain net does not vanish at birth, it {verb}: first / last "
                "{ratio}. He et al. 2015, section 4.1, call vanishing gradients an unlikely cause of degradation."
            )
            measured = text.format(verb=trend_verb(trend, ratio), ratio=number_text(ratio))
            found.append(OftenSaid(_("Vanishing gradients cause degradation."), measured))
        weight_ratio = mean_ratio(weight.ratios)
        if not block.net.has_norm and trend is Trend.FALLS and weight_ratio >= 1 / FLAT:
            text = _(
                "The block gradient falls to {ratio} of the last block's, the weight gradient does not: first / last "
                "{weight}. Signal and gradient shrink alike, so their product, ∂E/∂W, is about as small everywhere."
            )
            found.append(
                OftenSaid(
                    _("Vanishing means small weight gradients near the input."),
                    text.format(ratio=number_text(ratio), weight=number_text(weight_ratio)),
                )
            )
    return found
