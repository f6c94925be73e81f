"""Test images as a net sees them: some to choose from, and the patches that excite a channel most.

They are those of the net's data set. For Fashion-MNIST and for nets of an unknown data set they are those of the
shipped part, which every machine has and every link can name.

Shape suffixes: N images, C channels, H and W pixels, K classes.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from resnet_viz.attribution.cost import num_test_images
from resnet_viz.attribution.engine import features
from resnet_viz.attribution.engine.load_net import LoadedNet
from resnet_viz.attribution.engine.net_input import to_numpy
from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.attribution.net_result import ChannelPatch, PickedImage
from resnet_viz.attribution.query import AttributionQuery, ImageSelection
from resnet_viz.attribution.sources.images import (
    draw_indices,
    fitting_data,
    indices_of_class,
    load_test_images,
    preprocess,
    read_image,
)
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef
from resnet_viz.data.datasets import class_names
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower

_AT_ONCE: Final = 64


def select_images(loaded: LoadedNet, query: AttributionQuery, tick: Tick) -> tuple[PickedImage, ...]:
    """Returns test images to choose from, with the net's prediction for each."""
    indices, known_NK = _picked(loaded, query, tick)
    x_NCHW = images_of(loaded, indices)
    found_NK = _probabilities(loaded, x_NCHW) if known_NK is None else known_NK
    data = fitting_data(loaded.data)
    labels_N = load_test_images(data)[1]
    return tuple(
        PickedImage(
            ref=ImageRef(ImageKind.DATA, data, index),
            label=int(labels_N[index]),
            predicted=int(row_K.argmax()),
            confidence=float(row_K.max()),
            pixels_CHW=to_numpy(pixels_CHW),
        )
        for index, row_K, pixels_CHW in zip(indices, found_NK, _pixels(loaded, x_NCHW), strict=True)
    )


def strongest_patches(loaded: LoadedNet, query: AttributionQuery, tick: Tick) -> tuple[ChannelPatch, ...]:
    """Returns the patches of test images that excite a channel most, strongest first."""
    assert query.layer is not None
    data = fitting_data(loaded.data)
    side, count = loaded.preprocessing.image_size, int(query.options["count"])
    x_NCHW = images_of(loaded, range(num_test_images(loaded.preprocessing.channels, side, count, data)))
    plan = lower(loaded.spec)
    channel = int(query.options["channel"])
    found = features.patches(loaded.net, plan, x_NCHW, node=query.layer, channel=channel, num=count, tick=tick)
    labels_N = load_test_images(data)[1]
    return tuple(
        ChannelPatch(
            label=int(labels_N[one.image]), value=one.value, pixels_CHW=to_numpy(_pixels(loaded, one.pixels_CHW))
        )
        for one in found
    )


def _picked(loaded: LoadedNet, query: AttributionQuery, tick: Tick) -> tuple[Sequence[int], Tensor | None]:
    """Returns the indices of the images, and the net's probabilities where they decided."""
    count = int(query.options["count"])
    indices = indices_of_class(fitting_data(loaded.data), int(query.options["label"]))
    match ImageSelection(str(query.options["how"])):
        case ImageSelection.CLASS:
            return indices[:count], None
        case ImageSelection.RANDOM:
            return draw_indices(indices, count, query.seed), None
        case ImageSelection.WRONG:
            return _wrong(loaded, indices, count, tick)


def _wrong(loaded: LoadedNet, indices: Sequence[int], count: int, tick: Tick) -> tuple[list[int], Tensor]:
    data = fitting_data(loaded.data)
    names = class_names(data)
    if loaded.class_names[: len(names)] != names:
        raise SpecError(
            _(
                "The classes of this network are unknown, or not those of these test images, so no prediction is right "
                "or wrong."
            )
        )
    parts = []
    for start in range(0, len(indices), _AT_ONCE):
        parts.append(_probabilities(loaded, images_of(loaded, indices[start : start + _AT_ONCE])))
        tick(min(1.0, (start + _AT_ONCE) / len(indices)))
    found_NK = torch.cat(parts)
    label_N = torch.from_numpy(load_test_images(data)[1][np.asarray(indices)].astype(np.int64))
    confidence_N, predicted_N = found_NK.max(dim=1)
    wrong = torch.where(predicted_N != label_N, confidence_N, -1.0).argsort(descending=True, stable=True)
    kept = wrong[: min(count, int((predicted_N != label_N).sum()))]
    return [indices[place] for place in kept.tolist()], found_NK[kept]


def images_of(loaded: LoadedNet, indices: Sequence[int]) -> Tensor:
    """Returns test images of the data set that fits a net, normalised for it, (N, C, H, W)."""
    preprocessing = loaded.preprocessing
    shape = (len(indices), preprocessing.channels, preprocessing.image_size, preprocessing.image_size)
    x_NCHW = np.empty(shape, np.float32)
    data = fitting_data(loaded.data)
    for place, index in enumerate(indices):
        ref = ImageRef(ImageKind.DATA, data, index)
        x_NCHW[place] = preprocessing.normalised(preprocess(read_image(ref), preprocessing).pixels_CHW)
    return torch.from_numpy(x_NCHW)


def _probabilities(loaded: LoadedNet, x_NCHW: Tensor) -> Tensor:
    with torch.no_grad():
        parts = [loaded.net(part_NCHW).softmax(dim=1) for part_NCHW in x_NCHW.split(_AT_ONCE)]
    return torch.cat(parts) if parts else torch.empty(0, loaded.spec.num_classes)


def _pixels(loaded: LoadedNet, x_NCHW: Tensor) -> Tensor:
    mean, std = (
        torch.tensor(values)[:, None, None] for values in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    return (x_NCHW * std + mean).clamp(0.0, 1.0)
