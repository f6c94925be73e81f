"""What happens in a worker: one run is trained, its records go into a pipe, a verdict comes last.

The process is disposable. It ends by itself after the verdict, when the daemon is gone, or when it is killed.
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
from resnet_viz.training.recipe import DeviceName, Recipe, from_json
from resnet_viz.training.records import NetStarted, Record
from resnet_viz.training.step_gate import CheckpointBarrier

Trainer = Callable[..., Generator[Record | CheckpointBarrier, None, None]]
"""Takes a Recipe and, by name, a `gate` and a `start`."""

_ORPHANED: Final = 75  # exit status


def run(claim: Claim, folder: Path, out: Connection, control: Connection, options: Options) -> None:
    """Trains one run and ends the process; never returns."""
    turn = threading.Lock()

    def send(message: Record | ControlEvent | JobResult) -> None:
        with turn:  # the thread that hears what the run is told answers too
            out.send(message)

    console = RunController(claim, send, folder)
    threading.Thread(target=_listen, args=(control, console), name="control", daemon=True).start()
    limits.lower_priority(options.niceness)
    verdict = train(
        claim.recipe_json, executor=options.executor, memory_mib=options.memory_mib, send=send, console=console
    )
    with contextlib.suppress(OSError):
        send(verdict)
        out.close()
    os._exit(0)  # no tear-down: it would take up to seconds and there is nothing to save


def train(
    recipe_json: str, *, executor: str, memory_mib: int, send: Callable[[Record], None], console: RunController
) -> JobResult:
    """Sends the records of one run and returns how it ended; the console stops it after the next record."""
    try:
        recipe = from_json(json.loads(recipe_json))
        if memory_mib and _is_on_cpu(recipe):
            limits.cap_memory(memory_mib)
        while _race(recipe, _find(executor), send, console):
            console.rewind()
        if console.must_stop:
            return JobResult(state=RunState.CANCELLED)
    except Refusal as refusal:
        return JobResult(state=RunState.FAILED, sentence=str(refusal))
    except Exception as error:
        sentence = messages.MEMORY if limits.is_out_of_memory(error) else messages.UNEXPECTED
        return JobResult(state=RunState.FAILED, sentence=sentence, trace=traceback.format_exc())
    return JobResult(state=RunState.DONE)


def _race(recipe: Recipe, trainer: Trainer, send: Callable[[Record], None], console: RunController) -> bool:
    """Trains until the end, or until told to stop; returns whether it was told to begin anew instead."""
    pace, start = console.begin(recipe)
    has_begun = False
    with contextlib.closing(trainer(recipe, gate=pace, start=start)) as events:
        for event in events:
            if isinstance(event, CheckpointBarrier):
                console.stand(event)
            else:
                if isinstance(event, NetStarted) and not has_begun:
                    console.note_device(event.device)
                    has_begun = True
                send(event)
            if console.must_stop:
                return False
            if console.must_rewind:
                return True
    return False


def nothing() -> None:
    """Ends at once; a first child that does so shows that the fork server is ready."""


def _listen(control: Connection, console: RunController) -> None:
    """Hears what the run is told; that the pipe ends says that the daemon is gone."""
    try:
        while True:
            console.hear(control.recv_bytes())
    except (EOFError, OSError):
        os._exit(_ORPHANED)


def _find(executor: str) -> Trainer:
    module, _colon, name = executor.partition(":")
    found: Trainer = getattr(importlib.import_module(module), name)
    return found


def _is_on_cpu(recipe: Recipe) -> bool:
    """Whether the run stays on the CPU for certain; a GPU's driver maps more memory than any limit would allow."""
    return recipe.device is DeviceName.CPU or (recipe.device is DeviceName.AUTO and not limits.has_gpu())
