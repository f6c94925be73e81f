"""Goldens, the store of version 3 and command lines, shared by the tests of promises."""

import contextlib
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from resnet_viz.cli.main import main

ROOT: Final = Path(__file__).resolve().parents[2]
GOLDEN: Final = ROOT / "tests" / "golden" / "promises"
PREFIX: Final = "RESNET_VIZ_"
HOME: Final = f"{PREFIX}HOME"


def hold(file: str, found: Mapping[str, Any]) -> None:
    """Compares values with those of a golden file, which `UPDATE_GOLDEN=1` writes anew; more of them may be there."""
    path = GOLDEN / file
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    golden = json.loads(path.read_text(encoding="utf-8"))
    assert {name: found.get(name) for name in golden} == golden


def digest(content: bytes) -> str:
    """Returns enough of a SHA-256 to notice any change."""
    return hashlib.sha256(content).hexdigest()[:16]


def printed(*words: str) -> bytes:
    """Returns the bytes that a command prints; it runs in this process and has to end well."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with contextlib.redirect_stdout(out):
        assert main(list(words)) == 0
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def environment(**variables: str) -> dict[str, str]:
    """Returns the environment with no variable of this program but those given, named without their prefix."""
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    own = {"CALIBRATE": "0", **variables}
    return others | {f"{PREFIX}{name}": text for name, text in own.items()}


def python(
    words: Sequence[str], env: Mapping[str, str], *, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs Python with these words in the repository's root."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, check=False)


def restore_store(home: Path) -> Path:
    """Writes the store of version 3 into a folder, as the program left it, and returns its file."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "runs.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript((GOLDEN / "store_v3.sql").read_text(encoding="utf-8"))
    return path
