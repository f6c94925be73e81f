"""Trained nets with the images that they are measured on. They stay in memory: a page changes one thing at a time.

Shape suffixes: N images, C channels, H and W pixels.
"""

import contextlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from resnet_viz.attribution.engine.limits import check_finite
from resnet_viz.attribution.engine.load_net import LoadedNet, open_net
from resnet_viz.attribution.engine.test_images import images_of
from resnet_viz.attribution.sources.images import fitting_data, load_test_images
from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.data import datasets
from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.errors import DataError, Refusal, SpecError
from resnet_viz.i18n import _
from resnet_viz.training.engine.images import load_images

_KEPT: Final = 4


class NetWithImages(NamedTuple):
    """Trained net and labelled images, as it sees them.

    Attributes:
        loaded: the net.
        data: data set of the images.
        x_NCHW: images.
        y_N: their classes.
    """

    loaded: LoadedNet
    data: DataName
    x_NCHW: Tensor
    y_N: Tensor


def net_with_images(ref: NetRef, num_images: int) -> NetWithImages:
    """Returns a net with the first test images of its data set, the classes taking turns.

    Raises:
        Refusal: the net is not there, its classes are not those of a data set on this machine, or its logits are not
            finite.
    """
    if ref.kind is NetKind.TORCHVISION:
        raise SpecError(
            _(
                "{net} was trained on ImageNet, whose images are not part of this program. Select a shipped net, a "
                "run's, or upload one that was trained on Fashion-MNIST, MNIST or CIFAR-10."
            ).format(net=ref.name)
        )
    checksum = ""
    with contextlib.suppress(Refusal):  # a net that is not there: opening it gives the reason
        checksum = net_source(ref).checksum()
    return _opened(ref, checksum, num_images)


@lru_cache(maxsize=_KEPT)
def _opened(ref: NetRef, _checksum: str, num_images: int) -> NetWithImages:
    """Opens a net; the checksum tells its weights from those that the same reference had earlier."""
    loaded = open_net(ref)
    data = fitting_data(loaded.data)
    _check_classes(loaded, data)
    indices = range(min(num_images, SIZES[data].test))
    x_NCHW = images_of(loaded, indices)
    y_N = torch.from_numpy(load_test_images(data)[1][np.asarray(indices)].astype(np.int64))
    _check_logits(loaded, x_NCHW[:1])
    return NetWithImages(loaded, data, x_NCHW, y_N)


def training_images(tested: NetWithImages, num_images: int) -> tuple[Tensor, Tensor]:
    """Returns the first training images of a net's data set as the net sees them, and their classes."""
    loaded = tested.loaded
    data = load_images(tested.data, image_size=loaded.preprocessing.image_size)
    kept_NCHW, has = data.train_x_NCHW[:num_images], loaded.preprocessing
    pixels_NCHW = kept_NCHW * _column(data.std) + _column(data.mean)
    if pixels_NCHW.shape[1] != has.channels:
        pixels_NCHW = pixels_NCHW[:, :1].expand(-1, has.channels, -1, -1)
    return (pixels_NCHW - _column(has.mean)) / _column(has.std), data.train_y_N[:num_images]


def _column(values: Sequence[float]) -> Tensor:
    return torch.tensor(tuple(values))[:, None, None]


def _check_classes(loaded: LoadedNet, data: DataName) -> None:
    """Raises where a prediction of the net cannot be right or wrong on these images."""
    names = datasets.class_names(data)
    if loaded.class_names[: len(names)] != names:
        raise SpecError(
            _(
                "The classes of {title} are not known to be those of these test images ({classes}), so that its "
                "accuracy cannot be measured. Of an uploaded net, its classes can be set in its settings."
            ).format(title=loaded.title, classes=", ".join(names[:3]) + ", …")
        )


def _check_logits(loaded: LoadedNet, x_1CHW: Tensor) -> None:
    try:
        with torch.no_grad():
            check_finite([loaded.net(x_1CHW)])
    except SpecError:
        raise DataError(
            _(
                "The logits of {title} are not finite: its training has diverged, or its file holds NaN. Select an "
                "earlier step, or another file."
            ).format(title=loaded.title)
        ) from None
