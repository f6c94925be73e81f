"""Pickles as data: what they build, what they would run and does not run, and where reading ends."""

import argparse
import collections
import contextlib
import datetime as dt
import enum
import io
import os
import pathlib
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.errors import DataError
from resnet_viz.weights.files import pickled
from resnet_viz.weights.files.hostile import is_hostile
from resnet_viz.weights.files.pickled import Inert, Name, read_pickle, shown

PROTOCOLS = range(6)


def read(content: bytes) -> Any:
    return read_pickle(io.BytesIO(content)).content


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from(range(3, 6)))
def test_plain_values_are_read_as_pickle_reads_them(value: Any, protocol: int) -> None:
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_values_of_all_protocols_are_read(protocol: int) -> None:
    value = {"a": [1, -2, 2**70, 1.5, None, True, (1,), (1, 2), (1, 2, 3, 4), "é"], 3: {"b": {}}}
    assert read(pickle.dumps(value, protocol)) == value


class Colour(enum.Enum):
    RED = 1


class Thing:
    def __init__(self) -> None:
        self.side = 3


class Items(dict[str, int]):
    pass


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        argparse.Namespace(lr=0.1),
        pathlib.PurePosixPath("x"),
        dt.datetime(2020, 1, 1),  # noqa: DTZ001
        {1, 2},
        Colour.RED,
        Thing(),
        Thing,
        slice(1, 2),
        collections.Counter("ab"),
        collections.deque([1]),
        1j,
    ],
    ids=lambda value: type(value).__name__,
)
def test_objects_beside_the_weights_are_names(value: object, protocol: int) -> None:
    found = read(pickle.dumps({"before": 1, "x": value, "after": 2}, protocol))
    assert isinstance(found["x"], Inert | Name)
    assert (found["before"], found["after"]) == (1, 2)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_kinds_of_dicts_keep_their_items(protocol: int) -> None:
    of_torch = (Items(a=1, b=2),) if protocol >= 2 else ()  # torch.save writes protocol 2 and later ones
    for value in (collections.OrderedDict(a=1, b=2), collections.defaultdict(int, a=1, b=2), *of_torch):
        assert read(pickle.dumps(value, protocol)).items == {"a": 1, "b": 2}


def test_an_ordered_dict_of_python_2_keeps_its_items() -> None:
    content = b"ccollections\nOrderedDict\np0\n((lp1\n(lp2\nS'a'\np3\naI1\naa(lp4\nS'b'\np5\naI2\naatp6\nRp7\n."
    assert read(content).items == {"a": 1, "b": 2}


STORAGE = "((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\6NtQ"  # of torch before 0.4, with a view


@pytest.mark.parametrize("kind", ["torch.nn.parameter\nParameter", "torch.autograd.variable\nVariable"])
def test_a_variable_of_torch_before_0_4_is_its_tensor(kind: str) -> None:
    tensor = f"ctorch._utils\n_rebuild_tensor\n{STORAGE}K\0K\2K\3\x86K\3K\1\x86tR"
    found = read(f"\x80\2c{kind}\n{tensor}\x85R\x89\x89}}\x87b.".encode("latin-1"))
    assert (found.shape, found.strides, found.storage.key, found.storage.num_bytes) == ((2, 3), (3, 1), "k", 24)


def calls(function: Callable[..., Any], *arguments: Any) -> Any:
    return type("Payload", (), {"__reduce__": lambda _self: (function, arguments)})()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_is_run(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "ran"
    for payload in (
        calls(os.system, f"touch {trace}"),
        calls(subprocess.Popen, ["touch", str(trace)]),
        calls(eval, f"open({str(trace)!r}, 'w')"),
        calls(exec, f"open({str(trace)!r}, 'w')"),
        calls(open, str(trace), "w"),
        calls(Path.touch, trace),
        calls(__import__, "os"),
        calls(pickle.loads, b""),
    ):
        with pytest.raises(DataError, match="never run"):
            read(pickle.dumps({"fc.weight": 1, "x": payload}, protocol))
    assert not trace.exists()


def test_a_class_of_ours_or_torch_is_not_made_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thing, "__setstate__", lambda *_: pytest.fail("was called"), raising=False)
    monkeypatch.setattr(Thing, "__new__", lambda *_: pytest.fail("was made"))
    found = read(pickle.dumps(object.__new__(Thing), 2) + b"")
    assert found.name.endswith("Thing")


@pytest.mark.parametrize("content", [b"cos\nsystem\n(S'x'\ntR.", b"(S'x'\nios\nsystem\n.", b"(cos\nsystem\nS'x'\no."])
def test_calls_of_the_oldest_pickles_are_seen(content: bytes) -> None:
    with pytest.raises(DataError, match=r"calls os\.system"):
        read(content)


def test_what_getattr_finds_is_not_called() -> None:
    with pytest.raises(DataError, match="never run"):
        read(b"cbuiltins\ngetattr\n(cmine\nClass\nS'run'\ntR(tR.")


@pytest.mark.parametrize("name", ["builtins eval", "os system", "posix system", "torch load", "pathlib Path.unlink"])
def test_hostile_names(name: str) -> None:
    assert is_hostile(*name.split(" "))


@pytest.mark.parametrize(
    "name",
    [
        "builtins set",
        "builtins ValueError",
        "collections OrderedDict",
        "argparse Namespace",
        "torch._utils _rebuild_tensor_v2",
        "pathlib PosixPath",
        "numpy.core.multiarray scalar",
        "omegaconf.dictconfig DictConfig",
        "__main__ Net",
        "test Net",
        "operators Net",
    ],
)
def test_harmless_names(name: str) -> None:
    assert not is_hostile(*name.split(" "))


def test_a_pickle_inside_of_a_file_ends_where_it_ends() -> None:
    file = io.BytesIO(pickle.dumps(1) + pickle.dumps(2) + b"rest")
    assert [read_pickle(file).content, read_pickle(file).content, file.read()] == [1, 2, b"rest"]


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(DataError):
        read(b"\x80\x02" + content + b".")


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=6), st.integers(0, 200))
def test_a_changed_pickle_is_read_or_refused(change: bytes, place: int) -> None:
    content = pickle.dumps({"a": [Thing(), collections.OrderedDict(a=(1, 2))], "b": "text"}, 2)
    with contextlib.suppress(DataError):
        read(content[:place] + change + content[place + len(change) :])


def test_operations_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "MAX_OPERATIONS", 100)
    with pytest.raises(DataError, match="too many entries"):
        read(pickle.dumps(list(range(200))))
    monkeypatch.setattr(pickled, "MAX_BYTES", 1_000)
    for content in (pickle.dumps("a" * 2_000), b"c" + b"a" * 2_000):
        with pytest.raises(DataError, match="too many entries"):
            read(content)


def test_names_are_shown_on_one_line_and_shortened() -> None:
    assert shown("conv1.weight") == "conv1.weight"
    assert shown("a\n\x1b\u202eb") == "a\ufffd\ufffd\ufffdb"
    assert len(shown("a" * 1_000)) == 60
