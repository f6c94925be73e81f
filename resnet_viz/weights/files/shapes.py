"""Keys, shapes and types of the weights in a file of any format that is read; the numbers are checked at most."""

import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files import stated_spec
from resnet_viz.weights.files.broken_numbers import Numbers, note_of_broken
from resnet_viz.weights.files.entries import OPTION, Entry, choose_entry
from resnet_viz.weights.files.formats import MAX_BYTES, FileFormat, damaged, format_of, too_large
from resnet_viz.weights.files.pickled import shown
from resnet_viz.weights.files.safetensors_header import Header, read_header
from resnet_viz.weights.files.shipped_files import spec_of_shipped
from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, NumberKind, Storage, StoredTensor, kind_of
from resnet_viz.weights.files.torch_file import Place, TorchFile, read_torch_file

_LOADED_BYTES: Final = 4  # of a number in a net, which is float32 whatever the file has
MAX_JSON_BYTES: Final = 8 << 20  # ResNet-1202 has 0.6 MB of keys and shapes
MAX_TENSORS: Final = 50_000  # of one net; ResNet-1202 has 7,200


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapesInFile:
    """Weights in a file, without their numbers.

    Attributes:
        shapes: of the tensors, by the file's own keys.
        dtypes: torch's names of their types, such as "float32"; empty where the file is a JSON of shapes.
        entry: place of their mapping in the file, such as "state_dict"; "" at the top.
        entries: places of all mappings in the file that hold the weights of a net.
        spec: of the net as the file states it; None where it states none. The shapes may contradict it.
        notes: messages for the person who brought the file.
    """

    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str] = field(default_factory=dict)
    entry: str = ""
    entries: tuple[str, ...] = ("",)
    spec: AnySpec | None = None
    notes: tuple[str, ...] = ()


def read_shapes(
    path: str | Path, *, entry: str | None = None, max_bytes: int = MAX_BYTES, checks_numbers: bool = False
) -> ShapesInFile:
    """Returns the keys and shapes of the weights in a file.

    Args:
        path: file of torch.save, of safetensors, or JSON of keys and shapes.
        entry: place of the mapping of tensors; the main one where None (`weights.files.entries`).
        max_bytes: limit of the file, of its unpacked content and of its tensors.
        checks_numbers: whether a note tells of numbers that are NaN or infinite, for which all are read.

    Raises:
        DataError: the file is missing, too large, damaged, of another format, or holds no weights of a net.
    """
    path = Path(path)
    file_format = format_of(path, max_bytes=max_bytes)
    match file_format:
        case FileFormat.JSON:
            check_top(entry)
            shapes = _of_json(path)
            _check_amount(shapes, {}, max_bytes)
            return ShapesInFile(shapes=shapes)
        case FileFormat.SAFETENSORS:
            check_top(entry)
            header = read_header(path)
            found = shapes_of_header(header, max_bytes=max_bytes)
            return _checked(found, path, _numbers_of_header(header)) if checks_numbers else found
        case FileFormat.TORCH_ZIP | FileFormat.TORCH_STREAM | FileFormat.PICKLE:
            saved = read_torch_file(path, file_format, max_bytes=max_bytes)
            chosen, real = choose_entry(saved.content, entry)
            found = shapes_of_entry(saved, chosen, real, max_bytes=max_bytes)
            return _checked(found, path, _numbers_of_entry(saved, chosen)) if checks_numbers else found


def _checked(found: ShapesInFile, path: Path, numbers: Mapping[str, Numbers]) -> ShapesInFile:
    try:
        return replace(found, notes=(*found.notes, *note_of_broken(path, numbers)))
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise damaged() from error


def _numbers_of_header(header: Header) -> dict[str, Numbers]:
    found = {}
    for key, shape in header.shapes.items():
        dtype = header.dtypes[key]
        num_bytes = math.prod(shape) * ITEM_BYTES[dtype]
        strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
        tensor = StoredTensor(Storage(key, num_bytes, dtype), dtype, 0, shape, strides)
        found[key] = Numbers(tensor, Place(header.offsets[key], num_bytes))
    return found


def _numbers_of_entry(saved: TorchFile, entry: Entry) -> dict[str, Numbers]:
    places = saved.places(tensor.storage for tensor in entry.tensors.values())
    return {key: Numbers(tensor, places[tensor.storage.key]) for key, tensor in entry.tensors.items()}


def check_top(entry: str | None) -> None:
    """Refuses a place in a file that has none but its top.

    Raises:
        DataError: the place is another.
    """
    if entry:
        raise DataError(
            _("This file holds its tensors at the top, without names such as {entry!r} around them.").format(
                entry=shown(entry)
            )
        )


def shapes_of_header(header: Header, *, max_bytes: int) -> ShapesInFile:
    """Returns the shapes in a safetensors file.

    Args:
        header: of the file.
        max_bytes: limit of the tensors.

    Raises:
        DataError: it holds no weights of a net.
    """
    _check_amount(header.shapes, header.dtypes, max_bytes)
    _check_kinds(header.dtypes)
    if not header.shapes:
        raise DataError(_("This file holds no tensors by name: it is an empty safetensors file."))
    return ShapesInFile(
        shapes=header.shapes,
        dtypes=header.dtypes,
        spec=stated_spec.from_text(header.metadata.get(stated_spec.KEY)),
    )


