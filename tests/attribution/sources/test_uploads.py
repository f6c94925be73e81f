"""Uploads: streamed to the disk, bounded for one visitor and for all, and never beyond what the disk can spare."""

import hashlib
import io
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.uploads import UploadKind, find, keep
from resnet_viz.errors import DataError
from resnet_viz.weights.files import formats

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test's own, and no visitor that was here before."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    uploads._by_visitor.clear()
    yield tmp_path
    uploads._by_visitor.clear()


class InParts(io.BytesIO):
    """A file that refuses to be read at once."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= 1 << 20
        return super().read(size)

    def getvalue(self) -> bytes:
        raise AssertionError


def kept() -> set[str]:
    return {path.stem for path in uploads.folder().iterdir()}


def test_a_large_file_is_hashed_and_written_in_parts() -> None:
    content = bytes(range(256)) * 10_000
    sha256 = keep(InParts(content), UploadKind.NET)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert find(sha256, UploadKind.NET).read_bytes() == content
    assert kept() == {sha256}  # no draft is left


def test_the_limit_of_nets_is_that_of_their_reader() -> None:
    assert uploads.MAX_BYTES[UploadKind.NET] == formats.MAX_BYTES
    assert uploads.VISITOR_LIMITS.num_bytes >= 2 * formats.MAX_BYTES  # net a and net b
    assert uploads.LIMITS.num_bytes >= 2 * uploads.VISITOR_LIMITS.num_bytes


def test_a_visitor_who_sends_much_loses_the_own_oldest_files_and_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "VISITOR_LIMITS", FolderLimits(num_files=3, num_bytes=35))
    other = keep(b"o" * 10, UploadKind.NET, visitor="other")
    shared = keep(b"s" * 10, UploadKind.NET, visitor="mine")
    assert keep(b"s" * 10, UploadKind.NET, visitor="other") == shared
    mine = [keep(bytes([number]) * 10, UploadKind.NET, visitor="mine") for number in range(4)]
    assert kept() == {other, shared, *mine[1:]}
    large = keep(b"x" * 30, UploadKind.NET, visitor="mine")
    assert kept() == {other, shared, large}


def test_a_file_that_the_disk_cannot_spare_is_refused_with_both_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    free = uploads.FREE_BYTES + 1_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(2 * free, free, free))
    keep(bytes(1_000), UploadKind.NET)
    with pytest.raises(DataError, match="the disk of this server has 512 MiB free"):
        keep(bytes(1_001), UploadKind.NET)
    assert len(kept()) == 1


def test_a_draft_of_a_failed_upload_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(size)

    with pytest.raises(DataError, match="could not be kept"):
        keep(Broken(b"xyz"), UploadKind.NET)
    assert kept() == set()
