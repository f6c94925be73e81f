"""A run has one export: every button that offers JSON, and the command line, hand out the same bytes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from resnet_viz.cli.main import main
from resnet_viz.runs import shipped
from resnet_viz.runs.store import RunStore
from tests.fakes.visiting import visit


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """The JSON files that buttons offer, by the buttons' labels, filled as pages are visited."""
    found: dict[str, Callable[[], bytes]] = {}
    original = st.download_button

    def button(label: str, data: Any, file_name: str, mime: str, **options: Any) -> bool:
        if mime == "application/json":
            found[label] = data
        return original(label, data, file_name, mime, **options)

    monkeypatch.setattr(st, "download_button", button)
    return found


def printed(run_id: str, capsysbinary: pytest.CaptureFixture[bytes]) -> bytes:
    capsysbinary.readouterr()
    assert main(["runs", "export", run_id]) == 0
    return capsysbinary.readouterr().out


def open_menu(run_id: str) -> None:
    """Opens the menu of one run on the page of runs."""
    at = visit("runs")
    button: Any = at.get_by_key(f"more:{run_id}")
    button.click().run()


def test_every_button_and_the_command_line_export_the_same_bytes(
    runs: RunStore, offered: dict[str, Callable[[], bytes]], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    run_id = runs.import_run(json.dumps(shipped.export("no_norm")).encode(), owner="me")
    runs.rename(run_id, name="Group B", note="a note")
    expected = printed(run_id, capsysbinary)
    assert {name: json.loads(expected)["run"][name] for name in ("note", "origin")} == {
        "note": "a note",
        "origin": "no_norm",
    }
    visit("training", run=run_id)
    open_menu(run_id)
    assert {label: content() for label, content in offered.items()} == {
        "All records (JSON)": expected,
        "JSON": expected,
    }


def test_a_shipped_run_is_exported_alike(
    runs: RunStore, offered: dict[str, Callable[[], bytes]], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    visit("training", run="no_norm")
    open_menu("no_norm")
    expected = printed("no_norm", capsysbinary)
    assert {label: content() for label, content in offered.items()} == {"JSON": expected}
