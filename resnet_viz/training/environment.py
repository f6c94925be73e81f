"""Versions of programs and names of hardware that a run's numbers depend on; torch is imported for a GPU alone."""

import importlib
import platform
from importlib import metadata
from pathlib import Path
from typing import Final

from resnet_viz.version import VERSION

MAX_NAME_CHARS: Final = 120  # characters of a name


def versions(device: str) -> dict[str, str]:
    """Returns the versions of this program, Python and torch, and the names of system and processor.

    Args:
        device: torch's name of the device that trains; for a cuda device the GPU's name is added.
    """
    found = {
        "resnet_viz": VERSION,
        "python": platform.python_version(),
        "torch": _torch(),
        "system": f"{platform.system()} {platform.machine()}".strip(),
        "cpu": cpu_name(),
    }
    if device.startswith("cuda"):
        found["gpu"] = str(importlib.import_module("torch").cuda.get_device_name(device))
    return {name: text[:MAX_NAME_CHARS] for name, text in found.items() if text}


def cpu_name() -> str:
    """Returns the processor's model name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _torch() -> str:
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return ""
