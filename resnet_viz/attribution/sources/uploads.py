"""Uploaded files: kept for a while by the checksum of their bytes, in a folder of bounded size. Nothing is read here.

A checksum names a file and nothing else can: no name from outside ever becomes a path. Large files are hashed and
written part by part. All uploads together are bounded, those of one visitor too: whoever sends more loses the oldest of
the own ones, never those of others.
"""

import hashlib
import io
import re
import secrets
import shutil
import threading
from collections import OrderedDict
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from resnet_viz.attribution import bounded_folder
from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.paths import home
from resnet_viz.weights.files import formats

_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)
_CHUNK_BYTES: Final = 1 << 20
_MIB: Final = 1 << 20


class UploadKind(StrEnum):
    """Kind of an uploaded file; the value is its suffix."""

    IMAGE = "picture"
    NET = "net"
    NAMES = "names"  # of classes


MAX_BYTES: Final = {UploadKind.IMAGE: 5_000_000, UploadKind.NET: formats.MAX_BYTES, UploadKind.NAMES: 200_000}
LIMITS: Final = FolderLimits(num_files=200, num_bytes=4 << 30, age_s=7 * 86_400.0)
VISITOR_LIMITS: Final = FolderLimits(num_files=40, num_bytes=2 * formats.MAX_BYTES + (64 << 20))  # two nets, images
FREE_BYTES: Final = 512 << 20  # of the disk, which uploads leave to everything else
_MOST_VISITORS: Final = 1_000  # whose uploads are counted; who came before them is forgotten

_lock = threading.Lock()
_by_visitor: OrderedDict[str, OrderedDict[Path, int]] = OrderedDict()


def folder() -> Path:
    """Returns the folder of uploaded files, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "uploads"


def keep(
    content: bytes | BinaryIO,
    kind: UploadKind,
    *,
    visitor: str = "",
    limits: FolderLimits = LIMITS,
    now: float | None = None,
) -> str:
    """Keeps an uploaded file and returns its checksum; files beyond the limits are deleted.

    Args:
        content: the bytes, or a file that can be read from its start.
        kind: of the file.
        visitor: name of the session that sent it; "" where the limits of one visitor do not count.
        limits: of all uploads together.
        now: seconds since the epoch; None for the clock's.

    Raises:
        DataError: it is empty or too large, or the disk does not take it.
        QueueError: there is no place for it.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    num_bytes = file.seek(0, io.SEEK_END)
    _check_size(num_bytes, kind)
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_disk(num_bytes)
        path = _move_in(file, kind, limits, now)
    except OSError as error:
        raise DataError(_("This file could not be kept, perhaps because the disk is full.")) from error
    if visitor:
        _drop_oldest_of(visitor, path, num_bytes)
    return path.stem


def find(sha256: str, kind: UploadKind) -> Path:
    """Returns the uploaded file with this checksum, and marks it as used.

    Raises:
        DataError: it is not, or no longer, there.
    """
    path = _path(sha256, kind)
    try:
        bounded_folder.mark_used(path)
    except OSError as error:
        raise DataError(
            _("The uploaded file is no longer here; uploads are kept for a few days. Upload it again.")
        ) from error
    return path


def _check_size(num_bytes: int, kind: UploadKind) -> None:
    if not num_bytes:
        raise DataError(_("This file is empty."))
    if num_bytes > MAX_BYTES[kind]:
        raise DataError(
            _("This file has {got:,} bytes; at most {most:,} are allowed.").format(got=num_bytes, most=MAX_BYTES[kind])
        )


def _check_disk(num_bytes: int) -> None:
    free = shutil.disk_usage(folder()).free
    if num_bytes + FREE_BYTES > free:
        raise DataError(
            _(
                "This file has {got:,.0f} MiB, and the disk of this server has {free:,.0f} MiB free, of which "
                "{kept:,.0f} MiB stay free."
            ).format(got=num_bytes / _MIB, free=free / _MIB, kept=FREE_BYTES / _MIB)
        )


def _move_in(file: BinaryIO, kind: UploadKind, limits: FolderLimits, now: float | None) -> Path:
    """Writes a file part by part, under its checksum, and returns its path."""
    draft = folder() / f"{secrets.token_hex(8)}.part"
    digest = hashlib.sha256()
    try:
        file.seek(0)
        with draft.open("xb") as written:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                written.write(chunk)
        path = _path(digest.hexdigest(), kind)
        bounded_folder.move_in(draft, path, limits, now=now)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _drop_oldest_of(visitor: str, newest: Path, num_bytes: int) -> None:
    """Counts an upload for its visitor, and deletes the visitor's oldest ones that nobody else sent, too."""
    with _lock:
        own = _by_visitor.setdefault(visitor, OrderedDict())
        _by_visitor.move_to_end(visitor)
        while len(_by_visitor) > _MOST_VISITORS:
            _by_visitor.popitem(last=False)
        own[newest] = num_bytes
        own.move_to_end(newest)
        while len(own) > VISITOR_LIMITS.num_files or sum(own.values()) > VISITOR_LIMITS.num_bytes:
            oldest, _size = own.popitem(last=False)
            if not any(oldest in others for others in _by_visitor.values()):
                oldest.unlink(missing_ok=True)


def _path(sha256: str, kind: UploadKind) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise DataError(_("An uploaded file is named by 64 digits out of 0-9 and a-f."))
    return folder() / f"{sha256}.{kind}"
