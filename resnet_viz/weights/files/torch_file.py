"""Files of torch.save, zip archives and the streams of torch before 1.6: their content, with tensors by place alone."""

import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.weights.files.formats import MAX_BYTES, FileFormat, damaged, not_weights, too_large
from resnet_viz.weights.files.pickled import MAX_BYTES as MAX_PICKLE_BYTES
from resnet_viz.weights.files.pickled import Pickled, read_pickle, shown, too_long
from resnet_viz.weights.files.stored_tensor import ITEM_BYTES, Storage

MAX_DIRECTORY_BYTES: Final = 16 << 20  # of the list of files in an archive, a hundred bytes for each tensor

_COUNT: Final = struct.Struct("<q")
_NUM_NAMES: Final = 3  # names of files in an archive that a refusal shows


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes of a storage.

    Attributes:
        offset: of the first byte in the file; None where they are packed.
        num_bytes: once they are unpacked.
        member: name in the archive; "" in a stream.
    """

    offset: int | None
    num_bytes: int
    member: str = ""


@dataclass(frozen=True, slots=True)
class TorchFile:
    """Content of a file.

    Attributes:
        path: of the file.
        content: what was saved, as `weights.files.pickled` reads it.
        sizes: bytes of each storage that are in the file, by key.
    """

    path: Path
    content: Any
    sizes: Mapping[str, int]
    _root: str
    _offsets: Mapping[str, int]

    def places(self, storages: Iterable[Storage]) -> dict[str, Place]:
        """Returns the bytes of storages by key.

        Raises:
            DataError: the file is damaged.
        """
        keys = {storage.key for storage in storages}
        found = {key: Place(self._offsets[key], self.sizes[key]) for key in keys if key in self._offsets}
        keys -= found.keys()
        if not keys:
            return found
        try:
            with self.path.open("rb") as file, zipfile.ZipFile(file) as archive:
                return found | {key: _place(file, archive.getinfo(f"{self._root}data/{key}")) for key in keys}
        except (KeyError, *_ZIP_ERRORS) as error:
            raise damaged() from error


def read_torch_file(path: Path, file_format: FileFormat, *, max_bytes: int = MAX_BYTES) -> TorchFile:
    """Returns the content of a file of torch.save; the numbers of its tensors are not read.

    Raises:
        DataError: it is damaged, another kind of archive, holds code, or is larger than the limit when it is unpacked.
    """
    with path.open("rb") as file:
        match file_format:
            case FileFormat.TORCH_ZIP:
                return _read_zip(path, file, max_bytes)
            case FileFormat.TORCH_STREAM:
                return _read_stream(path, file)
            case _:
                return _torch_file(path, read_pickle(file), {})


def _torch_file(
    path: Path, saved: Pickled, places: Mapping[str, Place], *, root: str = "", begin: int | None = 0
) -> TorchFile:
    """Returns the content of a file whose pickle begins at a byte, or is packed; arrays of numpy lie in the pickle."""
    rows = {} if begin is None else {key: Place(begin + row.offset, row.num_bytes) for key, row in saved.rows.items()}
    every = {**places, **rows}
    return TorchFile(
        path=path,
        content=saved.content,
        sizes={key: place.num_bytes for key, place in every.items()},
        _root=root,
        _offsets={key: place.offset for key, place in every.items() if place.offset is not None},
    )


# ---------------------------------------------------------------------------------------------------------- archives

_ZIP_ERRORS: Final = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, struct.error)
_END: Final = struct.Struct("<4s4H2LH")  # of an archive; the sixth number is the size of its directory
_LONG_END: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCAL: Final = struct.Struct("<26x2H")  # header of a file in an archive: lengths of its name and of what follows
_LONGEST_COMMENT: Final = 1 << 16


def _read_zip(path: Path, file: BinaryIO, max_bytes: int) -> TorchFile:
    if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
        raise too_long()
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > max_bytes:
                raise too_large(_("it unpacks to"), unpacked, max_bytes)
            root = _root(archive.namelist())
            saved = _member(archive, f"{root}data.pkl")
            begin = _place(file, archive.getinfo(f"{root}data.pkl")).offset
            order = _member(archive, f"{root}byteorder") if f"{root}byteorder" in archive.namelist() else b"little"
    except (RuntimeError, *_ZIP_ERRORS) as error:  # RuntimeError: protected by a password
        raise (error if isinstance(error, DataError) else damaged()) from error
    if order != b"little":
        raise DataError(_("This file was saved on a big-endian machine; its numbers are not read here."))
    place = f"{root}data/"
    sizes = {m.filename.removeprefix(place): m.file_size for m in members if m.filename.startswith(place)}
    places = {key: Place(None, num_bytes) for key, num_bytes in sizes.items()}
    return _torch_file(path, read_pickle(BytesIO(saved)), places, root=root, begin=begin)


def _directory_bytes(file: BinaryIO) -> int:
    """Returns the claimed size of an archive's directory, which `zipfile` would read whole."""
    length = file.seek(0, SEEK_END)
    start = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + _END.size:
        raise damaged()
    num_bytes = int(_END.unpack_from(tail, place)[5])
    long_end = place - _LOCATOR.size - _LONG_END.size
    if long_end >= 0 and tail.startswith(b"PK\x06\x07", place - _LOCATOR.size):
        if _LOCATOR.unpack_from(tail, place - _LOCATOR.size)[2] != start + long_end:
            raise damaged()  # programs would not agree which directory this is
        num_bytes = int(_LONG_END.unpack_from(tail, long_end)[8])
    file.seek(0)
    return num_bytes


