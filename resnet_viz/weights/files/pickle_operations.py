"""Operations of a pickle one by one; long rows of bytes in it are places in the file, which are not read.

`pickletools`, Python's own reader of pickles, reads the arguments of all others.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END
from pickletools import opcodes
from typing import IO, Any, Final, cast

from resnet_viz.weights.files.formats import damaged

_BY_CODE: Final = {operation.code: operation for operation in opcodes}
_LONGEST_READ: Final = 4_096  # bytes of a row that is read; the keys of weights have a hundred at most
_ROWS: Final = {  # operations with a row of bytes, and the number before it that is its length
    "SHORT_BINSTRING": struct.Struct("<B"),
    "BINSTRING": struct.Struct("<i"),
    "SHORT_BINBYTES": struct.Struct("<B"),
    "BINBYTES": struct.Struct("<I"),
    "BINBYTES8": struct.Struct("<Q"),
    "BYTEARRAY8": struct.Struct("<Q"),
}
_TEXTS: Final = ("SHORT_BINSTRING", "BINSTRING")  # of Python 2, which has one type for texts and bytes


@dataclass(frozen=True, slots=True)
class Row:
    """Row of bytes in a file.

    Attributes:
        offset: of its first byte, from where the file was begun to be read.
        num_bytes: its length.
    """

    offset: int
    num_bytes: int


class TooMuchRead(Exception):
    """A pickle has more bytes, its long rows left out, than are read."""


class _Bounded:
    """File of which a limited number of bytes is read."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source, self._left = source, most
        begin = source.tell()
        self._end = source.seek(0, SEEK_END)
        source.seek(begin)

    def read(self, size: int) -> bytes:
        return self._spend(self._source.read(min(size, self._left + 1)))

    def readline(self) -> bytes:
        return self._spend(self._source.readline(self._left + 1))

    def skip(self, size: int) -> Row:
        """Returns the row of the next bytes, and goes on behind it."""
        row = Row(self._source.tell(), size)
        if not 0 <= size <= self._end - row.offset:
            raise damaged()
        self._source.seek(size, SEEK_CUR)
        return row

    def place(self) -> int:
        return self._source.tell()

    def _spend(self, content: bytes) -> bytes:
        self._left -= len(content)
        if self._left < 0:
            raise TooMuchRead
        return content


def operations(source: IO[bytes], most: int, rows: dict[bytes, Row]) -> Iterator[tuple[str, Any]]:
    """Yields names and arguments of the operations of the pickle at the beginning of a file.

    Args:
        source: the file, which is left behind the pickle.
        most: bytes that are read, those of long rows not counted.
        rows: is given the place of each short row, by its bytes.

    Raises:
        TooMuchRead: it has more bytes.
        LookupError, ValueError: it is damaged.
        DataError: likewise.
    """
    bounded = _Bounded(source, most)
    name = ""
    while name != "STOP":
        operation = _BY_CODE[bounded.read(1).decode("latin-1")]
        name = operation.name
        if name in _ROWS:
            yield name, _row(bounded, name, rows)
        else:
            yield name, operation.arg.reader(cast("IO[bytes]", bounded)) if operation.arg else None


def _row(bounded: _Bounded, name: str, rows: dict[bytes, Row]) -> Row | bytes | str:
    length = _ROWS[name]
    try:
        (num_bytes,) = length.unpack(bounded.read(length.size))
    except struct.error as error:
        raise damaged() from error
    if num_bytes > _LONGEST_READ:
        return bounded.skip(num_bytes)
    place = bounded.place()
    content = bounded.read(num_bytes) if num_bytes > 0 else b""
    if len(content) != num_bytes:
        raise damaged()
    rows.setdefault(content, Row(place, num_bytes))
    return content.decode("latin-1") if name in _TEXTS else content
