"""A process that answers one question and ends.

    python -m resnet_viz.jobs.queries.answer MODULE:FUNCTION MEMORY_MIB NICENESS

The question is a JSON object, the first line of standard input; the answer is one on standard output, either
{"answer": ...} or {"sentence": why there is none}. Whoever asks holds standard input:
when that ends, so does the process.
"""

import importlib
import json
import os
import sys
import threading
import traceback
from typing import Any

from resnet_viz.errors import Refusal
from resnet_viz.jobs import limits, messages


def main(arguments: list[str]) -> None:
    """Answers and ends the process; never returns."""
    answerer, memory_mib, niceness = arguments
    out = os.dup(1)
    os.dup2(2, 1)  # what a library prints belongs into the server's log, not into the answer
    question = sys.stdin.buffer.readline()
    threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    limits.lower_priority(int(niceness))
    limits.cap_memory(int(memory_mib))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a pool of threads counts as memory
    with os.fdopen(out, "w", encoding="utf-8") as reply:
        json.dump(answer(answerer, question), reply)
    os._exit(0)  # no tear-down: there is nothing to save


def answer(answerer: str, question: bytes) -> dict[str, Any]:
    """Returns what a function says to a question, or why it says nothing."""
    try:
        module, _colon, name = answerer.partition(":")
        return {"answer": getattr(importlib.import_module(module), name)(json.loads(question))}
    except Refusal as refusal:
        return {"sentence": str(refusal)}
    except Exception as error:
        traceback.print_exc()
        return {"sentence": messages.UNANSWERED_MEMORY if limits.is_out_of_memory(error) else messages.UNANSWERED}


def _end_with_stdin() -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
