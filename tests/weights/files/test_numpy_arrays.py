"""Arrays of numpy in a pickle: read as tensors where they lie in the file, nothing called, no long row read."""

import io
import os
import pickle
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from resnet_viz.errors import DataError
from resnet_viz.spec.titles import title
from resnet_viz.weights.files.pickled import read_pickle
from resnet_viz.weights.files.shapes import read_shapes
from resnet_viz.weights.identify import identify_weights
from tests.weights.test_caffe2_keys import shapes_of

Arrays = dict[str, NDArray[Any]]
_NOISE = np.random.default_rng(0).standard_normal((40, 50))
ARRAYS: Arrays = {
    "conv1_w": _NOISE.astype("f4"),
    "short_w": np.arange(6, dtype="f4").reshape(2, 3),
    "columns_w": np.asfortranarray(_NOISE.astype("f4")),
    "short_columns_w": np.asfortranarray(np.arange(6, dtype="f2").reshape(2, 3)),
    "double_w": _NOISE,
    "count": np.array(7),
    "empty": np.zeros((0, 3), "f4"),
}


class _Python2(pickle._Pickler):
    """Writes bytes and texts as Python 2 wrote its one type for both."""

    dispatch: ClassVar[dict[Any, Any]] = dict(pickle._Pickler.dispatch)
    write: Callable[[bytes], object]
    memoize: Callable[[object], None]

    def save_text(self, value: str | bytes) -> None:
        content = value.encode("latin-1") if isinstance(value, str) else value
        short = len(content) < 256
        head = b"U" + bytes([len(content)]) if short else b"T" + len(content).to_bytes(4, "little")
        self.write(head + content)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_text


def _by_python_2(value: Any) -> bytes:
    content = io.BytesIO()
    _Python2(content, 2).dump(value)
    return content.getvalue()


WRITERS: dict[str, Callable[[Any], bytes]] = {
    "python 2": _by_python_2,
    **{f"protocol {number}": partial(pickle.dumps, protocol=number) for number in (3, 4, 5)},
}


@pytest.mark.torch
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("top", ["blobs", "model", ""])
def test_arrays_are_the_numbers_that_were_written(write: Callable[[Any], bytes], top: str, tmp_path: Path) -> None:
    from resnet_viz.nets.weights_file import read_weights

    path = tmp_path / "R-50.pkl"
    path.write_bytes(write({top: ARRAYS, "cfg": "MODEL: x\n" * 1_000} if top else ARRAYS))
    weights = read_weights(path)
    assert weights.entry == top
    assert list(weights.tensors) == list(ARRAYS)
    for key, array in ARRAYS.items():
        np.testing.assert_array_equal(weights.tensors[key].numpy(), array)
        assert weights.tensors[key].numpy().dtype == array.dtype


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_file_of_caffe2_names_its_net(write: Callable[[Any], bytes], tmp_path: Path) -> None:
    path = tmp_path / "R-18.pkl"
    blobs: Arrays = {key: np.zeros(shape, "f4") for key, shape in shapes_of("resnet18").items()}
    path.write_bytes(write({"blobs": {**blobs, "conv1_w_momentum": blobs["conv1_w"], "lr": np.float32(0.1)}}))
    found = identify_weights(read_shapes(path).shapes)
    assert title(found.spec) == "ResNet-18"
    assert set(found.extra) <= {"conv1_w_momentum", "lr"}


def test_no_long_row_is_read() -> None:
    rows = {f"w{number}": np.zeros(1 << 20, "f4") for number in range(4)}
    content = io.BytesIO(pickle.dumps(rows, 4))
    tracemalloc.start()
    found = read_pickle(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.rows) == 4
    assert peak < 1 << 20


def test_broken_numbers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(pickle.dumps({"blobs": {**ARRAYS, "bad_w": np.array([1.0, np.nan], "f4")}}, 4))
    (note,) = read_shapes(path, checks_numbers=True).notes
    assert "1 of the" in note
    assert "'bad_w'" in note


@pytest.mark.parametrize("array", [_NOISE.astype(">f4"), np.array(["a"]), np.array([object()]), np.zeros(2, "i4,f4")])
def test_an_array_of_an_unusual_type_is_refused_by_its_name(array: NDArray[Any], tmp_path: Path) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(pickle.dumps({"conv1_w": ARRAYS["conv1_w"], "fc.weight": array}, 4))
    with pytest.raises(DataError, match=r"'fc\.weight' is no plain tensor under a name, but an array of numpy"):
        read_shapes(path)


def test_a_shape_of_other_numbers_than_there_are_is_no_array(tmp_path: Path) -> None:
    path, content = tmp_path / "w.pkl", pickle.dumps({"fc.weight": ARRAYS["conv1_w"]}, 4)
    path.write_bytes(content.replace(b"K(K2\x86", b"K(K3\x86"))
    assert b"K(K2\x86" in content
    with pytest.raises(DataError, match="no plain tensor"):
        read_shapes(path)


@pytest.mark.parametrize("length", [-1, 1 << 31, 1 << 62])
def test_a_row_that_claims_more_than_there_is_is_refused(length: int, tmp_path: Path) -> None:
    row = b"T" + length.to_bytes(4, "little", signed=True) if length < 0 else b"\x8e" + length.to_bytes(8, "little")
    path = tmp_path / "w.pkl"
    path.write_bytes(b"\x80\x04" + row + b"x" * 9_000 + b".")
    with pytest.raises(DataError, match="truncated, damaged"):
        read_shapes(path)


def test_every_cut_is_refused(tmp_path: Path) -> None:
    path, content = tmp_path / "w.pkl", pickle.dumps({"blobs": ARRAYS}, 4)
    for length in range(20, len(content), 997):
        path.write_bytes(content[:length])
        with pytest.raises(DataError):
            read_shapes(path)


def test_what_an_array_holds_is_not_run(tmp_path: Path) -> None:
    trace, path = tmp_path / "ran", tmp_path / "w.pkl"
    code = type("Payload", (), {"__reduce__": lambda _self: (os.system, (f"touch {trace}",))})()
    path.write_bytes(pickle.dumps({"fc.weight": np.array([code])}, 4))
    with pytest.raises(DataError, match="never run"):
        read_shapes(path)
    assert not trace.exists()
