"""A tensor as a file describes it: its type, shape and place, without its numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NumberKind(StrEnum):
    """Kind of the numbers of a tensor."""

    FLOAT = "float"
    WHOLE = "whole"
    COMPLEX = "complex"


_FLOATS: Final = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
    "float8_e4m3fnuz": 1,
    "float8_e5m2": 1,
    "float8_e5m2fnuz": 1,
    "float8_e8m0fnu": 1,
}
_WHOLE: Final = {"int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint64": 8, "uint32": 4, "uint16": 2, "uint8": 1}
_COMPLEX: Final = {"complex128": 16, "complex64": 8, "complex32": 4}
ITEM_BYTES: Final[Mapping[str, int]] = {**_FLOATS, **_WHOLE, "bool": 1, **_COMPLEX}  # by torch's name of the type
DTYPE_OF_STORAGE: Final[Mapping[str, str]] = {  # torch's classes of storages and their types
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "UntypedStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexDoubleStorage": "complex128",
    "ComplexFloatStorage": "complex64",
}
MAX_AXES: Final = 32
MAX_SIDE: Final = 1 << 48


def kind_of(dtype: str) -> NumberKind:
    """Returns the kind of the numbers of a type."""
    if dtype in _FLOATS:
        return NumberKind.FLOAT
    return NumberKind.COMPLEX if dtype in _COMPLEX else NumberKind.WHOLE


@dataclass(frozen=True, slots=True)
class Storage:
    """Row of numbers in a file that tensors share.

    Attributes:
        key: its name in the file.
        num_bytes: as the file claims.
        dtype: torch's name of the type of its numbers.
    """

    key: str
    num_bytes: int
    dtype: str


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Tensor in a file.

    Attributes:
        storage: holds its numbers.
        dtype: torch's name of their type.
        offset: of its first number in the storage, in numbers.
        shape: its sides.
        strides: steps in the storage along each axis, in numbers.
    """

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def num_elements(self) -> int:
        """Numbers in the tensor, which may be more than its storage has: a view repeats them."""
        return math.prod(self.shape)

    @property
    def bytes_in_storage(self) -> int:
        """Bytes from the beginning of the storage to the tensor's last number."""
        if not self.num_elements:
            return 0
        last = self.offset + sum((side - 1) * stride for side, stride in zip(self.shape, self.strides, strict=True))
        return (last + 1) * ITEM_BYTES[self.dtype]

    @property
    def is_sound(self) -> bool:
        """Whether sides and strides are no negative or absurd numbers, and the tensor lies within its storage."""
        numbers = (self.offset, *self.shape, *self.strides)
        return (
            len(self.shape) == len(self.strides) <= MAX_AXES
            and all(type(number) is int and 0 <= number <= MAX_SIDE for number in numbers)
            and self.bytes_in_storage <= self.storage.num_bytes
        )
