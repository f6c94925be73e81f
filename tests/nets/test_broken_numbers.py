"""NaN and infinite numbers are found by their bytes: against torch's own test, in every type, file and view."""

import io
import math
import zipfile
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from resnet_viz.cli.main import main
from resnet_viz.weights.files.shapes import read_shapes
from tests.weights import made_files

pytestmark = pytest.mark.torch
SMALL_TYPES = {
    torch.float16: torch.int16, torch.bfloat16: torch.int16, torch.float8_e4m3fn: torch.uint8,
    torch.float8_e5m2: torch.uint8, torch.float8_e4m3fnuz: torch.uint8, torch.float8_e5m2fnuz: torch.uint8,
    torch.float8_e8m0fnu: torch.uint8,
}  # fmt: skip
EDGES = (math.nan, -math.nan, math.inf, -math.inf)


def notes(path: Path, tensors: dict[str, Tensor]) -> tuple[str, ...]:
    torch.save(tensors, path)
    return read_shapes(path, checks_numbers=True).notes


@pytest.mark.parametrize("dtype", SMALL_TYPES, ids=str)
def test_every_number_of_a_small_type_is_judged_as_torch_judges_it(dtype: torch.dtype, tmp_path: Path) -> None:
    bits = SMALL_TYPES[dtype]
    every = torch.arange(256).to(torch.uint8) if bits is torch.uint8 else torch.arange(1 << 16).to(torch.int16)
    numbers = every.view(dtype)
    is_finite = numbers.to(torch.float32).isfinite()
    assert notes(tmp_path / "fine.pt", {"fc.weight": numbers[is_finite]}) == ()
    odd = numbers[~is_finite]
    assert len(odd)
    half = {f"{place}.weight": number for place, number in enumerate(odd[:: max(1, len(odd) // 300)])}
    (note,) = notes(tmp_path / "odd.pt", {key: number.clone() for key, number in half.items()})
    assert f"{len(half):,} of the {len(half):,} tensors hold numbers that are NaN or infinite" in note


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_largest_numbers_are_fine_and_the_ones_above_are_not(dtype: torch.dtype, tmp_path: Path) -> None:
    limits = torch.finfo(dtype)
    fine = torch.tensor([limits.max, limits.min, limits.tiny, -0.0, 2.0**127, 2.0**-149], dtype=dtype)
    assert notes(tmp_path / "fine.pt", {"fc.weight": fine}) == ()
    for edge in EDGES:
        (note,) = notes(tmp_path / "odd.pt", {"fc.weight": torch.tensor([1.0, edge], dtype=dtype), "fc.bias": fine})
        assert note.startswith(
            "These weights are broken: 1 of the 2 tensors hold numbers that are NaN or infinite ('fc."
        )


@pytest.mark.parametrize("place", [0, 65_535, 65_536, 70_000, 140_000])
@pytest.mark.parametrize("form", ["archive", "packed", "stream", "safetensors"])
def test_one_odd_number_is_found_wherever_it_lies_and_in_files_of_any_form(
    place: int, form: str, tmp_path: Path
) -> None:
    tensors = {"conv1.weight": torch.zeros(3), "fc.weight": torch.zeros(140_001), "count": torch.tensor(7)}
    path = tmp_path / f"a.{form}"
    for odd in (False, True):
        if odd:
            tensors["fc.weight"][place] = math.nan
        if form == "safetensors":
            safetensors.torch.save_file(tensors, path)
        else:
            torch.save(tensors, path, _use_new_zipfile_serialization=form != "stream")
        if form == "packed":
            path.write_bytes(packed(path.read_bytes()))
        found = read_shapes(path, checks_numbers=True).notes
        assert ["1 of the 2 tensors" in note and "'fc.weight'" in note for note in found] == [True] * odd
    assert read_shapes(path).notes == ()


def packed(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return sink.getvalue()


def test_only_the_numbers_of_a_view_count(tmp_path: Path) -> None:
    whole = torch.zeros(6, 8)
    whole[2, 5] = math.inf
    views = {
        "a": whole[:, :5], "b": whole[3:, 2:], "c": whole[::2, ::2], "d": whole.T[:5], "e": whole[:2].expand(2, 8),
        "f": whole[1, 0].expand(4, 4),
    }  # fmt: skip
    for key, view in views.items():
        assert view.isfinite().all()
        assert notes(tmp_path / "a.pt", {"fc.weight": view}) == (), key
    for view in (whole[:, 5:], whole[2], whole[::2, 1::2], whole.T[5], whole[2, 5].expand(3, 3), whole.T):
        assert len(notes(tmp_path / "a.pt", {"fc.weight": view})) == 1
    overlapping = torch.arange(5.0).as_strided((3, 3), (1, 1))
    overlapping[2, 1] = math.nan
    assert len(notes(tmp_path / "a.pt", {"fc.weight": overlapping})) == 1


def test_which_tells_of_broken_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = made_files.net()
    for broken in (0, 4):
        for key in [key for key in state if key.endswith("weight")][:broken]:
            state[key][..., 0] = math.nan
        torch.save({"state_dict": state, "optimizer": {"momentum": torch.tensor([math.nan])}}, tmp_path / "a.pth")
        assert main(["which", str(tmp_path / "a.pth")]) == 0
        said = capsys.readouterr().out
        assert said.startswith("resnet18 with blocks=1,1,1,1")
        assert ("are NaN or infinite ('conv1.weight', 'bn1.weight', 'layer1.0.conv1.weight', …)" in said) == bool(
            broken
        )
