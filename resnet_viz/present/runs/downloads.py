"""The files that a run can be taken along as: one table of forms for page and command line."""

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from resnet_viz.present.runs.replay_html import replay_html
from resnet_viz.runs.formats import table, tensorboard

Exported = Mapping[str, Any]


class RunFormat(StrEnum):
    """What a run is exported as; the values stand on the command line."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    TENSORBOARD = "tensorboard"


class RunFile(NamedTuple):
    """A file to hand over.

    Attributes:
        name: of the file.
        content: of the file.
        mime: its media type.
        is_binary: whether it is no text.
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


def make_file(exported: Exported, form: RunFormat) -> RunFile:
    """Returns a run, as `export` gives it, in one of the forms.

    Raises:
        SpecError: a form that draws, and a recipe that this version does not know.
    """
    kind = _FORMATS[form]
    return RunFile(file_name(exported["run"], form), kind.make(exported), kind.mime, kind.is_binary)


def file_name(run: Mapping[str, Any], form: RunFormat) -> str:
    """Returns what the file of a run is called: its name, where it has one in Latin letters, and its id."""
    words = re.findall(r"[a-z0-9]+", str(run.get("name", "")).lower())[:6]
    return "-".join([*words, _id(run)]) + _FORMATS[form].ending


def mime_type(form: RunFormat) -> str:
    """Returns the media type of a form."""
    return _FORMATS[form].mime


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
