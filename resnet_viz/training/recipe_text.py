"""Recipes as texts: the vocabulary of recipe files, of `--set field=value` and of the training lab's address.

The nets are either a grid, each depth of `depth` as each kind of `nets`, or named one by one: `a.net=cifar_plain20`,
`b.net=cifar_resnet20`, `b.order=full_preact`, in the grammar of `spec.codec` and with a letter from a to f before it.
What all nets share (image size, channels, classes) has no letter; what the data set decides can be left out. So can
what the optimiser decides: `optimizer=adam` begins with torch's learning rate and weight decay of Adam, not with SGD's.
Lengths may be given in epochs instead of steps (`recipe_epochs`), and `drops` makes the schedule `steps`.
`recipe_of` makes a recipe from texts, `texts_of` the shortest texts from a recipe.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.data import datasets
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec, presets
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.resolve import named_residual_net
from resnet_viz.spec.validation import did_you_mean, shown
from resnet_viz.training import lab_nets, optimizers, recipe_epochs
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe, field_value
from resnet_viz.training.recipe_choices import (
    OF_CHOICES,
    USUAL,
    optimizer_defaults,
    schedule_defaults,
    superseded,
    unused,
)
from resnet_viz.training.recipe_values import FLAGS, LISTS, MAX_NETS, checked
from resnet_viz.training.recipe_values import WORDS as RECIPE_WORDS

Texts = Mapping[str, str]

LETTERS: Final = "abcdef"[:MAX_NETS]
GRID: Final[Texts] = MappingProxyType(
    {"depth": "20,56", "nets": ",".join(NetType), "order": Order.FULL_PREACT.value}  # He et al. 2015, fig. 1 and 4
)
SHAPE: Final[Texts] = MappingProxyType({"width": "4", "image_size": "14"})
LOOP: Final = tuple(USUAL)
OF_STEPS: Final = ("warmup_steps", "probe_every", "eval_every")  # their defaults: `lab_nets.step_defaults`
OF_DATA: Final = ("num_classes", "in_channels")
OF_RESIDUAL: Final = ("zero_init_residual",)  # of the nets with shortcuts alone
EVERYWHERE: Final = ("dim_match", "norm", "conv_bias", "projection_norm", *OF_RESIDUAL)  # defaults of all nets
FIELDS: Final = (*GRID, *SHAPE, *LOOP, *recipe_epochs.STEPS_OF, *EVERYWHERE, *OF_DATA)
OF_NET: Final = (  # behind a letter
    codec.NET,
    *(field for field in codec.FIELDS if field not in (*OF_DATA, "image_size", "hidden_features")),
)
ALIASES: Final[Texts] = MappingProxyType(  # of older links, and names that people know
    {"batch": "batch_size", "size": "image_size", "optimiser": "optimizer", "learning_rate": "lr"}
)

DEFAULTS: Final[Texts] = MappingProxyType(
    {**GRID, **SHAPE, **{f: USUAL[f] for f in LOOP if f not in (*OF_STEPS, *OF_CHOICES)}}
)
"""Texts of the run without changes. Defaults that depend on other fields are not among them: see `filled`."""

_TRUTH: Final = ("true", "false")
WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "nets": tuple(NetType),
        **{name: tuple(words) for name, words in RECIPE_WORDS.items()},
        **{name: tuple(codec.WORDS[name]) for name in ("order", "dim_match", "norm")},
        **dict.fromkeys(("conv_bias", "projection_norm", *OF_RESIDUAL, *FLAGS), _TRUTH),
    }
)


def is_field(name: str) -> bool:
    """Returns whether a name is a field of this vocabulary or an alias; an address has other names, too."""
    letter, dot, field = name.partition(".")
    return name in FIELDS or name in ALIASES or (bool(dot) and letter in tuple(LETTERS) and field in OF_NET)


def words_of(name: str) -> tuple[str, ...]:
    """Returns the allowed texts of a field; none for numbers and unknown fields."""
    letter, dot, field = name.partition(".")
    if not dot or letter not in tuple(LETTERS):
        return WORDS.get(name, ())
    if field == codec.NET:
        return tuple(net for net in presets.preset_names() if not net.startswith("vgg"))
    return _TRUTH if field in codec.FLAGS else tuple(codec.WORDS.get(field, ()))


def recipe_of(texts: Texts) -> Recipe:
    """Returns the recipe that texts describe; fields that are left out are as in `filled`.

    Raises:
        SpecError: an unknown field, a wrong text, a grid and named nets at once, or values that do not go together.
    """
    texts = canonical(texts)
    complete = filled(texts)
    nets = _named(texts, complete) if is_free(texts) else _grid(complete)
    return Recipe(nets=nets, **{field: _value(field, complete[field]) for field in LOOP if field in complete})


def filled(texts: Texts) -> dict[str, str]:
    """Returns the texts with the default of every field without a letter that they leave out, lengths in steps.

    Fields of EVERYWHERE are left out: each net has its own. So is the grid where nets are named one by one, and so are
    fields of other optimisers and schedules.

    Raises:
        SpecError: an unknown field, a wrong text of one on which others depend (`data`, `batch_size`, `steps`,
            `optimizer`, `schedule`), or a field of another optimiser.
    """
    texts = in_steps(texts)
    optimizer = OptimizerName(_value("optimizer", texts.get("optimizer", DEFAULTS["optimizer"])))
    optimizers.refuse_foreign(optimizer, texts)
    given = {**DEFAULTS, **schedule_defaults(texts), **optimizer_defaults(optimizer), **texts}
    gone = set(optimizers.foreign_fields(optimizer))
    if is_free(texts):
        _refuse_grid(texts)
        gone |= GRID.keys()
    size = datasets.SIZES[field_value("data", given["data"])]
    of_steps = lab_nets.step_defaults(_value("steps", given["steps"]))
    depending = {**of_steps, "num_classes": size.classes, "in_channels": size.channels}
    given = {field: text for field, text in given.items() if field not in gone}
    return {**{field: str(value) for field, value in depending.items()}, **given}


def in_steps(texts: Texts) -> dict[str, str]:
    """Returns the texts with aliases replaced by the fields' names, and lengths in epochs by steps.

    Raises:
        SpecError: an unknown field, a length in both, or a wrong text of `data` or `batch_size`.
    """
    texts = canonical(texts)
    if not recipe_epochs.STEPS_OF.keys() & texts.keys():
        return texts
    given = {**DEFAULTS, **texts}
    images = datasets.SIZES[field_value("data", given["data"])].train
    batch_size = checked("batch_size", _value("batch_size", given["batch_size"]))
    return recipe_epochs.in_steps(texts, images=images, batch_size=batch_size)


def canonical(texts: Texts) -> dict[str, str]:
    """Returns the texts with aliases replaced by the fields' names.

    Raises:
        SpecError: an unknown field, or a field given by both of its names.
    """
    for name in texts:
        if not is_field(name):
            raise _unknown(name)
    twice = next((old for old, new in ALIASES.items() if old in texts and new in texts), None)
    if twice is not None:
        raise SpecError(
            _("{old} and {new} are two names of one field; give one of them.").format(old=twice, new=ALIASES[twice])
        )
    return {ALIASES.get(name, name): text for name, text in texts.items()}


def merged(texts: Texts, changes: Texts) -> dict[str, str]:
    """Returns texts with changes, without what a change supersedes.

    A letter's new preset drops the old net's fields, named nets replace a grid, another optimiser drops the old one's
    rate, weight decay and own fields, a length in epochs the one in steps and the reverse, drops another schedule, and
    another schedule the drops.

    Raises:
        SpecError: an unknown field.
    """
    texts, changes = canonical(texts), canonical(changes)
    gone = {
        name for name in texts for letter in LETTERS if f"{letter}.net" in changes and name.startswith(f"{letter}.")
    }
    if is_free(changes):
        gone |= GRID.keys()
    gone |= superseded(texts, changes)
    return {**{name: text for name, text in texts.items() if name not in gone}, **changes}


def is_free(texts: Texts) -> bool:
    """Returns whether nets are named one by one."""
    return any("." in name for name in texts)


def _grid(given: Texts) -> tuple[NetSpec, ...]:
    depths, kinds = codec.listed(given["depth"]), codec.listed(given["nets"])
    if len(depths) * len(kinds) > MAX_NETS:
        raise SpecError(
            _("A run trains 1 to {most} nets; got {got}.").format(most=MAX_NETS, got=len(depths) * len(kinds))
        )
    specs = lab_nets.grid(
        depths=[codec.parse_whole("depth", text) for text in depths],
        kinds=[_net_type(text) for text in kinds],
        order=codec.parse_field("order", given["order"]),
        width=codec.parse_whole("width", given["width"]),
        image_size=codec.parse_field("image_size", given["image_size"]),
    )
    own = {field: codec.parse_field(field, given[field]) for field in (*OF_DATA, *EVERYWHERE) if field in given}
    return tuple(spec.replace(**_fitting(own, is_plain=spec.is_plain)) for spec in specs)


def _named(texts: Texts, complete: Texts) -> tuple[NetSpec, ...]:
    shared = {field: codec.parse_field(field, complete[field]) for field in ("image_size", *OF_DATA)}
    everywhere = {field: codec.parse_field(field, texts[field]) for field in EVERYWHERE if field in texts}
    width = codec.parse_whole("width", complete["width"])
    nets = []
    for letter in LETTERS:
        own = {name[2:]: text for name, text in texts.items() if name.startswith(f"{letter}.")}
        if own:
            nets.append(_net(letter, own, width, {**everywhere, **shared}))
    return tuple(nets)


def _net(letter: str, own: Texts, width: int, shared: Mapping[str, Any]) -> NetSpec:
    try:
        if codec.NET not in own:
            raise SpecError(
                _("it has no name; {field} is a preset, such as cifar_resnet20.").format(field=f"{letter}.net")
            )
        fields = {f: codec.parse_field(f, text) for f, text in own.items() if f != codec.NET}
        kind = fields.get("shortcut", named_residual_net(own[codec.NET]).shortcut)
        fields = {**_fitting(shared, is_plain=kind is Shortcut.NONE), **fields}
        if "widths" not in fields:
            fields["widths"] = lab_nets.widths(width, stages=len(fields.get("blocks") or _blocks(own[codec.NET])))
        return named_residual_net(own[codec.NET], **fields)
    except SpecError as error:
        raise SpecError(_("Net {letter}: {why}").format(letter=letter, why=error)) from error


def _fitting(shared: Mapping[str, Any], *, is_plain: bool) -> Mapping[str, Any]:
    """Returns the fields that all nets share, for a plain net without those of shortcuts."""
    return {field: value for field, value in shared.items() if not (is_plain and field in OF_RESIDUAL)}


def _blocks(name: str) -> tuple[int, ...]:
    return named_residual_net(name).blocks


def _net_type(text: str) -> NetType:
    if text not in WORDS["nets"]:
        raise SpecError(
            _("nets names {words}, or both with a comma between; got {value!r}.").format(
                words=_(" or ").join(NetType), value=shown(text)
            )
        )
    return NetType(text)


def _refuse_grid(texts: Texts) -> None:
    if grid := [field for field in GRID if field in texts]:
        raise SpecError(
            _(
                "{grid} describes the nets all at once, and {named} names them one by one: give either the one or the "
                "other."
            ).format(grid=grid[0], named=next(name for name in texts if "." in name))
        )


def _unknown(name: str) -> SpecError:
    letter, dot, field = name.partition(".")
    if dot and letter in tuple(LETTERS):
        if field in FIELDS:
            return SpecError(
                _("{name}: all nets of a run share {field}, which has no letter before it.").format(
                    name=name, field=field
                )
            )
        allowed, given = OF_NET, field
        sentence = _("A net of a run has no field {name!r}; its fields are {fields}.")
    else:
        allowed, given = FIELDS, name
        sentence = _("A recipe has no field {name!r}; its fields are {fields}.")
    return SpecError(sentence.format(name=shown(given), fields=", ".join(allowed)) + did_you_mean(given, allowed))


def _value(field: str, text: str) -> Any:
    """Returns the value of one of LOOP from its text."""
    if field in LISTS:
        parts = codec.listed(text)
        return field_value(field, [] if parts == [""] else list(map(_parsed, parts)))
    if field in FLAGS:
        return field_value(field, {"1": "true", "0": "false"}.get(text, text.lower()))  # as `spec.codec` reads them
    return field_value(field, _parsed(text))


def _parsed(text: str) -> int | float | str:
    """Returns a text's number, or the text itself."""
    whole = codec.whole_of(text)
    if isinstance(whole, int):
        return whole
    if re.fullmatch(r"-?([0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})([eE]-?[0-9]{1,3})?", text, flags=re.ASCII):
        return float(text)
    return text


