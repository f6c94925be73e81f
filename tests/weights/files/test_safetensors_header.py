"""Headers of safetensors files: what is read, and what claims more than there is."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.errors import DataError
from resnet_viz.weights.files import safetensors_header
from resnet_viz.weights.files.shapes import read_shapes

GOOD = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def written(folder: Path, header: Any, data: bytes = bytes(24)) -> Path:
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    path = folder / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_keys_shapes_and_types_are_read(tmp_path: Path) -> None:
    half = {"dtype": "BF16", "shape": [12], "data_offsets": [0, 24]}
    found = read_shapes(written(tmp_path, {"__metadata__": {"format": "pt"}, "fc.weight": GOOD, "b": half}))
    assert found.shapes == {"fc.weight": (2, 3), "b": (12,)}
    assert found.dtypes == {"fc.weight": "float32", "b": "bfloat16"}
    assert (found.entry, found.entries, found.spec, found.notes) == ("", ("",), None, ())


@pytest.mark.parametrize(
    "tensor",
    [
        {**GOOD, "data_offsets": [0, 28]},
        {**GOOD, "data_offsets": [24, 0]},
        {**GOOD, "data_offsets": [-24, 0]},
        {**GOOD, "data_offsets": [4_000_000_000, 4_000_000_024]},
        {**GOOD, "shape": [1_000_000_000]},
        {**GOOD, "shape": [-2, -3]},
        {**GOOD, "shape": [2.0, 3]},
        {**GOOD, "shape": [True, 6]},
        {**GOOD, "shape": [1] * 40},
        {**GOOD, "shape": "23"},
        {"dtype": "F32", "shape": [2, 3]},
        {**GOOD, "dtype": 3},
        [],
        None,
    ],
)
def test_what_claims_more_than_there_is_is_refused(tmp_path: Path, tensor: Any) -> None:
    with pytest.raises(DataError, match="truncated, damaged or no safetensors file"):
        read_shapes(written(tmp_path, {"fc.weight": tensor}))


@pytest.mark.parametrize("header", [b"{", b"[]", b'{"a": ', b"{" * 100_000, b'{"a\xff": 1}'])
def test_a_damaged_header_is_refused(tmp_path: Path, header: bytes) -> None:
    with pytest.raises(DataError, match="truncated, damaged"):
        read_shapes(written(tmp_path, header))


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"fc.weight": GOOD})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"truncated, damaged"):
            read_shapes(path)


def test_a_long_header_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors_header, "MAX_HEADER_BYTES", 50)
    with pytest.raises(DataError, match=r"its header has 73 bytes, at most 50 are read"):
        read_shapes(written(tmp_path, {"fc.weight": GOOD}))


def test_unknown_types_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="of the type 'F4', which is not read here"):
        read_shapes(written(tmp_path, {"fc.weight": {**GOOD, "dtype": "F4"}}))
    with pytest.raises(DataError, match="no tensors by name"):
        read_shapes(written(tmp_path, {"__metadata__": {}}))


def test_complex_and_whole_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'fc\.weight' holds complex numbers"):
        read_shapes(written(tmp_path, {"fc.weight": {**GOOD, "dtype": "C64", "shape": [3]}}))
    with pytest.raises(DataError, match=r"'fc\.weight' holds whole numbers \(int8\)"):
        read_shapes(written(tmp_path, {"fc.weight": {**GOOD, "dtype": "I8", "shape": [24]}, "b": GOOD}))


def test_there_is_no_place_but_the_top(tmp_path: Path) -> None:
    path = written(tmp_path, {"fc.weight": GOOD})
    assert read_shapes(path, entry="").shapes
    with pytest.raises(DataError, match="without names such as 'ema'"):
        read_shapes(path, entry="ema")
