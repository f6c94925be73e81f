"""How a measurement is kept: median and spread, and the machine it was made on, as JSON in results/."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from resnet_viz.training.environment import cpu_name

RESULTS = Path(__file__).resolve().parent / "results"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Returns median, quartiles and extremes."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": middle, "q1": low, "q3": high, "min": min(values), "max": max(values), "n": len(values)}


def machine() -> dict[str, Any]:
    """Returns what the figures depend on."""
    return {
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
    }


def write(name: str, measured: Any, *, load_before: dict[str, Any], folder: Path = RESULTS) -> None:
    """Writes <name>.json; `load_before` is machine() from before the measurement, `folder` another for trials."""
    folder.mkdir(exist_ok=True)
    content = {"machine": load_before, "load_1min_after": machine()["load_1min"], "measured": measured}
    text = json.dumps(content, indent=2, default=str)
    (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
