"""What somebody sent: kept for a while by the checksum of its bytes, in a folder of bounded size. Nothing is read here.

A checksum names a file and nothing else can: no name from outside ever becomes a path.
"""

import contextlib
import hashlib
import os
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from resnet_viz.atomic_file import draft_of
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.paths import home

_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)


class UploadKind(StrEnum):
    """What was sent; the value ends the file's name."""

    IMAGE = "picture"
    NET = "net"


MAX_BYTES: Final = {UploadKind.IMAGE: 5_000_000, UploadKind.NET: 110_000_000}  # a ResNet-50 saves 102.5 million bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLimits:
    """How much is kept.

    Attributes:
        files: most files.
        num_bytes: most bytes of them all.
        age_s: longest time in seconds since a file was last used.
    """

    files: int = 200
    num_bytes: int = 500_000_000
    age_s: float = 7 * 86_400.0


def folder() -> Path:
    """Returns the folder of what was sent, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "uploads"


def keep(content: bytes, kind: UploadKind, *, room: UploadLimits | None = None, now: float | None = None) -> str:
    """Keeps what was sent and returns its checksum; what has lain longest without use goes for it.

    Raises:
        DataError: it is empty or too large, or the disk does not take it.
        QueueError: there is no place for it.
    """
    if not content:
        raise DataError(_("This file is empty."))
    if len(content) > MAX_BYTES[kind]:
        raise DataError(
            _("This file has {got:,} bytes; at most {most:,} are taken.").format(got=len(content), most=MAX_BYTES[kind])
        )
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256, kind)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            os.utime(path)
        else:
            with draft_of(path) as draft:
                draft.write_bytes(content)
    except OSError as error:
        raise DataError(_("This file could not be kept, perhaps because the disk is full.")) from error
    _tidy(path, room or UploadLimits(), time.time() if now is None else now)
    return sha256


def find(sha256: str, kind: UploadKind) -> Path:
    """Returns the file with this checksum, and notes that it is in use.

    Raises:
        DataError: it is not, or no longer, there.
    """
    path = _path(sha256, kind)
    try:
        os.utime(path)
    except OSError as error:
        raise DataError(
            _("The file that was sent is no longer here; such files are kept for a few days. Send it again.")
        ) from error
    return path


def _path(sha256: str, kind: UploadKind) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise DataError(_("A file that was sent is named by 64 digits out of 0-9 and a-f."))
    return folder() / f"{sha256}.{kind}"


def _tidy(newest: Path, room: UploadLimits, now: float) -> None:
    """Deletes what is too old, then what has lain longest, until the rest fits; `newest` stays."""
    found = []
    for path in newest.parent.iterdir():
        with contextlib.suppress(OSError):  # another process tidies as well
            status = path.stat()
            found.append((path == newest, status.st_mtime, status.st_size, path))
    used = total = 0
    for is_newest, used_at, size, path in sorted(found, reverse=True):
        used, total = used + 1, total + size
        if not is_newest and (used > room.files or total > room.num_bytes or now - used_at > room.age_s):
            path.unlink(missing_ok=True)
