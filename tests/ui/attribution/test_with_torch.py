"""The attribution page with the process that answers it for real: a checkpoint of one's own, and taking work back."""

import base64
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.attribution.sources import shipped_nets
from resnet_viz.jobs.queries import attribution
from resnet_viz.ui.attribution import downloads
from tests.fakes.saved import saved
from tests.fakes.visiting import buttons, change, is_plain, press, prose, visit, warnings
from tests.fakes.waiting import PATIENCE_S
from tests.ui.attribution.test_page import figures, said, send

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def answers() -> Iterator[None]:
    """No stand-in here: the process is started, and ends with the test."""
    yield
    attribution.SERVICE.close()


def until(at: AppTest, what: Callable[[AppTest], object]) -> AppTest:
    """Looks again as a browser would, until there is something."""
    deadline = time.monotonic() + PATIENCE_S
    while not what(at):
        assert time.monotonic() < deadline, prose(at)
        time.sleep(0.2)
        at.run()
    return at


def choices(at: AppTest, name: str) -> list[str]:
    (field,) = (field for field in at.selectbox if field.key == f"widget:{name}")
    return list(field.options)


def photographs_net() -> bytes:
    """A ResNet-18 of seven classes under torchvision's keys, as a training script saves it from several devices."""

    from resnet_viz.nets.build import build
    from resnet_viz.nets.weights import to_torchvision
    from resnet_viz.spec.presets import preset

    net = build(preset("resnet18", num_classes=7), seed=1)
    state = {f"module.{key}": tensor.half() for key, tensor in to_torchvision(net).items()}
    return saved({"epoch": 3, "state_dict": state})


def run_the_code(at: AppTest, folder: Path, weights: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The map that the file of code makes alone, with the checkpoint as it was sent beside it."""
    (code,) = at.code
    name = next(word for word in code.value.split() if word.startswith("checkpoint-"))
    (folder / name).write_bytes(weights)
    (folder / "attribution.py").write_text(code.value, "utf-8")
    env = {"MPLBACKEND": "agg", "PATH": "", "HOME": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "attribution.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = np.load(folder / "a.npy")
    return found


def shown_map(at: AppTest) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The values of the one map that is drawn."""
    (packed,) = (trace["z"] for trace in figures(at)[0]["data"] if trace["type"] == "heatmap")
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).reshape(
        [int(side) for side in packed["shape"].split(",")]
    )


def test_a_checkpoint_of_ones_own_is_treated_as_a_shipped_net(tmp_path: Path) -> None:
    content = shipped_nets.shipped_net("resnet20").path.read_bytes()
    at = visit("attribution", method="grad_cam", layer="stage2.block3", **{"b.net": "none"})
    at = send(at, "upload_net_file", "net.pt", content)
    until(at, lambda at: figures(at) and "ResNet-20" in said(figures(at)[0]))
    assert warnings(at) == []
    (figure,) = figures(at)
    assert "ResNet-20" in said(figure)
    assert "True class: Ankle boot" in said(figure)
    assert choices(at, "layer")[1:4] == ["stage1.block1", "stage1.block2", "stage1.block3"]
    assert "Ankle boot" in choices(at, "target")
    assert choices(at, "net")[-1].startswith("ResNet-20, uploaded (")
    np.testing.assert_allclose(run_the_code(at, tmp_path, content), shown_map(at), rtol=1e-4, atol=1e-6)
    change(at, "view", "features")
    until(at, lambda at: len(figures(at)) > 1)
    assert "stage3.block3.branch.conv2" in choices(at, "node")
    assert warnings(at) == []


def test_a_checkpoint_of_torchvisions_keys_works_from_upload_to_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_MOST_SHOWN", 10_000_000)  # the image of 224 px is in the code
    content = photographs_net()
    at = visit("attribution", method="grad_cam", **{"b.net": "none"})
    at = send(at, "upload_net_file", "net.pth", content)
    until(at, lambda at: figures(at) and "ResNet-18" in said(figures(at)[0]))
    assert warnings(at) == []
    assert choices(at, "layer")[-1] == "stage4.block2"
    assert choices(at, "target") == ["each net's prediction", *map(str, range(7))]
    np.testing.assert_allclose(run_the_code(at, tmp_path, content), shown_map(at), rtol=1e-3, atol=1e-5)


def test_what_is_no_checkpoint_is_a_sentence_and_the_controls_stay() -> None:
    at = visit("attribution", method="saliency", **{"b.net": "none"})
    at = until(send(at, "upload_net_file", "net.pt", b"no weights"), warnings)
    (message,) = warnings(at)
    assert message.startswith("This file is truncated, damaged or not made by torch.save.")
    assert is_plain(at.warning[0].value)
    assert choices(at, "net")
    change(at, "net", "shipped:resnet20")
    until(at, figures)
    assert warnings(at) == []


def test_a_cancelled_query_ends_and_the_next_one_is_answered_by_the_same_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unhurried = replace(attribution.SERVICE.kind, cancel_s=PATIENCE_S)  # only a process that hears nothing is killed
    monkeypatch.setattr(attribution.SERVICE, "kind", unhurried)
    query = {"net": "shipped:resnet56", "b.net": "none", "p.steps": "500"}  # 24 maps of a thousand passes each
    at = visit("attribution", view="sanity", method="integrated_gradients", **query)
    (label,) = (label for label in buttons(at) if label.startswith("Compute"))
    press(at, label)

    def at_work(_at: AppTest) -> bool:
        process = attribution.SERVICE._process
        return process is not None and process.query is not None and process.query.share > 0

    until(at, at_work)
    process = attribution.SERVICE._process
    assert process is not None
    press(at, "Cancel")
    until(at, lambda _at: process.query is None)
    assert "Stopped." in prose(at)
    assert [label for label in buttons(at) if label.startswith("Compute")]
    at = until(visit("attribution", method="saliency", net="shipped:resnet56", **{"b.net": "none"}), figures)
    assert warnings(at) == []
    assert attribution.SERVICE._process is process  # it heard, and was not killed
