"""Downloads of a run: one table of file formats for the pages and the command line."""

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from resnet_viz.present.runs.replay_html import replay_html
from resnet_viz.runs.formats import table, tensorboard

Exported = Mapping[str, Any]


class RunFormat(StrEnum):
    """File formats of an exported run; the values are words of the command line."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    TENSORBOARD = "tensorboard"


class RunFile(NamedTuple):
    """A file to download.

    Attributes:
        name: of the file.
        content: of the file.
        mime: its media type.
        is_binary: whether it is binary rather than text.
    """

    name: str
    content: bytes
    mime: str
    is_binary: bool


class _FormatSpec(NamedTuple):
    ending: str
    mime: str
    make: Callable[[Exported], bytes]
    is_binary: bool


def make_file(exported: Exported, run_format: RunFormat) -> RunFile:
    """Returns an exported run as a file.

    Raises:
        SpecError: the format draws, and the recipe is none that this version knows.
    """
    spec = _FORMATS[run_format]
    return RunFile(file_name(exported["run"], run_format), spec.make(exported), spec.mime, spec.is_binary)


def file_name(run: Mapping[str, Any], run_format: RunFormat) -> str:
    """Returns the name of a run's file: the run's name, where it has one in Latin letters, and its ID."""
    words = re.findall(r"[a-z0-9]+", str(run.get("name", "")).lower())[:6]
    return "-".join([*words, _id(run)]) + _FORMATS[run_format].ending


def mime_type(run_format: RunFormat) -> str:
    """Returns the media type of a format."""
    return _FORMATS[run_format].mime


def _id(run: Mapping[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "", str(run.get("id", "")))[:40] or "run"


def _json(exported: Exported) -> bytes:
    return (json.dumps(exported, allow_nan=False) + "\n").encode()


def _events(exported: Exported) -> bytes:
    return tensorboard.to_zip(exported, folder=f"run-{_id(exported['run'])}")


_FORMATS: Final[Mapping[RunFormat, _FormatSpec]] = {
    RunFormat.HTML: _FormatSpec(".html", "text/html", lambda run: replay_html(run).encode(), is_binary=False),
    RunFormat.JSON: _FormatSpec(".json", "application/json", _json, is_binary=False),
    RunFormat.CSV: _FormatSpec(".csv", "text/csv", lambda run: table.to_csv(run).encode(), is_binary=False),
    RunFormat.PARQUET: _FormatSpec(".parquet", "application/vnd.apache.parquet", table.to_parquet, is_binary=True),
    RunFormat.TENSORBOARD: _FormatSpec(".tensorboard.zip", "application/zip", _events, is_binary=True),
}
