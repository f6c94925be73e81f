"""Processes that answer questions, started by the web server. No torch here."""

import os
import subprocess
import sys

from resnet_viz.resources import IMPORT_ROOT


def start(module: str, answerer: str, *, memory_mib: int, niceness: int) -> subprocess.Popen[bytes]:
    """Starts a process with pipes to its input and from its output.

    Args:
        module: what it runs, such as `resnet_viz.jobs.queries.answer`.
        answerer: the "module:name" of the function that answers.
        memory_mib: data that it may allocate.
        niceness: 0 to 19.

    Raises:
        OSError: the system refuses.
    """
    paths = (str(IMPORT_ROOT), os.environ.get("PYTHONPATH", ""))
    return subprocess.Popen(
        [sys.executable, "-m", module, answerer, str(memory_mib), str(niceness)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=IMPORT_ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        start_new_session=True,  # Ctrl-C is for the server; the process notices that it is gone
    )
