"""Colours of attribution maps, and maps over an image, for figures and PNG files.

Vermillion means the shortcut and blue the branch in all figures of this program, so a map has two other hues: green for
the class, magenta against it (a pair for every kind of colour-blindness). Their opacity grows with the value; where it
is zero, the image alone is visible.

Shape suffixes: C channels, H and W pixels.
"""

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_viz.attribution.npz_codec import Floats

Bytes = NDArray[np.uint8]

FOR: Final = (0, 208, 132)
AGAINST: Final = (236, 44, 160)
_STRONGEST: Final = 0.92  # opacity of the largest value: the image stays visible
_CLIPPED: Final = 0.01  # share of the values above the end of the scale: one outlier must not darken all others
_DIM: Final = 0.62  # of the image's lightness under a map
_SIDE_PX: Final = 336  # approximate least side of an enlarged image, each pixel a square


def colorscale(*, is_signed: bool) -> list[list[float | str]]:
    """Returns Plotly's colours from the lowest value to the highest; transparent at zero."""
    clear_for, clear_against = (f"rgba({','.join(map(str, rgb))},0)" for rgb in (FOR, AGAINST))
    full_for, full_against = (f"rgba({','.join(map(str, rgb))},{_STRONGEST})" for rgb in (FOR, AGAINST))
    if not is_signed:
        return [[0.0, clear_for], [1.0, full_for]]
    return [[0.0, full_against], [0.499, clear_against], [0.501, clear_for], [1.0, full_for]]


def channel_sum(values: Floats) -> Floats:
    """Returns the sum of a map over its channels, (H, W)."""
    return values if values.ndim == 2 else values.sum(axis=0)  # noqa: PLR2004 - H and W


def scale_limit(maps: Sequence[Floats]) -> float:
    """Returns the end of one scale for several maps: about their largest absolute value, never zero."""
    sizes = [np.abs(values[np.isfinite(values)]).ravel() for values in maps]
    every = np.concatenate(sizes) if sizes else np.zeros(0, np.float32)
    if not every.size or not every.max():
        return 1.0
    clipped = float(np.quantile(every, 1.0 - _CLIPPED))
    return clipped if clipped > 0 else float(every.max())


def to_bytes(image_CHW: Floats) -> Bytes:
    """Returns an image with values from 0 to 1 as bytes: (H, W), or (H, W, 3) in colour."""
    clipped = np.clip(np.nan_to_num(image_CHW), 0.0, 1.0)
    whole: Bytes = np.round(255.0 * clipped).astype(np.uint8)
    return whole[0] if len(whole) == 1 else np.moveaxis(whole[:3], 0, -1)


def dimmed(image_CHW: Floats) -> Floats:
    """Returns an image with less contrast, for the background of a map."""
    return np.asarray(0.10 + _DIM * np.clip(image_CHW, 0.0, 1.0), np.float32)


def enlarged(pixels: Bytes, side_px: int = _SIDE_PX) -> Image.Image:
    """Returns an image enlarged by an integer, each pixel a square."""
    image = Image.fromarray(pixels)
    times = max(1, round(side_px / max(image.size)))
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def png_bytes(image: Image.Image) -> bytes:
    """Returns the bytes of a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


@lru_cache(maxsize=64)
def _uri(content: bytes, size: tuple[int, int], mode: str) -> str:
    """Returns the data URI of an image; a page draws the same one under many maps."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(Image.frombytes(mode, size, content))).decode()


def data_uri(image: Image.Image) -> str:
    """Returns an image as a data URI."""
    return _uri(image.tobytes(), image.size, image.mode)


def composite(image_CHW: Floats, values: Floats, end: float, *, side_px: int = _SIDE_PX) -> Image.Image:
    """Returns a map over an image, as the figure shows it.

    Args:
        image_CHW: values from 0 to 1.
        values: the map, (H, W) or coarser; a coarse one is interpolated.
        end: of the scale.
        side_px: approximate side.
    """
    base = enlarged(to_bytes(dimmed(image_CHW)), side_px).convert("RGB")
    signed = np.clip(np.nan_to_num(values) / end, -1.0, 1.0).astype(np.float32)
    is_coarse = signed.shape != image_CHW.shape[-2:]
    how = Image.Resampling.BILINEAR if is_coarse else Image.Resampling.NEAREST
    large = np.asarray(Image.fromarray(signed).resize(base.size, how))
    hues = np.where(large[..., None] >= 0, np.array(FOR), np.array(AGAINST))
    share = _STRONGEST * np.abs(large)[..., None]
    mixed = (1.0 - share) * np.asarray(base) + share * hues
    return Image.fromarray(np.round(mixed).astype(np.uint8))


def side_by_side(images: Sequence[Image.Image], gap_px: int = 16) -> Image.Image:
    """Returns images side by side on white."""
    width = sum(image.width for image in images) + gap_px * (len(images) - 1)
    sheet = Image.new("RGB", (width, max(image.height for image in images)), "white")
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width + gap_px
    return sheet
