"""VGG nets: the plan is the module, the module is torchvision's, and so is the file that is taken home.

The reference forward is written with torch.nn.functional over torchvision's keys and shares no code with ours.
"""

import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.analysis.report import analyse
from resnet_viz.errors import DataError, SpecError
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load_torchvision, to_torchvision
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import torchvision_names
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import VGG, VggSpec
from resnet_viz.weights.files.formats import MAX_BYTES
from tests.contract.test_plan_equals_torch import check_against_module, check_kept_bytes
from tests.contract.test_receptive_field_by_gradient import span

pytestmark = pytest.mark.torch

SIZES = (4, 9, 33, 64)  # 1, 2, 8 and 16 px before the adaptive pool: repeated, overlapping and plain pieces
DETAILS = list(itertools.product(Norm, (False, True), SIZES))
BN_EPS = 1e-5


def small(norm: Norm = Norm.NONE, *, conv_bias: bool = True, image_size: int = 33, **fields: Any) -> VggSpec:
    usual: dict[str, Any] = {"blocks": (1, 3), "widths": (3, 4), "hidden_features": 6, "in_channels": 2}
    return VggSpec(norm=norm, conv_bias=conv_bias, image_size=image_size, num_classes=5, **(usual | fields))


def like_torchvision(norm: Norm) -> VggSpec:
    """The head of torchvision behind few and narrow convolutions."""
    return small(norm, blocks=(1, 2), widths=(3, 512), hidden_features=4096, image_size=28)


def random_state(net: nn.Module) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(1)
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=draw)
        elif tensor.is_floating_point():
            tensor.normal_(std=0.7 / max(1, tensor[0].numel()) ** 0.5 if tensor.dim() > 1 else 0.3, generator=draw)
    return net.state_dict()


