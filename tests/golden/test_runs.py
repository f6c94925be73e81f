"""The JSON of a run is what it was, byte for byte: of each shipped run, and of a store as version 3 wrote it.

`runs/exports.json` holds SHA-256 sums of what `runs export` printed when the store was made; `runs/store_v3.sql` is
that store, dumped: runs that are pinned, imported, paused, cancelled and failed, with NaN and infinities in them.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from resnet_viz.cli.main import main
from resnet_viz.runs import shipped

HERE = Path(__file__).parent / "runs"
SUMS = json.loads((HERE / "exports.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store's file, in this test's own folder."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    path = tmp_path / "runs.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript((HERE / "store_v3.sql").read_text(encoding="utf-8"))
    return path


def test_each_shipped_run_has_a_sum() -> None:
    assert set(shipped.NAMES) <= set(SUMS)


@pytest.mark.parametrize("run_id", SUMS)
def test_the_exported_json_is_what_it_was(run_id: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["runs", "export", run_id]) == 0
    assert hashlib.sha256(capsysbinary.readouterr().out).hexdigest() == SUMS[run_id]


def test_reading_leaves_the_store_as_it_is(stored: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    before = stored.read_bytes()
    assert main(["runs", "list", "--json"]) == 0
    assert len(json.loads(capsysbinary.readouterr().out)) == 5
    assert stored.read_bytes() == before
