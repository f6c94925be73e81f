"""Text about results: predictions, agreement of maps, convergence, verdicts. No Markdown."""

import html
from collections.abc import Sequence
from typing import Final, assert_never

import numpy as np

from resnet_viz.attribution.method import Method, Params
from resnet_viz.attribution.net_result import (
    ImageFacts,
    MapAgreement,
    NetPrediction,
    NetSanity,
    SanityVerdict,
)
from resnet_viz.attribution.result import ImageResult, MapsResult
from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _
from resnet_viz.present.attribution.convergence import delta_text

STRONG: Final = 0.7
WEAK: Final = 0.3
_NEARLY_ONE: Final = 0.9995  # limits beyond which one decimal would round to certainty
_NEARLY_ZERO: Final = 0.0005


def percent(share: float) -> str:
    """Returns a probability as text: "98.2 %", and no "100 %" for what is less."""
    if not np.isfinite(share):
        return "–"
    shown = min(max(share, 0.0), 1.0)
    if _NEARLY_ONE <= shown < 1.0:
        return "> 99.9 %"
    if 0.0 < shown < _NEARLY_ZERO:
        return "< 0.1 %"
    return f"{100 * shown:.1f} %"


def plotly_text(text: str) -> str:
    """Returns a text that Plotly shows as it is: a name from outside is no markup."""
    return html.escape(text, quote=False)


def prediction_text(net: NetPrediction, image: ImageFacts) -> str:
    """Returns a net's prediction, and the true class where it is another: "predicted Sneaker (98.2 %)".

    A net whose classes are unknown, or others than the image's, is neither right nor wrong.
    """
    text = _("predicted {name} ({share})").format(
        name=net.class_name(net.predicted), share=percent(net.probability(net.predicted))
    )
    if image.label is None or net.label is None or net.predicted == net.label:
        return text
    return _("{prediction}, true class {truth}").format(prediction=text, truth=image.class_name)


def truth_text(image: ImageFacts, nets: Sequence[NetPrediction]) -> str:
    """Returns the image's class, as a label of its data set where no net has its classes; "uploaded image" without."""
    if image.label is None:
        return _("uploaded image")
    if all(net.label is None for net in nets):
        return _("Label in {data}: {name}").format(data=data_name(image.ref.name), name=image.class_name)
    return _("True class: {name}").format(name=image.class_name)


def data_name(name: str) -> str:
    """Returns the name of a data set on the page."""
    return {
        DataName.FASHION_MNIST_SUBSET.value: "Fashion-MNIST",
        DataName.FASHION_MNIST.value: "Fashion-MNIST",
        DataName.CIFAR10.value: "CIFAR-10",
        DataName.GRATINGS.value: _("gratings"),
    }.get(name, name)


def alt_text(nets: Sequence[NetPrediction], method: str) -> str:
    """Returns the main figure in words, for screen readers."""
    predictions = _("; ").join(
        _("{net} predicts {name} with {share}").format(
            net=net.title, name=net.class_name(net.predicted), share=percent(net.probability(net.predicted))
        )
        for net in nets
    )
    return _("{method} over the image: {predictions}").format(method=method, predictions=predictions)


def net_notes(result: ImageResult) -> list[str]:
    """Returns a line for each net whose input is not what it seems: guessed preprocessing, an inverted image."""
    return [note for net in result.nets for note in (_guess_note(net), _inversion_note(net)) if note]


def _guess_note(net: NetPrediction) -> str:
    if not net.is_guess:
        return ""
    height, width = net.image_CHW.shape[-2:]
    return _(
        "{net}: preprocessing guessed from the shapes of its weights (mean {mean}, std {std}, image {height} × {width} "
        "px)."
    ).format(net=net.title, mean=_numbers(net.mean), std=_numbers(net.std), height=height, width=width)


def _inversion_note(net: NetPrediction) -> str:
    if not net.is_inverted:
        return ""
    return _("{net}: image inverted, because its background is light and the training images' is black.").format(
        net=net.title
    )


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def map_notes(result: MapsResult, method: Method, params: Params) -> list[str]:
    """Returns notes on the maps of a method: agreement, convergence, targets, limits."""
    notes = [
        _agreement_text(_pair(result, method.name)),
        delta_text(result, method, params),
        _targets_text(result.nets),
    ]
    return [*filter(None, notes), f"{method.title}: {_(method.limits)}"]


def _pair(result: MapsResult, method: str) -> MapAgreement | None:
    """Returns the agreement of both nets' maps of a method."""
    return next((pair for pair in result.agreement if pair.a.method == pair.b.method == method), None)


def _agreement_text(pair: MapAgreement | None) -> str:
    if pair is None:
        return ""
    if np.isnan(pair.signed):
        return _("The two maps have no rank correlation: one of them is the same everywhere.")
    return _("The two maps {how}: rank correlation {signed:.2f}, without signs {absolute:.2f}.").format(
        how=_how(pair.signed), signed=pair.signed, absolute=pair.absolute
    )


def _how(signed: float) -> str:
    """Returns the relation of two maps as a verb; opposite maps do not agree."""
    if signed >= STRONG:
        return _("agree")
    if signed >= WEAK:
        return _("agree in part")
    if signed > -WEAK:
        return _("hardly agree")
    return _("are opposite in part") if signed > -STRONG else _("are opposite")


def _targets_text(nets: Sequence[NetPrediction]) -> str:
    if len({net.target for net in nets}) == 1:
        return ""
    names = _(" and ").join(net.class_name(net.target) for net in nets)
    return _("The predictions differ, so the maps explain different classes: {names}.").format(names=names)


def verdict_text(method: str, sanity: NetSanity) -> str:
    """Returns the outcome of the randomisation test of a method."""
    return _verdict(sanity.verdict).format(method=method, signed=sanity.signed, absolute=sanity.absolute)


def _verdict(verdict: SanityVerdict) -> str:
    match verdict:
        case SanityVerdict.CHANGES:
            return _(
                "{method} depends on the learned weights: its maps of random nets differ (rank correlation "
                "{signed:.2f}, without signs {absolute:.2f})."
            )
        case SanityVerdict.FOLLOWS_IMAGE:
            return _(
                "{method} marks similar places on random nets (rank correlation without signs {absolute:.2f}); only "
                "the signs change ({signed:.2f} with signs)."
            )
        case SanityVerdict.UNDEFINED:
            return _("{method} cannot be tested on this image: its map of the trained net is the same everywhere.")
        case SanityVerdict.STAYS:
            return _(
                "{method} hardly depends on the learned weights (rank correlation {signed:.2f} with random nets): it "
                "shows this image rather than the net."
            )
        case _:
            assert_never(verdict)
