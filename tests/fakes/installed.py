"""The program as a person has it who installed its wheel: an environment of its own, away from the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from resnet_viz.resources import ROOT

_FOREIGN = ("RESNET_VIZ_", "STREAMLIT_", "PYTHON", "DISPLAY", "WAYLAND")


def build_wheel(folder: Path) -> Path:
    """Builds the checkout's wheel in `folder`; the build's own requirements are those of this environment."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def install(wheel: Path, folder: Path) -> Path:
    """Installs the wheel into a new environment that sees the libraries of this one; returns its folder of programs."""
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    python = str(folder / "bin" / "python")
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True)
    return folder / "bin"


def environment(home: Path) -> dict[str, str]:
    """Returns the variables of a process that keeps its runs in `home` and knows nothing of the checkout."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**own, "RESNET_VIZ_HOME": str(home), "RESNET_VIZ_CALIBRATE": "0"}
