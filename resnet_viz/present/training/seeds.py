"""Results of one recipe over several seeds: a row of means per net, and counts of seeds."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from statistics import fmean, stdev
from typing import Any, Final

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.training.results import LAST_STEPS, chance_loss, final_loss, is_guess, nets_by_architecture
from resnet_viz.runs.run import Curve
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_titles

MIN_SEEDS: Final = 2  # seeds that make a spread
CurvesBySeed = Mapping[int, Sequence[Curve]]


def table(titles: Mapping[str, str], by_seed: CurvesBySeed) -> list[dict[str, Any]]:
    """Returns a row per net: mean and standard deviation over the seeds of its loss and its test accuracy.

    Args:
        titles: of the nets by label (see `Recipe.titles`).
        by_seed: their curves.
    """
    return [{_("net"): named} | row for label, named in titles.items() if (row := _row(label, by_seed))]


def sentences(specs: Sequence[NetSpec], by_seed: CurvesBySeed, *, data: DataName | None = None) -> list[str]:
    """Returns for each kind of net of several depths in how many seeds the deepest one's loss is the larger one.

    Seeds in which both nets guess are counted apart: which of two guesses is the higher one is noise.

    Args:
        specs: the nets.
        by_seed: their curves.
        data: data set of the runs, whose classes give the loss of guessing; those of the nets if None.
    """
    titles, messages = run_titles(specs), []
    trained = {net for nets in by_seed.values() for net in final_losses(nets)}
    for own in nets_by_architecture(specs, trained):
        shallow, deep = own[0][0], own[-1][0]
        losses = [final_losses(nets) for nets in by_seed.values()]
        pairs = [(nets[deep], nets[shallow]) for nets in losses if {deep, shallow} <= set(nets)]
        if len(pairs) >= MIN_SEEDS:
            messages.append(_message(titles[shallow], titles[deep], pairs, chance_loss(own[0][1], data)))
    return messages


def are_apart(a: Sequence[float], b: Sequence[float]) -> bool:
    """Returns whether the means of two nets' losses differ by more than the sum of their standard deviations.

    With one seed, or with a loss that is not finite, they are not known to.
    """
    (a_mean, a_spread), (b_mean, b_spread) = _exact_spread(a), _exact_spread(b)
    if a_mean is None or b_mean is None or a_spread is None or b_spread is None:
        return False
    return abs(a_mean - b_mean) > a_spread + b_spread


def _message(shallow: str, deep: str, pairs: Sequence[tuple[float, float]], chance: float) -> str:
    """Returns the comparison of two nets from their pairs of losses, the deeper one's first."""
    learned = [pair for pair in pairs if not all(is_guess(loss, chance) for loss in pair)]
    num_guesses = len(pairs) - len(learned)
    if not learned:
        return _("Neither {shallow} nor {deep} learns in any of {n} seeds: {b} and {a}, guessing {chance:.2f}.").format(
            shallow=shallow,
            deep=deep,
            n=len(pairs),
            a=_mean_text([a for a, _b in pairs]),
            b=_mean_text([b for _a, b in pairs]),
            chance=chance,
        )
    deeper, shallower = [a for a, _b in learned], [b for _a, b in learned]
    if not any(isfinite(a) and isfinite(b) for a, b in learned):
        return _("{deep} and {shallow} are not compared: {a} against {b}.").format(
            deep=deep, shallow=shallow, a=_mean_text(deeper), b=_mean_text(shallower)
        )
    text = _(
        "{deep} has a higher loss (last {n} steps) than {shallow} in {above} of {all} seeds: {a} against {b}"
    ).format(
        deep=deep,
        shallow=shallow,
        n=LAST_STEPS,
        above=sum(a > b for a, b in learned),
        all=len(learned),
        a=_mean_text(deeper),
        b=_mean_text(shallower),
    )
    if len(learned) > 1 and all(map(isfinite, (*deeper, *shallower))) and not are_apart(deeper, shallower):
        text += _(", which overlap within their standard deviations")
    if num_guesses:
        text += ngettext("; in {n} more seed both guess", "; in {n} more seeds both guess", num_guesses).format(
            n=num_guesses
        )
    return text + "."


def _row(label: str, by_seed: CurvesBySeed) -> dict[str, Any]:
    curves = [curve for nets in by_seed.values() for curve in nets if curve.net == label and curve.steps]
    if len(curves) < MIN_SEEDS:
        return {}
    tested = [curve.test_accuracy[-1] for curve in curves if curve.test_accuracy]
    losses, accuracies = _spread(map(final_loss, curves)), _spread(tested)
    return {
        _("seeds"): len(curves),
        _("training loss, last {n}").format(n=LAST_STEPS): losses[0],
        _("± sd"): losses[1],
        _("test accuracy"): accuracies[0],
        _("± sd of accuracy"): accuracies[1],
    }


def final_losses(curves: Sequence[Curve]) -> dict[str, float]:
    """Returns the loss of each net of a run; NaN for one that ended long before the others, as a net that diverged."""
    reached = max((curve.steps[-1] for curve in curves if curve.steps), default=0)
    return {
        curve.net: final_loss(curve) if reached - curve.steps[-1] <= LAST_STEPS else nan
        for curve in curves
        if curve.steps
    }


def _spread(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Returns mean and standard deviation to four decimals, None where there is none."""
    mean, spread = _exact_spread(values)
    return None if mean is None else round(mean, 4), None if spread is None else round(spread, 4)


def _exact_spread(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Returns mean and standard deviation, None where there is none: of one value, or of one that is not finite."""
    found = list(values)
    if not found or not all(map(isfinite, found)):
        return None, None
    return fmean(found), stdev(found) if len(found) > 1 else None


def _mean_text(values: Sequence[float]) -> str:
    mean, spread = _spread(values)
    if mean is None:
        return _("not finite in some seed")
    return f"{mean:.2f} ± {spread:.2f}" if spread is not None else f"{mean:.2f}"