def reference_logits(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """A VGG of torchvision in eval mode, from its keys: a number left out more than a convolution needs is a pool."""
    numbers = sorted({int(key.split(".")[1]) for key in state if key.startswith("features.")})
    convs = [number for number in numbers if state[f"features.{number}.weight"].dim() == 4]
    has_norm = len(convs) < len(numbers)
    for number, following in zip(convs, [*convs[1:], 10**6], strict=True):
        x = F.conv2d(x, state[f"features.{number}.weight"], state[f"features.{number}.bias"], padding=1)
        if has_norm:
            name = f"features.{number + 1}"
            mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
            x = (x - mean[:, None, None]) / torch.sqrt(var + BN_EPS)[:, None, None]
            x = x * state[f"{name}.weight"][:, None, None] + state[f"{name}.bias"][:, None, None]
        x = x.relu()
        if following - number > 2 + has_norm:
            x = F.max_pool2d(x, 2, 2)
    x = F.adaptive_avg_pool2d(x, 7).flatten(1)
    for number in (0, 3):
        x = F.linear(x, state[f"classifier.{number}.weight"], state[f"classifier.{number}.bias"]).relu()
    return F.linear(x, state["classifier.6.weight"], state["classifier.6.bias"])


@pytest.mark.parametrize("net", VGG)
def test_names_shapes_parameters_and_macs_of_the_named_nets_are_those_of_the_module(net: str) -> None:
    check_against_module(preset(net))
    plan = lower(preset(net))
    built = build(plan.spec, device="meta")
    assert list(torchvision_names(plan)) == list(built.state_dict())
    assert list(torchvision_names(plan).values()) == list(to_torchvision(built))


@pytest.mark.parametrize(("norm", "conv_bias", "image_size"), DETAILS)
def test_names_shapes_parameters_macs_and_kept_bytes_are_those_of_the_module(
    norm: Norm, conv_bias: bool, image_size: int
) -> None:
    spec = small(norm, conv_bias=conv_bias, image_size=image_size)
    check_against_module(spec)
    check_kept_bytes(spec)
    analysis, net = analyse(lower(spec)), build(spec, device="meta")
    for row in (*analysis.parts, *analysis.blocks):
        assert row.params == sum(p.numel() for p in net.get_submodule(row.name).parameters()), row.name
    assert list(net.blocks) == [row.name for row in analysis.blocks]


@pytest.mark.parametrize("norm", Norm)
@torch.no_grad()
def test_loaded_weights_give_the_logits_of_a_forward_written_apart(norm: Norm) -> None:
    spec = like_torchvision(norm)
    first, ours = build(spec, seed=1), build(spec, seed=2).eval()
    random_state(first)
    state = to_torchvision(first)
    load_torchvision(ours, state)
    assert all(torch.equal(tensor, first.state_dict()[key]) for key, tensor in ours.state_dict().items())
    x = torch.randn(2, 2, 28, 28, generator=torch.Generator().manual_seed(1))
    expected = reference_logits(state, x)
    assert expected.std() > 0.05  # or equality would say nothing
    torch.testing.assert_close(ours(x), expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


def test_weights_of_another_net_are_refused() -> None:
    net = build(like_torchvision(Norm.NONE))
    state = to_torchvision(net)
    with pytest.raises(DataError, match=r"classifier\.6\.bias is missing"):
        load_torchvision(net, {key: tensor for key, tensor in state.items() if key != "classifier.6.bias"})
    with pytest.raises(SpecError, match="torchvision's last stage is 512 wide"):
        to_torchvision(build(small()))


def test_the_largest_named_net_fits_into_a_weights_file() -> None:
    largest = max(analyse(lower(preset(net))).totals.params for net in VGG)
    assert 4 * largest + 1_000_000 < MAX_BYTES  # float32, and the archive around it


def test_initial_weights_are_torchvisions() -> None:
    net = build(small(Norm.BATCH, widths=(64, 128), hidden_features=512, image_size=28))
    for name, parameter in net.named_parameters():
        is_weight = name.endswith("weight")
        if ".norm" in name:
            assert torch.all(parameter == (1 if is_weight else 0)), name
        elif not is_weight:
            assert not parameter.any(), name
        else:  # torchvision 0.29.2: kaiming_normal_ by fan-out for convolutions, normal_(0, 0.01) for the fc
            std = 0.01 if ".fc" in name else (2 / (parameter.shape[0] * 9)) ** 0.5
            scatter = 4 / (2 * parameter.numel()) ** 0.5  # four standard errors of a standard deviation
            assert parameter.std().item() == pytest.approx(std, rel=scatter), name


def test_dropout_is_there_in_training_and_nowhere_else() -> None:
    net = build(small(hidden_features=4096))
    x = torch.randn(1, 2, 33, 33, generator=torch.Generator().manual_seed(1))
    seen: list[float] = []

    def note(_module: nn.Module, inputs: tuple[Tensor], out: Tensor) -> None:
        alive = inputs[0] != 0
        seen.append(float((out[alive] == 0).float().mean()))

    net.get_submodule("head.dropout1").register_forward_hook(note)
    net(x)
    net.eval()(x)
    assert seen == [pytest.approx(0.5, abs=0.05), 0]  # Simonyan and Zisserman 2014, section 3.1: a half


@pytest.mark.parametrize(
    ("blocks", "side"),
    [((2, 2, 3), 56), ((1, 2), 36)],  # 7 and 9 px behind the last stage: pieces of one pixel, and overlapping ones
)
def test_field_and_jump_are_the_support_of_a_gradient(blocks: tuple[int, ...], side: int) -> None:
    spec = VggSpec(
        blocks=blocks, widths=(1,) * len(blocks), hidden_features=1, in_channels=1, image_size=side, num_classes=2
    )
    net = build(spec).double().eval()
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    for number in range(1, len(blocks) + 1):  # a maximum has the gradient of one pixel; a mean has all
        net.get_submodule(f"stage{number}").pool = nn.AvgPool2d(2, 2)
    found: dict[str, Tensor] = {}
    for name, module in net.named_modules():
        module.register_forward_hook(lambda _m, _i, out, name=name: found.update({name: out}))
    x_NCHW = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    net(x_NCHW)
    seen = {row.name: row.field for row in analyse(lower(spec)).nodes}
    num_checked = 0
    for name in [name for name in seen if name.rpartition(".")[2] in ("conv1", "pool") and name != "head.pool"]:
        middle = found[name].shape[-1] // 2
        spans = []
        for column in (middle, middle + 1):
            (gradient,) = torch.autograd.grad(found[name][0, :, middle, column].sum(), x_NCHW, retain_graph=True)
            spans.append(span(gradient))
        (first, last), (next_first, _next_last) = spans
        if first > 0 and last < side - 1:
            num_checked += 1
            assert (last - first + 1, next_first - first) == seen[name], name
    assert num_checked >= sum(blocks)


def largest_piece(side: int) -> int:
    """Pixels that the widest of the seven pieces of a map depends on, by the gradient of torch's own pool."""
    x_NCHW = torch.ones(1, 1, side, side, requires_grad=True)
    out = F.adaptive_avg_pool2d(x_NCHW, 7)
    widths = []
    for column in range(7):
        (gradient,) = torch.autograd.grad(out[0, 0, 3, column], x_NCHW, retain_graph=True)
        first, last = span(gradient)
        widths.append(last - first + 1)
    return max(widths)


@pytest.mark.parametrize("side", [*range(1, 23), 28])
def test_the_largest_piece_of_an_adaptive_pool_is_torchs(side: int) -> None:
    spec = VggSpec(blocks=(1,), widths=(1,), image_size=2 * side)
    field = {row.name: row.field for row in analyse(lower(spec)).nodes}
    before, behind = field["stage1.pool"], field["head.pool"]
    assert behind.size - before.size == (largest_piece(side) - 1) * before.jump


@pytest.mark.parametrize(("norm", "conv_bias", "image_size"), DETAILS)
def test_the_exported_file_is_the_net(norm: Norm, conv_bias: bool, image_size: int, tmp_path: Path) -> None:
    spec = small(norm, conv_bias=conv_bias, image_size=image_size)
    path = tmp_path / "net.py"
    path.write_text(pytorch_source(spec), encoding="utf-8")
    found = importlib.util.spec_from_file_location("net", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    ours, theirs = build(spec, seed=3), module.Net()
    torch.manual_seed(3)
    module.initialise(theirs)
    assert list(theirs.state_dict()) == list(ours.state_dict())
    assert all(torch.equal(tensor, ours.state_dict()[name]) for name, tensor in theirs.state_dict().items())
    theirs.load_state_dict(random_state(ours), strict=True)
    x = torch.randn(3, 2, image_size, image_size, generator=torch.Generator().manual_seed(1))
    for is_training in (True, False):
        logits = []
        for net in (ours, theirs):
            torch.manual_seed(5)  # of dropout
            with torch.no_grad():
                logits.append(net.train(is_training)(x))
        torch.testing.assert_close(*logits, rtol=1e-6, atol=1e-6)


def test_the_exported_file_checks_itself(tmp_path: Path) -> None:
    path = tmp_path / "vgg16_bn.py"
    path.write_text(pytorch_source(preset("vgg16_bn")), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False)
    said = "VGG-16: logits (1, 1000), 138,365,992 parameters\n"  # torchvision 0.29.2
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
