"""Sentences about maps: how well nets agree, what the delta means, what a method cannot say. No Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from resnet_viz.attribution.method import Method
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution.results import NetPrediction, percent

_STRONG: Final = 0.7
_WEAK: Final = 0.3


def alt_text(nets: Sequence[NetPrediction], method: str) -> str:
    """Returns what the main figure shows, for those who do not see it."""
    said = _("; ").join(
        _("{net} predicts {name} with {share}").format(
            net=net.title, name=net.class_name(net.predicted), share=percent(net.probability(net.predicted))
        )
        for net in nets
    )
    return _("{method} over the picture: {said}").format(method=method, said=said)


def map_notes(answer: AttributionResult, nets: Sequence[NetPrediction], method: Method) -> list[str]:
    """Returns what is to be known of the maps on the screen."""
    said = []
    if len(nets) > 1:
        said.append(_agreement(answer, method.name))
    deltas = [(net.title, delta) for net in nets if (delta := _delta(net, method.name)) is not None]
    if method.has_delta and deltas:
        values = _(", ").join(_("{net} {delta:+.2g}").format(net=net, delta=delta) for net, delta in deltas)
        said.append(
            _(
                "Convergence delta: {values} logits. The map should add up to the score of the picture minus that of "
                "the baseline; the delta is what it misses, and more steps make it smaller."
            ).format(values=values)
        )
    targets = {net.target for net in nets}
    if len(targets) > 1:
        names = _(" and ").join(net.class_name(net.target) for net in nets)
        said.append(
            _("The nets differ in what they predict, so the maps explain different classes: {names}.").format(
                names=names
            )
        )
    said.append(f"{method.title}: {method.limits}")
    return [sentence for sentence in said if sentence]


def _agreement(answer: AttributionResult, method: str) -> str:
    pair = _pair(answer.meta.get("agreement") or (), f"0.map.{method}", f"1.map.{method}")
    if pair is None or pair["signed"] is None:
        return ""
    signed = float(pair["signed"])
    size = abs(signed)
    how = _("agree") if size >= _STRONG else _("agree in part") if size >= _WEAK else _("hardly agree")
    sentence = _("The two maps {how}: rank correlation {signed:.2f} with sign, {absolute:.2f} of the sizes alone.")
    return sentence.format(how=how, signed=signed, absolute=float(pair["absolute"]))


def _pair(pairs: Sequence[Mapping[str, Any]], a: str, b: str) -> Mapping[str, Any] | None:
    return next((pair for pair in pairs if {pair["a"], pair["b"]} == {a, b}), None)


def _delta(net: NetPrediction, method: str) -> float | None:
    for entry in net.facts.get("maps", ()):
        if entry["method"] == method and entry["delta"] is not None:
            return float(entry["delta"])
    return None
