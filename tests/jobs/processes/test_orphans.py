"""No process outlives the one that it works for, not even one that is stopped and can notice nothing."""

import signal
import subprocess
import sys

import psutil
import pytest

from resnet_viz.jobs.training import client
from resnet_viz.runs.store import RunStore
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import are_gone, daemon_process, family, training, until

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent"),
]

STOPPED_AFTER_FORK = """
import os, signal, time
from resnet_viz.jobs import limits
limits.bind_children()
pid = os.fork()
if not pid:
    os.kill(os.getpid(), signal.SIGSTOP)
print(pid, flush=True)
time.sleep(600)
"""
STARTED_BY_MULTIPROCESSING = """
import multiprocessing.util, time
from resnet_viz.jobs import limits
limits.bind_children()
print(multiprocessing.util.spawnv_passfds(b"/bin/sleep", ["sleep", "600"], []), flush=True)
time.sleep(600)
"""
PARENT_GONE = """
from resnet_viz.jobs import limits
limits.die_with_parent(1_000_000_000)
print("alive", flush=True)
"""


def is_stopped(process: psutil.Process) -> bool:
    return bool(process.status() == psutil.STATUS_STOPPED)


def programs(daemon: psutil.Process) -> list[psutil.Process]:
    """What a daemon has started, each as soon as it runs a program of its own: it was bound right before that."""
    return [child for child in daemon.children() if child.cmdline() != daemon.cmdline()]


def test_stopped_processes_end_with_a_killed_daemon(runs: RunStore) -> None:
    training(runs, client.submit(recipe(Act.SLOW, steps=10_000), owner="a"))
    daemon, *others = family(runs)
    assert len(others) >= 3  # resource tracker, fork server, worker
    for process in others:
        process.send_signal(signal.SIGSTOP)
    until(lambda: all(map(is_stopped, others)), "stopped processes")
    daemon.kill()
    until(lambda: are_gone([daemon, *others]), "the end of all processes")


def test_what_is_stopped_as_soon_as_it_is_started_ends_with_a_killed_daemon(runs: RunStore) -> None:
    runs.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    client.ensure_daemon(runs.path)
    daemon = daemon_process(runs)
    others = until(lambda: programs(daemon), "the first program that it starts")
    for process in others:
        process.send_signal(signal.SIGSTOP)
    daemon.kill()
    until(lambda: are_gone([daemon, *others]), "the end of all processes")


@pytest.mark.parametrize("code", [STOPPED_AFTER_FORK, STARTED_BY_MULTIPROCESSING], ids=["fork", "multiprocessing"])
def test_a_bound_child_that_runs_nothing_of_ours_ends_with_its_killed_parent(code: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    child.send_signal(signal.SIGSTOP)
    until(lambda: is_stopped(child), "a stopped child")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: are_gone([child]), "the end of the child")


def test_a_process_whose_parent_has_ended_before_it_was_bound_ends_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PARENT_GONE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")
