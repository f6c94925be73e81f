"""What people send as an image: bounded before it is unpacked, upright, and made what a net wants."""

import dataclasses
import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.attribution.sources import images, resize, uploads
from resnet_viz.attribution.sources.images import Preprocessing, SourceImage, decode_image, fitting_data, preprocess
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef
from resnet_viz.data import cifar10, datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError, SpecError

GREY = Preprocessing(image_size=28, channels=1, mean=(0.3,), std=(0.35,), is_grey=True)
PHOTO = Preprocessing(image_size=224, channels=3, mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.2), is_grey=False)
SENT = ImageRef(ImageKind.UPLOAD, "0" * 64)


def file_of(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, form, **options)
    return content.getvalue()


def noise(height: int, width: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty"),
        (b"GET / HTTP/1.1", "is no image; PNG, JPEG and WebP are supported"),
        (file_of(Image.new("L", (8, 8)), "GIF"), "is no image"),
        (file_of(Image.new("L", (8, 8)), "TIFF"), "is no image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no image"),
        (file_of(noise(50, 50))[:3_000], "truncated or damaged"),
        (file_of(Image.new("L", (4_000, 2))), "strip of 4,000 × 2"),
    ],
)
def test_what_is_no_image_is_told_so(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        decode_image(content)


@pytest.mark.parametrize("side", [5_000, 13_300, 20_000])  # PIL itself warns beyond 9,459 and refuses beyond 13,377
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    content = file_of(Image.new("1", (side, side)))
    assert len(content) < 100_000
    tracemalloc.start()
    with pytest.raises(DataError, match="pixels"):
        decode_image(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_image_is_turned_upright_as_its_camera_says(form: str) -> None:
    image = Image.new("RGB", (60, 30))
    image.paste((255, 255, 255), (0, 0, 30, 30))  # the left half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn a quarter clockwise
    pixels = decode_image(file_of(image, form, exif=exif))
    assert pixels.shape == (60, 30, 3)
    assert pixels[:25].mean() > 0.95  # left has become top
    assert pixels[-25:].mean() < 0.05


def test_what_is_transparent_is_white() -> None:
    assert decode_image(file_of(Image.new("RGBA", (4, 4), (0, 0, 0, 0)))).min() == 1.0
    assert decode_image(file_of(Image.new("LA", (4, 4), (0, 0)))).min() == 1.0


RED: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
    "RGB PNG": (Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", {}),
    "opaque RGBA PNG": (Image.new("RGBA", (8, 8), (255, 0, 0, 255)), "PNG", {}),
    "palette PNG": (Image.new("RGB", (8, 8), (255, 0, 0)).convert("P"), "PNG", {}),
    "CMYK JPEG": (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", {"quality": 100}),
    "progressive JPEG": (Image.new("RGB", (8, 8), (255, 0, 0)), "JPEG", {"quality": 100, "progressive": True}),
    "WebP": (Image.new("RGB", (8, 8), (255, 0, 0)), "WEBP", {"lossless": True}),
    "WebP with alpha": (Image.new("RGBA", (8, 8), (255, 0, 0, 255)), "WEBP", {"lossless": True}),
}
WHITE: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
    "grey PNG": (Image.new("L", (8, 8), 255), "PNG", {}),
    "grey PNG with alpha": (Image.new("LA", (8, 8), (255, 255)), "PNG", {}),
    "one bit": (Image.new("1", (8, 8), 1), "PNG", {}),
    "16 bits": (Image.fromarray(np.full((8, 8), 65_535, np.uint16)), "PNG", {}),
    "grey JPEG": (Image.new("L", (8, 8), 255), "JPEG", {}),
    "transparent palette": (Image.new("P", (8, 8), 0), "PNG", {"transparency": 0}),
}


@pytest.mark.parametrize(
    ("encoded", "color"),
    [*((one, (1, 0, 0)) for one in RED.values()), *((one, (1, 1, 1)) for one in WHITE.values())],
    ids=[*RED, *WHITE],
)
def test_every_encoding_has_the_colour_that_is_seen(
    encoded: tuple[Image.Image, str, dict[str, Any]], color: tuple[float, ...]
) -> None:
    image, form, options = encoded
    pixels = decode_image(file_of(image, form, **options))
    assert pixels.shape == (8, 8, 3)
    np.testing.assert_allclose(pixels.mean(axis=(0, 1)), color, atol=0.02)


@pytest.mark.parametrize("form", ["BMP", "AVIF", "JPEG2000"])
def test_other_formats_are_refused_by_what_is_read(form: str) -> None:
    with pytest.raises(DataError, match="PNG, JPEG and WebP are supported"):
        decode_image(file_of(noise(8, 8), form))


def test_sixteen_bits_a_channel_are_not_cut_off() -> None:
    image = Image.fromarray(np.full((4, 4), 32_768, np.uint16))
    assert decode_image(file_of(image)).mean() == pytest.approx(0.5, abs=0.01)


def test_a_test_image_is_what_the_net_was_trained_on() -> None:
    images_NCHW, labels_N = images.load_test_images(DataName.FASHION_MNIST_SUBSET)
    assert [int(label) for label in labels_N[:20]] == [*range(10), *range(10)]
    image = images.read_image(ImageRef.parse("data:fashion_mnist_subset/12"))
    seen = preprocess(image, GREY)
    assert (image.label, image.class_name) == (2, "Pullover")
    np.testing.assert_array_equal(seen.pixels_CHW[0], images_NCHW[12, 0].astype(np.float32) / 255)
    half = preprocess(image, Preprocessing(image_size=14, channels=3, mean=(0.0,), std=(1.0,), is_grey=True))
    blocks = (images_NCHW[12, 0] / 255).reshape(14, 2, 14, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(half.pixels_CHW, np.stack([blocks] * 3), atol=1e-6)


def test_a_thing_on_a_light_ground_is_inverted_and_fitted_as_the_data_set_was_made() -> None:
    photo = np.ones((100, 200, 3), np.float32)  # wider than high, white
    photo[40:60, 80:120] = 0.0  # a dark thing in the middle
    seen = preprocess(SourceImage(ref=SENT, pixels=photo), GREY)
    assert seen.is_inverted
    assert seen.pixels_CHW.shape == (1, 28, 28)
    assert seen.pixels_CHW[0, 14, 14] == 1.0
    assert seen.pixels_CHW[0, [0, 0, 27, 27], [0, 27, 0, 27]].max() == 0.0
    dark = preprocess(SourceImage(ref=SENT, pixels=1 - photo), GREY)
    assert not dark.is_inverted
    np.testing.assert_allclose(dark.pixels_CHW, seen.pixels_CHW, atol=1e-6)


def test_a_net_of_photographs_sees_the_middle_square_in_colour() -> None:
    photo = np.zeros((300, 600, 3), np.float32)
    photo[:, 200:400, 0] = 1.0  # a red middle
    seen = preprocess(SourceImage(ref=SENT, pixels=photo), PHOTO)
    assert seen.pixels_CHW.shape == (3, 224, 224)
    assert seen.pixels_CHW[0, 100, 112] == 1.0
    assert seen.pixels_CHW[1:].max() == 0.0
    x_CHW = PHOTO.normalised(seen.pixels_CHW)
    assert x_CHW[0, 100, 112] == pytest.approx((1 - 0.5) / 0.2)


@pytest.mark.parametrize(
    ("learned_from", "shown"),
    [
        (None, DataName.FASHION_MNIST_SUBSET),  # nobody knows
        ("imagenet", DataName.FASHION_MNIST_SUBSET),  # not here
        ("fashion_mnist", DataName.FASHION_MNIST_SUBSET),  # the shipped part of it
        *((name, name) for name in DataName if name is not DataName.FASHION_MNIST),
    ],
)
def test_a_net_is_shown_images_of_what_it_learned_from(learned_from: str | None, shown: DataName) -> None:
    assert fitting_data(learned_from) is shown


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A CIFAR-10 of one image a class in each file; the red channel rises to the right, the others are plain."""
    ramp = bytes(8 * column for column in range(32)) * 32
    content = b"".join(bytes([y]) + ramp + bytes([20 * y]) * 1_024 + bytes([25 * y]) * 1_024 for y in range(10))
    members = dict.fromkeys(cifar10.BINARY.members, hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(cifar10, "BINARY", dataclasses.replace(cifar10.BINARY, records=10, members=members))
    monkeypatch.setenv(datasets.CIFAR10_VARIABLE, str(tmp_path))
    for name in members:
        (tmp_path / name).write_bytes(content)
    images.load_test_images.cache_clear()
    yield tmp_path
    images.load_test_images.cache_clear()


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize("size", [32, 16, 24, 64])
def test_a_data_sets_image_in_colour_is_resized_channel_by_channel_and_not_cropped(size: int) -> None:
    image = images.read_image(ImageRef.parse("data:cifar10/7"))
    assert (image.pixels.shape, image.label, image.class_name) == ((32, 32, 3), 7, "horse")
    preprocessing = Preprocessing(image_size=size, channels=3, mean=(0.5,), std=(0.5,), is_grey=False)
    seen = preprocess(image, preprocessing).pixels_CHW
    assert seen.shape == (3, size, size)
    for channel in range(3):
        np.testing.assert_allclose(seen[channel], resize.resize_plane(image.pixels[..., channel], size), atol=1e-6)
    np.testing.assert_allclose(seen[1:].reshape(2, -1).T, [[140 / 255, 175 / 255]] * size**2, atol=1e-6)
    pixels_each = -(-32 // size)  # that the first and the last column are means of
    ends = np.array([(pixels_each - 1) / 2, 31 - (pixels_each - 1) / 2]) * 8 / 255
    np.testing.assert_allclose(seen[0, :, [0, -1]].mean(axis=1), ends, atol=2 / 255)  # a crop would lack both


def test_what_was_sent_is_kept_by_its_checksum_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    ref = images.keep_image(file_of(noise(30, 40)))
    assert images.read_image(ref).pixels.shape == (30, 40, 3)
    assert images.keep_image(file_of(noise(30, 40))) == ref
    assert len(list(uploads.folder().iterdir())) == 1
    with pytest.raises(DataError, match="no longer here"):
        images.read_image(SENT)


def test_what_is_no_image_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    for content in (b"", b"nothing", b"x" * (uploads.MAX_BYTES[uploads.UploadKind.IMAGE] + 1)):
        with pytest.raises(DataError):
            images.keep_image(content)
    assert not uploads.folder().exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "/x"])
def test_no_name_from_outside_becomes_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    with pytest.raises(DataError, match="64 digits"):
        uploads.find(name, uploads.UploadKind.NET)


def test_what_was_sent_is_bounded_in_files_bytes_and_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    few = FolderLimits(num_files=3, num_bytes=1_000)
    kept = [uploads.keep(bytes([number]) * 10, uploads.UploadKind.NET, limits=few) for number in range(5)]
    assert len(list(uploads.folder().iterdir())) == 3
    assert uploads.find(kept[-1], uploads.UploadKind.NET).read_bytes() == bytes([4]) * 10
    uploads.keep(b"y" * 95, uploads.UploadKind.NET, limits=FolderLimits(num_bytes=100))
    assert [path.stat().st_size for path in uploads.folder().iterdir()] == [95]
    newest = uploads.keep(b"z", uploads.UploadKind.NET, now=1e12)
    assert [path.name for path in uploads.folder().iterdir()] == [f"{newest}.net"]


def test_a_seed_of_an_address_draws_the_images_that_it_always_drew() -> None:
    every = images.indices_of_class(DataName.FASHION_MNIST_SUBSET, -1)
    expected = (
        np.random.default_rng(7).choice(2_000, 20, replace=False).tolist()
    )  # as links of earlier versions have it
    assert images.draw_indices(every, 20, 7) == expected


@pytest.mark.parametrize("label", [0, 7])
def test_images_of_a_class_are_all_that_have_its_label(label: int) -> None:
    labels_N = images.load_test_images(DataName.FASHION_MNIST_SUBSET)[1]
    assert (
        list(images.indices_of_class(DataName.FASHION_MNIST_SUBSET, label))
        == np.flatnonzero(labels_N == label).tolist()
    )
    drawn = images.draw_indices(images.indices_of_class(DataName.FASHION_MNIST_SUBSET, label), 500, 0)
    assert len(set(drawn)) == 200  # each once
    assert set(labels_N[drawn]) == {label}


def test_a_class_that_the_data_set_has_not_is_refused() -> None:
    with pytest.raises(SpecError, match="classes 0 to 9; got 10"):
        images.indices_of_class(DataName.FASHION_MNIST_SUBSET, 10)
