"""Runs with numbers of a test's own, put into a server's store as files from elsewhere are."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from resnet_viz.runs.paths import STORE_NAME
from resnet_viz.runs.store import RunStore
from resnet_viz.training.recipe import Recipe, to_json
from resnet_viz.training.records import Step
from tests.browser.serving import Server


def adopt(server: Server, recipe: Recipe, steps: Sequence[Step], convs: Sequence[str], blocks: Sequence[str]) -> str:
    """Adds a run that has ended, and returns its id.

    Args:
        server: whose store gets it.
        recipe: of what it trained.
        steps: its records.
        convs: the convolutions of each net.
        blocks: likewise.
    """
    shape = {"params": 1, "macs": 1, "device": "cpu", "convs": list(convs), "blocks": list(blocks)}
    nets = [{"label": label, "ending": "finished", "sentence": ""} | shape for label in recipe.labels]
    run = {"id": "made", "name": "", "state": "done", "recipe": to_json(recipe), "nets": nets}
    content = {"run": run, "records": [_plain(dataclasses.asdict(step)) for step in steps]}
    server.home.mkdir(parents=True, exist_ok=True)
    return RunStore(server.home / STORE_NAME).import_run(json.dumps(content).encode(), owner="me")


def _plain(value: Any) -> Any:
    """Returns JSON values: what is not finite as a word."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity"
    return value
