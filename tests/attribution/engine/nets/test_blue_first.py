"""Uploaded nets that read blue first, and files of Caffe2: the logits of the original, in exported code too."""

import base64
import pickle
import runpy
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_viz.attribution.engine.load_net import open_net
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.net_settings import NetSettings
from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.upload_keys import PICKLE, with_keys
from resnet_viz.errors import SpecError
from resnet_viz.export.attribution.script import AttributionFigure, ExportedNet, attribution_script
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import preset
from tests.fakes.saved import saved
from tests.weights.renamed import PHOTOGRAPHS, renamed
from tests.weights.test_caffe2_keys import DETECTRON

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "home"))
    return tmp_path


def sent(content: bytes, settings: str = "") -> NetRef:
    ref = NetRef(NetKind.UPLOAD, uploads.keep(content, uploads.UploadKind.NET))
    return NetRef.parse(f"{ref}/{settings}") if settings else ref


def image(seed: int = 0) -> Tensor:
    return torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed))


def caffe2_pickle(net: Net) -> bytes:
    """A file as Caffe2's tools write it, with arrays under the names of blobs."""
    blobs = {key: tensor.numpy() for key, tensor in renamed(net.state_dict(), DETECTRON).items()}
    return pickle.dumps({"blobs": {key: blob for key, blob in blobs.items() if blob.ndim}}, 4)


@torch.no_grad()
def test_a_net_of_caffe2_that_reads_blue_first_has_its_own_logits() -> None:
    net = build(PHOTOGRAPHS[1], seed=1).eval()
    content = caffe2_pickle(net)
    settings = "stride_on=conv_3x3"
    assert torch.equal(open_net(sent(content, settings)).net(image()), net(image()))
    reversed_net = open_net(sent(content, f"{settings}/channels=bgr"))
    torch.testing.assert_close(reversed_net.net(image()), net(image().flip(1)))
    assert reversed_net.weights != open_net(sent(content, settings)).weights


def test_the_order_of_the_channels_is_in_the_address_and_only_bgr_is_one() -> None:
    assert str(NetSettings.parse("channels=bgr")) == "channels=bgr"
    with pytest.raises(SpecError, match="bgr; got 'gbr'"):
        NetSettings.parse("channels=gbr")


def test_a_grey_net_has_no_order_of_channels() -> None:
    net = build(preset("cifar_resnet8", in_channels=1), seed=1)
    with pytest.raises(SpecError, match="this one has 1 input channels"):
        open_net(sent(saved(net.state_dict()), "shortcut=identity/channels=bgr"))


@torch.no_grad()
def test_exported_code_reads_the_same_file_with_the_same_logits(home: Path) -> None:
    ref = sent(saved(dict(build(PHOTOGRAPHS[1], seed=1).state_dict())), "stride_on=conv_3x3/channels=bgr")
    opened = open_net(ref)
    file = with_keys(net_source(ref).weights_file(), ref, opened.spec)
    assert file.path is not None
    (home / file.name).write_bytes(file.path.read_bytes())
    exported = ExportedNet(
        letter="a", title="net", spec=opened.spec, weights=file.name, entry=file.entry, keys=file.keys,
        is_bgr=file.is_bgr, target=0, class_name="", mean=(0.0,), std=(1.0,), shape=(3, 1, 1),
        image=base64.b64encode(zlib.compress(np.zeros(3, np.uint8).tobytes())).decode(), dtype="uint8",
    )  # fmt: skip
    figure = AttributionFigure(
        nets=(exported,), method="saliency", method_title="", paper="", params={}, layer={}, baseline="",
        is_signed=False, seed=0,
    )  # fmt: skip
    (home / "attribution.py").write_text(attribution_script(figure), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("MPLBACKEND", "agg")
        names = runpy.run_path("attribution.py", run_name="read")
        torch.testing.assert_close(names["load"]("a")(image()), opened.net(image()))


def test_a_pickle_of_arrays_is_known_by_its_name_for_which_no_code_is_offered() -> None:
    ref = sent(caffe2_pickle(build(PHOTOGRAPHS[1], seed=1)), "stride_on=conv_3x3")
    assert with_keys(net_source(ref).weights_file(), ref, open_net(ref).spec).name.endswith(PICKLE)
