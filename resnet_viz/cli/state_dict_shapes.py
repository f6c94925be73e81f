"""Keys and shapes of a state dict from a JSON file or the header of a safetensors file."""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

Shapes = Mapping[str, Sequence[int]]

MAX_BYTES: Final = 16 << 20  # of JSON; ResNet-1202 has 0.6 MB of it
CHECKPOINTS: Final = (".pt", ".pth", ".bin", ".ckpt", ".tar")
SUFFIXES: Final = (".json", ".safetensors", *CHECKPOINTS)

_COUNT: Final = struct.Struct("<Q")  # of a safetensors file: how many bytes of JSON follow


def is_file(clue: str) -> bool:
    """Whether a clue is a file: an existing one, or a name with one of the suffixes."""
    return clue.lower().endswith(SUFFIXES) or ("\0" not in clue and len(clue) < 1_000 and Path(clue).is_file())  # noqa: PLR2004


def shapes_of_json(path: Path) -> Shapes:
    """Returns the shapes of a JSON object of key -> list of sides.

    Raises:
        DataError: the file is missing, or holds something else.
    """
    content = _object(_bytes(path))
    for key, shape in content.items():
        if not isinstance(shape, list) or not all(type(side) is int for side in shape):
            raise DataError(
                _('{path} is an object of keys and shapes, such as {{"fc.bias": [1000]}}; {key!r} has none.').format(
                    path=path, key=key[:60]
                )
            )
    return content


def shapes_of_safetensors(path: Path) -> Shapes:
    """Returns the shapes in the header of a safetensors file; the tensors are not read.

    Raises:
        DataError: the file is missing or damaged.
    """
    head = _bytes(path, _COUNT.size)
    length = _COUNT.unpack(head)[0] if len(head) == _COUNT.size else 0
    if not 0 < length <= MAX_BYTES:
        raise _damaged(path)
    content = _object(_bytes(path, _COUNT.size + length)[_COUNT.size :])
    entries = {key: entry for key, entry in content.items() if key != "__metadata__"}
    if not all(isinstance(entry, dict) and isinstance(entry.get("shape"), list) for entry in entries.values()):
        raise _damaged(path)
    return {key: entry["shape"] for key, entry in entries.items()}


def _bytes(path: Path, most: int = MAX_BYTES + 1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        raise DataError(_("There is no readable file {path}.").format(path=path)) from error


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise DataError(_("This file has more than {most:,} bytes of JSON.").format(most=MAX_BYTES))
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(_("This file is truncated, damaged or no JSON.")) from error
    if not isinstance(value, dict) or not value:
        raise DataError(_("This file holds no object of keys and shapes."))
    return value


def _damaged(path: Path) -> DataError:
    return DataError(_("{path} is truncated, damaged or no safetensors file.").format(path=path))
