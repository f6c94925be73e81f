"""Input preprocessing per net; guessed from weight shapes when unknown."""

from functools import lru_cache
from typing import Final

from resnet_viz.attribution.sources.images import Preprocessing
from resnet_viz.attribution.sources.torchvision import MEAN, STD
from resnet_viz.data import mnist
from resnet_viz.data.datasets import DataName
from resnet_viz.data.idx import SIDE
from resnet_viz.errors import DataError, SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.training.engine import images

IMAGENET: Final = "imagenet"
CIFAR_MEAN: Final = (0.4914, 0.4822, 0.4465)  # of CIFAR-10's training pixels, as nets for it usually have them
CIFAR_STD: Final = (0.2470, 0.2435, 0.2616)


def guess(spec: AnySpec) -> Preprocessing:
    """Returns the probable preprocessing of a net of which only the shapes are known."""
    if spec.in_channels == 1:
        return of_fashion_mnist(spec, *mean_std(DataName.FASHION_MNIST_SUBSET, spec.square_side))
    is_small = isinstance(spec, NetSpec) and spec.stem is Stem.CIFAR
    if is_small or spec.in_channels != len(MEAN):
        return of_photographs(spec, CIFAR_MEAN, CIFAR_STD)
    return of_photographs(spec, MEAN, STD)


@lru_cache(maxsize=8)
def mean_std(name: DataName, image_size: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns mean and std of each channel of a data set's training pixels.

    Where the data set is not on this machine, those of the shipped part replace those of the whole Fashion-MNIST, and
    those that are published are MNIST's at its own size.
    """
    try:
        return images.mean_std(name, image_size=image_size)
    except DataError:
        if name is DataName.MNIST and image_size == SIDE:
            return mnist.MEAN, mnist.STD
        if name is not DataName.FASHION_MNIST:
            raise
        return images.mean_std(DataName.FASHION_MNIST_SUBSET, image_size=image_size)


def of_fashion_mnist(spec: AnySpec, mean: tuple[float, ...], std: tuple[float, ...]) -> Preprocessing:
    """Returns the preprocessing of a net of Fashion-MNIST."""
    return Preprocessing(image_size=spec.square_side, channels=spec.in_channels, mean=mean, std=std, is_grey=True)


def of_data(spec: AnySpec, name: DataName) -> Preprocessing:
    """Returns the preprocessing of a net that was trained on a data set.

    Raises:
        DataError: the data set is not on this machine, so that its mean and std are unknown.
    """
    mean, std = mean_std(name, spec.square_side)
    return Preprocessing(
        image_size=spec.square_side,
        channels=spec.in_channels,
        mean=mean,
        std=std,
        is_grey=name in (DataName.FASHION_MNIST, DataName.FASHION_MNIST_SUBSET, DataName.MNIST),
    )


def of_photographs(spec: AnySpec, mean: tuple[float, ...], std: tuple[float, ...]) -> Preprocessing:
    """Returns the preprocessing of a net of photographs."""
    is_colour = spec.in_channels == len(mean)
    return Preprocessing(
        image_size=spec.square_side,
        channels=spec.in_channels,
        mean=mean if is_colour else mean[:1],
        std=std if is_colour else std[:1],
        is_grey=False,
    )


def per_channel(name: str, values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """Returns means or standard deviations that a person gave: one for each channel, or one for all.

    Raises:
        SpecError: another number of them.
    """
    if len(values) not in (0, 1, channels):
        raise SpecError(
            _("{name} has one number, or one for each of the {channels} channels; got {num}.").format(
                name=name, channels=channels, num=len(values)
            )
        )
    return values * channels if len(values) == 1 else values
