"""What a run's numbers depend on beside its recipe: programs and machine. Free of torch until a GPU is asked for."""

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
        device: where a net trains, as torch names it; of a cuda device the GPU's name is among them.
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
    """Returns what the processor calls itself."""
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
