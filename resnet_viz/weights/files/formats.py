"""Names, limits and formats of weights files. A format is known by a file's first bytes, never by its name."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

MAX_BYTES: Final = 640 << 20  # of a file, and of its tensors; the largest named net, vgg19_bn, saves 575 MB
SAFETENSORS: Final = ".safetensors"
SUFFIXES: Final = (".pt", ".pth", ".th", ".ckpt", ".tar", ".bin", SAFETENSORS, ".pyth", ".pkl")  # `.pth.tar`, too
SUFFIXES_OF_SHAPES: Final = (*SUFFIXES, ".json")  # where shapes alone are enough

_LONGEST_PATH: Final = 1_000
_HEAD: Final = 512  # bytes that tell a format


class FileFormat(StrEnum):
    """Format that is read."""

    TORCH_ZIP = "torch_zip"  # torch.save since 1.6
    TORCH_STREAM = "torch_stream"  # torch.save before: one pickle after the other, then the numbers
    PICKLE = "pickle"  # which torch.save did not make: Caffe2 and detectron2 keep arrays of numpy in it
    SAFETENSORS = "safetensors"
    JSON = "json"  # of keys and shapes


_TORCH_STREAM: Final = re.compile(  # torch's magic number as a pickle
    rb"\x80[\x02-\x05](\x95.{8})?\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\.", re.DOTALL
)
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]|\(dp|\(lp|ccopy_reg\n|ccollections\n|c__main__\n|c__builtin__\n")
_SAFETENSORS: Final = re.compile(rb".{4}\0{4}\{", re.DOTALL)  # length of the header, then its JSON
_JSON: Final = re.compile(rb"(\xef\xbb\xbf)?\s*[{\[]")


def _foreign() -> Sequence[tuple[re.Pattern[bytes], str]]:
    """Returns what the first bytes of files look like that people take for weights, and what these files are."""
    return tuple(
        (re.compile(pattern, re.DOTALL | re.IGNORECASE), what)
        for pattern, what in (
            (rb"\x89HDF\r\n\x1a\n", _("an HDF5 file, as Keras writes them")),
            (rb"\x93NUMPY", _("an array of numpy")),
            (
                rb"\x1f\x8b|BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd",
                _("packed by gzip, bzip2, xz or zstd; unpack it first"),
            ),
            (rb"7z\xbc\xaf\x27\x1c|Rar!", _("a packed archive; unpack it first")),
            (rb".{257}ustar", _("a tar archive; unpack it first and choose the weights in it")),
            (rb"GGUF|ggml|lmgg|tjgg", _("a file of llama.cpp")),
            (rb"....TFL3", _("a TensorFlow Lite file")),
            (rb"\x08[\x01-\x20]\x12.[ -~]{3}|\x08[\x01-\x20]:", _("an ONNX file or another graph in protobuf")),
            (rb"\x08\x01\x12|\x0a.{1,3}(model|import/|Placeholder|ResNet)", _("a graph of TensorFlow or Caffe")),
            (rb"model {?|name: ?\"", _("a text of protobuf, such as Caffe's prototxt")),
            (rb"version https://git-lfs", _("a pointer of Git LFS instead of the file itself; run `git lfs pull`")),
            (rb"\s*<(!doctype|html|\?xml|head)", _("a web page instead of the file; the download went wrong")),
            (rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0{4}|RIFF....WEBP", _("an image")),
            (rb"%PDF", _("a PDF document")),
        )
    )


def is_file(text: str) -> bool:
    """Whether a text means a file: an existing one, or a name with one of the suffixes."""
    return text.lower().endswith(SUFFIXES_OF_SHAPES) or (
        "\0" not in text and len(text) < _LONGEST_PATH and Path(text).is_file()
    )


def format_of(path: Path, *, max_bytes: int = MAX_BYTES) -> FileFormat:
    """Returns the format of a weights file.

    Args:
        path: the file.
        max_bytes: limit of its size.

    Raises:
        DataError: the file is missing, empty, too large, or of a format that is not read; the message names it.
    """
    head, num_bytes = _head(path)
    if not head:
        raise DataError(_("This file is empty, so truncated, damaged or not made by torch.save."))
    if num_bytes > max_bytes:
        raise too_large(_("it has"), num_bytes, max_bytes)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return FileFormat.TORCH_ZIP
    if _TORCH_STREAM.match(head):
        return FileFormat.TORCH_STREAM
    if _SAFETENSORS.match(head):
        return FileFormat.SAFETENSORS
    if _PICKLE.match(head):
        return FileFormat.PICKLE
    if _JSON.match(head):
        return FileFormat.JSON
    for pattern, what in _foreign():
        if pattern.match(head):
            raise not_weights(what)
    raise damaged_safetensors() if path.suffix.lower() == SAFETENSORS else damaged()


def _head(path: Path) -> tuple[bytes, int]:
    try:
        is_there = path.is_file()
    except (OSError, ValueError):  # a path that no system can have
        is_there = False
    if not is_there:
        raise DataError(_("There is no weights file at {path}.").format(path=path))
    try:
        with path.open("rb") as file:
            return file.read(_HEAD), path.stat().st_size
    except OSError as error:
        raise DataError(_("There is no readable file {path}.").format(path=path)) from error


def not_weights(what: str) -> DataError:
    """Returns the refusal of a file that is something else; `what` says what it is."""
    return DataError(
        _(
            "This file is {what}. Weights by name are looked for: a file of torch.save(net.state_dict(), path), or of "
            "safetensors."
        ).format(what=what)
    )


def too_large(what: str, num_bytes: int, max_bytes: int) -> DataError:
    """Returns the refusal of a file beyond the limit; `what` says of which bytes."""
    return DataError(
        _("This weights file is too large: {what} {got:,} bytes, at most {most:,} are read.").format(
            what=what, got=num_bytes, most=max_bytes
        )
    )


def damaged_safetensors() -> DataError:
    """Returns the refusal of a file whose name or first bytes are those of safetensors."""
    return DataError(_("This file is truncated, damaged or no safetensors file."))


def damaged() -> DataError:
    """Returns the refusal of a file that begins well or is of no known format."""
    return DataError(
        _(
            "This file is truncated, damaged or not made by torch.save. Weights by name are looked for: a file of "
            "torch.save(net.state_dict(), path), or of safetensors."
        )
    )
