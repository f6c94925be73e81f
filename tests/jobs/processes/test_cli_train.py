"""A run from the command line: the same queue and store as the browser's, watched in the terminal."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from resnet_viz.cli.main import main
from resnet_viz.jobs import messages
from resnet_viz.jobs.training import client, lock
from resnet_viz.jobs.training.options import Options
from resnet_viz.resources import ROOT
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from tests.fakes.racers import REFUSAL, Act, recipe
from tests.fakes.waiting import PATIENCE_S, are_gone, ended, run_of, training, until

pytestmark = pytest.mark.torch

ONE_NET = ["train", "plain", "--set", "depth=8"]


def arguments(act: Act, *, steps: int = 20) -> list[str]:
    return [*ONE_NET, "--set", f"steps={steps}", "--seed", str(int(act))]


def daemon_of(runs: RunStore) -> psutil.Process:
    """The daemon that serves a store, whoever started it."""

    def find() -> psutil.Process | None:
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "resnet_viz.jobs.training.daemon" in words and str(runs.path) in words:
                return process
        return None

    return until(find, "a daemon")


@pytest.fixture
def shell(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """The store of this test; the daemon that the command line starts ends soon after its last run."""
    monkeypatch.setenv("RESNET_VIZ_JOBS_IDLE_S", "0.3")
    yield runs
    for summary in runs.list():
        runs.cancel(summary.id)
    until(lambda: not lock.is_held(runs.path), "the end of the daemon")


def started(command: list[str], *, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """The command as a shell starts it: tests in the background of one ignore Ctrl-C, which children inherit."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "resnet_viz", *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=stderr
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_is_trained_and_its_outcome_told(shell: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(Act.QUICK)) == 0
    (summary,) = shell.list()
    assert (summary.state, summary.name, summary.labels) == (RunState.DONE, "plain", ("plain-8",))
    said = capsys.readouterr()
    assert said.err.startswith(f"run {summary.id}: plain-8; ")
    assert f"/training?run={summary.id}" in said.err
    assert re.search(r"done in .* · plain-8 0\.050\n", said.err)  # the stand-in's last loss is 1/20
    assert said.out.splitlines()[1].split()[:2] == ["plain-8", "20"]


@pytest.mark.parametrize(("act", "sentence"), [(Act.REFUSE, REFUSAL), (Act.RAISE, messages.UNEXPECTED)])
def test_a_run_that_fails_says_why_and_has_status_1(
    act: Act, sentence: str, shell: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(act)) == 1
    said = capsys.readouterr().err
    assert "failed" in said
    assert sentence in said
    assert "Traceback" not in said


def test_ctrl_c_stops_the_run_keeps_its_steps_and_says_so(shell: RunStore) -> None:
    process = started(arguments(Act.SLOW, steps=10_000))
    (summary,) = until(shell.list, "the run")
    assert process.stderr is not None
    assert process.stderr.readline().startswith(f"run {summary.id}")
    process.stderr.readline()  # the first line of progress: from now on Ctrl-C is for the run
    training(shell, summary.id)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert f"Stopping run {summary.id}; its records are kept." in err
    assert "stopped" in err
    assert "Traceback" not in err
    assert run_of(shell, summary.id).state is RunState.CANCELLED
    assert out.splitlines()[1].startswith("plain-8")


def test_a_detached_run_goes_on_when_the_command_has_returned_and_its_daemon_ends_after_it(shell: RunStore) -> None:
    process = started([*arguments(Act.SLOW, steps=500), "--detach"], stderr=subprocess.STDOUT)
    daemon = daemon_of(shell)
    out, _none = process.communicate(timeout=PATIENCE_S)  # returns: nobody holds the pipe any more
    assert process.returncode == 0
    run_id = out.strip()
    training(shell, run_id)
    family = [daemon, *daemon.children(recursive=True)]
    assert ended(shell, run_id).state is RunState.DONE
    until(lambda: are_gone(family), "the end of the daemon and all it started")


def test_a_detached_run_is_stopped_by_its_id(shell: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments(Act.SLOW, steps=10_000), "--detach"]) == 0
    run_id = capsys.readouterr().out.strip()
    training(shell, run_id)
    assert main(["runs", "stop", run_id]) == 0
    assert ended(shell, run_id).state is RunState.CANCELLED


def test_a_run_is_paused_and_continued_by_its_id(shell: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments(Act.SLOW, steps=500), "--detach"]) == 0
    run_id = capsys.readouterr().out.strip()
    training(shell, run_id)
    assert main(["runs", "pause", run_id]) == 0
    until(lambda: run_of(shell, run_id).is_paused, "the pause")
    assert main(["runs", "continue", run_id]) == 0
    run = ended(shell, run_id)
    assert (run.state, run.attempt) == (RunState.DONE, 1)
    assert main(["runs", "continue", run_id]) == 2
    assert f"Run {run_id} has finished" in capsys.readouterr().err


