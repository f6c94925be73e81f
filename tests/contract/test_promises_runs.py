"""Promises of runs: a store of version 3 opens as it is, exports have the same bytes, twelve steps the same losses.

After a change that is meant, `UPDATE_GOLDEN=1 pytest tests/contract/test_promises_runs.py` writes the digests anew.
`store_v3.sql` stays for ever: the program left it so before its modules moved.
"""

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.contract.links import PAUSED, QUEUED, RUN, RUNS
from tests.contract.promised import HOME, digest, environment, hold, printed, python, restore_store

SHIPPED: Final = ("degradation", "no_norm", "no_norm_he", "very_deep")
CLOSE: Final = 1e-5  # relative: processors differ in the last digits of a sum
TIMED: Final = ("seconds", "images_per_s")
TWELVE_STEPS: Final = ("train", "quick", "--set", "steps=12", "--device", "cpu", "--seed", "0")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this test's runs."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv(HOME, str(folder))
    for name in ("RUNS_MB", "RUNS_KEPT"):
        monkeypatch.delenv(f"RESNET_VIZ_{name}", raising=False)
    return folder


@pytest.fixture
def store(home: Path) -> Path:
    """A store as the program left it."""
    return restore_store(home)


def content(store: Path) -> list[str]:
    """Tables, rows and version of a store."""
    with contextlib.closing(sqlite3.connect(store)) as db:
        return [*db.iterdump(), str(db.execute("PRAGMA user_version").fetchone())]


def test_a_store_of_version_3_is_listed_shown_and_exported_as_it_was(store: Path) -> None:
    before = content(store)
    listed = printed("runs", "list", "--json")
    assert [run["id"] for run in json.loads(listed)] == list(reversed(RUNS))
    commands: list[tuple[str, ...]] = [("runs", "show", run) for run in RUNS]
    commands += [("runs", "export", run, "--format", form) for run in RUNS for form in ("json", "csv")]
    found = {" ".join(words): digest(printed(*words)) for words in commands}
    hold("store_v3.json", {"runs list --json": digest(listed), **found})
    assert content(store) == before  # reading it has changed nothing
    assert before[-1] == "(3,)"


def test_what_was_noted_about_a_run_is_shown(store: Path) -> None:
    run = json.loads(printed("runs", "show", RUN))
    assert (run["name"], run["state"], run["attempt"]) == ('Zwölf Schritte <1> & "eins"', "done", 1)
    assert run["note"] == "Kept for the lecture:\nlosses fall, nothing is said about depth."
    assert [(net["label"], net["params"], net["ending"]) for net in run["nets"]] == [
        ("plain-8", 4_934, "finished"),
        ("ResNet-8, full pre-activation", 4_934, "finished"),
    ]
    assert {run["state"] for run in json.loads(printed("runs", "list", "--json"))} == {
        *("done", "failed", "cancelled", "queued")
    }


def test_a_store_of_version_3_can_be_written_and_stays_one(store: Path) -> None:
    for run in (PAUSED, QUEUED):
        printed("runs", "stop", run)
        printed("runs", "delete", run, "--yes")
    assert [run["id"] for run in json.loads(printed("runs", "list", "--json"))] == list(reversed(RUNS[:-2]))
    assert content(store)[-1] == "(3,)"


@pytest.mark.usefixtures("home")
def test_every_shipped_run_is_exported_as_it_was() -> None:
    commands = [("runs", "export", name, "--format", form) for name in SHIPPED for form in ("json", "csv")]
    hold("shipped_runs.json", {" ".join(words): digest(printed(*words)) for words in commands})
    assert printed("runs", "export", "no_norm") == printed("runs", "export", "no_norm", "--format", "json")


def test_an_exported_run_of_the_store_is_imported_with_all_its_records(store: Path, tmp_path: Path) -> None:
    exported = printed("runs", "export", RUN)
    (tmp_path / "run.json").write_bytes(exported)
    copy = printed("runs", "import", str(tmp_path / "run.json")).decode().strip()
    again = json.loads(printed("runs", "export", copy))
    assert again["records"] == json.loads(exported)["records"]
    assert again["run"]["origin"] == RUN


@pytest.mark.parametrize(("variable", "value", "left"), [("RUNS_KEPT", "2", 2), ("RUNS_MB", "0", 0)])
def test_the_environment_limits_what_is_kept(
    variable: str, value: str, left: int, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run.json").write_bytes(printed("runs", "export", RUN))
    monkeypatch.setenv(f"RESNET_VIZ_{variable}", value)
    printed("runs", "import", str(tmp_path / "run.json"))
    ended = [run["id"] for run in json.loads(printed("runs", "list", "--json")) if run["state"] not in ("queued",)]
    assert len(ended) == left + 1
    assert RUN in ended  # it is pinned


def test_a_run_that_fails_in_the_executor_of_the_environment_has_status_1(home: Path) -> None:
    module = "tests.contract.failing_executor"
    env = environment(HOME=str(home), JOBS_EXECUTOR=f"{module}:race", JOBS_PRELOAD=module, JOBS_IDLE_S="0.1")
    done = python(["-m", "resnet_viz", "train", "quick", "--device", "cpu"], env)
    assert (done.returncode, "Traceback" in done.stderr, "hunter2" in done.stderr) == (1, False, False)
    assert [run["state"] for run in json.loads(printed("runs", "list", "--json"))] == ["failed"]
    ran, loaded = ((home / name).read_text("ascii") for name in ("ran", "loaded"))
    assert ran != loaded  # the one was forked off the other, into which the environment had the module loaded


def numbers(record: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Measured numbers of a record by their place in it."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{node}", float(norm)) for node, norm in value.items())
        elif value is not None and name != "net":
            yield name, float(value)


def records(exported: bytes) -> list[dict[str, Any]]:
    """Records of an exported run without the fields that depend on the clock."""
    found = json.loads(exported)["records"]
    return [{name: value for name, value in record.items() if name not in TIMED} for record in found]


@pytest.mark.torch
@pytest.mark.slow
def test_twelve_steps_have_the_losses_and_norms_that_they_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restore_store(tmp_path / "golden")
    monkeypatch.setenv(HOME, str(tmp_path / "golden"))
    golden = records(printed("runs", "export", RUN))
    trained = []
    for name in ("first", "second"):
        done = python(["-m", "resnet_viz", *TWELVE_STEPS], environment(HOME=str(tmp_path / name), JOBS_IDLE_S="0.1"))
        assert done.returncode == 0, done.stderr
        monkeypatch.setenv(HOME, str(tmp_path / name))
        (run,) = json.loads(printed("runs", "list", "--json"))
        trained.append(records(printed("runs", "export", run["id"])))
    first, second = trained
    assert first == second  # to the last bit on one machine
    assert [(r["net"], r["step"]) for r in first] == [(r["net"], r["step"]) for r in golden]
    assert len(golden) == 24
    for ours, theirs in zip(first, golden, strict=True):
        known, wanted = dict(numbers(ours)), dict(numbers(theirs))
        assert known.keys() == wanted.keys()
        far = {name: known[name] for name in wanted if not math.isclose(known[name], wanted[name], rel_tol=CLOSE)}
        assert not far, (ours["net"], ours["step"])
