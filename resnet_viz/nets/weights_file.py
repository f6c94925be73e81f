"""Weights to and from files of any format that is read, within limits and without running code of the file.

What a file holds is read by `weights.files.shapes` and `weights.files.torch_file`, without torch; here the numbers
become tensors, mapped from the disk where they lie there unpacked.
"""

import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from resnet_viz.atomic_file import draft_of
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import to_torchvision
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files import stated_spec
from resnet_viz.weights.files.entries import Entry, choose_entry
from resnet_viz.weights.files.formats import MAX_BYTES, SAFETENSORS, FileFormat, damaged, format_of
from resnet_viz.weights.files.pickled import shown
from resnet_viz.weights.files.safetensors_header import read_header
from resnet_viz.weights.files.shapes import ShapesInFile, check_top, shapes_of_entry, shapes_of_header
from resnet_viz.weights.files.stored_tensor import StoredTensor
from resnet_viz.weights.files.torch_file import Place, TorchFile, read_torch_file

_ALIGNED: Final = 64  # bytes, as torch.save aligns storages; the numbers of others are copied


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WeightsInFile:
    """Weights in a file.

    Attributes:
        tensors: on the CPU, by the file's own keys, of the file's own types.
        entry: place of their mapping in the file, such as "state_dict"; "" at the top.
        entries: places of all mappings in the file that hold the weights of a net.
        spec: of the net as the file states it; None where it states none. The shapes may contradict it.
        notes: messages for the person who brought the file.
    """

    tensors: Mapping[str, Tensor]
    entry: str = ""
    entries: tuple[str, ...] = ("",)
    spec: AnySpec | None = None
    notes: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the tensors, by the file's own keys."""
        return {key: tuple(tensor.shape) for key, tensor in self.tensors.items()}


def read_weights(path: str | Path, *, entry: str | None = None, max_bytes: int = MAX_BYTES) -> WeightsInFile:
    """Returns the weights in a file.

    Args:
        path: file of torch.save or of safetensors.
        entry: place of the mapping of tensors; the main one where None (`weights.files.entries`).
        max_bytes: limit of the file, of its unpacked content and of its tensors.

    Raises:
        DataError: the file is missing, too large, damaged, of another format, or holds no weights of a net.
    """
    path = Path(path)
    file_format = format_of(path, max_bytes=max_bytes)
    if file_format is FileFormat.JSON:
        raise DataError(_("This file is JSON, which holds shapes at most; weights are needed here."))
    if file_format is FileFormat.SAFETENSORS:
        check_top(entry)
        shapes = shapes_of_header(read_header(path), max_bytes=max_bytes)
        return _in_file(shapes, _of_safetensors(path))
    saved = read_torch_file(path, file_format, max_bytes=max_bytes)
    chosen, real = choose_entry(saved.content, entry)
    return _in_file(shapes_of_entry(saved, chosen, real, max_bytes=max_bytes), _of_torch(saved, chosen))


def write_weights(net: Net, path: str | Path, *, has_torchvision_keys: bool = False) -> None:
    """Writes the weights of a net, wholly or not at all, with its spec beside them: the file opens as what it is.

    Args:
        net: the net.
        path: of a safetensors file if it ends so, else of a file of torch.save.
        has_torchvision_keys: whether the keys are torchvision's instead of this program's.

    Raises:
        SpecError: torchvision has no such net, and so no keys for it.
        DataError: the file cannot be written.
    """
    path = Path(path)
    state = to_torchvision(net) if has_torchvision_keys else net.state_dict()
    try:
        with draft_of(path) as draft:
            if path.suffix.lower() == SAFETENSORS:
                texts = {"format": "pt", stated_spec.KEY: stated_spec.to_text(net.spec)}
                plain = {key: tensor.contiguous() for key, tensor in state.items()}
                safetensors.torch.save_file(plain, draft, metadata=texts)
            else:
                torch.save(state, draft)
    except (OSError, RuntimeError, SafetensorError) as error:  # RuntimeError: torch's for a full disk
        raise DataError(_("{path} could not be written: {error}").format(path=path, error=shown(str(error)))) from error


