"""Answers about nets as bytes and on the disk: checked when they come back, and never more of them than fit."""

import io
import json
import os
import pickle
from dataclasses import replace
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resnet_viz.attribution import npz_codec, result_cache
from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.attribution.net_result import NetFacts, PickedImage
from resnet_viz.attribution.query import Topic, from_json
from resnet_viz.attribution.result import AboutResult, PickResult, from_npz, to_npz
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.attribution.upload_facts import OpenField, UploadFacts
from resnet_viz.errors import DataError
from resnet_viz.spec.presets import preset
from tests.fakes.attribution_results import fake_result, query_of

KEY = "a" * 64
ABOUT = AboutResult(
    nets=(
        NetFacts(
            place=0,
            ref=NetRef.parse("run:34ca81297230/1/470"),
            title="ResNet-20",
            weights="0" * 16,
            data=None,
            step=470,
            is_guess=True,
            mean=(0.25,),
            std=(0.5,),
            class_names=("shoe", "boot"),
        ),
    ),
    specs=((preset("resnet18"),), (preset("vgg16"),), ()),
    uploads=(
        UploadFacts(
            specs=(preset("cifar_plain20"), preset("cifar_resnet20")),
            open_fields=(OpenField(field="shortcut", values=("none", "identity")),),
            agreement=(181, 23),
            extra=("total_ops",),
        ),
        None,
    ),
    seconds=1.5,
)
PICKED = PickedImage(
    ref=ImageRef.parse("data:fashion_mnist_subset/3"),
    label=3,
    predicted=4,
    confidence=nan,
    pixels_CHW=np.eye(3, dtype=np.float32)[None],
)
CONTENT = to_npz(PickResult(images=(PICKED,)))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    return tmp_path


def picked(content: bytes) -> PickedImage:
    found = from_npz(content)
    assert isinstance(found, PickResult)
    (one,) = found.images
    return one


def test_a_result_comes_back_from_its_bytes() -> None:
    about = from_npz(to_npz(ABOUT))
    assert isinstance(about, AboutResult)
    assert (about.specs, about.uploads, about.seconds) == (ABOUT.specs, ABOUT.uploads, 1.5)
    for name in NetFacts.__dataclass_fields__:
        assert getattr(about.nets[0], name) == getattr(ABOUT.nets[0], name)
    one = picked(CONTENT)
    assert (one.ref, one.label, one.predicted) == (PICKED.ref, 3, 4)
    assert isnan(one.confidence)  # which JSON does not know
    np.testing.assert_array_equal(one.pixels_CHW, PICKED.pixels_CHW)
    assert one.pixels_CHW.dtype == np.float32


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_a_result_that_comes_back_from_its_bytes(topic: Topic) -> None:
    result = fake_result(query_of(topic))
    content = to_npz(result)
    again = from_npz(content)
    assert type(again) is type(result)
    assert to_npz(again) == content


def test_shared_arrays_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        picked(CONTENT).pixels_CHW[0, 0, 0] = 2.0


