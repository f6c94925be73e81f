"""Lock of a store, for one daemon at a time: an advisory lock on a file beside it, released when its holder dies."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO


def lock_path(store: Path) -> Path:
    """Returns the lock's file of a store."""
    return store.with_name(store.name + ".lock")


def hold(store: Path, *, patience_s: float) -> IO[bytes] | None:
    """Returns the lock as an open file, which holds it until it is closed; None if another process has it.

    It waits `patience_s` seconds, for `is_held` takes the lock for a moment and a dying holder needs one.
    """
    file = lock_path(store).open("ab")
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                return None
            time.sleep(0.02)


def touch(store: Path) -> None:
    """Marks the holder of a store's lock as alive now."""
    os.utime(lock_path(store))


def age_s(store: Path) -> float:
    """Returns the seconds since the holder of a lock was last marked as alive."""
    return time.time() - lock_path(store).stat().st_mtime


def is_held(store: Path) -> bool:
    """Whether some process holds the lock of a store now."""
    try:
        with lock_path(store).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
