"""Nets with an image: the preprocessed input, the prediction, and the class that is explained."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from resnet_viz.attribution.engine.baselines import baseline
from resnet_viz.attribution.engine.limits import check_target
from resnet_viz.attribution.engine.load_net import LoadedNet
from resnet_viz.attribution.net_result import NetFacts, NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources.images import NetImage, SourceImage, preprocess
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetInput:
    """Net of a query with the query's image.

    Attributes:
        loaded: the net.
        query: the query.
        seen: the preprocessed image.
        x_1CHW: the same, normalised.
        probabilities_K: of the net's classes.
        target: class that is explained: the query's, or else the predicted one.
    """

    loaded: LoadedNet
    query: AttributionQuery
    seen: NetImage
    x_1CHW: Tensor
    probabilities_K: Tensor
    target: int

    @property
    def predicted(self) -> int:
        """Most likely class."""
        return int(self.probabilities_K.argmax())

    @property
    def layer(self) -> str:
        """Layer of the query; the last block where it has none."""
        return self.query.layer or list(self.loaded.net.blocks)[-1]

    def baseline(self) -> Tensor:
        """Returns the query's baseline, normalised, (1, C, H, W)."""
        preprocessing = self.loaded.preprocessing
        return baseline(self.query.baseline, self.x_1CHW, preprocessing.mean, preprocessing.std, self.query.seed)

    def as_pixels(self, x_1CHW: Tensor) -> Tensor:
        """Returns a normalised image as pixels from 0 to 1, (C, H, W)."""
        mean, std = (
            torch.tensor(v)[:, None, None] for v in (self.loaded.preprocessing.mean, self.loaded.preprocessing.std)
        )
        return (x_1CHW[0] * std + mean).clamp(0.0, 1.0)


def net_input(loaded: LoadedNet, query: AttributionQuery, image: SourceImage) -> NetInput:
    """Returns a net with an image.

    Raises:
        SpecError: the net has no such class.
    """
    seen = preprocess(image, loaded.preprocessing)
    x_1CHW = torch.from_numpy(loaded.preprocessing.normalised(seen.pixels_CHW))[None]
    with torch.no_grad():
        probabilities_K = loaded.net(x_1CHW).softmax(dim=1)[0]
    target = int(probabilities_K.argmax()) if query.target is None else query.target
    check_target(loaded.net, target)
    return NetInput(
        loaded=loaded,
        query=query,
        seen=seen,
        x_1CHW=x_1CHW,
        probabilities_K=probabilities_K,
        target=target,
    )


def label_of(source: SourceImage, loaded: LoadedNet) -> int | None:
    """Returns the number of an image's class; None where the net has other classes."""
    if source.label is None:
        return None
    names = datasets.class_names(DataName(source.ref.name))
    return source.label if loaded.class_names[: len(names)] == names else None


def net_facts(loaded: LoadedNet, place: int) -> NetFacts:
    """Returns the part of a result about a net alone, `place` in the query."""
    return NetFacts(**_facts(loaded, place))


def unknown_facts(ref: NetRef, place: int) -> NetFacts:
    """Returns the part of a result about an uploaded net whose architecture is not settled."""
    return NetFacts(
        place=place,
        ref=ref,
        title="",
        weights="",
        data=None,
        step=None,
        is_guess=True,
        mean=(),
        std=(),
        class_names=(),
    )


def net_prediction(net_input: NetInput, place: int, source: SourceImage) -> NetPrediction:
    """Returns the part of a result about a net and its prediction for an image."""
    return NetPrediction(
        **_facts(net_input.loaded, place),
        label=label_of(source, net_input.loaded),
        target=net_input.target,
        predicted=net_input.predicted,
        image_CHW=net_input.seen.pixels_CHW,
        is_inverted=net_input.seen.is_inverted,
        probabilities_K=to_numpy(net_input.probabilities_K),
    )


def _facts(loaded: LoadedNet, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "ref": loaded.ref,
        "title": loaded.title,
        "weights": loaded.weights,
        "data": loaded.data,
        "step": loaded.step,
        "is_guess": loaded.is_guess,
        "mean": loaded.preprocessing.mean,
        "std": loaded.preprocessing.std,
        "class_names": loaded.class_names,
    }


def to_numpy(values: Tensor) -> Floats:
    """Returns a tensor as an array of a result."""
    found: Floats = values.detach().cpu().float().numpy()
    return found
