"""Training loss against depth on the page: bands of seeds, and sentences that compare depths seed by seed."""

from collections.abc import Sequence
from statistics import fmean

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.line_options import ChartOptions, kind_color
from resnet_viz.present.training import loss_over_depth
from resnet_viz.present.training.loss_over_depth import DepthCurve
from resnet_viz.theory.loss_by_depth import Change, DepthLosses, LossByDepth, Protocol, neighbours
from resnet_viz.training.lab_nets import NetType

_FEWEST = 2  # seeds for a standard error


def kind_name(kind: NetType) -> str:
    """Returns the name of plain or residual nets."""
    return _("Plain nets") if kind is NetType.PLAIN else _("Residual nets")


def protocol_name(protocol: str) -> str:
    """Returns the name of a protocol."""
    return {
        Protocol.USUAL: _("usual initial weights, 400 steps"),
        Protocol.IDENTITY: _("blocks begin as the identity, 800 steps"),
    }[Protocol(protocol)]


def depth_chart(measured: LossByDepth, mode: Mode, compared: tuple[int, int]) -> ChartOptions:
    """Returns the loss over depth: mean of the fresh seeds, all of them as a band; the compared depths are marked."""
    curves = [
        DepthCurve(kind_name(kind), kind_color(kind, mode), {row.depth: row.losses for row in measured.fresh(kind)})
        for kind in NetType
    ]
    return loss_over_depth.depth_chart(curves, marked=compared)


def headline(measured: LossByDepth, shallow: int, deep: int) -> str:
    """Returns in one sentence how many fresh seeds agree on depth with and without shortcuts."""
    residual, plain = (measured.change(kind, shallow, deep) for kind in (NetType.RESIDUAL, NetType.PLAIN))
    facts = {"shallow": shallow, "deep": deep, "total": len(residual.differences)}
    with_shortcuts = (
        _("With shortcuts, and blocks that begin as the identity, {deep} layers train better than {shallow} in {n} of "
          "{total} seeds")
        if residual.num_better > residual.num_worse
        else _("With shortcuts, {deep} layers train worse than {shallow} in {n} of {total} seeds")
    ).format(n=max(residual.num_better, residual.num_worse), **facts)  # fmt: skip
    without = (
        _("plain, they train worse in {n} of {total}")
        if plain.num_worse >= plain.num_better
        else _("plain, they train better in {n} of {total}")
    ).format(n=max(plain.num_better, plain.num_worse), total=len(plain.differences))
    return _("{with_shortcuts}; {without}.").format(with_shortcuts=with_shortcuts, without=without)


def means_text(measured: LossByDepth) -> str:
    """Returns the mean loss of the fresh seeds at each depth, residual nets first."""
    rows = measured.fresh(NetType.RESIDUAL)
    kinds = ", ".join(
        _("{kind} {losses}").format(
            kind=kind_name(kind), losses=" → ".join(f"{fmean(row.losses):.2f}" for row in measured.fresh(kind))
        )
        for kind in (NetType.RESIDUAL, NetType.PLAIN)
    )
    return _("Mean training loss of {n} seeds at {depths} layers: {kinds}.").format(
        n=len(rows[0].losses), depths=", ".join(str(row.depth) for row in rows), kinds=kinds
    )


def pair_texts(measured: LossByDepth, shallow: int, deep: int) -> list[str]:
    """Returns the change from one depth to another: both kinds beside each other, where that says more, then each."""
    found = {kind: measured.change(kind, shallow, deep) for kind in NetType}
    texts = [change_text(kind, one) for kind, one in found.items()]
    return list(filter(None, [cost_text(found[NetType.PLAIN], found[NetType.RESIDUAL]), *texts]))


def cost_text(plain: Change, residual: Change) -> str:
    """Returns the cost of more layers with shortcuts beside that without; "" unless depth harms the plain nets more."""
    if not 0 < plain.mean > residual.mean:
        return ""
    facts = {"n": plain.deep - plain.shallow, "plain": f"{plain.mean:+.3f}", "residual": f"{residual.mean:+.3f}"}
    if residual.mean <= 0:
        return _("{n} more layers cost the plain net {plain}; with shortcuts they help: {residual}.").format(**facts)
    return _("{n} more layers cost the plain net {plain}, the residual one {residual}: {ratio:.0f} times less.").format(
        **facts, ratio=plain.mean / residual.mean
    )


def change_text(kind: NetType, found: Change) -> str:
    """Returns how many seeds agree, and the mean difference with its standard error."""
    total = len(found.differences)
    worse = found.num_worse
    facts = {
        "kind": kind_name(kind),
        "shallow": found.shallow,
        "deep": found.deep,
        "n": max(worse, total - worse),
        "total": total,
        "mean": f"{found.mean:+.3f}",
        "error": f"{found.standard_error:.3f}",
    }
    if total < _FEWEST:
        return _("{kind}, {shallow} → {deep} layers: one seed, {mean}; that settles nothing.").format(**facts)
    if 2 * worse > total and found.mean > 0:
        return _(
            "{kind}, {shallow} → {deep} layers: the deeper net has the higher loss with {n} of {total} seeds, on "
            "average by {mean} ± {error}."
        ).format(**facts)
    if 2 * worse < total and found.mean < 0:
        return _(
            "{kind}, {shallow} → {deep} layers: the deeper net has the lower loss with {n} of {total} seeds, on "
            "average by {mean} ± {error}."
        ).format(**facts)
    return _(
        "{kind}, {shallow} → {deep} layers: seeds and mean disagree ({mean} ± {error}, higher with {worse} of {total})."
    ).format(**facts, worse=worse)


def neighbours_text(kind: NetType, rows: tuple[DepthLosses, ...]) -> str:
    """Returns from which depth to the next every seed gets worse, every seed better, and where seeds differ."""
    steps = neighbours(rows)
    worse = [one for one in steps if one.num_worse == len(one.differences)]
    better = [one for one in steps if one.num_worse == 0]
    mixed = [one for one in steps if one not in worse and one not in better]
    parts = [
        text.format(steps=_listed(found))
        for text, found in (
            (_("higher with every seed: {steps}"), worse),
            (_("lower with every seed: {steps}"), better),
            (_("seeds differ: {steps}"), mixed),
        )
        if found
    ]
    return _("{kind}, from one depth to the next: {parts}.").format(kind=kind_name(kind), parts="; ".join(parts))


def _listed(steps: Sequence[Change]) -> str:
    return ", ".join(f"{one.shallow} → {one.deep} ({one.mean:+.2f})" for one in steps)


def depth_rows(measured: LossByDepth) -> Rows:
    """Returns a row for each net and seed."""
    return [
        {_("nets"): kind_name(row.kind), _("layers"): row.depth, _("seed"): seed, _("training loss"): loss}
        for row in measured.rows
        for seed, loss in enumerate(row.losses)
    ]
