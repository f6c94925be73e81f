"""Measured gradients of nets as text and JSON, for the shell."""

from collections.abc import Sequence
from math import exp, inf, isfinite, log
from typing import Any, Final, NamedTuple

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.tables import in_columns
from resnet_viz.theory.gradients import GradientCurves, SinglePrecision, first_to_last

_EVEN: Final = 2.0  # a ratio within this factor of 1 is called even


class NamedCurves(NamedTuple):
    """Curves of one net with one seed.

    Attributes:
        net: name of the net.
        curves: its measurements.
    """

    net: str
    curves: GradientCurves


def to_json(named: NamedCurves) -> dict[str, Any]:
    """Returns the curves as JSON values in running order; numbers that are not finite are null."""
    curves = named.curves
    return {
        "net": named.net,
        "seed": curves.seed,
        "grad": _by_name(curves.convs, curves.grad),
        "block_grad": _by_name(curves.blocks, curves.block_grad),
        "activation_std": _by_name(curves.blocks, curves.activation_std),
        "branch_share": _by_name(curves.blocks, curves.branch_share),
    }


def table(found: Sequence[NamedCurves]) -> str:
    """Returns a row for each net and seed: gradients at both ends with their ratio, and single precision's."""
    heads = (
        _("net"),
        _("seed"),
        _("block gradient: first"),
        _("last"),
        _("first/last"),
        _("weight gradient: first"),
        _("last"),
        _("first/last"),
        _("in single precision"),
    )
    return in_columns([heads, *map(_row, found)], left=(0, 8))


def has_ratio(named: NamedCurves) -> bool:
    """Returns whether the block gradient has a ratio first / last: neither overflow nor zero."""
    ratio = _ratio(named.curves.block_grad)
    return isfinite(ratio) and ratio > 0


def messages(found: Sequence[NamedCurves]) -> list[str]:
    """Returns a message for each net, over all its seeds: how its block gradient changes towards the input."""
    nets = list(dict.fromkeys(named.net for named in found))
    return [_message(net, [named.curves for named in found if named.net == net]) for net in nets]


def _message(net: str, curves: Sequence[GradientCurves]) -> str:
    broken = [str(one.seed) for one in curves if not has_ratio(NamedCurves(net, one))]
    if broken:
        text = ngettext(
            "{net}: with seed {seeds} the block gradients overflow or vanish even in double precision.",
            "{net}: with seeds {seeds} the block gradients overflow or vanish even in double precision.",
            len(broken),
        )
        return text.format(net=net, seeds=", ".join(broken))
    text = _("{net}: {course} (first block / last block {ratio}).")
    ratios = [_ratio(one.block_grad) for one in curves]
    mean = exp(sum(map(log, ratios)) / len(ratios))
    return text.format(net=net, course=_course(mean), ratio=_of_seeds(mean, ratios)) + _precision(curves)


def _course(ratio: float) -> str:
    if ratio > _EVEN:
        return _("the gradient grows towards the input")
    if ratio < 1 / _EVEN:
        return _("the gradient shrinks towards the input")
    return _("the gradient is about the same at both ends")


def _of_seeds(mean: float, ratios: Sequence[float]) -> str:
    if len(ratios) == 1:
        return _number(mean)
    return _("{mean} in the geometric mean of {num} seeds, {low} to {high}").format(
        mean=_number(mean), num=len(ratios), low=_number(min(ratios)), high=_number(max(ratios))
    )


def _precision(curves: Sequence[GradientCurves]) -> str:
    kinds = {one.single for one in curves}
    if SinglePrecision.NOT_FINITE in kinds:
        return " " + _("In single precision, in which nets are trained, it is not finite.")
    if SinglePrecision.NOISE in kinds:
        return " " + _("In single precision, in which nets are trained, this gradient is rounding noise.")
    return ""


def _row(named: NamedCurves) -> tuple[str, ...]:
    curves = named.curves
    ends = [
        _number(value) for norms in (curves.block_grad, curves.grad) for value in (norms[0], norms[-1], _ratio(norms))
    ]
    return (named.net, str(curves.seed), *ends, _single_text(curves))


def _single_text(curves: GradientCurves) -> str:
    match curves.single:
        case SinglePrecision.NOT_FINITE:
            return _("not finite")
        case SinglePrecision.NOT_MEASURED:
            return _("not measured")
        case SinglePrecision.NOISE | SinglePrecision.SAME:
            text = _("{error:.1g} % off, cosine {cosine:.4f}")
            return text.format(error=100 * curves.single_error, cosine=curves.single_cosine)


def _ratio(norms: Sequence[float]) -> float:
    """Returns first / last, infinite where only the last is 0."""
    return inf if norms[0] and not norms[-1] else first_to_last(norms)


def _number(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else _("not finite")


def _by_name(names: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in zip(names, values, strict=True)}