def shapes_of_entry(saved: TorchFile, entry: Entry, real: tuple[Entry, ...], *, max_bytes: int) -> ShapesInFile:
    """Returns the shapes of a mapping of tensors.

    Args:
        saved: file of the mapping.
        entry: the mapping.
        real: all mappings that hold the weights of a net.
        max_bytes: limit of the tensors.

    Raises:
        DataError: a tensor claims more than there is, or they are no weights of a net.
    """
    for key, tensor in entry.tensors.items():
        _check_tensor(key, tensor, saved.sizes.get(tensor.storage.key))
    shapes = {key: tensor.shape for key, tensor in entry.tensors.items()}
    dtypes = {key: tensor.dtype for key, tensor in entry.tensors.items()}
    _check_amount(shapes, dtypes, max_bytes)
    _check_kinds(dtypes)
    others = [other.place for other in real if other is not entry]
    return ShapesInFile(
        shapes=shapes,
        dtypes=dtypes,
        entry=entry.place,
        entries=tuple(one.place for one in real),
        spec=stated_spec.of_entry(entry) or spec_of_shipped(saved.path),
        notes=(_note_of_others(entry.place, others),) if others else (),
    )


def _note_of_others(chosen: str, others: list[str]) -> str:
    return _(
        "This file holds several sets of weights. Those at {chosen} are taken; others are at {others} (on the command "
        "line {option} chooses)."
    ).format(
        chosen=shown(chosen) or _("the top"),
        others=", ".join(shown(place) or _("the top") for place in others[:6]) + (", …" if len(others) > 6 else ""),  # noqa: PLR2004
        option=OPTION,
    )


def _check_amount(shapes: Mapping[str, tuple[int, ...]], dtypes: Mapping[str, str], max_bytes: int) -> None:
    """Refuses more tensors, or larger ones, than nets have; a view can be larger than all numbers in its file."""
    if len(shapes) > MAX_TENSORS:
        raise DataError(
            _("This file has {count:,} tensors; of up to {most:,} the net is looked for.").format(
                count=len(shapes), most=MAX_TENSORS
            )
        )
    num_bytes = sum(math.prod(shapes[key]) * max(_LOADED_BYTES, ITEM_BYTES[dtype]) for key, dtype in dtypes.items())
    if num_bytes > max_bytes:
        raise too_large(_("as float32, its tensors have"), num_bytes, max_bytes)


def _check_tensor(key: str, tensor: StoredTensor, num_bytes: int | None) -> None:
    if num_bytes is None or not tensor.is_sound or tensor.bytes_in_storage > num_bytes:
        raise DataError(
            _(
                "This file is truncated or damaged: {key!r} of shape {shape} claims {claimed} numbers, of which the "
                "file does not have all."
            ).format(key=shown(key), shape=shown(str(tensor.shape)), claimed=shown(_claimed(tensor)))
        )


def _claimed(tensor: StoredTensor) -> str:
    return f"{tensor.num_elements:,}" if tensor.is_sound else "?"


def _check_kinds(dtypes: Mapping[str, str]) -> None:
    """Refuses weights of another kind of numbers; counts of batches and other whole numbers beside them are usual."""
    kinds = {key: kind_of(dtype) for key, dtype in dtypes.items()}
    odd = next((key for key, kind in kinds.items() if kind is NumberKind.COMPLEX), None)
    if odd is not None:
        raise DataError(
            _("{key!r} holds complex numbers ({dtype}); the nets here have real weights.").format(
                key=shown(odd), dtype=dtypes[odd]
            )
        )
    whole = [key for key, kind in kinds.items() if kind is NumberKind.WHOLE]
    odd = next(
        (key for key in whole if key.endswith("weight")), whole[0] if len(whole) == len(kinds) and whole else None
    )
    if odd is not None:
        raise DataError(
            _(
                "{key!r} holds whole numbers ({dtype}), as of a quantised net; the nets here have floating-point "
                "weights. Save the net before it is quantised."
            ).format(key=shown(odd), dtype=dtypes[odd])
        )


def _of_json(path: Path) -> dict[str, tuple[int, ...]]:
    """Returns the shapes of a JSON object of key -> list of sides."""
    with path.open("rb") as file:
        content = file.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        raise DataError(_("This file has more than {most:,} bytes of JSON.").format(most=MAX_JSON_BYTES))
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(_("This file is truncated, damaged or no JSON.")) from error
    if not isinstance(value, dict) or not value:
        raise DataError(_("This file holds no object of keys and shapes."))
    if isinstance(value.get("weight_map"), dict):
        raise DataError(
            _("This file lists the parts of weights that lie in several files; join them into one and bring that.")
        )
    for key, shape in value.items():
        if not _is_shape(shape):
            raise DataError(
                _('{path} is an object of keys and shapes, such as {{"fc.bias": [1000]}}; {key!r} has none.').format(
                    path=path, key=shown(key)
                )
            )
    return {key: tuple(shape) for key, shape in value.items()}


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(type(side) is int for side in value)