def texts_of(recipe: Recipe) -> dict[str, str]:
    """Returns the shortest texts of a recipe, as a link to it has them: a grid where it is one, and no defaults."""
    loop = {field: codec.format_field(getattr(recipe, field)) for field in LOOP}
    shared = {field: codec.format_field(getattr(recipe.nets[0], field)) for field in ("image_size", *OF_DATA)}
    width = str(recipe.nets[0].widths[0])
    orders = [spec.order for spec in recipe.nets if not spec.is_plain]
    grid = {
        "depth": ",".join(dict.fromkeys(str(spec.depth) for spec in recipe.nets)),
        "nets": ",".join(dict.fromkeys(NetType.PLAIN if spec.is_plain else NetType.RESIDUAL for spec in recipe.nets)),
        "order": orders[0].value if orders else GRID["order"],
    }
    named = [_texts_of_net(f"{letter}.", spec, int(width)) for letter, spec in zip(LETTERS, recipe.nets, strict=False)]
    first = next((spec for spec in recipe.nets if not spec.is_plain), recipe.nets[0])
    everywhere = {f: codec.format_field(getattr(first, f)) for f in EVERYWHERE}
    grid_net = presets.residual_preset("cifar_resnet20")
    changed = {f: text for f, text in everywhere.items() if text != codec.format_field(getattr(grid_net, f))}
    common = {"width": width, **shared, **loop}
    for nets in ({**grid, **changed}, {name: text for net in named for name, text in net.items()}):
        texts = _without_defaults({**nets, **common})
        try:
            if recipe_of(texts) == recipe:
                return texts
        except SpecError:  # no grid: too many nets, or no CIFAR depths
            continue
    raise AssertionError(recipe)  # every recipe has texts


def _texts_of_net(prefix: str, spec: NetSpec, width: int) -> dict[str, str]:
    own = codec.to_query(spec, prefix=prefix)
    shared = {f"{prefix}{field}" for field in ("image_size", *OF_DATA)}
    if spec.widths == lab_nets.widths(width, stages=len(spec.blocks)):
        shared.add(f"{prefix}widths")
    else:
        own[f"{prefix}widths"] = codec.format_field(spec.widths)
    return {name: text for name, text in own.items() if name not in shared}


def _without_defaults(texts: Texts) -> dict[str, str]:
    """Drops the texts that are the defaults given `data`, `steps`, `optimizer` and `schedule`."""
    texts = {name: text for name, text in texts.items() if name not in unused(texts)}
    deciding = {name: texts[name] for name in ("data", "steps", "optimizer", "schedule")}
    usual = {**filled(deciding), **{name: DEFAULTS[name] for name in deciding}}
    return {name: text for name, text in texts.items() if usual.get(name) != text}
