"""Headers of safetensors files: keys, shapes and types of the tensors, checked against the size of the file.

Format: https://huggingface.co/docs/safetensors, section "Format". Eight bytes give the length of the header, which is
JSON: of each tensor its type, shape and place, and texts of whoever saved it under `__metadata__`.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.weights.files.formats import damaged_safetensors, too_large
from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, MAX_AXES, MAX_SIDE

MAX_HEADER_BYTES: Final = 8 << 20  # ResNet-1202 has 1 MB

_LENGTH: Final = struct.Struct("<Q")
_METADATA: Final = "__metadata__"
_DTYPES: Final = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2": "float8_e5m2",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E8M0": "float8_e8m0fnu",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
    "C64": "complex64",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Header of a safetensors file.

    Attributes:
        shapes: by key.
        dtypes: torch's names of the types, by key.
        metadata: texts beside the tensors.
        offsets: of the first byte of each tensor in the file, by key.
    """

    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]
    metadata: Mapping[str, str]
    offsets: Mapping[str, int]


def read_header(path: Path) -> Header:
    """Returns the header of a file; the tensors are not read.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_LENGTH.size)
            length = _LENGTH.unpack(start)[0] if len(start) == _LENGTH.size else 0
            num_bytes = path.stat().st_size - _LENGTH.size - length
            if length == 0 or num_bytes < 0:
                raise damaged_safetensors()
            if length > MAX_HEADER_BYTES:
                raise too_large(_("its header has"), length, MAX_HEADER_BYTES)
            content = _object(file.read(length))
    except (OSError, ValueError) as error:
        raise (error if isinstance(error, DataError) else damaged_safetensors()) from error
    metadata = content.pop(_METADATA, {})
    for key, tensor in content.items():
        if not _is_sound(tensor, num_bytes):
            raise damaged_safetensors()
        if tensor["dtype"] not in _DTYPES:
            raise DataError(
                _("{key!r} is of the type {dtype!r}, which is not read here.").format(
                    key=key[:60], dtype=str(tensor["dtype"])[:60]
                )
            )
    return Header(
        {key: tuple(tensor["shape"]) for key, tensor in content.items()},
        {key: _DTYPES[tensor["dtype"]] for key, tensor in content.items()},
        {str(key): str(text) for key, text in metadata.items()} if isinstance(metadata, dict) else {},
        {key: _LENGTH.size + length + tensor["data_offsets"][0] for key, tensor in content.items()},
    )


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged_safetensors() from error
    if not isinstance(value, dict):
        raise damaged_safetensors()
    return value


def _is_sound(tensor: Any, num_bytes: int) -> bool:
    """Whether an entry describes a tensor whose numbers lie in the file."""
    match tensor:
        case {"dtype": str() as dtype, "shape": list() as shape, "data_offsets": [int() as begin, int() as end]}:
            is_shape = len(shape) <= MAX_AXES and all(type(side) is int and 0 <= side <= MAX_SIDE for side in shape)
            size = ITEM_BYTES.get(_DTYPES.get(dtype, ""))
            is_filled = size is None or (is_shape and math.prod(shape) * size == end - begin)
            return is_shape and is_filled and 0 <= begin <= end <= num_bytes
        case _:
            return False
