"""Names, limits and formats of weights files; what people take for one is refused by its own name."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from resnet_viz.errors import DataError
from resnet_viz.weights.files.formats import MAX_BYTES, SUFFIXES, SUFFIXES_OF_SHAPES, FileFormat, format_of, is_file
from resnet_viz.weights.files.shapes import read_shapes


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("_SLASH_", "/").replace("_DOT_", "."), content)
    return buffer.getvalue()


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        made.addfile(tarfile.TarInfo("model.pth"))
    return buffer.getvalue()


FOREIGN = {
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(99),
    "an array of numpy": b"\x93NUMPY\x01\0" + bytes(99),
    "packed by gzip": gzip.compress(b"a"),
    "bzip2": bz2.compress(b"a"),
    "xz or": lzma.compress(b"a"),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(9),
    "a packed archive": b"7z\xbc\xaf\x27\x1c" + bytes(9),
    "tar archive": tar(),
    "llama.cpp": b"GGUF\x03\0\0\0",
    "TensorFlow Lite": b"\x1c\0\0\0TFL3",
    "ONNX": b"\x08\x08\x12\x07pytorch\x1a\x05",
    "prototxt": b'name: "ResNet-50"\nlayer {',
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "web page": b"\n<!DOCTYPE html><html>",
    "an image": b"\x89PNG\r\n\x1a\n",
    "PDF": b"%PDF-1.7",
    "Keras model": archive(config_DOT_json=b"{}", model_DOT_weights_DOT_h5=b""),
    "numpy arrays": archive(arr_0_DOT_npy=b"x"),
    "torch.export": archive(x_SLASH_archive_format=b"pt2"),
    "TorchScript": archive(m_SLASH_data_DOT_pkl=b"", m_SLASH_constants_DOT_pkl=b"", m_SLASH_code_SLASH_a=b""),
    r"a zip archive .*\(model\.pth\); unpack it first": archive(model_DOT_pth=archive(a_SLASH_data_DOT_pkl=b"")),
    "truncated, damaged or not made by torch.save": b"nothing that is known",
    "This file is empty": b"",
    "lists the parts of weights": b'{"weight_map": {"a": "model-1.safetensors"}}',
    "no object of keys and shapes": b"[1, 2]",
    "holds no tensors by name, but a single value": b"\x80\x04K\x07.",
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("suffix", [".pth", ".h5"])
def test_another_file_is_refused_by_its_own_name(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(FOREIGN[name])
    with pytest.raises(DataError, match=name):
        read_shapes(tmp_path / f"a{suffix}")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\x03\x04", FileFormat.TORCH_ZIP),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", FileFormat.TORCH_STREAM),
        (b"\x80\x02}.", FileFormat.PICKLE),
        (b"\x80\x02\0\0\0\0\0\0{", FileFormat.SAFETENSORS),  # a length of 640 begins as a pickle does
        (b"{\x20\0\0\0\0\0\0{", FileFormat.SAFETENSORS),
        (b' \n{"a": [1]}', FileFormat.JSON),
    ],
)
def test_the_first_bytes_decide(tmp_path: Path, content: bytes, found: FileFormat) -> None:
    for name in ("a.pth", "a.json", "a"):
        (tmp_path / name).write_bytes(content)
        assert format_of(tmp_path / name) is found


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.pth").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(3 << 30)  # 3 GB, which take no room
    with pytest.raises(DataError, match=r"it has 3,221,225,472 bytes, at most 671,088,640 are read"):
        format_of(tmp_path / "a.pth")


def test_a_resnet152_and_a_vgg19_fit() -> None:
    assert max(241_000_000, 575_000_000) < MAX_BYTES


@pytest.mark.parametrize("name", ["none.pth", ".", "nul\0.pth", "a" * 3_000])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"no (weights|readable) file"):
        format_of(tmp_path / name)


def test_names_of_files(tmp_path: Path) -> None:
    assert {".pt", ".pth", ".th", ".ckpt", ".tar", ".bin", ".safetensors"} <= set(SUFFIXES)
    assert set(SUFFIXES_OF_SHAPES) == {*SUFFIXES, ".json"}
    (tmp_path / "weights").write_bytes(b"x")
    assert is_file(str(tmp_path / "weights"))
    assert all(is_file(name) for name in ("a.th", "model_best.pth.tar", "B.PTH", "shapes.json"))
    assert not any(is_file(text) for text in ("resnet50", "25.6M", "a\0b", "a" * 5_000))