def _in_file(found: ShapesInFile, tensors: dict[str, Tensor]) -> WeightsInFile:
    odd = next((key for key, tensor in tensors.items() if not _is_finite(tensor)), None)
    note = () if odd is None else (_note_of_infinite(odd, tensors[odd]),)
    return WeightsInFile(
        tensors=tensors, entry=found.entry, entries=found.entries, spec=found.spec, notes=found.notes + note
    )


def _is_finite(tensor: Tensor) -> bool:
    if not tensor.is_floating_point():
        return True
    if tensor.dtype in (torch.float32, torch.float64):
        with np.errstate(all="ignore"):  # numpy sums on one thread: torch's would wait for cores on which nets train
            if np.isfinite(tensor.numpy().sum()):
                return True
    return bool(torch.isfinite(tensor.to(torch.float32) if tensor.element_size() == 1 else tensor).all())


def _note_of_infinite(key: str, tensor: Tensor) -> str:
    odd = int((~torch.isfinite(tensor.to(torch.float64))).sum())
    return _(
        "These weights are broken: {count:,} of the {total:,} numbers of {key!r} are NaN or infinite, and so will be "
        "the predictions."
    ).format(count=odd, total=tensor.numel(), key=shown(key))


def _of_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, AttributeError, ValueError) as error:
        raise damaged() from error


def _of_torch(saved: TorchFile, entry: Entry) -> dict[str, Tensor]:
    """Returns the tensors of a mapping, which share their storages as in the file."""
    storages = {tensor.storage.key: tensor.storage for tensor in entry.tensors.values()}
    try:
        rows = _read_storages(saved.path, saved.places(storages.values()))
        return {key: _tensor(stored, rows[stored.storage.key]) for key, stored in entry.tensors.items()}
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError) as error:
        raise (error if isinstance(error, DataError) else damaged()) from error


def _read_storages(path: Path, places: Mapping[str, Place]) -> dict[str, torch.UntypedStorage]:
    # Mapped privately: to change a tensor does not change the file.
    whole = torch.UntypedStorage.from_file(str(path), shared=False, nbytes=path.stat().st_size)
    assert isinstance(whole, torch.UntypedStorage)
    with path.open("rb") as file, _members(file, places) as archive:
        return {
            key: _mapped(whole, place) if _is_mappable(place) else _copied(file, archive, place)
            for key, place in places.items()
        }


def _members(file: BinaryIO, places: Mapping[str, Place]) -> AbstractContextManager[zipfile.ZipFile | None]:
    is_packed = any(place.offset is None for place in places.values())
    return zipfile.ZipFile(file) if is_packed else nullcontext()


def _is_mappable(place: Place) -> bool:
    return place.offset is not None and place.offset % _ALIGNED == 0


def _mapped(whole: torch.UntypedStorage, place: Place) -> torch.UntypedStorage:
    assert place.offset is not None
    row = whole[place.offset : place.offset + place.num_bytes]
    assert isinstance(row, torch.UntypedStorage)
    return row


def _copied(file: BinaryIO, archive: zipfile.ZipFile | None, place: Place) -> torch.UntypedStorage:
    """Returns bytes that are packed, or at a place where no number may begin."""
    content = bytearray(place.num_bytes)
    if place.offset is not None:
        file.seek(place.offset)
        file.readinto(content)  # type: ignore[attr-defined]
    elif archive is not None:
        with archive.open(place.member) as member:
            content[:] = member.read(place.num_bytes)
    return torch.frombuffer(content, dtype=torch.uint8).untyped_storage() if content else torch.UntypedStorage(0)


def _tensor(stored: StoredTensor, row: torch.UntypedStorage) -> Tensor:
    dtype = getattr(torch, stored.dtype)
    assert isinstance(dtype, torch.dtype)  # of a table of names
    tensor = torch.empty(0, dtype=dtype)
    with torch.no_grad():
        return tensor.set_(row, stored.offset, stored.shape, stored.strides)
