"""What a process of ours imposes on itself. Where the system has no such thing, the call does nothing."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_OOM_SCORE: Final = "900"  # of 1000: when memory runs out the system ends this process, not the web server
_GPU_FILES: Final = ("/dev/nvidiactl", "/dev/kfd")


def die_with_parent() -> None:
    """Asks Linux to kill this process when the thread that created it ends.

    Only for children of a thread that lives as long as its process, such as a fork server's or a daemon's main thread.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def lower_priority(niceness: int) -> None:
    """Lets everyone else go first: lowest priority, and first to be ended when memory runs out."""
    with contextlib.suppress(OSError):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def cap_memory(mib: int) -> None:
    """Bounds the data this process may allocate, in MiB; beyond it torch raises instead of the machine swapping."""
    if mib and sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on Windows

        size = mib * 2**20
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that there was not enough memory, which torch has no type of its own for."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def has_gpu() -> bool:
    """Whether there may be a GPU that torch can use; touches no driver."""
    return sys.platform == "darwin" or any(Path(file).exists() for file in _GPU_FILES)
