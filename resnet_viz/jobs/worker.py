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
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from resnet_viz.errors import Refusal
from resnet_viz.jobs import bounds, sentences
from resnet_viz.jobs.options import Options
from resnet_viz.runs.run import RunState
from resnet_viz.training.recipe import DeviceName, Recipe, from_json
from resnet_viz.training.records import Record

Executor = Callable[[Recipe], Generator[Record, None, None]]

STOP: Final = b"stop"  # what the control pipe says; its end says that the daemon is gone
_ORPHANED: Final = 75  # exit status


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How a worker's run ended; the last thing in its pipe.

    Attributes:
        state: done, failed or cancelled.
        sentence: why it failed, for the person at the screen; empty otherwise.
        trace: Python's account of an unexpected failure, for the log.
    """

    state: RunState
    sentence: str = ""
    trace: str = ""


def run(recipe_json: str, out: Connection, control: Connection, options: Options) -> None:
    """Trains one run and ends the process; never returns."""
    bounds.die_with_parent()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(control, stop), name="control", daemon=True).start()
    bounds.step_back(options.niceness)
    verdict = train(recipe_json, executor=options.executor, memory_mib=options.memory_mib, send=out.send, stop=stop)
    with contextlib.suppress(OSError):
        out.send(verdict)
        out.close()
    os._exit(0)  # no tear-down: it would take up to seconds and there is nothing to save


def train(
    recipe_json: str, *, executor: str, memory_mib: int, send: Callable[[Record], None], stop: threading.Event
) -> Verdict:
    """Sends the records of one run and returns how it ended; `stop` ends it after the next record."""
    try:
        recipe = from_json(json.loads(recipe_json))
        if memory_mib and _is_on_cpu(recipe):
            bounds.cap_memory(memory_mib)
        with contextlib.closing(_find(executor)(recipe)) as records:
            for record in records:
                send(record)
                if stop.is_set():
                    return Verdict(state=RunState.CANCELLED)
    except Refusal as refusal:
        return Verdict(state=RunState.FAILED, sentence=str(refusal))
    except Exception as error:
        sentence = sentences.MEMORY if bounds.is_out_of_memory(error) else sentences.UNEXPECTED
        return Verdict(state=RunState.FAILED, sentence=sentence, trace=traceback.format_exc())
    return Verdict(state=RunState.DONE)


def nothing() -> None:
    """Ends at once; a first child that does so shows that the fork server is ready."""


def _listen(control: Connection, stop: threading.Event) -> None:
    try:
        while control.recv_bytes() == STOP:
            stop.set()
    except (EOFError, OSError):
        os._exit(_ORPHANED)


def _find(executor: str) -> Executor:
    module, _colon, name = executor.partition(":")
    found: Executor = getattr(importlib.import_module(module), name)
    return found


def _is_on_cpu(recipe: Recipe) -> bool:
    """Whether the run stays on the CPU for certain; a GPU's driver maps more memory than any limit would allow."""
    return recipe.device is DeviceName.CPU or (recipe.device is DeviceName.AUTO and not bounds.has_gpu())
