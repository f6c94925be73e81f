"""Tensors in a file with numbers that are NaN or infinite, found by their bytes, a chunk at a time, without torch.

A number is neither NaN nor infinite unless all bits of its exponent are set, and these lie in its highest bytes
(IEEE 754; 8-bit types: Micikevicius et al. 2022, FP8 Formats for Deep Learning, table 1). Those of all numbers of a
chunk are one slice, so that 100 MB take some 20 ms beside reading them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from zipfile import ZipFile

from resnet_viz.i18n import _
from resnet_viz.weights.files.pickled import shown
from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, NumberKind, StoredTensor, kind_of
from resnet_viz.weights.files.torch_file import Place

_CHUNK: Final = 1 << 18  # bytes; a multiple of every type's
_MOST_QUOTED: Final = 3


class _Odd(NamedTuple):
    """Bytes of numbers that are NaN or infinite: the highest ones, and from where on the one below them."""

    highest: bytes
    second: int = 0


_HALF: Final = _Odd(bytes([*range(0x7C, 0x80), *range(0xFC, 0x100)]))
_ODD: Final[Mapping[str, _Odd]] = {
    "float64": _Odd(b"\x7f\xff", 0xF0),
    "float32": _Odd(b"\x7f\xff", 0x80),
    "bfloat16": _Odd(b"\x7f\xff", 0x80),
    "float16": _HALF,
    "float8_e5m2": _HALF,
    "float8_e4m3fn": _Odd(b"\x7f\xff"),
    "float8_e4m3fnuz": _Odd(b"\x80"),
    "float8_e5m2fnuz": _Odd(b"\x80"),
    "float8_e8m0fnu": _Odd(b"\xff"),
}


class Numbers(NamedTuple):
    """Numbers of a tensor in a file.

    Attributes:
        tensor: with its offset and strides within the place.
        place: of its storage.
    """

    tensor: StoredTensor
    place: Place


def note_of_broken(path: Path, tensors: Mapping[str, Numbers]) -> tuple[str, ...]:
    """Returns a message on the tensors with numbers that are NaN or infinite, if there are any.

    Args:
        path: of the file.
        tensors: by key; those of whole numbers are left out.
    """
    floats = {key: one for key, one in tensors.items() if kind_of(one.tensor.dtype) is NumberKind.FLOAT}
    broken = list(_broken(path, floats))
    if not broken:
        return ()
    quoted = ", ".join(repr(shown(key)) for key in broken[:_MOST_QUOTED]) + (", …" if broken[_MOST_QUOTED:] else "")
    message = _(
        "These weights are broken: {count:,} of the {total:,} tensors hold numbers that are NaN or infinite ({keys}), "
        "and so will be the predictions."
    )
    return (message.format(count=len(broken), total=len(floats), keys=quoted),)


def _broken(path: Path, tensors: Mapping[str, Numbers]) -> Iterator[str]:
    is_packed = any(one.place.offset is None for one in tensors.values())
    with path.open("rb") as file, ZipFile(file) if is_packed else nullcontext() as archive:
        for key, (tensor, place) in tensors.items():
            begin = tensor.offset * ITEM_BYTES[tensor.dtype]
            num_bytes = tensor.bytes_in_storage - begin
            if place.offset is not None:
                file.seek(place.offset + begin)
                is_broken = _is_broken(file, num_bytes, tensor)
            else:
                assert archive is not None
                with archive.open(place.member) as member:
                    member.seek(begin)
                    is_broken = _is_broken(member, num_bytes, tensor)  # type: ignore[arg-type]
            if is_broken:
                yield key


def _is_broken(file: BinaryIO, num_bytes: int, tensor: StoredTensor) -> bool:
    """Whether one of the next bytes of a file is of such a number, and the number of the tensor."""
    size, odd = ITEM_BYTES[tensor.dtype], _ODD[tensor.dtype]
    for done in range(0, num_bytes, _CHUNK):
        chunk = file.read(min(_CHUNK, num_bytes - done))
        highest = chunk[size - 1 :: size]
        if len(highest.translate(None, odd.highest)) < len(highest):
            places = (done // size + place for place in _places(chunk, highest, size, odd))
            if any(_has(tensor, place) for place in places):
                return True
    return False


def _places(chunk: bytes, highest: bytes, size: int, odd: _Odd) -> Iterator[int]:
    """Yields which numbers of a chunk are NaN or infinite."""
    second = chunk[size - 2 :: size] if odd.second else highest
    for place, (high, low) in enumerate(zip(highest, second, strict=True)):
        if high in odd.highest and low >= odd.second:
            yield place


def _has(tensor: StoredTensor, place: int) -> bool:
    """Whether a tensor, which may be a view with gaps, has the number at this place behind its first one."""
    axes = sorted(((stride, side) for stride, side in zip(tensor.strides, tensor.shape, strict=True)), reverse=True)
    return _is_reached(place, [(stride, side) for stride, side in axes if stride])


def _is_reached(place: int, axes: Sequence[tuple[int, int]]) -> bool:
    if not axes:
        return place == 0
    (stride, side), rest = axes[0], axes[1:]
    farthest = sum((other - 1) * step for step, other in rest)
    first = max(0, -(-(place - farthest) // stride))
    return any(_is_reached(place - stride * index, rest) for index in range(first, min(side - 1, place // stride) + 1))