def _root(names: list[str]) -> str:
    """Returns the folder in which torch put the pickle, with its slash.

    Raises:
        DataError: it is another archive.
    """
    roots = [name.removesuffix("data.pkl") for name in names if name.count("/") <= 1 and name.endswith("data.pkl")]
    if len(roots) == 1 and roots[0] in ("", roots[0].rpartition("/")[0] + "/"):
        root = roots[0]
        if any(name.startswith((f"{root}code/", f"{root}constants.pkl")) for name in names):
            raise _script()
        return root
    raise not_weights(_archive(names))


def _script() -> DataError:
    return DataError(
        _(
            "This file is a TorchScript archive: a program with its weights, which is never run. Save the weights "
            "alone: torch.save(torch.jit.load(path).state_dict(), new_path)."
        )
    )


def _archive(names: list[str]) -> str:
    endings = {name.lower().rpartition(".")[2] for name in names}
    if "keras_metadata.pb" in names or {"config.json", "model.weights.h5"} <= set(names):
        return _("a Keras model")
    if endings == {"npy"}:
        return _("an archive of numpy arrays")
    if any(name.endswith(("serialized_exported_program.json", "archive_format")) for name in names):
        return _("a program of torch.export")
    shortened = ", ".join(map(shown, names[:_NUM_NAMES])) + (", …" if len(names) > _NUM_NAMES else "")
    return _("a zip archive that torch.save did not make ({names}); unpack it first").format(names=shortened or "empty")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MAX_PICKLE_BYTES + 1)
    if len(content) > MAX_PICKLE_BYTES:
        raise too_long()
    return content


def _place(file: BinaryIO, member: zipfile.ZipInfo) -> Place:
    if member.compress_type != zipfile.ZIP_STORED:
        return Place(None, member.file_size, member.filename)
    file.seek(member.header_offset)
    name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    offset = member.header_offset + _LOCAL.size + name + extra
    if offset + member.file_size > file.seek(0, SEEK_END):
        raise damaged()
    return Place(offset, member.file_size, member.filename)


# ----------------------------------------------------------------------------------------------------------- streams


def _read_stream(path: Path, file: BinaryIO) -> TorchFile:
    _magic, _version, system, saved, keys = (read_pickle(file) for _part in range(5))
    if isinstance(system.content, dict) and system.content.get("little_endian") is False:
        raise DataError(_("This file was saved on a big-endian machine; its numbers are not read here."))
    places = _places_in_stream(file, saved, keys.content)
    return _torch_file(path, saved, places)


def _places_in_stream(file: BinaryIO, saved: Pickled, keys: Any) -> dict[str, Place]:
    begin = file.tell()
    length = file.seek(0, SEEK_END)
    file.seek(begin)
    places: dict[str, Place] = {}
    for key in keys if isinstance(keys, list) else ():
        count = file.read(_COUNT.size)
        storage = saved.storages.get(key) if isinstance(key, str) else None
        if len(count) < _COUNT.size or storage is None:
            raise damaged()
        num_bytes = _COUNT.unpack(count)[0] * ITEM_BYTES.get(storage.dtype, 1)
        offset = file.tell()
        if not 0 <= num_bytes <= length - offset:
            raise damaged()
        places[key] = Place(offset, num_bytes)
        file.seek(num_bytes, SEEK_CUR)
    return places
