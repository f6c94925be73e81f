"""Limits that a process sets itself: lifetime, priority, memory. On systems without them the calls do nothing."""

import contextlib
import ctypes
import multiprocessing.util
import os
import select
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_BOUND_WITHIN_S: Final = 5.0  # a child that is stopped right after its birth does not hold its parent up for longer
_NOT_STARTED: Final = 127  # exit status, as the shell has it
_OOM_SCORE: Final = "900"  # of 1000: when memory runs out the system ends this process, not the web server
_GPU_FILES: Final = ("/dev/nvidiactl", "/dev/kfd")


def die_with_parent(parent_pid: int) -> None:
    """Asks Linux to kill this process when the thread that created it ends; kills it at once if that has ended already.

    Only for children of a thread that lives as long as its process, such as a fork server's or a daemon's main thread.
    Elsewhere a process notices the end of its parent when a pipe from it ends, which a stopped process cannot.

    Args:
        parent_pid: process that created this one.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:
            os.kill(os.getpid(), signal.SIGKILL)


def bind_children() -> None:
    """Has all that this process forks, and all that multiprocessing starts here, die with the thread that creates it.

    A child is bound before it runs anything else, and before its parent knows its id: one that is then stopped
    (SIGSTOP) is bound, too. On Linux; elsewhere nothing changes. Call it once, where all such threads live as long as
    the process.
    """
    if sys.platform != "linux":
        return
    fork = threading.local()

    def before() -> None:
        fork.parent_pid, fork.pipe = os.getpid(), os.pipe()

    def in_child() -> None:
        die_with_parent(fork.parent_pid)
        for end in fork.pipe:
            os.close(end)

    def in_parent() -> None:
        read_end, write_end = fork.pipe
        os.close(write_end)
        select.select([read_end], [], [], _BOUND_WITHIN_S)  # readable when the child has closed its end
        os.close(read_end)

    os.register_at_fork(before=before, after_in_child=in_child, after_in_parent=in_parent)
    # multiprocessing starts its fork server and its resource tracker without these hooks
    multiprocessing.util.spawnv_passfds = _spawn


def _spawn(path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:
    """Does what `multiprocessing.util.spawnv_passfds` does, by way of a fork."""
    pid = os.fork()
    if not pid:
        try:
            for file_descriptor in passfds:
                os.set_inheritable(file_descriptor, True)
            os.execv(path, list(args))
        finally:
            os._exit(_NOT_STARTED)
    return pid


def lower_priority(niceness: int) -> None:
    """Raises the niceness of this process, and makes it the first that the system ends when memory runs out."""
    with contextlib.suppress(OSError):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def cap_memory(mib: int) -> None:
    """Limits the data that this process may allocate, in MiB; beyond it torch raises instead of the machine swapping.

    0 is no limit.
    """
    if mib and sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on Windows

        size = mib * 2**20
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error reports a lack of memory, which torch has no type of its own for."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def has_gpu() -> bool:
    """Whether there may be a GPU that torch can use; touches no driver."""
    return sys.platform == "darwin" or any(Path(file).exists() for file in _GPU_FILES)
