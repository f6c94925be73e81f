"""A net and a picture brought together: what the net sees, what it predicts, and the class that is asked about."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from resnet_viz.attribution.engine.baselines import baseline
from resnet_viz.attribution.engine.limits import check_target
from resnet_viz.attribution.engine.load_net import LoadedNet
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources.images import NetImage, SourceImage, preprocess
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetInput:
    """One net of a question before the question's picture.

    Attributes:
        opened: the net.
        question: that is asked.
        seen: the picture as the net sees it.
        x_1CHW: the same, normalised.
        probabilities_K: of the net's classes.
        target: the class that is asked about: the question's, or else the one that the net predicts.
    """

    opened: LoadedNet
    question: AttributionQuery
    seen: NetImage
    x_1CHW: Tensor
    probabilities_K: Tensor
    target: int

    @property
    def predicted(self) -> int:
        """The class that the net holds for the likeliest."""
        return int(self.probabilities_K.argmax())

    @property
    def layer(self) -> str:
        """The layer that is asked about; the last block where none is named."""
        return self.question.layer or list(self.opened.net.blocks)[-1]

    def baseline(self) -> Tensor:
        """Returns what the question holds for "nothing", normalised, (1, C, H, W)."""
        wanted = self.opened.wanted
        return baseline(self.question.baseline, self.x_1CHW, wanted.mean, wanted.std, self.question.seed)

    def as_pixels(self, x_1CHW: Tensor) -> Tensor:
        """Returns a normalised picture as pixels from 0 to 1, (C, H, W)."""
        mean, std = (torch.tensor(v)[:, None, None] for v in (self.opened.wanted.mean, self.opened.wanted.std))
        return (x_1CHW[0] * std + mean).clamp(0.0, 1.0)


def net_input(opened: LoadedNet, question: AttributionQuery, picture: SourceImage) -> NetInput:
    """Returns a net before a picture.

    Raises:
        SpecError: the net has no such class.
    """
    seen = preprocess(picture, opened.wanted)
    x_1CHW = torch.from_numpy(opened.wanted.normalised(seen.pixels_CHW))[None]
    with torch.no_grad():
        probabilities_K = opened.net(x_1CHW).softmax(dim=1)[0]
    target = int(probabilities_K.argmax()) if question.target is None else question.target
    check_target(opened.net, target)
    return NetInput(
        opened=opened,
        question=question,
        seen=seen,
        x_1CHW=x_1CHW,
        probabilities_K=probabilities_K,
        target=target,
    )


def label_of(picture: SourceImage, opened: LoadedNet) -> int | None:
    """Returns the number of a picture's class; None where the net knows other classes."""
    if picture.label is None:
        return None
    names = datasets.class_names(DataName(picture.ref.name))
    return picture.label if opened.class_names[: len(names)] == names else None


def facts(opened: LoadedNet) -> dict[str, Any]:
    """Returns what is told of a net in every answer."""
    return {
        "ref": str(opened.ref),
        "title": opened.title,
        "weights": opened.weights,
        "data": opened.data,
        "step": opened.step,
        "test_accuracy": opened.test_accuracy,
        "is_guess": opened.is_guess,
        "image_size": opened.wanted.image_size,
        "channels": opened.wanted.channels,
        "mean": list(opened.wanted.mean),
        "std": list(opened.wanted.std),
        "class_names": list(opened.class_names),
        "label": None,
    }


def to_numpy(values: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Returns a tensor as what an answer carries."""
    return values.detach().cpu().float().numpy()
