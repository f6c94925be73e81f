"""Uploaded files: kept for a while by the checksum of their bytes, in a folder of bounded size. Nothing is read here.

A checksum names a file and nothing else can: no name from outside ever becomes a path.
"""

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Final

from resnet_viz.attribution import bounded_folder
from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.paths import home

_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)


class UploadKind(StrEnum):
    """Kind of an uploaded file; the value is its suffix."""

    IMAGE = "picture"
    NET = "net"


MAX_BYTES: Final = {UploadKind.IMAGE: 5_000_000, UploadKind.NET: 110_000_000}  # a ResNet-50 saves 102.5 million bytes
LIMITS: Final = FolderLimits(num_files=200, num_bytes=500_000_000, age_s=7 * 86_400.0)


def folder() -> Path:
    """Returns the folder of uploaded files, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "uploads"


def keep(content: bytes, kind: UploadKind, *, limits: FolderLimits = LIMITS, now: float | None = None) -> str:
    """Keeps an uploaded file and returns its checksum; files beyond the limits are deleted.

    Raises:
        DataError: it is empty or too large, or the disk does not take it.
        QueueError: there is no place for it.
    """
    if not content:
        raise DataError(_("This file is empty."))
    if len(content) > MAX_BYTES[kind]:
        raise DataError(
            _("This file has {got:,} bytes; at most {most:,} are allowed.").format(
                got=len(content), most=MAX_BYTES[kind]
            )
        )
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        bounded_folder.store(_path(sha256, kind), content, limits, now=now)
    except OSError as error:
        raise DataError(_("This file could not be kept, perhaps because the disk is full.")) from error
    return sha256


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


def _path(sha256: str, kind: UploadKind) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise DataError(_("An uploaded file is named by 64 digits out of 0-9 and a-f."))
    return folder() / f"{sha256}.{kind}"
