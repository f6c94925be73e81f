"""A run as plain JSON values, the content of an exported JSON file.

JSON has no infinity and no NaN, and null means "not measured" here, so these numbers become the strings "Infinity",
"-Infinity" and "NaN", as in the JSON form of Protocol Buffers. Python's `float` and JavaScript's `Number` read them.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from resnet_viz.runs.run import Run, RunNet
from resnet_viz.training.recipe import to_json
from resnet_viz.training.records import Step


def export(run: Run, steps: Iterable[Step]) -> dict[str, Any]:
    """Returns `{run: {...}, records: [{net, step, loss, accuracy, lr, grad_norm: {node: value}, ...}]}`.

    The owner is left out: it identifies a session.
    """
    return {"run": _run(run), "records": [_record(step) for step in steps]}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "state": run.state.value,
        "recipe": to_json(run.recipe),
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "attempt": run.attempt,
        "error": run.error,
        "versions": dict(run.versions),
        "nets": [_net(net) for net in run.nets],
    }


def _net(net: RunNet) -> dict[str, Any]:
    return {
        "label": net.label,
        "params": net.params,
        "macs": net.macs,
        "device": net.device,
        "convs": list(net.convs),
        "blocks": list(net.blocks),
        "ending": None if net.ending is None else net.ending.value,
        "sentence": net.sentence,
    }


def _record(step: Step) -> dict[str, Any]:
    return {
        "net": step.net,
        "step": step.step,
        "loss": _plain(step.loss),
        "accuracy": _plain(step.accuracy),
        "lr": _plain(step.lr),
        "images_per_s": _plain(step.images_per_s),
        "seconds": _plain(step.seconds),
        "grad_norm": _plain_norms(step.grad_norm),
        "block_grad_norm": _plain_norms(step.block_grad_norm),
        "update_ratio": _plain_norms(step.update_ratio),
        "activation_std": _plain_norms(step.activation_std),
        "branch_share": _plain_norms(step.branch_share),
        "test_loss": None if step.test_loss is None else _plain(step.test_loss),
        "test_accuracy": None if step.test_accuracy is None else _plain(step.test_accuracy),
    }


def _plain(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _plain_norms(norms: Mapping[str, float]) -> dict[str, float | str]:
    return {node: _plain(value) for node, value in norms.items()}
