"""Results of one recipe over several seeds: a row of means per net, and counts of seeds."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from statistics import fmean, stdev
from typing import Any, Final

from resnet_viz.i18n import _
from resnet_viz.present.training.results import LAST_STEPS, final_loss, nets_by_architecture
from resnet_viz.runs.run import Curve
from resnet_viz.spec.net import NetSpec

MIN_SEEDS: Final = 2  # seeds that make a spread
CurvesBySeed = Mapping[int, Sequence[Curve]]


def table(labels: Sequence[str], by_seed: CurvesBySeed) -> list[dict[str, Any]]:
    """Returns a row per net: mean and standard deviation over the seeds of its loss and its test accuracy."""
    return [row for label in labels if (row := _row(label, by_seed))]


def sentences(specs: Sequence[NetSpec], by_seed: CurvesBySeed) -> list[str]:
    """Returns for each kind of net of several depths in how many seeds the deepest one's loss is the larger one."""
    said = []
    trained = {net for nets in by_seed.values() for net in _losses(nets)}
    for own in nets_by_architecture(specs, trained):
        shallow, deep = own[0][0], own[-1][0]
        pairs = [(nets[deep], nets[shallow]) for nets in map(_losses, by_seed.values()) if {deep, shallow} <= set(nets)]
        if len(pairs) < MIN_SEEDS:
            continue
        said.append(
            _(
                "{deep} has a higher loss (last {n} steps) than {shallow} in {above} of {all} seeds: {a} against {b}."
            ).format(
                deep=deep,
                shallow=shallow,
                n=LAST_STEPS,
                above=sum(a > b for a, b in pairs),
                all=len(pairs),
                a=_mean_text([a for a, _b in pairs]),
                b=_mean_text([b for _a, b in pairs]),
            )
        )
    return said


def _row(label: str, by_seed: CurvesBySeed) -> dict[str, Any]:
    curves = [curve for nets in by_seed.values() for curve in nets if curve.net == label and curve.steps]
    if len(curves) < MIN_SEEDS:
        return {}
    tested = [curve.test_accuracy[-1] for curve in curves if curve.test_accuracy]
    losses, accuracies = _spread(map(final_loss, curves)), _spread(tested)
    return {
        _("net"): label,
        _("seeds"): len(curves),
        _("training loss, last {n}").format(n=LAST_STEPS): losses[0],
        _("± sd"): losses[1],
        _("test accuracy"): accuracies[0],
        _("± sd of accuracy"): accuracies[1],
    }


def _losses(curves: Sequence[Curve]) -> dict[str, float]:
    return {curve.net: final_loss(curve) for curve in curves if curve.steps}


def _spread(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Returns mean and standard deviation, None where there is none: of one value, or of one that is not finite."""
    found = list(values)
    if not found or not all(map(isfinite, found)):
        return None, None
    return round(fmean(found), 4), round(stdev(found), 4) if len(found) > 1 else None


def _mean_text(values: Sequence[float]) -> str:
    mean, spread = _spread(values)
    if mean is None:
        return _("not finite in some seed")
    return f"{mean:.2f} ± {spread:.2f}" if spread is not None else f"{mean:.2f}"
