"""Frozen dataclasses as .npz bytes and back, field by field: values in a JSON tree, arrays as parts of their own.

Reading never runs code. Each value is checked against the type of its field, so that bytes of another layout are
refused as a whole. JSON has no NaN: a float that is not finite is stored as null and read as NaN.
"""

import io
import json
import math
import types
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

Floats = NDArray[np.float32]

MAX_BYTES: Final = 32_000_000
LATER: Final = "later"  # in the metadata of a field with a default that earlier versions did not have
_META: Final = "meta"


def to_npz(value: Any) -> bytes:
    """Returns a dataclass as bytes, tagged with the name of its class.

    Raises:
        DataError: more than MAX_BYTES.
    """
    arrays: dict[str, Floats] = {}
    tree = {"type": type(value).__name__, "fields": _plain(value, "", arrays)}
    text = json.dumps(tree, allow_nan=False).encode()
    total = len(text) + sum(array.nbytes for array in arrays.values())
    if total > MAX_BYTES:
        raise DataError(
            _("This result has {got:,} bytes; at most {most:,} are sent. Reduce the query.").format(
                got=total, most=MAX_BYTES
            )
        )
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{_META: np.frombuffer(text, np.uint8)}, **arrays)
    return content.getvalue()


def from_npz(content: bytes, classes: Mapping[str, type]) -> Any:
    """Returns the dataclass that `to_npz` wrote; its arrays are read-only. Each part's checksum is verified.

    Args:
        content: the bytes.
        classes: by name, those that may come.

    Raises:
        DataError: damaged bytes, another class, or another layout.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 2 * MAX_BYTES:
                raise damaged()
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            arrays = {name: parts[name] for name in parts.files}
        tree = json.loads(arrays.pop(_META).tobytes())
        for array in arrays.values():
            array.flags.writeable = False
        value = _value(classes[tree["type"]], tree["fields"], "", arrays)
    except DataError:
        raise
    except Exception as error:  # foreign bytes make numpy and zipfile raise nearly anything
        raise damaged() from error
    if arrays:
        raise damaged()
    return value


def to_json(value: Any) -> Any:
    """Returns a dataclass without arrays as JSON values, by its fields; a float that is not finite as null."""
    arrays: dict[str, Floats] = {}
    tree = _plain(value, "", arrays)
    assert not arrays, f"{type(value).__name__} has arrays, which JSON has not"
    return tree


def from_json(kind: type, tree: Any) -> Any:
    """Returns the dataclass that `to_json` wrote.

    Raises:
        DataError: values of another layout.
        Refusal: values that the dataclass itself refuses.
    """
    try:
        return _dataclass(kind, tree, "", {})
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged() from error


def _plain(value: Any, path: str, arrays: dict[str, Floats]) -> Any:
    """Returns a value as JSON has it; an array goes to `arrays` under its path, such as "nets.0.image_CHW"."""
    match value:
        case np.ndarray():
            arrays[path] = value.astype(np.float32, copy=False)
            return None
        case NetSpec() | VggSpec():
            return codec.to_json(value)
        case Enum():
            return value.value
        case float():
            return value if math.isfinite(value) else None
        case tuple():
            return [_plain(entry, f"{path}.{index}", arrays) for index, entry in enumerate(value)]
        case None | bool() | int() | str():
            return value
        case _ if is_dataclass(value):
            below = f"{path}." if path else ""
            return {
                field.name: _plain(getattr(value, field.name), below + field.name, arrays) for field in fields(value)
            }
        case _:
            raise AssertionError(f"{path} is of no type that is written: {type(value)}")


def _value(hint: Any, plain: Any, path: str, arrays: dict[str, Any]) -> Any:
    """Returns the value of a field of this type, and takes its arrays out of `arrays`."""
    if hint == AnySpec:
        return codec.from_json(plain)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not types.NoneType)
        return None if plain is None and path not in arrays else _value(inner, plain, path, arrays)
    if origin is np.ndarray:
        return _floats(arrays.pop(path))
    if origin is tuple:
        (inner, _ellipsis), _checked = get_args(hint), _check(plain, list)
        return tuple(_value(inner, entry, f"{path}.{index}", arrays) for index, entry in enumerate(plain))
    if is_dataclass(hint):
        return _dataclass(hint, plain, path, arrays)
    if issubclass(hint, Enum):
        return hint(plain)
    if hint is float:
        return math.nan if plain is None else float(_check(plain, int | float))
    return _check(plain, hint)


def _dataclass(kind: Any, plain: Any, path: str, arrays: dict[str, Any]) -> Any:
    """Returns a dataclass; a field marked LATER may be missing, as in results of earlier versions."""
    hints = _hints(kind)
    given = _check(plain, dict).keys()
    if not _needed(kind) <= given <= hints.keys():
        raise damaged()
    below = f"{path}." if path else ""
    return kind(**{name: _value(hints[name], plain[name], below + name, arrays) for name in given})


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@lru_cache(maxsize=64)
def _needed(kind: type) -> frozenset[str]:
    """Returns the names of the fields of a dataclass that every version has."""
    return frozenset(field.name for field in fields(kind) if not field.metadata.get(LATER))


def _check(plain: Any, kind: Any) -> Any:
    if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
        raise damaged()
    return plain


def _floats(array: Any) -> Floats:
    if array.dtype != np.float32:
        raise damaged()
    found: Floats = array
    return found


def damaged() -> DataError:
    """Returns the refusal of bytes that no version has written."""
    return DataError(_("A stored result is damaged."))
