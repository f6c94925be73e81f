"""Branches of a run: one of its nets unchanged, beside the same net with or without shortcuts."""

from dataclasses import dataclass

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """Run that continues from another run's checkpoint.

    Attributes:
        label: of the menu, naming the change.
        recipe: the net unchanged and changed, trained as before.
        sources: for each of them, the index of its source among the other run's nets.
    """

    label: str
    recipe: Recipe
    sources: tuple[int, ...]


def branches(recipe: Recipe) -> tuple[Branch, ...]:
    """Returns the branches of a run, in the order of its nets."""
    found = []
    for place, spec in enumerate(recipe.nets):
        try:
            changed = _changed(spec)
            both = recipe.replace(nets=(spec, changed))
        except SpecError:  # an invalid net, or one with the same name
            continue
        words = _("{net}: add shortcuts") if spec.shortcut is Shortcut.NONE else _("{net}: remove shortcuts")
        found.append(Branch(label=words.format(net=title(spec)), recipe=both, sources=(place, place)))
    return tuple(found)


def _changed(spec: NetSpec) -> NetSpec:
    has_none = spec.shortcut is Shortcut.NONE
    return spec.replace(shortcut=Shortcut.IDENTITY if has_none else Shortcut.NONE)
