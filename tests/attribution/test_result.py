"""Answers about nets as bytes and on the disk: checked when they come back, and never more of them than fit."""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resnet_viz.attribution import result, result_cache
from resnet_viz.attribution.query import from_json
from resnet_viz.attribution.result import pack, unpack
from resnet_viz.errors import DataError

KEY = "a" * 64
CONTENT = pack({"n": 1, "share": float("nan"), "names": ("a", "b")}, {"0.map": np.eye(3)})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    return tmp_path


def test_an_answer_comes_back_from_its_bytes() -> None:
    answer = unpack(CONTENT)
    assert answer.meta == {"n": 1, "share": None, "names": ["a", "b"]}  # JSON knows no NaN
    np.testing.assert_array_equal(answer.arrays["0.map"], np.eye(3))
    assert answer.arrays["0.map"].dtype == np.float32


def test_arrays_that_everyone_shares_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        unpack(CONTENT).arrays["0.map"][0, 0] = 2.0


@pytest.mark.parametrize("place", [10, 100, len(CONTENT) // 2, len(CONTENT) - 30])
def test_damaged_bytes_are_no_answer(place: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place : place + 8] = b"\xff" * 8
    for content in (bytes(damaged), CONTENT[:place], b"", b"PK\x03\x04"):
        try:
            answer = unpack(content)
        except DataError:
            continue
        np.testing.assert_array_equal(answer.arrays["0.map"], np.eye(3))  # only what nobody reads was damaged


def test_code_in_a_kept_answer_is_never_run(home: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(home / "ran"),)

    content = io.BytesIO()
    np.savez(content, meta=np.array([Payload()], dtype=object))
    for evil in (content.getvalue(), pickle.dumps(Payload())):
        with pytest.raises(DataError):
            unpack(evil)
    assert not (home / "ran").exists()


def test_an_answer_that_is_too_long_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match="Ask about less at once"):
        pack({}, {"a": np.zeros(result.MAX_BYTES // 4 + 1, np.float32)})


def test_a_kept_answer_is_recalled_and_a_damaged_one_goes() -> None:
    assert result_cache.load(KEY) is None
    result_cache.save(KEY, CONTENT)
    answer = result_cache.load(KEY)
    assert answer is not None
    assert answer.meta["n"] == 1
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
    result_cache.save("e" * 64, CONTENT, max_bytes=3 * len(CONTENT))
    assert [result_cache.load(key) is not None for key in [*keys, "e" * 64]] == [True, False, False, True, True]


def test_a_full_disk_loses_nothing_but_the_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result_cache.save(KEY, CONTENT)
    assert result_cache.load(KEY) is None
    assert not list(result_cache.folder().iterdir())


def test_every_part_of_a_question_is_part_of_its_key() -> None:
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
    ]
    keys = {result_cache.key_of(from_json({**fields, **changes})) for changes in [{}, *others]}
    assert len(keys) == 1 + len(others)
