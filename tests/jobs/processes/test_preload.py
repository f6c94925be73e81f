"""The fork server with torch in it."""

import os
import subprocess
import sys

import pytest

from resnet_viz.jobs.training import client
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import are_gone, daemon_process, ended, family, training, until

pytestmark = pytest.mark.torch

COUNT_THREADS = """
import os, sys
import resnet_viz.jobs.training.preload
import torch
native = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
print(native, torch.get_num_threads(), "torch._dynamo" in sys.modules, torch.cuda.is_initialized())
"""


@pytest.fixture
def torch_runs(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.delenv("RESNET_VIZ_JOBS_PRELOAD")
    return runs


def test_the_preloaded_process_is_fit_to_be_forked() -> None:
    # One thread, or a lock of another could stay locked for ever; no CUDA; what is slow and lazy is loaded.
    told = subprocess.run([sys.executable, "-c", COUNT_THREADS], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["1", "1", "True", "False"]


@pytest.mark.slow
def test_a_run_waits_for_torch_and_is_trained(torch_runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.QUICK), owner="a")
    assert ended(torch_runs, run_id).state is RunState.DONE


@pytest.mark.slow
def test_a_run_is_cancelled_while_torch_is_still_being_loaded(torch_runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.QUICK), owner="a")
    client.cancel(run_id)
    run = ended(torch_runs, run_id)
    assert (run.state, run.attempt) == (RunState.CANCELLED, 0)


@pytest.mark.slow
def test_a_killed_daemon_takes_a_fork_server_with_torch_along(torch_runs: RunStore) -> None:
    training(torch_runs, client.submit(recipe(Act.SLOW, steps=10_000), owner="a"))
    processes = family(torch_runs)
    daemon_process(torch_runs).kill()
    until(lambda: are_gone(processes), "the end of all processes")
    assert os.getpid() not in {process.pid for process in processes}
