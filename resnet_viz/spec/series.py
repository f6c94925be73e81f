"""The named nets as menus offer them: those that differ in depth only taken together."""

import re

from resnet_viz.spec.presets import names


def series() -> dict[str, tuple[str, ...]]:
    """Returns the names that a menu offers, nets that differ in depth only taken together, shallow ones first.

    The key is the name without its depth: "resnet" for resnet18 to resnet152, "resnet_v1" for the paper's placement.
    """
    found: dict[str, list[str]] = {}
    for name in names():
        found.setdefault(series_of(name), []).append(name)
    return {key: tuple(members) for key, members in found.items()}


def series_of(name: str) -> str:
    """Returns a preset's name without its depth; nets with groups or wider blocks stand together, as do VGG's."""
    for together in ("resnext", "wide_resnet", "wrn", "vgg"):
        if name.startswith(together):
            return together
    return re.sub(r"[0-9]+(?=$|_v1$)", "", name, count=1, flags=re.ASCII)
