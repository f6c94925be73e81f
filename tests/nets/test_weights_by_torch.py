"""Weights files against torch itself: what torch.save and the library safetensors write comes back bit by bit."""

import argparse
import io
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_viz.errors import DataError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import to_torchvision
from resnet_viz.nets.weights_file import read_weights, write_weights
from resnet_viz.resources import ASSETS
from resnet_viz.spec.presets import preset
from resnet_viz.weights.files.shapes import read_shapes

pytestmark = pytest.mark.torch
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2)
SMALL: dict[str, Any] = {"blocks": (1, 1, 1), "num_classes": 4}


def small_net(name: str = "cifar_plain20") -> Net:
    return build(preset(name, **SMALL))


def same(one: Tensor, other: Tensor) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and bool(torch.equal(bits(one), bits(other)))


def bits(tensor: Tensor) -> Tensor:
    flat = tensor.detach().contiguous().reshape(-1)
    return flat.view(torch.uint8) if flat.numel() else torch.empty(0)


SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Tensor]:
    """Returns tensors of many types, views of a shared storage among them."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    base = torch.randn(64, generator=generator)
    state = {"fc.weight": torch.randn(3, 2, generator=generator)}
    for number in range(draw(st.integers(0, 5))):
        shape = draw(SHAPES)
        kind = draw(st.sampled_from(("own", "view", "transposed", "expanded", "parameter", "count", "flag")))
        made: Tensor = torch.randn(shape, generator=generator).to(draw(st.sampled_from(FLOATS)))
        if kind == "view":
            made = base[draw(st.integers(0, 40)) :: draw(st.integers(1, 3))]
        elif kind == "transposed":
            made = base[:12].reshape(3, 4).t()
        elif kind == "expanded":
            made = base[:1].expand(7)
        elif kind == "parameter":
            made = nn.Parameter(torch.randn(shape, generator=generator))
        elif kind == "count":
            made = torch.tensor(number, dtype=draw(st.sampled_from((torch.int64, torch.uint8, torch.int32))))
        elif kind == "flag":
            made = torch.tensor([True, False])
        state[f"layer{number}.x"] = made
    return state


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states(), st.booleans(), st.sampled_from((2, 3, 4, 5)))
def test_what_torch_saves_is_read_as_torch_loads_it(
    tmp_path: Path, state: dict[str, Tensor], is_zip: bool, protocol: int
) -> None:
    path = tmp_path / "net.pt"
    torch.save({"net": state, "epoch": 3}, path, _use_new_zipfile_serialization=is_zip, pickle_protocol=protocol)
    read, shapes = read_weights(path), read_shapes(path)
    assert list(read.tensors) == list(shapes.shapes) == list(state)
    for key, tensor in state.items():
        assert same(read.tensors[key], tensor), key
        assert read.tensors[key].stride() == tensor.stride()
        assert read.tensors[key].data_ptr() % tensor.element_size() == 0
        assert shapes.shapes[key] == tuple(tensor.shape)
        assert getattr(torch, shapes.dtypes[key]) is tensor.dtype
    assert read.entry == shapes.entry == "net"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states())
def test_what_safetensors_saves_is_read_likewise(tmp_path: Path, state: dict[str, Tensor]) -> None:
    plain = {key: tensor.detach().clone().contiguous() for key, tensor in state.items()}
    safetensors.torch.save_file(plain, tmp_path / "net.safetensors")
    read, shapes = read_weights(tmp_path / "net.safetensors"), read_shapes(tmp_path / "net.safetensors")
    assert set(read.tensors) == set(shapes.shapes) == set(state)
    assert all(same(read.tensors[key], tensor) for key, tensor in state.items())
    assert all(shapes.shapes[key] == tuple(tensor.shape) for key, tensor in state.items())
    assert all(getattr(torch, shapes.dtypes[key]) is tensor.dtype for key, tensor in state.items())


def test_tensors_of_one_storage_share_it_and_saving_them_again_is_no_larger(tmp_path: Path) -> None:
    tied = torch.randn(50, 50)
    torch.save({"a.weight": tied, "b.weight": tied, "other": torch.randn(300, 300)}, tmp_path / "net.pt")
    read = read_weights(tmp_path / "net.pt").tensors
    assert read["a.weight"].data_ptr() == read["b.weight"].data_ptr()
    torch.save({"a": read["a.weight"]}, tmp_path / "again.pt")
    assert (tmp_path / "again.pt").stat().st_size < 15_000


def test_a_changed_tensor_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    torch.save({"a.weight": torch.ones(50, 50)}, tmp_path / "net.pt")
    before = (tmp_path / "net.pt").read_bytes()
    read_weights(tmp_path / "net.pt").tensors["a.weight"].fill_(7)
    assert (tmp_path / "net.pt").read_bytes() == before


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
@pytest.mark.parametrize("name", ["cifar_plain20", "cifar_resnet20", "cifar_preact_resnet110", "cifar_bottleneck29"])
def test_a_written_file_opens_as_what_it_is(tmp_path: Path, name: str, suffix: str) -> None:
    net = small_net(name)
    write_weights(net, tmp_path / f"net{suffix}")
    read = read_weights(tmp_path / f"net{suffix}")
    assert read.spec == net.spec == read_shapes(tmp_path / f"net{suffix}").spec
    assert read.tensors.keys() == net.state_dict().keys()
    assert all(same(read.tensors[key], tensor) for key, tensor in net.state_dict().items())


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_file_with_torchvisions_keys_opens_as_what_it_is(tmp_path: Path, suffix: str) -> None:
    net = build(preset("resnet18", blocks=(1, 1, 1, 1), num_classes=3))
    write_weights(net, tmp_path / f"net{suffix}", has_torchvision_keys=True)
    read = read_weights(tmp_path / f"net{suffix}")
    assert set(read.tensors) == set(to_torchvision(net))
    assert read.spec == net.spec


def test_a_saved_state_dict_states_its_net_wherever_it_is_put(tmp_path: Path) -> None:
    net = small_net()
    for number, saved in enumerate(
        (
            net.state_dict(),
            {"state_dict": net.state_dict(), "epoch": 3},
            nn.DataParallel(net).state_dict(),
            nn.ModuleDict({"model": net}).state_dict(),
            nn.ModuleDict({"_orig_mod": net}).state_dict(),  # as torch.compile does,
        )
    ):
        torch.save(saved, tmp_path / f"{number}.pt")
        assert read_shapes(tmp_path / f"{number}.pt").spec == net.spec, number
    again = small_net()
    again.load_state_dict(torch.load(tmp_path / "0.pt", weights_only=True))
    assert list(torch.load(tmp_path / "0.pt", weights_only=True)) == list(net.state_dict())


def test_the_shipped_plain_net_is_known_by_its_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "downloaded.pt"
    copy.write_bytes((ASSETS / "nets" / "plain20.pt").read_bytes())
    assert read_weights(copy).spec == preset("cifar_plain20", in_channels=1, image_size=28)
    changed = torch.load(copy, weights_only=True)
    changed["head.fc.bias"][0] += 1
    torch.save(changed, copy)
    assert read_weights(copy).spec is None


def test_broken_weights_are_told_and_read(tmp_path: Path) -> None:
    for value, dtype in ((math.nan, torch.float32), (math.inf, torch.float16), (math.nan, torch.float8_e5m2)):
        odd = torch.ones(4, 5)
        odd[1, 2] = odd[3, 4] = value
        torch.save({"a.weight": torch.ones(3), "b.weight": odd.to(dtype)}, tmp_path / "net.pt")
        (note,) = read_weights(tmp_path / "net.pt").notes
        assert "2 of the 20 numbers of 'b.weight' are NaN or infinite" in note
    large = torch.full((9, 9), 3e38)  # finite, but not their sum
    torch.save({"a.weight": large}, tmp_path / "net.pt")
    assert read_weights(tmp_path / "net.pt").notes == ()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"fc.weight": torch.ones(2, 2, dtype=torch.complex64)}, r"'fc.weight' holds complex numbers \(complex64\)"),
        ({"fc.weight": torch.ones(2, 2, dtype=torch.int8), "b": torch.ones(2)}, r"holds whole numbers \(int8\)"),
        ({"a": torch.ones(2, 2, dtype=torch.int64)}, r"holds whole numbers \(int64\)"),
    ],
)
def test_weights_of_other_numbers_are_refused(tmp_path: Path, state: Any, message: str) -> None:
    torch.save(state, tmp_path / "net.pt")
    for read in (read_weights, read_shapes):
        with pytest.raises(DataError, match=message):
            read(tmp_path / "net.pt")


def test_a_file_with_a_namespace_and_other_values_opens(tmp_path: Path) -> None:
    beside = {
        "args": argparse.Namespace(lr=0.1),
        "path": Path("x"),
        "device": torch.device("cpu"),
        "size": torch.Size([1]),
    }
    torch.save({"model": {"fc.weight": torch.ones(2, 2)}, **beside}, tmp_path / "net.pt")
    assert read_weights(tmp_path / "net.pt").entry == "model"


def test_the_chosen_weights_are_those_of_the_place(tmp_path: Path) -> None:
    content = {"model": {"fc.weight": torch.zeros(2, 2)}, "model_ema": {"fc.weight": torch.ones(2, 2)}}
    torch.save(content, tmp_path / "net.pt")
    main = read_weights(tmp_path / "net.pt")
    assert float(main.tensors["fc.weight"].sum()) == 0
    assert main.entries == ("model", "model_ema")
    assert "others are at model_ema" in main.notes[0]
    chosen = read_weights(tmp_path / "net.pt", entry="model_ema")
    assert (float(chosen.tensors["fc.weight"].sum()), chosen.entry) == (4, "model_ema")


def test_weights_are_not_read_from_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"fc.weight": [2, 2]}')
    with pytest.raises(DataError, match="holds shapes at most"):
        read_weights(tmp_path / "a.json")


def test_an_archive_with_more_zeros_than_it_says_is_cut(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"a.weight": torch.ones(1000)}, buffer)
    with zipfile.ZipFile(buffer) as before, zipfile.ZipFile(tmp_path / "net.pt", "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            after.writestr(entry.filename, content[:-4] if "/data/" in entry.filename else content)
    with pytest.raises(DataError, match=r"'a.weight' of shape \(1000,\) claims 1,000 numbers"):
        read_weights(tmp_path / "net.pt")


def test_a_whole_net_is_refused_by_its_class(tmp_path: Path) -> None:
    for saved in (nn.Linear(2, 2), {"model": nn.Linear(2, 2), "epoch": 3}, nn.DataParallel(nn.Linear(2, 2))):
        torch.save(saved, tmp_path / "net.pt")
        with pytest.raises(DataError, match=r"object of the class torch\.nn\..*save the weights alone"):
            read_weights(tmp_path / "net.pt")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch no longer wants TorchScript, people have it
def test_a_torchscript_archive_is_refused(tmp_path: Path) -> None:
    torch.jit.trace(nn.Sequential(nn.Linear(2, 2)), torch.ones(1, 2)).save(str(tmp_path / "net.pt"))
    with pytest.raises(DataError, match=r"TorchScript archive.*torch\.jit\.load\(path\)\.state_dict\(\)"):
        read_weights(tmp_path / "net.pt")
