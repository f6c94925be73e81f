"""What a page reads out of an answer about attribution: the nets, what they predict, and the maps by name.

`explain.questions` says what an answer holds. Shape suffixes: C channels, H and W pixels, K classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from resnet_viz.attribution.result import AttributionResult, Floats
from resnet_viz.i18n import _

_NEARLY_ONE: Final = 0.9995  # from here and below there one digit behind the point would round
_NEARLY_ZERO: Final = 0.0005


@dataclass(frozen=True, kw_only=True, slots=True)
class NetPrediction:
    """One net of an answer, and what it makes of the picture.

    Attributes:
        place: in the question, 0 or 1.
        title: what it is called.
        class_names: of its outputs.
        target: the class that is explained.
        predicted: the class that it predicts.
        probabilities_K: of all classes.
        picture_CHW: the picture as it sees it, from 0 to 1.
        facts: everything that the answer says of it.
    """

    place: int
    title: str
    class_names: tuple[str, ...]
    target: int
    predicted: int
    probabilities_K: Floats
    picture_CHW: Floats
    facts: Mapping[str, Any]

    @property
    def letter(self) -> str:
        """How the page calls it: a or b."""
        return "ab"[self.place]

    def class_name(self, number: int) -> str:
        """Returns the name of a class, or its number where it has none."""
        return self.class_names[number] if number < len(self.class_names) else str(number)

    def probability(self, number: int) -> float:
        """Returns the probability of a class."""
        return float(self.probabilities_K[number]) if number < len(self.probabilities_K) else float("nan")


def net_predictions(answer: AttributionResult) -> tuple[NetPrediction, ...]:
    """Returns the nets of an answer about a picture."""
    found = []
    for place, facts in enumerate(answer.meta["nets"]):
        picture = answer.arrays[f"{place}.picture"]
        found.append(
            NetPrediction(
                place=place,
                title=str(facts["title"]),
                class_names=tuple(map(str, facts["class_names"])),
                target=int(facts["target"]),
                predicted=int(facts["predicted"]),
                probabilities_K=answer.arrays[f"{place}.probabilities"],
                picture_CHW=np.asarray(picture, np.float32),
                facts=facts,
            )
        )
    return tuple(found)


def true_class(answer: AttributionResult) -> str:
    """Returns the class that the data set gives the picture; empty where it comes from elsewhere."""
    picture = answer.meta.get("picture") or {}
    return str(picture.get("class_name") or "") if picture.get("label") is not None else ""


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


def prediction_text(net: NetPrediction, truth: str) -> str:
    """Returns what a net predicts, and whether that is right: "Sneaker, 98.2 %"."""
    name = net.class_name(net.predicted)
    said = _("{name}, {share}").format(name=name, share=percent(net.probability(net.predicted)))
    return _("{said}, wrong: it is {truth}").format(said=said, truth=truth) if truth and truth != name else said
