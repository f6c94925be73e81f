"""A net as an ONNX file: what onnxruntime makes of it, its names, and what must not get into it."""

from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch

from resnet_viz.cli.main import main
from resnet_viz.errors import BudgetError, DataError
from resnet_viz.nets import onnx as written
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load, to_torchvision
from resnet_viz.plan.lower import lower
from resnet_viz.resources import ROOT
from resnet_viz.spec.enums import DimMatch
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.weights.renamed import NAMINGS, renamed

pytestmark = pytest.mark.torch

SPECS = {
    "zero padding": preset("cifar_resnet8"),
    "pre-activation": preset("cifar_preact_resnet8"),
    "plain": preset("cifar_plain8", in_channels=1, image_size=14),
    "bottleneck": preset("resnext50_32x4d", blocks=(1, 1, 1, 1), image_size=64, dilated_stages=(4,)),
    "dilated basic blocks": preset("resnet18", blocks=(1, 1, 2, 1), image_size=64, dilated_stages=(3, 4)),
    "bare projections": preset("d2l_resnet18", blocks=(1, 1, 1, 1), image_size=64),
    "no norm": preset("cifar_resnet8", norm="none", conv_bias=True),
}


def logits_of(path: Path, x_NCHW: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (put_in,), (got_out,) = session.get_inputs(), session.get_outputs()
    assert (put_in.name, got_out.name) == ("image", "logits")
    assert (put_in.shape[0], got_out.shape[0]) == ("batch", "batch")
    return torch.from_numpy(session.run(None, {"image": x_NCHW.numpy()})[0])


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_onnxruntime_computes_what_torch_does_for_any_number_of_images(spec: NetSpec, tmp_path: Path) -> None:
    net, plan, path = build(spec, seed=1), lower(spec), tmp_path / "net.onnx"
    with torch.no_grad():
        for buffer in net.buffers():  # statistics as of a trained net
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(0))
    told = written.write_onnx(net, plan, path)
    assert told.difference <= written.TOLERANCE
    assert net.training
    net.eval()
    for batch in (1, 5):
        x_NCHW = torch.randn(batch, *plan.input_shape, generator=torch.Generator().manual_seed(batch))
        with torch.no_grad():
            expected = net(x_NCHW)
        torch.testing.assert_close(logits_of(path, x_NCHW), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_nodes_and_weights_go_by_the_plans_names(spec: NetSpec, tmp_path: Path) -> None:
    net, plan, path = build(spec), lower(spec), tmp_path / "net.onnx"
    told = written.write_onnx(net, plan, path)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names) == told.num_nodes
    planned = {node.name for node in plan.nodes}
    layers = [name for name in names if name in planned]
    assert layers == [node.name for node in plan.nodes if node.name in layers]  # in running order
    missing = planned - set(layers)
    assert all("norm" in name for name in missing)  # folded into the convolution before
    assert all(name.startswith(("head.", *(f"{layer}." for layer in layers))) for name in set(names) - planned)
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    assert [node.input[1] for node in convolutions] == [f"{node.name}.weight" for node in convolutions]


@pytest.mark.parametrize(
    ("name", "size"), [("zero padding", 1), ("pre-activation", 32), ("dilated basic blocks", (40, 24))]
)
def test_a_file_of_free_size_computes_what_torch_does_at_any_size(
    name: str, size: int | tuple[int, int], tmp_path: Path
) -> None:
    spec = SPECS[name].replace(image_size=size)
    net, plan, path = build(spec, seed=1), lower(spec), tmp_path / "net.onnx"
    told = written.write_onnx(net, plan, path, is_size_free=True)
    assert (told.sizes[0], len(told.sizes)) == (spec.image_sides, 2)
    put_in = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()[0]
    assert put_in.shape == ["batch", spec.in_channels, "height", "width"]
    for sides in ((1, 1), (33, 70), (97, 5)):
        x_NCHW = torch.randn(1, spec.in_channels, *sides, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            expected = net.eval()(x_NCHW)
        torch.testing.assert_close(logits_of(path, x_NCHW), expected, atol=1e-4, rtol=1e-4)


def test_the_command_frees_the_size_where_it_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "net.onnx")
    assert main(["export", "cifar_resnet8", "--free-size", "--onnx", path]) == 0
    said = capsys.readouterr().out
    assert "image (batch, 3, height, width) to logits (batch, 10)" in said
    assert "on 6 random images" in said
    narrow = ["--set", "widths=4,4,4,4,4", "--set", "hidden_features=8"]
    assert main(["export", "vgg11", *narrow, "--free-size", "--onnx", path]) == 2
    assert "pools to 7×7 pieces" in capsys.readouterr().err


