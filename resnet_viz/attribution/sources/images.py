"""Pictures from a data set or from somebody's file to what a net sees: bounded, upright, square, in its channels.

No torch: the web process checks an upload with this too. Shape suffixes: H and W pixels, C channels.
"""

import io
import warnings
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
from resnet_viz.data.fashion_mnist import ByteArray
from resnet_viz.data.fashion_mnist_subset import first_of_each_class
from resnet_viz.errors import DataError
from resnet_viz.i18n import _

Floats = NDArray[np.float32]

FORMATS: Final = ("PNG", "JPEG", "WEBP")
MAX_PIXELS: Final = 20_000_000
MOST_STRETCHED: Final = 20  # longer side by shorter
_LARGE: Final = 1_024  # longest side in pixels that is kept
_LIGHT: Final = 0.5  # mean brightness of the rim from which a picture lies on a light ground
_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as PIL's mode "L" has it


@dataclass(frozen=True, kw_only=True, slots=True)
class Preprocessing:
    """What a net wants done to a picture before it looks at it.

    Attributes:
        image_size: side in pixels.
        channels: of its input.
        mean: of each channel, or one for all, on the scale from 0 to 1.
        std: likewise.
        is_grey: whether it learned from grey things on a black ground, as in Fashion-MNIST, not from photographs.
    """

    image_size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    is_grey: bool

    def normalised(self, pixels_CHW: Floats) -> Floats:
        """Returns pixels from 0 to 1 as the net takes them."""
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (self.mean, self.std))
        return np.ascontiguousarray((pixels_CHW - mean) / std, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SourceImage:
    """A picture as it came.

    Attributes:
        ref: where from.
        pixels: from 0 to 1, (H, W) where it is grey and from a data set, else (H, W, 3).
        label: number of its class; None where nobody said.
        class_name: name of its class; "" where nobody said.
    """

    ref: ImageRef
    pixels: Floats
    label: int | None = None
    class_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetImage:
    """A picture as a net sees it.

    Attributes:
        pixels_CHW: from 0 to 1, before normalisation.
        is_negated: whether light and dark were exchanged.
    """

    pixels_CHW: Floats
    is_negated: bool


def read_image(ref: ImageRef) -> SourceImage:
    """Returns a picture.

    Raises:
        DataError: it is not on this machine, or is none.
    """
    if ref.kind is ImageKind.UPLOAD:
        return SourceImage(ref=ref, pixels=decode_image(uploads.find(ref.name, uploads.UploadKind.PICTURE)))
    name = DataName(ref.name)
    pictures_NCHW, labels_N = load_test_images(name)
    label = int(labels_N[ref.index])
    pixels_CHW = pictures_NCHW[ref.index].astype(np.float32) / np.float32(255.0)
    pixels = pixels_CHW[0] if len(pixels_CHW) == 1 else pixels_CHW.transpose(1, 2, 0)
    return SourceImage(ref=ref, pixels=pixels, label=label, class_name=datasets.class_names(name)[label])


def fitting_data(data: str | None) -> DataName:
    """Returns the data set whose test pictures suit a net that learned from `data`: its own, as far as it is known.

    The shipped part stands for all of Fashion-MNIST, whose first test pictures it holds: every machine has it.
    """
    if data is None or data not in list(DataName) or data == DataName.FASHION_MNIST:
        return DataName.FASHION_MNIST_SUBSET
    return DataName(data)


@lru_cache(maxsize=2)
def load_test_images(name: DataName) -> tuple[ByteArray, ByteArray]:
    """Returns a data set's test pictures (N, C, H, W) and labels (N,), the classes taking turns.

    The shipped part's pictures are the first of the whole set's.

    Raises:
        DataError: the data set is not on this machine.
    """
    raw = datasets.read(name)
    turns_N = first_of_each_class(raw.test_y_N)
    return raw.test_x_NCHW[turns_N], raw.test_y_N[turns_N]


def keep_image(content: bytes) -> ImageRef:
    """Keeps a picture that somebody sent, once it is sure to be one.

    Raises:
        DataError: it is none, or too large.
        QueueError: there is no place for it.
    """
    if len(content) <= uploads.MAX_BYTES[uploads.UploadKind.PICTURE]:
        decode_image(content)
    return ImageRef(ImageKind.UPLOAD, uploads.keep(content, uploads.UploadKind.PICTURE))


def decode_image(source: bytes | Path) -> Floats:
    """Returns the pixels of a PNG, JPEG or WebP file, upright, (H, W, 3) from 0 to 1; what is transparent is white.

    The size is known and refused before any pixel is unpacked.

    Raises:
        DataError: no such file, too many pixels, a strip rather than a picture, or damaged.
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
        raise DataError(_("This picture has more than {most:,} pixels.").format(most=MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise DataError(_("This file is no picture; PNG, JPEG and WebP are read.")) from error
    except Exception as error:  # foreign bytes make decoders raise nearly anything
        raise DataError(_("This picture is truncated or damaged.")) from error


def preprocess(picture: SourceImage, wanted: Preprocessing) -> NetImage:
    """Returns what a net sees of a picture.

    A net of Fashion-MNIST sees grey things on black. What is sent to it is made so as that set's authors made theirs
    (Xiao, Rasul and Vollgraf 2017, section 2): the longer side fits, the rest is ground, and a light ground is
    negated. Other nets see the middle square, as torchvision evaluates on ImageNet.
    """
    is_negated = False
    if picture.pixels.ndim == 2:  # noqa: PLR2004 - height and width: from a data set
        pixels_CHW = resize.resize_plane(picture.pixels, wanted.image_size)[None]
    elif wanted.is_grey:
        grey_HW = np.asarray(picture.pixels @ _GREY, np.float32)
        is_negated = bool(_rim(grey_HW).mean() > _LIGHT)
        grey_HW = 1 - grey_HW if is_negated else grey_HW
        pixels_CHW = resize.resize_plane(resize.pad_to_square(grey_HW), wanted.image_size)[None]
    else:
        is_own = picture.ref.kind is ImageKind.DATA  # a square already, and what the net was trained on
        shape = resize.resize_square if is_own else resize.center_crop
        pixels_CHW = shape(picture.pixels, wanted.image_size).transpose(2, 0, 1)
        if wanted.channels == 1:
            pixels_CHW = np.tensordot(_GREY, pixels_CHW, axes=1)[None]
    if len(pixels_CHW) != wanted.channels:
        pixels_CHW = np.repeat(pixels_CHW[:1], wanted.channels, axis=0)
    pixels_CHW = np.clip(np.ascontiguousarray(pixels_CHW, np.float32), 0.0, 1.0)
    return NetImage(pixels_CHW=pixels_CHW, is_negated=is_negated)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise DataError(
            _("This picture has {width:,} × {height:,} pixels; at most {most:,} in all are read.").format(
                width=width, height=height, most=MAX_PIXELS
            )
        )
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise DataError(
            _("This picture is a strip of {width:,} × {height:,} pixels; one side is at most {most} times the other.")
            .format(width=width, height=height, most=MOST_STRETCHED)
        )  # fmt: skip


def _pixels(image: Image.Image) -> Floats:
    image.draft("RGB", (_LARGE, _LARGE))  # a camera's JPEG is unpacked at a half or a quarter of its size
    if image.mode.startswith(("I", "F")):  # 16 bits a channel, which PIL would cut off at 255
        bytes_HW = np.uint8(np.clip(np.asarray(image, np.float32) / 257, 0, 255))
        plain = Image.fromarray(bytes_HW).convert("RGB")
    else:
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((_LARGE, _LARGE))  # before pixels become floats: no net here sees more
    plain.info["exif"] = image.info.get("exif", b"")
    upright = ImageOps.exif_transpose(plain)
    if upright.mode == "RGBA":
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
    return np.asarray(upright, np.float32) / np.float32(255.0)


def _rim(pixels_HW: Floats) -> Floats:
    return np.concatenate([pixels_HW[0], pixels_HW[-1], pixels_HW[1:-1, 0], pixels_HW[1:-1, -1]])
