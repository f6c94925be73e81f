"""Files made to take memory or time: refused within bounds, in a process of their own that is measured."""

import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_viz.resources import ROOT

MOST_MIB = 250  # the bounds of `weights.files.pickled` allow a million small objects

MEASURE = """
import resource, sys
from resnet_viz.errors import DataError
from resnet_viz.weights.files.shapes import read_shapes
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_shapes(sys.argv[1])
except DataError as refusal:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "torch" in sys.modules, refusal)
"""

TENSOR = (  # a key, and a tensor of %s numbers in the storage "0"
    b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
    b"X\x01\0\0\x000X\x03\0\0\0cpuJ%stQK\0J%s\x85K\x01\x85\x89NtRs."
)
BILLION = (10**9).to_bytes(4, "little")


def saved(path: Path, content: bytes, numbers: bytes = bytes(400)) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/data/0", numbers)


def million_keys(path: Path) -> None:
    saved(path, pickle.dumps({f"layer{number}.weight": 1 for number in range(1_000_000)}, 2))


def many_files(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(200_000):
            archive.writestr(f"archive/data/{number:060}", b"")


def stream_of_a_long_name(path: Path) -> None:
    start = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + pickle.dumps(1001, 2) + pickle.dumps({}, 2)
    path.write_bytes(start + b"\x80\x02c" + b"a" * 400_000_000)


def three_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(3 << 30)


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "million keys": (million_keys, "too many entries"),
    "many files": (many_files, "too many entries"),
    "billion numbers": (lambda path: saved(path, TENSOR % (BILLION, BILLION)), "claims 1,000,000,000 numbers"),
    "empty dicts": (lambda path: saved(path, b"\x80\x02(" + b"}" * 60_000_000 + b"t."), "too many entries"),
    "deep tuples": (lambda path: saved(path, b"\x80\x02)" + b"\x85" * 900_000 + b"."), "no tensors by name"),
    "deep lists": (
        lambda path: saved(path, b"\x80\x02" + b"]" * 450_000 + b"a" * 449_999 + b"."),
        "no tensors by name",
    ),
    "deep key": (lambda path: saved(path, b"\x80\x02})" + b"\x85" * 900_000 + b"Ns."), "an empty dict"),
    "claimed text": (lambda path: saved(path, b"\x80\x02X\xff\xff\xff\x7fabc."), "truncated"),
    "claimed place": (lambda path: saved(path, b"\x80\x02Nr\xff\xff\xff\xff."), "a single value"),
    "packed zeros": (lambda path: saved(path, b"\x80\x02}.", bytes(800_000_000)), "it unpacks to 800,000"),
    "long name": (stream_of_a_long_name, "too many entries"),
    "3 GB": (three_gigabytes, "too large: it has 3,221,225,472 bytes"),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no resource module")
@pytest.mark.parametrize("name", CASES)
def test_memory_is_bounded_and_torch_not_loaded(tmp_path: Path, name: str) -> None:
    make, message = CASES[name]
    make(tmp_path / "net.pth")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "net.pth")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kib, has_torch, refusal = done.stdout.split(" ", 2)
    assert message in refusal
    assert has_torch == "False"
    assert int(kib) < MOST_MIB * 1024
    (tmp_path / "net.pth").unlink()
