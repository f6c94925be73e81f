"""Families of nets that the contract tests go through: stem, block, order, and a shortcut with its way over shapes."""

import itertools
from typing import Any

from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut, Stem

Family = tuple[Stem, BlockKind, Order, dict[str, Any]]

OF_2016 = [kind for kind in Shortcut if kind not in (Shortcut.NONE, Shortcut.IDENTITY)]
OF_2015: tuple[dict[str, Any], ...] = (
    {"shortcut": Shortcut.NONE},
    *({"shortcut": Shortcut.IDENTITY, "dim_match": option} for option in DimMatch),
)
# The kinds of 2016 with every order and both options; stem and block take turns, so that each meets each of the others.
_TURNS = itertools.cycle(itertools.product(Stem, BlockKind))
FAMILIES: list[Family] = [
    *itertools.product(Stem, BlockKind, Order, OF_2015),
    *(
        (*next(_TURNS), order, {"shortcut": kind, "dim_match": option})
        for kind, option, order in itertools.product(OF_2016, (DimMatch.ZERO_PAD, DimMatch.PROJECTION), Order)
    ),
]


def family_id(value: Any) -> str:
    return "-".join(map(str, value.values())) if isinstance(value, dict) else str(value)
