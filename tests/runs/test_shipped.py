"""A shipped run is read from either form, and has something for every view."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from resnet_viz.errors import DataError
from resnet_viz.plan.lower import lower
from resnet_viz.present.training.quantities import Quantity, layer_values
from resnet_viz.runs import shipped
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe, to_json
from resnet_viz.training.records import NetStarted, Step

RECIPE = Recipe(nets=(residual_preset("cifar_resnet20"),), steps=20)
(NET,) = RECIPE.labels
STARTED = NetStarted(net=NET, params=1, macs=1, convs=("c1", "c2"), blocks=("b1",), device="cpu")


def step(number: int) -> Step:
    is_probed = number % 10 == 0
    return Step(
        net=NET,
        step=number,
        loss=1.0,
        accuracy=0.5,
        lr=0.1,
        images_per_s=1.0,
        seconds=1.0,
        grad_norm={"c1": 1.0, "c2": 2.0} if is_probed else {},
        branch_share={"b1": 0.25} if is_probed else {},
        test_accuracy=0.5 if number == 19 else None,
        test_loss=1.5 if number == 19 else None,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shipped.read.cache_clear()
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    yield tmp_path
    shipped.read.cache_clear()


def test_both_forms_say_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "NAMES", ("long", "short"))
    net = {"label": NET, "convs": list(STARTED.convs), "blocks": list(STARTED.blocks)}
    run = {"recipe": to_json(RECIPE), "nets": [net]}
    records = [asdict(step(number)) for number in range(20)]
    (folder / "long.json").write_text(json.dumps({"run": run, "records": records}), encoding="utf-8")
    shorter = [shipped.compact_record(record, net) for record in records]
    (folder / "short.json").write_text(json.dumps({"run": run, "records": shorter}), encoding="utf-8")
    assert shipped.export("short") == shipped.export("long")
    assert shipped.read("short").steps == shipped.read("long").steps
    assert shipped.read("short").probes == (step(0), step(10))


@pytest.mark.parametrize("damage", ["{", '{"run": {}}', '{"run": {"recipe": {"nets": 3}}, "records": [1]}'])
def test_a_damaged_one_is_told(folder: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "NAMES", ("broken",))
    (folder / "broken.json").write_text(damage, encoding="utf-8")
    with pytest.raises(DataError, match="broken is missing or damaged"):
        shipped.read("broken")


def test_the_shipped_run_was_measured_in_every_way_at_every_tenth_step() -> None:
    run = shipped.read("degradation")
    for label, spec in zip(run.recipe.labels, run.recipe.nets, strict=True):
        own = [probe for probe in run.probes if probe.net == label]
        assert [probe.step for probe in own] == [*range(0, 400, 10), 399]
        for measured in Quantity:
            is_measured = measured is not Quantity.BRANCH_SHARE or not spec.is_plain
            assert all(bool(layer_values(probe, measured)) is is_measured for probe in own)
        assert tuple(own[0].block_grad_norm) == tuple(block.name for block in lower(spec).blocks)
