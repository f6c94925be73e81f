"""A run of nets whose titles are not their labels, as a file from elsewhere."""

import dataclasses
from typing import Any, Final

from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe, to_json
from resnet_viz.training.records import Step

RECIPE: Final = Recipe(
    nets=(
        residual_preset("wrn_16_2"),
        residual_preset("wrn_28_2"),
        residual_preset("cifar_resnet20", blocks=(2, 2, 3)),
    ),
    steps=100,
)
LABELS: Final = (
    "ResNet-14, 2 times as wide, full pre-activation, option B",
    "ResNet-26, 2 times as wide, full pre-activation, option B",
    "ResNet-16",
)
TITLES: Final = ("WRN-16-2", "WRN-28-2", "ResNet, blocks 2,2,3")
CONVS: Final = ("stem.conv", "stage1.block1.branch.conv1", "stage1.block1.branch.conv2")
BLOCKS: Final = ("stage1.block1",)


def steps() -> list[Step]:
    """Returns records of the three nets; the last one's branch puts out nothing."""
    return [
        Step(
            net=net,
            step=number,
            loss=1.5 + place,
            accuracy=0.4,
            lr=0.1,
            images_per_s=100.0,
            seconds=number / 10,
            grad_norm=dict.fromkeys(CONVS, 0.0 if place == 2 else 1.0 + place) if number % 10 == 0 else {},
            branch_share=dict.fromkeys(BLOCKS, 0.5) if number % 10 == 0 else {},
            test_loss=1.6 if number % 10 == 9 else None,
            test_accuracy=0.5 if number % 10 == 9 else None,
        )
        for number in range(RECIPE.steps)
        for place, net in enumerate(LABELS)
    ]


def exported(**run: Any) -> dict[str, Any]:
    """Returns the run as it is exported, with these fields."""
    shape = {"params": 1, "macs": 1, "device": "cpu", "convs": list(CONVS), "blocks": list(BLOCKS)}
    nets = [{"label": label, "ending": "finished", "sentence": ""} | shape for label in LABELS]
    fields = {"id": "made", "name": "", "state": "done", "recipe": to_json(RECIPE), "nets": nets}
    return {"run": fields | run, "records": [dataclasses.asdict(step) for step in steps()]}
