"""Optimisers of a recipe, as they are in torch: their names, the fields of each, and the values a run begins with.

`sgd` and `adam` add the weight decay times the weight to the gradient (L2), so that momentum and Adam's scaling act on
it, too. `adamw` takes it off the weight itself, times the learning rate (decoupled: Loshchilov and Hutter 2019,
arXiv 1711.05101). For plain SGD the two are the same.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _


class OptimizerName(StrEnum):
    """Optimisers, by their names in torch in small letters."""

    SGD = "sgd"
    ADAM = "adam"  # Kingma and Ba 2015, arXiv 1412.6980
    ADAMW = "adamw"


FIELDS_OF: Final[Mapping[OptimizerName, tuple[str, ...]]] = MappingProxyType(
    {
        OptimizerName.SGD: ("momentum", "nesterov"),
        OptimizerName.ADAM: ("betas", "eps"),
        OptimizerName.ADAMW: ("betas", "eps"),
    }
)
"""Fields that belong to an optimiser; `lr` and `weight_decay` belong to all."""

OWN_FIELDS: Final = tuple(dict.fromkeys(field for fields in FIELDS_OF.values() for field in fields))

USUAL: Final[Mapping[OptimizerName, Mapping[str, float]]] = MappingProxyType(
    {
        OptimizerName.SGD: {"lr": 0.1, "weight_decay": 1e-4},  # He et al. 2015, section 4.2
        OptimizerName.ADAM: {"lr": 1e-3, "weight_decay": 0.0},  # torch.optim.Adam
        OptimizerName.ADAMW: {"lr": 1e-3, "weight_decay": 1e-2},  # torch.optim.AdamW
    }
)
"""Values that recipe files, `--set` and the lab take where none is given: those of SGD would ruin a run with Adam."""


def foreign_fields(optimizer: OptimizerName) -> tuple[str, ...]:
    """Returns the fields that belong to other optimisers alone."""
    return tuple(field for field in OWN_FIELDS if field not in FIELDS_OF[optimizer])


def refuse_foreign(optimizer: OptimizerName, given: Mapping[str, Any]) -> None:
    """Refuses the fields in `given` that belong to other optimisers.

    Raises:
        SpecError: there is one; the message names its optimisers and the fields of this one.
    """
    for field in foreign_fields(optimizer):
        if field in given:
            owners = [name.value for name, fields in FIELDS_OF.items() if field in fields]
            raise SpecError(
                _("{field} belongs to {owners}, and optimizer is {optimizer}, whose own fields are {fields}.").format(
                    field=field,
                    owners=_(" and ").join(owners),
                    optimizer=optimizer,
                    fields=", ".join(FIELDS_OF[optimizer]),
                )
            )
