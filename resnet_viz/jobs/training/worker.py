"""Worker process: trains one run and sends its records, and at last its result, through a pipe.

The process is disposable. It ends after the result, when the daemon is gone, or when it is killed.
"""

import contextlib
import importlib
import json
import os
import threading
import traceback
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from resnet_viz.errors import Refusal
from resnet_viz.jobs import limits, messages
from resnet_viz.jobs.training.control import ControlEvent, RunController
from resnet_viz.jobs.training.executor import JobResult
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.recipe import Recipe, from_json
from resnet_viz.training.recipe_values import DeviceName
from resnet_viz.training.records import NetStarted, Record
from resnet_viz.training.step_gate import CheckpointBarrier

Trainer = Callable[..., Generator[Record | CheckpointBarrier, None, None]]
"""Takes a Recipe and, by name, a `gate` and a `start`."""

_ORPHANED: Final = 75  # exit status


def run(claim: Claim, folder: Path, out: Connection, control: Connection, options: Options) -> None:
    """Trains one run and ends the process; never returns."""
    turn = threading.Lock()

    def send(message: Record | ControlEvent | JobResult) -> None:
        with turn:  # the thread that applies commands sends events, too
            out.send(message)

    controller = RunController(claim, send, folder)
    threading.Thread(target=_listen, args=(control, controller), name="control", daemon=True).start()
    limits.lower_priority(options.niceness)
    result = train(
        claim.recipe_json, executor=options.executor, memory_mib=options.memory_mib, send=send, controller=controller
    )
    with contextlib.suppress(OSError):
        send(result)
        out.close()
    os._exit(0)  # no tear-down: it would take up to seconds and there is nothing to save


def train(
    recipe_json: str, *, executor: str, memory_mib: int, send: Callable[[Record], None], controller: RunController
) -> JobResult:
    """Sends the records of one run and returns its result; the controller stops it after the next record."""
    try:
        recipe = from_json(json.loads(recipe_json))
        if memory_mib and _is_on_cpu(recipe):
            limits.cap_memory(memory_mib)
        while _race(recipe, _find(executor), send, controller):
            controller.rewind()
        if controller.must_stop:
            return JobResult(state=RunState.CANCELLED)
    except Refusal as refusal:
        return JobResult(state=RunState.FAILED, message=str(refusal))
    except Exception as error:
        message = messages.MEMORY if limits.is_out_of_memory(error) else messages.UNEXPECTED
        return JobResult(state=RunState.FAILED, message=message, trace=traceback.format_exc())
    return JobResult(state=RunState.DONE)


def _race(recipe: Recipe, trainer: Trainer, send: Callable[[Record], None], controller: RunController) -> bool:
    """Trains until the end, or until the run has to stop; returns whether it has to begin anew."""
    gate, start = controller.begin(recipe)
    has_begun = False
    with contextlib.closing(trainer(recipe, gate=gate, start=start)) as events:
        for event in events:
            if isinstance(event, CheckpointBarrier):
                controller.wait_at(event)
            else:
                if isinstance(event, NetStarted) and not has_begun:
                    controller.send_versions(event.device)
                    has_begun = True
                send(event)
            if controller.must_stop:
                return False
            if controller.must_rewind:
                return True
    return False


def nothing() -> None:
    """Ends at once; a first child that does so shows that the fork server is ready."""


def _listen(control: Connection, controller: RunController) -> None:
    """Applies commands until the pipe ends, which it does with the daemon."""
    try:
        while True:
            controller.handle(control.recv_bytes())
    except (EOFError, OSError):
        os._exit(_ORPHANED)


def _find(executor: str) -> Trainer:
    module, _colon, name = executor.partition(":")
    found: Trainer = getattr(importlib.import_module(module), name)
    return found


def _is_on_cpu(recipe: Recipe) -> bool:
    """Whether the run stays on the CPU for certain; a GPU's driver maps more memory than any limit would allow."""
    return recipe.device is DeviceName.CPU or (recipe.device is DeviceName.AUTO and not limits.has_gpu())