@pytest.mark.parametrize("place", [10, 100, len(CONTENT) // 2, len(CONTENT) - 30])
def test_damaged_bytes_are_no_result(place: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place : place + 8] = b"\xff" * 8
    for content in (bytes(damaged), CONTENT[:place], b"", b"PK\x03\x04"):
        try:
            one = picked(content)
        except DataError:
            continue
        np.testing.assert_array_equal(one.pixels_CHW, PICKED.pixels_CHW)  # only unread bytes were damaged


def npz(meta: Any, **arrays: Any) -> bytes:
    content = io.BytesIO()
    text = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    np.savez(content, allow_pickle=False, meta=text, **arrays)
    return content.getvalue()


FIELDS = {"ref": {"kind": "data", "name": "x", "index": 3}, "label": 3, "predicted": 4, "confidence": 0.5}


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "3"},
        {"label": 3.5},
        {"label": True},
        {"label": None},
        {"ref": {"kind": "data", "name": "x"}},
        {"ref": {"kind": "nowhere", "name": "x", "index": 3}},
        {"sentence": ""},
    ],
    ids=str,
)
def test_a_field_of_another_layout_is_refused(changes: dict[str, Any]) -> None:
    def content(entry: dict[str, Any], **arrays: Any) -> bytes:
        return npz({"type": "PickResult", "fields": {"seconds": None, "images": [entry]}}, **arrays)

    pixels = {"images.0.pixels_CHW": np.zeros((1, 2, 2), np.float32)}
    whole = FIELDS | {"pixels_CHW": None}
    assert picked(content(whole, **pixels)).confidence == 0.5
    for broken in (
        content(whole | changes, **pixels),
        content(whole),
        content(whole, **pixels, more=np.zeros(1, np.float32)),
        content(whole, **{name: values.astype(np.float64) for name, values in pixels.items()}),
        npz({"type": "NetRef", "fields": {}}),
        npz({"topic": "pick", "nets": []}),  # as versions before wrote it
    ):
        with pytest.raises(DataError):
            from_npz(broken)


def test_code_in_a_kept_answer_is_never_run(home: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(home / "ran"),)

    content = io.BytesIO()
    np.savez(content, meta=np.array([Payload()], dtype=object))
    for evil in (content.getvalue(), pickle.dumps(Payload())):
        with pytest.raises(DataError):
            from_npz(evil)
    assert not (home / "ran").exists()


def test_an_answer_that_is_too_long_is_refused_in_a_sentence() -> None:
    large = replace(PICKED, pixels_CHW=np.zeros(npz_codec.MAX_BYTES // 4 + 1, np.float32))
    with pytest.raises(DataError, match="Reduce the query"):
        to_npz(PickResult(images=(large,)))


def test_a_kept_answer_is_recalled_and_a_damaged_one_goes() -> None:
    assert result_cache.load(KEY) is None
    result_cache.save(KEY, CONTENT)
    assert isinstance(result_cache.load(KEY), PickResult)
    (path,) = result_cache.folder().iterdir()
    path.write_bytes(CONTENT[:-40])
    assert result_cache.load(KEY) is None
    assert not path.exists()


def test_the_answers_that_nobody_looked_at_longest_go() -> None:
    keys = [letter * 64 for letter in "abcd"]
    for age, key in enumerate(keys):
        result_cache.save(key, CONTENT)
        os.utime(result_cache.folder() / f"{key}.npz", (age, age))
    assert result_cache.load(keys[0]) is not None  # which makes it the newest
    result_cache.save("e" * 64, CONTENT, limits=FolderLimits(num_bytes=3 * len(CONTENT)))
    assert [result_cache.load(key) is not None for key in [*keys, "e" * 64]] == [True, False, False, True, True]


def test_a_full_disk_loses_nothing_but_the_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result_cache.save(KEY, CONTENT)
    assert result_cache.load(KEY) is None
    assert not list(result_cache.folder().iterdir())


def test_every_part_of_a_query_is_part_of_its_key() -> None:
    fields = {
        "topic": "maps",
        "nets": ["torchvision:resnet18"],
        "picture": "data:fashion_mnist/1",
        "method": "saliency",
    }
    others: list[dict[str, Any]] = [
        {"nets": ["torchvision:resnet34"]},
        {"picture": "data:fashion_mnist/2"},
        {"method": "grad_cam"},
        {"params": {"steps": 20}},
        {"layer": "stage1.block1"},
        {"baseline": "white"},
        {"target": 1},
        {"seed": 1},
        {"options": {"also": "grad_cam"}},
        *(
            {"nets": [f"upload:{KEY}{settings}"]}
            for settings in ("", "/shortcut=none", "/mean=0.5", "/image_size=40", f"/classes={KEY}", "/entry=model_ema")
        ),
    ]
    keys = {result_cache.key_of(from_json({**fields, **changes})) for changes in [{}, *others]}
    assert len(keys) == 1 + len(others)
