"""Folders of bounded size: files that were not used for longest are deleted. No torch."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from resnet_viz.atomic_file import draft_of
from resnet_viz.errors import DataError, Refusal

Content = TypeVar("Content")


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderLimits:
    """Limits of a folder.

    Attributes:
        num_files: most files.
        num_bytes: most bytes of all files together.
        age_s: longest time in seconds since a file was last used.
    """

    num_files: int = sys.maxsize
    num_bytes: int
    age_s: float = math.inf


def store(path: Path, content: bytes, limits: FolderLimits, *, now: float | None = None) -> None:
    """Writes a file, whole or not at all, and deletes others until all fit; a file that is there counts as used.

    Args:
        path: of the file. Its name tells its content from all others.
        content: of the file.
        limits: of its folder.
        now: seconds since the epoch; None for the clock's.

    Raises:
        OSError: the disk is full, or not to be written to.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        mark_used(path)
    else:
        with draft_of(path) as draft:
            draft.write_bytes(content)
    tidy(path, limits, now=now)


def read_kept(
    name: str, shipped: Path, folder: Callable[[], Path], parse: Callable[[bytes], Content]
) -> Content | None:
    """Returns what a shipped file or one of a folder holds, which then counts as used; None where neither is there.

    Args:
        name: of the file.
        shipped: folder of files that come with the program.
        folder: returns the folder of files that were kept; it may refuse.
        parse: reads a file's bytes. A kept file that it refuses with a DataError is deleted.
    """
    with contextlib.suppress(OSError, DataError):
        return parse((shipped / name).read_bytes())
    try:
        path = folder() / name
        content = path.read_bytes()
        mark_used(path)
    except (OSError, Refusal):
        return None
    try:
        return parse(content)
    except DataError:
        path.unlink(missing_ok=True)
        return None


def keep(name: str, content: bytes, folder: Callable[[], Path], limits: FolderLimits) -> None:
    """Keeps a file in a folder; those not used for longest are deleted. A full disk, or no folder, does no harm."""
    with contextlib.suppress(OSError, Refusal):
        store(folder() / name, content, limits)


def move_in(draft: Path, path: Path, limits: FolderLimits, *, now: float | None = None) -> None:
    """Gives a file that was written inside a folder its name there, and deletes others until all fit.

    Args:
        draft: the file; gone afterwards.
        path: its name. It tells the file's content from all others.
        limits: of the folder.
        now: seconds since the epoch; None for the clock's.

    Raises:
        OSError: the folder is not to be written to.
    """
    draft.replace(path)
    tidy(path, limits, now=now)


def mark_used(path: Path) -> None:
    """Marks a file as used now.

    Raises:
        OSError: it is not there.
    """
    os.utime(path)


def tidy(newest: Path, limits: FolderLimits, *, now: float | None = None) -> None:
    """Deletes files of a folder beyond its limits, the one that was not used for longest first; `newest` stays."""
    now = time.time() if now is None else now
    found = []
    for path in newest.parent.iterdir():
        with contextlib.suppress(OSError):  # another process tidies as well
            status = path.stat()
            found.append((path == newest, status.st_mtime, status.st_size, path))
    total = 0
    for number, (is_newest, used_at, size, path) in enumerate(sorted(found, reverse=True), start=1):
        total += size
        is_beyond = number > limits.num_files or total > limits.num_bytes or now - used_at > limits.age_s
        if is_beyond and not is_newest:
            path.unlink(missing_ok=True)
