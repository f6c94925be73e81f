"""What the process does that `calibrate` starts: it measures this machine and keeps what it found."""

from typing import Any

from resnet_viz.runs import machine
from resnet_viz.training.engine import speed_test


def answer(_question: dict[str, Any]) -> bool:
    """Measures this machine and keeps what was measured."""
    machine.write(speed_test.measure())
    return True
