"""Arrays of numpy in a pickle, as Caffe2 and detectron2 write their weights: type, shape and place of the numbers.

An array is made by a function of numpy, which is known here by its name and not called. Its type has a code ("f4") and
an order of bytes, its numbers are a row of bytes in the file.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

from resnet_viz.weights.files.pickle_operations import Row
from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, MAX_AXES, MAX_SIDE, Storage, StoredTensor

_MODULES: Final = ("numpy.core.", "numpy._core.")  # of numpy 1 and 2
_MADE_EMPTY: Final = "multiarray._reconstruct"  # and then given its state
_MADE_OF_BYTES: Final = "numeric._frombuffer"
TYPE: Final = "numpy.dtype"
_DTYPES: Final = {
    "b1": "bool",
    **{f"f{size}": f"float{8 * size}" for size in (2, 4, 8)},
    **{f"i{size}": f"int{8 * size}" for size in (1, 2, 4, 8)},
    **{f"u{size}": f"uint{8 * size}" for size in (1, 2, 4, 8)},
    **{f"c{size}": f"complex{8 * size}" for size in (8, 16)},
}
_ORDERS: Final = ("<", "|")  # little-endian, and one byte a number


def is_made_empty(name: str) -> bool:
    """Whether a function makes an array whose state is given to it afterwards."""
    return name.startswith(_MODULES) and name.endswith(f".{_MADE_EMPTY}")


def is_made_of_bytes(name: str) -> bool:
    """Whether a function makes an array of bytes."""
    return name.startswith(_MODULES) and name.endswith(f".{_MADE_OF_BYTES}")


def dtype_of(arguments: Sequence[Any], state: Any) -> str:
    """Returns torch's name of a type of numpy; "" of others, such as those of another order of bytes."""
    if not arguments or not isinstance(arguments[0], str) or not isinstance(state, tuple):
        return ""
    return _DTYPES.get(arguments[0], "") if state[1:2] and state[1] in _ORDERS else ""


class Arrays:
    """Arrays in a pickle that is being read.

    Attributes:
        short_rows: place of each row of bytes that was read, by its bytes: equal rows are equal numbers.
        rows: those of the arrays, by the keys of their storages.
    """

    def __init__(self) -> None:
        self.short_rows: dict[bytes, Row] = {}
        self.rows: dict[str, Row] = {}

    def find(self, dtype: Any, shape: Any, content: Any, *, is_columns_first: bool) -> StoredTensor | None:
        """Returns an array as a tensor in the file; None where it is no array of plain numbers in one row.

        Args:
            dtype: torch's name of its type, "" of others.
            shape: as the file has it.
            content: its numbers: a row, or the bytes of a short one, which are a text if Python 2 wrote them.
            is_columns_first: whether the first axis runs fastest (Fortran's order).
        """
        if isinstance(content, str):
            content = content.encode("latin-1", errors="ignore")
        row = self.short_rows.get(content) if isinstance(content, bytes) else content
        if (
            not isinstance(dtype, str)
            or dtype not in ITEM_BYTES
            or not isinstance(row, Row)
            or not isinstance(shape, tuple)
        ):
            return None
        if not all(type(side) is int and 0 <= side <= MAX_SIDE for side in shape) or len(shape) > MAX_AXES:
            return None
        before = [shape[:axis] if is_columns_first else shape[axis + 1 :] for axis in range(len(shape))]
        if math.prod(shape) * ITEM_BYTES[dtype] != row.num_bytes:
            return None
        storage = Storage(f"row at {row.offset}", row.num_bytes, dtype)  # torch numbers its storages
        self.rows[storage.key] = row
        return StoredTensor(storage, dtype, 0, shape, tuple(map(math.prod, before)))
