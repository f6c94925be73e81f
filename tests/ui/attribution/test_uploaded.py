"""Uploaded nets on the page: choices, settings, and no verdict on a net whose classes are unknown."""

import re
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from tests.fakes.saved import saved
from tests.fakes.visiting import buttons, change, press, prose, visit, warnings
from tests.ui.attribution.test_page import figures, said, send
from tests.ui.attribution.test_with_torch import answers, choices, run_the_code, shown_map, until

pytestmark = pytest.mark.torch
NAMES = ("cifar_resnet8", "cifar_resnet14")
__all__ = ["answers"]  # the process that answers for real


def state_of(net_name: str, *, seed: int = 1, **fields: Any) -> dict[str, Any]:
    """A state dict of our keys without a word about its net."""
    from resnet_viz.nets.build import build
    from resnet_viz.spec.presets import preset

    return dict(build(preset(net_name, **fields), seed=seed).state_dict())


def weights_of(net_name: str, *, seed: int = 1, **fields: Any) -> bytes:
    """The same as a file."""
    return saved(state_of(net_name, seed=seed, **fields))


def trained_plain() -> bytes:
    """The shipped plain-20 in half precision: another file, without a word about its net."""
    from resnet_viz.attribution.engine.load_net import open_net

    net = open_net(NetRef.parse("shipped:plain20")).net
    return saved({key: value.half() for key, value in net.state_dict().items()})


def sent(content: bytes, **address: str) -> AppTest:
    """The page after an upload as net a."""
    at = visit("attribution", method="grad_cam", **{"b.net": "none", **address})
    return send(at, "upload_net_file", "net.pth", content)


def address(at: AppTest) -> str:
    """Net a of the address."""
    return str(at.query_params["net"])


def option(at: AppTest, field: str) -> Any:
    (found,) = (one for one in at.button_group if one.key == f"open:a:{field}")
    return found


def settings(at: AppTest, **values: Any) -> AppTest:
    """Fills in the form of net a and sends it."""
    for name, value in values.items():
        (field,) = (
            one
            for one in (*at.text_input, *at.text_area, *at.number_input, *at.selectbox)
            if str(one.key).startswith(f"net_settings:a:{name}:")
        )
        field.set_value(value)
    (apply,) = (one for one in at.button if one.label == "Apply")
    apply.click()
    return at.run()


def test_a_plain_net_is_never_explained_before_it_is_chosen_and_then_is_titled_plain(tmp_path: Path) -> None:
    content = weights_of("cifar_plain20")
    at = until(sent(content), lambda at: at.info)
    assert "fit ResNet-20 and plain-20 alike" in at.info[0].value.replace("\\", "")
    assert figures(at) == []
    assert option(at, "shortcut").value is None
    assert sorted(option(at, "shortcut").options) == ["ResNet-20", "plain-20"]
    option(at, "shortcut").set_value("none").run()
    until(at, figures)
    assert "plain-20" in said(figures(at)[0])
    assert "ResNet-20" not in said(figures(at)[0])
    assert "shortcut=none" in address(at)
    (code,) = at.code
    assert '"title": "plain-20"' in code.value
    sent_as = address(at)
    run_the_code(at, tmp_path, content)  # the script builds the plain net and takes these weights
    assert any(name.startswith("plain-20, uploaded (") for name in choices(at, "net"))
    change(at, "net", "shipped:plain20")
    assert any(name.startswith("plain-20, uploaded (") for name in choices(at, "net"))  # it can be chosen again
    link = visit("attribution", net=sent_as, method="grad_cam", **{"b.net": "none"})
    until(link, figures)
    assert "plain-20" in said(figures(link)[0])


def test_labels_that_are_predicted_are_told_as_evidence_with_both_numbers() -> None:
    at = until(sent(trained_plain()), figures)
    assert "plain-20 (assumed)" in said(figures(at)[0])
    text = prose(at)
    assert "(assumed: none)" in option(at, "shortcut").label
    assert re.search(r"predicted for 1\d\d of 200 test images by plain-20, for \d+ by ResNet-20", text)
    assert "accuracy" not in text
    for word in ("Ankle boot", "Sneaker"):
        assert word not in " ".join(choices(at, "target"))
    assert "true class" not in said(figures(at)[0])


def test_a_net_of_unknown_classes_has_numbers_and_no_verdict_until_a_person_names_them() -> None:
    content = weights_of("cifar_resnet8", dim_match="projection")
    at = until(sent(content), figures)
    assert "predicted class" in said(figures(at)[0])
    assert "Label in Fashion-MNIST: Ankle boot" in said(figures(at)[0])
    assert "true class" not in said(figures(at)[0]).lower()
    assert choices(at, "target")[1:] == [str(number) for number in range(10)]
    settings(at, mean="0.5 0.5 0.5", std="0.25", classes="own", names="cat, <i>dog</i>, bird")
    until(at, lambda at: figures(at) and "guessed" not in prose(at))
    assert choices(at, "target")[1:5] == ["cat", "<i>dog</i>", "bird", "3"]
    assert "/mean=0.5,0.5,0.5/std=0.25/classes=" in address(at)
    settings(at, channels="bgr")
    until(at, lambda at: "/std=0.25/channels=bgr/classes=" in address(at) and figures(at))
    settings(at, classes="fashion_mnist", names="")
    until(at, lambda at: figures(at) and "True class: Ankle boot" in said(figures(at)[0]))


