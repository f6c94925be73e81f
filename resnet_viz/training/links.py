"""The texts of a run, as short as can be: what a link to it says; the way back from `settings.recipe_of`. No torch."""

from typing import Final

from resnet_viz.errors import SpecError
from resnet_viz.spec import codec, presets
from resnet_viz.spec.net import NetSpec
from resnet_viz.training import lab_nets
from resnet_viz.training.lab_nets import Kind
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_text import DEFAULTS, EVERYWHERE, GRID, LETTERS, LOOP, OF_DATA, Texts, filled, recipe_of

_USUAL: Final = presets.residual_preset("cifar_resnet20")  # what the nets of a grid are where nothing is said


def texts_of(recipe: Recipe) -> dict[str, str]:
    """Returns the texts that `recipe_of` reads back as this run: a grid where it is one, and no default."""
    loop = {field: codec.format_field(getattr(recipe, field)) for field in LOOP}
    shared = {field: codec.format_field(getattr(recipe.nets[0], field)) for field in ("image_size", *OF_DATA)}
    width = str(recipe.nets[0].widths[0])
    orders = [spec.order for spec in recipe.nets if not spec.is_plain]
    grid = {
        "depth": ",".join(dict.fromkeys(str(spec.depth) for spec in recipe.nets)),
        "nets": ",".join(dict.fromkeys(Kind.PLAIN if spec.is_plain else Kind.RESIDUAL for spec in recipe.nets)),
        "order": orders[0].value if orders else GRID["order"],
    }
    named = [_texts_of_net(f"{letter}.", spec, int(width)) for letter, spec in zip(LETTERS, recipe.nets, strict=False)]
    everywhere = {f: codec.format_field(getattr(recipe.nets[0], f)) for f in EVERYWHERE}
    usual = {f: text for f, text in everywhere.items() if text != codec.format_field(getattr(_USUAL, f))}
    common = {"width": width, **shared, **loop}
    for nets in ({**grid, **usual}, {name: text for net in named for name, text in net.items()}):
        texts = _without_defaults({**nets, **common})
        try:
            if recipe_of(texts) == recipe:
                return texts
        except SpecError:  # no grid: too many nets, or no CIFAR depths
            continue
    raise AssertionError(recipe)  # every run of residual and plain nets can be said


def _texts_of_net(prefix: str, spec: NetSpec, width: int) -> dict[str, str]:
    own = codec.to_query(spec, prefix=prefix)
    shared = {f"{prefix}{field}" for field in ("image_size", *OF_DATA)}
    if spec.widths == lab_nets.widths(width, stages=len(spec.blocks)):
        shared.add(f"{prefix}widths")
    else:
        own[f"{prefix}widths"] = codec.format_field(spec.widths)
    return {name: text for name, text in own.items() if name not in shared}


def _without_defaults(texts: Texts) -> dict[str, str]:
    """Leaves out what follows from the other texts."""
    deciding = {name: texts[name] for name in ("data", "steps")}
    usual = {**filled(deciding), **{name: DEFAULTS[name] for name in deciding}}
    return {name: text for name, text in texts.items() if usual.get(name) != text}
