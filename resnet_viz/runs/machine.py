"""Measured speed of this machine, saved beside the runs; a damaged, old or foreign file counts as none."""

import contextlib
import functools
import json
import os
import platform
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import Refusal
from resnet_viz.runs.paths import home
from resnet_viz.training import machine_speed
from resnet_viz.training.budget import num_cores
from resnet_viz.training.machine_speed import REFERENCE, Machine

FILE_NAME: Final = "machine.json"
VERSION: Final = 1
MOST_AGE_S: Final = 30 * 24 * 3_600.0
_MOST_BYTES: Final = 10_000


def known() -> Machine:
    """Returns the measured speed of this machine, or the reference where `read` has none."""
    return read() or REFERENCE


def read(*, now: float | None = None) -> Machine | None:
    """Returns the speed of this machine measured within the last MOST_AGE_S; None where there is none."""
    try:
        path = home() / FILE_NAME
        if path.stat().st_size > _MOST_BYTES:
            return None
        saved = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError, Refusal):
        return None
    if not isinstance(saved, dict) or saved.get("version") != VERSION or saved.get("of") != identity():
        return None
    age_s = (time.time() if now is None else now) - _time(saved.get("measured"))
    return machine_speed.from_json(saved.get("machine")) if 0 <= age_s <= MOST_AGE_S else None


def write(machine: Machine, *, now: float | None = None) -> None:
    """Saves a speed that was measured now.

    Raises:
        OSError: the folder cannot be written.
        QueueError: it cannot be created.
    """
    measured = time.time() if now is None else now
    content = {"version": VERSION, "measured": measured, "of": identity(), "machine": machine_speed.to_json(machine)}
    handle, name = tempfile.mkstemp(dir=home(), prefix=f"{FILE_NAME}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, allow_nan=False)
        Path(name).replace(home() / FILE_NAME)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@functools.cache
def identity() -> dict[str, Any]:
    """Returns the key of this machine's measurements: its processor, the cores in use, torch's version."""
    return {"cpu": _cpu(), "cores": num_cores(), "torch": _torch_version()}


def _torch_version() -> str:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version("torch")
    return ""


def _cpu() -> str:
    """Returns the processor's name."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _time(value: Any) -> float:
    return float(value) if type(value) in (int, float) else float("-inf")