def test_a_browsers_run_outlives_the_command_whose_daemon_trains_it(shell: RunStore) -> None:
    process = started(arguments(Act.SLOW, steps=500))
    until(lambda: lock.is_held(shell.path), "the command's daemon")
    run_id = client.submit(recipe(Act.SLOW, steps=200), owner="a page")
    assert client._daemons == {}  # the one that is there serves both
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    run = ended(shell, run_id)
    assert (run.state, run.attempt) == (RunState.DONE, 1)


def test_a_run_from_the_shell_is_trained_by_the_servers_daemon_where_one_is_there(
    runs: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    client.ensure_daemon(runs.path)
    until(lambda: lock.is_held(runs.path), "the server's daemon")
    assert main(arguments(Act.QUICK)) == 0
    assert list(client._daemons) == [runs.path]
    assert client._daemons[runs.path].poll() is None
    capsys.readouterr()
    assert main(["runs", "list", "--json"]) == 0
    assert [run["state"] for run in json.loads(capsys.readouterr().out)] == ["done"]


def test_the_command_takes_over_when_the_servers_daemon_ends(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_JOBS_IDLE_S", "0.3")
    client.ensure_daemon(runs.path)
    until(lambda: lock.is_held(runs.path), "the server's daemon")
    process = started(arguments(Act.SLOW, steps=100))
    (summary,) = until(runs.list, "the run")
    training(runs, summary.id)
    client.close()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert run_of(runs, summary.id).state is RunState.DONE
    until(lambda: not lock.is_held(runs.path), "the end of the daemon")


def test_a_run_submitted_while_an_idle_daemon_ends_is_not_left_lying(shell: RunStore) -> None:
    for _ in range(5):
        client._started.clear()  # each command is a process of its own
        run_id = client.submit(recipe(Act.QUICK), owner="a", options=Options(lasting=1, idle_s=0.01))
        ended(shell, run_id)  # and the daemon is about to end: it has been idle for long enough


def test_a_third_run_at_a_time_is_refused(shell: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main([*arguments(Act.SLOW, steps=10_000), "--detach"]) == 0
    assert main([*arguments(Act.QUICK), "--detach"]) == 2
    assert "You already have 2 runs" in capsys.readouterr().err


def test_at_a_terminal_one_line_is_drawn_over_and_over(shell: RunStore) -> None:
    ours, theirs = pty.openpty()
    process = started(arguments(Act.SLOW, steps=500), stderr=theirs)
    os.close(theirs)
    drawn = b""
    try:
        while chunk := os.read(ours, 4096):
            drawn += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    process.communicate(timeout=PATIENCE_S)
    lines = drawn.decode().split("\r\n")
    assert next(line for line in lines if line).startswith("run ")
    (progress,) = [line for line in lines if "\r" in line]
    states = progress.split("\r")
    assert re.match(
        r"step \d+ of 500 · .* left · \d+ images/s · plain-8 [01]\.\d{3}", next(s for s in states if "step" in s)
    )
    assert states[-1].startswith("done in")
    assert max(map(len, states)) < 80  # pty's default width


@pytest.mark.slow
def test_a_real_run_trains_and_is_exported(
    shell: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RESNET_VIZ_JOBS_EXECUTOR")
    monkeypatch.delenv("RESNET_VIZ_JOBS_PRELOAD")
    assert main(["train", "quick", "--set", "steps=4", "--set", "batch_size=8", "--device", "cpu"]) == 0
    capsys.readouterr()
    (summary,) = shell.list()
    assert main(["runs", "export", summary.id]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert exported["run"]["name"] == "quick"
    assert len(exported["records"]) == 4 * 2


def test_several_seeds_are_trained_one_after_the_other_and_put_together(
    shell: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ONE_NET, "--set", "steps=5", "--seed", str(int(Act.QUICK)), "--seeds", "2"]) == 0
    assert [run.recipe_fields["seed"] for run in reversed(shell.list())] == [Act.QUICK, Act.SLOW]
    said = capsys.readouterr()
    assert "each for 2 seeds; " in said.err
    last = said.out.splitlines()[-1].split()
    assert last[:2] == ["plain-8", "2"]


@pytest.mark.parametrize("number", ["0", "6", "many"])
def test_a_wrong_number_of_seeds_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ONE_NET, "--seeds", number]) == 2
    assert "--seeds" in capsys.readouterr().err
