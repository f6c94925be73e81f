"""Runs that have a name, for the command line: the training lab's nets and what may be changed of them. No torch."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.data.names import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.near import near
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.terms import Order
from resnet_viz.training import lab
from resnet_viz.training.lab import Kind
from resnet_viz.training.recipe import DeviceName, Recipe, Schedule, from_json

Texts = Mapping[str, str]

RECIPES: Final[Mapping[str, Texts]] = MappingProxyType(
    {
        # He et al. 2015, fig. 1 and 4 in small: four nets, the training lab's default
        "degradation": {},
        "plain": {"nets": "plain"},
        "no_norm": {"nets": "plain", "norm": "none", "lr": "0.05"},
        "quick": {"depth": "8", "steps": "40"},
    }
)

LAB: Final[Texts] = MappingProxyType(  # as the address of the training lab has it, but for the size of the images
    {"depth": "20,56", "nets": "plain,residual", "order": Order.FULL_PREACT.value, "width": "4", "image_size": "14"}
)
LOOP: Final = (  # fields of a Recipe; the seed and the device have options of their own
    *("data", "lr", "momentum", "weight_decay", "batch_size", "steps", "warmup_steps", "schedule"),
    *("probe_every", "eval_every"),
)
NET: Final = ("dim_match", "norm", "conv_bias", "projection_norm", "num_classes")  # changed in all nets alike
FIELDS: Final = (*LAB, *LOOP, *NET)
WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "nets": tuple(Kind),
        "data": tuple(DataName),
        "schedule": tuple(Schedule),
        **{name: tuple(codec.WORDS[name]) for name in ("order", "dim_match", "norm")},
        **dict.fromkeys(("conv_bias", "projection_norm"), ("true", "false")),
    }
)
_LONGEST: Final = 60


def names() -> tuple[str, ...]:
    """Returns the names of all recipes."""
    return tuple(RECIPES)


def make(name: str, changes: Texts, *, seed: int = 0, device: DeviceName = DeviceName.AUTO) -> Recipe:
    """Returns a recipe by name.

    Args:
        name: one of `names()`.
        changes: field -> text; FIELDS says which.
        seed: of the initial weights and the order of the images.
        device: where to train.

    Raises:
        SpecError: an unknown name or field, or a value that is not allowed.
    """
    if name not in RECIPES:
        raise SpecError(
            _("No recipe is called {name!r}; there are {names}.").format(name=name[:_LONGEST], names=", ".join(RECIPES))
            + near(name, names())
        )
    for field in changes:
        if field not in FIELDS:
            raise SpecError(
                _("A recipe has no field {name!r}; its fields are {fields}.").format(
                    name=field[:_LONGEST], fields=", ".join(FIELDS)
                )
                + near(field, FIELDS)
            )
    texts = {**LAB, **RECIPES[name], **changes}
    loop: dict[str, int | float | str] = {field: _plain(texts[field]) for field in LOOP if field in texts}
    fields: dict[str, Any] = {"nets": [codec.to_json(spec) for spec in _nets(texts)]}
    steps = loop.get("steps", Recipe.__dataclass_fields__["steps"].default)
    if isinstance(steps, int):
        fields |= lab.rhythm(steps)
    return from_json({**fields, **loop, "seed": seed, "device": device.value})


def _nets(texts: Texts) -> tuple[NetSpec, ...]:
    specs = lab.nets(
        depths=[codec.parse_whole("depth", text) for text in texts["depth"].split(",")],
        kinds=[_kind(text) for text in texts["nets"].split(",")],
        order=codec.parse_field("order", texts["order"]),
        width=codec.parse_whole("width", texts["width"]),
        image_size=codec.parse_field("image_size", texts["image_size"]),
    )
    everywhere = {field: codec.parse_field(field, texts[field]) for field in NET if field in texts}
    return tuple(spec.replace(**everywhere) for spec in specs)


def _kind(text: str) -> Kind:
    if text not in WORDS["nets"]:
        raise SpecError(
            _("nets names {words}, or both with a comma between; got {value!r}.").format(
                words=_(" or ").join(Kind), value=text[:_LONGEST]
            )
        )
    return Kind(text)


def _plain(text: str) -> int | float | str:
    """Returns the number that a text stands for, or the text, which the recipe then takes for a word or refuses."""
    if re.fullmatch(r"-?[0-9]{1,18}", text, flags=re.ASCII):
        return int(text)
    if re.fullmatch(r"-?([0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})(e-?[0-9]{1,2})?", text, flags=re.ASCII):
        return float(text)
    return text
