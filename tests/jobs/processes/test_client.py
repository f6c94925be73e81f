"""The web server's side: it keeps one daemon alive and loads no torch."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from resnet_viz.errors import QueueError
from resnet_viz.jobs.training import client, lock
from resnet_viz.jobs.training.options import Options, parse, to_arguments
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import ended, until

pytestmark = pytest.mark.torch


def test_importing_the_client_imports_neither_torch_nor_streamlit() -> None:
    heavy = "{'torch', 'numpy', 'streamlit'}"
    code = f"import sys, resnet_viz.jobs.training.client; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_many_threads_start_one_daemon(runs: RunStore) -> None:
    threads = [threading.Thread(target=client.ensure_daemon, args=(runs.path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(client._daemons) == 1
    until(lambda: lock.is_held(runs.path), "the daemon's lock")


def test_a_daemon_outlives_the_thread_that_started_it(runs: RunStore) -> None:
    thread = threading.Thread(target=client.submit, args=(recipe(Act.SLOW, steps=30),), kwargs={"owner": "a"})
    thread.start()
    thread.join()
    (summary,) = runs.list()
    assert ended(runs, summary.id).state is RunState.DONE


def test_no_daemon_is_started_where_another_server_has_one(runs: RunStore) -> None:
    held = lock.hold(runs.path, patience_s=0)
    assert held is not None
    with held:
        client.ensure_daemon(runs.path)
        assert runs.path not in client._daemons


def test_a_second_run_of_one_owner_is_refused_beyond_the_limit(runs: RunStore) -> None:
    for _ in range(2):
        client.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    with pytest.raises(QueueError, match="You already have 2 runs"):
        client.submit(recipe(Act.QUICK), owner="a")


def test_options_survive_the_command_line(tmp_path: Path) -> None:
    options = Options(slots=3, wall_s=1.5, executor="a.b:c", preload="")
    assert parse([str(tmp_path), *to_arguments(options)], {}) == (tmp_path, options)


def test_an_argument_goes_before_the_environment_and_that_before_the_default() -> None:
    environ = {"RESNET_VIZ_JOBS_SLOTS": "2", "RESNET_VIZ_JOBS_WALL_S": "9"}
    assert parse(["store", "--slots=4"], environ)[1] == Options(slots=4, wall_s=9.0)
