"""Weights out of files of strangers: what is read, and what is refused and never executed."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_viz.errors import DataError
from resnet_viz.nets import weights_file
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load_torchvision, to_torchvision
from resnet_viz.nets.weights_file import read_weights
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch
SMALL: dict[str, Any] = {"blocks": (1, 2, 1, 1), "num_classes": 7, "image_size": 64}


def small_net(name: str = "resnet18", **changes: Any) -> Net:
    return build(preset(name, **{**SMALL, **changes}))


class Payload:
    """Unpickling it touches a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


class SystemPayload(Payload):
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.pt"
    torch.save(to_torchvision(small_net()), path)
    return path


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
@pytest.mark.parametrize("is_zip", [True, False])
def test_a_good_file_is_read(tmp_path: Path, wrapper: str | None, is_zip: bool) -> None:
    state = to_torchvision(small_net())
    saved = {wrapper: state, "epoch": 90, "optimizer": {"lr": 0.1, "state": {0: torch.ones(2)}}} if wrapper else state
    torch.save(saved, tmp_path / "net.pt", _use_new_zipfile_serialization=is_zip)
    loaded = read_weights(tmp_path / "net.pt").tensors
    assert list(loaded) == list(state)
    assert all(torch.equal(loaded[key], state[key]) for key in state)
    load_torchvision(small_net(), loaded)


def test_parameters_come_back_as_plain_tensors(tmp_path: Path) -> None:
    torch.save({"a": torch.nn.Parameter(torch.ones(2))}, tmp_path / "net.pt")
    assert not read_weights(tmp_path / "net.pt").tensors["a"].requires_grad


@pytest.mark.parametrize("kind", [Payload, SystemPayload])
@pytest.mark.parametrize("form", ["zip", "old", "pickle2", "pickle4"])
def test_code_in_a_file_is_not_run(tmp_path: Path, kind: type[Payload], form: str) -> None:
    trace, path = tmp_path / "ran", tmp_path / "evil.pt"
    evil = {"conv1.weight": torch.ones(1), "x": kind(trace)} if form in ("zip", "old") else kind(trace)
    if form in ("zip", "old"):
        torch.save(evil, path, _use_new_zipfile_serialization=form == "zip")
    else:
        path.write_bytes(pickle.dumps(evil, protocol=int(form[-1])))
    with pytest.raises(DataError, match="never run"):
        read_weights(path)
    assert not trace.exists()


def test_a_whole_pickled_net_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "net.pt")
    with pytest.raises(DataError, match="save the weights alone"):
        read_weights(tmp_path / "net.pt")


@pytest.mark.parametrize("share", [0.001, 0.5, 0.99])
@pytest.mark.parametrize("is_zip", [True, False])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float, is_zip: bool) -> None:
    path = tmp_path / "net.pt"
    torch.save({"a": torch.ones(20_000)}, path, _use_new_zipfile_serialization=is_zip)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(DataError, match="truncated"):
        read_weights(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        read_weights(tmp_path / "net.pt")


@pytest.mark.parametrize("content", [b"hello, this is text\n" * 20, b"PK\x03\x04" * 50, b"\0" * 99])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.pt").write_bytes(content)
    with pytest.raises(DataError, match="not made by torch"):
        read_weights(tmp_path / "net.pt")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.pt", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DataError, match=r"a zip archive that torch.save did not make \(readme.txt\)"):
        read_weights(tmp_path / "net.pt")


def repacked(saved: bytes, path: Path, compression: int) -> None:
    with zipfile.ZipFile(io.BytesIO(saved)) as before, zipfile.ZipFile(path, "w", compression) as after:
        for entry in before.infolist():
            after.writestr(entry.filename, before.read(entry))


@pytest.fixture
def zeros() -> bytes:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(500_000)}, buffer)  # 2 MB, which pack to 2 kB
    return buffer.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, zeros: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    repacked(zeros, tmp_path / "bomb.pt", zipfile.ZIP_DEFLATED)
    assert (tmp_path / "bomb.pt").stat().st_size < 10_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_args, **_options: pytest.fail("was unpacked"))
    with pytest.raises(DataError, match=r"unpacks to 2,000,[0-9]{3} bytes, at most 1,000,000 are read"):
        read_weights(tmp_path / "bomb.pt", max_bytes=1_000_000)


def test_a_packed_file_within_bounds_is_read(tmp_path: Path, zeros: bytes) -> None:
    repacked(zeros, tmp_path / "packed.pt", zipfile.ZIP_DEFLATED)
    assert read_weights(tmp_path / "packed.pt", max_bytes=3_000_000).tensors["a"].shape == (500_000,)


def test_a_view_larger_than_its_file_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1).expand(10**9)}, tmp_path / "view.pt")
    with pytest.raises(DataError, match="its tensors have 4,000,000,000 bytes"):
        read_weights(tmp_path / "view.pt")


def test_a_file_too_large_on_disk_is_refused_unread(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_file, "read_torch_file", lambda *_args, **_options: pytest.fail("was read"))
    with pytest.raises(DataError, match="too large: it has"):
        read_weights(good, max_bytes=1000)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(DataError, match="no weights file"):
            read_weights(path)


@pytest.mark.parametrize(
    "content",
    [
        {1: torch.ones(2)},
        {"a": torch.ones(2).to_sparse()},
        {"a": torch.ones(2, device="meta")},
    ],
)
def test_what_is_no_flat_dict_of_tensors_is_refused(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "net.pt")
    with pytest.raises(DataError, match="no plain tensor under a name"):
        read_weights(tmp_path / "net.pt")


@pytest.mark.parametrize("content", [torch.ones(2), [torch.ones(2)], {}, 7])
def test_what_is_no_dict_is_refused(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "net.pt")
    with pytest.raises(DataError, match="tensors by name"):
        read_weights(tmp_path / "net.pt")
