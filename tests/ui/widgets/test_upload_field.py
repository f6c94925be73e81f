"""The field for a file: names and limit of its reader, and no copy left in the server's memory."""

import tomllib
from types import SimpleNamespace
from typing import BinaryIO

import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from resnet_viz.attribution.sources import images, uploads
from resnet_viz.resources import ROOT
from resnet_viz.runs.formats import json_import
from resnet_viz.ui.widgets import upload_field
from resnet_viz.ui.widgets.upload_field import UploadRules
from resnet_viz.weights.files import formats
from tests.fakes.visiting import visit

MIB = 1 << 20
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def field(at: AppTest, key: str) -> tuple[set[str], int]:
    """Names and limit in MiB of a field."""
    (found,) = (one for one in at.file_uploader if one.key == key)
    return set(found.allowed_type), found.proto.max_upload_size_mb


def test_every_field_takes_what_its_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = CONFIG["server"]["maxUploadSize"]
    assert limit * MIB > formats.MAX_BYTES  # the file and the envelope in which a browser sends it
    monkeypatch.setattr(st, "get_option", lambda _name: limit)
    at = visit("attribution", pick="upload")
    assert field(at, "upload_net_file") == (set(formats.SUFFIXES), formats.MAX_BYTES // MIB)
    names, size = field(at, "upload_picture")
    assert names == set(images.SUFFIXES)
    assert (size - 1) * MIB < uploads.MAX_BYTES[uploads.UploadKind.IMAGE] <= size * MIB
    names, size = field(visit("runs"), "import")
    assert names == set(json_import.SUFFIXES)
    assert (size - 1) * MIB < json_import.MAX_BYTES <= size * MIB


def test_a_server_with_a_lower_limit_says_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", lambda _name: 50)
    rules = UploadRules(suffixes=(".pt", ".th", ".tar"), max_bytes=640 * MIB)
    assert (rules.limit_mib, rules.limit_bytes) == (50, 50 * MIB)
    assert rules.text() == "pt, th or tar, at most 50 MiB"


def test_a_file_that_was_taken_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = MemoryUploadedFileManager("/upload")
    record = UploadedFileRec(file_id="1", name="net.pth", type="", data=b"x" * 1_000)
    manager.add_file("session", record)
    file = UploadedFile(record, FileURLs())
    context = SimpleNamespace(uploaded_file_mgr=manager, session_id="session")
    monkeypatch.setattr(upload_field, "get_script_run_ctx", lambda: context)
    monkeypatch.setattr(upload_field, "activate_language", lambda: None)
    monkeypatch.setattr(st, "session_state", {"net": file})
    taken: list[bytes] = []

    def take(sent: BinaryIO) -> None:
        taken.append(sent.read())

    upload_field._taken("net", take)
    assert taken == [record.data]
    assert manager.get_files("session", ["1"]) == []
    assert file.getvalue() == b""  # the field's own copy, which Streamlit would copy at each run
