"""Answers as bytes and back: plain values and arrays in one .npz, which is checked and never runs code. No torch."""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

Floats = NDArray[np.float32]

MAX_BYTES: Final = 32_000_000
_META: Final = "meta"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AttributionResult:
    """An answer to a question; what it holds is written down in `explain.questions`.

    Attributes:
        meta: plain JSON values. What is no number is None.
        arrays: float32 by name, not to be written to: everyone who asked the same has the same.
    """

    meta: Mapping[str, Any]
    arrays: Mapping[str, Floats]


def pack(meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> bytes:
    """Returns an answer as bytes.

    Raises:
        DataError: more than MAX_BYTES.
    """
    text = json.dumps(_plain(meta), allow_nan=False).encode()
    floats = {f"a.{name}": np.asarray(values, np.float32) for name, values in arrays.items()}
    total = len(text) + sum(values.nbytes for values in floats.values())
    if total > MAX_BYTES:
        raise DataError(
            _("This answer has {got:,} bytes; at most {most:,} are sent. Ask about less at once.").format(
                got=total, most=MAX_BYTES
            )
        )
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{_META: np.frombuffer(text, np.uint8)}, **floats)
    return content.getvalue()


def unpack(content: bytes) -> AttributionResult:
    """Returns the answer in bytes of `pack`; each part's checksum is verified.

    Raises:
        DataError: they are damaged or of something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 2 * MAX_BYTES:
                raise _damaged()
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            found = {name: parts[name] for name in parts.files}
        meta = json.loads(found.pop(_META).tobytes())
        arrays = {name.removeprefix("a."): values.astype(np.float32, copy=False) for name, values in found.items()}
    except DataError:
        raise
    except Exception as error:  # foreign bytes make numpy and zipfile raise nearly anything
        raise _damaged() from error
    for values in arrays.values():
        values.flags.writeable = False
    return AttributionResult(meta=meta, arrays=arrays)


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it, which knows no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def _damaged() -> DataError:
    return DataError(_("A kept answer is damaged."))
