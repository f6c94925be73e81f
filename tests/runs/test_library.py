"""A run is read in the same way whether it lies in the store or ships with the program."""

import json
from dataclasses import replace

import pytest

from resnet_viz.errors import QueueError
from resnet_viz.runs import shipped
from resnet_viz.runs.library import SHIPPED, RunLibrary
from resnet_viz.runs.run import Run
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.runs.store import RunStore

NOBODY = "0" * 12


@pytest.fixture
def library(store: RunStore) -> RunLibrary:
    return RunLibrary(store)


def imported(library: RunLibrary, name: str) -> str:
    """The id of a stored copy of a shipped run."""
    return library.store.import_run(json.dumps(shipped.export(name)).encode(), owner="me")


def test_without_a_store_the_shipped_runs_are_listed_and_no_file_is_made(library: RunLibrary) -> None:
    assert [(entry.id, entry.state, entry.summary) for entry in library.entries()] == [
        (name, SHIPPED, None) for name in shipped.NAMES
    ]
    assert not library.store.path.exists()


def test_stored_runs_come_before_shipped_ones_and_pinned_ones_first(library: RunLibrary) -> None:
    old, new = imported(library, "no_norm"), imported(library, "very_deep")
    library.store.pin(old, is_pinned=True)
    assert [entry.id for entry in library.entries()] == [old, new, *shipped.NAMES]
    assert [entry.id for entry in library.stored(1)] == [new]
    copy, original = library.entries()[0], next(entry for entry in library.shipped() if entry.id == "no_norm")
    assert copy.state == "done"
    assert (copy.title, copy.labels, copy.recipe_fields) == (original.title, original.labels, original.recipe_fields)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_stored_copy_of_a_shipped_run_has_its_measurements(library: RunLibrary, name: str) -> None:
    copy = imported(library, name)
    ours, theirs = library.snapshot(copy), library.snapshot(name)
    assert [replace(curve, attempt=1) for curve in ours.curves] == list(theirs.curves)
    assert (ours.first, ours.last) == (theirs.first, theirs.last)
    for run_id in (copy, name):
        assert library.probe(run_id, is_first=True) == theirs.first
        assert library.probe(run_id, is_first=False) == theirs.last


def test_only_a_stored_run_goes_on_and_what_is_no_run_is_none(library: RunLibrary) -> None:
    copy = imported(library, "no_norm")
    assert isinstance(library.read(copy), Run)
    assert isinstance(library.read("no_norm"), RecordedRun)
    assert (library.read(NOBODY), library.export(NOBODY)) == (None, None)
    assert library.snapshot(NOBODY) == ((), (), ())
    for wrong in ("nonsense", "../no_norm"):
        with pytest.raises(QueueError, match="12 digits"):
            library.read(wrong)
        with pytest.raises(QueueError, match="12 digits"):
            library.export(wrong)


def test_an_export_names_the_shipped_run_that_a_copy_came_from(library: RunLibrary) -> None:
    exported, original = library.export(imported(library, "no_norm")), library.export("no_norm")
    assert exported is not None
    assert original is not None
    assert exported["records"] == original["records"]
    assert (exported["run"]["origin"], "origin" in original["run"]) == ("no_norm", False)
