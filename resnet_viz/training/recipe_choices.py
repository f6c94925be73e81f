"""Fields of a recipe's texts that hang on a choice: on the optimiser, on the schedule, on steps or epochs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.spec import codec
from resnet_viz.training import optimizers
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_epochs import STEPS_OF
from resnet_viz.training.recipe_values import Schedule

Texts = Mapping[str, str]

USUAL: Final[Texts] = MappingProxyType(
    {name: codec.format_field(field.default) for name, field in Recipe.__dataclass_fields__.items() if name != "nets"}
)
"""Text of each field's default in a recipe."""

OF_OPTIMIZER: Final = ("lr", "weight_decay", *optimizers.OWN_FIELDS)  # chosen anew with another optimiser
OF_DROPS: Final = ("drops", "drop_factor")  # of the schedule `steps` alone
OF_CHOICES: Final = (*optimizers.foreign_fields(OptimizerName.SGD), *OF_DROPS)  # absent from the usual run


def optimizer_defaults(optimizer: OptimizerName) -> dict[str, str]:
    """Returns the texts that an optimiser begins with."""
    own = {field: USUAL[field] for field in optimizers.FIELDS_OF[optimizer]}
    return own | {field: codec.format_field(value) for field, value in optimizers.USUAL[optimizer].items()}


def schedule_defaults(texts: Texts) -> dict[str, str]:
    """Returns the schedule, and its drops where it has some: texts that name drops mean the schedule with drops."""
    usual = Schedule.STEPS.value if any(field in texts for field in OF_DROPS) else USUAL["schedule"]
    schedule = texts.get("schedule", usual)
    return {"schedule": schedule} | {field: USUAL[field] for field in OF_DROPS if schedule == Schedule.STEPS}


def superseded(texts: Texts, changes: Texts) -> set[str]:
    """Returns the fields of `texts` that `changes` make void: see `recipe_text.merged`."""
    gone: set[str] = set()
    before = texts.get("optimizer", USUAL["optimizer"])
    if changes.get("optimizer", before) != before:
        gone.update(OF_OPTIMIZER)
    for epochs, steps in STEPS_OF.items():
        if steps in changes or epochs in changes:
            gone |= {epochs, steps}
    if any(field in changes for field in (*OF_DROPS, "drop_epochs")):
        gone.add("schedule")
    elif changes.get("schedule", Schedule.STEPS) != Schedule.STEPS:
        gone |= {*OF_DROPS, "drop_epochs"}
    return gone


def unused(texts: Texts) -> tuple[str, ...]:
    """Returns the fields of other optimisers and schedules than those of complete `texts`."""
    foreign = optimizers.foreign_fields(OptimizerName(texts["optimizer"]))
    return (*foreign, *(OF_DROPS if texts["schedule"] != Schedule.STEPS else ()))
