"""The command `gradients`: the bench of the page in a shell."""

import json

import pytest

from resnet_viz.cli.candidates import candidates
from resnet_viz.cli.main import main, make_parser
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.gradients import GradientQuestion, bench_net

pytestmark = pytest.mark.torch

KEYS = ["net", "seed", "grad", "block_grad", "activation_std", "branch_share"]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert main(["gradients", *words, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    found: list[dict[str, object]] = json.loads(said.out)
    return found


def test_json_is_what_the_bench_measures(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "cifar_plain8", "cifar_resnet8", "--seeds", "2")
    assert [(each["net"], each["seed"]) for each in found] == [
        ("cifar_plain8", 0),
        ("cifar_plain8", 1),
        ("cifar_resnet8", 0),
        ("cifar_resnet8", 1),
    ]
    assert all(list(each) == KEYS for each in found)
    nets = (bench_net("plain", depth=8), bench_net("a_original", depth=8))
    for each, curves in zip(found, compute(GradientQuestion(nets=nets, seeds=(0, 1)), lambda _s: None), strict=True):
        assert each["grad"] == dict(zip(curves.convs, curves.grad, strict=True))
        assert list(each["block_grad"]) == list(curves.blocks)  # type: ignore[call-overload]
    assert found[0]["branch_share"] == dict.fromkeys(("stage1.block1", "stage2.block1", "stage3.block1"))


def test_fields_init_and_first_seed_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("cifar_plain8", "--set", "widths=2,4,8", "--set", "norm=none", "--init", "torch", "--seed", "5")
    (found,) = told(capsys, *words)
    spec = preset("cifar_plain8", widths=(2, 4, 8), norm="none", in_channels=1, image_size=14)
    question = GradientQuestion(nets=(spec,), init="torch_default", seeds=(5,))  # type: ignore[arg-type]
    (curves,) = compute(question, lambda _share: None)
    assert (found["seed"], found["grad"]) == (5, dict(zip(curves.convs, curves.grad, strict=True)))


def test_the_table_has_a_row_for_each_net_and_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradients", "cifar_plain8", "cifar_resnet8"]) == 0
    head, plain, residual, blank, *messages = capsys.readouterr().out.splitlines()
    assert head.startswith("net")
    assert (plain.split()[0], residual.split()[0], blank) == ("cifar_plain8", "cifar_resnet8", "")
    assert [message.partition(":")[0] for message in messages] == ["cifar_plain8", "cifar_resnet8"]


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "wrn_16_8", "resnext50_32x4d", "ResNet-20", "d2l_resnet18"])
def test_nets_of_every_family_are_made_small_where_they_can_be(name: str) -> None:
    from resnet_viz.cli.gradients import _bench_net

    spec = _bench_net(name, {})
    assert (spec.in_channels, spec.image_size) == (1, 14)
    assert spec.widths[0] == (64 if name.startswith("resnext") else 4)


def test_what_overflows_is_null_and_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    scaled = ("--set", "shortcut=constant_scaling", "--set", "shortcut_scale=10", "--set", "residual_scale=10")
    words = ("gradients", "cifar_resnet998", *scaled, "--set", "norm=none", "--set", "widths=1,1,1", "--json")
    assert main([*words, "--set", "image_size=4"]) == 0
    said = capsys.readouterr()
    (found,) = json.loads(said.out)  # standard output is JSON alone
    assert None in found["block_grad"].values()
    assert said.err == (
        "cifar_resnet998: with seed 0 the block gradients overflow or vanish even in double precision.\n"
    )


def test_names_fields_and_inits_are_offered() -> None:
    parser = make_parser()
    assert candidates(parser, ["gradients", ""]) == sorted(preset_names())
    assert candidates(parser, ["gradients", "cifar_plain56", "cifar_resnet5"]) == ["cifar_resnet56"]
    assert "norm=none" in candidates(parser, ["gradients", "cifar_plain56", "--set", "norm="])
    assert candidates(parser, ["gradients", "cifar_plain56", "--init", ""]) == ["he", "torch", "xavier"]
