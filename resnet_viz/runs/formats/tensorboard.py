"""An exported run as TensorBoard event files, one folder for each net, in a ZIP archive.

What others do: `torch.utils.tensorboard` writes these files and needs the package `tensorboard`, which brings a web
server and gRPC; tensorboardX 2.6.5 is small, but imports torch wherever torch is installed, and the web process never
loads torch. What we do: the few bytes themselves. A file is a row of TFRecords (length, checksum, event, checksum); an
event is a Protocol Buffers message of a time, a step and scalars. What it cannot do: TensorBoard keeps scalars as
float32, so that a norm below 1e-45 is shown as 0 and one above 3e38 as infinite; CSV, JSON and Parquet keep all digits.
How we know: tests decode the files with Google's own protobuf library, the checksum has the values of RFC 3720, and
TensorBoard 2.20's reader found every scalar of a file.
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from resnet_viz.training.records import NODES_OF

_FLOAT32_MOST: Final = 3.4028234663852886e38
_VERSION: Final = "brain.Event:2"  # what TensorBoard expects in the first event
_DOUBLE, _BYTES, _FLOAT, _VARINT = 1, 2, 5, 0  # wire types
_SCALARS: Final = {  # tag in TensorBoard, which groups by the part before the slash
    "loss": "training/loss",
    "accuracy": "training/accuracy",
    "lr": "training/learning rate",
    "test_loss": "test/loss",
    "test_accuracy": "test/accuracy",
}


def to_zip(exported: Mapping[str, Any], *, folder: str) -> bytes:
    """Returns a ZIP archive of `folder`/<net>/events.out.tfevents...: unpack it and point TensorBoard at it.

    Args:
        exported: a run as `export` gives it.
        folder: name of the folder inside the archive.
    """
    began = exported["run"].get("started") or exported["run"].get("created") or 0.0
    by_net: dict[str, list[Mapping[str, Any]]] = {}
    for record in exported["records"]:
        by_net.setdefault(record["net"], []).append(record)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for net, records in by_net.items():
            name = f"{_file_name(folder)}/{_file_name(net)}/events.out.tfevents.{int(began)}.resnet_viz"
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), b"".join(_file(records, began)))
    return sink.getvalue()


def _file(records: Iterable[Mapping[str, Any]], began: float) -> Iterator[bytes]:
    yield _framed(_field(1, _DOUBLE, struct.pack("<d", began)) + _text(3, _VERSION))
    for record in records:
        scalars = b"".join(_message(1, _text(1, tag) + _field(2, _FLOAT, value)) for tag, value in _scalars(record))
        event = _field(1, _DOUBLE, struct.pack("<d", began + float(record["seconds"])))
        yield _framed(event + _field(2, _VARINT, _varint(record["step"])) + _message(5, scalars))


def _scalars(record: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for name, tag in _SCALARS.items():
        if record.get(name) is not None:
            yield tag, _float32(record[name])
    for quantity in NODES_OF:
        for node, norm in record.get(quantity, {}).items():
            yield f"{quantity}/{node}", _float32(norm)


def _float32(value: Any) -> bytes:
    number = float(value)  # "NaN" and "Infinity" too
    if math.isfinite(number) and abs(number) > _FLOAT32_MOST:
        number = math.copysign(math.inf, number)
    return struct.pack("<f", number)


def _framed(event: bytes) -> bytes:
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", _masked(length)) + event + struct.pack("<I", _masked(event))


def _masked(content: bytes) -> int:
    """Returns the checksum of a TFRecord: a rotated CRC-32C, so that one of a checksum is not trivial."""
    crc = crc32c(content)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(content: bytes) -> int:
    """Returns the CRC-32C (Castagnoli) of some bytes; the standard library has none."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_TABLE: Final = tuple(map(_crc_of, range(256)))


def _field(number: int, wire: int, value: bytes) -> bytes:
    return _varint(number << 3 | wire) + value


def _message(number: int, content: bytes) -> bytes:
    return _field(number, _BYTES, _varint(len(content)) + content)


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _file_name(text: str) -> str:
    """Returns a name that is valid on any file system and holds no path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")[:80] or "run"