@pytest.mark.parametrize("spec", [SPECS["zero padding"], preset("vgg11", widths=(4,) * 5, hidden_features=8)])
def test_a_net_for_images_that_are_no_squares_is_written_for_its_own_size(spec: AnySpec, tmp_path: Path) -> None:
    spec = spec.replace(image_size=(33, 72))
    path = tmp_path / "net.onnx"
    written.write_onnx(build(spec), lower(spec), path)
    put_in = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()[0]
    assert put_in.shape == ["batch", 3, 33, 72]


def test_the_file_tells_nothing_of_this_machine(tmp_path: Path) -> None:
    spec, path = SPECS["zero padding"], tmp_path / "net.onnx"
    written.write_onnx(build(spec), lower(spec), path)
    content = path.read_bytes()
    assert str(ROOT).encode() not in content
    assert b"site-packages" not in content
    assert b".py" not in content


def test_a_file_that_differs_from_torch_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, path = SPECS["plain"], tmp_path / "net.onnx"
    path.write_bytes(b"before")
    monkeypatch.setattr(written, "TOLERANCE", -1.0)
    with pytest.raises(DataError, match=r"was not kept: its logits differ"):
        written.write_onnx(build(spec), lower(spec), path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"before"]


def test_a_net_too_large_for_one_file_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = SPECS["plain"]
    monkeypatch.setattr(written, "MAX_BYTES", 1_000)
    with pytest.raises(BudgetError, match="one ONNX file holds at most 1,000"):
        written.write_onnx(build(spec), lower(spec), tmp_path / "net.onnx")


@pytest.mark.parametrize("keys", ["ours", "torchvision's"])
def test_a_checkpoint_goes_in_under_either_names(keys: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = {"num_classes": 7, "image_size": 32}
    net = build(preset("resnet18", **changes), seed=5)
    torch.save(net.state_dict() if keys == "ours" else to_torchvision(net), tmp_path / "weights.pt")
    sets = [word for field, value in changes.items() for word in ("--set", f"{field}={value}")]
    arguments = ["export", "resnet18", *sets, "--weights", str(tmp_path / "weights.pt")]
    assert main([*arguments, "--onnx", str(tmp_path / "net.onnx")]) == 0
    assert "image (batch, 3, 32, 32) to logits (batch, 7). The largest difference" in capsys.readouterr().out
    x_NCHW = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = net.eval()(x_NCHW)
    torch.testing.assert_close(logits_of(tmp_path / "net.onnx", x_NCHW), expected, atol=1e-4, rtol=1e-4)


def test_a_checkpoint_of_a_cifar_repository_goes_in_and_what_is_left_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = build(preset("cifar_resnet8", dim_match=DimMatch.PROJECTION), seed=5)
    shortcut = NAMINGS[2]
    state = {f"module.{key}": tensor for key, tensor in renamed(net.state_dict(), shortcut).items()}
    torch.save({**state, "module.total_ops": torch.zeros(1)}, tmp_path / "resnet8.pth")
    arguments = ["export", "cifar_resnet8", "--set", "dim_match=projection", "--weights", str(tmp_path / "resnet8.pth")]
    assert main([*arguments, "--onnx", str(tmp_path / "net.onnx")]) == 0
    assert "One tensor belongs to no layer and is left out: 'module.total_ops'." in capsys.readouterr().out
    x_NCHW = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = net.eval()(x_NCHW)
    torch.testing.assert_close(logits_of(tmp_path / "net.onnx", x_NCHW), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["export", "resnet18", "--onnx", "net.onnx", "--weights"], "These weights are of another net: "),
        (["export", "cifar_resnet8", "--onnx", "net.onnx", "--weights"], "These weights are of another net: "),
    ],
)
def test_weights_of_another_net_are_refused_by_their_first_difference(
    command: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(build(preset("cifar_resnet14")).state_dict(), "other.pt")
    assert main([*command, "other.pt"]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not Path("net.onnx").exists()


def test_a_checkpoint_is_recognised_and_a_damaged_one_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"state_dict": build(preset("cifar_resnet14", num_classes=100)).state_dict(), "epoch": 3}, path)
    assert main(["which", str(path)]) == 0
    assert capsys.readouterr().out.startswith("cifar_resnet14 with num_classes=100")
    for content in (path.read_bytes()[:5_000], b"", b"not a checkpoint"):
        path.write_bytes(content)
        assert main(["which", str(path)]) == 2
        assert "truncated, damaged or not made by torch.save" in capsys.readouterr().err
    assert main(["which", str(tmp_path / "none.pt")]) == 2
    assert "There is no weights file" in capsys.readouterr().err


def test_loading_takes_all_or_nothing() -> None:
    net = build(preset("cifar_resnet8"))
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    other = build(preset("cifar_resnet8"), seed=9).state_dict()
    other.pop("head.fc.bias")
    with pytest.raises(DataError, match=r"'head\.fc\.bias' is missing"):
        load(net, other)
    assert all(torch.equal(tensor, before[key]) for key, tensor in net.state_dict().items())
