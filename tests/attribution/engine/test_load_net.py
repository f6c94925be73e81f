"""Nets of runs and shipped ones: whole, and of the right weights."""

import hashlib
from pathlib import Path

import pytest
import torch

from resnet_viz.attribution.engine.load_net import open_net
from resnet_viz.attribution.sources import shipped_nets
from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError, Refusal
from resnet_viz.training.engine import images
from tests.fakes.kept_run import NETS, STEPS

pytestmark = pytest.mark.torch


def test_a_run_gives_its_nets_at_every_kept_step(run_id: str) -> None:
    loaded = [open_net(NetRef(NetKind.RUN, run_id, index, step)) for index in (0, 1) for step in (0, 25, STEPS)]
    assert [one.spec for one in loaded] == [NETS[0]] * 3 + [NETS[1]] * 3
    assert loaded[0].weights == loaded[3].weights  # one seed: plain and residual begin with the same weights
    assert len({one.weights for one in loaded}) == 5
    assert open_net(NetRef(NetKind.RUN, run_id, 1)).weights == loaded[-1].weights
    assert not any(one.net.training for one in loaded)
    data = images.load_images(DataName.FASHION_MNIST_SUBSET, image_size=14)
    assert loaded[0].preprocessing.mean == data.mean
    assert loaded[0].preprocessing.std == data.std


def test_a_runs_net_is_the_one_that_was_trained(run_id: str) -> None:
    data = images.load_images(DataName.FASHION_MNIST_SUBSET, image_size=14)
    right = []
    for step in (0, STEPS):
        net = open_net(NetRef(NetKind.RUN, run_id, 1, step)).net
        with torch.no_grad():
            right.append(float((net(data.test_x_NCHW).argmax(dim=1) == data.test_y_N).float().mean()))
    assert right[0] < 0.3
    assert right[1] > 0.4


@pytest.mark.parametrize(
    ("index", "step", "sentence"), [(0, 7, "it keeps those of 0, 25, 50"), (2, 25, "trains 2 nets, numbered from 0")]
)
def test_what_a_run_has_not_is_told_so(run_id: str, index: int, step: int, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        open_net(NetRef(NetKind.RUN, run_id, index, step))


def test_an_unknown_run_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    with pytest.raises(DataError, match="no run 000000000000"):
        open_net(NetRef(NetKind.RUN, "0" * 12, 0))


def test_an_identity_changes_with_the_weights_and_needs_no_torch(run_id: str) -> None:
    refs = [NetRef(NetKind.RUN, run_id, index, step) for index in (0, 1) for step in (0, STEPS)]
    assert len({net_source(ref).checksum() for ref in refs}) == 4
    assert net_source(NetRef(NetKind.RUN, run_id, 1)).checksum() == net_source(refs[-1]).checksum()


def test_every_shipped_net_is_what_its_list_says() -> None:
    found = shipped_nets.shipped_nets()
    assert sum(net.num_bytes for net in found) <= shipped_nets.MAX_BYTES
    for known in found:
        content = known.path.read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (known.sha256, known.num_bytes)
        loaded = open_net(NetRef(NetKind.SHIPPED, known.name))
        assert loaded.spec == known.spec
        assert loaded.test_accuracy == known.test_accuracy


def test_every_shipped_net_is_nearly_as_right_on_the_shipped_images_as_on_all() -> None:
    data = images.load_images(DataName.FASHION_MNIST_SUBSET, image_size=28)
    for known in shipped_nets.shipped_nets():
        loaded = open_net(NetRef(NetKind.SHIPPED, known.name))
        x_NCHW = (data.test_x_NCHW * data.std[0] + data.mean[0] - known.mean) / known.std
        with torch.no_grad():
            right = sum(
                int((loaded.net(x).argmax(dim=1) == y).sum())
                for x, y in zip(x_NCHW.split(250), data.test_y_N.split(250), strict=True)
            )
        assert right / len(data.test_y_N) == pytest.approx(known.test_accuracy, abs=0.02)


def test_altered_weights_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = shipped_nets.shipped_nets()[0]
    content = bytearray(known.path.read_bytes())
    content[len(content) // 2] ^= 1  # one bit
    (tmp_path / f"{known.name}.pt").write_bytes(content)
    monkeypatch.setattr(shipped_nets, "FOLDER", tmp_path)
    with pytest.raises(DataError, match="missing or altered"):
        open_net(NetRef(NetKind.SHIPPED, known.name))


def test_an_unknown_name_is_told_the_names_that_there_are() -> None:
    with pytest.raises(DataError, match=shipped_nets.shipped_nets()[0].name):
        open_net(NetRef(NetKind.SHIPPED, "vgg16"))
    with pytest.raises(Refusal, match="resnet18"):
        open_net(NetRef(NetKind.TORCHVISION, "cifar_resnet20"))