def test_a_value_that_is_not_allowed_is_a_message_and_changes_nothing() -> None:
    at = until(sent(weights_of("cifar_resnet8", dim_match="projection")), figures)
    before = dict(at.query_params)
    for wrong, word in (
        ({"mean": "a lot"}, "such as 0.485"),
        ({"mean": "0.4914, 0.4822, 0.4465", "std": "0"}, "std is a number from"),
        ({"std": "0.247, 0.2435, 0.2616", "classes": "own", "names": ",".join("abcdefghijk")}, "got 11 names"),
    ):
        settings(at, **wrong)
        (message,) = warnings(at)
        assert word in message
        assert dict(at.query_params) == before
        assert figures(at)


@pytest.mark.parametrize("view", ["map", "methods", "depth", "sanity", "features"])
def test_every_view_of_a_guessed_net_says_so_and_judges_nothing(view: str) -> None:
    at = sent(weights_of("cifar_resnet8", dim_match="projection"), view=view)
    if view == "sanity":
        until(at, lambda at: [label for label in buttons(at) if label.startswith("Compute")])
        press(at, next(label for label in buttons(at) if label.startswith("Compute")))
    until(at, lambda at: "preprocessing guessed" in prose(at) and figures(at))
    notes = [note["text"] for figure in figures(at) for note in figure["layout"].get("annotations", [])]
    text = " ".join([prose(at), *notes]).lower()
    for verdict in ("true class", "accuracy", "wrong", "correct"):
        assert verdict not in text
    assert warnings(at) == []


def test_confident_errors_of_a_net_of_unknown_classes_are_refused_in_words() -> None:
    at = until(sent(weights_of("cifar_resnet8", dim_match="projection"), pick="wrong"), warnings)
    assert "classes of this network are unknown" in warnings(at)[0]


def test_weights_without_a_head_are_refused_in_words() -> None:
    state = state_of("resnet18")
    content = saved({key: value for key, value in state.items() if not key.startswith("head.")})
    at = until(sent(content), lambda at: at.info)
    assert "needs the net" in at.info[0].value
    assert "without its head" in prose(at)
    assert figures(at) == []


@pytest.mark.parametrize(
    "text",
    [
        "shortcut=nonsense",
        "shortcut=none/shortcut=identity",
        "blocks=3",
        "mean=",
        "mean=1e99",
        "std=0",
        "std=-1",
        "image_size=0",
        "image_size=100000",
        "classes=svhn",
        "classes=../../etc/passwd",
        "x" * 10_000,
        "/".join(["mean=1"] * 1_000),
    ],
)
def test_settings_outside_of_the_vocabulary_are_refused(text: str) -> None:
    with pytest.raises(SpecError):
        NetRef.parse(f"upload:{'0' * 64}/{text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/shortcut=none",
        "/entry=a%2Fb.c%3Dd%25/prefix=student.",
        "/stride_on=first_1x1/image_size=32/mean=0.5,-0.25,1e-05/std=255/classes=fashion_mnist",
    ],
)
def test_settings_come_back_from_their_text(text: str) -> None:
    ref = f"upload:{'0' * 64}{text}"
    assert str(NetRef.parse(ref)) == ref


def test_one_of_several_weights_in_a_file_is_chosen_in_a_menu() -> None:
    states = {name: state_of(name, dim_match="projection") for name in NAMES}
    content = saved(states)
    at = until(sent(content), lambda at: "2 sets of weights" in prose(at))
    assert figures(at) == []
    (menu,) = (one for one in at.selectbox if one.key == "entry:a")
    assert (menu.value, menu.options) == (None, list(NAMES))
    menu.set_value("cifar_resnet14").run()
    until(at, figures)
    assert "ResNet-14" in said(figures(at)[0])
    assert address(at).endswith("/entry=cifar_resnet14")


def files_of_others() -> Iterator[tuple[str, bytes]]:
    """ResNet-8 with projections: wrapped and counted by a tool, and as safetensors in half precision."""
    import safetensors.torch
    import torch

    state = state_of("cifar_resnet8", dim_match="projection")
    wrapped = {f"module.{key}": tensor for key, tensor in reversed(state.items())}
    content = saved({"net": {**wrapped, "module.total_ops": torch.zeros(1)}, "args": Namespace(lr=0.1)})
    yield "net.t7.pth", content
    half = {f"model.{key}": tensor.half() for key, tensor in state.items() if tensor.is_floating_point()}
    yield "net.safetensors", safetensors.torch.save(half)


def test_the_code_reads_the_file_as_it_was_sent(tmp_path: Path) -> None:
    for name, content in files_of_others():
        at = visit("attribution", method="grad_cam", **{"b.net": "none"})
        at = until(send(at, "upload_net_file", name, content), figures)
        assert "ResNet-8" in said(figures(at)[0])
        if "total_ops" in str(content):
            assert "One tensor belongs to no layer" in prose(at)
        folder = tmp_path / name
        folder.mkdir()
        np.testing.assert_allclose(run_the_code(at, folder, content), shown_map(at), rtol=1e-3, atol=1e-5)
