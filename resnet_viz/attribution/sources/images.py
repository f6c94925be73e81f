"""Images from a data set or an upload to the input of a net: bounded, upright, square, in its channels.

No torch: the web process checks uploads with it, too. Shape suffixes: H and W pixels, C channels.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from resnet_viz.attribution.sources import resize, uploads
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist_subset import first_of_each_class
from resnet_viz.data.idx import ByteArray
from resnet_viz.errors import DataError, SpecError
from resnet_viz.i18n import _

Floats = NDArray[np.float32]

FORMATS: Final = ("PNG", "JPEG", "WEBP")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp")
MAX_PIXELS: Final = 20_000_000
MOST_STRETCHED: Final = 20  # longer side by shorter
_LARGE: Final = 1_024  # longest side in pixels after reading
_LIGHT: Final = 0.5  # mean brightness of the rim from which an image has a light background
_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as PIL's mode "L" has it


@dataclass(frozen=True, kw_only=True, slots=True)
class Preprocessing:
    """Preprocessing of a net's images.

    Attributes:
        image_size: side in pixels.
        channels: of its input.
        mean: of each channel, or one for all, on the scale from 0 to 1.
        std: likewise.
        is_grey: whether its training images are grey on black, as in Fashion-MNIST, not photographs.
    """

    image_size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    is_grey: bool

    def normalised(self, pixels_CHW: Floats) -> Floats:
        """Returns pixels from 0 to 1 as the input of the net."""
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (self.mean, self.std))
        return np.ascontiguousarray((pixels_CHW - mean) / std, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SourceImage:
    """Image as it is stored.

    Attributes:
        ref: its source.
        pixels: from 0 to 1, (H, W) where it is grey and from a data set, else (H, W, 3).
        label: number of its class; None where unknown.
        class_name: name of its class; "" where unknown.
    """

    ref: ImageRef
    pixels: Floats
    label: int | None = None
    class_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetImage:
    """Image as a net sees it.

    Attributes:
        pixels_CHW: from 0 to 1, before normalisation.
        is_inverted: whether light and dark were exchanged.
    """

    pixels_CHW: Floats
    is_inverted: bool


def read_image(ref: ImageRef) -> SourceImage:
    """Returns an image.

    Raises:
        DataError: it is not on this machine, or damaged.
    """
    if ref.kind is ImageKind.UPLOAD:
        return SourceImage(ref=ref, pixels=decode_image(uploads.find(ref.name, uploads.UploadKind.IMAGE)))
    name = DataName(ref.name)
    images_NCHW, labels_N = load_test_images(name)
    label = int(labels_N[ref.index])
    pixels_CHW = images_NCHW[ref.index].astype(np.float32) / np.float32(255.0)
    pixels = pixels_CHW[0] if len(pixels_CHW) == 1 else pixels_CHW.transpose(1, 2, 0)
    return SourceImage(ref=ref, pixels=pixels, label=label, class_name=datasets.class_names(name)[label])


def fitting_data(data: str | None) -> DataName:
    """Returns the data set whose test images fit a net trained on `data`: its own, as far as it is known.

    For Fashion-MNIST it is the shipped part, with the first test images, which every machine has.
    """
    if data is None or data not in list(DataName) or data == DataName.FASHION_MNIST:
        return DataName.FASHION_MNIST_SUBSET
    return DataName(data)


def indices_of_class(data: DataName, label: int) -> range:
    """Returns the indices of a data set's test images of a class, of all classes for -1: the classes take turns.

    Raises:
        SpecError: it has no such class.
    """
    size = datasets.SIZES[data]
    if label >= size.classes:
        raise SpecError(
            _("The test images have the classes 0 to {last}; got {label}.").format(last=size.classes - 1, label=label)
        )
    return range(size.test) if label < 0 else range(label, size.test, size.classes)


def draw_indices(indices: Sequence[int], count: int, seed: int) -> list[int]:
    """Returns some of the indices at random, each at most once."""
    drawn = np.random.default_rng(seed).choice(len(indices), min(count, len(indices)), replace=False)
    return [indices[place] for place in drawn]


@lru_cache(maxsize=2)
def load_test_images(name: DataName) -> tuple[ByteArray, ByteArray]:
    """Returns a data set's test images (N, C, H, W) and labels (N,), the classes taking turns.

    The shipped part's images are the first of the whole set's.

    Raises:
        DataError: the data set is not on this machine.
    """
    raw = datasets.read(name)
    turns_N = first_of_each_class(raw.test_y_N)
    return raw.test_x_NCHW[turns_N], raw.test_y_N[turns_N]


def keep_image(content: bytes, *, visitor: str = "") -> ImageRef:
    """Keeps an uploaded image after checking that it is one.

    Args:
        content: of the file.
        visitor: name of the session that sent it.

    Raises:
        DataError: it is no image, or too large.
        QueueError: there is no place for it.
    """
    if len(content) <= uploads.MAX_BYTES[uploads.UploadKind.IMAGE]:
        decode_image(content)
    return ImageRef(ImageKind.UPLOAD, uploads.keep(content, uploads.UploadKind.IMAGE, visitor=visitor))


def decode_image(source: bytes | Path) -> Floats:
    """Returns the pixels of a PNG, JPEG or WebP file, upright, (H, W, 3) from 0 to 1; transparent pixels are white.

    The size is checked before any pixel is decoded.

    Raises:
        DataError: no such file, too many pixels, too long a strip, or damaged.
    """
    if isinstance(source, bytes) and not source:
        raise DataError(_("This file is empty."))
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # PIL's own limit warns at 90 million pixels; ours is below
            Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image,
        ):
            _check_size(image.width, image.height)
            return _pixels(image)
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        raise DataError(_("This image has more than {most:,} pixels.").format(most=MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise DataError(_("This file is no image; PNG, JPEG and WebP are supported.")) from error
    except Exception as error:  # foreign bytes make decoders raise nearly anything
        raise DataError(_("This image is truncated or damaged.")) from error


def preprocess(image: SourceImage, preprocessing: Preprocessing) -> NetImage:
    """Returns an image as a net sees it.

    A net of Fashion-MNIST sees grey objects on black. Uploads are converted as that set's authors did it (Xiao, Rasul
    and Vollgraf 2017, section 2): the longer side fits, the rest is background, and an image with a light background
    is inverted. Other nets see the central square, as torchvision evaluates on ImageNet.
    """
    is_inverted = False
    if image.pixels.ndim == 2:  # noqa: PLR2004 - height and width: from a data set
        pixels_CHW = resize.resize_plane(image.pixels, preprocessing.image_size)[None]
    elif preprocessing.is_grey:
        grey_HW = np.asarray(image.pixels @ _GREY, np.float32)
        is_inverted = bool(_rim(grey_HW).mean() > _LIGHT)
        grey_HW = 1 - grey_HW if is_inverted else grey_HW
        pixels_CHW = resize.resize_plane(resize.pad_to_square(grey_HW), preprocessing.image_size)[None]
    else:
        is_own = image.ref.kind is ImageKind.DATA  # square already, and of the net's data set
        shape = resize.resize_square if is_own else resize.center_crop
        pixels_CHW = shape(image.pixels, preprocessing.image_size).transpose(2, 0, 1)
        if preprocessing.channels == 1:
            pixels_CHW = np.tensordot(_GREY, pixels_CHW, axes=1)[None]
    if len(pixels_CHW) != preprocessing.channels:
        pixels_CHW = np.repeat(pixels_CHW[:1], preprocessing.channels, axis=0)
    pixels_CHW = np.clip(np.ascontiguousarray(pixels_CHW, np.float32), 0.0, 1.0)
    return NetImage(pixels_CHW=pixels_CHW, is_inverted=is_inverted)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise DataError(
            _("This image has {width:,} × {height:,} pixels; at most {most:,} in all are read.").format(
                width=width, height=height, most=MAX_PIXELS
            )
        )
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise DataError(
            _("This image is a strip of {width:,} × {height:,} pixels; one side is at most {most} times the other.")
            .format(width=width, height=height, most=MOST_STRETCHED)
        )  # fmt: skip


def _pixels(image: Image.Image) -> Floats:
    image.draft("RGB", (_LARGE, _LARGE))  # a camera's JPEG is decoded at a half or a quarter of its size
    if image.mode.startswith(("I", "F")):  # 16 bits a channel, which PIL would cut off at 255
        bytes_HW = np.uint8(np.clip(np.asarray(image, np.float32) / 257, 0, 255))
        plain = Image.fromarray(bytes_HW).convert("RGB")
    else:
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((_LARGE, _LARGE))  # before pixels become floats: no net here takes more
    plain.info["exif"] = image.info.get("exif", b"")
    upright = ImageOps.exif_transpose(plain)
    if upright.mode == "RGBA":
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
    return np.asarray(upright, np.float32) / np.float32(255.0)


def _rim(pixels_HW: Floats) -> Floats:
    return np.concatenate([pixels_HW[0], pixels_HW[-1], pixels_HW[1:-1, 0], pixels_HW[1:-1, -1]])
