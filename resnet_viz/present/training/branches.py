"""Which runs can branch from a run: one of its nets as it is, beside the same net with or without shortcuts."""

from dataclasses import dataclass

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A run that goes on from another's checkpoint.

    Attributes:
        label: what it changes, as a menu says it.
        recipe: the net as it was and as it is changed, trained as before.
        sources: for each of them, which of the other run's nets it goes on from.
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
        except SpecError:  # such a net cannot be, or goes by the same name
            continue
        words = _("{net}: add shortcuts") if spec.shortcut is Shortcut.NONE else _("{net}: remove shortcuts")
        found.append(Branch(label=words.format(net=title(spec)), recipe=both, sources=(place, place)))
    return tuple(found)


def _changed(spec: NetSpec) -> NetSpec:
    has_none = spec.shortcut is Shortcut.NONE
    return spec.replace(shortcut=Shortcut.IDENTITY if has_none else Shortcut.NONE)
