"""Test pictures as a net sees them: some to choose from, and the patches of them that excite a channel most.

They are those of the data set that the net learned from; of Fashion-MNIST those of the shipped part, which every
machine has and every link can name. So they are for a net of which nobody knows what it learned from.

Shape suffixes: N pictures, C channels, H and W pixels, K classes.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_viz.attribution.cost import num_test_images
from resnet_viz.attribution.engine import features
from resnet_viz.attribution.engine.load_net import LoadedNet
from resnet_viz.attribution.engine.net_input import to_numpy
from resnet_viz.attribution.query import AttributionQuery, ImageSelection
from resnet_viz.attribution.sources.images import fitting_data, load_test_images, preprocess, read_image
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef
from resnet_viz.data.datasets import SIZES, class_names
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower

Tick = Callable[[float], None]
Told = tuple[dict[str, Any], dict[str, Any]]

_AT_ONCE: Final = 64


def select_images(opened: LoadedNet, question: AttributionQuery, tick: Tick) -> Told:
    """Returns test pictures to choose from, with what the net says to each."""
    indices, confidence_K = _picked(opened, question, tick)
    x_NCHW = _seen(opened, indices)
    found_NK = _probabilities(opened, x_NCHW) if confidence_K is None else confidence_K
    data = fitting_data(opened.data)
    labels_N, names = load_test_images(data)[1], class_names(data)
    told = [
        {
            "ref": str(ImageRef(ImageKind.DATA, data, index)),
            "label": int(labels_N[index]),
            "class_name": names[labels_N[index]],
            "predicted": int(row.argmax()),
            "confidence": float(row.max()),
        }
        for index, row in zip(indices, found_NK, strict=True)
    ]
    return {"pictures": told}, {"pictures": to_numpy(_pixels(opened, x_NCHW))}


def strongest_patches(opened: LoadedNet, question: AttributionQuery, tick: Tick) -> Told:
    """Returns the patches of test pictures that excite a channel most; NaN where it cannot see."""
    assert question.layer is not None
    data = fitting_data(opened.data)
    side, count = opened.wanted.image_size, int(question.options["count"])
    x_NCHW = _seen(opened, list(range(num_test_images(opened.wanted.channels, side, count, data))))
    plan = lower(opened.spec)
    channel = int(question.options["channel"])
    found = features.patches(opened.net, plan, x_NCHW, node=question.layer, channel=channel, num=count, tick=tick)
    labels_N, names = load_test_images(data)[1], class_names(data)
    told = [
        {
            "ref": str(ImageRef(ImageKind.DATA, data, one.image)),
            "value": one.value,
            "top": one.top,
            "left": one.left,
            "size": one.pixels_CHW.shape[-1],
            "label": int(labels_N[one.image]),
            "class_name": names[labels_N[one.image]],
        }
        for one in found
    ]
    tiles_NCHW = _pixels(opened, torch.stack([one.pixels_CHW for one in found]))
    return {"layer": question.layer, "channel": channel, "patches": told}, {"patches": to_numpy(tiles_NCHW)}


def _picked(opened: LoadedNet, question: AttributionQuery, tick: Tick) -> tuple[list[int], Tensor | None]:
    """Returns the indices of the pictures, and what the net says to them where that decided."""
    count, label = int(question.options["count"]), int(question.options["label"])
    data = fitting_data(opened.data)
    labels_N, last = load_test_images(data)[1], SIZES[data].classes - 1
    if label > last:
        raise SpecError(
            _("The test pictures have the classes 0 to {last}; got {label}.").format(last=last, label=label)
        )
    all_N: NDArray[np.int64] = np.flatnonzero(labels_N == label) if label >= 0 else np.arange(len(labels_N))
    match ImageSelection(str(question.options["how"])):
        case ImageSelection.CLASS:
            return all_N[:count].tolist(), None
        case ImageSelection.RANDOM:
            return np.random.default_rng(question.seed).permutation(all_N)[:count].tolist(), None
        case ImageSelection.WRONG:
            return _wrong(opened, all_N, count, tick)


def _wrong(opened: LoadedNet, all_N: NDArray[np.int64], count: int, tick: Tick) -> tuple[list[int], Tensor]:
    data = fitting_data(opened.data)
    names = class_names(data)
    if opened.class_names[: len(names)] != names:
        raise SpecError(_("This net knows other classes than the test pictures have, so that it is never right."))
    parts = []
    for start in range(0, len(all_N), _AT_ONCE):
        parts.append(_probabilities(opened, _seen(opened, all_N[start : start + _AT_ONCE].tolist())))
        tick(min(1.0, (start + _AT_ONCE) / len(all_N)))
    found_NK = torch.cat(parts)
    label_N = torch.from_numpy(load_test_images(data)[1][all_N].astype(np.int64))
    confidence_N, predicted_N = found_NK.max(dim=1)
    wrong = torch.where(predicted_N != label_N, confidence_N, -1.0).argsort(descending=True, stable=True)
    kept = wrong[: min(count, int((predicted_N != label_N).sum()))]
    return all_N[kept.numpy()].tolist(), found_NK[kept]


def _seen(opened: LoadedNet, indices: list[int]) -> Tensor:
    """Returns test pictures normalised for a net, (N, C, H, W)."""
    wanted = opened.wanted
    shape = (len(indices), wanted.channels, wanted.image_size, wanted.image_size)
    x_NCHW = np.empty(shape, np.float32)
    data = fitting_data(opened.data)
    for place, index in enumerate(indices):
        ref = ImageRef(ImageKind.DATA, data, index)
        x_NCHW[place] = wanted.normalised(preprocess(read_image(ref), wanted).pixels_CHW)
    return torch.from_numpy(x_NCHW)


def _probabilities(opened: LoadedNet, x_NCHW: Tensor) -> Tensor:
    with torch.no_grad():
        parts = [opened.net(part_NCHW).softmax(dim=1) for part_NCHW in x_NCHW.split(_AT_ONCE)]
    return torch.cat(parts) if parts else torch.empty(0, len(opened.class_names))


def _pixels(opened: LoadedNet, x_NCHW: Tensor) -> Tensor:
    mean, std = (torch.tensor(values)[:, None, None] for values in (opened.wanted.mean, opened.wanted.std))
    return (x_NCHW * std + mean).clamp(0.0, 1.0)
