"""Code panel of the architecture page: style and training loop, both in the address."""

import pytest

from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.export.style import CodeStyle
from resnet_viz.export.training import TrainingLoop
from resnet_viz.spec.presets import preset
from tests.fakes.visiting import change, visit, warnings


def test_the_code_is_written_in_the_style_and_with_the_loop_of_the_address() -> None:
    at = visit("architecture", net="d2l_resnet18", details="code", style="d2l", train="d2l")
    assert at.code[0].value == pytorch_source(preset("d2l_resnet18"), CodeStyle.D2L, TrainingLoop.D2L).rstrip("\n")
    assert not warnings(at)


def test_picking_a_style_and_a_loop_writes_the_address() -> None:
    at = visit("architecture", net="resnet50", details="code")
    assert at.code[0].value == pytorch_source(preset("resnet50")).rstrip("\n")
    at = change(change(at, "style", "torchvision"), "train", "paper")
    assert (at.query_params["style"], at.query_params["train"]) == ("torchvision", "paper")
    assert "class Bottleneck(" in at.code[0].value
    assert "MultiStepLR" in at.code[0].value


@pytest.mark.parametrize(("style", "why"), [("note", "bottlenecks"), ("keras", "style is one of")])
def test_a_style_that_cannot_be_is_refused_and_our_own_code_shown(style: str, why: str) -> None:
    at = visit("architecture", net="resnet50", details="code", style=style, train="note")
    assert why in " ".join(warnings(at))
    assert at.code[0].value == pytorch_source(preset("resnet50"), training=TrainingLoop.NOTE).rstrip("\n")


def test_of_compared_nets_the_picked_one_is_written_in_the_style() -> None:
    at = visit(
        "architecture", **{"net": "resnet50", "b.net": "resnet18", "details": "code", "code": "b", "style": "note"}
    )
    assert "class ResidualBlock(" in at.code[0].value
