"""Weights from a checkpoint of torch, read within limits and without running code of the file."""

import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import torch
from torch import Tensor

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

MAX_BYTES: Final = 640 << 20  # the largest named net, vgg19_bn, saves 575 MB
WRAPPERS: Final = ("state_dict", "model")  # keys of the weights in files of training scripts

_ZIP: Final = b"PK\x03\x04"
_FOREIGN: Final = (
    re.compile(  # words of torch's refusals of objects and code; 149: torch saves no pickles of protocol 4
        r"GLOBAL \S|unrecognized function|Can only (?:create|build)|Unsupported (?:class|operand 149)"
    )
)
_LONGEST: Final = 60


def read_state_dict(path: str | Path, *, max_bytes: int = MAX_BYTES) -> dict[str, Tensor]:
    """Returns the state dict in a file of `torch.save`, on the CPU and mapped from the disk where that is possible.

    Args:
        path: file with a flat dict of tensors, or with one under `state_dict` or `model`.
        max_bytes: limit of the file, of its unpacked content and of its tensors.

    Raises:
        DataError: the file is missing, too large, damaged, or holds anything but tensors by name.
    """
    path = Path(path)
    is_mappable = _check_size(path, max_bytes)
    state = _flat(_load(path, mmap=is_mappable))
    num_bytes = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    if num_bytes > max_bytes:  # a view can be larger than its storage
        raise _too_large(_("its tensors have"), num_bytes, max_bytes)
    return state


def _check_size(path: Path, max_bytes: int) -> bool:
    """Returns whether the file can be mapped into memory, once its size on disk and unpacked is within bounds."""
    if not path.is_file():
        raise DataError(_("There is no weights file at {path}.").format(path=path))
    num_bytes = path.stat().st_size
    if num_bytes > max_bytes:
        raise _too_large(_("it has"), num_bytes, max_bytes)
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return False  # the form of torch before 1.6: one stream, read without unpacking
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _damaged() from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > max_bytes:
        raise _too_large(_("it unpacks to"), unpacked, max_bytes)
    return all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)


def _load(path: Path, *, mmap: bool) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # of unusual pickles, which are refused or read all the same
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except UnpicklingError as error:
        if _FOREIGN.search(str(error)):
            raise _not_plain() from error
        raise _damaged() from error
    except Exception as error:  # foreign bytes make torch raise nearly anything
        raise _damaged() from error


def _flat(loaded: Any) -> dict[str, Tensor]:
    for wrapper in WRAPPERS:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
            break
    if not isinstance(loaded, Mapping) or not loaded:
        raise _not_plain()
    for key, value in loaded.items():
        is_plain = isinstance(value, Tensor) and value.layout is torch.strided and value.device.type == "cpu"
        if not isinstance(key, str) or not is_plain or value.is_quantized:
            raise DataError(
                _("This file holds no flat state dict: {key!r} is no plain tensor under a name.").format(
                    key=str(key)[:_LONGEST]
                )
            )
    return {key: tensor.detach() for key, tensor in loaded.items()}


def _too_large(what: str, num_bytes: int, max_bytes: int) -> DataError:
    return DataError(
        _("This weights file is too large: {what} {got:,} bytes, at most {most:,} are read.").format(
            what=what, got=num_bytes, most=max_bytes
        )
    )


def _damaged() -> DataError:
    return DataError(_("This file is truncated, damaged or not made by torch.save."))


def _not_plain() -> DataError:
    return DataError(
        _(
            "This file holds more than tensors by name, such as whole objects or code, which is never run; "
            "save the weights alone with torch.save(net.state_dict(), path)."
        )
    )
