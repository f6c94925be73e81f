"""The command lesion: accuracies as the page has them, refusals before any work."""

import json

import pytest

from resnet_viz.cli.main import main

pytestmark = pytest.mark.torch


def test_it_prints_an_accuracy_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesion", "shipped:plain20", "--images", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["block"] for one in found][:2] == ["", "stage1.block1"]
    assert len(found) == 10
    assert found[0]["accuracy"] > 0.8
    fixed = [one for one in found if one["accuracy"] is None]
    assert [one["block"] for one in fixed] == ["stage2.block1", "stage3.block1"]
    assert all("changes the shape" in one["refusal"] for one in fixed)


def test_deletions_and_swaps_are_one_net(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lesion", "shipped:resnet20", "--images", "50", "--delete", "stage1.block2", "--json"]
    assert main([*words, "--swap", "stage2.block2,stage2.block3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["deleted"] == ["stage1.block2"]
    assert found["swapped"] == [["stage2.block2", "stage2.block3"]]
    assert found["tau"] == pytest.approx(1 - 2 / 5)
    assert found["accuracy"] < found["whole"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shipped:nothing"], "nothing"),
        (["resnet50"], "A net is named as shipped:NAME"),
        (["shipped:resnet20", "--swap", "stage1.block1"], "--swap takes two blocks"),
        (["shipped:resnet20", "--delete", "stage9.block1"], "no block 'stage9.block1'"),
        (["shipped:resnet20", "--swap", "stage1.block1,stage2.block2"], "cannot run in the place"),
        (["torchvision:resnet50"], "ImageNet"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lesion", *words, "--images", "20"]) == 2
    assert message in capsys.readouterr().err
